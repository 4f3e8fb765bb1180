//! What every member of a family says about itself.
//!
//! A family (metrics, drift tests, quality checks, detectors, estimators …) is a static list of
//! entries. An entry is one file: its doc comment, kept as data by [`entry!`](crate::entry), is the one
//! text from which rustdoc, the reference page, `keepwell catalog` and the API read.

use crate::params::Parameter;

/// Identity and documentation of an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntryInfo {
    /// Stable short name of the field (`ks`, `psi`, `f1`); never reused.
    pub id: &'static str,
    /// First version of Keepwell that had it.
    pub since: &'static str,
    /// The doc comment, one string per line, each with the leading space that `///` leaves.
    pub doc: &'static [&'static str],
}

/// How a run treats an entry that its specification does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Computed, and given a verdict.
    Decided,
    /// Computed and shown, without a verdict of its own.
    Shown,
    /// Computed only where the specification names it.
    OnRequest,
}

/// A member of a family.
pub trait Entry: Sync {
    /// Identity and documentation, made by [`entry!`](crate::entry).
    fn info(&self) -> &'static EntryInfo;

    /// Declared parameters; empty for most.
    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }
}

/// Declares the type of an entry and keeps its doc comment as data.
///
/// ```text
/// entry! {
///     /// Largest gap between the two empirical distribution functions.
///     pub struct KolmogorovSmirnov = "ks" since "0.1";
/// }
/// ```
/// Parameters follow as `with [Parameter { … }, …]` before the semicolon.
#[macro_export]
macro_rules! entry {
    ($(#[doc = $doc:literal])* $vis:vis struct $name:ident = $id:literal since $since:literal;) => {
        $crate::entry! { $(#[doc = $doc])* $vis struct $name = $id since $since with []; }
    };
    ($(#[doc = $doc:literal])* $vis:vis struct $name:ident = $id:literal since $since:literal
     with [$($parameter:expr),* $(,)?];) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy)]
        $vis struct $name;

        impl $crate::catalog::Entry for $name {
            fn info(&self) -> &'static $crate::catalog::EntryInfo {
                static INFO: $crate::catalog::EntryInfo = $crate::catalog::EntryInfo {
                    id: $id,
                    since: $since,
                    doc: &[$($doc),*],
                };
                &INFO
            }

            fn parameters(&self) -> &'static [$crate::params::Parameter] {
                static PARAMETERS: &[$crate::params::Parameter] = &[$($parameter),*];
                PARAMETERS
            }
        }
    };
}

impl EntryInfo {
    /// First sentence of the doc comment.
    pub fn summary(&self) -> String {
        self.doc
            .iter()
            .map(|line| line.trim())
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Text under the heading `# <title>`, or `None` where the entry has no such heading.
    pub fn section(&self, title: &str) -> Option<String> {
        let mut lines = self
            .doc
            .iter()
            .map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.find(|line| {
            line.strip_prefix("# ")
                .is_some_and(|found| found.trim() == title)
        })?;
        let mut in_fence = false;
        let body: Vec<&str> = lines
            .take_while(|line| {
                if line.starts_with("```") {
                    in_fence = !in_fence;
                }
                in_fence || !line.starts_with("# ")
            })
            .collect();
        Some(body.join("\n").trim().to_owned())
    }

    /// The reference computation: the body of the fence that is marked `python oracle`.
    pub fn oracle(&self) -> Option<String> {
        let mut lines = self
            .doc
            .iter()
            .map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.find(|line| line.trim() == "```python oracle")?;
        Some(
            lines
                .take_while(|line| line.trim() != "```")
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    entry! {
        /// Counts the rows
        /// of a window.
        ///
        /// # Result
        /// `value` in `[0, inf)`.
        /// # Reference
        /// None.
        /// ```python oracle
        /// # a comment, not a heading
        /// len(rows)
        /// ```
        struct Rows = "rows" since "0.1";
    }

    #[test]
    fn doc_comment_is_data() {
        let info = Rows.info();
        assert_eq!(info.id, "rows");
        assert_eq!(info.summary(), "Counts the rows of a window.");
        assert_eq!(
            info.section("Result").as_deref(),
            Some("`value` in `[0, inf)`.")
        );
        assert_eq!(info.section("Cost"), None);
        assert_eq!(
            info.oracle().as_deref(),
            Some("# a comment, not a heading\nlen(rows)")
        );
        assert!(info.section("Reference").expect("present").ends_with("```"));
    }
}
