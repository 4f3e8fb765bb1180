//! Share of rows whose target is among the highest scores.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::{ClassOutcomes, OutcomeProfile};

entry! {
    /// Share of rows whose target has one of the `k` highest scores.
    ///
    /// # Inputs
    /// The rows of a model of more than two classes that have a target and a finite score of each scored
    /// class. Scores may be probabilities or margins; only their order matters. Of equal scores that of the
    /// later class, in the order of the score columns, counts as higher. A target without a score column is
    /// never found.
    /// # Result
    /// One value in `[0, 1]`, no unit, higher is better; 1 where there are no more than `k` classes. The
    /// interval is that of Wilson.
    /// # Undefined
    /// `not_applicable` for a binary model; `no_scores` without score columns; `all_null` if no row has all
    /// its scores; `no_targets` if no such row has a target; `no_rows`; `too_few_rows` if a part of the
    /// profile was read from bytes of the first form, which did not keep ranks.
    /// # Cost
    /// `O(k)` time; exact on every profile.
    /// # When to use, and when not
    /// Use it where several answers are offered and a person takes one: search suggestions, coding of
    /// diagnoses, labels. Choose `k` as many as are shown; a check computes it only where the specification
    /// names it. With `k = 1` it is the accuracy of the highest score, whatever decision was logged. It does
    /// not see whether the target came first or last among the `k`.
    /// # Reference
    /// Russakovsky and others (2015), International Journal of Computer Vision 115, 211–252.
    /// ```python oracle
    /// scores = np.asarray(y_score, float)
    /// if positive is not None:
    ///     raise ValueError("two classes")
    /// complete = np.isfinite(scores).all(axis=1)
    /// targets = [name for name, use in zip(y_true, complete) if use]
    /// {"": sklearn.metrics.top_k_accuracy_score(targets, scores[complete], k=params["k"], labels=classes)}
    /// ```
    pub struct TopKAccuracy = "top_k_accuracy" since "0.1" with [
        Parameter {
            name: "k",
            doc: "How many of the highest scores count.",
            domain: Domain::Integer { default: 2, min: 1, max: 1000 },
        },
    ];
}

impl Metric for TopKAccuracy {
    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::OnRequest
    }

    fn evaluate(&self, outcomes: &OutcomeProfile, params: &Params) -> Vec<Reading> {
        let Some(outcomes) = outcomes.classes() else {
            return Vec::new();
        };
        let k = usize::try_from(params.integer("k")).unwrap_or(usize::MAX);
        vec![Reading::plain(share_within(outcomes, k).into())]
    }
}

fn share_within(outcomes: &ClassOutcomes, k: usize) -> Result<Measure, Reason> {
    outcomes.scored()?;
    if outcomes.config().scored_classes.len() < 2 {
        return Err(Reason::NotApplicable);
    }
    let (needed, found) = (outcomes.scored_targets(), outcomes.ranks().n());
    if found < needed {
        return Err(Reason::TooFewRows { needed, found });
    }
    interval::proportion(outcomes.ranks().within(k), found).ok_or(Reason::NoTargets)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;

    use super::super::testing::{only, scored};
    use super::*;

    const ROWS: [(&str, &[f64]); 4] = [
        ("a", &[0.5, 0.3, 0.2]),
        ("b", &[0.5, 0.3, 0.2]),
        ("c", &[0.5, 0.3, 0.2]),
        ("d", &[0.5, 0.3, 0.2]),
    ];

    fn at(k: u64) -> Option<f64> {
        let mut params = Params::defaults(TopKAccuracy.parameters());
        params.set("k", ParamValue::Integer(k)).expect("in range");
        let outcomes = scored(None, &["a", "b", "c"], &ROWS).into();
        let readings = TopKAccuracy.evaluate(&outcomes, &params);
        readings[0].outcome.defined().map(|measure| measure.value)
    }

    #[test]
    fn more_are_found_among_more() {
        assert_eq!([1, 2, 3, 9].map(at), [0.25, 0.5, 0.75, 0.75].map(Some));
    }

    #[test]
    fn undefined_says_why() {
        for (positive, classes, rows, reason) in [
            (None, &["a", "b"][..], &[][..], Reason::NoRows),
            (None, &[], &[("a", &[][..])], Reason::NoScores),
            (None, &["a", "b"], &[("", &[0.5, 0.5])], Reason::NoTargets),
            (Some("a"), &["a"], &[("a", &[0.5])], Reason::NotApplicable),
        ] {
            let outcome = only(&TopKAccuracy, &scored(positive, classes, rows));
            assert_eq!(outcome.reason(), Some(&reason));
        }
    }
}
