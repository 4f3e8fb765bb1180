//! Values of the same entities in two tables.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Float32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::Float64Type;
use keepwell_core::fault::Fault;
use keepwell_engine::{
    EngineError, KeyCounts, PairRequest, Paired, Session, SessionConfig, TwoTables,
};

use crate::fixtures::{Lcg, block_on, folder, open, write_ipc_file, write_parquet};

const ROWS: usize = 30_000;

fn run(
    offline: &Path,
    served: &Path,
    (key, columns): (&[&str], &[&str]),
    config: SessionConfig,
) -> Result<Paired, EngineError> {
    block_on(async {
        let session = Session::try_new(config).expect("a valid configuration");
        let tables = (
            open(&session, offline).await?,
            open(&session, served).await?,
        );
        let request = PairRequest {
            key: key.iter().map(|name| (*name).to_owned()).collect(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            digits: 6,
        };
        let tables = TwoTables {
            offline: &tables.0,
            served: &tables.1,
        };
        session.paired(tables, &request).await
    })
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}

fn table(ids: &[Option<i64>], x: &[Option<f64>]) -> RecordBatch {
    let day = ids.iter().map(|id| id.map(|id| id / 1_000));
    let name = ids.iter().map(|id| id.map(|id| format!("n{}", id % 9)));
    batch(vec![
        ("id", Arc::new(Int64Array::from(ids.to_vec()))),
        ("day", Arc::new(day.collect::<Int64Array>())),
        ("x", Arc::new(Float64Array::from(x.to_vec()))),
        ("name", Arc::new(name.collect::<StringArray>())),
    ])
}

/// Rows with repeated, absent and lone keys.
fn rows(random: &mut Lcg, start: i64) -> (Vec<Option<i64>>, Vec<Option<f64>>) {
    let ids: Vec<Option<i64>> = (0..ROWS)
        .map(|_| (random.next(50) > 0).then(|| start + random.next(40_000) as i64))
        .collect();
    let x = (0..ROWS).map(|_| (random.next(20) > 0).then(|| random.next(3) as f64));
    (ids, x.collect())
}

/// The same by a hash table.
fn expected(offline: &RecordBatch, served: &RecordBatch) -> (u64, u64, KeyCounts) {
    let read = |batch: &RecordBatch| {
        let ids = batch.column(0).as_any().downcast_ref::<Int64Array>();
        let x = batch.column(2).as_any().downcast_ref::<Float64Array>();
        let (ids, x) = (ids.expect("integers"), x.expect("numbers"));
        let mut first: HashMap<i64, Option<f64>> = HashMap::new();
        let (mut repeated, mut without_key) = (0, 0);
        for (id, x) in ids.iter().zip(x) {
            match id {
                None => without_key += 1,
                Some(id) if first.contains_key(&id) => repeated += 1,
                Some(id) => {
                    first.insert(id, x);
                }
            }
        }
        (first, repeated, without_key)
    };
    let (own, ..) = read(offline);
    let (now, repeated, without_key) = read(served);
    let both = now.iter().filter_map(|(id, x)| Some((own.get(id)?, x)));
    let counts = KeyCounts {
        rows: ROWS as u64,
        without_key,
        repeated,
        unmatched: now.keys().filter(|id| !own.contains_key(id)).count() as u64,
    };
    let differing = both.clone().filter(|(own, now)| own != now).count() as u64;
    (both.count() as u64, differing, counts)
}

#[test]
fn pairs_are_those_of_a_hash_table_in_any_format_and_on_any_number_of_threads() {
    let folder = folder();
    let mut random = Lcg(3);
    let (ids, x) = rows(&mut random, 0);
    let offline = table(&ids, &x);
    let (ids, x) = rows(&mut random, 10_000);
    let served = table(&ids, &x);
    let (pairs, differing, counts) = expected(&offline, &served);
    let path = |name: &str| folder.path().join(name);
    write_parquet(&path("offline.parquet"), &offline, 7_000);
    write_parquet(&path("served.parquet"), &served, 9_000);
    write_ipc_file(&path("served.arrow"), &served);
    let asked: (&[&str], &[&str]) = (&["id", "day"], &["x", "name"]);
    for (threads, served) in [
        (1, "served.parquet"),
        (3, "served.parquet"),
        (2, "served.arrow"),
    ] {
        let config = SessionConfig {
            threads,
            ..SessionConfig::default()
        };
        let found = run(&path("offline.parquet"), &path(served), asked, config);
        let found = found.expect("valid tables");
        assert_eq!((found.entities, found.one_in), (pairs, 1));
        assert_eq!(found.served, counts);
        assert_eq!(found.offline.unmatched + found.entities, {
            let own = found.offline;
            own.rows - own.repeated - own.without_key
        });
        let values = &found.columns[0].column.values;
        assert_eq!((values.rows(), values.differing(6)), (pairs, differing));
        assert_eq!(found.columns[1].column.values.differing(6), 0);
        assert_eq!(found.columns[0].examples.len(), 3);
        assert!(
            found.columns[0]
                .examples
                .iter()
                .all(|one| one.offline != one.served)
        );
        assert!(found.columns[1].examples.is_empty());
    }
    // With little memory a sample of the keys, the same for both.
    let config = SessionConfig {
        memory_limit_bytes: 1 << 20,
        ..SessionConfig::default()
    };
    let found = run(
        &path("offline.parquet"),
        &path("served.parquet"),
        asked,
        config,
    );
    let found = found.expect("valid tables");
    assert_eq!(found.one_in, 8);
    let share = found.entities as f64 * 8.0 / pairs as f64;
    assert!((share - 1.0).abs() < 0.1, "{share}");
    let values = &found.columns[0].column.values;
    let sampled = values.differing(6) as f64 / values.rows() as f64;
    assert!((sampled - differing as f64 / pairs as f64).abs() < 0.05);
}

/// Two tables about the entities 1 to 4, with columns of like and unlike types.
fn typed() -> (RecordBatch, RecordBatch) {
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
    let names: ArrayRef = Arc::new(StringArray::from(vec!["1", "2.0", "3", "4"]));
    let micros = vec![Some(0), Some(86_400_000_000), None, Some(5)];
    let vectors = |last: f64| -> ArrayRef {
        let rows = [0.1, 0.2, 0.3, last].map(|value| Some(vec![Some(value), Some(1.0)]));
        Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows))
    };
    let text = |values: [&str; 4]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let offline = batch(vec![
        ("id", ids),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC")),
        ),
        ("vector", vectors(f64::from(0.4_f32))),
        (
            "single",
            Arc::new(Float64Array::from(vec![0.1, 0.2, f64::NAN, 4.0])),
        ),
        ("word", text(["1", " a", "b", "007"])),
        (
            "time",
            Arc::new(TimestampMicrosecondArray::from(vec![1, 2, 3, 4])),
        ),
    ]);
    let served = batch(vec![
        ("id", names),
        (
            "at",
            text([
                "1970-01-01",
                "1970-01-02T01:00:00+01:00",
                "1970-01-01",
                "soon",
            ]),
        ),
        ("vector", vectors(0.4)),
        (
            "single",
            Arc::new(Float32Array::from(vec![
                Some(0.1),
                Some(0.3),
                None,
                Some(4.0),
            ])),
        ),
        ("word", text(["1.0", "a", "b", "007"])),
        ("time", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
    ]);
    (offline, served)
}

#[test]
fn values_of_each_type_are_compared_as_what_they_mean() {
    let folder = folder();
    let (offline, served) = typed();
    let (left, right) = (
        folder.path().join("a.parquet"),
        folder.path().join("b.parquet"),
    );
    write_parquet(&left, &offline, 10);
    write_parquet(&right, &served, 10);
    let columns = ["at", "vector", "single", "word", "time"];
    let found = run(&left, &right, (&["id"], &columns), SessionConfig::default());
    let found = found.expect("valid tables");
    assert_eq!(found.entities, 4);
    let differing: Vec<(&str, u64)> = found
        .columns
        .iter()
        .map(|own| (own.column.name.as_str(), own.column.values.differing(6)))
        .collect();
    // Text beside text is compared as it is written, as a model would see it.
    assert_eq!(
        differing,
        [("at", 2), ("vector", 0), ("single", 1), ("word", 2)]
    );
    assert_eq!(found.not_comparable, ["time"]);
    let example = &found.columns[0].examples[0];
    assert_eq!((example.key[0].as_str(), &example.offline), ("3", &None));
    assert_eq!(example.served.as_deref(), Some("1970-01-01"));
}

#[test]
fn keys_must_be_named_and_readable() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    let list = ListArray::from_iter_primitive::<Float64Type, _, _>([Some(vec![Some(1.0)])]);
    write_parquet(&path, &batch(vec![("x", Arc::new(list))]), 10);
    let code = |key: &[&str]| {
        let fault = run(&path, &path, (key, &[]), SessionConfig::default());
        fault.expect_err("a key that cannot be").code()
    };
    assert_eq!(code(&[]), "engine.request.invalid");
    assert_eq!(code(&["y"]), "engine.column.missing");
    assert_eq!(code(&["x"]), "engine.column.kind_impossible");
}
