//! Hyperparameters of a run, and what a study says about those of all its runs.

use std::collections::BTreeMap;

use prost::Message;

use super::proto::hparams as proto;
use super::run::Run;

/// Tag whose metadata declare the hyperparameters and metrics of all runs below; in the root run.
pub(crate) const STUDY_TAG: &str = "_hparams_/experiment";
/// Tag whose metadata hold the hyperparameters of a run.
pub(crate) const START_TAG: &str = "_hparams_/session_start_info";
/// Tag whose metadata say how a run ended.
pub(crate) const END_TAG: &str = "_hparams_/session_end_info";

/// Hyperparameters and status of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hparams {
    /// By name.
    pub values: BTreeMap<String, HparamValue>,
    /// Runs of one group are repetitions with the same hyperparameters; empty where none was written.
    pub group: String,
    /// Seconds since 1970 at the start.
    pub started: Option<f64>,
    /// Seconds since 1970 at the end.
    pub ended: Option<f64>,
    /// How it stands.
    pub status: RunStatus,
}

/// A hyperparameter.
#[derive(Debug, Clone, PartialEq)]
pub enum HparamValue {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Yes or no.
    Boolean(bool),
}

/// How a run stands, as it says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunStatus {
    /// It does not say.
    #[default]
    Unknown,
    /// It ended as it should.
    Success,
    /// It failed.
    Failure,
    /// It goes on.
    Running,
}

/// What a study says about the hyperparameters and metrics of all its runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Declared {
    /// The hyperparameters.
    pub hparams: Vec<DeclaredHparam>,
    /// The metrics.
    pub metrics: Vec<DeclaredMetric>,
}

/// A hyperparameter of a study.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeclaredHparam {
    /// Its name.
    pub name: String,
    /// A name for people; empty where it is the same.
    pub display_name: String,
    /// What it means; may be empty.
    pub description: String,
    /// Which values it can have.
    pub domain: HparamDomain,
}

/// Values of a hyperparameter.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum HparamDomain {
    /// Any.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<HparamValue>),
    /// Numbers between two, inclusive.
    Between {
        /// Least.
        min: f64,
        /// Greatest.
        max: f64,
    },
}

/// A metric of a study.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeclaredMetric {
    /// Tag of the scalar.
    pub tag: String,
    /// Folder inside the run that has the scalar, such as `validation`; empty for the run itself.
    pub group: String,
    /// A name for people; empty where it is the tag.
    pub display_name: String,
    /// What it means; may be empty.
    pub description: String,
}

impl Hparams {
    /// The hyperparameters of a run, if it wrote some that can be read.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let proto::Data::Start(start) = data(run, START_TAG)? else {
            return None;
        };
        let values = start
            .hparams
            .into_iter()
            .filter_map(|(name, value)| Some((name, read(value)?)));
        let mut hparams = Self {
            values: values.collect(),
            group: start.group_name,
            started: Some(start.start_time_secs).filter(|time| *time > 0.0),
            ended: None,
            status: RunStatus::Unknown,
        };
        if let Some(proto::Data::End(end)) = data(run, END_TAG) {
            hparams.ended = Some(end.end_time_secs).filter(|time| *time > 0.0);
            hparams.status = match end.status {
                1 => RunStatus::Success,
                2 => RunStatus::Failure,
                3 => RunStatus::Running,
                _ => RunStatus::Unknown,
            };
        }
        Some(hparams)
    }
}

impl Declared {
    /// What a run, usually the root, declares for the study; `None` where it does not.
    pub fn of(run: &Run) -> Option<Self> {
        let proto::Data::Study(study) = data(run, STUDY_TAG)? else {
            return None;
        };
        let hparams = study.hparam_infos.into_iter().map(|info| DeclaredHparam {
            name: info.name,
            display_name: info.display_name,
            description: info.description,
            domain: match info.domain {
                None => HparamDomain::Any,
                Some(proto::Domain::Interval(interval)) => HparamDomain::Between {
                    min: interval.min_value,
                    max: interval.max_value,
                },
                Some(proto::Domain::Discrete(list)) => {
                    HparamDomain::OneOf(list.values.into_iter().filter_map(read).collect())
                }
            },
        });
        let metrics = study.metric_infos.into_iter().map(|info| {
            let name = info.name.unwrap_or_default();
            DeclaredMetric {
                tag: name.tag,
                group: name.group,
                display_name: info.display_name,
                description: info.description,
            }
        });
        Some(Self {
            hparams: hparams.collect(),
            metrics: metrics.collect(),
        })
    }
}

fn data(run: &Run, tag: &str) -> Option<proto::Data> {
    let content = &run.tag(tag)?.metadata()?.content;
    let decoded = proto::HparamsPluginData::decode(content.as_slice()).ok()?;
    decoded.data
}

fn read(value: proto::Value) -> Option<HparamValue> {
    match value.kind? {
        proto::Kind::Null(_) => None,
        proto::Kind::Number(number) => Some(HparamValue::Number(number)),
        proto::Kind::Text(text) => Some(HparamValue::Text(text)),
        proto::Kind::Boolean(boolean) => Some(HparamValue::Boolean(boolean)),
    }
}

fn written(value: &HparamValue) -> proto::Value {
    let kind = match value {
        HparamValue::Number(number) => proto::Kind::Number(*number),
        HparamValue::Text(text) => proto::Kind::Text(text.clone()),
        HparamValue::Boolean(boolean) => proto::Kind::Boolean(*boolean),
    };
    proto::Value { kind: Some(kind) }
}

/// Content of the metadata of [`START_TAG`].
pub(crate) fn start_content(hparams: &Hparams) -> Vec<u8> {
    let values = hparams.values.iter();
    content(proto::Data::Start(proto::SessionStart {
        hparams: values
            .map(|(name, value)| (name.clone(), written(value)))
            .collect(),
        group_name: hparams.group.clone(),
        start_time_secs: hparams.started.unwrap_or_default(),
        ..proto::SessionStart::default()
    }))
}

/// Content of the metadata of [`END_TAG`].
pub(crate) fn end_content(status: RunStatus, ended: f64) -> Vec<u8> {
    content(proto::Data::End(proto::SessionEnd {
        status: match status {
            RunStatus::Unknown => 0,
            RunStatus::Success => 1,
            RunStatus::Failure => 2,
            RunStatus::Running => 3,
        },
        end_time_secs: ended,
    }))
}

/// Content of the metadata of [`STUDY_TAG`].
pub(crate) fn study_content(declared: &Declared, created: f64) -> Vec<u8> {
    let hparam_infos = declared.hparams.iter().map(|hparam| proto::HparamInfo {
        name: hparam.name.clone(),
        display_name: hparam.display_name.clone(),
        description: hparam.description.clone(),
        data_type: data_type(&hparam.domain),
        domain: domain(&hparam.domain),
    });
    let metric_infos = declared.metrics.iter().map(|metric| proto::MetricInfo {
        name: Some(proto::MetricName {
            group: metric.group.clone(),
            tag: metric.tag.clone(),
        }),
        display_name: metric.display_name.clone(),
        description: metric.description.clone(),
        dataset_type: 0,
    });
    content(proto::Data::Study(proto::StudyInfo {
        hparam_infos: hparam_infos.collect(),
        metric_infos: metric_infos.collect(),
        time_created_secs: created,
        ..proto::StudyInfo::default()
    }))
}

fn content(data: proto::Data) -> Vec<u8> {
    let content = proto::HparamsPluginData {
        version: 0,
        data: Some(data),
    };
    content.encode_to_vec()
}

fn data_type(domain: &HparamDomain) -> i32 {
    match domain {
        HparamDomain::Any => 0,
        HparamDomain::Between { .. } => 3,
        HparamDomain::OneOf(values) => match values.first() {
            None => 0,
            Some(HparamValue::Text(_)) => 1,
            Some(HparamValue::Boolean(_)) => 2,
            Some(HparamValue::Number(_)) => 3,
        },
    }
}

fn domain(domain: &HparamDomain) -> Option<proto::Domain> {
    match domain {
        HparamDomain::Any => None,
        HparamDomain::Between { min, max } => Some(proto::Domain::Interval(proto::Interval {
            min_value: *min,
            max_value: *max,
        })),
        HparamDomain::OneOf(values) => Some(proto::Domain::Discrete(proto::ListValue {
            values: values.iter().map(written).collect(),
        })),
    }
}
