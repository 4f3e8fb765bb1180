//! `event.proto`, `summary.proto` and `histogram.proto`.

use super::tensor::TensorProto;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Event {
    #[prost(double, tag = "1")]
    pub(crate) wall_time: f64,
    #[prost(int64, tag = "2")]
    pub(crate) step: i64,
    #[prost(oneof = "event::What", tags = "3, 4, 5, 7")]
    pub(crate) what: Option<event::What>,
    #[prost(message, optional, tag = "10")]
    pub(crate) source_metadata: Option<SourceMetadata>,
}

pub(crate) mod event {
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum What {
        #[prost(string, tag = "3")]
        FileVersion(String),
        #[prost(bytes, tag = "4")]
        GraphDef(Vec<u8>),
        #[prost(message, tag = "5")]
        Summary(super::Summary),
        #[prost(message, tag = "7")]
        SessionLog(super::SessionLog),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SourceMetadata {
    #[prost(string, tag = "1")]
    pub(crate) writer: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SessionLog {
    /// 1 start, 2 stop, 3 checkpoint.
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TaggedRunMetadata {
    #[prost(string, tag = "1")]
    pub(crate) tag: String,
    #[prost(bytes, tag = "2")]
    pub(crate) run_metadata: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub(crate) value: Vec<Value>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Value {
    #[prost(string, tag = "1")]
    pub(crate) tag: String,
    #[prost(message, optional, tag = "9")]
    pub(crate) metadata: Option<SummaryMetadata>,
    #[prost(oneof = "value::Content", tags = "2, 4, 5, 6, 8")]
    pub(crate) content: Option<value::Content>,
}

pub(crate) mod value {
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Content {
        #[prost(float, tag = "2")]
        SimpleValue(f32),
        #[prost(message, tag = "4")]
        Image(super::Image),
        #[prost(message, tag = "5")]
        Histogram(super::HistogramProto),
        #[prost(message, tag = "6")]
        Audio(super::Audio),
        #[prost(message, boxed, tag = "8")]
        Tensor(Box<super::TensorProto>),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SummaryMetadata {
    #[prost(message, optional, tag = "1")]
    pub(crate) plugin_data: Option<PluginData>,
    #[prost(string, tag = "2")]
    pub(crate) display_name: String,
    #[prost(string, tag = "3")]
    pub(crate) summary_description: String,
    /// 0 unknown, 1 scalar, 2 tensor, 3 sequence of blobs.
    #[prost(int32, tag = "4")]
    pub(crate) data_class: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PluginData {
    #[prost(string, tag = "1")]
    pub(crate) plugin_name: String,
    #[prost(bytes, tag = "2")]
    pub(crate) content: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Image {
    #[prost(int32, tag = "1")]
    pub(crate) height: i32,
    #[prost(int32, tag = "2")]
    pub(crate) width: i32,
    #[prost(bytes, tag = "4")]
    pub(crate) encoded_image_string: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Audio {
    #[prost(float, tag = "1")]
    pub(crate) sample_rate: f32,
    #[prost(bytes, tag = "4")]
    pub(crate) encoded_audio_string: Vec<u8>,
    #[prost(string, tag = "5")]
    pub(crate) content_type: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HistogramProto {
    #[prost(double, tag = "1")]
    pub(crate) min: f64,
    #[prost(double, tag = "2")]
    pub(crate) max: f64,
    /// Upper edges of the buckets, ascending.
    #[prost(double, repeated, tag = "6")]
    pub(crate) bucket_limit: Vec<f64>,
    /// Counts of the buckets.
    #[prost(double, repeated, tag = "7")]
    pub(crate) bucket: Vec<f64>,
}
