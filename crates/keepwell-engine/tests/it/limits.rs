//! Memory, width and length.

use std::fmt::Write;

use keepwell_core::fault::Fault;
use keepwell_core::schema::Kind;
use keepwell_engine::{
    OpenOptions, OutcomeColumns, Request, SampleRequest, Session, SessionConfig,
};
use keepwell_stats::profile::row_sample::SampleConfig;
use keepwell_stats::profile::{Mode, OutcomeConfig};

use crate::fixtures::{
    all_columns, block_on, events, folder, kinds, open, profile_file, session, write, write_parquet,
};

#[test]
fn exact_profiles_stop_at_the_memory_limit_and_sketches_do_not() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &events(100_000), 20_000);
    let profile = |mode| {
        let config = SessionConfig {
            memory_limit_bytes: 2 << 20,
            mode,
            threads: 2,
            ..SessionConfig::default()
        };
        block_on(async {
            let session = Session::try_new(config).expect("a valid configuration");
            let table = open(&session, &path).await.expect("valid input");
            session.profile(&table, &all_columns(&table)).await
        })
    };
    let fault = profile(Mode::Exact).expect_err("four columns of 800 kB and more");
    assert_eq!(fault.code(), "engine.memory.exceeded");
    assert!(fault.to_string().contains("within 2 MiB"), "{fault}");
    assert!(fault.hint().is_some_and(|hint| hint.contains("--approx")));
    let profiled = profile(Mode::Sketched).expect("sketches are small");
    assert_eq!(profiled.cells[0].rows, 100_000);
}

#[test]
fn what_samples_and_outcomes_keep_is_limited_too() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &events(100_000), 100_000);
    let config = SessionConfig {
        memory_limit_bytes: 1 << 20,
        threads: 1,
        ..SessionConfig::default()
    };
    block_on(async {
        let session = Session::try_new(config).expect("a valid configuration");
        let table = open(&session, &path).await.expect("valid input");
        let sample = SampleRequest {
            columns: vec![("price".to_owned(), Kind::Numeric)],
            config: SampleConfig {
                capacity: 100_000,
                seed: 0,
            },
            time: None,
        };
        let outcomes = |config| OutcomeColumns {
            target: Some("price".to_owned()),
            prediction: Some("age".to_owned()),
            scores: Vec::new(),
            query: None,
            item: None,
            config,
        };
        let mut ranking = outcomes(OutcomeConfig::Rankings(Mode::Exact));
        (ranking.query, ranking.item) = (Some("country".to_owned()), Some("age".to_owned()));
        let mut faults = vec![session.sample(&table, &sample).await.expect_err("1.6 MB")];
        for outcomes in [outcomes(OutcomeConfig::Values(Mode::Exact)), ranking] {
            let request = Request {
                outcomes: Some(outcomes),
                ..Request::default()
            };
            faults.push(session.profile(&table, &request).await.expect_err("1.6 MB"));
        }
        for fault in faults {
            assert_eq!(fault.code(), "engine.memory.exceeded");
        }
        // What is no longer needed is given back.
        let small = SampleRequest {
            config: SampleConfig {
                capacity: 50_000,
                ..sample.config
            },
            ..sample
        };
        for _ in 0..3 {
            session.sample(&table, &small).await.expect("0.8 MB");
        }
    });
}

#[test]
fn chunks_cover_all_columns_in_order_and_grow_with_the_limit() {
    let columns: Vec<(String, Kind)> = (0..100)
        .map(|idx| (format!("c{idx}"), Kind::Numeric))
        .collect();
    let session = session(2, Mode::Exact);
    let chunks = session.column_chunks(1_000_000, &columns);
    assert!(chunks.len() > 5);
    let covered: Vec<usize> = chunks.iter().cloned().flatten().collect();
    assert_eq!(covered, (0..100).collect::<Vec<_>>());
    let small = session.column_chunks(1_000, &columns);
    assert_eq!((small.len(), small[0].clone()), (1, 0..100));
    // A column that does not fit is tried alone: the profile says what is missing.
    assert_eq!(session.column_chunks(u64::MAX, &columns).len(), 100);
    assert!(session.column_chunks(5, &[]).is_empty());
}

#[test]
fn ten_thousand_columns() {
    let mut text = String::new();
    for row in 0..3 {
        for column in 0..10_000 {
            let separator = if column == 0 { "" } else { "," };
            let prefix = if row == 0 { "c" } else { "" };
            write!(text, "{separator}{prefix}{}", column + row * 7).expect("text grows");
        }
        text += "\n";
    }
    let folder = folder();
    let path = write(folder.path(), "wide.csv", text);
    let (table, profiled) = profile_file(&path, &OpenOptions::default());
    assert_eq!((table.columns.len(), table.rows), (10_000, 2));
    assert!(kinds(&table).iter().all(|&(_, kind)| kind == Kind::Numeric));
    assert_eq!(profiled.cells[0].columns[9_999].counts().rows, 2);
}

#[test]
fn cells_of_ten_megabytes() {
    let mut text = "id,text\n".to_owned();
    for row in 0..6 {
        writeln!(text, "{row},{}{}", "x".repeat(10 << 20), row % 2).expect("text grows");
    }
    let folder = folder();
    let path = write(folder.path(), "long.csv", text);
    let (_, profiled) = profile_file(&path, &OpenOptions::default());
    let counts = profiled.cells[0].columns[1]
        .category_counts()
        .expect("text");
    let rows: Vec<u64> = counts.iter().map(|&(_, rows)| rows).collect();
    assert_eq!(rows, [3, 3]);
    assert!(counts.iter().all(|(name, _)| name.len() < 1_000));
}

#[test]
fn a_quote_that_is_never_closed_is_found() {
    let folder = folder();
    let text = format!("a,b\n1,2\n\"3,4\n{}", "5,6\n".repeat(40 << 20));
    let path = write(folder.path(), "open.csv", text);
    let (code, message) = crate::fixtures::fault_of(&path, &OpenOptions::default());
    assert_eq!(code, "engine.text.row_too_long");
    assert!(
        message.starts_with("open.csv, line 3: expected a row"),
        "{message}"
    );
}
