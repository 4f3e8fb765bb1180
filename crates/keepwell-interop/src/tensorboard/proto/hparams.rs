//! `hparams/plugin_data.proto` and `hparams/api.proto`, with the parts of `struct.proto` that they use.

use std::collections::BTreeMap;

/// Content of the metadata of the three tags of the plug-in.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HparamsPluginData {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(oneof = "Data", tags = "2, 3, 4")]
    pub(crate) data: Option<Data>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Data {
    /// The message `Experiment`.
    #[prost(message, tag = "2")]
    Study(StudyInfo),
    #[prost(message, tag = "3")]
    Start(SessionStart),
    #[prost(message, tag = "4")]
    End(SessionEnd),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct StudyInfo {
    #[prost(string, tag = "1")]
    pub(crate) description: String,
    #[prost(string, tag = "2")]
    pub(crate) user: String,
    #[prost(double, tag = "3")]
    pub(crate) time_created_secs: f64,
    #[prost(message, repeated, tag = "4")]
    pub(crate) hparam_infos: Vec<HparamInfo>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) metric_infos: Vec<MetricInfo>,
    #[prost(string, tag = "6")]
    pub(crate) name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HparamInfo {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) display_name: String,
    #[prost(string, tag = "3")]
    pub(crate) description: String,
    /// 0 unset, 1 text, 2 boolean, 3 number.
    #[prost(int32, tag = "4")]
    pub(crate) data_type: i32,
    #[prost(oneof = "Domain", tags = "5, 6")]
    pub(crate) domain: Option<Domain>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Domain {
    #[prost(message, tag = "5")]
    Discrete(ListValue),
    #[prost(message, tag = "6")]
    Interval(Interval),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Interval {
    #[prost(double, tag = "1")]
    pub(crate) min_value: f64,
    #[prost(double, tag = "2")]
    pub(crate) max_value: f64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MetricInfo {
    #[prost(message, optional, tag = "1")]
    pub(crate) name: Option<MetricName>,
    #[prost(string, tag = "3")]
    pub(crate) display_name: String,
    #[prost(string, tag = "4")]
    pub(crate) description: String,
    /// 0 unknown, 1 training, 2 validation.
    #[prost(int32, tag = "5")]
    pub(crate) dataset_type: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MetricName {
    /// Sub-directory of the session's run that holds the metric; empty for the run itself.
    #[prost(string, tag = "1")]
    pub(crate) group: String,
    #[prost(string, tag = "2")]
    pub(crate) tag: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SessionStart {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(crate) hparams: BTreeMap<String, Value>,
    #[prost(string, tag = "2")]
    pub(crate) model_uri: String,
    #[prost(string, tag = "3")]
    pub(crate) monitor_url: String,
    #[prost(string, tag = "4")]
    pub(crate) group_name: String,
    #[prost(double, tag = "5")]
    pub(crate) start_time_secs: f64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SessionEnd {
    /// 0 unknown, 1 success, 2 failure, 3 running.
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
    #[prost(double, tag = "2")]
    pub(crate) end_time_secs: f64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ListValue {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<Value>,
}

/// `google.protobuf.Value`, of which hyperparameters use numbers, texts and booleans.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Value {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4")]
    pub(crate) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Kind {
    #[prost(int32, tag = "1")]
    Null(i32),
    #[prost(double, tag = "2")]
    Number(f64),
    #[prost(string, tag = "3")]
    Text(String),
    #[prost(bool, tag = "4")]
    Boolean(bool),
}
