//! Value of the decisions in a unit of the user's choice.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::decision::{self, DECISION, THRESHOLD};
use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::OutcomeProfile;
use crate::profile::outcome::classes::ClassCounts;

/// Rows of a cell of the confusion matrix, and what one of them is worth.
type Cell = (u64, f64);

const fn value_of(name: &'static str, doc: &'static str, default: f64) -> Parameter {
    Parameter {
        name,
        doc,
        domain: Domain::Float {
            default,
            min: f64::MIN,
            max: f64::MAX,
        },
    }
}

entry! {
    /// What the decisions of a binary model earned and cost, with a value for each kind of right and wrong
    /// decision.
    ///
    /// # Inputs
    /// The rows that have both a target and a prediction; classes are compared by their canonical spelling.
    /// Where no prediction was logged, the decision comes from the scores: the threshold for a binary model,
    /// the highest score for more classes. With `decision = score` a binary model is decided anew at
    /// `threshold`, over the rows that have a target and a finite score. The parameters say what a row is
    /// worth that is rightly positive (`value_tp`), a false alarm (`value_fp`), a miss (`value_fn`) and
    /// rightly negative (`value_tn`); costs are negative.
    /// # Result
    /// One value in the unit of the parameters, higher is better. By `normalize`: `rows` gives the mean over
    /// rows, `none` the sum, and `predictions` the mean over the rows predicted positive plus the mean over
    /// the rows predicted negative, which is what NannyML calls `per_prediction`.
    ///
    /// The mean is mapped to `[0, 1]` between the least and the greatest of the four values; its interval is
    /// that of Wilson for the number of rows of which a share would have the variance of this mean. The
    /// interval of a sum is that of the mean, times the rows; that of `predictions` is recovered from the
    /// intervals of both parts (MOVER). Four equal values leave no doubt and have no interval.
    /// # Undefined
    /// `not_applicable` for more than two classes; `non_finite` if the values are so large that the result is;
    /// `no_rows`, `no_targets` and `no_predictions` where no row has both a target and a prediction;
    /// `too_many_categories` above 1,000 classes. With `decision = score` also `no_scores`, `all_null`, and
    /// `not_applicable` for more than two classes.
    /// # Cost
    /// `O(c)` time for `c` pairs of target and prediction that occur; exact on every profile. With `decision =
    /// score` `O(log n)` on sealed profiles, and on sketched ones `error_bound` is what their rank error
    /// allows.
    /// # When to use, and when not
    /// Use it where a wrong decision can be given a price, be it a rough one: it says whether a model that
    /// became worse by two points matters. With the default values it is twice the accuracy minus one and says
    /// nothing new, so a check computes it only where the specification names it. `predictions` weighs ten
    /// positive predictions like ten thousand negative ones; it is there to compare with NannyML. A sum grows
    /// with the window.
    /// # Reference
    /// Elkan (2001), Proceedings of the 17th International Joint Conference on Artificial Intelligence,
    /// 973–978. NannyML for the form.
    /// ```python oracle
    /// default = {"value_tp": 1, "value_fp": -1, "value_fn": -1, "value_tn": 1}
    /// is_default = all(params[name] == value for name, value in default.items())
    /// if not is_default and (params["normalize"] != "rows" or params["decision"] != "logged"):
    ///     raise NotImplementedError
    /// y_true, y_pred = decide(y_true, y_pred, y_score, positive, params)
    /// if positive is None or not len(y_true):
    ///     raise ValueError("nothing to value")
    /// actual = np.array([name == positive for name in y_true])
    /// decided = np.array([name == positive for name in y_pred])
    /// counts = sklearn.metrics.confusion_matrix(actual, decided, labels=[False, True])
    /// values = np.array([[params["value_tn"], params["value_fp"]], [params["value_fn"], params["value_tp"]]])
    /// if params["normalize"] == "predictions":
    ///     counts = np.nan_to_num(counts / counts.sum(axis=0, keepdims=True))
    /// total = (values * counts).sum()
    /// {"": total / len(y_true) if params["normalize"] == "rows" else total}
    /// ```
    pub struct BusinessValue = "business_value" since "0.1" with [
        value_of("value_tp", "Value of a row of the positive class that is predicted as it.", 1.0),
        value_of("value_fp", "Value of a row of the other class that is predicted positive.", -1.0),
        value_of("value_fn", "Value of a row of the positive class that is predicted negative.", -1.0),
        value_of("value_tn", "Value of a row of the other class that is predicted negative.", 1.0),
        Parameter {
            name: "normalize",
            doc: "Whether the result is the mean over rows, the sum of a mean for each decision, or the plain sum.",
            domain: Domain::Choice { default: "rows", of: &["rows", "predictions", "none"] },
        },
        DECISION,
        THRESHOLD,
    ];
}

impl Metric for BusinessValue {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (f64::MIN, f64::MAX)
    }

    fn standing(&self) -> Standing {
        Standing::OnRequest
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        decision::readings(self, outcomes, params, |decided| {
            decided.plain(|confusion| match decided.positive {
                Some(positive) => value(confusion.counts_of(positive), params),
                None => Outcome::Undefined(Reason::NotApplicable),
            })
        })
    }
}

/// The value of at least one row.
fn value(counts: ClassCounts, params: &Params) -> Outcome<Measure> {
    let positive = [
        (counts.correct, params.float("value_tp")),
        (counts.alarms(), params.float("value_fp")),
    ];
    let negative = [
        (counts.misses(), params.float("value_fn")),
        (counts.neither(), params.float("value_tn")),
    ];
    let measure = match params.choice("normalize").as_str() {
        "predictions" => sum(mean(&positive), mean(&negative)),
        normalize => mean(&[positive, negative].concat()).map(|mean| match normalize {
            "rows" => mean,
            _ => scaled(&mean, counts.rows as f64),
        }),
    };
    match measure {
        Some(measure) if measure.value.is_finite() => Outcome::Defined(measure),
        _ => Outcome::Undefined(Reason::NonFinite),
    }
}

/// Mean over the rows of cells; `None` where there are no rows.
fn mean(cells: &[Cell]) -> Option<Measure> {
    let n = cells.iter().map(|(rows, _)| rows).sum::<u64>() as f64;
    if n < 1.0 {
        return None;
    }
    let value = cells
        .iter()
        .map(|&(rows, value)| rows as f64 / n * value)
        .sum();
    let least = cells.iter().map(|cell| cell.1).fold(f64::MAX, f64::min);
    let greatest = cells.iter().map(|cell| cell.1).fold(f64::MIN, f64::max);
    let width = greatest - least;
    if width <= 0.0 || !width.is_finite() {
        return Some(Measure::new(value));
    }
    let share_of = |value: f64| ((value - least) / width).clamp(0.0, 1.0);
    let share = share_of(value);
    let variance: f64 = cells
        .iter()
        .map(|&(rows, value)| rows as f64 / n * (share_of(value) - share).powi(2))
        .sum();
    let share = interval::effective_share(share, variance / n, n);
    let mapped = interval::mapped(&share, |share| least + width * share, (least, greatest));
    // The value itself without the detour and its rounding.
    let interval = mapped.interval?;
    let measure = Measure::new(value)
        .with_interval(interval.lower.min(value), interval.upper.max(value))
        .with_standard_error(mapped.standard_error?);
    Some(measure)
}

fn scaled(measure: &Measure, factor: f64) -> Measure {
    let mut scaled = Measure::new(measure.value * factor);
    if let Some(interval) = measure.interval {
        scaled = scaled.with_interval(interval.lower * factor, interval.upper * factor);
    }
    scaled.standard_error = measure.standard_error.map(|error| error * factor);
    scaled
}

/// Sum of independent values, of which one may not exist.
fn sum(first: Option<Measure>, second: Option<Measure>) -> Option<Measure> {
    let (Some(first), Some(second)) = (first, second) else {
        return first.or(second);
    };
    let value = first.value + second.value;
    let (mut below, mut above) = (0.0_f64, 0.0_f64);
    for part in [first, second] {
        if let Some(interval) = part.interval {
            below = below.hypot(part.value - interval.lower);
            above = above.hypot(interval.upper - part.value);
        }
    }
    let mut sum = Measure::new(value);
    if below + above > 0.0 {
        sum = sum
            .with_interval(value - below, value + above)
            .with_standard_error((below + above) / (2.0 * interval::Z));
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::super::testing::{coverage, decided, only, profile};
    use super::*;

    const NAMES: [&str; 4] = ["value_tp", "value_fp", "value_fn", "value_tn"];

    /// With values in the order of the names.
    fn with(values: [f64; 4], normalize: &str) -> Outcome<Measure> {
        let mut params = Params::defaults(BusinessValue.parameters());
        for (name, value) in NAMES.into_iter().zip(values) {
            params
                .set(name, ParamValue::Float(value))
                .expect("declared");
        }
        let normalize = ParamValue::Text(normalize.to_owned());
        params.set("normalize", normalize).expect("declared");
        let rows = [("1", "1"), ("1", "0"), ("0", "1"), ("0", "0"), ("0", "0")];
        let outcomes = decided(Some("1"), &rows).into();
        BusinessValue.evaluate(&outcomes, &params).remove(0).outcome
    }

    #[test]
    fn each_cell_has_its_value() {
        let expected = [
            ("rows", 42.0 / 5.0),
            ("none", 42.0),
            ("predictions", 45.0 - 16.0),
        ];
        for (normalize, expected) in expected {
            let found = with([100.0, -10.0, -50.0, 1.0], normalize);
            let measure = found.into_result().expect("defined");
            assert!((measure.value - expected).abs() < 1e-12, "{normalize}");
            let interval = measure.interval.expect("values differ");
            assert!(interval.lower < expected && expected < interval.upper);
        }
    }

    #[test]
    fn equal_values_leave_no_doubt() {
        let found = with([3.0; 4], "rows").into_result().expect("defined");
        assert!((found.value - 3.0).abs() < 1e-15);
        assert_eq!(found.interval, None);
    }

    #[test]
    fn several_classes_and_values_beyond_numbers_are_undefined() {
        let several = only(&BusinessValue, &decided(None, &[("a", "b")]));
        assert_eq!(several.reason(), Some(&Reason::NotApplicable));
        let beyond = with([f64::MAX; 4], "none");
        assert_eq!(beyond.reason(), Some(&Reason::NonFinite));
    }

    #[test]
    fn interval_holds_the_truth_in_about_95_of_100_samples() {
        // By default a right row is worth 1 and a wrong one -1.
        for (n, right) in [(60, 0.7), (60, 0.9), (500, 0.97)] {
            let share = coverage(&BusinessValue, 0, 2.0 * right - 1.0, 1_000, |random| {
                let mut outcomes = profile(Some("1"), &[]);
                let classes = ["0", "1"].map(|class| outcomes.class_index(class));
                for _ in 0..n {
                    let is_positive = random.uniform() < 0.3;
                    let is_called = is_positive == (random.uniform() < right);
                    let of = |flag: bool| Some(classes[usize::from(flag)]);
                    outcomes.push(of(is_positive), of(is_called), &[]);
                }
                outcomes
            });
            assert!((0.92..=0.98).contains(&share), "{n} {right}: {share}");
        }
    }
}
