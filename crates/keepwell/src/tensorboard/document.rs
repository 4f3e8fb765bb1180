//! Values as JSON.

use keepwell_interop::tensorboard::{
    Elements, HparamValue, Hparams, Layout, Lines, PrCurve, RunStatus, Value,
};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

/// A number; one that is not finite is its name as a string, since JSON has none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(pub f64);

impl Number {
    /// The name of a number that is not finite.
    pub fn name(self) -> Option<&'static str> {
        match self.0 {
            number if number.is_finite() => None,
            number if number.is_nan() => Some("NaN"),
            f64::INFINITY => Some("Infinity"),
            _ => Some("-Infinity"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.name() {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_f64(self.0),
        }
    }
}

/// A number as a value.
pub fn number(value: f64) -> Json {
    json!(Number(value))
}

fn numbers(values: &[f64]) -> Json {
    values.iter().map(|value| number(*value)).collect()
}

/// A value that is not a scalar. Images, sounds, graphs and bytes are in Base64.
pub fn value(value: &Value) -> Json {
    match value {
        Value::Histogram(histogram) => {
            let buckets = histogram.buckets.iter();
            buckets
                .map(|bucket| numbers(&[bucket.left, bucket.right, bucket.count]))
                .collect()
        }
        Value::Images(images) => json!({
            "width": images.width,
            "height": images.height,
            "images": images.encoded.iter().map(|bytes| base64(bytes)).collect::<Vec<_>>(),
        }),
        Value::Audio(clips) => {
            let clips = clips.iter();
            clips
                .map(|clip| json!({"audio": base64(&clip.encoded), "caption": clip.caption}))
                .collect()
        }
        Value::Text(text) => json!({"shape": text.shape, "texts": text.texts}),
        Value::PrCurve(curve) => pr_curve(curve),
        Value::Layout(shown) => layout(shown),
        Value::Graph(bytes) => json!(base64(bytes)),
        Value::Tensor(tensor) => {
            let elements = match &tensor.elements {
                Elements::Numbers(elements) => numbers(elements),
                Elements::Bytes(elements) => elements.iter().map(|bytes| base64(bytes)).collect(),
            };
            json!({"shape": tensor.shape, "elements": elements})
        }
        // Kinds of values that the library may learn later.
        _ => Json::Null,
    }
}

/// Hyperparameters and status of a run.
pub fn hparams(hparams: &Hparams, parent: Option<&str>) -> Json {
    let values = hparams.values.iter();
    let values: Map<String, Json> = values
        .map(|(name, value)| (name.clone(), hparam(value)))
        .collect();
    json!({
        "values": values,
        "status": status(hparams.status),
        "group": hparams.group,
        "started": hparams.started,
        "ended": hparams.ended,
        "part_of": parent,
    })
}

/// How a run stands, as a stable identifier.
pub fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Unknown => "unknown",
        RunStatus::Success => "success",
        RunStatus::Failure => "failure",
        RunStatus::Running => "running",
    }
}

fn hparam(value: &HparamValue) -> Json {
    match value {
        HparamValue::Number(value) => number(*value),
        HparamValue::Text(text) => json!(text),
        HparamValue::Boolean(is_true) => json!(is_true),
    }
}

fn pr_curve(curve: &PrCurve) -> Json {
    json!({
        "true_positives": numbers(&curve.true_positives),
        "false_positives": numbers(&curve.false_positives),
        "true_negatives": numbers(&curve.true_negatives),
        "false_negatives": numbers(&curve.false_negatives),
        "precision": numbers(&curve.precision),
        "recall": numbers(&curve.recall),
    })
}

fn layout(layout: &Layout) -> Json {
    let categories = layout.categories.iter();
    categories
        .map(|category| {
            let charts = category.charts.iter().map(|chart| match &chart.lines {
                Lines::Tags(tags) => json!({"title": chart.title, "tags": tags}),
                Lines::Margins(margins) => {
                    let margins = margins.iter();
                    let margins: Vec<Json> = margins
                        .map(|band| json!([band.value, band.lower, band.upper]))
                        .collect();
                    json!({"title": chart.title, "margins": margins})
                }
            });
            json!({
                "title": category.title,
                "charts": charts.collect::<Vec<_>>(),
                "is_closed": category.is_closed,
            })
        })
        .collect()
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |idx: usize| u32::from(three.get(idx).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for idx in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * idx) & 63) as usize];
            text.push(if idx > three.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // The vectors of RFC 4648, section 10.
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn numbers_that_are_not_finite_have_names() {
        let numbers = [0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(number);
        assert_eq!(json!(numbers), json!([0.5, "NaN", "Infinity", "-Infinity"]));
    }
}
