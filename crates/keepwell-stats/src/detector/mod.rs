//! Detectors: read a series point by point and signal a change.

use keepwell_core::catalog::Entry;
use keepwell_core::params::Params;

/// What a detector says after a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Nothing.
    Quiet,
    /// A change may have begun.
    Warning,
    /// A change is there.
    Change,
}

/// A method of change detection.
pub trait Detector: Entry {
    /// A fresh state.
    fn start(&self, params: &Params) -> Box<dyn DetectorState>;

    /// Reads back what [`DetectorState::save`] wrote.
    ///
    /// # Errors
    /// If the bytes are not such a state.
    fn load(
        &self,
        params: &Params,
        bytes: &[u8],
    ) -> Result<Box<dyn DetectorState>, crate::profile::DecodeError>;
}

/// State of a detector on one series.
pub trait DetectorState {
    /// Takes the next point, which must be finite.
    fn update(&mut self, value: f64) -> Signal;

    /// The state as bytes, for [`Detector::load`].
    fn save(&self) -> Vec<u8>;
}

/// Every detector, in alphabetical order.
pub static ALL: &[&dyn Detector] = &[];
