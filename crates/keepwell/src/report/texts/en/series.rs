//! What detectors and anomalies find in windows, in English.

use keepwell_core::measure::Measure;

use super::super::Texts;
use super::super::claim::{SeriesClaim, SeriesName};
use super::super::number::{estimate, share, value};
use super::English;

impl English {
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
        let at = |word: &str| {
            let now = now.as_ref();
            now.map_or_else(String::new, |now| format!("{word} {now}"))
        };
        let method = self.entry(claim.method);
        if claim.is_detector {
            let verb = if claim.score < 1.0 {
                "warns of"
            } else {
                "signals"
            };
            return format!("{method} {verb} a change of {quantity}{}", at(", now"));
        }
        let limit = claim.limit.map(|limit| format!(", limit {}", value(limit)));
        let measured = format!(
            "{method} {}{}",
            value(claim.score),
            limit.unwrap_or_default()
        );
        if claim.method == "change_points" {
            format!(
                "the level of {quantity} changed{} ({measured})",
                at(", now")
            )
        } else {
            format!("{quantity} out of line{} ({measured})", at(" at"))
        }
    }
}
