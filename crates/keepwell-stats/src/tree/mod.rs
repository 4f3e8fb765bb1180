//! Gradient-boosted trees on binned features, small and deterministic.
//!
//! Trees grow leaf by leaf, best gain first, from histograms of the derivatives of the loss, as in LightGBM
//! (Ke et al. 2017, Advances in Neural Information Processing Systems 30). A split sends a set of bins to
//! the left: a range of an ordered feature, with or without the bin of missing values, or any set of
//! categories, which are first sorted by their mean gradient (Fisher 1958, Journal of the American
//! Statistical Association 53, 789–798).

mod bins;
mod grow;
mod split;

pub use bins::{BINS_MAX, Binned, Binner, Column, Resolution};

use grow::Grower;
use split::{BinSet, Limits, Sums};

use crate::random::Random;

/// What the trees minimise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Half the squared distance from the target.
    Squared,
    /// Logarithmic loss of a target that is 0 or 1; predictions are log-odds.
    Logistic,
}

/// Size and pace of a forest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Config {
    /// What is minimised.
    pub loss: Loss,
    /// Trees, one after the other.
    pub n_trees: usize,
    /// Most leaves of a tree; at least 2.
    pub n_leaves: usize,
    /// Share of its best step that a leaf takes, in `(0, 1]`.
    pub learning_rate: f64,
    /// Fewest rows in a leaf.
    pub rows_min: usize,
    /// Added to the sum of second derivatives of a leaf, which draws its step towards zero.
    pub l2: f64,
    /// Share of the rows that a tree sees, in `(0, 1]`.
    pub rows_share: f64,
    /// Most features that a tree sees.
    pub features_max: usize,
    /// Chooses rows and features.
    pub seed: u64,
}

/// Boosted trees.
#[derive(Debug, Clone)]
pub struct Forest {
    start: f64,
    trees: Vec<Tree>,
    gains: Vec<f64>,
}

/// The root comes first; children come after their parent.
#[derive(Debug, Clone)]
struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    Leaf {
        value: f64,
    },
    Inner {
        feature_idx: usize,
        left: BinSet,
        children: [usize; 2],
    },
}

impl Tree {
    fn value(&self, binned: &Binned, row_idx: usize) -> f64 {
        let mut place = 0;
        loop {
            match self.nodes[place] {
                Node::Leaf { value } => return value,
                Node::Inner {
                    feature_idx,
                    left,
                    children,
                } => {
                    let bin = binned.features[feature_idx].bins[row_idx];
                    place = children[usize::from(!left.has(bin))];
                }
            }
        }
    }
}

impl Forest {
    /// Learns to predict `targets`, one a row of `binned`, from the rows with these positions. Without rows
    /// it predicts zero.
    ///
    /// # Panics
    /// If there is not one target a row.
    pub fn fit(binned: &Binned, targets: &[f64], rows: &[u32], config: &Config) -> Self {
        assert_eq!(targets.len(), binned.n_rows(), "a target for each row");
        let mut random = Random::new(config.seed);
        let targets: Vec<f64> = rows.iter().map(|&row| targets[row as usize]).collect();
        let start = config.loss.start(&targets);
        let mut predictions = vec![start; rows.len()];
        let mut forest = Self {
            start,
            trees: Vec::with_capacity(config.n_trees),
            gains: vec![0.0; binned.n_features()],
        };
        let n_seen = ((rows.len() as f64 * config.rows_share).ceil() as usize).min(rows.len());
        for _ in 0..config.n_trees {
            let features = random.subset(config.features_max, binned.n_features());
            let seen = random.subset(n_seen, rows.len());
            let sums = seen
                .iter()
                .map(|&idx| config.loss.sums(targets[idx], predictions[idx]));
            let grower = Grower {
                binned,
                features: &features,
                limits: config.limits(),
                config,
            };
            let tree = grower.grow(
                seen.iter().map(|&idx| rows[idx]).collect(),
                sums.collect(),
                &mut forest.gains,
            );
            for (prediction, &row) in predictions.iter_mut().zip(rows) {
                *prediction += tree.value(binned, row as usize);
            }
            forest.trees.push(tree);
        }
        forest
    }

    /// The prediction for a row: a mean, or log-odds.
    pub fn predict(&self, binned: &Binned, row_idx: usize) -> f64 {
        let values = self.trees.iter().map(|tree| tree.value(binned, row_idx));
        self.start + values.sum::<f64>()
    }

    /// For each feature how much its splits lowered the loss; not negative.
    pub fn gains(&self) -> &[f64] {
        &self.gains
    }
}

impl Config {
    fn limits(&self) -> Limits {
        let hessian_of_row = match self.loss {
            Loss::Squared => 1.0,
            // The largest that a row can have.
            Loss::Logistic => 0.25,
        };
        Limits {
            l2: self.l2,
            hessian_min: self.rows_min as f64 * hessian_of_row,
        }
    }
}

impl Loss {
    /// The best constant prediction.
    fn start(self, targets: &[f64]) -> f64 {
        let n = targets.len() as f64;
        let sum: f64 = targets.iter().sum();
        match self {
            _ if targets.is_empty() => 0.0,
            Self::Squared => sum / n,
            // Half a row more of each class keeps one class from infinite odds.
            Self::Logistic => ((sum + 0.5) / (n - sum + 0.5)).ln(),
        }
    }

    fn sums(self, target: f64, prediction: f64) -> Sums {
        match self {
            Self::Squared => Sums {
                gradient: prediction - target,
                hessian: 1.0,
            },
            Self::Logistic => {
                let probability = 1.0 / (1.0 + (-prediction).exp());
                Sums {
                    gradient: probability - target,
                    hessian: probability * (1.0 - probability),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: Config = Config {
        loss: Loss::Squared,
        n_trees: 60,
        n_leaves: 8,
        learning_rate: 0.2,
        rows_min: 5,
        l2: 0.0,
        rows_share: 1.0,
        features_max: usize::MAX,
        seed: 7,
    };

    const RESOLUTION: Resolution = Resolution {
        ordered: 64,
        nominal: 64,
    };

    fn rows(n: usize) -> Vec<u32> {
        (0..n as u32).collect()
    }

    fn uniform(n: usize, random: &mut Random) -> Vec<f64> {
        (0..n).map(|_| random.uniform()).collect()
    }

    /// Share of the variance of the targets that is left.
    fn left(forest: &Forest, binned: &Binned, targets: &[f64]) -> f64 {
        let n = targets.len() as f64;
        let mean = targets.iter().sum::<f64>() / n;
        let total: f64 = targets.iter().map(|target| (target - mean).powi(2)).sum();
        let errors = targets.iter().enumerate();
        let rest: f64 = errors
            .map(|(row, target)| (target - forest.predict(binned, row)).powi(2))
            .sum();
        rest / total
    }

    #[test]
    fn interactions_are_learned_and_generalise() {
        let mut random = Random::new(1);
        let columns = [uniform(3_000, &mut random), uniform(3_000, &mut random)];
        let target = |idx: usize| {
            let [x, y] = [columns[0][idx], columns[1][idx]];
            f64::from(u8::from((x > 0.3) != (y > 0.6))) + 2.0 * x
        };
        let targets: Vec<f64> = (0..3_000).map(target).collect();
        let features = columns.clone().map(Column::Ordered);
        let binned = Binner::fit(&features, RESOLUTION).apply(&features);
        let forest = Forest::fit(&binned, &targets, &rows(2_000), &CONFIG);
        assert!(left(&forest, &binned, &targets) < 0.02);
        assert!(forest.gains().iter().all(|&gain| gain > 0.0));
        let again = Forest::fit(&binned, &targets, &rows(2_000), &CONFIG);
        assert!((0..3_000).all(|row| {
            forest.predict(&binned, row).to_bits() == again.predict(&binned, row).to_bits()
        }));
    }

    #[test]
    fn missing_values_go_to_the_side_that_fits() {
        let values: Vec<f64> = (0..400)
            .map(|idx| {
                if idx % 4 == 0 {
                    f64::NAN
                } else {
                    f64::from(idx % 100)
                }
            })
            .collect();
        for missing_target in [0.0, 5.0] {
            let target = |value: &f64| {
                if value.is_nan() {
                    missing_target
                } else {
                    f64::from(u8::from(*value > 50.0)) * 5.0
                }
            };
            let targets: Vec<f64> = values.iter().map(target).collect();
            let features = [Column::Ordered(values.clone())];
            let binned = Binner::fit(&features, RESOLUTION).apply(&features);
            let config = Config {
                n_leaves: 2,
                ..CONFIG
            };
            let forest = Forest::fit(&binned, &targets, &rows(400), &config);
            // One split is enough, on whichever side the missing values belong.
            assert!(left(&forest, &binned, &targets) < 1e-6);
        }
    }

    #[test]
    fn categories_are_grouped_whatever_their_codes() {
        let mut random = Random::new(2);
        let codes: Vec<u32> = (0..2_000).map(|_| random.below(40) as u32).collect();
        let targets: Vec<f64> = codes.iter().map(|code| f64::from(code * 7 % 2)).collect();
        let features = [Column::Nominal(codes)];
        let binned = Binner::fit(&features, RESOLUTION).apply(&features);
        let config = Config {
            n_leaves: 2,
            ..CONFIG
        };
        let forest = Forest::fit(&binned, &targets, &rows(2_000), &config);
        assert!(left(&forest, &binned, &targets) < 1e-3);
    }

    #[test]
    fn probabilities_are_calibrated() {
        let mut random = Random::new(3);
        let x = uniform(20_000, &mut random);
        let targets: Vec<f64> = x
            .iter()
            .map(|&x| f64::from(u8::from(random.uniform() < 0.1 + 0.6 * x)))
            .collect();
        let features = [Column::Ordered(x.clone())];
        let binned = Binner::fit(&features, RESOLUTION).apply(&features);
        let config = Config {
            loss: Loss::Logistic,
            rows_min: 50,
            ..CONFIG
        };
        let forest = Forest::fit(&binned, &targets, &rows(20_000), &config);
        let error = |row: usize| {
            let probability = 1.0 / (1.0 + (-forest.predict(&binned, row)).exp());
            (probability - 0.1 - 0.6 * x[row]).abs()
        };
        let mean = (0..20_000).map(error).sum::<f64>() / 20_000.0;
        assert!(mean < 0.04, "{mean}");
    }

    #[test]
    fn degenerate_inputs_have_a_constant_answer() {
        let features = [
            Column::Ordered(vec![f64::NAN; 30]),
            Column::Nominal(vec![0; 30]),
        ];
        let binned = Binner::fit(&features, RESOLUTION).apply(&features);
        for (targets, rows, expected) in [
            (vec![3.0; 30], rows(30), 3.0),
            (vec![3.0; 30], rows(2), 3.0),
            (vec![3.0; 30], rows(0), 0.0),
        ] {
            let forest = Forest::fit(&binned, &targets, &rows, &CONFIG);
            assert_eq!(forest.predict(&binned, 29), expected);
        }
        let logistic = Config {
            loss: Loss::Logistic,
            ..CONFIG
        };
        let certain = Forest::fit(&binned, &[1.0; 30], &rows(30), &logistic);
        assert!(certain.predict(&binned, 0) > 4.0 && certain.predict(&binned, 0).is_finite());
    }
}
