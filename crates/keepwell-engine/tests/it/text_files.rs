//! What CSV and NDJSON files are read as.

use keepwell_core::schema::Kind;
use keepwell_engine::{Note, OpenOptions, Table};
use keepwell_stats::profile::ColumnProfile;

use crate::fixtures::{folder, kinds, profile_file, write};

fn read(name: &str, text: &str, options: &OpenOptions) -> (Table, Vec<ColumnProfile>) {
    let folder = folder();
    let path = write(folder.path(), name, text);
    let (table, mut profiled) = profile_file(&path, options);
    (table, profiled.cells.remove(0).columns)
}

fn note_ids(table: &Table) -> Vec<&'static str> {
    table.notes.iter().map(Note::id).collect()
}

#[test]
fn a_header_without_rows_is_an_empty_table() {
    for text in ["a,b\n", "a,b"] {
        let (table, columns) = read("a.csv", text, &OpenOptions::default());
        assert_eq!(table.rows, 0);
        assert_eq!(
            kinds(&table),
            [("a", Kind::Categorical), ("b", Kind::Categorical)]
        );
        assert_eq!(columns[1].counts().rows, 0);
    }
}

#[test]
fn an_empty_field_is_null_and_a_column_may_hold_nothing_else() {
    let (table, columns) = read("a.csv", "a,b,c\n1,,\n,,x\n", &OpenOptions::default());
    let nulls: Vec<u64> = columns.iter().map(|column| column.counts().null).collect();
    assert_eq!(nulls, [1, 2, 1]);
    assert_eq!(table.columns[1].data_type, "nothing but null");
    assert_eq!(columns[1].kind(), Kind::Categorical);
}

#[test]
fn types_are_decided_by_all_rows() {
    // The first block of rows looks like integers, dates, truth values and nothing.
    let mut text = "number,date,truth,late\n".to_owned();
    for row in 0..100_000 {
        text += &format!("{row},2013-01-01,true,\n");
    }
    let (table, _) = read("a.csv", &text, &OpenOptions::default());
    assert_eq!(
        kinds(&table),
        [
            ("number", Kind::Numeric),
            ("date", Kind::Timestamp),
            ("truth", Kind::Boolean),
            ("late", Kind::Categorical)
        ]
    );
    assert!(table.notes.is_empty());
    text += "1.5,01/07/2013,maybe,7\n";
    let (table, columns) = read("a.csv", &text, &OpenOptions::default());
    assert_eq!(
        kinds(&table),
        [
            ("number", Kind::Numeric),
            ("date", Kind::Categorical),
            ("truth", Kind::Categorical),
            ("late", Kind::Numeric)
        ]
    );
    assert_eq!(table.columns[0].data_type, "float");
    assert_eq!(note_ids(&table), ["mixed_types", "mixed_types"]);
    let Note::MixedTypes {
        place,
        before,
        found,
    } = &table.notes[0]
    else {
        panic!("a column of mixed types");
    };
    assert_eq!((*before, found.as_str()), ("instants", "01/07/2013"));
    assert!(
        place
            .to_string()
            .ends_with("a.csv, line 100002, column `date`"),
        "{place}"
    );
    let ColumnProfile::Numeric(number) = &columns[0] else {
        panic!("a column of numbers");
    };
    assert_eq!(number.range(), Some((0.0, 99_999.0)));
    assert_eq!(columns[3].counts().null, 100_000);
}

#[test]
fn codes_with_leading_zeros_are_names() {
    let (table, columns) = read("a.csv", "zip\n10115\n01067\n", &OpenOptions::default());
    assert_eq!(
        columns[0].category_counts(),
        Some(vec![("01067", 1), ("10115", 1)])
    );
    assert_eq!(note_ids(&table), ["mixed_types"]);
    let options = OpenOptions {
        kinds: vec![("zip".to_owned(), Kind::Numeric)],
        ..OpenOptions::default()
    };
    let (table, columns) = read("a.csv", "zip\n10115\n01067\n", &options);
    assert_eq!(columns[0].kind(), Kind::Numeric);
    assert!(table.notes.is_empty());
}

#[test]
fn a_declared_category_counts_numbers_by_their_shortest_form() {
    let options = OpenOptions {
        kinds: vec![("code".to_owned(), Kind::Categorical)],
        ..OpenOptions::default()
    };
    // Integers become floats as soon as one is missing in many programs.
    for text in ["code\n1\n2\n1\n", "code\n1.0\n2.0\n1.0\n"] {
        let (_, columns) = read("a.csv", text, &options);
        assert_eq!(columns[0].category_counts(), Some(vec![("1", 2), ("2", 1)]));
    }
}

#[test]
fn declared_null_texts_are_null() {
    let options = OpenOptions {
        null_texts: vec!["NA".to_owned()],
        ..OpenOptions::default()
    };
    let (table, columns) = read("a.csv", "x\n1\nNA\n3\n", &options);
    assert_eq!(kinds(&table), [("x", Kind::Numeric)]);
    assert_eq!(columns[0].counts().null, 1);
    let (table, _) = read("a.csv", "x\n1\nNA\n3\n", &OpenOptions::default());
    assert_eq!(note_ids(&table), ["mixed_types"]);
}

#[test]
fn times_without_zone_are_noted() {
    let text = "a,b\n2013-01-01T00:00:00,2013-01-01T00:00:00Z\n";
    let (table, columns) = read("a.csv", text, &OpenOptions::default());
    assert_eq!(note_ids(&table), ["naive_time"]);
    let (ColumnProfile::Timestamp(a), ColumnProfile::Timestamp(b)) = (&columns[0], &columns[1])
    else {
        panic!("columns of instants");
    };
    assert_eq!(a.range(), b.range());
}

#[test]
fn columns_without_a_name_get_one() {
    let (table, _) = read("a.csv", ",a\n0,1\n", &OpenOptions::default());
    assert_eq!(
        kinds(&table),
        [("unnamed_1", Kind::Numeric), ("a", Kind::Numeric)]
    );
    assert_eq!(note_ids(&table), ["unnamed_column"]);
}

#[test]
fn mixed_and_nested_json_values() {
    let text =
        "{\"a\": 1, \"b\": [1]}\n{\"a\": \"x\", \"c\": true, \"b\": null}\n{\"a\": 2, \"a\": 3}\n";
    let (table, columns) = read("a.ndjson", text, &OpenOptions::default());
    assert_eq!(
        kinds(&table),
        [
            ("a", Kind::Categorical),
            ("b", Kind::Unsupported),
            ("c", Kind::Boolean)
        ]
    );
    assert_eq!(
        columns[0].category_counts(),
        Some(vec![("1", 1), ("3", 1), ("x", 1)])
    );
    assert_eq!((columns[1].counts().rows, columns[1].counts().null), (3, 2));
    assert_eq!(note_ids(&table), ["duplicate_key", "mixed_types", "nested"]);
}

#[test]
fn a_key_that_comes_late_is_a_column() {
    let mut text = String::new();
    for row in 0..60_000 {
        text += &format!("{{\"a\": {row}}}\n");
    }
    text += "{\"a\": 1, \"late\": \"x\"}\n";
    let (table, columns) = read("a.jsonl", &text, &OpenOptions::default());
    assert_eq!(table.rows, 60_001);
    assert_eq!(columns[1].counts().null, 60_000);
    assert_eq!(columns[1].category_counts(), Some(vec![("x", 1)]));
}

#[test]
fn quoted_newlines_and_delimiters_stay_in_their_field() {
    let text = "a,b\n\"x\n,\"\"y\"\"\",1\n";
    let (_, columns) = read("a.csv", text, &OpenOptions::default());
    assert_eq!(columns[0].category_counts(), Some(vec![("x\n,\"y\"", 1)]));
}
