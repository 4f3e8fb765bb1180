//! The same data in every format gives the same profiles.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, TimestampMicrosecondType};
use datafusion::arrow::ipc::CompressionType;
use keepwell_core::schema::Kind;
use keepwell_core::time::Timestamp;
use keepwell_engine::{Format, OpenOptions, Profiled, Request};
use keepwell_stats::profile::{ColumnProfile, Mode};

use crate::fixtures::{
    all_columns, block_on, events, folder, kinds, open, pattern, profile_file, session, write,
    write_ipc_compressed, write_ipc_file, write_ipc_stream, write_parquet,
};

const KINDS: [(&str, Kind); 7] = [
    ("at", Kind::Timestamp),
    ("age", Kind::Numeric),
    ("price", Kind::Numeric),
    ("country", Kind::Categorical),
    ("member", Kind::Boolean),
    ("target", Kind::Numeric),
    ("score", Kind::Numeric),
];

/// The text of a value; `None` for null. `quote` makes text safe for the format.
fn value(
    batch: &RecordBatch,
    column: usize,
    row: usize,
    quote: fn(&str) -> String,
) -> Option<String> {
    let array = batch.column(column);
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Utf8 => quote(array.as_string::<i32>().value(row)),
        _ => {
            let at = array.as_primitive::<TimestampMicrosecondType>().value(row);
            quote(&Timestamp(at).to_rfc3339())
        }
    })
}

fn csv(batch: &RecordBatch, delimiter: &str) -> String {
    let schema = batch.schema();
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let mut text = names.join(delimiter) + "\r\n";
    for row in 0..batch.num_rows() {
        let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let fields: Vec<String> = (0..batch.num_columns())
            .map(|column| value(batch, column, row, quote).unwrap_or_default())
            .collect();
        text += &fields.join(delimiter);
        text += "\r\n";
    }
    text
}

fn ndjson(batch: &RecordBatch) -> String {
    let schema = batch.schema();
    let mut text = String::new();
    for row in 0..batch.num_rows() {
        let quote = |text: &str| serde_json::to_string(text).expect("text is JSON");
        let mut pairs = Vec::new();
        for (column, field) in schema.fields().iter().enumerate() {
            match value(batch, column, row, quote) {
                Some(value) => pairs.push(format!("{:?}: {value}", field.name())),
                // An absent key is null too.
                None if row % 2 == 0 => pairs.push(format!("{:?}: null", field.name())),
                None => {}
            }
        }
        text += &format!("{{{}}}\n", pairs.join(", "));
    }
    text
}

/// The file, compressed by the tool of that name if the machine has it.
fn compressed(tool: &str, path: &Path, ending: &str) -> Option<PathBuf> {
    let target = PathBuf::from(format!("{}.{ending}", path.display()));
    let mut child = Command::new(tool)
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(std::fs::File::create(&target).expect("a writable folder"))
        .spawn()
        .ok()?;
    let bytes = std::fs::read(path).expect("a file just written");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(&bytes).expect("a tool that reads");
    drop(input);
    child
        .wait()
        .expect("a tool that ends")
        .success()
        .then_some(target)
}

fn columns(profiled: &Profiled) -> &[ColumnProfile] {
    assert_eq!(profiled.cells.len(), 1);
    &profiled.cells[0].columns
}

#[test]
fn all_formats_agree() {
    let folder = folder();
    let batch = events(5_000);
    let file = |name: &str| folder.path().join(name);
    write_parquet(&file("a.parquet"), &batch, 1_000_000);
    write_parquet(&file("small groups.parquet"), &batch, 700);
    write_ipc_file(&file("a.arrow"), &batch);
    write_ipc_stream(&file("stream.arrow"), &batch);
    // The default of pandas and of R.
    write_ipc_compressed(&file("a.feather"), &batch, CompressionType::LZ4_FRAME);
    write_ipc_compressed(&file("zstd.feather"), &batch, CompressionType::ZSTD);
    write(folder.path(), "a.csv", csv(&batch, ","));
    write(folder.path(), "a.tsv", csv(&batch, "\t"));
    write(
        folder.path(),
        "bom.csv",
        format!("\u{feff}{}", csv(&batch, ";")),
    );
    write(folder.path(), "a.ndjson", ndjson(&batch));
    let mut names = vec![
        file("small groups.parquet"),
        file("a.arrow"),
        file("stream.arrow"),
        file("a.feather"),
        file("zstd.feather"),
        file("a.csv"),
        file("a.tsv"),
        file("bom.csv"),
        file("a.ndjson"),
    ];
    names.extend(compressed("gzip", &file("a.csv"), "gz"));
    names.extend(compressed("gzip", &file("a.ndjson"), "gz"));
    names.extend(compressed("zstd", &file("a.csv"), "zst"));
    let (expected_table, expected) = profile_file(&file("a.parquet"), &OpenOptions::default());
    assert_eq!(kinds(&expected_table), KINDS);
    assert_eq!(expected_table.rows, 5_000);
    assert_eq!(columns(&expected)[1].counts().rows, 5_000);
    for path in names {
        let (table, profiled) = profile_file(&path, &OpenOptions::default());
        assert_eq!(kinds(&table), KINDS, "{}", path.display());
        assert_eq!(table.rows, 5_000, "{}", path.display());
        for (idx, (own, other)) in columns(&profiled)
            .iter()
            .zip(columns(&expected))
            .enumerate()
        {
            // Equality alone is asserted: the profiles are too long to be printed.
            assert!(own == other, "{}, {}", path.display(), KINDS[idx].0);
        }
    }
}

#[test]
fn dictionaries_read_as_text() {
    use datafusion::arrow::array::ArrayRef;
    use datafusion::arrow::compute::cast;
    let folder = folder();
    let batch = events(3_000);
    let text: ArrayRef = batch.column_by_name("country").expect("a column").clone();
    let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    let coded = cast(&text, &dictionary).expect("few values");
    let profiles: Vec<ColumnProfile> = [text, coded]
        .into_iter()
        .enumerate()
        .flat_map(|(idx, array)| {
            let batch = RecordBatch::try_from_iter([("country", array)]).expect("one column");
            let parquet = folder.path().join(format!("{idx}.parquet"));
            write_parquet(&parquet, &batch, 1_000);
            let arrow = folder.path().join(format!("{idx}.arrow"));
            write_ipc_file(&arrow, &batch);
            [parquet, arrow]
        })
        .map(|path| profile_file(&path, &OpenOptions::default()).1)
        .map(|mut profiled| profiled.cells.remove(0).columns.remove(0))
        .collect();
    assert_eq!(profiles[0].kind(), Kind::Categorical);
    assert!(profiles.iter().all(|profile| *profile == profiles[0]));
}

#[test]
fn many_files_are_one_table_united_by_name() {
    let folder = folder();
    let batch = events(4_000);
    let (whole, parts) = (
        folder.path().join("whole.parquet"),
        folder.path().join("parts"),
    );
    write_parquet(&whole, &batch, 10_000);
    std::fs::create_dir_all(parts.join("deep")).expect("a writable folder");
    // The second file has its columns in another order.
    let order: Vec<usize> = (0..batch.num_columns()).rev().collect();
    let turned = batch.project(&order).expect("columns that exist");
    write_parquet(
        &parts.join("deep/2 #%.parquet"),
        &turned.slice(1_500, 2_500),
        500,
    );
    write_parquet(&parts.join("b 1.parquet"), &batch.slice(0, 1_500), 10_000);
    write(&parts, "_SUCCESS", "");
    write(&parts, ".hidden.parquet", "no Parquet");
    let glob = format!("{}/**/*[12]*.parquet", parts.display());
    let (_, expected) = profile_file(&whole, &OpenOptions::default());
    for pattern in [pattern(&parts), vec![glob]] {
        let (table, profiled) = block_on(async {
            let session = session(3, Mode::Exact);
            let table = session
                .open(&pattern, &OpenOptions::default())
                .await
                .expect("files of one kind");
            let profiled = session
                .profile(&table, &all_columns(&table))
                .await
                .expect("valid values");
            (table, profiled)
        });
        assert_eq!((table.files.len(), table.rows), (2, 4_000));
        assert_eq!(table.format, Format::Parquet);
        // Parts merged equal the whole; moments only to rounding, so counts and values are compared.
        for (own, other) in columns(&profiled).iter().zip(columns(&expected)) {
            assert_eq!(own.counts(), other.counts());
            assert_eq!(own.category_counts(), other.category_counts());
            if let (ColumnProfile::Numeric(own), ColumnProfile::Numeric(other)) = (own, other) {
                assert_eq!(own.distribution().values(), other.distribution().values());
            }
        }
    }
}

#[test]
fn a_column_that_a_file_lacks_is_null_there() {
    let folder = folder();
    write(folder.path(), "1.csv", "a,b\n1,x\n2,y\n");
    write(folder.path(), "2.csv", "b,c,a\nz,true,1.5\n");
    let (table, profiled) = profile_file(folder.path(), &OpenOptions::default());
    let expected = [
        ("a", Kind::Numeric),
        ("b", Kind::Categorical),
        ("c", Kind::Boolean),
    ];
    assert_eq!(kinds(&table), expected);
    assert_eq!(table.columns[0].data_type, "float");
    let nulls: Vec<u64> = columns(&profiled)
        .iter()
        .map(|column| column.counts().null)
        .collect();
    assert_eq!(nulls, [0, 0, 2]);
    // A file that has none of the columns asked for still has rows.
    let alone = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, folder.path()).await.expect("valid input");
        let request = Request {
            columns: vec![("c".to_owned(), Kind::Boolean)],
            ..Request::default()
        };
        session
            .profile(&table, &request)
            .await
            .expect("valid values")
    });
    assert_eq!(
        (alone.cells[0].rows, columns(&alone)[0].counts().null),
        (3, 2)
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &events(20_000), 1_500);
    let profile = |threads| {
        block_on(async {
            let session = session(threads, Mode::Exact);
            let table = open(&session, &path).await.expect("valid input");
            session
                .profile(&table, &all_columns(&table))
                .await
                .expect("valid values")
        })
    };
    let one = profile(1);
    for threads in [2, 5] {
        assert!(
            columns(&profile(threads)) == columns(&one),
            "{threads} threads"
        );
    }
}
