//! The level at which a run decides: as typed, or what an alarm budget allows.

use keepwell_core::time::{Every, Timestamp};
use keepwell_monitor::note::Note;
use keepwell_monitor::rule::Rule;

use super::input::{Input, fixed};
use crate::cli::CheckArgs;
use crate::failure::Failure;

/// Greatest level that a budget leads to: beyond, too many of the reports would be false.
const ALPHA_MAX: f64 = 0.1;

/// The level of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// See [`Rule::alpha`].
    pub alpha: f64,
    /// How it came about, where an alarm budget was written.
    pub note: Option<Note>,
}

impl Level {
    /// What was typed, else what the alarm budget allows for current events of this range, else the default.
    ///
    /// # Errors
    /// If the budget is not a positive number of false alarms in a fixed stretch of time.
    pub fn of(
        args: &CheckArgs,
        input: &Input,
        range: Option<(Timestamp, Timestamp)>,
    ) -> Result<Self, Failure> {
        let typed = args.alpha.unwrap_or(Rule::default().alpha);
        let plain = |note| Self { alpha: typed, note };
        let budget = &input.spec.alarm_budget;
        let (false_alarms, per) = match (budget.false_alarms, &budget.per) {
            (None, None) => return Ok(plain(None)),
            (Some(false_alarms), Some(per)) if false_alarms > 0.0 && false_alarms.is_finite() => {
                (false_alarms, fixed(per, "alarm_budget.per")?)
            }
            _ => {
                return Err(Failure::usage(
                    "keepwell.spec.alarm_budget",
                    "alarm_budget: expected a number of `false_alarms` above 0 and the stretch of time `per` which",
                    Some("for example `alarm_budget: {false_alarms: 1, per: 30d}`"),
                ));
            }
        };
        if args.alpha.is_some() {
            return Ok(plain(None));
        }
        let Some((first, last)) = range else {
            return Ok(plain(Some(Note::AlarmBudgetWithoutTime)));
        };
        // Whole windows are judged, also where events do not fill them.
        let width = match input.every {
            Some(Every::Fixed(width)) => width,
            _ => 1,
        };
        let length = last.0.saturating_sub(first.0).max(width);
        Ok(Self::allowed(false_alarms * length as f64 / per as f64))
    }

    /// The level at which `allowed` false alarms are expected if nothing changed.
    ///
    /// Among `n` independent p-values of no change, the correction of Benjamini and Hochberg at a level `a` lets
    /// `a / (1 - a)²` pass on average, for large `n` (Finner and Roters 2002, Annals of Statistics 30(1),
    /// 220–238), and for small `n` less; the other corrections let no more pass.
    fn allowed(allowed: f64) -> Self {
        let alpha = 2.0 * allowed / (2.0 * allowed + 1.0 + (4.0 * allowed + 1.0).sqrt());
        let alpha = alpha.min(ALPHA_MAX);
        Self {
            alpha,
            note: Some(Note::AlarmBudget {
                alpha,
                expected: alpha / (1.0 - alpha).powi(2),
                allowed,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_and_no_more() {
        for allowed in [1e-9, 0.001, 1.0 / 30.0, 0.12] {
            let Some(Note::AlarmBudget { expected, .. }) = Level::allowed(allowed).note else {
                panic!("a note");
            };
            assert!((expected / allowed - 1.0).abs() < 1e-12, "{allowed}");
        }
        assert_eq!(Level::allowed(12.0).alpha, ALPHA_MAX);
    }

    #[test]
    fn so_many_pass_where_nothing_changed() {
        // 20,000 runs of 200 decisions, from a generator with a fixed seed.
        let mut state = 1_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let level = Level::allowed(0.1);
        let mut n_passed = 0;
        for _ in 0..20_000 {
            let p_values: Vec<f64> = (0..200).map(|_| uniform()).collect();
            let adjusted = keepwell_stats::multiple::benjamini_hochberg(&p_values);
            n_passed += adjusted.iter().filter(|&&p| p <= level.alpha).count();
        }
        let mean = n_passed as f64 / 20_000.0;
        assert!((0.08..0.11).contains(&mean), "{mean}");
    }
}
