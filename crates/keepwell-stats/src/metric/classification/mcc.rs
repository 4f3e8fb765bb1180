//! Correlation of targets and predictions.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::{ClassCounts, Confusion};

const RANGE: (f64, f64) = (-1.0, 1.0);

entry! {
    /// Correlation of targets and predictions: the coefficient of Matthews, and for more than two classes that
    /// of Gorodkin.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score.
    /// # Result
    /// One value in `[-1, 1]`, no unit, higher is better; 0 is no relation, 1 every row right, and for two
    /// classes -1 every row wrong. The variance comes from the delta method on the multinomial cells of the
    /// confusion matrix; the interval is that of Wilson for the number of rows of which the share `(1 + mcc) /
    /// 2` would have this variance.
    /// # Undefined
    /// `zero_denominator` where all targets, or all predictions, are of one class (scikit-learn says 0);
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both a target and a prediction;
    /// `too_many_categories` above 1,000 classes. With `decision = score` also `no_scores`, `all_null`, and
    /// `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it as one number for decisions of classes of different frequency: it is high only if each class is
    /// found and each call is right, and it treats all classes alike, which F1 does not. It falls when a class
    /// becomes rare even if recall and specificity stay. It has no reading as a share of anything; where
    /// people ask what it means, say recall and precision.
    /// # Reference
    /// Matthews (1975), Biochimica et Biophysica Acta 405(2), 442–451; Gorodkin (2004), Computational Biology
    /// and Chemistry 28, 367–374.
    /// ```python oracle
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// has_two = len(set(y_true)) > 1 and len(set(y_pred)) > 1
    /// {"": sklearn.metrics.matthews_corrcoef(y_true, y_pred) if has_two else None}
    /// ```
    pub struct Mcc = "mcc" since "0.1" with [DECISION, THRESHOLD];
}

impl Metric for Mcc {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        RANGE
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| {
            decided.plain(|confusion| correlation(confusion).into())
        })
    }
}

fn correlation(confusion: &Confusion<'_>) -> Result<Measure, Reason> {
    let n = confusion.n() as f64;
    let counts = confusion.counts();
    let is_one_class =
        |counts: &ClassCounts| counts.targets == counts.rows || counts.predictions == counts.rows;
    if counts.iter().any(is_one_class) {
        return Err(Reason::ZeroDenominator);
    }
    let target = |class: usize| counts[class].targets as f64 / n;
    let prediction = |class: usize| counts[class].predictions as f64 / n;
    let (mut by_chance, mut of_targets, mut of_predictions) = (0.0, 1.0, 1.0);
    for class in 0..counts.len() {
        by_chance += target(class) * prediction(class);
        of_targets -= target(class).powi(2);
        of_predictions -= prediction(class).powi(2);
    }
    let scale = (of_targets * of_predictions).sqrt();
    let value = (confusion.correct() as f64 / n - by_chance) / scale;
    let slope = |own: usize, called: usize| {
        let is_right = f64::from(u8::from(own == called));
        (is_right - prediction(own) - target(called)) / scale
            + value * (prediction(called) / of_predictions + target(own) / of_targets)
    };
    // With one wrong row among many, `1 - mcc` is its share over `of_targets`.
    let share = interval::effective_share(
        ((1.0 + value) / 2.0).clamp(0.0, 1.0),
        confusion.variance(slope) / 4.0,
        2.0 * of_targets * n,
    );
    Ok(interval::mapped(&share, |share| 2.0 * share - 1.0, RANGE))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{coverage, decided, only, profile};
    use super::*;

    #[test]
    fn agrees_with_the_formula_of_matthews() {
        let mut rows = Vec::new();
        for (n, row) in [
            (5, ("1", "1")),
            (2, ("0", "1")),
            (3, ("1", "0")),
            (9, ("0", "0")),
        ] {
            rows.extend(std::iter::repeat_n(row, n));
        }
        let outcome = only(&Mcc, &decided(Some("1"), &rows));
        let found = outcome.into_result().expect("defined").value;
        let expected = (5.0 * 9.0 - 2.0 * 3.0) / (7.0_f64 * 8.0 * 11.0 * 12.0).sqrt();
        assert!((found - expected).abs() < 1e-14);
    }

    #[test]
    fn perfect_agreement_of_few_rows_is_not_certainty() {
        let rows = [("a", "a"), ("b", "b"), ("c", "c"), ("a", "a")];
        let outcome = only(&Mcc, &decided(None, &rows));
        let measure = outcome.into_result().expect("defined");
        assert_eq!(measure.value, 1.0);
        assert!(measure.interval.expect("always there").lower < 0.5);
        let one = only(&Mcc, &decided(None, &[("a", "a"), ("b", "a")]));
        assert_eq!(one.reason(), Some(&Reason::ZeroDenominator));
    }

    #[test]
    fn interval_holds_the_truth_in_about_95_of_100_samples() {
        for (n, rate, right) in [(60, 0.5, 0.9), (60, 0.3, 0.7), (400, 0.1, 0.9)] {
            let (found, alarms) = (rate * right, (1.0 - rate) * (1.0 - right));
            let called: f64 = found + alarms;
            let truth =
                (found - rate * called) / (rate * (1.0 - rate) * called * (1.0 - called)).sqrt();
            let share = coverage(&Mcc, 0, truth, 1_000, |random| {
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
