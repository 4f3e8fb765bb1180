//! Bytes that claim to be the profile of outcomes: refused, or a profile like any other.

#![no_main]

use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_stats::metric;
use keepwell_stats::profile::ClassOutcomes;
use libfuzzer_sys::fuzz_target;

/// Most rows that a stored profile may speak for.
const ROWS_MAX: u64 = 1 << 48;

fuzz_target!(|bytes: &[u8]| {
    let Ok(profile) = ClassOutcomes::decode(bytes) else {
        return;
    };
    assert_eq!(profile.encode(), bytes, "there is one form of a profile");
    assert_eq!(ClassOutcomes::decode(bytes).as_ref(), Ok(&profile));

    let mut merged = profile.clone();
    merged
        .merge(profile.clone())
        .expect("a profile merges with itself");
    merged.seal();
    assert_eq!(merged.rows(), 2 * profile.rows());
    if merged.rows() <= ROWS_MAX {
        assert_eq!(ClassOutcomes::decode(&merged.encode()), Ok(merged.clone()));
    }
    for metric in metric::ALL {
        for reading in metric.evaluate(&merged, &Params::defaults(metric.parameters())) {
            if let Outcome::Defined(measure) = reading.outcome {
                assert!(measure.value.is_finite(), "undefined has a reason instead");
            }
        }
    }
});
