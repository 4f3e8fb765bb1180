//! What every entry of a family keeps: its documentation, its reference vectors, and the laws of its
//! family. A new entry needs no test of its own here; one that cannot keep a law stands in
//! [`exceptions`] with the reason.

mod exceptions;

mod documentation;

mod vectors;

mod codec;

mod outcome_codec;

mod profile_laws;

mod metric;

mod drift;

mod quality;

mod table;

mod detector;

mod anomaly;

mod multivariate;

mod estimate;

mod row_estimate;

mod fairness;

mod multiple;
