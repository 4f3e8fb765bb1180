//! Metrics of rankers and recommenders.

mod f1_at_k;
mod hit_rate;
mod intra_list_diversity;
mod item_coverage;
mod map_at_k;
mod mrr;
mod ndcg_at_k;
mod novelty;
mod personalization;
mod popularity_bias;
mod precision_at_k;
mod recall_at_k;
mod serendipity;

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Direction, Metric, Reading};
use crate::interval;
use crate::profile::outcome::rankings::{Background, Query};
use crate::profile::{Moments, OutcomeProfile, RankingOutcomes};

/// Every metric of rankers and recommenders, in alphabetical order.
pub static ALL: &[&dyn Metric] = &[
    &f1_at_k::F1AtK,
    &hit_rate::HitRate,
    &intra_list_diversity::IntraListDiversity,
    &item_coverage::ItemCoverage,
    &map_at_k::MapAtK,
    &mrr::Mrr,
    &ndcg_at_k::NdcgAtK,
    &novelty::Novelty,
    &personalization::Personalization,
    &popularity_bias::PopularityBias,
    &precision_at_k::PrecisionAtK,
    &recall_at_k::RecallAtK,
    &serendipity::Serendipity,
];

/// How much of each list counts.
const K: Parameter = Parameter {
    name: "k",
    doc: "Number of items at the top of each list that count.",
    domain: Domain::Integer {
        default: 10,
        min: 1,
        max: 10_000,
    },
};

/// What counts as relevant.
const RELEVANCE_MIN: Parameter = Parameter {
    name: "relevance_min",
    doc: "An item counts as relevant from this relevance on, inclusive.",
    domain: Domain::Float {
        default: 1.0,
        min: f64::MIN_POSITIVE,
        max: f64::MAX,
    },
};

/// What to do with queries that nothing is relevant to.
const NO_RELEVANT: Parameter = Parameter {
    name: "no_relevant",
    doc: "Queries that no item is relevant to: `skip` leaves them out, as trec_eval does and Evidently by default; `zero` counts each as 0, as Evidently with `no_feedback_users`.",
    domain: Domain::Choice {
        default: "skip",
        of: &["skip", "zero"],
    },
};

/// Values of a mean in `[0, 1]`.
const UNIT: (f64, f64) = (0.0, 1.0);

/// Standard errors that the stated error of a sample of queries covers.
const DEVIATIONS: f64 = 4.0;

/// A query that something is relevant to, as the metrics of relevance see it.
struct Judged<'a> {
    query: Query<'a>,
    k: usize,
    relevance_min: f64,
    /// Relevant items, those outside the list included; at least one.
    relevant: usize,
}

impl Judged<'_> {
    /// Relevant items among the first `k`: their expected number over all orders of items with one score.
    fn hits(&self) -> f64 {
        self.query
            .groups(self.k)
            .map(|group| {
                let share = group.places(self.k) as f64 / group.items.len() as f64;
                group.relevant(self.relevance_min) as f64 * share
            })
            .sum()
    }

    /// Number of items that the first `k` places hold.
    fn shown(&self) -> usize {
        self.query.top(self.k).len()
    }
}

/// The one reading of a metric that is a mean over the queries that something is relevant to. `value` is in
/// `[0, 1]`. Its parameters are [`K`], [`RELEVANCE_MIN`] and [`NO_RELEVANT`]; empty for other tasks.
fn mean_over_judged(
    outcomes: &OutcomeProfile,
    params: &Params,
    value: impl Fn(&Judged<'_>) -> Result<f64, Reason>,
) -> Vec<Reading> {
    reading(outcomes, |outcomes| {
        outcomes.judged()?;
        let relevance_min = params.float(RELEVANCE_MIN.name);
        let counts_empty = params.choice(NO_RELEVANT.name) == "zero";
        let mut values = Vec::new();
        for query in outcomes.queries().filter(Query::is_judged) {
            let judged = Judged {
                query,
                k: k(params),
                relevance_min,
                relevant: query.relevant(relevance_min),
            };
            if judged.relevant > 0 {
                values.push(value(&judged)?);
            } else if counts_empty {
                values.push(0.0);
            }
        }
        mean(outcomes, &values, Scale::Unit)
    })
}

/// The one reading of a metric of sealed rankings; none for other tasks.
fn reading(
    outcomes: &OutcomeProfile,
    evaluate: impl FnOnce(&RankingOutcomes) -> Result<Measure, Reason>,
) -> Vec<Reading> {
    match outcomes.rankings() {
        Some(outcomes) => vec![Reading::plain(evaluate(&outcomes.sealed()).into())],
        None => Vec::new(),
    }
}

fn k(params: &Params) -> usize {
    usize::try_from(params.integer(K.name)).unwrap_or(usize::MAX)
}

/// What values of queries can be, which decides on the interval of their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// In `[0, 1]`.
    Unit,
    /// Never negative, skewed to the right.
    Positive,
    /// In a range, about symmetric.
    Symmetric(f64, f64),
}

/// The mean of a value over queries.
///
/// # Errors
/// `ZeroDenominator` if there is no value.
fn mean(outcomes: &RankingOutcomes, values: &[f64], scale: Scale) -> Result<Measure, Reason> {
    if values.is_empty() {
        return Err(Reason::ZeroDenominator);
    }
    let values = Moments::of(values);
    let measure = match scale {
        Scale::Unit => interval::bounded_mean(&values),
        Scale::Positive => interval::t_positive_mean(&values, (0.0, f64::INFINITY)),
        Scale::Symmetric(least, greatest) => interval::t_mean(&values, (least, greatest)),
    };
    Ok(sampled(outcomes, measure))
}

/// States the error of a value that comes from a sample of the queries.
fn sampled(outcomes: &RankingOutcomes, measure: Measure) -> Measure {
    let kept = outcomes.kept();
    if kept < 1.0 {
        let standard_error = measure.standard_error.unwrap_or(f64::MAX / DEVIATIONS);
        measure.with_error_bound(DEVIATIONS * standard_error * (1.0 - kept).sqrt())
    } else {
        measure
    }
}

/// What was known before the lists were made.
fn background(outcomes: &RankingOutcomes) -> Result<&Background, Reason> {
    match outcomes.background() {
        Some(background) if background.users() > 0 => Ok(background),
        _ => Err(Reason::NoReference),
    }
}

/// Refuses a sample of queries, where a statistic is about all lists together.
fn complete(outcomes: &RankingOutcomes) -> Result<(), Reason> {
    if outcomes.kept() < 1.0 {
        return Err(Reason::NotApplicable);
    }
    Ok(())
}

/// Sum of vectors of one dimension, with their number.
struct VectorSum {
    sum: Vec<f64>,
    n: usize,
}

impl VectorSum {
    fn of<'a>(vectors: impl Iterator<Item = &'a [f64]>) -> Self {
        let mut total = Self {
            sum: Vec::new(),
            n: 0,
        };
        for vector in vectors {
            total.sum.resize(vector.len(), 0.0);
            for (sum, x) in total.sum.iter_mut().zip(vector) {
                *sum += x;
            }
            total.n += 1;
        }
        total
    }

    /// Sum of the cosines between each vector of one and each of the other, all being of length 1.
    fn cosines(&self, other: &Self) -> f64 {
        self.sum.iter().zip(&other.sum).map(|(x, y)| x * y).sum()
    }
}

/// Profiles for the tests of the metrics.
#[cfg(test)]
mod testing {
    use std::sync::Arc;

    use keepwell_core::outcome::Outcome;
    use keepwell_core::params::ParamValue;

    use super::*;
    use crate::profile::Mode;
    use crate::profile::outcome::rankings::RankedItem;

    /// Lists of items in order, one digit the relevance of each; items in brackets are tied, those behind a
    /// bar are not in the list, and a dot is an item of unknown relevance.
    pub(super) fn profile(lists: &[&str]) -> RankingOutcomes {
        let mut outcomes = RankingOutcomes::new(Mode::Exact);
        for (query, list) in lists.iter().enumerate() {
            let (mut score, mut is_tied, mut is_ranked) = (0.0, false, true);
            for (idx, letter) in list.chars().enumerate() {
                match letter {
                    '(' => is_tied = true,
                    ')' => is_tied = false,
                    '|' => is_ranked = false,
                    _ => {
                        let relevance = letter.to_digit(10).map(f64::from);
                        let shown = is_ranked.then_some(score);
                        let item = RankedItem::new(query as u64, idx as u64, shown, relevance);
                        outcomes.push(item);
                    }
                }
                if !is_tied {
                    score -= 1.0;
                }
            }
        }
        outcomes
    }

    /// Lists of items in order, one letter an item, with what is known of users and items.
    pub(super) fn recommended(
        lists: &[&str],
        interactions: &[(u64, char)],
        vectors: &[(char, &[f64])],
    ) -> RankingOutcomes {
        let key = |item: char| u64::from(u32::from(item));
        let mut outcomes = RankingOutcomes::new(Mode::Exact);
        for (query, list) in lists.iter().enumerate() {
            for (idx, item) in list.chars().enumerate() {
                // Capital letters are relevant.
                let relevance = f64::from(u8::from(item.is_uppercase()));
                let item = key(item.to_ascii_lowercase());
                outcomes.push(RankedItem::new(
                    query as u64,
                    item,
                    Some(-(idx as f64)),
                    Some(relevance),
                ));
            }
        }
        let interactions = interactions.iter().map(|&(user, item)| (user, key(item)));
        let vectors = vectors
            .iter()
            .map(|&(item, vector)| (key(item), vector.to_vec()));
        outcomes.with_background(Arc::new(Background::new(interactions.collect(), vectors)))
    }

    /// The first reading with the first `k` items.
    pub(super) fn outcome(
        metric: &dyn Metric,
        outcomes: &RankingOutcomes,
        k: u64,
    ) -> Outcome<Measure> {
        let mut params = Params::defaults(metric.parameters());
        params.set("k", ParamValue::Integer(k)).expect("in range");
        let mut readings = metric.evaluate(&outcomes.clone().into(), &params);
        readings.remove(0).outcome
    }

    /// The same as a number.
    pub(super) fn value(
        metric: &dyn Metric,
        outcomes: &RankingOutcomes,
        k: u64,
    ) -> Result<f64, Reason> {
        outcome(metric, outcomes, k)
            .into_result()
            .map(|measure| measure.value)
    }

    /// Fails unless both are equal up to rounding.
    #[track_caller]
    pub(super) fn assert_close(found: Result<f64, Reason>, expected: f64) {
        let found = found.expect("defined");
        assert!(
            (found - expected).abs() < 1e-14,
            "expected {expected}; found {found}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::testing::profile;
    use super::*;
    use crate::profile::LabelOutcomes;

    #[test]
    fn other_tasks_have_no_reading() {
        let other = OutcomeProfile::Labels(LabelOutcomes::default());
        for metric in ALL {
            let params = Params::defaults(metric.parameters());
            assert!(metric.evaluate(&other, &params).is_empty());
        }
    }

    #[test]
    fn queries_without_relevant_items_are_left_out_or_count_as_zero() {
        use keepwell_core::params::ParamValue;

        let outcomes: OutcomeProfile = profile(&["10", "00", "..", "1."]).into();
        for id in [
            "precision_at_k",
            "recall_at_k",
            "hit_rate",
            "mrr",
            "ndcg_at_k",
            "map_at_k",
            "f1_at_k",
        ] {
            let metric = ALL
                .iter()
                .find(|metric| metric.info().id == id)
                .expect("known");
            let mut params = Params::defaults(metric.parameters());
            let value = |params: &Params| {
                let outcome = metric.evaluate(&outcomes, params).remove(0).outcome;
                outcome.into_result().map(|measure| measure.value)
            };
            let skipped = value(&params).expect("two queries");
            params
                .set("no_relevant", ParamValue::Text("zero".to_owned()))
                .expect("known");
            let counted = value(&params).expect("three queries");
            assert!((counted - skipped * 2.0 / 3.0).abs() < 1e-15, "{id}");
            params
                .set("relevance_min", ParamValue::Float(2.0))
                .expect("in range");
            params
                .set("no_relevant", ParamValue::Text("skip".to_owned()))
                .expect("known");
            assert_eq!(value(&params), Err(Reason::ZeroDenominator));
        }
    }
}
