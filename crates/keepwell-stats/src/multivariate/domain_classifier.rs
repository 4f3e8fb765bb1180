//! A classifier that tells the windows apart.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::{Comparison, MultivariateTest, require_rows, shares};
use crate::features::{Encoder, Rows};
use crate::interval;
use crate::profile::TwoSample;
use crate::profile::row_sample::RowSample;
use crate::random::Random;
use crate::special::normal_sf;
use crate::tree::{Binned, Binner, Column, Config, Forest, Loss, Resolution};

pub(super) const N_FOLDS: usize = 5;

/// Fewest rows a side: ten to test in each fold.
pub(super) const ROWS_MIN: usize = 50;

entry! {
    /// How well a classifier tells rows of the current window from rows of the reference: the area under its
    /// ROC curve on rows that it was not trained on.
    ///
    /// # Inputs
    /// `reference` and `current`: whole rows of numbers, names, flags and vectors; every component of a vector
    /// is a feature. Missing values are values of their own, infinite numbers count as missing. Columns that
    /// are not on both sides are left out.
    /// # Result
    /// `value` in `[0, 1]`: 0.5 where the windows cannot be told apart, 1 where every row can be assigned;
    /// values below 0.5 are chance. It is the mean over five folds of the area within each fold, whose rows
    /// were not seen by its classifier. `p_value`: upper tail of the normal law of the area given that both
    /// windows come from one distribution. The interval has DeLong's variance on the scale of the logit. Both
    /// take twice the variance of independent folds: each two folds meet twice, one teaching the classifier of
    /// the other.
    ///
    /// `columns`: each column's share in the gain of the trees' splits.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows; `too_few_rows`: below 50 a side; `column_absent`: no
    /// column in common.
    /// # Cost
    /// `O(n_trees · n · d)` for `n` rows on both sides and `d` features, of which each tree sees at most 64.
    /// # When to use, and when not
    /// To see whether the windows differ in any way that matters to trees, joint changes included, and in which
    /// columns. A column that only ever grows (a row number, a time, a key) tells any two windows apart:
    /// leave such columns out. It cannot see differences that no split of a few columns shows; for many weak
    /// shifts of single columns, the drift tests by column have more power.
    /// # Reference
    /// Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, ICLR, arXiv:1610.06545; DeLong,
    /// DeLong and Clarke-Pearson (1988), Biometrics 44(3), 837–845; NannyML for the five folds.
    /// ```python oracle
    /// if params["n_trees"] != 40:
    ///     raise NotImplementedError("takes long")
    /// if min(len(reference), len(current)) < 50:
    ///     raise ValueError("too few rows")
    /// rows = pd.concat([reference, current], ignore_index=True)
    /// rows = rows.apply(lambda c: c.astype("category").cat.codes.where(c.notna()) if c.dtype == object else c)
    /// rows = rows.astype(float).replace([np.inf, -np.inf], np.nan)
    /// side = np.repeat([0, 1], [len(reference), len(current)])
    /// areas = []
    /// for seed in range(2):
    ///     folds = sklearn.model_selection.StratifiedKFold(5, shuffle=True, random_state=seed)
    ///     for train, test in folds.split(rows, side):
    ///         model = sklearn.ensemble.HistGradientBoostingClassifier(
    ///             max_iter=40, learning_rate=0.1, max_leaf_nodes=8, early_stopping=False
    ///         ).fit(rows.iloc[train], side[train])
    ///         areas.append(sklearn.metrics.roc_auc_score(side[test], model.decision_function(rows.iloc[test])))
    /// dict(value=np.mean(areas))
    /// ```
    /// # Tolerance
    /// relative 0.08, since the trees differ from those of scikit-learn in detail, and folds are random. The shared
    /// inputs have a few hundred rows a side, where the area varies by 0.02 from one seed to the next.
    pub struct DomainClassifier = "domain_classifier" since "0.1" with [
        Parameter {
            name: "n_trees",
            doc: "Trees of each classifier.",
            domain: Domain::Integer { default: 40, min: 1, max: 1000 },
        },
        Parameter {
            name: "seed",
            doc: "Chooses the folds, and the rows and features of each tree.",
            domain: Domain::Integer { default: 0, min: 0, max: u64::MAX },
        },
    ];
}

impl MultivariateTest for DomainClassifier {
    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn unchanged(&self) -> Option<f64> {
        Some(0.5)
    }

    fn standing(&self) -> Standing {
        Standing::Decided
    }

    fn test(&self, sample: TwoSample<'_, RowSample>, params: &Params) -> Outcome<Comparison> {
        compare(sample, params).into()
    }
}

fn compare(sample: TwoSample<'_, RowSample>, params: &Params) -> Result<Comparison, Reason> {
    require_rows(sample, ROWS_MIN)?;
    let n_reference = sample.reference.n_kept();
    let n = n_reference + sample.current.n_kept();
    let positions: Vec<usize> = (0..n).collect();
    let sides = [
        Rows {
            sample: sample.reference,
            positions: &positions[..n_reference],
        },
        Rows {
            sample: sample.current,
            positions: &positions[..n - n_reference],
        },
    ];
    // The encoder and the bins learn from both sides alike: one that knew only the reference would by itself
    // tell rare names of the reference from those of the current rows.
    let encoder = Encoder::fit(&sides);
    let columns = joined(encoder.for_trees(sides[0]), encoder.for_trees(sides[1]));
    let binned = Binner::fit(&columns, RESOLUTION).apply(&columns);
    let mut random = Random::new(params.integer("seed"));
    let mut folds = folds(n_reference, &mut random);
    folds.extend(self::folds(n - n_reference, &mut random));
    let config = Config {
        loss: Loss::Logistic,
        n_trees: params.integer("n_trees") as usize,
        n_leaves: 8,
        learning_rate: 0.1,
        rows_min: 10,
        l2: 1.0,
        rows_share: 0.5,
        features_max: 64,
        seed: random.bits(),
    };
    let mut gains = vec![0.0; binned.n_features()];
    let areas: Vec<FoldArea> = (0..N_FOLDS)
        .map(|fold| fold_area(&binned, n_reference, &folds, fold, &config, &mut gains))
        .collect();
    let by_column = encoder.by_column(&gains);
    let names = encoder.columns().iter().map(|column| column.name.as_str());
    Ok(Comparison {
        measure: measure(&areas, [n_reference as u64, (n - n_reference) as u64]),
        columns: shares(names.zip(by_column)),
    })
}

/// Fine enough for shifts that a sample can show.
const RESOLUTION: Resolution = Resolution {
    ordered: 32,
    nominal: 64,
};

fn joined(reference: Vec<Column>, current: Vec<Column>) -> Vec<Column> {
    reference
        .into_iter()
        .zip(current)
        .map(|pair| match pair {
            (Column::Ordered(mut values), Column::Ordered(more)) => {
                values.extend(more);
                Column::Ordered(values)
            }
            (Column::Nominal(mut codes), Column::Nominal(more)) => {
                codes.extend(more);
                Column::Nominal(codes)
            }
            (only, _) => only,
        })
        .collect()
}

/// A fold for each of `n` rows; their sizes differ by at most one.
pub(super) fn folds(n: usize, random: &mut Random) -> Vec<usize> {
    let mut folds: Vec<usize> = (0..n).map(|idx| idx % N_FOLDS).collect();
    random.shuffle(&mut folds);
    folds
}

/// The area under the curve in one fold.
pub(super) struct FoldArea {
    value: f64,
    /// Variance under resampling of rows.
    variance: f64,
    /// Variance if both sides come from one distribution.
    null_variance: f64,
    weight: f64,
}

fn fold_area(
    binned: &Binned,
    n_reference: usize,
    folds: &[usize],
    fold: usize,
    config: &Config,
    gains: &mut [f64],
) -> FoldArea {
    let n = binned.n_rows();
    let targets: Vec<f64> = (0..n)
        .map(|row| f64::from(u8::from(row >= n_reference)))
        .collect();
    let train: Vec<u32> = (0..n as u32)
        .filter(|&row| folds[row as usize] != fold)
        .collect();
    let config = Config {
        seed: config.seed.wrapping_add(fold as u64),
        ..*config
    };
    let forest = Forest::fit(binned, &targets, &train, &config);
    for (sum, gain) in gains.iter_mut().zip(forest.gains()) {
        *sum += gain;
    }
    let scored = (0..n)
        .filter(|&row| folds[row] == fold)
        .map(|row| (forest.predict(binned, row), row >= n_reference));
    area(scored.collect())
}

/// The area from scores, each with whether the row is of the current side; both sides have at least two.
pub(super) fn area(mut scored: Vec<(f64, bool)>) -> FoldArea {
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n_current = scored.iter().filter(|(_, is_current)| *is_current).count() as f64;
    let n_reference = scored.len() as f64 - n_current;
    let n = scored.len() as f64;
    let (mut below, mut above) = (0.0, n_current);
    let mut ties = 0.0;
    // Sums and sums of squares of the placements of both sides, each about one half.
    let (mut current, mut reference) = ([0.0; 2], [0.0; 2]);
    for group in scored.chunk_by(|a, b| a.0 == b.0) {
        let own = group.iter().filter(|(_, is_current)| *is_current).count() as f64;
        let others = group.len() as f64 - own;
        above -= own;
        let beats = (below + 0.5 * others) / n_reference - 0.5;
        let is_beaten = (above + 0.5 * own) / n_current - 0.5;
        current = [current[0] + own * beats, current[1] + own * beats * beats];
        reference = [
            reference[0] + others * is_beaten,
            reference[1] + others * is_beaten * is_beaten,
        ];
        below += others;
        let size = group.len() as f64;
        ties += size * (size * size - 1.0);
    }
    let value = 0.5 + current[0] / n_current;
    let variance_of_mean =
        |[sum, squares]: [f64; 2], n: f64| ((squares - sum * sum / n) / (n - 1.0) / n).max(0.0);
    FoldArea {
        value,
        variance: variance_of_mean(current, n_current) + variance_of_mean(reference, n_reference),
        // Of the Mann–Whitney statistic with ties.
        null_variance: (n + 1.0 - ties / (n * (n - 1.0))) / (12.0 * n_current * n_reference),
        weight: n_current * n_reference,
    }
}

/// Factor on the variance of the mean of independent folds. Where the classifier follows its training rows
/// linearly, the area of a fold is a sum over the other folds of a symmetric function of both, so in the mean each
/// pair of folds counts twice: as one term of double size, not as two. Trees come near that in simulations.
const DEPENDENCE: f64 = 2.0;

pub(super) fn measure(areas: &[FoldArea], sizes: [u64; 2]) -> Measure {
    let total: f64 = areas.iter().map(|area| area.weight).sum();
    let sum = |part: fn(&FoldArea) -> f64| -> f64 { areas.iter().map(part).sum() };
    let value = sum(|area| area.weight * area.value) / total;
    let deviation = |squares: f64| squares.sqrt() / total;
    let standard_error = deviation(DEPENDENCE * sum(|area| area.weight.powi(2) * area.variance));
    let null = deviation(DEPENDENCE * sum(|area| area.weight.powi(2) * area.null_variance));
    let p_value = if null > 0.0 {
        normal_sf((value - 0.5) / null)
    } else {
        // All rows have one score, which tells nothing apart.
        1.0
    };
    let by_size = interval::mann_whitney(value, sizes[1], sizes[0]);
    let interval = if standard_error > 0.0 && 0.0 < value && value < 1.0 {
        interval::logit(value, standard_error)
    } else {
        by_size
    };
    Measure::new(value)
        .with_interval(interval.lower, interval.upper)
        .with_standard_error(if standard_error > 0.0 {
            standard_error
        } else {
            (by_size.upper - by_size.lower) / (2.0 * interval::Z)
        })
        .with_p_value(p_value)
}
