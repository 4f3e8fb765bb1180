//! Windows, groups and outcomes against a naive computation.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, TimestampMicrosecondType};
use keepwell_core::schema::Kind;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{
    Group, GroupBy, OpenOptions, OutcomeColumns, Profiled, Request, Table, TimeSlices,
};
use keepwell_stats::profile::{ClassConfig, ColumnProfile, Mode, OutcomeConfig};

use crate::fixtures::{
    HOUR, Lcg, block_on, events, folder, open, pattern, session, start, write, write_parquet,
};

/// Windows of `hours`, one of them left out, one of them beyond all events.
fn windows(hours: i64, count: i64) -> Vec<Window> {
    (0..count)
        .filter(|&idx| idx != 3)
        .map(|idx| Window {
            start: Timestamp(start().0 + idx * hours * HOUR),
            end: Timestamp(start().0 + (idx + 1) * hours * HOUR),
        })
        .collect()
}

fn shuffled(batch: &RecordBatch) -> RecordBatch {
    let mut random = Lcg(3);
    let mut order: Vec<u32> = (0..batch.num_rows() as u32).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, random.next(last as u64 + 1) as usize);
    }
    let order = datafusion::arrow::array::UInt32Array::from(order);
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(|array| take(array, &order, None).expect("rows that exist"))
        .collect();
    RecordBatch::try_new(batch.schema(), columns).expect("the same columns")
}

/// What the naive computation says about a cell.
#[derive(Debug, Default, PartialEq)]
struct Expected {
    rows: u64,
    prices: Vec<u64>,
    ages_null: u64,
    members_true: u64,
    positives: u64,
}

type CellKey = (usize, Option<String>);

/// Rows by window and group, one by one; prices as bits, sorted.
fn naive(batch: &RecordBatch, windows: &[Window], kept: &[&str]) -> BTreeMap<CellKey, Expected> {
    let at = batch["at"].as_primitive::<TimestampMicrosecondType>();
    let country = batch["country"].as_string::<i32>();
    let price = batch["price"].as_primitive::<Float64Type>();
    let member = batch["member"].as_boolean();
    let target = batch["target"].as_primitive::<Int64Type>();
    let mut cells = BTreeMap::new();
    for window in 0..windows.len() {
        for group in kept
            .iter()
            .map(|name| Some((*name).to_owned()))
            .chain([None])
        {
            cells.insert((window, group), Expected::default());
        }
    }
    for row in 0..batch.num_rows() {
        let Some(window) = windows
            .iter()
            .position(|window| window.start.0 <= at.value(row) && at.value(row) < window.end.0)
        else {
            continue;
        };
        let name = (!country.is_null(row)).then(|| country.value(row));
        let group = name.filter(|name| kept.contains(name)).map(str::to_owned);
        let cell = cells
            .get_mut(&(window, group))
            .expect("all cells are there");
        cell.rows += 1;
        cell.prices.push(price.value(row).to_bits());
        cell.ages_null += u64::from(batch["age"].is_null(row));
        cell.members_true += u64::from(!member.is_null(row) && member.value(row));
        cell.positives += u64::from(!target.is_null(row) && target.value(row) == 1);
    }
    for cell in cells.values_mut() {
        cell.prices.sort_unstable();
    }
    cells
}

fn found(profiled: &Profiled) -> BTreeMap<CellKey, Expected> {
    profiled
        .cells
        .iter()
        .map(|cell| {
            let group = match &cell.group {
                Group::Value(name) => Some(name.clone()),
                Group::Other => None,
                Group::All => panic!("groups were asked for"),
            };
            let [
                ColumnProfile::Numeric(price),
                age,
                ColumnProfile::Boolean(member),
            ] = &cell.columns[..]
            else {
                panic!("three columns of known kinds");
            };
            let outcomes = cell.outcomes.as_ref().expect("outcomes were asked for");
            assert_eq!(outcomes.rows(), cell.rows);
            let classes = outcomes.classes().expect("a classifier");
            let decided: u64 = [Some("1"), Some("0"), None]
                .into_iter()
                .map(|prediction| classes.confusion(Some("1"), prediction))
                .sum();
            let expected = Expected {
                rows: cell.rows,
                prices: price
                    .distribution()
                    .values()
                    .iter()
                    .map(|value| value.to_bits())
                    .collect(),
                ages_null: age.counts().null,
                members_true: member.n_true(),
                positives: decided,
            };
            (
                (cell.window.expect("windows were asked for"), group),
                expected,
            )
        })
        .collect()
}

fn request(windows: Vec<Window>, kept: &[&str]) -> Request {
    Request {
        columns: vec![
            ("price".to_owned(), Kind::Numeric),
            ("age".to_owned(), Kind::Numeric),
            ("member".to_owned(), Kind::Boolean),
        ],
        outcomes: Some(OutcomeColumns {
            target: Some("target".to_owned()),
            // The decision is the membership: any column of classes will do here.
            prediction: Some("member".to_owned()),
            scores: vec!["score".to_owned()],
            query: None,
            item: None,
            config: OutcomeConfig::Classes(ClassConfig {
                scored_classes: vec!["1".to_owned()],
                positive: Some("1".to_owned()),
                threshold: 0.5,
                mode: Mode::Exact,
            }),
        }),
        time: Some(TimeSlices {
            column: "at".to_owned(),
            windows,
        }),
        group_by: Some(GroupBy {
            column: "country".to_owned(),
            values: kept.iter().map(|name| (*name).to_owned()).collect(),
        }),
        sample: None,
    }
}

#[test]
fn cells_hold_exactly_their_rows() {
    let folder = folder();
    let batch = events(6_000);
    let kept = ["DE", "a name of more than twelve bytes", "never seen"];
    for (name, batch) in [("sorted", batch.clone()), ("shuffled", shuffled(&batch))] {
        let path = folder.path().join(format!("{name}.parquet"));
        write_parquet(&path, &batch, 2_000);
        // 600 hours of events: few long windows, and many short ones.
        for (hours, count) in [(100, 8), (2, 400)] {
            let windows = windows(hours, count);
            let profiled = block_on(async {
                let session = session(2, Mode::Exact);
                let table = open(&session, &path).await.expect("valid input");
                session
                    .profile(&table, &request(windows.clone(), &kept))
                    .await
                    .expect("valid values")
            });
            assert_eq!(profiled.cells.len(), windows.len() * (kept.len() + 1));
            assert_eq!(found(&profiled), naive(&batch, &windows, &kept));
            let inside: u64 = profiled.cells.iter().map(|cell| cell.rows).sum();
            assert_eq!(profiled.rows_outside_windows, 6_000 - inside);
            assert_eq!(profiled.rows_without_time, 0);
        }
    }
}

#[test]
fn a_window_without_rows_is_a_result() {
    let folder = folder();
    let path = write(
        folder.path(),
        "a.csv",
        "at,x\n2026-01-01,1\n,2\n2027-01-01,3\n",
    );
    let profiled = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        let request = Request {
            columns: vec![("x".to_owned(), Kind::Numeric)],
            time: Some(TimeSlices {
                column: "at".to_owned(),
                windows: windows(24, 3),
            }),
            ..Request::default()
        };
        session
            .profile(&table, &request)
            .await
            .expect("valid values")
    });
    let rows: Vec<u64> = profiled.cells.iter().map(|cell| cell.rows).collect();
    assert_eq!(rows, [1, 0, 0]);
    assert_eq!(profiled.cells[2].columns[0].kind(), Kind::Numeric);
    assert_eq!(profiled.cells[2].columns[0].counts().rows, 0);
    assert_eq!(profiled.cells[0].group, Group::All);
    assert_eq!(
        (profiled.rows_without_time, profiled.rows_outside_windows),
        (1, 1)
    );
}

/// Times as the given type, profiled by day.
fn by_day(table: &Table, session: &keepwell_engine::Session) -> Vec<u64> {
    let request = Request {
        time: Some(TimeSlices {
            column: "at".to_owned(),
            windows: (0..40)
                .map(|day| Window {
                    start: Timestamp(start().0 + day * 24 * HOUR),
                    end: Timestamp(start().0 + (day + 1) * 24 * HOUR),
                })
                .collect(),
        }),
        ..Request::default()
    };
    let profiled = block_on(session.profile(table, &request)).expect("valid times");
    profiled.cells.iter().map(|cell| cell.rows).collect()
}

#[test]
fn time_is_read_from_every_type() {
    let folder = folder();
    let batch = events(4_000);
    let at = batch["at"].as_primitive::<TimestampMicrosecondType>();
    let number = |divisor: i64| -> ArrayRef {
        let numbers: Vec<i64> = at.values().iter().map(|at| at / divisor).collect();
        std::sync::Arc::new(datafusion::arrow::array::Int64Array::from(numbers))
    };
    let scaled =
        |unit| cast(&batch["at"], &DataType::Timestamp(unit, None)).expect("a cast between units");
    let text: Vec<String> = at
        .values()
        .iter()
        .map(|&at| Timestamp(at).to_rfc3339().replace('Z', "+00:00"))
        .collect();
    let nanos: Vec<i64> = at.values().iter().map(|at| at * 1_000).collect();
    use datafusion::arrow::datatypes::TimeUnit::{Millisecond, Nanosecond, Second};
    let arrays: [(&str, ArrayRef); 9] = [
        ("seconds", number(1_000_000)),
        ("milliseconds", number(1_000)),
        ("microseconds", number(1)),
        (
            "nanoseconds",
            std::sync::Arc::new(datafusion::arrow::array::Int64Array::from(nanos)),
        ),
        ("s", scaled(Second)),
        ("ms", scaled(Millisecond)),
        ("ns", scaled(Nanosecond)),
        (
            "text",
            std::sync::Arc::new(datafusion::arrow::array::StringArray::from(text)),
        ),
        (
            "float",
            cast(&number(1_000_000), &DataType::Float64).expect("a cast of numbers"),
        ),
    ];
    let session = session(2, Mode::Exact);
    let options = OpenOptions {
        time_columns: vec!["at".to_owned()],
        ..OpenOptions::default()
    };
    for (name, array) in arrays {
        let path = folder.path().join(format!("{name}.parquet"));
        let batch = RecordBatch::try_from_iter([("at", array)]).expect("one column");
        write_parquet(&path, &batch, 10_000);
        let table = block_on(session.open(&pattern(&path), &options)).expect("valid input");
        assert_eq!(table.columns[0].kind, Kind::Timestamp, "{name}");
        let rows = by_day(&table, &session);
        assert_eq!(rows[..16], [240; 16], "{name}");
        assert_eq!(rows[16..18], [160, 0], "{name}");
        let notes: Vec<&str> = table.notes.iter().map(|note| note.id()).collect();
        match name {
            "s" | "ms" | "ns" => assert_eq!(notes, ["naive_time"], "{name}"),
            "text" => assert!(notes.is_empty(), "{name}"),
            _ => assert_eq!(notes, ["epoch_unit"], "{name}"),
        }
        let range = block_on(session.time_range(&table, "at")).expect("valid times");
        assert_eq!(range.expect("there are rows").0, start(), "{name}");
    }
}

#[test]
fn values_are_counted_in_their_canonical_spelling() {
    let folder = folder();
    let path = write(
        folder.path(),
        "a.ndjson",
        "{\"v\": 1}\n{\"v\": \"1\"}\n{\"v\": true}\n{\"v\": 1.0}\n{\"v\": \"b\"}\n{\"v\": \"b\"}\n{}\n",
    );
    let values = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        session.values(&table, "v", 10).await.expect("names")
    });
    assert_eq!(
        values,
        [
            (Some("1".to_owned()), 4),
            (Some("b".to_owned()), 2),
            (None, 1)
        ]
    );
}

#[test]
fn without_a_prediction_the_score_decides() {
    let folder = folder();
    let path = write(
        folder.path(),
        "a.csv",
        "y,p\nyes,0.9\nno,0.2\nyes,0.5\nno,\n,0.7\n",
    );
    let profiled = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        let request = Request {
            outcomes: Some(OutcomeColumns {
                target: Some("y".to_owned()),
                prediction: None,
                scores: vec!["p".to_owned()],
                query: None,
                item: None,
                config: OutcomeConfig::Classes(ClassConfig {
                    scored_classes: vec!["yes".to_owned()],
                    positive: Some("yes".to_owned()),
                    threshold: 0.5,
                    mode: Mode::Exact,
                }),
            }),
            ..Request::default()
        };
        session
            .profile(&table, &request)
            .await
            .expect("valid values")
    });
    let outcomes = profiled.cells[0].outcomes.as_ref().expect("outcomes");
    assert_eq!((outcomes.rows(), outcomes.targets()), (5, 4));
    let classes = outcomes.classes().expect("a classifier");
    assert_eq!(classes.confusion(Some("yes"), Some("yes")), 2);
    assert_eq!(classes.confusion(None, Some("yes")), 1);
}
