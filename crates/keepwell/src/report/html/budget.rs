//! How large the page may become.

use serde::Serialize;

/// Bytes for what can be left out. Together with the code of the page, its texts and what always stays, this
/// keeps the file below 300,000 bytes.
const BYTES: usize = 150_000;

/// Room that is left.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// Of all room, what must be left when readings of segments and classes have been taken.
    pub(super) const FOR_METRICS: usize = BYTES / 2;
    /// What must be left when confusion matrices have been taken.
    pub(super) const FOR_CONFUSION: usize = BYTES / 2 - BYTES / 20;
    /// What must be left when the deciding statistic of each column has been taken.
    pub(super) const FOR_COLUMNS: usize = BYTES / 5;
    /// What must be left when everything else of the columns has been taken.
    pub(super) const FOR_REST: usize = 0;

    /// All room.
    pub(super) fn new() -> Self {
        Self { left: BYTES }
    }

    /// Takes room for `part` if at least `reserve` bytes remain for what is more important.
    pub(super) fn takes(&mut self, part: &impl Serialize, reserve: usize) -> bool {
        // Numbers, strings and lists always serialise.
        let n_bytes = serde_json::to_string(part).map_or(usize::MAX, |text| text.len() + 1);
        let is_room = n_bytes <= self.left.saturating_sub(reserve);
        if is_room {
            self.left -= n_bytes;
        }
        is_room
    }
}
