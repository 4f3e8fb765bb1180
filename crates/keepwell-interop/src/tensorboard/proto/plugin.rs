//! Contents of the metadata of plug-ins that have one or two numbers.

/// `ScalarPluginData`, `HistogramPluginData`, `ImagePluginData`, `TextPluginData`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Version {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PrCurve {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(uint32, tag = "2")]
    pub(crate) num_thresholds: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Audio {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    /// 0 unknown, 11 WAV.
    #[prost(int32, tag = "2")]
    pub(crate) encoding: i32,
}
