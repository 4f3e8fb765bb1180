//! Which way a level moved, and which ways are to be signalled.

use keepwell_core::params::Params;

use super::Signal;

/// Which way the level of a series moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

/// The ways that the parameter `mode` names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched {
    pub(super) up: bool,
    pub(super) down: bool,
}

impl Watched {
    pub(super) fn new(params: &Params) -> Self {
        let mode = params.choice("mode");
        Self {
            up: mode != "down",
            down: mode != "up",
        }
    }

    /// What to say about a change; one that is not watched is not spoken of.
    pub(super) fn signal(self, change: Option<Direction>) -> Signal {
        let is_watched = match change {
            None => false,
            Some(Direction::Up) => self.up,
            Some(Direction::Down) => self.down,
        };
        if is_watched {
            Signal::Change
        } else {
            Signal::Quiet
        }
    }
}
