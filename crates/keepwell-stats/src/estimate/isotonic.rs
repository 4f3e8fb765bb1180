//! Isotonic regression: the non-decreasing curve from scores to probabilities that fits best.

/// Rows of one score: how many, and how many of them positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) score: f64,
    pub(super) rows: f64,
    pub(super) positives: f64,
}

/// The least-squares curve through points, by pooling adjacent violators (Ayer and others, 1955, Annals of
/// Mathematical Statistics 26(4), 641–647): constant on each block of scores, linear between two blocks,
/// constant outside.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Isotonic {
    /// Ascending by score and by probability; never empty.
    blocks: Vec<Block>,
}

/// Neighbouring scores with one probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    first: f64,
    last: f64,
    rows: f64,
    positives: f64,
}

impl Block {
    fn probability(self) -> f64 {
        self.positives / self.rows
    }

    /// Variance of the probability, given that it comes from so many rows. One row of each class is added,
    /// so that a block of one class does not claim to be certain.
    pub(super) fn variance(self) -> f64 {
        let rows = self.rows + 2.0;
        let share = (self.positives + 1.0) / rows;
        share * (1.0 - share) / rows
    }
}

impl Isotonic {
    /// The curve for points with strictly ascending scores; `None` where there are none.
    pub(super) fn fit(points: &[Point]) -> Option<Self> {
        let mut blocks: Vec<Block> = Vec::new();
        for point in points {
            let mut pooled = Block {
                first: point.score,
                last: point.score,
                rows: point.rows,
                positives: point.positives,
            };
            while let Some(&before) = blocks.last() {
                if before.probability() < pooled.probability() {
                    break;
                }
                blocks.pop();
                pooled = Block {
                    first: before.first,
                    last: pooled.last,
                    rows: before.rows + pooled.rows,
                    positives: before.positives + pooled.positives,
                };
            }
            blocks.push(pooled);
        }
        (!blocks.is_empty()).then_some(Self { blocks })
    }

    /// Index of the last block that begins at or before the score; the first one if none does.
    pub(super) fn block(&self, score: f64) -> usize {
        self.blocks
            .partition_point(|block| block.first <= score)
            .saturating_sub(1)
    }

    /// All blocks, ascending.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Probability of the positive class at this score.
    pub(super) fn probability(&self, score: f64) -> f64 {
        let idx = self.block(score);
        let below = self.blocks[idx];
        match self.blocks.get(idx + 1) {
            Some(above) if score > below.last => {
                let share = (score - below.last) / (above.first - below.last);
                below.probability() + share * (above.probability() - below.probability())
            }
            _ => below.probability(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(points: &[(f64, f64, f64)]) -> Isotonic {
        let points: Vec<Point> = points
            .iter()
            .map(|&(score, rows, positives)| Point {
                score,
                rows,
                positives,
            })
            .collect();
        Isotonic::fit(&points).expect("there are points")
    }

    #[test]
    fn violators_are_pooled_and_gaps_are_crossed_in_a_line() {
        let curve = fit(&[
            (0.1, 1.0, 0.0),
            (0.4, 1.0, 1.0),
            (0.6, 1.0, 0.0),
            (0.9, 1.0, 1.0),
        ]);
        for (score, expected) in [
            (0.0, 0.0),
            (0.1, 0.0),
            (0.25, 0.25),
            (0.4, 0.5),
            (0.5, 0.5),
            (0.6, 0.5),
            (0.75, 0.75),
            (0.9, 1.0),
            (2.0, 1.0),
        ] {
            let found = curve.probability(score);
            assert!((found - expected).abs() < 1e-12, "{score}: {found}");
        }
        assert_eq!(curve.blocks().len(), 3);
    }

    #[test]
    fn a_falling_relation_becomes_one_level() {
        let curve = fit(&[(0.1, 10.0, 9.0), (0.9, 30.0, 3.0)]);
        assert_eq!(curve.blocks().len(), 1);
        assert!((curve.probability(0.5) - 0.3).abs() < 1e-12);
        assert_eq!(Isotonic::fit(&[]), None);
    }
}
