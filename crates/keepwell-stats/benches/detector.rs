//! Nanoseconds per update of each detector, as a Markdown table: `cargo bench -p keepwell-stats --bench detector`.

#![expect(clippy::print_stdout, reason = "a benchmark exists for what it prints")]

use std::hint::black_box;
use std::time::Instant;

use keepwell_core::params::Params;
use keepwell_stats::detector::{self, Detector};
use keepwell_testkit::random::Random;

/// Points a series and repetitions of it; the fastest repetition counts, since only noise slows one down.
const POINTS: usize = 200_000;
const REPETITIONS: usize = 7;

fn main() {
    let mut random = Random::new(7);
    // An error rate that stays, so that windows grow long and no detector idles after a change.
    let errors: Vec<f64> = (0..POINTS)
        .map(|_| f64::from(u8::from(random.bernoulli(0.1))))
        .collect();
    let values: Vec<f64> = (0..POINTS).map(|_| random.normal()).collect();
    println!("| detector | errors of a classifier, ns | normal values, ns |");
    println!("|---|---:|---:|");
    for &detector in detector::ALL {
        println!(
            "| `{}` | {:.1} | {:.1} |",
            detector.info().id,
            nanoseconds(detector, &errors),
            nanoseconds(detector, &values),
        );
    }
}

/// Time of one update with default parameters.
fn nanoseconds(detector: &dyn Detector, series: &[f64]) -> f64 {
    let params = Params::defaults(detector.parameters());
    (0..REPETITIONS)
        .map(|_| {
            let mut state = detector.start(&params);
            let start = Instant::now();
            for &value in series {
                black_box(state.update(black_box(value)));
            }
            start.elapsed().as_secs_f64() * 1e9 / series.len() as f64
        })
        .fold(f64::INFINITY, f64::min)
}
