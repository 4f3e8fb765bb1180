//! A column that stopped varying.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::QualityCheck;
use crate::comparison;
use crate::profile::{ColumnProfile, NumericProfile, TwoSample};
use crate::special::ln_all_marked;

entry! {
    /// Whether the current values are all equal although those of the reference are not.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric, categorical or boolean columns. Null and NaN are
    /// left out; each infinity is a value of its own.
    ///
    /// # Result
    /// `value`: 1 if so, else 0. `p_value` of "both sides come from one distribution": the probability
    /// that `m` of the `n + m` values, drawn without replacement, are all equal; 1 where `value` is 0.
    /// On sketched profiles from the reference's counts of equal values as sketched.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: any other kind. `all_null`: a side without values. `too_many_categories`: an
    /// identifier or free text on a side.
    ///
    /// # Cost
    /// `O(n)` on sorted values, `O(k)` for `k` categories.
    ///
    /// # When to use, and when not
    /// For stuck sensors and joins that lost their key. A window of few rows, or of a column that
    /// nearly always has one value, is often constant by chance, which the p-value says.
    ///
    /// # Reference
    /// Permutation test, Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4(1),
    /// 119–130.
    /// ```python oracle
    /// from fractions import Fraction
    /// from collections import Counter
    /// x, y = present(reference), present(current)
    /// assert x and y and isinstance(x[0], type(y[0]))
    /// if len(set(y)) == 1 and len(set(x)) > 1:
    ///     m, ways = len(y), math.comb(len(x) + len(y), len(y))
    ///     p_value = sum(Fraction(math.comb(t, m), ways) for t in Counter(x + y).values())
    ///     answer = dict(value=1.0, p_value=p_value)
    /// else:
    ///     answer = dict(value=0.0, p_value=1.0)
    /// answer
    /// ```
    pub struct Constant = "constant" since "0.1";
}

impl QualityCheck for Constant {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric, Kind::Categorical, Kind::Boolean]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    comparison::require_values(sample)?;
    comparison::require_complete(sample)?;
    let sides = [sample.reference, sample.current];
    let is_single = match sides {
        [
            ColumnProfile::Numeric(reference),
            ColumnProfile::Numeric(current),
        ] => [reference, current].map(is_single_number),
        _ => {
            let is_single = sides.map(|side| {
                let counts = side.category_counts()?;
                Some(counts.iter().filter(|(_, count)| *count > 0).count() == 1)
            });
            let [Some(reference), Some(current)] = is_single else {
                return Err(Reason::NotApplicable);
            };
            [reference, current]
        }
    };
    if is_single != [false, true] {
        return Ok(Measure::new(0.0).with_p_value(1.0));
    }
    let (n, m) = (
        sample.reference.counts().present(),
        sample.current.counts().present(),
    );
    let p_value: f64 = totals(sample)
        .into_iter()
        .filter(|&total| total >= m)
        .map(|total| ln_all_marked(m, total.min(n + m), n + m).exp())
        .sum();
    Ok(Measure::new(1.0).with_p_value(p_value.min(1.0)))
}

fn is_single_number(profile: &NumericProfile) -> bool {
    let counts = profile.counts();
    let is_finite = profile.range().map(|(least, greatest)| least == greatest);
    let infinities = [counts.positive_infinity, counts.negative_infinity];
    let n_infinite = infinities.iter().filter(|&&count| count > 0).count();
    match is_finite {
        Some(is_single) => is_single && n_infinite == 0,
        None => n_infinite == 1,
    }
}

/// For each value of the reference how often it occurs, on both sides if it is the current one.
fn totals(sample: TwoSample<'_, ColumnProfile>) -> Vec<u64> {
    let (ColumnProfile::Numeric(reference), ColumnProfile::Numeric(current)) =
        (sample.reference, sample.current)
    else {
        return comparison::categories(sample)
            .map(|table| table.columns().iter().map(|[r, c]| r + c).collect())
            .unwrap_or_default();
    };
    let (counts, current_counts) = (reference.counts(), current.counts());
    let distribution = reference.distribution();
    let values = distribution.values();
    let finite = current.range().map(|(value, _)| value);
    let mut totals = vec![
        counts.positive_infinity + current_counts.positive_infinity,
        counts.negative_infinity + current_counts.negative_infinity,
    ];
    let mut is_seen = false;
    let mut before = 0;
    for run in values.chunk_by(|left, right| left == right) {
        let upto = distribution.rank_le(run[0]);
        let is_current = finite == Some(run[0]);
        is_seen |= is_current;
        let own = if is_current {
            current.moments().count
        } else {
            0
        };
        totals.push(upto - before + own);
        before = upto;
    }
    if !is_seen {
        totals.push(current.moments().count);
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{flags, names, numbers, numbers_in};
    use crate::profile::Mode;

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let outcome = Constant.check(TwoSample { reference, current }, &Params::default());
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn stuck_values_are_found_in_every_kind() {
        let spread: Vec<f64> = (0..100).map(f64::from).collect();
        for (reference, current) in [
            (numbers(&spread), numbers(&[5.0; 20])),
            (numbers(&spread), numbers(&[f64::INFINITY; 20])),
            (
                numbers_in(Mode::Sketched, &spread),
                numbers_in(Mode::Sketched, &[5.0; 20]),
            ),
            (names(&[("a", 50), ("b", 50)]), names(&[("c", 20)])),
            (flags(50, 50), flags(20, 0)),
        ] {
            let found = check(&reference, &current);
            assert_eq!(found.value, 1.0);
            assert!(found.p_value.expect("a law") < 1e-3);
        }
    }

    #[test]
    fn what_never_varied_is_not_stuck() {
        let found = check(&numbers(&[1.0; 30]), &numbers(&[1.0; 30]));
        assert_eq!((found.value, found.p_value), (0.0, Some(1.0)));
        let found = check(&numbers(&[1.0, 2.0]), &numbers(&[1.0, f64::INFINITY]));
        assert_eq!(found.value, 0.0);
    }

    #[test]
    fn p_value_counts_the_dealings() {
        // Of the 6 rows a a a a b b, 3 are equal in 4 of 20 dealings.
        let found = check(&names(&[("a", 1), ("b", 2)]), &names(&[("a", 3)]));
        assert!((found.p_value.expect("a law") - 0.2).abs() < 1e-12);
        // One row is always constant.
        let found = check(&flags(1, 1), &flags(1, 0));
        assert!((found.p_value.expect("a law") - 1.0).abs() < 1e-12);
        // Numbers and names of the same counts agree.
        let as_numbers = check(&numbers(&[1.0, 2.0, 2.0]), &numbers(&[1.0; 3]));
        assert!((as_numbers.p_value.expect("a law") - 0.2).abs() < 1e-12);
    }
}
