//! What the writer writes, the reader gives back.

use std::collections::BTreeMap;

use keepwell_interop::tensorboard::{
    Category, Chart, Clip, Declared, DeclaredHparam, DeclaredMetric, Description, Elements,
    Histogram, HparamDomain, HparamValue, Hparams, Images, Kind, Layout, Lines, LogDir, Margin,
    PrCurve, RunStatus, RunWriter, Tensor, Text, Value,
};

use crate::logs::{BEGUN, stamp};

#[test]
fn values_of_every_kind() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = RunWriter::create(folder.path(), BEGUN).expect("a file");
    let histogram = Histogram::of_values(&[1.0, 2.0, 2.5, 7.0], 30);
    let images = Images {
        width: 2,
        height: 3,
        encoded: vec![b"png one".to_vec(), b"png two".to_vec()],
    };
    let clips = vec![Clip {
        encoded: b"RIFF".to_vec(),
        caption: "a **sound**".to_owned(),
    }];
    let table = Text {
        shape: vec![2, 1],
        texts: vec!["head".to_owned(), "über".to_owned()],
    };
    let rows = [
        (0.9, true),
        (0.8, false),
        (0.1, false),
        (0.3, true),
        (f64::NAN, true),
    ];
    let curve = PrCurve::of_scores(rows.into_iter(), 5);
    let layout = layout();
    let tensor = Tensor {
        shape: vec![2, 2],
        elements: Elements::Numbers(vec![1.0, -2.0, 0.1, f64::INFINITY]),
    };
    writer
        .histogram("h", stamp(1), &histogram)
        .expect("written");
    writer.images("i", stamp(1), &images).expect("written");
    writer.audio("a", stamp(1), &clips).expect("written");
    writer.text("t", stamp(1), &table).expect("written");
    writer.pr_curve("p", stamp(1), &curve).expect("written");
    writer.layout(BEGUN, &layout).expect("written");
    writer
        .tensor("x", stamp(1), "mine", &tensor)
        .expect("written");
    writer.graph(BEGUN, b"a graph").expect("written");
    drop(writer);
    let logdir = LogDir::open(folder.path()).expect("a folder");
    let run = logdir.run(".").expect("the root run");
    let found: BTreeMap<&str, (Kind, Value)> = run
        .tags()
        .map(|tag| (tag.name(), (tag.kind(), tag.read(0).expect("a value"))))
        .collect();
    let expected = BTreeMap::from([
        ("h", (Kind::Histogram, Value::Histogram(histogram))),
        ("i", (Kind::Image, Value::Images(images))),
        ("a", (Kind::Audio, Value::Audio(clips))),
        ("t", (Kind::Text, Value::Text(table))),
        ("p", (Kind::PrCurve, Value::PrCurve(rounded(curve)))),
        (
            "custom_scalars__config__",
            (Kind::CustomScalars, Value::Layout(layout)),
        ),
        ("x", (Kind::Tensor, Value::Tensor(tensor))),
        (
            "__run_graph__",
            (Kind::Graph, Value::Graph(b"a graph".to_vec())),
        ),
    ]);
    assert_eq!(found, expected);
    let histogram = run.tag("h").expect("the histogram");
    assert!(histogram.read(1).is_err());
    assert_eq!(histogram.stamps().collect::<Vec<_>>(), [stamp(1)]);
}

/// A group of two charts.
fn layout() -> Layout {
    Layout {
        categories: vec![Category {
            title: "losses".to_owned(),
            charts: vec![
                Chart {
                    title: "both".to_owned(),
                    lines: Lines::Tags(vec!["loss.*".to_owned()]),
                },
                Chart {
                    title: "band".to_owned(),
                    lines: Lines::Margins(vec![Margin {
                        value: "loss".to_owned(),
                        lower: "loss/low".to_owned(),
                        upper: "loss/high".to_owned(),
                    }]),
                },
            ],
            is_closed: true,
        }],
    }
}

/// A curve as it is after writing, its ratios in single precision.
fn rounded(curve: PrCurve) -> PrCurve {
    let single = |values: &[f64]| {
        values
            .iter()
            .map(|&value| f64::from(value as f32))
            .collect()
    };
    PrCurve {
        precision: single(&curve.precision),
        recall: single(&curve.recall),
        ..curve
    }
}

#[test]
fn curves_count_each_row_once() {
    let rows = [(0.0, false), (0.5, true), (1.0, true), (0.74, false)];
    let curve = PrCurve::of_scores(rows.into_iter(), 5);
    // Thresholds 0, 0.25, 0.5, 0.75, 1.
    assert_eq!(curve.true_positives, [2.0, 2.0, 2.0, 1.0, 1.0]);
    assert_eq!(curve.false_positives, [2.0, 1.0, 1.0, 0.0, 0.0]);
    assert_eq!(curve.false_negatives, [0.0, 0.0, 0.0, 1.0, 1.0]);
    assert_eq!(curve.true_negatives, [0.0, 1.0, 1.0, 2.0, 2.0]);
    assert_eq!(curve.precision, [0.5, 2.0 / 3.0, 2.0 / 3.0, 1.0, 1.0]);
    assert_eq!(curve.recall, [1.0, 1.0, 1.0, 0.5, 0.5]);
}

#[test]
fn hyperparameters_and_descriptions() {
    let folder = tempfile::tempdir().expect("a folder");
    let declared = Declared {
        hparams: vec![
            DeclaredHparam {
                name: "lr".to_owned(),
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
            group: "validation".to_owned(),
            ..DeclaredMetric::default()
        }],
    };
    let hparams = Hparams {
        values: BTreeMap::from([
            ("lr".to_owned(), HparamValue::Number(0.5)),
            ("optimizer".to_owned(), HparamValue::Text("adam".to_owned())),
            ("nesterov".to_owned(), HparamValue::Boolean(true)),
        ]),
        group: "g".to_owned(),
        started: Some(BEGUN),
        ended: Some(BEGUN + 9.0),
        status: RunStatus::Failure,
    };
    let mut root = RunWriter::create(folder.path(), BEGUN).expect("a file");
    root.declared(BEGUN, &declared).expect("written");
    drop(root);
    // As PyTorch names the run of `add_hparams`.
    let mut trial = RunWriter::create(folder.path().join("1714521600.25"), BEGUN).expect("a file");
    trial.hparams(BEGUN, &hparams).expect("written");
    trial
        .ended(BEGUN + 9.0, RunStatus::Failure)
        .expect("written");
    let description = Description {
        display_name: "Accuracy".to_owned(),
        text: "of the *validation* rows".to_owned(),
    };
    trial.describe("accuracy", description);
    trial.scalar("accuracy", stamp(3), 0.75).expect("written");
    trial.scalar("accuracy", stamp(4), 0.5).expect("written");
    drop(trial);

    let logdir = LogDir::open(folder.path()).expect("a folder");
    let root = logdir.run(".").expect("the root run");
    let trial = logdir.run("1714521600.25").expect("the trial");
    assert_eq!(Declared::of(root), Some(declared));
    assert_eq!(root.hparams(), None);
    assert_eq!(trial.hparams(), Some(hparams));
    assert_eq!(logdir.parent_of(trial).map(|run| run.name()), Some("."));
    assert!(logdir.parent_of(root).is_none());
    let accuracy = trial.tag("accuracy").expect("a tag");
    let metadata = accuracy.metadata().expect("metadata");
    assert_eq!(metadata.display_name, "Accuracy");
    assert_eq!(metadata.description, "of the *validation* rows");
    assert_eq!(
        accuracy
            .points()
            .map(|point| point.value)
            .collect::<Vec<_>>(),
        [0.75, 0.5]
    );
}

#[test]
fn writers_do_not_write_into_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = RunWriter::create(folder.path(), BEGUN).expect("a file");
    let other = RunWriter::create(folder.path(), BEGUN).expect("a file");
    assert_ne!(one.path(), other.path());
}
