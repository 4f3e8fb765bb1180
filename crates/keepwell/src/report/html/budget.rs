//! How large the page may become.

use serde::Serialize;

/// Room for what can be left out, in bytes.
#[derive(Debug)]
pub(super) struct Budget {
    all: usize,
    left: usize,
}

/// What part of all room must remain for what comes later and is wanted too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reserve(f64);

impl Reserve {
    /// When groups and estimates are taken.
    pub(super) const GROUPS: Self = Self(0.75);
    /// When readings of segments and classes are taken.
    pub(super) const METRICS: Self = Self(0.55);
    /// When confusion matrices are taken.
    pub(super) const CONFUSION: Self = Self(0.5);
    /// When curves of further windows are taken.
    pub(super) const CURVES: Self = Self(0.35);
    /// When the deciding statistic of each column is taken.
    pub(super) const COLUMNS: Self = Self(0.2);
    /// When everything else of the columns is taken.
    pub(super) const REST: Self = Self(0.0);
}

impl Budget {
    /// All room.
    pub(super) fn new(all: usize) -> Self {
        Self { all, left: all }
    }

    /// The room that is left, of which reserves are parts from now on.
    pub(super) fn rest(self) -> Self {
        Self::new(self.left)
    }

    /// Takes room for `part` if as much remains as is reserved.
    pub(super) fn takes(&mut self, part: &impl Serialize, reserve: Reserve) -> bool {
        // The cast saturates.
        let reserved = (self.all as f64 * reserve.0) as usize;
        let n_bytes = length(part);
        let is_room = n_bytes <= self.left.saturating_sub(reserved);
        if is_room {
            self.left -= n_bytes;
        }
        is_room
    }

    /// Takes room for what cannot be left out, even if there is none.
    pub(super) fn charge(&mut self, part: &impl Serialize) {
        self.left = self.left.saturating_sub(length(part));
    }
}

/// Length as JSON, with a separator.
fn length(part: &impl Serialize) -> usize {
    // Numbers, strings and lists always serialise.
    serde_json::to_string(part).map_or(usize::MAX, |text| text.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_stays() {
        let mut budget = Budget::new(100);
        assert!(!budget.takes(&"x".repeat(60), Reserve(0.5)));
        assert!(budget.takes(&"x".repeat(40), Reserve(0.5)));
        assert!(budget.takes(&"x".repeat(50), Reserve::REST));
        assert!(!budget.takes(&"x".repeat(10), Reserve::REST));
        budget.charge(&"x".repeat(1000));
        assert!(!budget.takes(&0, Reserve::REST));
    }
}
