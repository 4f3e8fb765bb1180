//! Values that were served otherwise than they were stored.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::{TableCheck, TableReading, readings};
use crate::interval::proportion;
use crate::profile::paired::DIGITS_MAX;
use crate::profile::{TableProfile, TwoSample};

entry! {
    /// Share of entities for which the value that was served differs from the offline value, column by
    /// column.
    ///
    /// # Inputs
    /// `current`: a table whose columns were joined with the offline values of the same entities. Of the
    /// reference nothing is used. Numbers agree if they differ by at most a share of `10^-digits` of the
    /// larger one; other values if they are equal. Missing on one side is a difference, on both it
    /// is none.
    ///
    /// # Result
    /// `value` in `[0, 1]`: the share of the column where it is largest, with the interval of Wilson. Then
    /// one reading for each column with a difference, largest share first. No p-value: it is a fact.
    ///
    /// # Undefined
    /// `not_applicable`: nothing was joined. `no_rows`: no entity was found on both sides.
    ///
    /// # Cost
    /// `O(k)` for `k` columns.
    ///
    /// # When to use, and when not
    /// Wherever features are computed twice, once for training and once to serve: equal distributions do
    /// not show that each entity gets its own value. Join the offline values as of the time of the
    /// prediction, or honest updates count as differences.
    ///
    /// # Reference
    /// Training-serving skew: Breck, Cai, Nielsen, Salib and Sculley (2017), The ML Test Score, Proceedings of IEEE
    /// Big Data.
    /// ```python oracle
    /// def differs(a, b):
    ///     a, b = (None if v is None or v != v else v for v in (a, b))
    ///     if a is None or b is None or isinstance(a, str) or a == b:
    ///         return a != b
    ///     return math.isinf(a - b) or abs(a - b) > 10.0 ** -params["digits"] * max(abs(a), abs(b))
    /// shares = {name: np.mean([differs(a, b) for a, b in pairs]) for name, pairs in current.pairs.items()}
    /// {name: share for name, share in shares.items() if share > 0} | {"": max(shares.values())}
    /// ```
    pub struct ServingSkew = "serving_skew" since "0.1" with [
        Parameter {
            name: "digits",
            doc: "Digits to which two numbers must agree. Six are what single precision keeps.",
            domain: Domain::Integer {
                default: 6,
                min: 1,
                max: DIGITS_MAX as u64,
            },
        },
    ];
}

impl TableCheck for ServingSkew {
    fn check(&self, sample: TwoSample<'_, TableProfile>, params: &Params) -> Vec<TableReading> {
        readings(skews(sample.current, params.integer("digits") as usize))
    }
}

fn skews(current: &TableProfile, digits: usize) -> Result<Vec<TableReading>, Reason> {
    if current.pairs.is_empty() {
        return Err(Reason::NotApplicable);
    }
    let mut shares: Vec<(&str, Measure)> = current
        .pairs
        .iter()
        .filter_map(|pair| {
            let share = proportion(pair.values.differing(digits), pair.values.rows())?;
            Some((pair.name.as_str(), share))
        })
        .collect();
    shares.sort_by(|left, right| {
        let by_share = right.1.value.total_cmp(&left.1.value);
        by_share.then(left.0.cmp(right.0))
    });
    let (_, worst) = shares.first().ok_or(Reason::NoRows)?;
    let mut readings = vec![TableReading::whole(Outcome::Defined(*worst))];
    let differing = shares.iter().filter(|(_, share)| share.value > 0.0);
    readings.extend(differing.map(|(name, share)| TableReading::of([name], *share)));
    Ok(readings)
}
