//! Direct loss estimation.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::{RegressionRows, RowEstimator, RowForecast};
use crate::features::{Encoder, Rows};
use crate::interval;
use crate::metric::Reading;
use crate::profile::row_sample::RowSample;
use crate::random::Random;
use crate::tree::{Binned, Binner, Column, Config, Forest, Loss, Resolution};

const N_FOLDS: usize = 3;

/// Fewest rows of the reference, of which two thirds teach a forest.
const ROWS_MIN: usize = 100;

entry! {
    /// Expected error of a regression model, taken from what its features and predictions say about its errors.
    ///
    /// # Inputs
    /// `reference`: rows with features, predictions and targets; `current`: rows with features and predictions,
    /// whose targets are not read. Rows without a finite prediction, in the reference also those without a
    /// finite target, are left out. Missing features are values of their own; features that are not on both
    /// sides are left out.
    /// # Result
    /// Readings labelled `metric`: `mae`, `mape`, `mse`, `msle`, `rmse` and `rmsle`, each in `[0, inf)`. For each
    /// loss boosted trees learn the loss of a row from its features and its prediction; the estimate is the mean
    /// of what they say of the current rows (of `rmse` and `rmsle` its root), by three forests that have each
    /// seen two thirds of the reference. The interval is where the metric will be found once the targets are
    /// there, if the assumption below holds; its width comes from the errors of the forests on rows of the
    /// reference that they have not seen, by tenths of the expected loss.
    /// # Undefined
    /// `no_rows`, `no_reference`; `no_predictions`, `no_targets`: no row has one; `too_few_rows`: below 100
    /// reference rows; `mape` is `not_applicable` if a target of the reference is zero, `msle` and `rmsle` if a
    /// target or prediction is -1 or below; `non_finite`: a loss is beyond the range of 64-bit floats.
    /// # Cost
    /// `O(n_trees · n · d)` for each of four losses, `n` rows of the reference and `d` features, of which each
    /// tree sees at most 64.
    /// # When to use, and when not
    /// While targets are late, to see what a shift of the inputs towards rows that are hard or easy for the
    /// model does to its error. It assumes that such rows are as hard as in the reference. **It cannot see
    /// concept drift**: if the relation of features and target changes, the estimate stays as it was while the
    /// model fails. Nor does it know rows that lie outside of all that the reference holds.
    /// # Reference
    /// NannyML, Direct Loss Estimation, which fits one forest of LightGBM for each metric on all of the
    /// reference; Ke et al. (2017), LightGBM, Advances in Neural Information Processing Systems 30.
    /// ```python oracle
    /// if params["n_trees"] != 60:
    ///     raise NotImplementedError("the forests differ anyway")
    /// if len(reference) < 100 or not len(current):
    ///     raise ValueError("too few rows")
    /// metrics = ["mae", "mape", "mse", "msle", "rmse", "rmsle"]
    /// if (reference.y_true == 0).any():
    ///     metrics.remove("mape")
    /// if min(reference.y_true.min(), reference.y_pred.min(), current.y_pred.min()) < 0:
    ///     metrics = [metric for metric in metrics if "sle" not in metric]
    /// def coded(names):
    ///     return names.astype("category").cat.codes.where(names.notna()).astype(float)
    ///
    /// reference, current = (
    ///     side.apply(lambda column: coded(column) if column.dtype == object else column)
    ///     for side in (reference, current)
    /// )
    /// features = [name for name in reference if name not in ("y_true", "y_pred")]
    /// model = nannyml.DLE(
    ///     features, y_pred="y_pred", y_true="y_true", metrics=metrics, chunk_number=1, hyperparameters=dict(verbose=-1)
    /// )
    /// found = model.fit(reference).estimate(current).filter(period="analysis").to_df()
    /// {f"metric={metric}": found[(metric, "value")].iloc[0] for metric in metrics}
    /// ```
    /// # Tolerance
    /// relative 0.12, since the trees differ, and NannyML's forest has seen all of the reference. Tests compare
    /// both with the errors that are found later.
    pub struct Dle = "dle" since "0.1" with [
        Parameter {
            name: "n_trees",
            doc: "Trees of each forest.",
            domain: Domain::Integer { default: 60, min: 1, max: 1000 },
        },
        Parameter {
            name: "seed",
            doc: "Chooses the folds, and the rows and features of each tree.",
            domain: Domain::Integer { default: 0, min: 0, max: u64::MAX },
        },
    ];
}

impl RowEstimator for Dle {
    fn learn(
        &self,
        reference: &RegressionRows<'_>,
        like: &RowSample,
        params: &Params,
    ) -> Box<dyn RowForecast> {
        Box::new(Learned(learn(reference, like, params)))
    }
}

/// What was learned of each loss, or why nothing was.
struct Learned(Result<Forecasts, Reason>);

impl RowForecast for Learned {
    fn estimate(&self, current: &RegressionRows<'_>) -> Vec<Reading> {
        let task = self.0.as_ref().map_err(Reason::clone);
        let fresh = task.and_then(|forecasts| Ok((forecasts, forecasts.fresh(current)?)));
        let mut readings = Vec::new();
        for (idx, kind) in KINDS.iter().enumerate() {
            let mean = match &fresh {
                Ok((forecasts, fresh)) => forecasts.mean_loss(idx, fresh),
                Err(reason) => Err(reason.clone()),
            };
            for (metric, transform) in kind.metrics() {
                let outcome = mean.clone().map(|mean| mean.measure(*transform));
                readings.push(Reading {
                    class: None,
                    labels: vec![("metric", (*metric).to_owned())],
                    outcome: Outcome::from(outcome),
                });
            }
        }
        readings.sort_by(|a, b| a.labels.cmp(&b.labels));
        readings
    }
}

/// Loss of one row.
#[derive(Clone, Copy)]
enum Kind {
    Absolute,
    AbsolutePercentage,
    Squared,
    SquaredLog,
}

const KINDS: [Kind; 4] = [
    Kind::Absolute,
    Kind::AbsolutePercentage,
    Kind::Squared,
    Kind::SquaredLog,
];

type Transform = fn(f64) -> f64;

impl Kind {
    /// The metrics that are functions of the mean loss.
    fn metrics(self) -> &'static [(&'static str, Transform)] {
        const SAME: Transform = |mean| mean;
        match self {
            Self::Absolute => &[("mae", SAME)],
            Self::AbsolutePercentage => &[("mape", SAME)],
            Self::Squared => &[("mse", SAME), ("rmse", f64::sqrt)],
            Self::SquaredLog => &[("msle", SAME), ("rmsle", f64::sqrt)],
        }
    }

    /// Loss of a row; `None` where it has none.
    fn of(self, prediction: f64, target: f64) -> Option<f64> {
        let distance = prediction - target;
        match self {
            Self::Absolute => Some(distance.abs()),
            Self::AbsolutePercentage => (target != 0.0).then(|| (distance / target).abs()),
            Self::Squared => Some(distance * distance),
            Self::SquaredLog => {
                let distance = prediction.ln_1p() - target.ln_1p();
                (prediction > -1.0 && target > -1.0).then_some(distance * distance)
            }
        }
    }
}

/// Mean loss of the current rows.
#[derive(Clone, Copy)]
struct MeanLoss {
    value: f64,
    standard_error: f64,
}

impl MeanLoss {
    fn measure(self, transform: Transform) -> Measure {
        let mean = interval::positive_mean(self.value, self.standard_error, (0.0, f64::INFINITY));
        let (lower, upper) = mean.interval.map_or((self.value, self.value), |interval| {
            (interval.lower, interval.upper)
        });
        let [value, lower, upper] = [self.value, lower, upper].map(transform);
        Measure::new(value)
            .with_interval(lower, upper)
            .with_standard_error((upper - lower) / (2.0 * interval::Z))
    }
}

/// The forests of each loss, and what turns rows into what they see.
struct Forecasts {
    encoder: Encoder,
    binner: Binner,
    /// In the order of [`KINDS`].
    losses: Vec<Result<LossForecast, Reason>>,
}

/// The forests of one loss.
struct LossForecast {
    forests: Vec<Forest>,
    /// Of each row of the reference, ascending by the expected loss.
    seen: Vec<Forecast>,
}

/// What forests say of a row of the reference that they have not seen, and by how much its loss is larger.
struct Forecast {
    expected: f64,
    error: f64,
}

/// Current rows with a prediction, as forests see them.
struct Fresh {
    rows: Binned,
    least_prediction: f64,
}

fn learn(
    reference: &RegressionRows<'_>,
    like: &RowSample,
    params: &Params,
) -> Result<Forecasts, Reason> {
    let n_rows = reference.features.n_kept();
    assert_eq!(
        reference.predictions.len(),
        n_rows,
        "a prediction for each row"
    );
    let known = known_rows(reference)?;
    let rows = Rows {
        sample: reference.features,
        positions: &known,
    };
    // The current side decides which features there are, not what is learned of them.
    let none = Rows {
        sample: like,
        positions: &[],
    };
    let encoder = Encoder::fit(&[rows, none]);
    let columns = columns(&encoder, rows, reference.predictions);
    let binner = Binner::fit(&columns, RESOLUTION);
    let binned = binner.apply(&columns);
    let mut random = Random::new(params.integer("seed"));
    let mut folds: Vec<usize> = (0..known.len()).map(|idx| idx % N_FOLDS).collect();
    random.shuffle(&mut folds);
    let config = Config {
        loss: Loss::Squared,
        n_trees: params.integer("n_trees") as usize,
        n_leaves: 16,
        learning_rate: 0.1,
        rows_min: 20,
        l2: 1.0,
        rows_share: 0.5,
        features_max: 64,
        seed: random.bits(),
    };
    let losses = KINDS.map(|kind| {
        let pairs = known.iter();
        let losses: Option<Vec<f64>> = pairs
            .map(|&idx| kind.of(reference.predictions[idx], reference.targets[idx]))
            .collect();
        let losses = losses.ok_or(Reason::NotApplicable)?;
        Ok(LossForecast::fit(&binned, &losses, &folds, &config))
    });
    Ok(Forecasts {
        encoder,
        binner,
        losses: losses.into(),
    })
}

/// Features and prediction of these rows.
fn columns(encoder: &Encoder, rows: Rows<'_>, predictions: &[f64]) -> Vec<Column> {
    let mut columns = encoder.for_trees(rows);
    let predictions = rows.positions.iter().map(|&idx| predictions[idx]);
    columns.push(Column::Ordered(predictions.collect()));
    columns
}

impl LossForecast {
    fn fit(binned: &Binned, losses: &[f64], folds: &[usize], config: &Config) -> Self {
        let n = losses.len();
        let mut seen = Vec::with_capacity(n);
        let forests = (0..N_FOLDS)
            .map(|fold| {
                let train: Vec<u32> = (0..n as u32)
                    .filter(|&row| folds[row as usize] != fold)
                    .collect();
                let config = Config {
                    seed: config.seed.wrapping_add(fold as u64),
                    ..*config
                };
                let forest = Forest::fit(binned, losses, &train, &config);
                for row in (0..n).filter(|&row| folds[row] == fold) {
                    let expected = forest.predict(binned, row).max(0.0);
                    seen.push(Forecast {
                        expected,
                        error: losses[row] - expected,
                    });
                }
                forest
            })
            .collect();
        seen.sort_by(|a, b| a.expected.total_cmp(&b.expected));
        Self { forests, seen }
    }
}

impl Forecasts {
    fn fresh(&self, current: &RegressionRows<'_>) -> Result<Fresh, Reason> {
        let n_rows = current.features.n_kept();
        assert_eq!(
            current.predictions.len(),
            n_rows,
            "a prediction for each row"
        );
        let positions = predicted_rows(current)?;
        let rows = Rows {
            sample: current.features,
            positions: &positions,
        };
        let predictions = positions.iter().map(|&idx| current.predictions[idx]);
        Ok(Fresh {
            rows: self
                .binner
                .apply(&columns(&self.encoder, rows, current.predictions)),
            least_prediction: predictions.fold(f64::INFINITY, f64::min),
        })
    }

    /// The mean of the loss with this place in [`KINDS`].
    fn mean_loss(&self, kind_idx: usize, fresh: &Fresh) -> Result<MeanLoss, Reason> {
        if matches!(KINDS[kind_idx], Kind::SquaredLog) && fresh.least_prediction <= -1.0 {
            return Err(Reason::NotApplicable);
        }
        let learned = self.losses[kind_idx].as_ref().map_err(Reason::clone)?;
        let m = fresh.rows.n_rows();
        let mut expected = vec![0.0; m];
        for forest in &learned.forests {
            for (row, sum) in expected.iter_mut().enumerate() {
                *sum += forest.predict(&fresh.rows, row).max(0.0) / N_FOLDS as f64;
            }
        }
        let value = expected.iter().sum::<f64>() / m as f64;
        let standard_error = standard_error(&learned.seen, expected);
        if value.is_finite() && standard_error.is_finite() {
            Ok(MeanLoss {
                value,
                standard_error,
            })
        } else {
            Err(Reason::NonFinite)
        }
    }
}

/// Strata of the reference for the error of the mean.
const N_STRATA: usize = 10;

/// Standard error of the mean of the expected losses `fresh` as that of the losses themselves.
///
/// Rows fall into strata by their expected loss, each with a tenth of the reference. The mean of the current
/// rows rests on the reference as a mean with the current rows' share of each stratum does: the fewer strata
/// they fall into, the fewer rows of the reference it rests on. The chance of their own losses comes on top.
fn standard_error(seen: &[Forecast], mut fresh: Vec<f64>) -> f64 {
    fresh.sort_unstable_by(f64::total_cmp);
    let (n, m) = (seen.len(), fresh.len() as f64);
    let mut variance = 0.0;
    let mut before = 0;
    for stratum in 0..N_STRATA {
        let rows = &seen[stratum * n / N_STRATA..(stratum + 1) * n / N_STRATA];
        let upto = match seen.get((stratum + 1) * n / N_STRATA) {
            Some(next) => fresh.partition_point(|&expected| expected < next.expected),
            None => fresh.len(),
        };
        let share = upto.saturating_sub(before) as f64 / m;
        before = before.max(upto);
        let square = rows.iter().map(|row| row.error * row.error).sum::<f64>() / rows.len() as f64;
        variance += square * (share / m + share * share / rows.len() as f64);
    }
    variance.sqrt()
}

const RESOLUTION: Resolution = Resolution {
    ordered: 64,
    nominal: 64,
};

/// Rows of the reference with a finite prediction and target.
fn known_rows(reference: &RegressionRows<'_>) -> Result<Vec<usize>, Reason> {
    let n_rows = reference.features.n_kept();
    if n_rows == 0 {
        return Err(Reason::NoReference);
    }
    assert_eq!(reference.targets.len(), n_rows, "a target for each row");
    let predicted = predicted_rows(reference)?;
    let known: Vec<usize> = predicted
        .into_iter()
        .filter(|&idx| reference.targets[idx].is_finite())
        .collect();
    if known.is_empty() {
        return Err(Reason::NoTargets);
    }
    if known.len() < ROWS_MIN {
        return Err(Reason::TooFewRows {
            needed: ROWS_MIN as u64,
            found: known.len() as u64,
        });
    }
    Ok(known)
}

/// Rows with a finite prediction.
fn predicted_rows(rows: &RegressionRows<'_>) -> Result<Vec<usize>, Reason> {
    if rows.features.n_kept() == 0 {
        return Err(Reason::NoRows);
    }
    let is_there = |&idx: &usize| rows.predictions[idx].is_finite();
    let found: Vec<usize> = (0..rows.predictions.len()).filter(is_there).collect();
    if found.is_empty() {
        return Err(Reason::NoPredictions);
    }
    Ok(found)
}
