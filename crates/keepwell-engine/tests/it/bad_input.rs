//! Each kind of bad input: its code, and a message that names the place and what would be right.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use keepwell_core::fault::Fault;
use keepwell_core::schema::Kind;
use keepwell_engine::{EngineError, OpenOptions, OutcomeColumns, Request};
use keepwell_stats::profile::{ClassConfig, Mode, OutcomeConfig};

use crate::fixtures::{
    block_on, events, fault_of, folder, open, pattern, session, write, write_ipc_file,
    write_ipc_stream, write_parquet,
};

/// What opening and profiling a file of these bytes ends with.
fn fault(name: &str, bytes: impl AsRef<[u8]>) -> (&'static str, String) {
    let folder = folder();
    let path = write(folder.path(), name, bytes);
    fault_of(&path, &OpenOptions::default())
}

fn declared(column: &str, kind: Kind) -> OpenOptions {
    OpenOptions {
        kinds: vec![(column.to_owned(), kind)],
        ..OpenOptions::default()
    }
}

fn is((found_code, found): (&'static str, String), code: &str, message: &str) {
    assert_eq!(found_code, code, "{found}");
    assert!(found.contains(message), "{found}");
}

#[test]
fn paths_that_name_nothing() {
    let session = session(1, Mode::Exact);
    let fault = |pattern: &str| {
        block_on(session.open(&[pattern.to_owned()], &OpenOptions::default()))
            .expect_err("nothing there")
    };
    assert_eq!(fault("no/such.csv").code(), "engine.file.missing");
    assert!(fault("no/such.csv").hint().is_some());
    assert_eq!(
        fault("no/such/*.csv").code(),
        "engine.pattern.nothing_matches"
    );
    assert_eq!(fault("a[").code(), "engine.pattern.nothing_matches");
    let folder = folder();
    write(folder.path(), "readme.md", "text");
    assert_eq!(
        fault(&pattern(folder.path())[0]).code(),
        "engine.folder.empty"
    );
    let readme = folder.path().join("readme.md");
    assert_eq!(fault(&pattern(&readme)[0]).code(), "engine.format.unknown");
    write(folder.path(), "a.csv", "a\n1\n");
    write(folder.path(), "b.ndjson", "{\"a\": 1}\n");
    assert_eq!(
        fault(&pattern(folder.path())[0]).code(),
        "engine.format.mixed"
    );
    let none = block_on(session.open(&[], &OpenOptions::default())).expect_err("no pattern");
    assert_eq!(none.code(), "engine.request.invalid");
}

#[test]
fn empty_files() {
    for name in ["a.csv", "a.parquet", "a.ndjson", "a.arrow"] {
        is(fault(name, ""), "engine.file.empty", "found an empty file");
    }
    is(fault("a.csv", "\n\n"), "engine.file.empty", "a.csv");
}

#[test]
fn files_that_are_cut_off_or_something_else() {
    let folder = folder();
    let batch = events(500);
    let cut = |name: &str| {
        let path = folder.path().join(name);
        let bytes = std::fs::read(&path).expect("a file just written");
        write(folder.path(), name, &bytes[..bytes.len() * 2 / 3]);
        fault_of(&path, &OpenOptions::default())
    };
    write_parquet(&folder.path().join("a.parquet"), &batch, 100);
    is(
        cut("a.parquet"),
        "engine.file.malformed",
        "expected a Parquet file in `a.parquet`",
    );
    write_ipc_file(&folder.path().join("a.arrow"), &batch);
    is(
        cut("a.arrow"),
        "engine.file.malformed",
        "expected an Arrow file in `a.arrow`",
    );
    write_ipc_stream(&folder.path().join("b.arrow"), &batch);
    is(
        cut("b.arrow"),
        "engine.file.malformed",
        "the stream is cut off",
    );
    is(
        fault("a.parquet", "a,b\n1,2\n"),
        "engine.file.malformed",
        "a Parquet file",
    );
    is(
        fault("a.arrow", "a,b\n1,2\n"),
        "engine.file.malformed",
        "an Arrow file",
    );
    is(
        fault("a.csv.gz", "a,b\n1,2\n"),
        "engine.file.malformed",
        "compressed text",
    );
    is(
        fault("a.csv.zst", "a,b\n1,2\n"),
        "engine.file.malformed",
        "compressed text",
    );
}

#[test]
fn ragged_rows() {
    is(
        fault("a.csv", "a,b,c\n1,2,3\n\n4,5\n"),
        "engine.csv.ragged_row",
        "a.csv, line 4: expected 3 fields as in the header; found 2",
    );
    is(
        fault("a.csv", "a,b\r\n\"x\ny\",2\r\n1,2,3\r\n"),
        "engine.csv.ragged_row",
        "a.csv, line 4: expected 2 fields as in the header; found 3",
    );
}

#[test]
fn quotes_that_are_not_closed() {
    is(
        fault("a.csv", "a,b\n1,2\n3,\"4\n5,6\n"),
        "engine.csv.unclosed_quote",
        "a.csv, line 3: expected a closing double quote; found the end of the file",
    );
    is(
        fault("a.csv", "a,\"b"),
        "engine.csv.unclosed_quote",
        "line 1",
    );
}

#[test]
fn wrong_encodings() {
    let mut latin = b"name,town\nA,Ulm\n".to_vec();
    latin.extend(b"B,M\xfcnchen\n");
    is(
        fault("a.csv", &latin),
        "engine.text.not_utf8",
        "a.csv, line 3: expected text in UTF-8; found the byte 0xfc",
    );
    is(
        fault("a.ndjson", b"{\"a\": 1}\n{\"a\": \"\xfc\"}\n"),
        "engine.text.not_utf8",
        "a.ndjson, line 2",
    );
    // Halves of a character on both sides of a delimiter are not one character.
    is(
        fault("a.csv", b"a,b\n\xc3,\xa9\n"),
        "engine.text.not_utf8",
        "line 2",
    );
    let utf16: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain("a,b\n1,2\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    is(fault("a.csv", utf16), "engine.text.utf16", "found UTF-16");
}

#[test]
fn duplicate_column_names() {
    let message = "found `a` twice, as columns 1 and 3";
    is(
        fault("a.csv", "a,b,a\n1,2,3\n"),
        "engine.column.duplicate",
        message,
    );
    let schema = Schema::new(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("b", DataType::Int64, true),
        Field::new("a", DataType::Int64, true),
    ]);
    let array: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let batch = RecordBatch::try_new(Arc::new(schema), vec![array.clone(), array.clone(), array])
        .expect("Arrow allows equal names");
    let folder = folder();
    let parquet = folder.path().join("a.parquet");
    write_parquet(&parquet, &batch, 10);
    is(
        fault_of(&parquet, &OpenOptions::default()),
        "engine.column.duplicate",
        message,
    );
    let arrow = folder.path().join("a.arrow");
    write_ipc_file(&arrow, &batch);
    is(
        fault_of(&arrow, &OpenOptions::default()),
        "engine.column.duplicate",
        message,
    );
}

#[test]
fn lines_that_are_not_json_objects() {
    let bad = |line: &str| fault("a.ndjson", format!("{{\"a\": 1}}\n\n{line}\n"));
    let code = "engine.ndjson.bad_line";
    is(
        bad("{\"a\": }"),
        code,
        "a.ndjson, line 3: expected one JSON object per line",
    );
    is(bad("{\"a\": NaN}"), code, "found at column 7");
    is(bad("[1, 2]"), code, "line 3");
    is(bad("{\"a\": 1} {\"a\": 2}"), code, "trailing characters");
    is(bad("{\"a\": \"x"), code, "EOF");
    is(
        fault("a.json", "[\n{\"a\": 1}\n]\n"),
        code,
        "a.json, line 1",
    );
}

#[test]
fn values_that_their_column_cannot_hold() {
    let folder = folder();
    let csv = write(
        folder.path(),
        "a.csv",
        "x,at\n1,2013-01-07\n2,2013-01-08\nabc,07/01/2013\n",
    );
    is(
        fault_of(&csv, &declared("x", Kind::Numeric)),
        "engine.value.invalid",
        "a.csv, line 4, column `x`: expected a number; found `abc`",
    );
    is(
        fault_of(&csv, &declared("x", Kind::Boolean)),
        "engine.value.invalid",
        "line 3, column `x`: expected true, false, 1 or 0; found `2`",
    );
    let times = OpenOptions {
        time_columns: vec!["at".to_owned()],
        ..OpenOptions::default()
    };
    is(
        fault_of(&csv, &times),
        "engine.value.invalid",
        "line 4, column `at`: expected an instant such as 2026-01-31T09:30:00Z, or a date such as \
         2026-01-31; found `07/01/2013`",
    );
    let array: ArrayRef = Arc::new(StringArray::from(vec!["1", "2", "abc", "4", "abc"]));
    let batch = RecordBatch::try_from_iter([("x", array)]).expect("one column");
    let parquet = folder.path().join("a.parquet");
    write_parquet(&parquet, &batch, 2);
    is(
        fault_of(&parquet, &declared("x", Kind::Numeric)),
        "engine.value.invalid",
        "a.parquet, row 3, column `x`: expected a number; found `abc`",
    );
    is(
        fault_of(&parquet, &declared("x", Kind::Timestamp)),
        "engine.value.invalid",
        "a.parquet, row 1, column `x`",
    );
}

#[test]
fn types_that_cannot_be_read_as_asked() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &events(10), 10);
    is(
        fault_of(&path, &declared("at", Kind::Numeric)),
        "engine.column.kind_impossible",
        "expected a column that can be read as numeric; `at` is timestamp",
    );
}

#[test]
fn files_whose_types_have_nothing_in_common() {
    let folder = folder();
    write(folder.path(), "1.csv", "a\n1\n");
    write(folder.path(), "2.csv", "a\nx\n");
    let options = OpenOptions::default();
    let session = session(2, Mode::Exact);
    let fault = block_on(session.open(&pattern(folder.path()), &options)).expect_err("a conflict");
    assert_eq!(fault.code(), "engine.column.type_conflict");
    let message = fault.to_string();
    assert!(
        message.contains("integer in `") && message.contains("text in `"),
        "{message}"
    );
    let options = declared("a", Kind::Categorical);
    let table = block_on(session.open(&pattern(folder.path()), &options)).expect("declared");
    assert_eq!(table.columns[0].kind, Kind::Categorical);
}

#[test]
fn requests_that_do_not_fit() {
    let folder = folder();
    let path = write(folder.path(), "a.csv", "price,name\n1,x\n");
    block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        let missing = Request {
            columns: vec![("pric".to_owned(), Kind::Numeric)],
            ..Request::default()
        };
        let fault = session
            .profile(&table, &missing)
            .await
            .expect_err("no such column");
        assert_eq!(fault.code(), "engine.column.missing");
        assert_eq!(fault.hint().as_deref(), Some("there are: price, name"));
        let scores = Request {
            outcomes: Some(OutcomeColumns {
                target: None,
                prediction: None,
                scores: Vec::new(),
                query: None,
                item: None,
                config: OutcomeConfig::Classes(ClassConfig {
                    scored_classes: vec!["1".to_owned()],
                    positive: None,
                    threshold: 0.5,
                    mode: Mode::Exact,
                }),
            }),
            ..Request::default()
        };
        let fault = session
            .profile(&table, &scores)
            .await
            .expect_err("no scores");
        assert!(matches!(fault, EngineError::Request { .. }));
    });
}

#[cfg(unix)]
#[test]
fn a_file_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = write(folder.path(), "a.csv", "a\n1\n");
    let locked = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(&path, locked).expect("our own file");
    // Whoever may read everything (root in a container) sees no fault.
    if std::fs::File::open(&path).is_err() {
        is(
            fault_of(&path, &OpenOptions::default()),
            "engine.file.unreadable",
            "the system says",
        );
    }
}
