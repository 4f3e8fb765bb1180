//! How soon random splits isolate a row.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::outcome::Reason;
use keepwell_core::params::{Domain, Parameter, Params};

use super::rows::{CONTAMINATION, RowAnomaly, RowModel, SEED};
use super::{Anomaly, Shape};
use crate::matrix::Matrix;
use crate::random::Random;

/// Rows of a tree, as proposed by the authors of the method.
const ROWS_OF_TREE: usize = 256;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

entry! {
    /// How few random splits it takes to part a row from those of the reference: the score of an isolation
    /// forest.
    ///
    /// # Inputs
    /// `reference` and `current`: whole rows of numbers, names, flags and vectors; every component of a vector
    /// is a feature. A missing number or vector counts as the mean of the reference, a missing flag as its
    /// share of true; a name counts as its share in the reference, a missing one as that of the most frequent,
    /// and one that the reference does not have as zero. Infinite numbers count as missing. Columns that are
    /// not on both sides are left out.
    /// # Result
    /// `scores` in `(0, 1)`: `2^(-depth / c)` with the mean depth over trees of 256 random rows each and `c`
    /// the depth that is expected of such a tree; about 0.5 for typical rows, towards 1 for anomalies.
    /// `measure`: the share of current rows above the threshold, with Wilson's interval and the one-sided
    /// p-value of the exact test for the order of scores.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows; `too_few_rows`: fewer reference rows than
    /// `2 / contamination`; `column_absent`: no column in common; `constant`: no feature of the reference
    /// varies.
    /// # Cost
    /// `O(n_trees · (n + m))`, independent of the number of features.
    /// # When to use, and when not
    /// As a first choice for mixed columns of any scale and shape. With many irrelevant columns the relevant
    /// ones are seldom drawn; dependence between columns is seen only coarsely (`mahalanobis`).
    /// # Reference
    /// Liu, Ting and Zhou (2008), Isolation Forest, IEEE International Conference on Data Mining, 413–422;
    /// scores as scikit-learn's with the sign changed, of which the oracle averages ten seeds.
    /// ```python oracle
    /// if params["contamination"] != 0.01:
    ///     raise NotImplementedError("scores do not depend on it")
    /// if not (reference.std(axis=0) > 1e-12).any():
    ///     raise ValueError("constant")
    /// forests = [
    ///     sklearn.ensemble.IsolationForest(n_estimators=params["n_trees"], random_state=seed).fit(reference)
    ///     for seed in range(10)
    /// ]
    /// dict(scores=np.mean([-forest.score_samples(current) for forest in forests], axis=0))
    /// ```
    /// # Tolerance
    /// relative 0.08, since splits are random, so a score has a standard error of about 0.01 at 100 trees. The tests
    /// also ask for a rank correlation of at least 0.95 with the scores of scikit-learn.
    pub struct IsolationForest = "isolation_forest" since "0.1" with [
        CONTAMINATION,
        Parameter {
            name: "n_trees",
            doc: "Trees of the forest.",
            domain: Domain::Integer { default: 100, min: 1, max: 10_000 },
        },
        SEED,
    ];
}

impl Anomaly for IsolationForest {
    fn shape(&self) -> Shape {
        Shape::Rows(&Self)
    }
}

impl RowAnomaly for IsolationForest {
    fn standing(&self) -> Standing {
        Standing::Shown
    }

    fn fit(&self, reference: &Matrix, params: &Params) -> Result<Box<dyn RowModel>, Reason> {
        let varies = |idx: usize| {
            let mut values = reference.column(idx);
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        if !(0..reference.n_columns()).any(varies) {
            return Err(Reason::Constant);
        }
        let n_rows = reference.n_rows().min(ROWS_OF_TREE);
        let mut random = Random::new(params.integer("seed"));
        let trees = (0..params.integer("n_trees"))
            .map(|_| {
                let rows = random.subset(n_rows, reference.n_rows());
                Tree::grow(reference, rows, &mut random)
            })
            .collect();
        Ok(Box::new(Model {
            trees,
            expected: expected_depth(n_rows),
        }))
    }
}

struct Model {
    trees: Vec<Tree>,
    expected: f64,
}

impl RowModel for Model {
    fn scores(&self, rows: &Matrix) -> Vec<f64> {
        let n_trees = self.trees.len() as f64;
        let score = |row: &[f64]| {
            let depths: f64 = self.trees.iter().map(|tree| tree.depth(row)).sum();
            (-depths / (n_trees * self.expected)).exp2()
        };
        rows.rows().map(score).collect()
    }
}

/// The root comes first.
struct Tree {
    nodes: Vec<Node>,
}

enum Node {
    /// Expected depth of a row that ends here.
    Leaf { depth: f64 },
    /// A row goes to the first child if its value is at most `cut`.
    Inner {
        feature_idx: usize,
        cut: f64,
        children: [usize; 2],
    },
}

impl Tree {
    fn grow(reference: &Matrix, rows: Vec<usize>, random: &mut Random) -> Self {
        // No deeper than a balanced tree.
        let depth_max = usize::BITS - (rows.len().max(2) - 1).leading_zeros();
        let mut nodes = vec![Node::Leaf { depth: 0.0 }];
        let mut open = vec![(0, 0, rows)];
        while let Some((place, depth, rows)) = open.pop() {
            let cut = (depth < depth_max && rows.len() > 1)
                .then(|| random_cut(reference, &rows, random))
                .flatten();
            let Some((feature_idx, cut)) = cut else {
                nodes[place] = Node::Leaf {
                    depth: f64::from(depth) + expected_depth(rows.len()),
                };
                continue;
            };
            let children = [nodes.len(), nodes.len() + 1];
            nodes[place] = Node::Inner {
                feature_idx,
                cut,
                children,
            };
            let (low, high): (Vec<usize>, Vec<usize>) = rows
                .into_iter()
                .partition(|&row| reference.row(row)[feature_idx] <= cut);
            for (child, rows) in children.into_iter().zip([low, high]) {
                nodes.push(Node::Leaf { depth: 0.0 });
                open.push((child, depth + 1, rows));
            }
        }
        Self { nodes }
    }

    fn depth(&self, row: &[f64]) -> f64 {
        let mut place = 0;
        loop {
            match self.nodes[place] {
                Node::Leaf { depth } => return depth,
                Node::Inner {
                    feature_idx,
                    cut,
                    children,
                } => place = children[usize::from(row[feature_idx] > cut)],
            }
        }
    }
}

/// A random feature that varies among the rows, cut at random between its least and greatest value; `None` if
/// the rows are equal.
fn random_cut(reference: &Matrix, rows: &[usize], random: &mut Random) -> Option<(usize, f64)> {
    let mut untried: Vec<usize> = (0..reference.n_columns()).collect();
    while !untried.is_empty() {
        let feature_idx = untried.swap_remove(random.below(untried.len()));
        let values = rows.iter().map(|&row| reference.row(row)[feature_idx]);
        let (least, greatest) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (range.0.min(value), range.1.max(value))
        });
        if least < greatest {
            let cut = least + random.uniform() * (greatest - least);
            // A cut at the greatest value would part nothing.
            return Some((feature_idx, if cut < greatest { cut } else { least }));
        }
    }
    None
}

/// Mean depth of a row in a random tree of `n` rows.
fn expected_depth(n: usize) -> f64 {
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let n = n as f64;
            2.0 * ((n - 1.0).ln() + EULER) - 2.0 * (n - 1.0) / n
        }
    }
}
