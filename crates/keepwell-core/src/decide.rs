//! The one function that turns evidence into a verdict.

use std::fmt;

use crate::outcome::{Outcome, Reason};

/// The decision on a piece of evidence.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing that both is significant and matters.
    Ok,
    /// Significant and of a size that deserves a look.
    Warning,
    /// Significant and of a size that deserves action.
    Alert,
    /// No decision is possible.
    Undefined(Reason),
}

impl Verdict {
    /// Stable identifier.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Alert => "alert",
            Self::Undefined(_) => "undefined",
        }
    }

    /// Order by urgency: `ok` 0, `undefined` 1, `warning` 2, `alert` 3.
    pub fn urgency(&self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Undefined(_) => 1,
            Self::Warning => 2,
            Self::Alert => 3,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Size of the effect in the unit of the limits, zero or more, larger is worse. An improvement is zero.
    pub size: f64,
    /// p-value after the correction for all decisions of the run; `None` if the fact is certain
    /// (a type that changed needs no test).
    pub p_value: Option<f64>,
}

/// From which size on an effect matters. A limit is reached when `size >= limit`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// From here on a warning.
    pub warning: f64,
    /// From here on an alert; not below `warning`.
    pub alert: f64,
}

/// The rule: an effect is reported when it is both significant (`p_value <= alpha`) and large enough
/// to matter (`size` reaches a limit). Neither alone is enough: with many rows everything is
/// significant, with few rows chance alone makes large effects.
pub fn decide(evidence: &Outcome<Evidence>, limits: Limits, alpha: f64) -> Verdict {
    let evidence = match evidence {
        Outcome::Defined(evidence) => evidence,
        Outcome::Undefined(reason) => return Verdict::Undefined(reason.clone()),
    };
    let is_significant = evidence.p_value.is_none_or(|p_value| p_value <= alpha);
    if !is_significant || evidence.size < limits.warning {
        Verdict::Ok
    } else if evidence.size < limits.alert {
        Verdict::Warning
    } else {
        Verdict::Alert
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        warning: 0.05,
        alert: 0.1,
    };

    fn verdict(size: f64, p_value: Option<f64>) -> Verdict {
        decide(&Outcome::Defined(Evidence { size, p_value }), LIMITS, 0.01)
    }

    #[test]
    fn size_and_significance_are_both_needed() {
        assert_eq!(verdict(0.5, Some(0.5)), Verdict::Ok);
        assert_eq!(verdict(0.01, Some(1e-9)), Verdict::Ok);
        assert_eq!(verdict(0.06, Some(1e-9)), Verdict::Warning);
        assert_eq!(verdict(0.2, Some(1e-9)), Verdict::Alert);
    }

    #[test]
    fn limits_and_alpha_are_inclusive() {
        assert_eq!(verdict(0.05, Some(0.01)), Verdict::Warning);
        assert_eq!(verdict(0.1, None), Verdict::Alert);
    }

    #[test]
    fn undefined_is_never_ok() {
        let undefined = decide(&Outcome::Undefined(Reason::AllNull), LIMITS, 0.01);
        assert_eq!(undefined, Verdict::Undefined(Reason::AllNull));
        assert!(undefined.urgency() > Verdict::Ok.urgency());
    }
}
