//! How far scores are from the shares that they claim.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::curves::{Binning, CalibrationPoint, binned};
use super::{Direction, Metric, Reading, one_versus_rest};
use crate::interval::Z;
use crate::profile::outcome::classes::{RankedScores, Ranks, ScoreGrid, Side};
use crate::profile::{ClassOutcomes, OutcomeProfile};

entry! {
    /// Mean distance between the score and the share of rows that it claims, over bins of similar score.
    ///
    /// # Inputs
    /// The rows that have a target and a finite score of each scored class; scores are probabilities. Bins
    /// are of equal width over `[0, 1]`, each with its upper end, or by `binning = quantile` hold about as
    /// many rows each, between quantiles with linear interpolation. Empty bins do not count.
    /// # Result
    /// Values in `[0, 1]`, no unit, lower is better: the sum over bins of the bin's share of rows times the
    /// distance between its mean score and the share of the class. Binary: one, for the positive class. More
    /// classes: `macro`, the mean over the classes with scores, each against the rest; `top_label`, of the
    /// score of the class that was predicted against the share of right predictions; then one value per class.
    ///
    /// **It is too high by chance**: a bin of `n` rows with share `p` is off by about `0.8 √(p (1 - p) / n)`
    /// even if the model is calibrated. The interval is the value plus and minus 1.96 standard errors, and
    /// its lower end is lowered by this bias, so that it holds the value of infinitely many rows. For
    /// `macro` the classes are taken as perfectly correlated. On a sketched profile no bound on the error is
    /// known but the range, which `error_bound` states.
    /// # Undefined
    /// `no_scores` without score columns, and for a class without one; `all_null` if no row has all its
    /// scores; `no_targets` if no such row has a target; `not_applicable` if a score lies outside `[0, 1]`;
    /// `no_predictions` for `top_label`; `no_rows`.
    /// # Cost
    /// `O(n log n)` time per class for `n` rows, `O(n)` on sealed profiles; on sketched ones by the number
    /// of retained scores.
    /// # When to use, and when not
    /// Use it where scores are used as probabilities: prices, expected losses, thresholds that follow from
    /// costs; and to see whether an estimate without targets can be trusted. Do not compare values of
    /// different numbers of rows or bins: fewer rows give higher ones. It says nothing on ranking: a model
    /// that always says the share of the class has an error of 0. Look at the calibration curve for the
    /// direction, which it does not tell.
    /// # Reference
    /// Naeini, Cooper and Hauskrecht (2015), Proceedings of the AAAI Conference on Artificial Intelligence
    /// 29(1), 2901–2907; Guo, Pleiss, Sun and Weinberger (2017), Proceedings of Machine Learning Research 70,
    /// 1321–1330, for `top_label`. The interval is ours, checked by simulation.
    /// ```python oracle
    /// bins = params["n_bins"]
    /// strategy = {"equal_width": "uniform", "quantile": "quantile"}[params["binning"]]
    ///
    /// def error(actual, scores):
    ///     if not len(scores):
    ///         return None
    ///     shares = np.linspace(0, 1, bins + 1)
    ///     edges = shares if strategy == "uniform" else np.percentile(scores, shares * 100)
    ///     counts = np.bincount(np.searchsorted(edges[1:-1], scores), minlength=bins)
    ///     true, mean = sklearn.calibration.calibration_curve(
    ///         np.array(actual), scores, n_bins=bins, strategy=strategy, pos_label=True
    ///     )
    ///     return np.sum(counts[counts > 0] / len(scores) * np.abs(true - mean))
    ///
    /// def answer():
    ///     if y_score is None or not len(y_true):
    ///         return None
    ///     scores = np.asarray(y_score, float)
    ///     complete = np.isfinite(scores) if scores.ndim == 1 else np.isfinite(scores).all(axis=1)
    ///     scores, targets = scores[complete], np.array(y_true)[complete]
    ///     if positive is not None:
    ///         return {"": error(targets == positive, scores)}
    ///     predicted = np.array(y_pred)[complete]
    ///     top = scores[np.arange(len(scores)), [classes.index(name) for name in predicted]]
    ///     values = {f"class={name}": error(targets == name, scores[:, i]) for i, name in enumerate(classes)}
    ///     averages = {
    ///         "average=macro": np.mean(list(values.values())),
    ///         "average=top_label": error(targets == predicted, top),
    ///     }
    ///     return averages | values
    ///
    /// answer()
    /// ```
    pub struct ExpectedCalibrationError = "expected_calibration_error" since "0.1" with [
        Parameter {
            name: "n_bins",
            doc: "Number of bins.",
            domain: Domain::Integer { default: 10, min: 1, max: 1000 },
        },
        Parameter {
            name: "binning",
            doc: "Whether bins have equal widths or hold equally many rows.",
            domain: Domain::Choice { default: "equal_width", of: &["equal_width", "quantile"] },
        },
    ];
}

impl Metric for ExpectedCalibrationError {
    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.classes() else {
            return Vec::new();
        };
        let bins = Bins {
            binning: match params.choice("binning").as_str() {
                "quantile" => Binning::Quantile,
                _ => Binning::EqualWidth,
            },
            n: usize::try_from(params.integer("n_bins")).unwrap_or(usize::MAX),
        };
        let is_calibratable = outcomes.scored().and_then(|_| match outcomes.improbable() {
            0 => Ok(()),
            _ => Err(Reason::NotApplicable),
        });
        if let Some(positive) = &outcomes.config().positive {
            let error = is_calibratable.and_then(|()| bins.of_class(outcomes.scores(positive)));
            return vec![Reading::plain(error.into())];
        }
        match is_calibratable {
            Ok(()) => bins.of_classes(outcomes),
            Err(reason) => ["macro", "top_label"]
                .map(|kind| Reading::average(kind, Outcome::Undefined(reason.clone())))
                .into(),
        }
    }
}

/// How to bin.
#[derive(Clone, Copy)]
struct Bins {
    binning: Binning,
    n: usize,
}

impl Bins {
    fn of_classes(self, outcomes: &ClassOutcomes) -> Vec<Reading> {
        let by_class: Vec<(&str, Result<Measure, Reason>)> = one_versus_rest::classes(outcomes)
            .into_iter()
            .map(|class| (class, self.of_class(outcomes.scores(class))))
            .collect();
        let errors: Vec<Measure> = by_class
            .iter()
            .filter_map(|(_, error)| error.as_ref().ok().copied())
            .collect();
        let weights = vec![1.0 / errors.len() as f64; errors.len()];
        let average = match errors.is_empty() {
            true => Outcome::Undefined(Reason::NoTargets),
            false => one_versus_rest::average(&errors, &weights),
        };
        let mut readings = vec![
            Reading::average("macro", average),
            Reading::average("top_label", self.of_predictions(outcomes).into()),
        ];
        let classes = by_class.into_iter();
        readings.extend(classes.map(|(class, error)| Reading::of_class(class, error.into())));
        readings
    }

    fn of_class(self, grid: Option<&ScoreGrid>) -> Result<Measure, Reason> {
        let grid = grid.ok_or(Reason::NoScores)?;
        self.error(grid.ranks()).ok_or(Reason::NoTargets)
    }

    /// Of the score of the class that was predicted.
    fn of_predictions(self, outcomes: &ClassOutcomes) -> Result<Measure, Reason> {
        let scored = &outcomes.config().scored_classes;
        let predicted = |target: Side| {
            let grids = scored.iter().filter_map(|class| outcomes.scores(class));
            RankedScores::of(grids.map(|grid| grid.cell(target, Side::This)))
        };
        let ranks = Ranks::of(&predicted(Side::This), &predicted(Side::Rest));
        self.error(&ranks).ok_or(Reason::NoPredictions)
    }

    /// `None` where there are no rows.
    fn error(self, ranks: &Ranks) -> Option<Measure> {
        if ranks.this + ranks.rest == 0 {
            return None;
        }
        let points = binned(&ranks.ties, self.binning, self.n);
        let measure = error(&points);
        if ranks.rank_error > 0.0 {
            return Some(measure.with_error_bound(measure.value.max(1.0 - measure.value)));
        }
        Some(measure)
    }
}

/// From the bins, of which there is one.
fn error(points: &[CalibrationPoint]) -> Measure {
    let n = points.iter().map(|point| point.n).sum::<u64>() as f64;
    let distance = |point: &CalibrationPoint| (point.share.value - point.score).abs();
    let weight = |point: &CalibrationPoint| point.n as f64 / n;
    let value: f64 = points
        .iter()
        .map(|point| weight(point) * distance(point))
        .sum();
    let value = value.min(1.0);
    let (mut bias, mut variance) = (0.0, 0.0);
    for point in points {
        // One row of each kind is added, so that a bin of one kind does not claim to be certain.
        let rows = point.n as f64;
        let share = (point.share.value * rows + 1.0) / (rows + 2.0);
        let spread = share * (1.0 - share) / rows;
        // The mean of the absolute value of a normal variable.
        bias += weight(point) * (spread * std::f64::consts::FRAC_2_PI).sqrt();
        variance += weight(point).powi(2) * spread;
        variance += weight(point) * (distance(point) - value).powi(2) / n;
    }
    let half = Z * variance.sqrt();
    Measure::new(value)
        .with_interval((value - bias - half).max(0.0), (value + half).min(1.0))
        .with_standard_error(variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{coverage, only, profile, scored, value_of};
    use super::*;

    #[test]
    fn distances_weigh_by_the_rows_of_their_bins() {
        let rows: [(&str, &[f64]); 4] = [
            ("1", &[0.82]),
            ("1", &[0.88]),
            ("0", &[0.84]),
            ("0", &[0.2]),
        ];
        let outcome = only(&ExpectedCalibrationError, &scored(Some("1"), &["1"], &rows));
        let found = outcome.into_result().expect("rows exist").value;
        let expected = 0.75 * (2.54 / 3.0 - 2.0 / 3.0) + 0.25 * 0.2;
        assert!((found - expected).abs() < 1e-15);
    }

    #[test]
    fn top_label_asks_for_the_predicted_class_only() {
        let rows: [(&str, &[f64]); 3] = [
            ("a", &[0.75, 0.15, 0.1]),
            ("b", &[0.75, 0.15, 0.1]),
            ("c", &[0.0, 0.05, 0.95]),
        ];
        let outcomes = scored(None, &["a", "b", "c"], &rows);
        let found = value_of(&ExpectedCalibrationError, &outcomes, "top_label");
        let expected = 2.0 / 3.0 * 0.25 + 0.05 / 3.0;
        assert!((found.expect("defined") - expected).abs() < 1e-15);
        let unpredicted = {
            let mut outcomes = profile(None, &["a", "b"]);
            outcomes.push(Some(0), None, &[0.5, 0.5]);
            value_of(&ExpectedCalibrationError, &outcomes, "top_label")
        };
        assert_eq!(unpredicted, Err(Reason::NoPredictions));
    }

    #[test]
    fn interval_holds_the_truth_of_a_calibrated_and_of_an_overconfident_model() {
        // Scores are uniform; the chance is drawn towards 1/2 by the given share of the distance.
        for (pull, truth) in [(0.0, 0.0), (0.5, 0.125)] {
            for n in [100, 1_000] {
                let share = coverage(&ExpectedCalibrationError, 0, truth, 400, |random| {
                    let mut outcomes = profile(Some("1"), &["1"]);
                    let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                    for _ in 0..n {
                        let score = random.uniform();
                        let chance = score + pull * (0.5 - score);
                        let is_positive = random.uniform() < chance;
                        outcomes.push(Some(classes[usize::from(is_positive)]), None, &[score]);
                    }
                    outcomes
                });
                assert!(share >= 0.93, "{pull} {n}: {share}");
            }
        }
    }
}
