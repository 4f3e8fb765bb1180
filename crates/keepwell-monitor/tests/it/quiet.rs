//! The defaults are quiet when nothing happens and speak when something does.

use keepwell_core::decide::Verdict;
use keepwell_stats::profile::ColumnProfile;
use keepwell_testkit::random::Random;

use crate::sample::{evaluate, normal, numeric, row, zipf};

/// Twenty columns of mixed kinds; those with an index below `n_changed` are shifted.
fn run(seed: u64, rows: usize, n_changed: usize) -> keepwell_monitor::evaluation::Evaluated {
    let mut random = Random::new(seed);
    let mut columns: Vec<(ColumnProfile, ColumnProfile)> = Vec::new();
    for idx in 0..20 {
        if idx % 2 == 0 {
            let shift = if idx < n_changed { 1.0 } else { 0.0 };
            columns.push((
                numeric(&normal(&mut random, 2_000, 0.0, 1.0)),
                numeric(&normal(&mut random, rows, shift, 1.0)),
            ));
        } else {
            columns.push((zipf(&mut random, 2_000, 20), zipf(&mut random, rows, 20)));
        }
    }
    let pairs: Vec<(&ColumnProfile, &ColumnProfile)> = columns
        .iter()
        .map(|(reference, current)| (reference, current))
        .collect();
    evaluate(&pairs)
}

#[test]
fn a_run_without_change_is_rarely_reported() {
    for rows in [30, 100, 1_000] {
        let alarmed = (0..100)
            .filter(|&seed| !run(seed, rows, 0).facts.is_empty())
            .count();
        // The stated rate is 1 % of runs; 5 of 100 has a chance below 0.4 % if it holds.
        assert!(
            alarmed <= 4,
            "{alarmed} of 100 quiet runs of {rows} rows were reported"
        );
    }
}

#[test]
fn a_shift_of_one_standard_deviation_is_found_in_a_hundred_rows() {
    for seed in 0..20 {
        let evaluated = run(seed, 100, 3);
        for column in [0, 2] {
            let verdict = &row(&evaluated, column, "ks").verdict;
            assert_eq!(
                *verdict,
                Some(Verdict::Alert),
                "seed {seed}, column {column}"
            );
        }
    }
}
