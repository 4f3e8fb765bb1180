//! Monitors of the user's own: which entries of the catalog are computed, on what, and with what limits.
//!
//! Without any, each entry is treated by its [`Standing`]. A monitor with the parameters that the entry has
//! by default takes the place of that; one with others is computed beside it.

use std::collections::BTreeMap;

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::decide::Limits;
use keepwell_core::fault::Fault;
use keepwell_core::params::{ParamError, ParamValue, Params};
use keepwell_stats::{drift, metric, quality};
use serde::Deserialize;

/// A monitor as it is written: the family with the id of the entry, and what differs from the defaults.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MonitorSpec {
    /// Id of a metric.
    pub metric: Option<String>,
    /// Id of a drift test.
    pub drift: Option<String>,
    /// Id of a quality check.
    pub quality: Option<String>,
    /// Columns that it is for; empty means every column that it applies to.
    pub columns: Vec<String>,
    /// Parameters of the entry, by name.
    pub params: BTreeMap<String, ParamSpec>,
    /// Size from which on a warning is given, in the unit of the entry's limits.
    pub warning: Option<f64>,
    /// Size from which on an alert is given.
    pub alert: Option<f64>,
}

/// Value of a parameter as it is written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ParamSpec {
    /// A whole number.
    Integer(u64),
    /// Any other number.
    Float(f64),
    /// A word.
    Text(String),
}

/// A family whose members can be monitored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Metrics of any task.
    Metric,
    /// Drift tests of columns.
    Drift,
    /// Quality checks of columns.
    Quality,
}

impl Watched {
    fn id(self) -> &'static str {
        match self {
            Self::Metric => "metric",
            Self::Drift => "drift",
            Self::Quality => "quality",
        }
    }

    fn entries(self) -> Vec<&'static dyn Entry> {
        match self {
            Self::Metric => metric::all().map(|entry| entry as &dyn Entry).collect(),
            Self::Drift => drift::ALL
                .iter()
                .map(|&entry| entry as &dyn Entry)
                .collect(),
            Self::Quality => quality::ALL
                .iter()
                .map(|&entry| entry as &dyn Entry)
                .collect(),
        }
    }
}

/// A monitor that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// None or more than one of `metric`, `drift`, `quality` is given.
    #[error("monitor {number}: expected one of `metric`, `drift`, `quality`; found {found}")]
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
    /// A metric is about the model, not about a column.
    #[error("monitor {number}: expected no columns for a metric; found {found}")]
    Columns {
        /// Position in the list, from 1.
        number: usize,
        /// How many there are.
        found: usize,
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

impl Fault for MonitorError {
    fn code(&self) -> &'static str {
        "monitor.spec.monitor"
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown {
                nearest: Some(id), ..
            } => Some(format!("did you mean `{id}`?")),
            Self::Family { .. } | Self::Unknown { .. } => {
                Some("`keepwell catalog` lists all entries with their ids".to_owned())
            }
            Self::Param { .. } => {
                Some("`keepwell catalog ID` describes the parameters of an entry".to_owned())
            }
            Self::Columns { .. } | Self::Limits { .. } => None,
        }
    }
}

/// A monitor with its names resolved.
#[derive(Debug, Clone, PartialEq)]
struct Monitor {
    family: Watched,
    id: &'static str,
    columns: Vec<String>,
    params: Params,
    warning: Option<f64>,
    alert: Option<f64>,
}

/// Every monitor of a specification.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Monitors(Vec<Monitor>);

/// One way in which an entry is computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Parameters of the entry.
    pub params: Params,
    /// Limits that a monitor sets in place of `default`.
    limits: Option<(Option<f64>, Option<f64>)>,
    /// Whether the specification names it, so that it gets a verdict of its own.
    pub is_named: bool,
}

impl Run {
    /// Limits in force, where the entry itself has `default`.
    pub fn limits(&self, default: Limits) -> Limits {
        let (warning, alert) = self.limits.unwrap_or_default();
        let warning =
            warning.unwrap_or_else(|| default.warning.min(alert.unwrap_or(f64::INFINITY)));
        Limits {
            warning,
            alert: alert.unwrap_or_else(|| default.alert.max(warning)),
        }
    }

    /// Parameters that differ from the entry's defaults, for the row.
    pub fn changed(&self, entry: &dyn Entry) -> Vec<(&'static str, String)> {
        let defaults = Params::defaults(entry.parameters());
        self.params
            .iter()
            .zip(defaults.iter())
            .filter(|(own, default)| own.1 != default.1)
            .map(|((name, value), _)| (name, value.to_string()))
            .collect()
    }
}

impl Monitors {
    /// Resolves what was written.
    ///
    /// # Errors
    /// If an entry or a parameter is not known, or limits are not in order; with its place in the list.
    pub fn resolve(specs: &[MonitorSpec]) -> Result<Self, MonitorError> {
        let resolved = specs
            .iter()
            .enumerate()
            .map(|(idx, spec)| resolve(idx + 1, spec));
        Ok(Self(resolved.collect::<Result<_, _>>()?))
    }

    /// Columns that monitors name, each with the position of its monitor from 1.
    pub fn columns(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().enumerate().flat_map(|(idx, monitor)| {
            monitor
                .columns
                .iter()
                .map(move |column| (idx + 1, column.as_str()))
        })
    }

    /// How an entry is computed for a column, or for the model where there is none.
    pub fn runs(
        &self,
        family: Watched,
        entry: &dyn Entry,
        standing: Standing,
        column: Option<&str>,
    ) -> Vec<Run> {
        let defaults = Params::defaults(entry.parameters());
        let mut runs: Vec<Run> = self
            .0
            .iter()
            .filter(|monitor| monitor.family == family && monitor.id == entry.info().id)
            .filter(|monitor| {
                monitor.columns.is_empty()
                    || column.is_some_and(|column| monitor.columns.iter().any(|own| own == column))
            })
            .map(|monitor| Run {
                params: monitor.params.clone(),
                limits: Some((monitor.warning, monitor.alert)),
                is_named: true,
            })
            .collect();
        let is_replaced = runs.iter().any(|run| run.params.iter().eq(defaults.iter()));
        if standing != Standing::OnRequest && !is_replaced {
            runs.insert(
                0,
                Run {
                    params: defaults,
                    limits: None,
                    is_named: false,
                },
            );
        }
        runs
    }
}

fn resolve(number: usize, spec: &MonitorSpec) -> Result<Monitor, MonitorError> {
    let named: Vec<(Watched, &String)> = [
        (Watched::Metric, &spec.metric),
        (Watched::Drift, &spec.drift),
        (Watched::Quality, &spec.quality),
    ]
    .into_iter()
    .filter_map(|(family, id)| Some((family, id.as_ref()?)))
    .collect();
    let [(family, id)] = named[..] else {
        return Err(MonitorError::Family {
            number,
            found: named.len(),
        });
    };
    let entries = family.entries();
    let Some(entry) = entries.iter().find(|entry| entry.info().id == id) else {
        let nearest = entries
            .iter()
            .map(|entry| entry.info().id)
            .min_by_key(|known| strsim::damerau_levenshtein(known, id))
            .filter(|known| strsim::damerau_levenshtein(known, id) <= id.len().div_ceil(2));
        return Err(MonitorError::Unknown {
            number,
            family: family.id(),
            id: id.clone(),
            nearest,
        });
    };
    if family == Watched::Metric && !spec.columns.is_empty() {
        return Err(MonitorError::Columns {
            number,
            found: spec.columns.len(),
        });
    }
    let mut params = Params::defaults(entry.parameters());
    for (name, value) in &spec.params {
        let value = match value {
            ParamSpec::Integer(number) => ParamValue::Integer(*number),
            ParamSpec::Float(number) => ParamValue::Float(*number),
            ParamSpec::Text(word) => ParamValue::Text(word.clone()),
        };
        params
            .set(name, value)
            .map_err(|source| MonitorError::Param { number, source })?;
    }
    let (warning, alert) = (
        spec.warning.unwrap_or(0.0),
        spec.alert.unwrap_or(f64::INFINITY),
    );
    if !(0.0 <= warning && warning <= alert) {
        return Err(MonitorError::Limits {
            number,
            warning,
            alert,
        });
    }
    Ok(Monitor {
        family,
        id: entry.info().id,
        columns: spec.columns.clone(),
        params,
        warning: spec.warning,
        alert: spec.alert,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Monitors, MonitorError> {
        let spec = crate::spec::parse(&format!("monitors:\n{yaml}"), "m.yaml").expect("YAML");
        Monitors::resolve(&spec.monitors)
    }

    fn entry(id: &str) -> &'static dyn Entry {
        *Watched::Drift
            .entries()
            .iter()
            .find(|entry| entry.info().id == id)
            .expect("in the catalog")
    }

    #[test]
    fn a_monitor_with_default_parameters_replaces_the_usual_run() {
        let monitors = read("- {drift: psi, columns: [price], warning: 0.2}\n").expect("valid");
        let runs = |column| monitors.runs(Watched::Drift, entry("psi"), Standing::Shown, column);
        let of_price = runs(Some("price"));
        assert_eq!(of_price.len(), 1);
        assert!(of_price[0].is_named);
        let usual = Limits {
            warning: 0.05,
            alert: 0.1,
        };
        let limits = of_price[0].limits(usual);
        assert_eq!((limits.warning, limits.alert), (0.2, 0.2));
        assert!(!runs(Some("other"))[0].is_named);
    }

    #[test]
    fn other_parameters_are_computed_beside() {
        let monitors = read("- {drift: psi, params: {n_bins: 20}}\n").expect("valid");
        let runs = monitors.runs(Watched::Drift, entry("psi"), Standing::Shown, Some("a"));
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[1].changed(entry("psi")), [("n_bins", "20".to_owned())]);
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        for (yaml, expected) in [
            ("- {drift: psi, metric: f1}\n", "monitor 1: expected one of"),
            ("- {columns: [a]}\n", "monitor 1: expected one of"),
            (
                "- {drift: ks}\n- {drift: pis}\n",
                "monitor 2: expected the id",
            ),
            (
                "- {drift: psi, params: {bins: 3}}\n",
                "monitor 1: unknown parameter `bins`",
            ),
            (
                "- {metric: f1, columns: [a]}\n",
                "monitor 1: expected no columns",
            ),
            (
                "- {drift: ks, warning: 0.3, alert: 0.2}\n",
                "monitor 1: expected limits",
            ),
        ] {
            let fault = read(yaml).expect_err(yaml);
            assert!(fault.to_string().starts_with(expected), "{fault}");
        }
        let fault = read("- {drift: pis}\n").expect_err("unknown");
        assert_eq!(fault.hint().as_deref(), Some("did you mean `psi`?"));
    }
}
