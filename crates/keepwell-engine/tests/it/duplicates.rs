//! Rows and identifiers that occur more than once.

use std::fmt::Write;

use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{DuplicateCounts, DuplicateRequest, OpenOptions, TimeSlices};
use keepwell_stats::profile::{DistinctCount, Mode};

use crate::fixtures::{HOUR, all_columns, block_on, folder, pattern, session, write};

fn count(text: &str, threads: usize, id_column: Option<&str>) -> DuplicateCounts {
    let folder = folder();
    let path = write(folder.path(), "a.csv", text);
    let counts = block_on(async {
        let session = session(threads, Mode::Exact);
        let table = session.open(&pattern(&path), &OpenOptions::default()).await;
        let table = table.expect("valid input");
        let columns = all_columns(&table).columns;
        let request = DuplicateRequest {
            columns,
            id_column: id_column.map(str::to_owned),
            time: None,
        };
        session.duplicates(&table, &request).await
    });
    counts.expect("valid values")[0]
}

fn distinct(rows: u64, distinct: u64) -> DistinctCount {
    DistinctCount { rows, distinct }
}

#[test]
fn rows_are_equal_in_all_columns() {
    // Values that change places, null beside a value, and both zeros.
    let text = "id,x,y,at,ok\n\
        a,1,2,2026-01-01,true\n\
        a,2,1,2026-01-01,true\n\
        b,1,2,2026-01-01,true\n\
        a,1,2,2026-01-01,true\n\
        c,0,,2026-01-02,false\n\
        c,-0.0,,2026-01-02,false\n\
        c,,0,2026-01-02,false\n\
        ,0,,2026-01-02,false\n\
        ,0,,2026-01-02,\n";
    let found = count(text, 2, Some("id"));
    assert_eq!(found.rows, Some(distinct(9, 7)));
    assert_eq!(found.ids, Some(distinct(7, 3)));
    assert!(found.is_complete);
    assert_eq!(count(text, 2, None).ids, None);
}

#[test]
fn many_rows_are_counted_by_a_fair_sample_on_any_number_of_threads() {
    let mut text = "id,x\n".to_owned();
    for row in 0..300_000_u32 {
        // One row in eleven repeats another one.
        let own = if row % 11 == 0 {
            row / 11 * 2
        } else {
            1_000_000 + row
        };
        writeln!(text, "{own},{}", f64::from(own).sin()).expect("text grows");
        if row % 11 == 0 && row / 11 % 2 == 0 {
            writeln!(text, "{own},{}", f64::from(own).sin()).expect("text grows");
        }
    }
    let found = count(&text, 1, Some("id"));
    assert_eq!(found, count(&text, 4, Some("id")));
    assert!(!found.is_complete);
    let share = |count: DistinctCount| count.copies() as f64 / count.rows as f64;
    let expected = 13_637.0 / 313_637.0;
    for count in [
        found.rows.expect("columns were named"),
        found.ids.expect("identifiers were named"),
    ] {
        assert!((share(count) - expected).abs() < 0.006, "{}", share(count));
    }
}

#[test]
fn windows_are_counted_by_themselves() {
    let folder = folder();
    // Out of the order of time; a copy in another window is none.
    let text = "id,x,at\n\
        a,1,2026-01-01\n\
        a,2,2026-01-03\n\
        b,1,2026-01-01\n\
        a,1,2026-01-01\n\
        c,5,2026-01-03\n\
        c,5,2026-01-03\n\
        d,9,\n";
    let path = write(folder.path(), "a.csv", text);
    let day = |day: i64| Timestamp((20_454 + day) * 24 * HOUR);
    let window = |start, end| Window {
        start: day(start),
        end: day(end),
    };
    let counts = block_on(async {
        let session = session(2, Mode::Exact);
        let table = session.open(&pattern(&path), &OpenOptions::default()).await;
        let request = DuplicateRequest {
            columns: Vec::new(),
            id_column: Some("id".to_owned()),
            time: Some(TimeSlices {
                column: "at".to_owned(),
                windows: vec![window(0, 1), window(1, 2), window(2, 3)],
            }),
        };
        session
            .duplicates(&table.expect("valid input"), &request)
            .await
    });
    let counts = counts.expect("valid values");
    assert!(counts.iter().all(|count| count.rows.is_none()));
    let ids: Vec<_> = counts.iter().filter_map(|count| count.ids).collect();
    assert_eq!(ids, [distinct(3, 2), distinct(0, 0), distinct(3, 2)]);
}
