//! The layout of the dashboard of custom scalars.

use prost::Message;

use super::proto::layout as proto;

/// Which scalars are drawn together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Groups of charts, in order.
    pub categories: Vec<Category>,
}

/// A group of charts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Category {
    /// Its heading.
    pub title: String,
    /// Its charts, in order.
    pub charts: Vec<Chart>,
    /// Whether the charts are hidden at first.
    pub is_closed: bool,
}

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Its heading.
    pub title: String,
    /// What it draws.
    pub lines: Lines,
}

/// What a chart draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// Every scalar whose tag one of these regular expressions matches.
    Tags(Vec<String>),
    /// Scalars with a band around them.
    Margins(Vec<Margin>),
}

/// Tags of a scalar and of the band around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// The scalar.
    pub value: String,
    /// Its lower limit.
    pub lower: String,
    /// Its upper limit.
    pub upper: String,
}

impl Layout {
    /// The layout in a serialised message, or what is wrong with it.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let layout = proto::Layout::decode(bytes).map_err(|fault| fault.to_string())?;
        let categories = layout.category.into_iter().map(|category| Category {
            title: category.title,
            charts: category.chart.into_iter().map(chart).collect(),
            is_closed: category.closed,
        });
        Ok(Self {
            categories: categories.collect(),
        })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let category = self.categories.iter().map(|category| proto::Category {
            title: category.title.clone(),
            chart: category.charts.iter().map(chart_proto).collect(),
            closed: category.is_closed,
        });
        let layout = proto::Layout {
            version: 0,
            category: category.collect(),
        };
        layout.encode_to_vec()
    }
}

fn chart(chart: proto::Chart) -> Chart {
    let lines = match chart.content {
        None => Lines::Tags(Vec::new()),
        Some(proto::Content::Multiline(multiline)) => Lines::Tags(multiline.tag),
        Some(proto::Content::Margin(margin)) => Lines::Margins(
            margin
                .series
                .into_iter()
                .map(|series| Margin {
                    value: series.value,
                    lower: series.lower,
                    upper: series.upper,
                })
                .collect(),
        ),
    };
    Chart {
        title: chart.title,
        lines,
    }
}

fn chart_proto(chart: &Chart) -> proto::Chart {
    let content = match &chart.lines {
        Lines::Tags(tags) => proto::Content::Multiline(proto::Multiline { tag: tags.clone() }),
        Lines::Margins(margins) => {
            let series = margins.iter().map(|margin| proto::Series {
                value: margin.value.clone(),
                lower: margin.lower.clone(),
                upper: margin.upper.clone(),
            });
            proto::Content::Margin(proto::Margin {
                series: series.collect(),
            })
        }
    };
    proto::Chart {
        title: chart.title.clone(),
        content: Some(content),
    }
}
