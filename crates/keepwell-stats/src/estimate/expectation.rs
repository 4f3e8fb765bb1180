//! Expected metrics of rows whose targets are known by probability only, and how far the metrics that
//! come out may be from them.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;

use super::isotonic::Isotonic;
use crate::interval;

/// Rows of one score and one decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    pub(super) score: f64,
    /// How many rows.
    pub(super) rows: f64,
    /// Probability that such a row is positive.
    pub(super) probability: f64,
    /// Whether the model decided for the positive class; `None` where it did not decide.
    pub(super) decision: Option<bool>,
}

/// Expected counts of a window.
#[derive(Debug, Clone)]
pub(super) struct Expectation {
    /// Ascending by score; never empty.
    rows: Vec<Scored>,
    curve: Option<Isotonic>,
    is_sketched: bool,
    /// Rows with a decision, those decided positive, and the expected positives of either.
    n: f64,
    n_decided: f64,
    positives: f64,
    true_positives: f64,
}

impl Expectation {
    /// Takes the rows and the curve that gave their probabilities, `None` where these are the scores.
    pub(super) fn new(mut rows: Vec<Scored>, curve: Option<Isotonic>, is_sketched: bool) -> Self {
        rows.sort_by(|a, b| a.score.total_cmp(&b.score));
        let (mut n, mut n_decided, mut positives, mut true_positives) = (0.0, 0.0, 0.0, 0.0);
        for row in &rows {
            let expected = row.rows * row.probability;
            if let Some(is_positive) = row.decision {
                n += row.rows;
                positives += expected;
                if is_positive {
                    n_decided += row.rows;
                    true_positives += expected;
                }
            }
        }
        Self {
            rows,
            curve,
            is_sketched,
            n,
            n_decided,
            positives,
            true_positives,
        }
    }

    pub(super) fn accuracy(&self) -> Result<Measure, Reason> {
        let false_positives = self.n_decided - self.true_positives;
        let false_negatives = self.positives - self.true_positives;
        let errors = false_positives + false_negatives;
        self.of_decisions(self.n, 1.0 - errors / self.n, |is_positive| {
            if is_positive { 1.0 } else { -1.0 }
        })
    }

    pub(super) fn precision(&self) -> Result<Measure, Reason> {
        let value = self.true_positives / self.n_decided;
        self.of_decisions(self.n_decided, value, |is_positive| {
            f64::from(u8::from(is_positive))
        })
    }

    pub(super) fn recall(&self) -> Result<Measure, Reason> {
        let value = self.true_positives / self.positives;
        self.of_decisions(self.positives, value, |is_positive| {
            f64::from(u8::from(is_positive)) - value
        })
    }

    pub(super) fn f1(&self) -> Result<Measure, Reason> {
        let denominator = self.n_decided + self.positives;
        let value = 2.0 * self.true_positives / denominator;
        self.of_decisions(denominator, value, |is_positive| {
            2.0 * f64::from(u8::from(is_positive)) - value
        })
    }

    /// A metric of the decisions. Its derivative by the target of a row is `slope` of the row's decision over
    /// `denominator`.
    fn of_decisions(
        &self,
        denominator: f64,
        value: f64,
        slope: impl Fn(bool) -> f64,
    ) -> Result<Measure, Reason> {
        if self.n <= 0.0 {
            return Err(Reason::NoPredictions);
        }
        if denominator <= 0.0 {
            return Err(Reason::ZeroDenominator);
        }
        let variance = self.variance(self.rows.iter().map(|row| match row.decision {
            Some(is_positive) => slope(is_positive) / denominator,
            None => 0.0,
        }));
        Ok(self.measure(value, variance))
    }

    /// Area under the curve of weighted rows, ties counted as one half.
    pub(super) fn roc_auc(&self) -> Result<Measure, Reason> {
        let ties = || self.rows.chunk_by(|a, b| a.score == b.score);
        let sums = |tie: &[Scored]| {
            tie.iter().fold((0.0, 0.0), |(positives, negatives), row| {
                let expected = row.rows * row.probability;
                (positives + expected, negatives + row.rows - expected)
            })
        };
        let (positives, negatives) = ties()
            .map(sums)
            .fold((0.0, 0.0), |sum, tie| (sum.0 + tie.0, sum.1 + tie.1));
        if positives <= 0.0 || negatives <= 0.0 {
            return Err(Reason::OneClass);
        }
        let mut area = 0.0;
        let (mut positives_upto, mut negatives_below) = (0.0, 0.0);
        // How many pairs more are in order where a row of the tie is positive than where it is negative.
        let mut gains = Vec::with_capacity(self.rows.len());
        for tie in ties() {
            let (positives_here, negatives_here) = sums(tie);
            let below = negatives_below + negatives_here / 2.0;
            let above = positives - positives_upto - positives_here / 2.0;
            area += positives_here * below;
            gains.extend(std::iter::repeat_n(below - above, tie.len()));
            positives_upto += positives_here;
            negatives_below += negatives_here;
        }
        let pairs = positives * negatives;
        let value = area / pairs;
        let shift = value * (1.0 / positives - 1.0 / negatives);
        let variance = self.variance(gains.into_iter().map(|gain| gain / pairs - shift));
        Ok(self.measure(value, variance))
    }

    /// Variance of a metric about its expectation, to first order: from the chance of each target given its
    /// probability, and from the error of the probabilities, which is one error for all rows of a block of
    /// the curve. `slopes` are the derivatives of the metric by the target of a row, one for each of `rows`.
    fn variance(&self, slopes: impl Iterator<Item = f64>) -> f64 {
        let n_blocks = self.curve.as_ref().map_or(0, |curve| curve.blocks().len());
        let mut by_block = vec![0.0; n_blocks];
        let mut variance = 0.0;
        for (row, slope) in self.rows.iter().zip(slopes) {
            variance += row.rows * slope * slope * row.probability * (1.0 - row.probability);
            if let Some(curve) = &self.curve {
                by_block[curve.block(row.score)] += row.rows * slope;
            }
        }
        if let Some(curve) = &self.curve {
            for (block, slope) in curve.blocks().iter().zip(by_block) {
                variance += slope * slope * block.variance();
            }
        }
        variance
    }

    fn measure(&self, value: f64, variance: f64) -> Measure {
        // Rounding can leave the range by an ulp.
        let value = value.clamp(0.0, 1.0);
        let standard_error = variance.max(0.0).sqrt();
        let half = interval::Z * standard_error;
        let measure = Measure::new(value)
            .with_interval((value - half).max(0.0), (value + half).min(1.0))
            .with_standard_error(standard_error);
        if self.is_sketched {
            measure.with_error_bound(value.max(1.0 - value))
        } else {
            measure
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows, probability and decision; the score is the probability.
    const ROWS: [(f64, f64, Option<bool>); 6] = [
        (3.0, 0.05, Some(false)),
        (1.0, 0.2, Some(true)),
        (2.0, 0.2, Some(false)),
        (1.0, 0.4, None),
        (2.0, 0.7, Some(true)),
        (1.0, 0.9, Some(true)),
    ];

    fn rows() -> Vec<Scored> {
        ROWS.iter()
            .map(|&(rows, probability, decision)| Scored {
                score: probability,
                rows,
                probability,
                decision,
            })
            .collect()
    }

    #[test]
    fn standard_errors_are_those_of_numerical_derivatives() {
        const STEP: f64 = 1e-6;
        type Metric = fn(&Expectation) -> Result<Measure, Reason>;
        let metrics: [Metric; 5] = [
            Expectation::accuracy,
            Expectation::f1,
            Expectation::precision,
            Expectation::recall,
            Expectation::roc_auc,
        ];
        for metric in metrics {
            let value = |rows: Vec<Scored>| {
                metric(&Expectation::new(rows, None, false)).expect("a defined metric")
            };
            let mut variance = 0.0;
            for idx in 0..ROWS.len() {
                let [more, less] = [STEP, -STEP].map(|step| {
                    let mut moved = rows();
                    moved[idx].probability += step;
                    value(moved).value
                });
                let Scored {
                    rows, probability, ..
                } = rows()[idx];
                let slope = (more - less) / (2.0 * STEP) / rows;
                variance += rows * slope * slope * probability * (1.0 - probability);
            }
            let found = value(rows()).standard_error.expect("always stated");
            assert!((found - variance.sqrt()).abs() < 1e-8, "{found}");
        }
    }

    #[test]
    fn a_metric_without_a_denominator_has_a_reason() {
        let only = |decision, probability| {
            let row = Scored {
                score: 0.5,
                rows: 4.0,
                probability,
                decision,
            };
            Expectation::new(vec![row], None, false)
        };
        assert_eq!(
            only(Some(false), 0.5).precision(),
            Err(Reason::ZeroDenominator)
        );
        assert_eq!(only(Some(true), 0.0).recall(), Err(Reason::ZeroDenominator));
        assert_eq!(only(Some(true), 1.0).roc_auc(), Err(Reason::OneClass));
        assert_eq!(only(None, 0.5).accuracy(), Err(Reason::NoPredictions));
    }
}
