//! The binary form of outcomes of every task but classification, whose tests stand in `codec`: it is read back
//! as it was written, old forms stay readable, and bytes that nobody wrote are refused without harm.

use std::fmt::Write as _;
use std::path::PathBuf;

use keepwell_core::outcome::Outcome;
use keepwell_core::params::Params;
use keepwell_stats::metric;
use keepwell_stats::profile::outcome::rankings::RankedItem;
use keepwell_stats::profile::outcome::values::ValueRows;
use keepwell_stats::profile::{
    LabelOutcomes, Mode, OutcomeProfile, RankingOutcomes, ValueOutcomes,
};
use keepwell_testkit::agreement::key_of;
use keepwell_testkit::outcomes::of_case;
use keepwell_testkit::random::Random;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::vectors;

/// Rewrites the stored fixtures when it is set to 1. Only for a new version of the format.
const WRITE: &str = "KEEPWELL_WRITE_FIXTURES";

/// Small shared inputs that are stored as fixtures: file, family, case, mode.
const STORED: [(&str, &str, &str, Mode); 12] = [
    ("values-empty", "regression", "empty", Mode::Exact),
    ("values-exact", "regression", "three_rows", Mode::Exact),
    (
        "values-sketched",
        "regression",
        "three_rows",
        Mode::Sketched,
    ),
    (
        "values-out-of-range",
        "regression",
        "huge_both",
        Mode::Exact,
    ),
    ("labels", "multilabel", "repeated_labels", Mode::Exact),
    ("rankings-empty", "ranking", "empty", Mode::Exact),
    (
        "rankings-exact",
        "ranking",
        "query_without_list",
        Mode::Exact,
    ),
    (
        "rankings-background",
        "ranking",
        "zero_and_opposite_vectors",
        Mode::Sketched,
    ),
    ("texts-empty", "text", "empty", Mode::Exact),
    ("texts", "text", "some_missing", Mode::Exact),
    ("boxes-empty", "detection", "no_boxes", Mode::Exact),
    ("boxes", "detection", "two_for_one", Mode::Exact),
];

/// Further small inputs that are cut and damaged.
const OTHERS: [(&str, &str, &str, Mode); 5] = [
    ("values-specials", "regression", "never_both", Mode::Exact),
    ("labels-empty", "multilabel", "empty", Mode::Exact),
    (
        "labels-nulls",
        "multilabel",
        "label_of_a_null_row",
        Mode::Exact,
    ),
    (
        "rankings-nulls",
        "ranking",
        "only_null_keys",
        Mode::Sketched,
    ),
    ("rankings-tied", "ranking", "all_tied", Mode::Exact),
];

fn profile((_, family, case, mode): (&str, &str, &str, Mode)) -> OutcomeProfile {
    of_case(family, &vectors::of(family).inputs[case]).profile(mode)
}

fn samples() -> Vec<(&'static str, OutcomeProfile)> {
    let all = STORED.into_iter().chain(OTHERS);
    all.map(|sample| (sample.0, profile(sample))).collect()
}

/// What a reader sees, in text; a change of the inner workings leaves it as it is.
fn describe(profile: &OutcomeProfile) -> String {
    let mut text = format!("rows: {}\ntargets: {}\n", profile.rows(), profile.targets());
    for metric in metric::all() {
        for reading in metric.evaluate(profile, &Params::defaults(metric.parameters())) {
            let outcome = reading.outcome.clone().map(|measure| measure.value);
            let id = metric.info().id;
            writeln!(text, "{id} {}: {outcome:?}", key_of(&reading)).expect("a string takes all");
        }
    }
    text
}

fn fixture(name: &str, extension: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/profile/v1")
        .join(format!("{name}.{extension}"))
}

#[test]
fn stored_outcomes_are_still_read() {
    let is_to_write = std::env::var(WRITE).is_ok_and(|value| value == "1");
    for sample in STORED {
        let name = sample.0;
        let (bytes_at, text_at) = (fixture(name, "bin"), fixture(name, "txt"));
        if is_to_write {
            std::fs::write(&bytes_at, profile(sample).encode()).expect("written");
            std::fs::write(&text_at, describe(&profile(sample))).expect("written");
        }
        let bytes = std::fs::read(&bytes_at).expect("a stored profile");
        let text = std::fs::read_to_string(&text_at).expect("a stored description");
        let found =
            OutcomeProfile::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(describe(&found), text, "{name}");
        assert_eq!(found.encode(), bytes, "{name}");
        assert_eq!(
            profile(sample).encode(),
            bytes,
            "{name} is written differently"
        );
    }
}

#[test]
fn every_cut_is_refused() {
    for (name, profile) in samples() {
        let bytes = profile.encode();
        for end in 0..bytes.len() {
            let cut = OutcomeProfile::decode(&bytes[..end]);
            assert!(cut.is_err(), "{name} cut at {end}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(
            OutcomeProfile::decode(&longer).is_err(),
            "{name} and a byte"
        );
    }
}

/// Changes bytes as a careless disk or a hostile sender would.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    const TELLING: [u8; 7] = [0, 1, 2, 0x7f, 0x80, 0xf0, 0xff];
    for _ in 0..1 + random.below(3) {
        // The first two bytes say only what it is.
        let place = 2 + random.below(bytes.len().max(3) - 2);
        let value = if random.bernoulli(0.5) {
            TELLING[random.below(TELLING.len())]
        } else {
            random.bits() as u8
        };
        match random.below(6) {
            0 => bytes.truncate(place),
            1 if place <= bytes.len() => bytes.insert(place, value),
            2 if place < bytes.len() => {
                bytes.remove(place);
            }
            3 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
            4 if place < bytes.len() => bytes[place] = bytes[place].wrapping_add(1),
            _ if place < bytes.len() => bytes[place] = value,
            _ => bytes.push(value),
        }
    }
}

/// Everything that is done with a profile after it was read.
fn use_profile(mut profile: OutcomeProfile, bytes: &[u8]) {
    assert_eq!(profile.encode(), bytes, "there is one form of a profile");
    profile
        .merge(profile.clone())
        .expect("a profile merges with itself");
    profile.seal();
    for metric in metric::all() {
        for reading in metric.evaluate(&profile, &Params::defaults(metric.parameters())) {
            if let Outcome::Defined(measure) = reading.outcome {
                assert!(measure.value.is_finite(), "undefined has a reason instead");
            }
        }
    }
    OutcomeProfile::decode(&profile.encode()).expect("a merged profile");
}

#[test]
fn damaged_bytes_do_no_harm() {
    const SEED: u64 = 9;
    const CASES: usize = 100_000;
    let seeds: Vec<Vec<u8>> = samples()
        .into_iter()
        .map(|(_, profile)| profile.encode())
        .collect();
    let mut random = Random::new(SEED);
    let mut n_accepted = 0;
    for case in 0..CASES {
        let mut bytes = seeds[case % seeds.len()].clone();
        mutate(&mut random, &mut bytes);
        let harm = std::panic::catch_unwind(|| {
            OutcomeProfile::decode(&bytes).map(|profile| use_profile(profile, &bytes))
        });
        match harm {
            Ok(result) => n_accepted += usize::from(result.is_ok()),
            Err(_) => panic!("case {case} of seed {SEED} panicked on {bytes:02x?}"),
        }
    }
    // Damage to a value often gives another valid profile; were there none, the test would test nothing.
    assert!(n_accepted > CASES / 50, "{n_accepted} of {CASES} accepted");
}

fn check_round_trip(profile: &OutcomeProfile) -> Result<(), TestCaseError> {
    let bytes = profile.encode();
    let decoded = OutcomeProfile::decode(&bytes);
    prop_assert_eq!(decoded.as_ref(), Ok(profile));
    prop_assert_eq!(decoded.map(|decoded| decoded.encode()), Ok(bytes));
    Ok(())
}

/// Profiles of outcomes of either sort.
fn modes() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Exact), Just(Mode::Sketched)]
}

proptest! {
    #[test]
    fn values_round_trip(rows in vec(any::<(f64, f64)>(), 0..80), mode in modes()) {
        let (targets, predictions): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let mut profile = ValueOutcomes::new(mode);
        profile.extend_from_slices(ValueRows {
            targets: &targets,
            predictions: &predictions,
        });
        check_round_trip(&profile.into())?;
    }

    #[test]
    fn labels_round_trip(
        rows in vec((any::<Option<u8>>(), any::<Option<u8>>()), 0..60),
    ) {
        let mut profile = LabelOutcomes::default();
        for (target, prediction) in rows {
            // Each bit is a label.
            let [target, prediction] = [target, prediction].map(|bits| {
                bits.map(|bits| -> Vec<usize> {
                    let set = (0..8).filter(|bit| bits >> bit & 1 == 1);
                    set.map(|bit| profile.label_index(&bit.to_string())).collect()
                })
            });
            profile.push(target.as_deref(), prediction.as_deref());
        }
        check_round_trip(&profile.into())?;
    }

    #[test]
    fn rankings_round_trip(
        rows in vec((0..4_u64, 0..6_u64, any::<Option<f64>>(), any::<Option<f64>>()), 0..60),
        incomplete in 0..3_u64,
        mode in modes(),
    ) {
        let mut profile = RankingOutcomes::new(mode);
        for (query, item, score, relevance) in rows {
            profile.push(RankedItem::new(query, item, score, relevance));
        }
        profile.push_incomplete(incomplete);
        check_round_trip(&profile.into())?;
    }

    #[test]
    fn merged_rankings_do_not_depend_on_order(
        rows in vec((0..4_u64, 0..6_u64, 0..3_u8, 0..3_u8), 0..60),
        at in any::<prop::sample::Index>(),
    ) {
        let items: Vec<RankedItem> = rows
            .into_iter()
            .map(|(query, item, score, relevance)| {
                let [score, relevance] = [score, relevance].map(|value| Some(f64::from(value)));
                RankedItem::new(query, item, score, relevance)
            })
            .collect();
        let of = |items: &[RankedItem]| {
            let mut profile = RankingOutcomes::new(Mode::Exact);
            profile.extend_from_slice(items);
            profile
        };
        let (left, right) = items.split_at(at.index(items.len() + 1));
        let mut merged = of(right);
        merged.seal();
        merged.merge(of(left)).expect("one mode");
        prop_assert_eq!(&merged, &of(&items));
        prop_assert_eq!(OutcomeProfile::from(merged).encode(), OutcomeProfile::from(of(&items)).encode());
    }
}
