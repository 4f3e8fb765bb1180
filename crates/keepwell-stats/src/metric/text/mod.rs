//! Metrics of models that generate text.

mod bleu;
mod chrf;
mod exact_match;
mod rouge;
mod token_f1;
mod wer;

use keepwell_core::measure::{Interval, Measure};
use keepwell_core::outcome::Reason;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::outcome::texts::Unit;
use crate::profile::{OutcomeProfile, TextOutcomes};

/// Every metric of models that generate text, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[
    &bleu::Bleu,
    &chrf::Chrf,
    &exact_match::ExactMatch,
    &rouge::Rouge,
    &token_f1::TokenF1,
    &wer::WordErrorRate,
];

/// What counts as one token.
const UNIT: Parameter = Parameter {
    name: "unit",
    doc: "What counts as one token: a `word`, or a `character` for languages that are written without \
          spaces.",
    domain: Domain::Choice {
        default: "word",
        of: &["word", "character"],
    },
};

fn unit(params: &Params) -> Unit {
    if params.choice(UNIT.name) == "word" {
        Unit::Word
    } else {
        Unit::Character
    }
}

/// The outcomes, if there is a row with both a prediction and a reference text.
fn paired(outcomes: &TextOutcomes) -> Result<&TextOutcomes, Reason> {
    if outcomes.rows() == 0 {
        Err(Reason::NoRows)
    } else if outcomes.targets() == 0 {
        Err(Reason::NoTargets)
    } else if outcomes.predictions() == 0 {
        Err(Reason::NoPredictions)
    } else if outcomes.pairs() == 0 {
        Err(Reason::NoTargets)
    } else {
        Ok(outcomes)
    }
}

/// The one reading of a metric; none for other tasks.
fn reading(
    outcomes: &OutcomeProfile,
    evaluate: impl FnOnce(&TextOutcomes) -> Measure,
) -> Vec<Reading> {
    match outcomes.texts() {
        Some(outcomes) => vec![Reading::plain(paired(outcomes).map(evaluate).into())],
        None => Vec::new(),
    }
}

/// A score between 0 and 100 of so many rows, from its value and variance as a share.
fn percentage(share: f64, variance: Option<f64>, n_rows: u64) -> Measure {
    let Some(variance) = variance else {
        return Measure::new(100.0 * share);
    };
    let measure = interval::effective_share(share, variance, n_rows as f64);
    Measure {
        value: 100.0 * measure.value,
        interval: measure.interval.map(|interval| Interval {
            lower: 100.0 * interval.lower,
            upper: 100.0 * interval.upper,
        }),
        standard_error: measure.standard_error.map(|error| 100.0 * error),
        ..measure
    }
}

/// Profiles for the tests of the metrics.
#[cfg(test)]
mod testing {
    use keepwell_core::outcome::Outcome;

    use super::*;

    /// Rows of prediction and reference text.
    pub(super) fn outcomes(rows: &[(&str, &str)]) -> TextOutcomes {
        let mut outcomes = TextOutcomes::default();
        for (prediction, reference) in rows {
            outcomes.push(Some(prediction), &[reference]);
        }
        outcomes
    }

    /// The first reading with default parameters.
    pub(super) fn only(metric: &dyn Metric, outcomes: &TextOutcomes) -> Outcome<Measure> {
        let params = Params::defaults(metric.parameters());
        let outcomes = OutcomeProfile::Texts(outcomes.clone());
        metric.evaluate(&outcomes, &params).remove(0).outcome
    }

    /// Its value.
    pub(super) fn value(metric: &dyn Metric, rows: &[(&str, &str)]) -> f64 {
        let outcome = only(metric, &outcomes(rows));
        outcome.defined().expect("rows with both texts").value
    }
}

#[cfg(test)]
mod tests {
    use super::testing::only;
    use super::*;
    use crate::profile::ClassOutcomes;

    #[test]
    fn reasons_say_what_is_absent() {
        let mut outcomes = TextOutcomes::default();
        let reason = |outcomes: &TextOutcomes| -> Vec<Option<Reason>> {
            ALL.iter()
                .map(|metric| only(*metric, outcomes).reason().cloned())
                .collect()
        };
        assert_eq!(reason(&outcomes), vec![Some(Reason::NoRows); ALL.len()]);
        outcomes.push(Some("a"), &[]);
        assert_eq!(reason(&outcomes), vec![Some(Reason::NoTargets); ALL.len()]);
        outcomes.push(None, &["a"]);
        assert_eq!(reason(&outcomes), vec![Some(Reason::NoTargets); ALL.len()]);
        let mut silent = TextOutcomes::default();
        silent.push(None, &["a"]);
        assert_eq!(
            reason(&silent),
            vec![Some(Reason::NoPredictions); ALL.len()]
        );
    }

    #[test]
    fn other_tasks_have_no_reading() {
        let classes = ClassOutcomes::new(crate::profile::ClassConfig {
            scored_classes: Vec::new(),
            positive: None,
            threshold: 0.5,
            mode: crate::profile::Mode::Exact,
        });
        for metric in ALL {
            let params = Params::defaults(metric.parameters());
            assert!(metric.evaluate(&classes.clone().into(), &params).is_empty());
        }
    }

    #[test]
    fn all_right_in_a_few_rows_is_not_certainty() {
        let outcomes = testing::outcomes(&[("the cat sat down here", "the cat sat down here"); 3]);
        for metric in ALL {
            let measure = *only(*metric, &outcomes).defined().expect("rows");
            let interval = measure.interval.expect("two rows");
            assert!(interval.upper > interval.lower, "{}", metric.info().id);
        }
    }
}
