//! The share of the memory limit that a job takes.

use std::sync::Arc;

use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};

use crate::error::EngineError;

/// Memory that a job has asked for. It is given back when this goes away.
#[derive(Debug)]
pub(crate) struct Memory {
    reservation: MemoryReservation,
    limit_bytes: u64,
}

impl Memory {
    /// Nothing yet.
    pub(crate) fn new(pool: &Arc<dyn MemoryPool>, limit_bytes: u64) -> Self {
        Self {
            reservation: MemoryConsumer::new("profiles").register(pool),
            limit_bytes,
        }
    }

    /// Asks for more; `needed` says what for.
    ///
    /// # Errors
    /// If the limit does not allow it.
    pub(crate) fn reserve(
        &self,
        bytes: u64,
        needed: impl FnOnce() -> String,
    ) -> Result<(), EngineError> {
        self.reservation
            .try_grow(bytes as usize)
            .map_err(|_| EngineError::MemoryExceeded {
                limit_bytes: self.limit_bytes,
                needed: needed(),
            })
    }

    /// Asks for as much as is needed now, more or less than before.
    ///
    /// # Errors
    /// If the limit does not allow it.
    pub(crate) fn resize(
        &self,
        bytes: u64,
        needed: impl FnOnce() -> String,
    ) -> Result<(), EngineError> {
        self.reservation
            .try_resize(bytes as usize)
            .map_err(|_| EngineError::MemoryExceeded {
                limit_bytes: self.limit_bytes,
                needed: needed(),
            })
    }

    /// Takes over what another job has asked for.
    pub(crate) fn take_over(&self, other: &Self) {
        self.reservation.grow(other.reservation.free());
    }
}
