//! Columns of free text and of vectors.

use std::fmt::Write;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, FixedSizeListArray, ListArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Float32Type, Float64Type, Int64Type};
use keepwell_core::schema::Kind;
use keepwell_engine::OpenOptions;
use keepwell_stats::profile::{ColumnProfile, EmbeddingProfile, Mode, TextProfile};

use crate::fixtures::{folder, kinds, profile_file, write, write_ipc_file, write_parquet};

fn vector(row: usize) -> Option<Vec<Option<f64>>> {
    let last = (!row.is_multiple_of(5)).then_some(-2.0);
    (!row.is_multiple_of(7)).then(|| vec![Some(row as f64), Some(1.5), last])
}

fn vectors(rows: usize) -> RecordBatch {
    let lists = |row: usize| vector(row);
    let singles = |row: usize| {
        let components = vector(row)?.into_iter();
        Some(
            components
                .map(|own| own.map(|own| own as f32))
                .collect::<Vec<_>>(),
        )
    };
    let ragged = |row: usize| Some(vec![Some(1.0); row % 3]);
    let tokens = |row: usize| Some(vec![Some(row as i64)]);
    let fixed =
        FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>((0..rows).map(singles), 3);
    let arrays: [(&str, ArrayRef); 4] = [
        ("fixed", Arc::new(fixed)),
        (
            "list",
            Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(
                (0..rows).map(lists),
            )),
        ),
        (
            "ragged",
            Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(
                (0..rows).map(ragged),
            )),
        ),
        (
            "tokens",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(
                (0..rows).map(tokens),
            )),
        ),
    ];
    RecordBatch::try_from_iter(arrays).expect("columns of one length")
}

fn naive_vectors(rows: usize) -> EmbeddingProfile {
    let mut profile = EmbeddingProfile::new(Mode::Exact);
    for row in 0..rows {
        match vector(row) {
            None => profile.push_nulls(1),
            Some(vector) => {
                let vector: Vec<f64> = vector
                    .into_iter()
                    .map(|own| own.unwrap_or(f64::NAN))
                    .collect();
                profile.push(&vector);
            }
        }
    }
    profile.seal();
    profile
}

#[test]
fn lists_of_floats_of_one_length_are_vectors() {
    let folder = folder();
    let batch = vectors(20_000);
    let parquet = folder.path().join("a.parquet");
    write_parquet(&parquet, &batch, 7_000);
    let ipc = folder.path().join("a.arrow");
    write_ipc_file(&ipc, &batch);
    let expected = naive_vectors(20_000);
    for path in [parquet, ipc] {
        let (table, profiled) = profile_file(&path, &OpenOptions::default());
        let found: Vec<Kind> = kinds(&table).into_iter().map(|(_, kind)| kind).collect();
        let (vector, none) = (Kind::Embedding, Kind::Unsupported);
        assert_eq!(found, [vector, vector, none, none]);
        for column in &profiled.cells[0].columns[..2] {
            let ColumnProfile::Embedding(found) = column else {
                panic!("a column of vectors");
            };
            assert_eq!(found.counts(), expected.counts());
            let (found, expected) = (found.vectors(), expected.vectors());
            let (found, expected) = (found.expect("vectors"), expected.expect("vectors"));
            assert_eq!(found.count(), expected.count());
            assert_eq!(
                found.norms().distribution().values(),
                expected.norms().distribution().values()
            );
        }
        // Integers are vectors where they are declared, and text that holds numbers is, too.
        let options = OpenOptions {
            kinds: vec![("tokens".to_owned(), Kind::Embedding)],
            ..OpenOptions::default()
        };
        let (table, profiled) = profile_file(&path, &options);
        assert_eq!(table.columns[3].kind, Kind::Embedding);
        assert_eq!(profiled.cells[0].columns[3].counts().zero, 1);
    }
}

#[test]
fn vectors_may_stand_in_text() {
    let folder = folder();
    let csv = write(folder.path(), "a.csv", "v\n\"[1, 2]\"\n\n\"[3, null]\"\n");
    let json = write(
        folder.path(),
        "a.ndjson",
        "{\"v\": [1, 2]}\n{\"v\": null}\n{\"v\": [3.5, null]}\n",
    );
    let options = OpenOptions {
        kinds: vec![("v".to_owned(), Kind::Embedding)],
        ..OpenOptions::default()
    };
    for path in [csv, json] {
        let (_, profiled) = profile_file(&path, &options);
        let counts = profiled.cells[0].columns[0].counts();
        // A line without a field is no row of a CSV file of one column.
        assert_eq!(
            (counts.nan, counts.present()),
            (1, counts.rows - counts.null - 1)
        );
    }
}

fn sentence(row: usize) -> String {
    format!(
        "Order {row} came late, and the box was wet; who pays for {}?",
        row % 10
    )
}

#[test]
fn long_texts_are_free_text_and_names_are_not() {
    let folder = folder();
    let mut text = "comment,country,url,code\n".to_owned();
    for row in 0..5_000 {
        let country = ["DE", "FR"][row % 2];
        let url = format!("https://example.org/a/rather/long/path/{row}");
        writeln!(text, "\"{}\",{country},{url},id-{row}", sentence(row)).expect("text grows");
    }
    let path = write(folder.path(), "a.csv", text);
    let (table, profiled) = profile_file(&path, &OpenOptions::default());
    let found: Vec<Kind> = kinds(&table).into_iter().map(|(_, kind)| kind).collect();
    let name = Kind::Categorical;
    assert_eq!(found, [Kind::Text, name, name, name]);
    let notes: Vec<&str> = table.notes.iter().map(|note| note.id()).collect();
    assert_eq!(notes, ["free_text"]);
    let ColumnProfile::Text(found) = &profiled.cells[0].columns[0] else {
        panic!("a column of text");
    };
    let mut expected = TextProfile::new(Mode::Exact);
    (0..5_000).for_each(|row| expected.push(&sentence(row), 1));
    expected.seal();
    assert_eq!(found.counts(), expected.counts());
    assert_eq!(found.vocabulary(), expected.vocabulary());
    assert_eq!(
        found.n_words().distribution().values(),
        expected.n_words().distribution().values()
    );
    // What is declared stays.
    let options = OpenOptions {
        kinds: vec![
            ("comment".to_owned(), Kind::Categorical),
            ("country".to_owned(), Kind::Text),
        ],
        ..OpenOptions::default()
    };
    let (table, profiled) = profile_file(&path, &options);
    assert_eq!(table.columns[0].kind, Kind::Categorical);
    assert_eq!(profiled.cells[0].columns[1].kind(), Kind::Text);
    assert!(table.notes.is_empty());
}

#[test]
fn columns_that_only_later_files_have_are_guessed_too() {
    let folder = folder();
    let batch = |name: &str, prefix: &str| {
        let texts = (0..100).map(|row| Some(format!("{prefix}{}", sentence(row))));
        let array: ArrayRef = Arc::new(StringArray::from(texts.collect::<Vec<_>>()));
        RecordBatch::try_from_iter([(name, array)]).expect("one column")
    };
    write_parquet(&folder.path().join("a.parquet"), &batch("x", ""), 100);
    write_parquet(
        &folder.path().join("b.parquet"),
        &batch("y", "Dear sir, "),
        100,
    );
    let (table, _) = profile_file(folder.path(), &OpenOptions::default());
    assert_eq!(kinds(&table), [("x", Kind::Text), ("y", Kind::Text)]);
}
