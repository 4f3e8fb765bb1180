//! Prints everything that is in a log directory as JSON: `cargo run --example tensorboard_read -- LOGDIR`.
//!
//! The tests against the real TensorBoard compare it with what that one says of the same files.

#![expect(clippy::print_stdout, reason = "an example exists for what it prints")]

use std::error::Error;

use keepwell_interop::tensorboard::{
    Declared, HparamDomain, HparamValue, LogDir, Point, Run, Tag, Value,
};
use serde_json::{Map, Value as Json, json};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("expected a log directory; found no argument")?;
    let logdir = LogDir::open(path)?;
    let runs: Map<String, Json> = logdir
        .runs()
        .map(|run| Ok((run.name().to_owned(), run_json(&logdir, run)?)))
        .collect::<Result<_, Box<dyn Error>>>()?;
    println!("{}", Json::Object(runs));
    Ok(())
}

fn run_json(logdir: &LogDir, run: &Run) -> Result<Json, Box<dyn Error>> {
    let tags: Map<String, Json> = run
        .tags()
        .map(|tag| Ok((tag.name().to_owned(), tag_json(&tag)?)))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let damage: Vec<Json> = run
        .files()
        .iter()
        .flat_map(|file| file.damage())
        .map(|damage| json!([damage.kind.id(), damage.count]))
        .collect();
    let hparams = run.hparams().map(|hparams| {
        let values = hparams.values.iter();
        let values: Map<String, Json> = values
            .map(|(name, value)| (name.clone(), hparam(value)))
            .collect();
        json!({"values": values, "group": hparams.group, "status": format!("{:?}", hparams.status)})
    });
    let declared = Declared::of(run).map(|declared| {
        let hparams = declared.hparams.iter();
        let metrics = declared.metrics.iter();
        json!({
            "hparams": hparams.map(|hparam| json!([hparam.name, domain(&hparam.domain)])).collect::<Vec<_>>(),
            "metrics": metrics.map(|metric| json!([metric.group, metric.tag])).collect::<Vec<_>>(),
        })
    });
    Ok(json!({
        "tags": tags,
        "damage": damage,
        "hparams": hparams,
        "declared": declared,
        "parent": logdir.parent_of(run).map(Run::name),
    }))
}

fn tag_json(tag: &Tag<'_>) -> Result<Json, Box<dyn Error>> {
    let metadata = tag.metadata();
    let values: Vec<Json> = tag
        .stamps()
        .zip(tag.values())
        .map(|(stamp, value)| Ok(json!([stamp.step, stamp.wall_time, value_json(&value?)])))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let points = |points: &[Point]| {
        let rows = points.iter();
        let rows = rows.map(|point| json!([point.step, point.wall_time, number(point.value)]));
        rows.collect::<Vec<_>>()
    };
    Ok(json!({
        "kind": tag.kind().id(),
        "display_name": metadata.map(|metadata| metadata.display_name.as_str()),
        "description": metadata.map(|metadata| metadata.description.as_str()),
        "points": points(&tag.points().collect::<Vec<_>>()),
        "shown": points(&tag.shown()),
        "values": values,
        "shown_positions": tag.shown_positions(),
    }))
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Histogram(histogram) => {
            let rows = histogram.buckets.iter();
            let rows = rows.map(|bucket| json!([bucket.left, bucket.right, bucket.count]));
            json!({
                "buckets": rows.collect::<Vec<_>>(),
                "distribution": histogram.distribution(),
            })
        }
        Value::Images(images) => json!({
            "width": images.width,
            "height": images.height,
            "encoded": images.encoded.iter().map(|bytes| hex(bytes)).collect::<Vec<_>>(),
        }),
        Value::Audio(clips) => clips
            .iter()
            .map(|clip| json!([hex(&clip.encoded), clip.caption]))
            .collect(),
        Value::Text(text) => json!({"shape": text.shape, "texts": text.texts}),
        Value::PrCurve(curve) => json!({
            "true_positives": curve.true_positives,
            "false_positives": curve.false_positives,
            "true_negatives": curve.true_negatives,
            "false_negatives": curve.false_negatives,
            "precision": curve.precision,
            "recall": curve.recall,
        }),
        Value::Graph(bytes) => json!(hex(bytes)),
        other => json!(format!("{other:?}")),
    }
}

/// A number, or its name where JSON has none.
fn number(value: f64) -> Json {
    match value {
        _ if value.is_finite() => json!(value),
        _ if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        _ => json!("-Infinity"),
    }
}

fn hparam(value: &HparamValue) -> Json {
    match value {
        HparamValue::Number(value) => number(*value),
        HparamValue::Text(value) => json!(value),
        HparamValue::Boolean(value) => json!(value),
    }
}

fn domain(domain: &HparamDomain) -> Json {
    match domain {
        HparamDomain::Any => Json::Null,
        HparamDomain::OneOf(values) => values.iter().map(hparam).collect(),
        HparamDomain::Between { min, max } => json!({"min": min, "max": max}),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
