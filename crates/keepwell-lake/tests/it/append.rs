//! Appending: acknowledged once, refused with a reason, seen at once.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use keepwell_core::fault::Fault;
use keepwell_core::time::{Timestamp, Window};
use keepwell_lake::{Batch, Kind, Lake, LakeConfig, LakeReader, TableName};

use crate::world::{HOUR, START, all, batch, counts, open, rows, table, total};

fn with_column(rows: &RecordBatch, name: &str, array: ArrayRef) -> RecordBatch {
    let schema = rows.schema();
    let columns = schema.fields().iter().map(|field| field.name().as_str());
    let mut columns: Vec<(&str, ArrayRef)> = columns.zip(rows.columns().iter().cloned()).collect();
    columns.retain(|(existing, _)| *existing != name);
    columns.push((name, array));
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

#[test]
fn a_repeated_key_is_acknowledged_and_not_stored_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    let first = lake
        .append(batch("m", rows(1, 10, START), Some("k")))
        .expect("stored");
    assert!(!first.repeated);
    assert_eq!((first.first_row, first.n_rows), (0, 10));
    lake.flush().expect("flushed");
    drop(lake);
    let lake = open(folder.path());
    let again = lake
        .append(batch("m", rows(1, 10, START), Some("k")))
        .expect("acknowledged");
    assert!(again.repeated);
    assert_eq!(again.first_row, 0);
    let other = lake
        .append(batch("m", rows(2, 10, START), Some("k")))
        .expect_err("other rows");
    assert_eq!(other.code(), "lake.key.reused");
    // A key counts within its table.
    lake.append(batch("n", rows(2, 10, START), Some("k")))
        .expect("stored");
    assert_eq!(total(lake.reader(), &table("m")), 10);
}

#[test]
fn many_clients_are_each_stored_once_and_rows_are_numbered_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    std::thread::scope(|scope| {
        for client in 0..16 {
            let lake = &lake;
            scope.spawn(move || {
                for number in 0..20 {
                    let id = client * 100 + number;
                    let key = format!("{id}");
                    // Each batch is sent twice, as after a lost answer.
                    for _ in 0..2 {
                        let model = if number % 2 == 0 { "a" } else { "b" };
                        lake.append(batch(model, rows(id, 3, START), Some(&key)))
                            .expect("stored");
                    }
                }
            });
        }
    });
    let mut numbers = Vec::new();
    for model in ["a", "b"] {
        let counts = counts(lake.reader(), &table(model));
        assert_eq!(counts.len(), 160);
        assert!(counts.values().all(|&n| n == 3));
        for batch in all(lake.reader(), &table(model)) {
            let rows = batch.column_by_name("_row").expect("the column");
            numbers.extend(rows.as_primitive::<Int64Type>().values().iter().copied());
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..960).collect::<Vec<_>>());
}

#[test]
fn columns_join_and_a_changed_type_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 2, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    let wider = with_column(
        &rows(2, 2, START),
        "plan",
        Arc::new(StringArray::from(vec!["a", "b"])),
    );
    let receipt = lake.append(batch("m", wider, None)).expect("stored");
    assert_eq!(receipt.columns_added, ["plan"]);
    let changed = with_column(
        &rows(3, 2, START),
        "age",
        Arc::new(StringArray::from(vec!["x", "y"])),
    );
    let error = lake
        .append(batch("m", changed, None))
        .expect_err("another type");
    assert_eq!(error.code(), "lake.column.type_changed");
    assert_eq!(
        error.to_string(),
        "expected column `age` as int64; found varchar"
    );
    // A batch without columns that the table has leaves the table as it is.
    let narrow = rows(4, 2, START)
        .project(&[0, 1, 2])
        .expect("three columns");
    lake.append(batch("m", narrow, None)).expect("stored");
    lake.flush().expect("flushed");
    let scan = lake
        .reader()
        .scan(&table("m"), None)
        .expect("the scan")
        .expect("the table");
    let names: Vec<&str> = scan
        .table
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let expected = [
        "prediction_id",
        "timestamp",
        "batch",
        "score",
        "age",
        "_day",
        "_row",
        "_received",
        "plan",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        counts(lake.reader(), &table("m"))
            .into_iter()
            .collect::<Vec<_>>(),
        [(1, 2), (2, 2), (4, 2)]
    );
}

#[test]
fn batches_that_cannot_be_stored_say_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    let refused = |rows: RecordBatch| {
        lake.append(batch("m", rows, None))
            .expect_err("refused")
            .to_string()
    };
    let good = rows(1, 2, START);
    assert_eq!(
        refused(good.slice(0, 0)),
        "expected at least one row; found an empty batch"
    );
    let without = good.project(&[1, 2]).expect("two columns");
    assert_eq!(
        refused(without),
        "expected a column `prediction_id`; found a batch without it"
    );
    let nulls = with_column(
        &good,
        "prediction_id",
        Arc::new(StringArray::from(vec![Some("a"), None])),
    );
    assert_eq!(
        refused(nulls),
        "expected a value of `prediction_id` in each row; found null in row 1"
    );
    let text = with_column(
        &good,
        "timestamp",
        Arc::new(StringArray::from(vec!["now", "then"])),
    );
    assert_eq!(
        refused(text),
        "expected `timestamp` as an instant in the years 1000 to 9999; found varchar"
    );
    let case = with_column(
        &good,
        "Score",
        Arc::new(BooleanArray::from(vec![true, false])),
    );
    assert_eq!(
        refused(case),
        "expected a column name that differs by more than case; found `Score` beside `score`"
    );
    assert!(TableName::try_new("a\nb", Kind::Targets).is_err());
    lake.append(batch("Model", good.clone(), None))
        .expect("stored");
    let twin = lake
        .append(batch("model", good, None))
        .expect_err("differs by case only");
    assert_eq!(twin.code(), "lake.name.case");
    assert!(lake.reader().tables().expect("tables").len() == 1);
}

#[test]
fn a_scan_is_pruned_by_time_and_keeps_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 72, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    lake.append(batch("m", rows(2, 5, START + 24 * HOUR), None))
        .expect("stored");
    let day = Window {
        start: Timestamp(START + 24 * HOUR),
        end: Timestamp(START + 48 * HOUR),
    };
    let scan = lake
        .reader()
        .scan(&table("m"), Some(day))
        .expect("the scan")
        .expect("the table");
    assert_eq!(scan.files.len(), 1);
    assert_eq!(scan.files[0].n_rows, 24);
    assert_eq!(scan.buffered.len(), 1);
    let before = Window {
        start: Timestamp(START),
        end: Timestamp(START + 24 * HOUR),
    };
    let other = lake
        .reader()
        .scan(&table("m"), Some(before))
        .expect("the scan")
        .expect("the table");
    assert!(other.buffered.is_empty());

    lake.append(batch("m", rows(3, 72, START), None))
        .expect("stored");
    lake.flush().expect("flushed");
    lake.compact(keepwell_lake::Urgency::All)
        .expect("compacted");
    lake.clean(std::time::Duration::ZERO).expect("cleaned");
    assert!(scan.files[0].path.exists(), "the scan may still read it");
    let path = scan.files[0].path.clone();
    drop((scan, other));
    lake.clean(std::time::Duration::ZERO).expect("cleaned");
    assert!(!path.exists());
}

#[test]
fn full_queues_refuse_before_memory_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = LakeConfig {
        buffer_bytes_max: 1,
        ..LakeConfig::default()
    };
    let lake = Lake::open(folder.path(), config).expect("the store");
    lake.append(batch("m", rows(1, 2, START), None))
        .expect("stored");
    let error = lake
        .append(batch("m", rows(2, 2, START), None))
        .expect_err("full");
    assert_eq!(error.code(), "lake.store.busy");
    lake.flush().expect("flushed");
    lake.append(batch("m", rows(2, 2, START), None))
        .expect("stored");
}

#[test]
fn one_process_writes_and_others_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    lake.append(batch("m", rows(1, 2, START), None))
        .expect("stored");
    let Err(error) = Lake::open(folder.path(), LakeConfig::default()) else {
        panic!("a second writer");
    };
    assert_eq!(error.code(), "lake.store.in_use");
    let reader = LakeReader::open(folder.path()).expect("a reader");
    assert_eq!(total(&reader, &table("m")), 2);
    assert!(
        reader
            .scan(&table("none"), None)
            .expect("the scan")
            .is_none()
    );
}

#[test]
fn names_of_any_script_and_nested_columns_are_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = open(folder.path());
    let lists =
        arrow_array::ListArray::from_iter_primitive::<arrow_array::types::Float32Type, _, _>([
            Some(vec![Some(1.0), Some(2.0)]),
            None,
        ]);
    let rows = with_column(&rows(1, 2, START), "嵌入", Arc::new(lists));
    let name = TableName::try_new("模型 1", Kind::Predictions).expect("a name");
    let batch = Batch {
        table: name.clone(),
        rows,
        key: None,
        sent: None,
    };
    lake.append(batch).expect("stored");
    lake.flush().expect("flushed");
    let read = all(lake.reader(), &name);
    let lists = read[0]
        .column_by_name("嵌入")
        .expect("the column")
        .as_list::<i32>();
    assert_eq!(lists.value(0).len(), 2);
}
