//! Bytes that claim to be the profile of a column: refused, or a profile like any other.

#![no_main]

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_stats::drift;
use keepwell_stats::profile::{ColumnProfile, TwoSample};
use keepwell_stats::quality;
use libfuzzer_sys::fuzz_target;

/// Most rows that a stored profile may speak for.
const ROWS_MAX: u64 = 1 << 48;

fuzz_target!(|bytes: &[u8]| {
    let Ok(profile) = ColumnProfile::decode(bytes) else {
        return;
    };
    assert_eq!(profile.encode(), bytes, "there is one form of a profile");
    assert_eq!(ColumnProfile::decode(bytes).as_ref(), Ok(&profile));

    let mut merged = profile.clone();
    merged
        .merge(profile.clone())
        .expect("a profile merges with itself");
    merged.seal();
    if merged.counts().rows <= ROWS_MAX {
        assert_eq!(ColumnProfile::decode(&merged.encode()), Ok(merged.clone()));
    }
    read(&merged);
    compare(&profile, &merged);
});

fn read(profile: &ColumnProfile) {
    match profile {
        ColumnProfile::Numeric(profile) => {
            let distribution = profile.distribution();
            for share in [-1.0, 0.0, 0.1, 0.5, 1.0, 2.0, f64::NAN] {
                let value = distribution.quantile(share);
                assert_eq!(value.is_some(), distribution.n() > 0);
                assert!(value.is_none_or(|value| {
                    distribution.rank_lt(value) <= distribution.rank_le(value)
                        && distribution.rank_le(value) <= distribution.n()
                }));
            }
            assert!((0.0..=1.0).contains(&distribution.rank_error()));
            assert!(profile.moments().variance().is_none_or(f64::is_finite));
        }
        ColumnProfile::Categorical(profile) => {
            for (name, rows) in profile.top(5) {
                assert_eq!(profile.count(name), rows);
            }
            assert!(profile.distinct() >= profile.categories().len() as u64);
            assert!((0.0..=1.0).contains(&profile.distinct_error()));
        }
        ColumnProfile::Boolean(profile) => {
            assert_eq!(
                profile.n_true() + profile.n_false(),
                profile.counts().present()
            );
        }
        ColumnProfile::Timestamp(profile) => {
            assert!(profile.range().is_none_or(|(first, last)| first <= last));
        }
        ColumnProfile::Unsupported(counts) => assert!(counts.missing() <= counts.rows),
    }
}

fn compare(reference: &ColumnProfile, current: &ColumnProfile) {
    let sample = TwoSample { reference, current };
    for test in drift::ALL {
        if test.kinds().contains(&reference.kind()) {
            check(&test.test(sample, &Params::defaults(test.parameters())));
        }
    }
    for quality in quality::ALL {
        check(&quality.check(sample, &Params::defaults(quality.parameters())));
    }
}

fn check(outcome: &Outcome<Measure>) {
    if let Outcome::Defined(measure) = outcome {
        assert!(measure.value.is_finite(), "undefined has a reason instead");
    }
}
