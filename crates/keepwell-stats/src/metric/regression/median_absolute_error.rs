//! Median absolute error.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Direction, Loss, Metric, POSITIVE, Reading, reading};
use crate::interval;
use crate::profile::{Distribution, OutcomeProfile, ValueOutcomes};

entry! {
    /// Median distance between prediction and target.
    ///
    /// # Inputs
    /// The rows that have a finite target and a finite prediction; rows with an infinite one are left out
    /// and counted.
    /// # Result
    /// One value in `[0, inf)`, in the unit of the target, lower is better: half of the rows are at most this
    /// far off. For an even number of rows it is the mean of the two in the middle. The interval lies between
    /// two of the distances, chosen by the binomial law, whatever the distribution of the errors; below 6 rows
    /// there is none.
    ///
    /// On a sketched profile `error_bound` is the distance to the values that the error of the ranks allows.
    /// # Undefined
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both; `non_finite` if a distance is
    /// beyond the range of a 64-bit float, or if all that could be compared is infinite.
    /// # Cost
    /// `O(n)` time for `n` rows on sealed profiles; on sketched ones by the number of retained errors.
    /// # When to use, and when not
    /// Use it where targets hold wild values that are not the model's fault: up to half of the rows may be
    /// arbitrarily wrong without moving it much. That is also why it must not be the only metric: it does not
    /// see what happens to the worse half.
    /// # Reference
    /// David and Nagaraja (2003), Order Statistics, section 7.1, for the interval.
    /// ```python oracle
    /// {"": sklearn.metrics.median_absolute_error(y_true, y_pred)}
    /// ```
    pub struct MedianAbsoluteError = "median_absolute_error" since "0.1";
}

impl Metric for MedianAbsoluteError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        POSITIVE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, _params: &Params) -> Vec<Reading> {
        reading(outcomes, median)
    }
}

fn median(outcomes: &ValueOutcomes) -> Result<Measure, Reason> {
    outcomes.loss(Loss::Absolute)?;
    let errors = outcomes.errors().distribution();
    let n = errors.n();
    // A distance has two errors, one on either side, and each of their ranks may be off.
    let slack = (2.0 * errors.rank_error() * n as f64).ceil() as u64;
    let down = |rank: u64| rank.saturating_sub(slack).max(1);
    let up = |rank: u64| rank.saturating_add(slack).min(n);
    let (low, high) = (n.div_ceil(2), n / 2 + 1);
    let around = interval::median_ranks(n);
    let [lower, upper] = around.unwrap_or([low, high]);
    let ranks = [down(lower), down(low), low, high, up(high), up(upper)];
    let [lower, least, low, high, most, upper] = absolute_at(&errors, ranks);
    let value = f64::midpoint(low, high);
    let measure = match around {
        Some(_) => Measure::new(value)
            .with_interval(lower, upper)
            .with_standard_error((upper - lower) / (2.0 * interval::Z)),
        None => Measure::new(value),
    };
    Ok(match slack {
        0 => measure,
        _ => measure.with_error_bound((value - least).max(most - value)),
    })
}

/// The absolute errors at these ranks, which ascend, from 1 to the number of rows.
fn absolute_at<const N: usize>(errors: &Distribution<'_>, ranks: [u64; N]) -> [f64; N] {
    let values = errors.values();
    let weight = |idx: usize| match idx {
        0 => errors.cumulative(0),
        _ => errors.cumulative(idx) - errors.cumulative(idx - 1),
    };
    // From zero outwards: what lies below and what lies above, whichever is nearer.
    let mut above = values.partition_point(|&value| value < 0.0);
    let mut below = above;
    let mut found = [0.0; N];
    let (mut rank, mut nearest) = (0, 0.0);
    for (place, wanted) in found.iter_mut().zip(ranks) {
        while rank < wanted {
            let up = values.get(above).copied();
            let down = below.checked_sub(1).map(|idx| -values[idx]);
            match (down, up) {
                (Some(down), up) if up.is_none_or(|up| down < up) => {
                    below -= 1;
                    rank += weight(below);
                    nearest = down;
                }
                (_, Some(up)) => {
                    rank += weight(above);
                    above += 1;
                    nearest = up;
                }
                (_, None) => break,
            }
        }
        *place = nearest;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::{outcome, value};
    use super::*;

    fn of_errors(errors: &[f64]) -> Vec<(f64, f64)> {
        errors.iter().map(|&error| (0.0, error)).collect()
    }

    #[test]
    fn odd_and_even_numbers_of_rows() {
        for (errors, expected) in [
            (&[-3.0][..], 3.0),
            (&[-3.0, 1.0], 2.0),
            (&[-3.0, 1.0, 2.0], 2.0),
            (&[5.0, -1.0, -2.0, 4.0], 3.0),
            (&[0.0, 0.0, -7.0], 0.0),
            (&[-1.0, -2.0, -3.0, -4.0, -5.0], 3.0),
        ] {
            assert_eq!(
                value(&MedianAbsoluteError, &of_errors(errors)),
                Ok(expected)
            );
        }
    }

    #[test]
    fn interval_lies_between_two_distances() {
        let errors: Vec<f64> = (1..=20)
            .map(|i| f64::from(if i % 2 == 0 { i } else { -i }))
            .collect();
        let measure = outcome(&MedianAbsoluteError, &of_errors(&errors));
        let measure = measure.into_result().expect("defined");
        // Ranks 6 and 15 of 20 hold the median with probability 0.9586.
        let interval = measure.interval.expect("enough rows");
        assert_eq!(
            (interval.lower, measure.value, interval.upper),
            (6.0, 10.5, 15.0)
        );
        let few = outcome(&MedianAbsoluteError, &of_errors(&errors[..5]));
        assert_eq!(few.into_result().expect("defined").interval, None);
    }
}
