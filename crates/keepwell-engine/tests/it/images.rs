//! Columns of images, by path and as bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BinaryArray, Int64Array, RecordBatch, StringArray, StructArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type};
use keepwell_core::fault::Fault;
use keepwell_engine::{EngineError, ImageFault, Note, OpenOptions, Table, UnreadImage};
use keepwell_stats::profile::Mode;
use serde_json::Value;

use crate::fixtures::{
    block_on, folder, pattern, session, write, write_ipc_file, write_ipc_stream, write_parquet,
};

fn images() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(images().join(name)).expect("an image of the tests")
}

/// Descriptors of the column `photo`, by name, one number for each row.
type Described = BTreeMap<String, Vec<Option<f64>>>;

fn open(path: &Path, threads: usize) -> Result<(Table, Described), EngineError> {
    let options = OpenOptions {
        images: vec!["photo".to_owned()],
        ..OpenOptions::default()
    };
    block_on(async {
        let session = session(threads, Mode::Exact);
        let table = session.open(&pattern(path), &options).await?;
        session.register("t", &table)?;
        let batches = session.sql("SELECT * FROM t").await?;
        let mut described = Described::new();
        for batch in &batches {
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                if let Some(id) = field.name().strip_prefix("photo.") {
                    let own = described.entry(id.to_owned()).or_default();
                    own.extend(array.as_primitive::<Float64Type>());
                }
            }
        }
        Ok((table, described))
    })
}

/// What Pillow says, by image.
fn expected() -> serde_json::Map<String, Value> {
    let text = bytes("expected.json");
    let mut json: Value = serde_json::from_slice(&text).expect("JSON");
    let images = json["images"].take();
    images.as_object().expect("an object").clone()
}

/// Decoders may round each sample of a lossy image differently, by a step or two.
fn tolerance(name: &str, id: &str) -> f64 {
    match (name.ends_with(".jpg") || name == "lossy.webp", id) {
        (false, _) => 1e-12,
        (true, "sharpness") => 0.02,
        (true, _) => 0.01,
    }
}

#[test]
fn descriptors_are_those_of_pillow_in_every_format() {
    let folder = folder();
    let expected = expected();
    let paths: Vec<String> = expected
        .keys()
        .map(|name| images().join(name).display().to_string())
        .collect();
    let path = write(
        folder.path(),
        "t.csv",
        format!("photo,row\n{},1\n", paths.join(",1\n")),
    );
    let (table, found) = open(&path, 2).expect("valid input");
    assert!(table.notes.is_empty(), "{:?}", table.notes);
    assert_eq!(table.rows, expected.len() as u64);
    assert_eq!(found.len(), 9);
    for (row, (name, expected)) in expected.iter().enumerate() {
        for (id, values) in &found {
            let (own, expected) = (values[row].expect("a number"), &expected[id]);
            let expected = expected.as_f64().expect("a number");
            let scale = expected.abs().max(0.1);
            assert!(
                (own - expected).abs() <= tolerance(name, id) * scale,
                "{name} {id}: {own}, not {expected}"
            );
        }
    }
    let (_, alone) = open(&path, 1).expect("valid input");
    assert_eq!(found, alone);
}

#[test]
fn bytes_and_paths_give_the_same_in_every_format_of_tables() {
    let folder = folder();
    let names = ["colours.png", "quality_90.jpg", "lossless.webp"];
    for name in names {
        std::fs::write(folder.path().join(name), bytes(name)).expect("a writable folder");
    }
    let binary: Vec<Vec<u8>> = names.iter().map(|name| bytes(name)).collect();
    let binary: ArrayRef = Arc::new(BinaryArray::from_iter_values(binary));
    let text: ArrayRef = Arc::new(StringArray::from(names.to_vec()));
    let field = |name: &str, data_type| Arc::new(Field::new(name, data_type, true));
    let both: ArrayRef = Arc::new(StructArray::from(vec![
        (field("bytes", DataType::Binary), Arc::clone(&binary)),
        (field("path", DataType::Utf8), Arc::clone(&text)),
    ]));
    let other: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let batch = |photo: &ArrayRef| {
        let columns = [("photo", Arc::clone(photo)), ("x", Arc::clone(&other))];
        RecordBatch::try_from_iter(columns).expect("columns of one length")
    };
    let path = |name: &str| folder.path().join(name);
    write_parquet(&path("a.parquet"), &batch(&binary), 2);
    write_parquet(&path("b.parquet"), &batch(&text), 10);
    write_ipc_file(&path("c.arrow"), &batch(&both));
    write_ipc_stream(&path("d.arrows"), &batch(&text));
    let (table, expected) = open(&path("a.parquet"), 2).expect("valid input");
    let columns: Vec<&str> = table.columns.iter().map(|own| own.name.as_str()).collect();
    assert_eq!((columns[0], columns[9]), ("photo.aspect_ratio", "x"));
    assert_eq!(columns.len(), 10);
    assert!(expected["brightness"].iter().all(Option::is_some));
    for name in ["b.parquet", "c.arrow", "d.arrows"] {
        let (_, found) = open(&path(name), 2).expect("valid input");
        assert_eq!(found, expected, "{name}");
    }
    let fault = block_on(async {
        let options = OpenOptions {
            images: vec!["x".to_owned()],
            ..OpenOptions::default()
        };
        let session = session(1, Mode::Exact);
        session.open(&pattern(&path("a.parquet")), &options).await
    });
    let fault = fault.expect_err("numbers are no images");
    assert_eq!(fault.code(), "engine.column.kind_impossible");
}

#[test]
fn what_is_no_image_is_counted_and_named_and_never_more() {
    let folder = folder();
    let good = bytes("colours.png");
    let mut wrong = good.clone();
    wrong[60] ^= 0xff;
    let mut huge = good.clone();
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let mut empty = good.clone();
    empty[16..20].fill(0);
    let cut = |name: &str| {
        let bytes = bytes(name);
        bytes[..bytes.len() / 2].to_vec()
    };
    let files: [(&str, Vec<u8>); 10] = [
        ("good.png", good.clone()),
        ("text.png", b"hello".to_vec()),
        ("nothing.png", Vec::new()),
        ("cut.png", cut("colours.png")),
        ("cut.webp", cut("lossless.webp")),
        ("cut.gif", cut("colours.gif")),
        ("wrong.png", wrong),
        ("huge.png", huge),
        ("empty.png", empty),
        ("head.jpg", bytes("grey.jpg")[..40].to_vec()),
    ];
    let mut rows = String::from("photo,x\n,0\nabsent.png,0\n.,0\n");
    for (name, bytes) in &files {
        write(folder.path(), name, bytes);
        rows.push_str(&format!("{name},1\n"));
    }
    let path = write(folder.path(), "t.csv", rows);
    let (table, found) = open(&path, 2).expect("images that cannot be read are no error");
    let brightness = &found["brightness"];
    let readable: Vec<usize> = (0..brightness.len())
        .filter(|&row| brightness[row].is_some())
        .collect();
    assert_eq!(readable, [3], "only the good one");
    let unread = |name: &str, row, fault| UnreadImage {
        name: Some(name.to_owned()),
        row,
        fault,
    };
    let expected = Note::UnreadImages {
        path: path.clone(),
        column: "photo".to_owned(),
        n_images: 12,
        n_unread: 11,
        examples: vec![
            unread("absent.png", 2, ImageFault::Missing),
            unread(".", 3, ImageFault::Unreadable),
            unread("text.png", 5, ImageFault::UnknownFormat),
        ],
    };
    assert_eq!(table.notes, [expected]);
}

#[test]
fn damaged_bytes_never_panic() {
    let folder = folder();
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let names = [
        "colours.png",
        "palette.png",
        "progressive.jpg",
        "lossy.webp",
        "colours.gif",
        "colours.bmp",
    ];
    let mut damaged: Vec<Vec<u8>> = Vec::new();
    for name in names {
        for _ in 0..40 {
            let mut bytes = bytes(name);
            for _ in 0..1 + next(8) {
                let at = next(bytes.len());
                bytes[at] = next(256) as u8;
            }
            bytes.truncate(1 + next(2 * bytes.len()));
            damaged.push(bytes);
        }
    }
    let n = damaged.len() as u64;
    let array: ArrayRef = Arc::new(BinaryArray::from_iter_values(damaged));
    let batch = RecordBatch::try_from_iter([("photo", array)]).expect("one column");
    let path = folder.path().join("t.parquet");
    write_parquet(&path, &batch, 1_000);
    let (table, found) = open(&path, 2).expect("damaged images are no error");
    assert_eq!(table.rows, n);
    assert!(matches!(
        &table.notes[..],
        [Note::UnreadImages { n_unread, .. }] if *n_unread > n / 4
    ));
    assert_eq!(found["sharpness"].len() as u64, n);
}
