//! Metrics of the ranking by the scores of one class, and their averages over classes.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};

use super::Reading;
use crate::profile::ClassOutcomes;
use crate::profile::outcome::classes::{Ranks, ScoreGrid};

/// The value of one class, with the number of its rows.
struct ClassValue {
    measure: Measure,
    n: u64,
}

/// A metric in `[0, 1]` of the scores of the rows of a class and of the rest, which both hold rows.
type Compare = fn(&Ranks) -> Measure;

/// The value of the positive class of a binary model; for more classes the averages, then each class
/// against the rest.
pub(super) fn readings(outcomes: &ClassOutcomes, compare: Compare) -> Vec<Reading> {
    let is_scored = outcomes.scored();
    if let Some(positive) = &outcomes.config().positive {
        let value = is_scored.and_then(|_| of_class(outcomes.scores(positive), compare));
        return vec![Reading::plain(value.map(|value| value.measure).into())];
    }
    if let Err(reason) = is_scored {
        return ["macro", "weighted"]
            .map(|kind| Reading::average(kind, Outcome::Undefined(reason.clone())))
            .into();
    }
    let by_class: Vec<(&str, Result<ClassValue, Reason>)> = classes(outcomes)
        .into_iter()
        .map(|class| (class, of_class(outcomes.scores(class), compare)))
        .collect();
    let values: Vec<&ClassValue> = by_class
        .iter()
        .filter_map(|(_, value)| value.as_ref().ok())
        .collect();
    let n: u64 = values.iter().map(|value| value.n).sum();
    let equal = vec![1.0 / values.len() as f64; values.len()];
    let by_targets: Vec<f64> = values
        .iter()
        .map(|value| value.n as f64 / n as f64)
        .collect();
    let measures: Vec<Measure> = values.iter().map(|value| value.measure).collect();
    let mut readings = vec![
        Reading::average("macro", average(&measures, &equal)),
        Reading::average("weighted", average(&measures, &by_targets)),
    ];
    readings.extend(
        by_class
            .into_iter()
            .map(|(class, value)| Reading::of_class(class, value.map(|one| one.measure).into())),
    );
    readings
}

/// The classes with scores and those seen, ascending.
pub(super) fn classes(outcomes: &ClassOutcomes) -> Vec<&str> {
    let mut classes: Vec<&str> = outcomes
        .config()
        .scored_classes
        .iter()
        .map(|name| &**name)
        .collect();
    classes.extend(
        outcomes
            .classes()
            .into_iter()
            .filter(|class| outcomes.scores(class).is_none()),
    );
    classes.sort_unstable();
    classes
}

fn of_class(grid: Option<&ScoreGrid>, compare: Compare) -> Result<ClassValue, Reason> {
    let grid = grid.ok_or(Reason::NoScores)?;
    let ranks = grid.ranks();
    match (ranks.this, ranks.rest) {
        (0, 0) => Err(Reason::NoTargets),
        (0, _) | (_, 0) => Err(Reason::OneClass),
        (n, _) => Ok(ClassValue {
            measure: compare(ranks),
            n,
        }),
    }
}

/// Weighted mean of values in `[0, 1]` of the same rows, with the greatest variance that any correlation
/// between them allows.
pub(super) fn average(measures: &[Measure], weights: &[f64]) -> Outcome<Measure> {
    if measures.is_empty() {
        return Outcome::Undefined(Reason::OneClass);
    }
    let sum = |part: fn(&Measure) -> Option<f64>| -> f64 {
        let parts = measures.iter().zip(weights);
        parts
            .map(|(measure, weight)| weight * part(measure).unwrap_or(0.0))
            .sum()
    };
    let value = sum(|measure| Some(measure.value)).clamp(0.0, 1.0);
    let lower = sum(|measure| measure.interval.map(|interval| interval.lower));
    let upper = sum(|measure| measure.interval.map(|interval| interval.upper));
    let measure = Measure::new(value)
        .with_interval(lower.clamp(0.0, value), upper.clamp(value, 1.0))
        .with_standard_error(sum(|measure| measure.standard_error))
        .with_error_bound(sum(|measure| measure.error_bound));
    Outcome::Defined(measure)
}
