//! `custom_scalar/layout.proto`.

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Layout {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(message, repeated, tag = "2")]
    pub(crate) category: Vec<Category>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Category {
    #[prost(string, tag = "1")]
    pub(crate) title: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) chart: Vec<Chart>,
    #[prost(bool, tag = "3")]
    pub(crate) closed: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Chart {
    #[prost(string, tag = "1")]
    pub(crate) title: String,
    #[prost(oneof = "Content", tags = "2, 3")]
    pub(crate) content: Option<Content>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Content {
    #[prost(message, tag = "2")]
    Multiline(Multiline),
    #[prost(message, tag = "3")]
    Margin(Margin),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Multiline {
    /// Regular expressions of tags.
    #[prost(string, repeated, tag = "1")]
    pub(crate) tag: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Margin {
    #[prost(message, repeated, tag = "1")]
    pub(crate) series: Vec<Series>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Series {
    #[prost(string, tag = "1")]
    pub(crate) value: String,
    #[prost(string, tag = "2")]
    pub(crate) lower: String,
    #[prost(string, tag = "3")]
    pub(crate) upper: String,
}
