//! Writes a log directory with values of every kind: `cargo run --example tensorboard_write -- FOLDER PNG WAV`.
//!
//! PNG and WAV are files of an image and a sound. Show the result with `tensorboard --logdir FOLDER`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use keepwell_interop::tensorboard::{
    Category, Chart, Clip, Declared, DeclaredHparam, DeclaredMetric, Description, Histogram,
    HparamDomain, HparamValue, Hparams, Images, Layout, Lines, Margin, PrCurve, RunStatus,
    RunWriter, Stamp, Text,
};

/// 2024-05-01 in seconds since 1970.
const BEGUN: f64 = 1_714_521_600.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, png, wav] = arguments.as_slice() else {
        return Err("expected a folder, an image and a sound".into());
    };
    let mut root = RunWriter::create(folder, BEGUN)?;
    root.layout(BEGUN, &layout())?;
    root.declared(BEGUN, &declared())?;
    root.flush()?;
    for (idx, rate) in [0.1, 0.2, 0.4].into_iter().enumerate() {
        let mut run = RunWriter::create(folder.join(format!("run_{idx}")), BEGUN)?;
        run.hparams(BEGUN, &hparams(rate))?;
        scalars(&mut run, rate)?;
        if idx == 0 {
            media(&mut run, &fs::read(png)?, &fs::read(wav)?)?;
        }
        run.ended(BEGUN + 100.0, RunStatus::Success)?;
        run.flush()?;
    }
    Ok(())
}

fn stamp(step: i64) -> Stamp {
    Stamp {
        step,
        wall_time: BEGUN + step as f64,
    }
}

fn scalars(run: &mut RunWriter, rate: f64) -> Result<(), Box<dyn Error>> {
    let description = Description {
        display_name: "Loss".to_owned(),
        text: "Mean over the *batch*.".to_owned(),
    };
    run.describe("train/loss", description);
    for step in 0..100 {
        let loss = (-rate * step as f64 / 10.0).exp();
        run.scalar("train/loss", stamp(step), loss)?;
        run.scalar("train/loss_low", stamp(step), loss * 0.9)?;
        run.scalar("train/loss_high", stamp(step), loss * 1.1)?;
        run.scalar("accuracy", stamp(step), 1.0 - loss / 2.0)?;
    }
    run.scalar("not/finite", stamp(0), f64::NAN)?;
    run.scalar("not/finite", stamp(1), f64::INFINITY)?;
    run.scalar("not/finite", stamp(2), f64::NEG_INFINITY)?;
    Ok(())
}

fn media(run: &mut RunWriter, png: &[u8], wav: &[u8]) -> Result<(), Box<dyn Error>> {
    for step in 0..5 {
        let shift = step as f64;
        let values: Vec<f64> = (0..1_000)
            .map(|idx| f64::from(idx % 37) / 10.0 + shift)
            .collect();
        run.histogram("weights", stamp(step), &Histogram::of_values(&values, 30))?;
        let rows = (0..1_000).map(|idx| {
            let score = f64::from(idx * 7_919 % 1_000) / 1_000.0;
            (score, f64::from(idx % 10) / 10.0 < score + shift / 20.0)
        });
        run.pr_curve("curve", stamp(step), &PrCurve::of_scores(rows, 101))?;
    }
    run.histogram("no values", stamp(0), &Histogram::default())?;
    let text = Text {
        shape: vec![],
        texts: vec!["Written by **Keepwell**; 保重".to_owned()],
    };
    run.text("note", stamp(0), &text)?;
    let table = Text {
        shape: vec![2, 2],
        texts: ["a", "b", "1", "2"].map(str::to_owned).to_vec(),
    };
    run.text("table", stamp(0), &table)?;
    let images = Images {
        width: 4,
        height: 4,
        encoded: vec![png.to_vec(), png.to_vec()],
    };
    run.images("pictures", stamp(0), &images)?;
    let clip = Clip {
        encoded: wav.to_vec(),
        caption: "a *tone*".to_owned(),
    };
    run.audio("tone", stamp(0), &[clip])?;
    run.graph(BEGUN, &graph())?;
    Ok(())
}

/// A `GraphDef` of one node: name and operation.
fn graph() -> Vec<u8> {
    let node = b"\x0a\x05input\x12\x0bPlaceholder";
    let mut graph = vec![0x0a, node.len() as u8];
    graph.extend(node);
    graph
}

fn layout() -> Layout {
    let margin = Margin {
        value: "train/loss".to_owned(),
        lower: "train/loss_low".to_owned(),
        upper: "train/loss_high".to_owned(),
    };
    let chart = |title: &str, lines| Chart {
        title: title.to_owned(),
        lines,
    };
    Layout {
        categories: vec![Category {
            title: "Losses".to_owned(),
            charts: vec![
                chart("all", Lines::Tags(vec!["train/loss.*".to_owned()])),
                chart("band", Lines::Margins(vec![margin])),
            ],
            is_closed: false,
        }],
    }
}

fn declared() -> Declared {
    Declared {
        hparams: vec![
            DeclaredHparam {
                name: "rate".to_owned(),
                domain: HparamDomain::Between { min: 0.0, max: 1.0 },
                ..DeclaredHparam::default()
            },
            DeclaredHparam {
                name: "optimizer".to_owned(),
                domain: HparamDomain::OneOf(vec![HparamValue::Text("adam".to_owned())]),
                ..DeclaredHparam::default()
            },
        ],
        metrics: vec![DeclaredMetric {
            tag: "accuracy".to_owned(),
            ..DeclaredMetric::default()
        }],
    }
}

fn hparams(rate: f64) -> Hparams {
    let values = [
        ("rate", HparamValue::Number(rate)),
        ("optimizer", HparamValue::Text("adam".to_owned())),
        ("nesterov", HparamValue::Boolean(rate > 0.15)),
    ];
    Hparams {
        values: values.map(|(name, value)| (name.to_owned(), value)).into(),
        started: Some(BEGUN),
        ..Hparams::default()
    }
}
