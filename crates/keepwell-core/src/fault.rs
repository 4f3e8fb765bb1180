//! What every error of Keepwell offers beside its message.

/// A stable code and, where the user can act, a hint.
///
/// The message (from `Display`) says what was expected and what was found; the hint says what to do.
pub trait Fault: std::error::Error {
    /// Stable identifier `<crate>.<noun>.<problem>`, for example `engine.csv.ragged_row`.
    fn code(&self) -> &'static str;

    /// What would be right, in one sentence, or `None` where nothing sensible can be advised.
    fn hint(&self) -> Option<String> {
        None
    }
}
