//! Tables parted by a value of a column: as if the other rows were not in the files.

use std::path::Path;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::sample::SampleWindows;
use keepwell_engine::{DuplicateRequest, Request, SampleRequest, Session, Table, TimeSlices};
use keepwell_stats::profile::Mode;
use keepwell_stats::profile::row_sample::SampleConfig;

use crate::fixtures::{
    HOUR, all_columns, block_on, events, folder, open, session, start, write_ipc_file,
    write_parquet,
};

const ROWS: usize = 20_000;

/// Rows of `DE`, or all others.
fn rows_of(batch: &RecordBatch, is_kept: bool) -> RecordBatch {
    let country = batch["country"].as_string::<i32>();
    let mask: BooleanArray = (0..batch.num_rows())
        .map(|row| Some((country.is_valid(row) && country.value(row) == "DE") == is_kept))
        .collect();
    filter_record_batch(batch, &mask).expect("a mask of as many rows")
}

/// All that can be asked of a table, as text: profiles by window, samples, values, duplicates, places of faults.
async fn answers(session: &Session, table: &Table) -> Vec<String> {
    let windows = (0..4).map(|idx| Window {
        start: Timestamp(start().0 + idx * 400 * HOUR),
        end: Timestamp(start().0 + (idx + 1) * 400 * HOUR),
    });
    let time = TimeSlices {
        column: "at".to_owned(),
        windows: windows.collect(),
    };
    let config = SampleConfig {
        capacity: 500,
        seed: 1,
    };
    let columns = all_columns(table).columns;
    let windows = SampleWindows {
        time: time.clone(),
        shared: 0..0,
    };
    let chosen = session
        .choose(table, config, Some(&windows))
        .await
        .expect("a choice");
    let request = Request {
        columns: columns.clone(),
        time: Some(time.clone()),
        sample: Some(chosen),
        ..Request::default()
    };
    let profiled = session.profile(table, &request).await.expect("profiles");
    let by_itself = SampleRequest {
        columns: columns.clone(),
        config,
        time: Some(time),
    };
    let sampled = session.sample(table, &by_itself).await.expect("samples");
    // As text, in which not-a-number equals itself.
    assert!(format!("{sampled:?}") == format!("{:?}", profiled.samples));
    let values = session.values(table, "country", 10).await.expect("values");
    let doubles = DuplicateRequest {
        columns: columns.clone(),
        id_column: Some("age".to_owned()),
        time: None,
    };
    let doubles = session.duplicates(table, &doubles).await;
    vec![
        format!("{} rows", table.rows),
        format!("{profiled:?}"),
        format!("{values:?}"),
        format!("{:?}", doubles.expect("counts")),
        format!(
            "{:?}",
            session.time_range(table, "at").await.expect("times")
        ),
    ]
}

fn assert_parted(ending: &str, write: impl Fn(&Path, &RecordBatch)) {
    let folder = folder();
    let batch = events(ROWS);
    let path = |name: &str| folder.path().join(format!("{name}.{ending}"));
    write(&path("all"), &batch);
    block_on(async {
        let session = session(2, Mode::Exact);
        let all = open(&session, &path("all")).await.expect("a valid file");
        let (with, without) = session
            .part_by(&all, "country", "DE")
            .await
            .expect("a column of names");
        assert_eq!(with.rows + without.rows, all.rows);
        for (is_kept, parted) in [(true, with), (false, without)] {
            write(&path("part"), &rows_of(&batch, is_kept));
            let alone = open(&session, &path("part")).await.expect("a valid file");
            let (found, expected) = (
                answers(&session, &parted).await,
                answers(&session, &alone).await,
            );
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    found == expected,
                    "parted: {found:.300}\nalone: {expected:.300}"
                );
            }
            assert!(session.register("parted", &parted).is_err());
        }
    });
}

#[test]
fn a_part_of_a_parquet_file_is_a_table_of_its_own() {
    // Row groups do not end where batches do.
    assert_parted("parquet", |path, batch| write_parquet(path, batch, 7_001));
}

#[test]
fn a_part_of_an_arrow_file_is_a_table_of_its_own() {
    assert_parted("arrow", write_ipc_file);
}

#[test]
fn a_part_of_a_part_is_a_part() {
    let folder = folder();
    let path = folder.path().join("all.parquet");
    write_parquet(&path, &events(ROWS), 3_000);
    block_on(async {
        let session = session(2, Mode::Exact);
        let all = open(&session, &path).await.expect("a valid file");
        let by_name = session.part_by(&all, "country", "DE").await.expect("names");
        let both = session.part_by(&by_name.0, "member", "true").await;
        let by_flag = session
            .part_by(&all, "member", "true")
            .await
            .expect("flags");
        let same = session.part_by(&by_flag.0, "country", "DE").await;
        let (both, same) = (both.expect("flags").0, same.expect("names").0);
        assert!(both.rows > 0 && both.rows < by_name.0.rows);
        assert_eq!(
            answers(&session, &both).await,
            answers(&session, &same).await
        );
    });
}
