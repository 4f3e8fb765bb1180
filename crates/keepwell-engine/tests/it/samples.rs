//! Samples of whole rows: the rows that they should hold, from every path.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use keepwell_core::fault::Fault;
use keepwell_core::schema::Kind;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{Request, SampleRequest, SampleWindows, TimeSlices, join_columns};
use keepwell_stats::profile::Mode;
use keepwell_stats::profile::row_sample::{RowSample, SampleConfig, SampleValues};

use crate::fixtures::{
    HOUR, all_columns, block_on, events, folder, open, session, start, write, write_ipc_file,
    write_parquet,
};

const ROWS: usize = 30_000;

/// Windows of 1,000 hours of ten rows each, one left out between them, one beyond the end.
fn time() -> TimeSlices {
    let windows = [0, 2, 5].map(|idx| Window {
        start: Timestamp(start().0 + idx * 1_000 * HOUR),
        end: Timestamp(start().0 + (idx + 1) * 1_000 * HOUR),
    });
    TimeSlices {
        column: "at".to_owned(),
        windows: windows.to_vec(),
    }
}

fn config(capacity: usize) -> SampleConfig {
    SampleConfig { capacity, seed: 5 }
}

/// Checks that each row of the sample holds the values of the row with its id.
fn assert_rows(sample: &RowSample, batch: &RecordBatch) {
    let column = |name: &str| &sample.column(name).expect("a column").values;
    let SampleValues::Numbers(at) = column("at") else {
        panic!("instants are numbers");
    };
    let (SampleValues::Numbers(age), SampleValues::Names(country), SampleValues::Flags(member)) =
        (column("age"), column("country"), column("member"))
    else {
        panic!("columns of known kinds");
    };
    for (idx, &id) in sample.ids().iter().enumerate() {
        let row = id as usize;
        let own = batch["at"].as_primitive::<TimestampMicrosecondType>();
        assert_eq!(at[idx], own.value(row) as f64);
        let own = batch["age"].as_primitive::<Int64Type>();
        match own.is_null(row) {
            true => assert!(age[idx].is_nan()),
            false => assert_eq!(age[idx], own.value(row) as f64),
        }
        let own = batch["country"].as_string::<i32>();
        let name = own.is_valid(row).then(|| own.value(row));
        assert_eq!(country.name(idx), name);
        let own = batch["member"].as_boolean();
        assert_eq!(member[idx], own.is_valid(row).then(|| own.value(row)));
    }
}

/// To compare samples, because NaN is not equal to itself.
fn bytes(samples: &[RowSample]) -> Vec<Vec<u8>> {
    samples.iter().map(RowSample::encode).collect()
}

#[test]
fn samples_hold_the_rows_of_least_hash() {
    let folder = folder();
    let batch = events(ROWS);
    let parquet = folder.path().join("a.parquet");
    write_parquet(&parquet, &batch, 7_000);
    let ipc = folder.path().join("a.arrow");
    write_ipc_file(&ipc, &batch);
    for path in [&parquet, &ipc] {
        for time in [None, Some(time())] {
            let mut first: Option<Vec<RowSample>> = None;
            for threads in [1, 2, 5] {
                let (sampled, on_the_side) = block_on(async {
                    let session = session(threads, Mode::Exact);
                    let table = open(&session, path).await.expect("valid input");
                    let columns = all_columns(&table).columns;
                    let request = SampleRequest {
                        columns,
                        config: config(500),
                        time: time.clone(),
                    };
                    let sampled = session.sample(&table, &request).await;
                    let windows = time
                        .clone()
                        .map(|time| SampleWindows { time, shared: 0..0 });
                    let chosen = session.choose(&table, config(500), windows.as_ref()).await;
                    let request = Request {
                        sample: Some(chosen.expect("valid times")),
                        ..all_columns(&table)
                    };
                    let profiled = session.profile(&table, &request).await;
                    let mut passes = vec![profiled.expect("valid values").samples];
                    // The same in two passes.
                    let (first, second) = request.columns.split_at(3);
                    for columns in [first, second] {
                        let request = Request {
                            columns: columns.to_vec(),
                            ..request.clone()
                        };
                        let pass = session.profile(&table, &request).await;
                        passes.push(pass.expect("valid values").samples);
                    }
                    let joined = join_columns(passes.split_off(1));
                    assert_eq!(bytes(&joined), bytes(&passes[0]));
                    (sampled.expect("valid values"), joined)
                });
                assert_eq!(bytes(&sampled), bytes(&on_the_side));
                let first = first.get_or_insert_with(|| sampled.clone());
                assert_eq!(bytes(first), bytes(&sampled), "{threads} threads");
            }
            let samples = first.expect("it was sampled");
            samples
                .iter()
                .for_each(|sample| assert_rows(sample, &batch));
            match time {
                None => {
                    assert_eq!(samples.len(), 1);
                    assert_eq!(samples[0].rows(), ROWS as u64);
                    assert_eq!(samples[0].ids(), config(500).choose(0..ROWS as u64));
                }
                Some(_) => {
                    let rows: Vec<u64> = samples.iter().map(RowSample::rows).collect();
                    assert_eq!(rows, [10_000, 10_000, 0]);
                    // Windows are stretches of the table here.
                    assert_eq!(samples[1].ids(), config(500).choose(20_000..30_000));
                    assert_eq!(samples[2].n_kept(), 0);
                }
            }
        }
    }
}

#[test]
fn windows_that_share_a_sample_have_their_part_of_it() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &events(ROWS), 7_000);
    let samples = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        let mut time = time();
        // Two windows of 10,000 rows, one after the other.
        time.windows.truncate(2);
        time.windows[1].start = time.windows[0].end;
        time.windows[1].end = Timestamp(start().0 + 2_000 * HOUR);
        let windows = SampleWindows { time, shared: 0..2 };
        let chosen = session.choose(&table, config(500), Some(&windows)).await;
        let request = Request {
            sample: Some(chosen.expect("valid times")),
            ..all_columns(&table)
        };
        let profiled = session.profile(&table, &request).await;
        profiled.expect("valid values").samples
    });
    let rows: Vec<u64> = samples.iter().map(RowSample::rows).collect();
    assert_eq!(rows, [10_000, 10_000, 20_000]);
    assert_eq!(samples[2].ids(), config(500).choose(0..20_000));
    let mut joined = samples[0].clone();
    assert!(joined.n_kept() < 500 && samples[1].n_kept() < 500);
    joined.merge(&samples[1]).expect("parts of one table");
    assert_eq!(bytes(&[joined]), bytes(&samples[2..]));
}

#[test]
fn a_bad_value_is_named_with_its_own_row() {
    let folder = folder();
    let text: String = (0..200)
        .map(|row| format!("{}\n", ["1", "x"][row % 2]))
        .collect();
    let path = write(folder.path(), "a.csv", format!("v\n{text}"));
    let fault = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        let request = SampleRequest {
            columns: vec![("v".to_owned(), Kind::Numeric)],
            config: config(20),
            time: None,
        };
        session.sample(&table, &request).await
    })
    .expect_err("a text that is no number");
    let first = config(20).choose(0..200).into_iter().find(|id| id % 2 == 1);
    let row = first.expect("half of the rows are wrong") + 1;
    assert_eq!(fault.code(), "engine.value.invalid");
    assert!(
        fault.to_string().contains(&format!("row {row}, ")),
        "{fault}"
    );
}

#[test]
fn edges_of_capacity() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    let batch = events(50);
    write_parquet(&path, &batch, 20);
    let sample = |capacity: usize| {
        block_on(async {
            let session = session(2, Mode::Exact);
            let table = open(&session, &path).await.expect("valid input");
            let request = SampleRequest {
                columns: vec![("price".to_owned(), Kind::Numeric)],
                config: config(capacity),
                time: None,
            };
            let mut samples = session
                .sample(&table, &request)
                .await
                .expect("valid values");
            samples.pop().expect("one sample")
        })
    };
    assert_eq!(sample(0).n_kept(), 0);
    let all = sample(100);
    assert_eq!((all.n_kept(), all.rows()), (50, 50));
    let price = batch["price"]
        .as_primitive::<Float64Type>()
        .values()
        .to_vec();
    assert_eq!(all.columns()[0].values, SampleValues::Numbers(price));
}

#[test]
fn a_choice_belongs_to_its_table() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &events(50), 50);
    let other = write(folder.path(), "b.csv", "price\n1\n");
    let fault = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        let chosen = session.choose(&table, config(5), None).await;
        let other = open(&session, &other).await.expect("valid input");
        let request = Request {
            sample: Some(chosen.expect("no times to read")),
            ..all_columns(&other)
        };
        session.profile(&other, &request).await
    });
    let fault = fault.expect_err("a choice of another table");
    assert_eq!(fault.code(), "engine.request.invalid");
}
