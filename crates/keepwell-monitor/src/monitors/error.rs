//! Monitors that cannot be.

use keepwell_core::fault::Fault;
use keepwell_core::params::ParamError;

use super::Watched;

/// A monitor that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// None or more than one family is given.
    #[error("monitor {number}: expected one of {}; found {found}", families())]
    Family {
        /// Position in the list, from 1.
        number: usize,
        /// How many there are.
        found: usize,
    },
    /// No entry of the family has this id.
    #[error("monitor {number}: expected the id of a member of the family {family}; found `{id}`")]
    Unknown {
        /// Position in the list, from 1.
        number: usize,
        /// Id of the family.
        family: &'static str,
        /// What was given.
        id: String,
        /// The id that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A parameter that the entry does not have, or a value that it does not accept.
    #[error("monitor {number}: {source}")]
    Param {
        /// Position in the list, from 1.
        number: usize,
        /// Why not.
        source: ParamError,
    },
    /// What is watched is not about a column.
    #[error("monitor {number}: expected no columns for `{id}`; found {found}")]
    Columns {
        /// Position in the list, from 1.
        number: usize,
        /// Id of what is watched.
        id: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A method on series that does not say of what, or another that does.
    #[error("monitor {number}: {}", of_problem(.id, .is_series))]
    Of {
        /// Position in the list, from 1.
        number: usize,
        /// Id of the entry.
        id: &'static str,
        /// Whether the entry reads a series.
        is_series: bool,
    },
    /// No metric and no quality check has this id.
    #[error(
        "monitor {number}: expected the id of a metric or of a quality check for `of`; found `{id}`"
    )]
    UnknownOf {
        /// Position in the list, from 1.
        number: usize,
        /// What was given.
        id: String,
        /// The id that was probably meant.
        nearest: Option<&'static str>,
    },
    /// Limits that are not in order.
    #[error(
        "monitor {number}: expected limits with 0 <= warning <= alert; found {warning} and {alert}"
    )]
    Limits {
        /// Position in the list, from 1.
        number: usize,
        /// Lower limit.
        warning: f64,
        /// Upper limit.
        alert: f64,
    },
}

fn families() -> String {
    let keys = Watched::ALL.map(|family| format!("`{}`", family.id()));
    keys.join(", ")
}

fn of_problem(id: &str, is_series: &bool) -> String {
    if *is_series {
        format!("expected `of`, since `{id}` reads a series; found none")
    } else {
        format!("expected no `of`, since `{id}` does not read a series")
    }
}

impl Fault for MonitorError {
    fn code(&self) -> &'static str {
        "monitor.spec.monitor"
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown {
                nearest: Some(id), ..
            }
            | Self::UnknownOf {
                nearest: Some(id), ..
            } => Some(format!("did you mean `{id}`?")),
            Self::Family { .. } | Self::Unknown { .. } | Self::UnknownOf { .. } => {
                Some("`keepwell catalog` lists all entries with their ids".to_owned())
            }
            Self::Param { .. } => {
                Some("`keepwell catalog ID` describes the parameters of an entry".to_owned())
            }
            Self::Of {
                is_series: true, ..
            } => Some(
                "name a metric, `of: accuracy`, or a quality check of columns, `of: missing`"
                    .to_owned(),
            ),
            Self::Of { .. } | Self::Columns { .. } | Self::Limits { .. } => None,
        }
    }
}
