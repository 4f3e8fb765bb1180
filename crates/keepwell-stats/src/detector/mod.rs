//! Detectors: read a series point by point and signal a change.

mod adwin;
mod cusum;
mod ddm;
mod direction;
mod eddm;
mod ewma;
mod hddm_a;
mod hddm_w;
mod kswin;
mod page_hinkley;
mod spread;
mod state;

use keepwell_core::catalog::Entry;
use keepwell_core::params::Params;

use crate::profile::DecodeError;

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

    /// Reads back what [`DetectorState::save`] wrote. The parameters must be those of the saved state:
    /// they are not part of it.
    ///
    /// # Errors
    /// If the bytes are not such a state.
    fn load(&self, params: &Params, bytes: &[u8]) -> Result<Box<dyn DetectorState>, DecodeError>;
}

/// State of a detector on one series.
pub trait DetectorState {
    /// Takes the next point. A point that is not finite is skipped. After a [`Signal::Change`] the
    /// detector begins afresh with the next point.
    fn update(&mut self, value: f64) -> Signal;

    /// Forgets all points, as if fresh.
    fn reset(&mut self);

    /// The state as bytes, for [`Detector::load`]; of bounded size, whatever the length of the series.
    fn save(&self) -> Vec<u8>;
}

/// Every detector, in alphabetical order.
pub static ALL: &[&dyn Detector] = &[
    &adwin::Adwin,
    &cusum::Cusum,
    &ddm::Ddm,
    &eddm::Eddm,
    &ewma::Ewma,
    &hddm_a::HddmA,
    &hddm_w::HddmW,
    &kswin::Kswin,
    &page_hinkley::PageHinkley,
];
