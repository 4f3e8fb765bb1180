//! Monitors of the user's own: which entries of the catalog are computed, on what, and with what limits.
//!
//! Without any, each entry is treated by its [`Standing`]. A monitor with the parameters that the entry has
//! by default takes the place of that; one with others is computed beside it.

mod error;

use std::collections::BTreeMap;

use keepwell_core::catalog::{Entry, Standing};
use keepwell_core::decide::Limits;
use keepwell_core::params::{ParamValue, Params};
use keepwell_stats::anomaly::{self, Shape};
use keepwell_stats::families;
use serde::Deserialize;

pub use error::MonitorError;

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
    /// Id of a check of whole tables.
    pub table: Option<String>,
    /// Id of a multivariate test.
    pub multivariate: Option<String>,
    /// Id of a method that finds anomalies.
    pub anomaly: Option<String>,
    /// Id of a detector.
    pub detector: Option<String>,
    /// Id of a measure of fairness.
    pub fairness: Option<String>,
    /// Id of an estimator.
    pub estimate: Option<String>,
    /// What the series is of that a detector or an anomaly reads: id of a metric, or of a quality check.
    pub of: Option<String>,
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
    /// Checks of whole tables.
    Table,
    /// Multivariate tests.
    Multivariate,
    /// Anomalies of rows, or of a series.
    Anomaly,
    /// Detectors on a series.
    Detector,
    /// Measures of fairness.
    Fairness,
    /// Estimators of performance, on profiles or on rows.
    Estimate,
}

impl Watched {
    /// All of them, in the order in which messages name them.
    pub const ALL: [Self; 9] = [
        Self::Metric,
        Self::Drift,
        Self::Quality,
        Self::Table,
        Self::Multivariate,
        Self::Anomaly,
        Self::Detector,
        Self::Fairness,
        Self::Estimate,
    ];

    /// Its key in a monitor, which is also the folder of its entries in the catalog.
    pub fn id(self) -> &'static str {
        match self {
            Self::Metric => "metric",
            Self::Drift => "drift",
            Self::Quality => "quality",
            Self::Table => "table",
            Self::Multivariate => "multivariate",
            Self::Anomaly => "anomaly",
            Self::Detector => "detector",
            Self::Fairness => "fairness",
            Self::Estimate => "estimate",
        }
    }

    fn entries(self) -> Vec<&'static dyn Entry> {
        families()
            .into_iter()
            .filter(|family| family.folder.split('/').next() == Some(self.id()))
            .flat_map(|family| family.members)
            .map(|member| member.entry)
            .collect()
    }

    /// What a monitor names of this family.
    fn named(self, spec: &MonitorSpec) -> Option<&String> {
        match self {
            Self::Metric => &spec.metric,
            Self::Drift => &spec.drift,
            Self::Quality => &spec.quality,
            Self::Table => &spec.table,
            Self::Multivariate => &spec.multivariate,
            Self::Anomaly => &spec.anomaly,
            Self::Detector => &spec.detector,
            Self::Fairness => &spec.fairness,
            Self::Estimate => &spec.estimate,
        }
        .as_ref()
    }

    /// Whether its members are about one column each.
    fn is_of_columns(self) -> bool {
        matches!(self, Self::Drift | Self::Quality | Self::Fairness)
    }

    /// Whether a member reads a series of values of windows.
    fn is_series(self, id: &str) -> bool {
        match self {
            Self::Detector => true,
            Self::Anomaly => anomaly::ALL
                .iter()
                .any(|own| own.info().id == id && matches!(own.shape(), Shape::Series(_))),
            _ => false,
        }
    }
}

/// What a series is of: the value of each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesOf {
    /// [`Watched::Metric`], or [`Watched::Quality`] of a column.
    pub family: Watched,
    /// Id of the entry.
    pub id: &'static str,
}

/// A monitor with its names resolved.
#[derive(Debug, Clone, PartialEq)]
struct Monitor {
    family: Watched,
    id: &'static str,
    of: Option<SeriesOf>,
    columns: Vec<String>,
    params: Params,
    warning: Option<f64>,
    alert: Option<f64>,
}

impl Monitor {
    fn is_for(&self, column: Option<&str>) -> bool {
        self.columns.is_empty()
            || column.is_some_and(|column| self.columns.iter().any(|own| own == column))
    }

    fn run(&self) -> Run {
        Run {
            params: self.params.clone(),
            limits: Some((self.warning, self.alert)),
            is_named: true,
        }
    }
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
            .filter(|monitor| monitor.is_for(column))
            .map(Monitor::run)
            .collect();
        // What a series is of must be computed.
        let standing = match standing {
            Standing::OnRequest if self.reads(family, entry) => Standing::Shown,
            standing => standing,
        };
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

    /// Whether a monitor reads the values of this entry as a series.
    pub(crate) fn reads(&self, family: Watched, entry: &dyn Entry) -> bool {
        let id = entry.info().id;
        let of = Some(SeriesOf { family, id });
        self.0.iter().any(|monitor| monitor.of == of)
    }

    /// The monitors that read the series of this entry's values, of a column or of the model: family and id of
    /// each method with its run.
    pub fn of_series(
        &self,
        of: SeriesOf,
        column: Option<&str>,
    ) -> impl Iterator<Item = (Watched, &'static str, Run)> {
        self.0
            .iter()
            .filter(move |monitor| monitor.of == Some(of) && monitor.is_for(column))
            .map(|monitor| (monitor.family, monitor.id, monitor.run()))
    }
}

fn resolve(number: usize, spec: &MonitorSpec) -> Result<Monitor, MonitorError> {
    let named: Vec<(Watched, &String)> = Watched::ALL
        .into_iter()
        .filter_map(|family| Some((family, family.named(spec)?)))
        .collect();
    let [(family, id)] = named[..] else {
        return Err(MonitorError::Family {
            number,
            found: named.len(),
        });
    };
    let entries = family.entries();
    let entry = find(&entries, id).map_err(|nearest| MonitorError::Unknown {
        number,
        family: family.id(),
        id: id.clone(),
        nearest,
    })?;
    let id = entry.info().id;
    let of = series_of(number, spec, family, id)?;
    let subject = of.map_or(SeriesOf { family, id }, |of| of);
    if !subject.family.is_of_columns() && !spec.columns.is_empty() {
        return Err(MonitorError::Columns {
            number,
            id: subject.id,
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
        id,
        of,
        columns: spec.columns.clone(),
        params,
        warning: spec.warning,
        alert: spec.alert,
    })
}

/// The entry with this id, or the id that was probably meant.
fn find(
    entries: &[&'static dyn Entry],
    id: &str,
) -> Result<&'static dyn Entry, Option<&'static str>> {
    let distance = |known: &str| strsim::damerau_levenshtein(known, id);
    let ids = entries.iter().map(|entry| entry.info().id);
    let found = entries.iter().find(|entry| entry.info().id == id).copied();
    found.ok_or_else(|| {
        ids.min_by_key(|known| distance(known))
            .filter(|known| distance(known) <= id.len().div_ceil(2))
    })
}

/// What the series is of that the entry `id` reads; `None` where it reads none.
fn series_of(
    number: usize,
    spec: &MonitorSpec,
    family: Watched,
    id: &'static str,
) -> Result<Option<SeriesOf>, MonitorError> {
    let is_series = family.is_series(id);
    let of = match &spec.of {
        Some(of) if is_series => of,
        None if !is_series => return Ok(None),
        _ => {
            return Err(MonitorError::Of {
                number,
                id,
                is_series,
            });
        }
    };
    let subjects = [Watched::Metric, Watched::Quality];
    let known = subjects.map(|family| (family, family.entries()));
    let found = known.iter().find_map(|(family, entries)| {
        let id = find(entries, of).ok()?.info().id;
        Some(SeriesOf {
            family: *family,
            id,
        })
    });
    found.map(Some).ok_or_else(|| {
        let entries: Vec<_> = known.into_iter().flat_map(|(_, entries)| entries).collect();
        MonitorError::UnknownOf {
            number,
            id: of.clone(),
            nearest: find(&entries, of).err().flatten(),
        }
    })
}

#[cfg(test)]
mod tests {
    use keepwell_core::fault::Fault;

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
            (
                "- {table: duplicate_rows, columns: [a]}\n",
                "monitor 1: expected no columns for `duplicate_rows`",
            ),
            ("- {detector: adwin}\n", "monitor 1: expected `of`"),
            ("- {anomaly: robust_z}\n", "monitor 1: expected `of`"),
            (
                "- {anomaly: ecod, of: accuracy}\n",
                "monitor 1: expected no `of`",
            ),
            (
                "- {detector: adwin, of: psi}\n",
                "monitor 1: expected the id of a metric or of a quality check",
            ),
            (
                "- {detector: adwin, of: accuracy, columns: [a]}\n",
                "monitor 1: expected no columns for `accuracy`",
            ),
        ] {
            let fault = read(yaml).expect_err(yaml);
            assert!(fault.to_string().starts_with(expected), "{fault}");
        }
        let fault = read("- {drift: pis}\n").expect_err("unknown");
        assert_eq!(fault.hint().as_deref(), Some("did you mean `psi`?"));
    }
    #[test]
    fn every_family_can_be_named() {
        for (yaml, family, id) in [
            ("{metric: f1}", Watched::Metric, "f1"),
            ("{drift: psi}", Watched::Drift, "psi"),
            ("{quality: missing}", Watched::Quality, "missing"),
            ("{table: target_leakage}", Watched::Table, "target_leakage"),
            (
                "{multivariate: mmd_multivariate}",
                Watched::Multivariate,
                "mmd_multivariate",
            ),
            ("{anomaly: ecod}", Watched::Anomaly, "ecod"),
            ("{anomaly: robust_z, of: f1}", Watched::Anomaly, "robust_z"),
            ("{detector: adwin, of: f1}", Watched::Detector, "adwin"),
            (
                "{fairness: disparate_impact}",
                Watched::Fairness,
                "disparate_impact",
            ),
            ("{estimate: cbpe}", Watched::Estimate, "cbpe"),
            ("{estimate: dle}", Watched::Estimate, "dle"),
        ] {
            let monitors = read(&format!("- {yaml}\n")).expect(yaml);
            let entries = family.entries();
            let entry = find(&entries, id).expect("in the catalog");
            let runs = monitors.runs(family, entry, Standing::OnRequest, None);
            assert_eq!(runs.len(), 1, "{yaml}");
            assert!(runs[0].is_named);
        }
    }

    #[test]
    fn methods_on_series_say_of_what() {
        let monitors = read(
            "- {detector: adwin, of: accuracy}\n- {anomaly: robust_z, of: missing, columns: [a]}\n",
        )
        .expect("valid");
        let of = |family, id, column| -> Vec<&str> {
            let found = monitors.of_series(SeriesOf { family, id }, column);
            found.map(|(_, id, _)| id).collect()
        };
        assert_eq!(of(Watched::Metric, "accuracy", None), ["adwin"]);
        assert_eq!(of(Watched::Metric, "f1", None), [""; 0]);
        assert_eq!(of(Watched::Quality, "missing", Some("a")), ["robust_z"]);
        assert_eq!(of(Watched::Quality, "missing", Some("b")), [""; 0]);
        let fault = read("- {detector: adwin, of: acuracy}\n").expect_err("unknown");
        assert_eq!(fault.hint().as_deref(), Some("did you mean `accuracy`?"));
    }
}
