//! Agreement of targets and predictions beyond chance.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::Confusion;

const RANGE: (f64, f64) = (-1.0, 1.0);

entry! {
    /// Share of right rows beyond what chance gives with the same shares of targets and of predictions.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// One value in `[-1, 1]`, no unit, higher is better: `(a - e) / (1 - e)` with `a` the accuracy and `e`
    /// the accuracy that independent targets and predictions of the same shares would have. 0 is chance. The
    /// variance is that of Fleiss, Cohen and Everitt; the interval is that of Wilson for the number of rows of
    /// which an accuracy would have this variance, with `e` as found.
    /// # Undefined
    /// `zero_denominator` where all targets and all predictions are of one class; `no_rows`, `no_targets` and
    /// `no_predictions` where no row has both a target and a prediction; `too_many_categories` above 1,000
    /// classes. With `decision = score` also `no_scores`, `all_null`, and `not_applicable` for more than two
    /// classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where the model stands in for a human rater, whose agreement is told in this unit. Do not
    /// compare it between windows or segments whose classes have different shares: with a rare class the same
    /// recall and specificity give a far lower value. For that, look at `balanced_accuracy`.
    /// # Reference
    /// Cohen (1960), Educational and Psychological Measurement 20(1), 37–46; Fleiss, Cohen and Everitt (1969),
    /// Psychological Bulletin 72(5), 323–327, for the variance.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// {"": sklearn.metrics.cohen_kappa_score(y_true, y_pred) if len(y_true) else None}
    /// ```
    pub struct CohenKappa = "cohen_kappa" since "0.1" with [DECISION, THRESHOLD];
}

impl Metric for CohenKappa {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        RANGE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| {
            decided.plain(|confusion| kappa(confusion).into())
        })
    }
}

fn kappa(confusion: &Confusion<'_>) -> Result<Measure, Reason> {
    let n = confusion.n() as f64;
    let counts = confusion.counts();
    if counts.len() < 2 {
        return Err(Reason::ZeroDenominator);
    }
    let target = |class: usize| counts[class].targets as f64 / n;
    let prediction = |class: usize| counts[class].predictions as f64 / n;
    let by_chance: f64 = (0..counts.len())
        .map(|class| target(class) * prediction(class))
        .sum();
    let right = confusion.correct() as f64 / n;
    // The derivatives of kappa on the scale of the accuracy, chance being as found.
    let slope = |own: usize, called: usize| {
        let is_right = f64::from(u8::from(own == called));
        is_right - (1.0 - right) * (prediction(own) + target(called)) / (1.0 - by_chance)
    };
    let share = interval::effective_share(right, confusion.variance(slope), n);
    let beyond_chance = |share: f64| 1.0 - (1.0 - share) / (1.0 - by_chance);
    Ok(interval::mapped(&share, beyond_chance, RANGE))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{coverage, decided, only, profile};
    use super::*;

    #[test]
    fn agrees_with_the_published_variance() {
        // Fleiss, Cohen and Everitt (1969): proportions of two raters.
        let table = [("a", [53, 5, 2]), ("b", [11, 14, 5]), ("c", [1, 6, 3])];
        let mut rows = Vec::new();
        for (target, counts) in table {
            for (prediction, n) in ["a", "b", "c"].into_iter().zip(counts) {
                rows.extend(std::iter::repeat_n((target, prediction), 2 * n));
            }
        }
        let outcome = only(&CohenKappa, &decided(None, &rows));
        let measure = outcome.into_result().expect("defined");
        assert!((measure.value - 0.429).abs() < 5e-4, "{}", measure.value);
        let error = measure.standard_error.expect("always there");
        assert!((error - 0.0534).abs() < 1e-3, "{error}");
    }

    #[test]
    fn one_class_on_both_sides_has_no_chance_to_differ() {
        let one = only(&CohenKappa, &decided(None, &[("a", "a"), ("a", "a")]));
        assert_eq!(one.reason(), Some(&Reason::ZeroDenominator));
        let rows = [("a", "a"), ("b", "a"), ("b", "a")];
        let constant = only(&CohenKappa, &decided(None, &rows));
        let measure = constant.into_result().expect("defined");
        assert!(measure.value.abs() < 1e-15);
        assert!(measure.standard_error.expect("always there") > 0.1);
    }

    #[test]
    fn interval_holds_the_truth_in_about_95_of_100_samples() {
        for (n, rate, right) in [(60, 0.5, 0.9), (60, 0.3, 0.7), (400, 0.1, 0.9)] {
            let called: f64 = rate * right + (1.0 - rate) * (1.0 - right);
            let by_chance = rate * called + (1.0 - rate) * (1.0 - called);
            let truth = (right - by_chance) / (1.0 - by_chance);
            let share = coverage(&CohenKappa, 0, truth, 1_000, |random| {
                let mut outcomes = profile(Some("1"), &[]);
                let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                for _ in 0..n {
                    let is_positive = random.uniform() < rate;
                    let is_called = is_positive == (random.uniform() < right);
                    let of = |flag: bool| Some(classes[usize::from(flag)]);
                    outcomes.push(of(is_positive), of(is_called), &[]);
                }
                outcomes
            });
            assert!((0.92..=0.985).contains(&share), "{n} {rate}: {share}");
        }
    }
}
