//! Sudden rises of the loss.

use keepwell_core::entry;
use keepwell_core::params::{Domain, Parameter, Params};

use super::curve::{median_of, noise};
use super::{Finding, Judgement, Role, Severity, Training};

/// Points that the level before is taken from.
const LEVEL_POINTS: usize = 15;

/// Points that the noise before is taken from.
const NOISE_POINTS: usize = 200;

entry! {
    /// Finds sudden rises of the training loss far above its level and noise.
    ///
    /// # Inputs
    /// The lines of the training loss, from 30 finite points on; on a logarithmic scale where all are positive,
    /// since noise mostly shrinks with the loss.
    /// # Result
    /// The highest rise, with the loss `before` (median of 15 points), the loss `at` it, the rise in standard
    /// deviations of the noise before, `deviations`, and the number of such rises, `count`. A warning. A rise is
    /// two points in a row above the level by more than `deviations_min` and by half, or one point by twice as
    /// many and the double; one of which half is left after 15 points is a new level, and no spike.
    /// # Undefined
    /// Fewer than 30 points.
    /// # Cost
    /// `O(n)` time, with a factor of a few hundred.
    /// # When to use, and when not
    /// For losses of optimisation. Losses that fight each other, as of adversarial networks, jump by nature.
    /// # Reference
    /// Chowdhery et al. (2022), PaLM, section 5.1, on spikes of the loss and what follows; the noise by second
    /// differences as in Gasser, Sroka, Jennen-Steinmetz (1986), Biometrika 73(3), 625–633.
    pub struct LossSpike = "loss_spike" since "0.1" with [
        Parameter {
            name: "deviations_min",
            doc: "Standard deviations of the noise that a rise of two points must exceed, exclusive.",
            domain: Domain::Float { default: 7.0, min: 0.0, max: f64::MAX },
        },
    ];
}

impl Judgement for LossSpike {
    fn judge(&self, training: &Training, params: &Params) -> Vec<Finding> {
        let deviations_min = params.float("deviations_min");
        let mut findings = Vec::new();
        for (line, points) in training.finite_lines(Role::TrainingLoss, 2 * LEVEL_POINTS) {
            let values: Vec<f64> = points.iter().map(|point| point.value).collect();
            let rises = rises(&values, deviations_min);
            let Some(highest) = rises
                .iter()
                .max_by(|one, other| one.deviations.total_cmp(&other.deviations))
            else {
                continue;
            };
            let evidence = [
                ("before", highest.before),
                ("at", values[highest.idx]),
                ("deviations", highest.deviations),
                ("count", rises.len() as f64),
            ];
            let point = points[highest.idx];
            findings.push(Finding::new(
                self,
                Severity::Warning,
                line,
                point,
                &evidence,
            ));
        }
        findings
    }
}

struct Rise {
    idx: usize,
    before: f64,
    deviations: f64,
}

/// Rises of a series, those of neighbouring points as one.
fn rises(values: &[f64], deviations_min: f64) -> Vec<Rise> {
    let is_positive = values.iter().all(|&value| value > 0.0);
    let scaled: Vec<f64> = values
        .iter()
        .map(|&value| if is_positive { value.ln() } else { value })
        .collect();
    // Half as much again, and the double; of losses that can be negative in units of their spread.
    let unit = if is_positive {
        std::f64::consts::LN_2
    } else {
        spread(&scaled)
    };
    let mut rises: Vec<Rise> = Vec::new();
    let mut quiet_from = LEVEL_POINTS;
    for idx in LEVEL_POINTS..scaled.len() {
        // The next point joins the test before the noise is taken, which costs more.
        let (Some(level), true) = (
            median_of(&mut scaled[idx - LEVEL_POINTS..idx].to_vec()),
            idx >= quiet_from,
        ) else {
            continue;
        };
        let above = scaled[idx] - level;
        let next = scaled
            .get(idx + 1)
            .map_or(f64::NEG_INFINITY, |next| next - level);
        let (is_high, is_double) = (above.min(next) > 0.585 * unit, above > unit);
        if !is_high && !is_double {
            continue;
        }
        let noise = noise(&scaled[idx.saturating_sub(NOISE_POINTS)..idx]);
        let is_rise = is_high && above.min(next) > deviations_min * noise
            || is_double && above > 2.0 * deviations_min * noise;
        if is_rise && !stays(&scaled, idx, level) {
            rises.push(Rise {
                idx,
                before: if is_positive { level.exp() } else { level },
                deviations: above / noise.max(f64::MIN_POSITIVE),
            });
            quiet_from = idx + LEVEL_POINTS;
        }
    }
    rises
}

/// Whether half of the rise at `idx` is still there some points later: that is no spike but a new level.
fn stays(scaled: &[f64], idx: usize, level: f64) -> bool {
    let begin = (idx + LEVEL_POINTS).min(scaled.len());
    let end = (begin + 2 * LEVEL_POINTS).min(scaled.len());
    let after = median_of(&mut scaled[begin..end].to_vec());
    after.is_some_and(|after| after - level > (scaled[idx] - level) / 2.0)
}

/// Distance of the quartiles.
fn spread(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() * 3 / 4] - sorted[sorted.len() / 4]
}
