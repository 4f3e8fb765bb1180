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

/// Something for each cell of the confusion matrix of a binary model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cells {
    pub(super) tp: f64,
    pub(super) fp: f64,
    pub(super) misses: f64,
    pub(super) tn: f64,
}

const UNIT: (f64, f64) = (0.0, 1.0);

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

    /// Expected rows by target and decision, of those with a decision.
    fn cells(&self) -> Cells {
        let misses = self.positives - self.true_positives;
        Cells {
            tp: self.true_positives,
            fp: self.n_decided - self.true_positives,
            misses,
            tn: self.n - self.n_decided - misses,
        }
    }

    pub(super) fn accuracy(&self) -> Result<Measure, Reason> {
        let cells = self.cells();
        let slope = |is_positive: bool| if is_positive { 1.0 } else { -1.0 };
        self.of_decisions(self.n, (cells.tp + cells.tn) / self.n, UNIT, slope)
    }

    pub(super) fn precision(&self) -> Result<Measure, Reason> {
        let value = self.true_positives / self.n_decided;
        let slope = |is_positive: bool| f64::from(u8::from(is_positive));
        self.of_decisions(self.n_decided, value, UNIT, slope)
    }

    pub(super) fn recall(&self) -> Result<Measure, Reason> {
        let value = self.true_positives / self.positives;
        let slope = |is_positive: bool| f64::from(u8::from(is_positive)) - value;
        self.of_decisions(self.positives, value, UNIT, slope)
    }

    pub(super) fn specificity(&self) -> Result<Measure, Reason> {
        let negatives = self.n - self.positives;
        let value = self.cells().tn / negatives;
        let slope = |is_positive: bool| value - f64::from(u8::from(!is_positive));
        self.of_decisions(negatives, value, UNIT, slope)
    }

    pub(super) fn f1(&self) -> Result<Measure, Reason> {
        let denominator = self.n_decided + self.positives;
        let value = 2.0 * self.true_positives / denominator;
        let slope = |is_positive: bool| 2.0 * f64::from(u8::from(is_positive)) - value;
        self.of_decisions(denominator, value, UNIT, slope)
    }

    /// Share of all rows with a decision that are decided for the class and of it.
    pub(super) fn hits(&self) -> Result<Measure, Reason> {
        let slope = |is_positive: bool| f64::from(u8::from(is_positive));
        self.of_decisions(self.n, self.true_positives / self.n, UNIT, slope)
    }

    /// Number of rows with this target and decision.
    pub(super) fn cell(&self, is_target: bool, is_decided: bool) -> Result<Measure, Reason> {
        let cells = self.cells();
        let value = match (is_target, is_decided) {
            (true, true) => cells.tp,
            (true, false) => cells.misses,
            (false, true) => cells.fp,
            (false, false) => cells.tn,
        };
        let rise = if is_target { 1.0 } else { -1.0 };
        let slope = |is_positive: bool| if is_positive == is_decided { rise } else { 0.0 };
        self.of_decisions(1.0, value, (0.0, self.n), slope)
    }

    /// Value of the decisions, from that of one row of each cell; see the metric `business_value`.
    pub(super) fn business_value(&self, worth: &Cells, normalize: &str) -> Result<Measure, Reason> {
        let cells = self.cells();
        let of_positive = cells.tp * worth.tp + cells.fp * worth.fp;
        let of_negative = cells.misses * worth.misses + cells.tn * worth.tn;
        let (gain, loss) = (worth.tp - worth.fp, worth.misses - worth.tn);
        let (value, [positive, negative]) = match normalize {
            "predictions" => {
                // A decision that no row has adds nothing.
                let over = |n: f64| if n > 0.0 { 1.0 / n } else { 0.0 };
                let scale = [over(self.n_decided), over(self.n - self.n_decided)];
                (of_positive * scale[0] + of_negative * scale[1], scale)
            }
            "rows" => ((of_positive + of_negative) / self.n, [1.0 / self.n; 2]),
            _ => (of_positive + of_negative, [1.0; 2]),
        };
        if !value.is_finite() {
            return Err(Reason::NonFinite);
        }
        let slope = |is_positive: bool| {
            if is_positive {
                gain * positive
            } else {
                loss * negative
            }
        };
        self.of_decisions(1.0, value, (f64::MIN, f64::MAX), slope)
    }

    /// A metric of the decisions. Its derivative by the target of a row is `slope` of the row's decision over
    /// `denominator`.
    fn of_decisions(
        &self,
        denominator: f64,
        value: f64,
        range: (f64, f64),
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
        Ok(self.measure(value, variance, range))
    }

    /// Area under the curve of weighted rows, ties counted as one half.
    pub(super) fn roc_auc(&self) -> Result<Measure, Reason> {
        let (positives, negatives) = self.sides()?;
        let mut area = 0.0;
        let (mut positives_upto, mut negatives_below) = (0.0, 0.0);
        // How many pairs more are in order where a row of the tie is positive than where it is negative.
        let mut gains = Vec::with_capacity(self.rows.len());
        for tie in self.ties() {
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
        Ok(self.measure(value, variance, UNIT))
    }

    /// Mean precision at the scores of the expected positives.
    pub(super) fn average_precision(&self) -> Result<Measure, Reason> {
        let (positives, _) = self.sides()?;
        let (mut positives_upto, mut rows_upto, mut sum) = (0.0, 0.0, 0.0);
        let mut steps = Vec::new();
        for tie in self.ties().rev() {
            let (positives_here, negatives_here) = sums(tie);
            positives_upto += positives_here;
            rows_upto += positives_here + negatives_here;
            let precision = positives_upto / rows_upto;
            sum += positives_here * precision;
            steps.push((tie.len(), precision, positives_here / rows_upto));
        }
        let value = sum / positives;
        // A row that becomes positive raises the precision of every positive that scores no higher.
        let mut raised = 0.0;
        let mut slopes = Vec::with_capacity(self.rows.len());
        for (n, precision, rise) in steps.into_iter().rev() {
            raised += rise;
            slopes.extend(std::iter::repeat_n(
                (precision + raised - value) / positives,
                n,
            ));
        }
        Ok(self.measure(value, self.variance(slopes.into_iter()), UNIT))
    }

    /// Rows of one score, ascending.
    fn ties(&self) -> impl DoubleEndedIterator<Item = &[Scored]> {
        self.rows.chunk_by(|a, b| a.score == b.score)
    }

    /// Expected positives and negatives, neither of them zero.
    fn sides(&self) -> Result<(f64, f64), Reason> {
        let (positives, negatives) = sums(&self.rows);
        if positives <= 0.0 || negatives <= 0.0 {
            return Err(Reason::OneClass);
        }
        Ok((positives, negatives))
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

    fn measure(&self, value: f64, variance: f64, (least, greatest): (f64, f64)) -> Measure {
        // Rounding can leave the range by an ulp.
        let value = value.clamp(least, greatest);
        let standard_error = variance.max(0.0).sqrt();
        let half = interval::Z * standard_error;
        let mut measure = Measure::new(value);
        if standard_error.is_finite() {
            measure = measure
                .with_interval((value - half).max(least), (value + half).min(greatest))
                .with_standard_error(standard_error);
        }
        if self.is_sketched {
            measure.with_error_bound((value - least).max(greatest - value).min(f64::MAX))
        } else {
            measure
        }
    }
}

/// Expected positives and negatives among rows.
fn sums(rows: &[Scored]) -> (f64, f64) {
    rows.iter().fold((0.0, 0.0), |(positives, negatives), row| {
        let expected = row.rows * row.probability;
        (positives + expected, negatives + row.rows - expected)
    })
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
        const WORTH: Cells = Cells {
            tp: 5.0,
            fp: -2.0,
            misses: -3.0,
            tn: 1.0,
        };
        let metrics: [Metric; 12] = [
            Expectation::accuracy,
            Expectation::average_precision,
            Expectation::f1,
            Expectation::hits,
            Expectation::precision,
            Expectation::recall,
            Expectation::roc_auc,
            Expectation::specificity,
            |found| found.cell(false, true),
            |found| found.business_value(&WORTH, "rows"),
            |found| found.business_value(&WORTH, "predictions"),
            |found| found.business_value(&WORTH, "none"),
        ];
        for (idx_of_metric, metric) in metrics.into_iter().enumerate() {
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
            let expected = variance.sqrt();
            assert!(
                (found - expected).abs() < 1e-7 * (1.0 + expected),
                "{idx_of_metric}: {found}"
            );
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
