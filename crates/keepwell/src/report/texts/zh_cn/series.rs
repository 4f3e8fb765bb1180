//! What detectors and anomalies find in windows, in Simplified Chinese.

use keepwell_core::measure::Measure;

use super::super::Texts;
use super::super::claim::{SeriesClaim, SeriesName};
use super::super::number::{estimate, share, value};
use super::{Chinese, spaced};

impl Chinese {
    /// What is found, without the column that it is about.
    pub(super) fn say_series(&self, claim: &SeriesClaim<'_>) -> String {
        let (quantity, now) = match &claim.of {
            SeriesName::Metric(metric) => (
                self.metric(metric).marked(),
                claim
                    .value
                    .map(|now| estimate(&Measure::new(now), None).value),
            ),
            SeriesName::Fault { check, .. } => {
                (self.entry(check).into_owned(), claim.value.map(share))
            }
        };
        let now = now.map_or_else(String::new, |now| format!("，现为 {now}"));
        let method = self.entry(claim.method);
        if claim.is_detector {
            let method = spaced(method.into_owned());
            return if claim.score < 1.0 {
                format!("{method}预警：{}可能改变{now}", spaced(quantity))
            } else {
                format!("{method}发出信号：{}发生变化{now}", spaced(quantity))
            };
        }
        let limit = claim.limit.map(|limit| format!("，界限 {}", value(limit)));
        let measured = format!(
            "{method} {}{}",
            value(claim.score),
            limit.unwrap_or_default()
        );
        let verb = match claim.method {
            "change_points" => "的水平发生变化",
            _ => "偏离常态",
        };
        format!("{}{verb}{now}（{measured}）", spaced(quantity))
    }
}
