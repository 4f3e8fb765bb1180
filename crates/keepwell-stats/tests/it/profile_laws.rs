//! The law of profiles: parts merged equal the whole, in any order.

use keepwell_core::time::Timestamp;
use keepwell_stats::profile::{
    BooleanProfile, CategoricalProfile, ColumnProfile, Counts, MergeError, Mode, NumericProfile,
    TimestampProfile,
};
use keepwell_testkit::random::Random;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Numbers as a column can hold them, the awkward ones often. Seeded, because a strategy that makes
/// thousands of values one by one takes longer than the test.
fn numbers(seed: u64, n: usize) -> Vec<f64> {
    const AWKWARD: [f64; 7] = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE / 8.0,
        1e-300,
    ];
    let mut random = Random::new(seed);
    (0..n)
        .map(|_| match random.below(7) {
            0..4 => random.uniform() * 2e3 - 1e3,
            4 | 5 => random.below(10) as f64 - 5.0,
            _ => AWKWARD[random.below(AWKWARD.len())],
        })
        .collect()
}

/// The parts between the cuts, starting with the part `first`, some of them empty.
fn parts<'a, T>(all: &'a [T], cuts: &[Index], first: Index) -> Vec<&'a [T]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(all.len() + 1)).collect();
    cuts.extend([0, all.len()]);
    cuts.sort_unstable();
    let mut parts: Vec<&[T]> = cuts.windows(2).map(|pair| &all[pair[0]..pair[1]]).collect();
    let first = first.index(parts.len());
    parts.rotate_left(first);
    parts
}

fn numeric(mode: Mode, values: &[f64]) -> NumericProfile {
    let mut profile = NumericProfile::new(mode);
    profile.extend_from_slice(values);
    profile.push_nulls(values.len() as u64 % 3);
    profile
}

fn numeric_merged(mode: Mode, parts: &[&[f64]]) -> NumericProfile {
    let mut merged = NumericProfile::new(mode);
    for part in parts {
        let mut profile = NumericProfile::new(mode);
        profile.extend_from_slice(part);
        merged.merge(profile).expect("one mode");
    }
    merged.push_nulls(parts.iter().map(|part| part.len()).sum::<usize>() as u64 % 3);
    merged
}

fn finite(profile: &NumericProfile) -> Vec<f64> {
    profile.distribution().values().to_vec()
}

fn categorical(mode: Mode, names: &[u16]) -> CategoricalProfile {
    let mut profile = CategoricalProfile::new(mode);
    for name in names {
        // One in seventeen is the empty name.
        let name = if name % 17 == 0 {
            String::new()
        } else {
            name.to_string()
        };
        profile.push(&name, 1 + u64::from(name.len() as u8));
    }
    profile.push_nulls(names.len() as u64 % 3);
    profile
}

proptest! {
    #[test]
    fn exact_numeric_parts_equal_the_whole(
        seed: u64,
        n in 0_usize..4000,
        cuts in vec(any::<Index>(), 0..6),
        first: Index,
    ) {
        let values = numbers(seed, n);
        let mut whole = numeric(Mode::Exact, &values);
        let mut merged = numeric_merged(Mode::Exact, &parts(&values, &cuts, first));
        prop_assert_eq!(merged.counts(), whole.counts());
        prop_assert_eq!(merged.range(), whole.range());
        let (own, other) = (whole.moments(), merged.moments());
        prop_assert_eq!(own.count, other.count);
        // Rounding of a sum, relative to its largest term: 1e3 for the mean, 1e6 for a square.
        prop_assert!((own.mean - other.mean).abs() <= 1e-12 * 1e3);
        prop_assert!((own.m2 - other.m2).abs() <= 1e-12 * 1e6 * (own.count as f64 + 1.0));
        prop_assert_eq!(finite(&merged), finite(&whole));
        whole.seal();
        merged.seal();
        prop_assert_eq!(merged, whole);
    }

    #[test]
    fn slices_equal_single_values(seed: u64, n in 0_usize..3000) {
        let values = numbers(seed, n);
        for mode in [Mode::Exact, Mode::Sketched] {
            let mut bulk = NumericProfile::new(mode);
            bulk.extend_from_slice(&values);
            let mut single = NumericProfile::new(mode);
            values.iter().for_each(|&value| single.push(value));
            prop_assert_eq!(bulk.counts(), single.counts());
            prop_assert_eq!(bulk.range(), single.range());
            prop_assert_eq!(finite(&bulk), finite(&single));
            prop_assert!((bulk.moments().mean - single.moments().mean).abs() <= 1e-12 * 1e3);
        }
    }

    #[test]
    fn sketched_numeric_parts_stay_within_the_stated_error(
        seed: u64,
        n in 0_usize..6000,
        cuts in vec(any::<Index>(), 0..6),
        first: Index,
    ) {
        let values = numbers(seed, n);
        let exact = numeric(Mode::Exact, &values);
        let truth = exact.distribution();
        let whole = numeric(Mode::Sketched, &values);
        let merged = numeric_merged(Mode::Sketched, &parts(&values, &cuts, first));
        for profile in [whole, merged] {
            prop_assert_eq!(profile.counts(), exact.counts());
            prop_assert_eq!(profile.range(), exact.range());
            let found = profile.distribution();
            prop_assert_eq!(found.n(), truth.n());
            prop_assert!(found.rank_error() < 0.02);
            let bound = found.rank_error() * truth.n() as f64;
            for &x in truth.values().iter().step_by(7) {
                prop_assert!(found.rank_le(x).abs_diff(truth.rank_le(x)) as f64 <= bound);
                prop_assert!(found.rank_lt(x).abs_diff(truth.rank_lt(x)) as f64 <= bound);
            }
        }
    }

    #[test]
    fn categorical_parts_equal_the_whole(
        seed: u64,
        n in 0_usize..4000,
        cuts in vec(any::<Index>(), 0..6),
        first: Index,
    ) {
        let mut random = Random::new(seed);
        let names: Vec<u16> = (0..n).map(|_| random.below(3000) as u16).collect();
        for mode in [Mode::Exact, Mode::Sketched] {
            let whole = categorical(mode, &names);
            let mut merged = CategoricalProfile::new(mode);
            for part in parts(&names, &cuts, first) {
                let mut profile = categorical(mode, part);
                profile.push_nulls(3 - part.len() as u64 % 3);
                merged.merge(profile).expect("one mode");
            }
            prop_assert_eq!(merged.categories(), whole.categories());
            prop_assert_eq!(merged.distinct(), whole.distinct());
            prop_assert_eq!(merged.is_complete(), whole.is_complete());
            prop_assert_eq!(merged.counts().empty, whole.counts().empty);
            prop_assert_eq!(merged.counts().present(), whole.counts().present());
            // Each kept count is that of all rows, sample or not.
            let mut truth = std::collections::HashMap::new();
            for &name in &names {
                *truth.entry(if name % 17 == 0 { String::new() } else { name.to_string() }).or_insert(0) +=
                    if name % 17 == 0 { 1 } else { 1 + name.to_string().len() as u64 };
            }
            for (name, rows) in whole.categories() {
                prop_assert_eq!(truth.get(name), Some(&rows));
            }
        }
    }

    #[test]
    fn boolean_and_timestamp_parts_equal_the_whole(
        rows in vec((any::<Option<bool>>(), any::<Option<i64>>()), 0..100),
        cuts in vec(any::<Index>(), 0..4),
        first: Index,
    ) {
        let summarise = |rows: &[(Option<bool>, Option<i64>)]| {
            let (mut flags, mut instants) = (BooleanProfile::default(), TimestampProfile::default());
            for (flag, micros) in rows {
                match flag {
                    Some(true) => flags.push(1, 0, 0),
                    Some(false) => flags.push(0, 1, 0),
                    None => flags.push(0, 0, 1),
                }
                match micros {
                    Some(micros) => instants.push(Timestamp(*micros)),
                    None => instants.push_nulls(1),
                }
            }
            (flags, instants)
        };
        let whole = summarise(&rows);
        let mut merged = summarise(&[]);
        for part in parts(&rows, &cuts, first) {
            let (flags, instants) = summarise(part);
            merged.0.merge(&flags);
            merged.1.merge(&instants);
        }
        prop_assert_eq!(merged, whole);
    }
}

#[test]
fn kinds_and_modes_do_not_mix() {
    let numeric = |mode| ColumnProfile::Numeric(NumericProfile::new(mode));
    assert_eq!(
        numeric(Mode::Exact).merge(numeric(Mode::Sketched)),
        Err(MergeError::Mode)
    );
    assert_eq!(
        numeric(Mode::Exact).merge(ColumnProfile::Unsupported(Counts::default())),
        Err(MergeError::Kind {
            expected: "numeric",
            found: "unsupported"
        })
    );
}
