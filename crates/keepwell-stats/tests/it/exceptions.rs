//! Entries that cannot keep a law, each with the reason. One that keeps it after all is an error, too.

use keepwell_testkit::conformance::Exception;

/// All exceptions.
pub(crate) static EXCEPTIONS: &[Exception] = &[
    Exception {
        entry: "confusion_matrix",
        law: "metric/coverage",
        reason: "counts grow with the rows, so a window has no count of the population to hold",
    },
    Exception {
        entry: "adwin",
        law: "detector/parameters",
        reason: "twice the default of grace_period is still below the clock, so no check falls into it",
    },
];
