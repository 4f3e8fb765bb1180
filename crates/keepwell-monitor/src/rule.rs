//! When a difference is reported.
//!
//! A verdict needs significance and a practical size. Significance is a p-value, corrected over all
//! decisions of the run ([`Correction`]), so that the stated rate holds for the run as a whole and
//! not for each column. Size is measured on a scale with a meaning; its limits stand here.

use std::fmt;

use keepwell_core::decide::Limits;
use keepwell_core::fault::Fault;
use keepwell_core::measure::{Interval, Measure};
use keepwell_core::schema::Kind;
use keepwell_stats::metric::Direction;
use keepwell_stats::multiple::{self, Adjustment, ErrorRate};
use keepwell_stats::profile::{ColumnProfile, TwoSample};

/// The rule of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// The greatest corrected p-value that counts as significant, inclusive: the rate of error over all
    /// decisions of the run that [`Correction::controls`] names. If nothing changed at all, it bounds the
    /// chance of any report.
    pub alpha: f64,
    /// Least number of usable rows on either side for a decision.
    pub rows_min: u64,
    /// How the p-values are corrected for their number.
    pub correction: Correction,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            alpha: 0.01,
            rows_min: 30,
            correction: Correction::default(),
        }
    }
}

/// A correction of p-values for their number: a member of [`multiple::ALL`].
#[derive(Clone, Copy)]
pub struct Correction(&'static dyn Adjustment);

/// The correction of Benjamini and Hochberg.
const CORRECTION: &str = "benjamini_hochberg";

impl Correction {
    /// The correction with this id.
    ///
    /// # Errors
    /// If there is none.
    pub fn of(id: &str) -> Result<Self, CorrectionError> {
        let found = multiple::ALL.iter().find(|known| known.info().id == id);
        found.map(|known| Self(*known)).ok_or_else(|| {
            let ids = multiple::ALL.iter().map(|known| known.info().id);
            let distance = |known: &str| strsim::damerau_levenshtein(known, id);
            CorrectionError {
                found: id.to_owned(),
                nearest: ids
                    .min_by_key(|known| distance(known))
                    .filter(|known| distance(known) <= id.len().div_ceil(2)),
            }
        })
    }

    /// Its id in the catalog.
    pub fn id(self) -> &'static str {
        self.0.info().id
    }

    /// What it keeps at or below the level.
    pub fn controls(self) -> ErrorRate {
        self.0.controls()
    }

    /// The p-values adjusted, in the order of the input.
    pub(crate) fn adjust(self, p_values: &[f64]) -> Vec<f64> {
        self.0.adjust(p_values)
    }
}

impl Default for Correction {
    fn default() -> Self {
        Self::of(CORRECTION).expect("the catalog holds the correction that is the default")
    }
}

impl PartialEq for Correction {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl fmt::Debug for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Correction").field(&self.id()).finish()
    }
}

/// A correction that the catalog does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of a correction for many decisions; found `{found}`")]
pub struct CorrectionError {
    found: String,
    nearest: Option<&'static str>,
}

impl Fault for CorrectionError {
    fn code(&self) -> &'static str {
        "monitor.spec.correction"
    }

    fn hint(&self) -> Option<String> {
        Some(match self.nearest {
            Some(id) => format!("did you mean `{id}`?"),
            None => {
                let ids: Vec<&str> = multiple::ALL.iter().map(|known| known.info().id).collect();
                format!("one of {}", ids.join(", "))
            }
        })
    }
}

/// Which tests decide on the drift of a kind of column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftRule {
    /// Drift test whose p-value gives significance.
    pub significance: &'static str,
    /// Drift test whose value gives the size; its row carries the verdict.
    pub size: &'static str,
    /// Limits of the size.
    pub limits: Limits,
}

/// The tests that decide for columns of `kind`; `None` where drift is not decided on.
///
/// For numbers both are the Kolmogorov–Smirnov statistic: a share of rows, whatever the unit, and no
/// outlier moves it. For names significance is chi-squared's and size is the Jensen–Shannon distance. Texts
/// are compared by their words, embeddings by their means.
pub fn drift_rule(kind: Kind) -> Option<DriftRule> {
    let limits = Limits {
        warning: 0.05,
        alert: 0.1,
    };
    match kind {
        Kind::Numeric => Some(DriftRule {
            significance: "ks",
            size: "ks",
            limits,
        }),
        Kind::Categorical | Kind::Boolean => Some(DriftRule {
            significance: "chi_squared",
            size: "jensen_shannon",
            limits,
        }),
        // Both distances are well above zero by chance where texts or rows are few.
        Kind::Text => Some(DriftRule {
            significance: "vocabulary",
            size: "vocabulary",
            limits: Limits {
                warning: 0.2,
                alert: 0.4,
            },
        }),
        Kind::Embedding => Some(DriftRule {
            significance: "embedding_shift",
            size: "embedding_shift",
            limits: Limits {
                warning: 0.2,
                alert: 0.5,
            },
        }),
        _ => None,
    }
}

/// What is left of a distance after the part that chance alone produces at these sample sizes.
///
/// With many categories and few rows the Jensen–Shannon distance of two samples from one distribution is
/// far from zero. Its divergence has, to second order, the expectation
/// `(1 - p) (1/n + 1/m) / (8 ln 2)` per category of share `p`, and never more than `p`.
pub fn drift_size(test: &str, value: f64, sample: TwoSample<'_, ColumnProfile>) -> f64 {
    if test != "jensen_shannon" {
        return value;
    }
    let (Some(reference), Some(current)) = (
        sample.reference.category_counts(),
        sample.current.category_counts(),
    ) else {
        return value;
    };
    let total = |counts: &[(&str, u64)]| counts.iter().map(|(_, n)| n).sum::<u64>() as f64;
    let (n, m) = (total(&reference), total(&current));
    if n == 0.0 || m == 0.0 {
        return value;
    }
    let per_row = (1.0 / n + 1.0 / m) / (8.0 * std::f64::consts::LN_2);
    let chance: f64 = merge_counts(&reference, &current)
        .map(|(_, in_reference, in_current)| {
            let share = (in_reference as f64 / n + in_current as f64 / m) / 2.0;
            ((1.0 - share) * per_row).min(share)
        })
        .sum();
    (value * value - chance).max(0.0).sqrt()
}

/// Both counts of each category that occurs on either side; inputs ascending by name.
pub fn merge_counts<'a>(
    reference: &[(&'a str, u64)],
    current: &[(&'a str, u64)],
) -> impl Iterator<Item = (&'a str, u64, u64)> {
    let mut merged: std::collections::BTreeMap<&str, (u64, u64)> =
        reference.iter().map(|&(name, n)| (name, (n, 0))).collect();
    for &(name, n) in current {
        merged.entry(name).or_default().1 = n;
    }
    merged
        .into_iter()
        .filter(|(_, (in_reference, in_current))| in_reference + in_current > 0)
        .map(|(name, (in_reference, in_current))| (name, in_reference, in_current))
}

/// How much worse the current value is than the reference's, and the two-sided p-value of no difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Loss in the unit of the metric's limits: absolute for scores, relative for losses and errors; zero
    /// for an improvement.
    pub size: f64,
    /// p-value in `[0, 1]`; `None` where the values have no intervals.
    pub p_value: Option<f64>,
}

/// Compares two values of a metric by their intervals, with the method of variance estimates recovery:
/// Zou and Donner (2008), Statistics in Medicine 27(10), 1693–1702. The half-widths that face each other
/// stand for the standard errors, so skewed intervals near the ends of a range are respected.
pub fn change(reference: &Measure, current: &Measure, direction: Direction) -> Change {
    let rise = current.value - reference.value;
    let loss = match direction {
        Direction::HigherIsBetter => -rise,
        Direction::LowerIsBetter if reference.value > 0.0 => rise / reference.value,
        Direction::LowerIsBetter => rise,
        Direction::Neutral => 0.0,
    };
    let facing = |own: &Measure, interval: Interval, is_up: bool| {
        if is_up {
            interval.upper - own.value
        } else {
            own.value - interval.lower
        }
    };
    let p_value = match (reference.interval, current.interval) {
        (Some(of_reference), Some(of_current)) => {
            let spread = facing(reference, of_reference, rise > 0.0).hypot(facing(
                current,
                of_current,
                rise <= 0.0,
            ));
            Some(if spread > 0.0 {
                // Half-widths of 95 % intervals are 1.96 standard errors.
                let z = rise.abs() / spread * keepwell_stats::special::normal_quantile(0.975);
                2.0 * keepwell_stats::special::normal_sf(z)
            } else if rise == 0.0 {
                1.0
            } else {
                0.0
            })
        }
        _ => None,
    };
    Change {
        size: loss.max(0.0),
        p_value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepwell_stats::profile::{CategoricalProfile, Mode};

    #[test]
    fn a_correction_is_found_by_its_id() {
        let p_values = [0.01, 0.02, 0.5];
        let holm = Correction::of("holm").expect("in the catalog");
        assert_eq!(holm.id(), "holm");
        assert_eq!(holm.controls(), ErrorRate::Familywise);
        assert_ne!(
            holm.adjust(&p_values),
            Correction::default().adjust(&p_values)
        );
        let fault = Correction::of("holms").expect_err("unknown");
        assert_eq!(fault.hint().as_deref(), Some("did you mean `holm`?"));
    }

    #[test]
    fn a_change_is_measured_in_the_bad_direction_only() {
        let reference = Measure::new(0.8).with_interval(0.78, 0.82);
        let worse = Measure::new(0.7).with_interval(0.68, 0.72);
        let fell = change(&reference, &worse, Direction::HigherIsBetter);
        assert!((fell.size - 0.1).abs() < 1e-12);
        assert!(fell.p_value.is_some_and(|p_value| p_value < 1e-9));
        assert_eq!(
            change(&worse, &reference, Direction::HigherIsBetter).size,
            0.0
        );
        let rose = change(&worse, &reference, Direction::LowerIsBetter);
        assert!((rose.size - 0.1 / 0.7).abs() < 1e-12);
    }

    #[test]
    fn equal_values_are_no_change_even_without_spread() {
        let sure = Measure::new(1.0).with_interval(1.0, 1.0);
        assert_eq!(
            change(&sure, &sure, Direction::HigherIsBetter).p_value,
            Some(1.0)
        );
    }

    #[test]
    fn chance_is_taken_off_a_distance() {
        // 100 categories, one row each, all different: the distance is 1 whatever the truth.
        let side = |offset: usize| {
            let mut profile = CategoricalProfile::new(Mode::Exact);
            for idx in 0..100 {
                profile.push(&format!("{}", idx + offset), 1);
            }
            ColumnProfile::Categorical(profile)
        };
        let (reference, current) = (side(0), side(1000));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        assert!(drift_size("jensen_shannon", 1.0, sample) < 0.8);
        assert_eq!(drift_size("ks", 0.3, sample), 0.3);
    }
}
