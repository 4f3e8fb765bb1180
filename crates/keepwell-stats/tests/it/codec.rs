//! The binary form of profiles: it is read back as it was written, old forms stay readable, and bytes that
//! nobody wrote are refused without harm.

use std::fmt::{Debug, Write as _};
use std::path::PathBuf;

use keepwell_core::time::Timestamp;
use keepwell_stats::profile::outcome::classes::Side;
use keepwell_stats::profile::{
    BooleanProfile, CategoricalProfile, ClassConfig, ClassOutcomes, ColumnProfile, Counts,
    DecodeError, EmbeddingProfile, Mode, NumericProfile, TextProfile, TimestampProfile,
};
use keepwell_testkit::random::Random;
use proptest::collection::vec;
use proptest::prelude::*;

/// Rewrites the stored fixtures when it is set to 1. Only for a new version of the format.
const WRITE: &str = "KEEPWELL_WRITE_FIXTURES";

/// A profile of either sort.
#[derive(Debug, Clone, PartialEq)]
enum Profile {
    Column(ColumnProfile),
    Outcome(ClassOutcomes),
}

impl Profile {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Column(profile) => profile.encode(),
            Self::Outcome(profile) => profile.encode(),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        // Kinds of outcomes are numbered from 16 on.
        if bytes.get(1).is_some_and(|&tag| tag >= 16) {
            ClassOutcomes::decode(bytes).map(Self::Outcome)
        } else {
            ColumnProfile::decode(bytes).map(Self::Column)
        }
    }

    /// What a reader sees, in text; a change of the inner workings leaves it as it is.
    fn describe(&self) -> String {
        match self {
            Self::Column(profile) => describe_column(profile),
            Self::Outcome(profile) => {
                let mut text = describe_outcome(profile);
                line(&mut text, "squared_error", profile.squared_error());
                line(&mut text, "ranks", profile.ranks().counts());
                text
            }
        }
    }
}

fn line(text: &mut String, name: &str, value: impl Debug) {
    writeln!(text, "{name}: {value:?}").expect("a string takes all text");
}

fn describe_column(profile: &ColumnProfile) -> String {
    let mut text = String::new();
    line(&mut text, "kind", profile.kind());
    line(&mut text, "counts", profile.counts());
    match profile {
        ColumnProfile::Numeric(profile) => describe_numeric(&mut text, profile),
        ColumnProfile::Categorical(profile) => {
            line(&mut text, "mode", profile.mode());
            line(&mut text, "distinct", profile.distinct());
            line(&mut text, "distinct_error", profile.distinct_error());
            line(&mut text, "kept", profile.categories().len());
            line(&mut text, "top", profile.top(8));
        }
        ColumnProfile::Boolean(profile) => line(&mut text, "n_true", profile.n_true()),
        ColumnProfile::Timestamp(profile) => {
            line(&mut text, "range", profile.range());
            if let Some(calendar) = profile.calendar() {
                line(&mut text, "whole_hours", calendar.whole_hours());
                let from = [1970, 1990, 2026, 2200].map(|year| calendar.from(year));
                line(&mut text, "from_years", from);
            }
        }
        ColumnProfile::Text(profile) => describe_text(&mut text, profile),
        ColumnProfile::Embedding(profile) => describe_embedding(&mut text, profile),
        ColumnProfile::Unsupported(_) => {}
    }
    text
}

fn describe_text(text: &mut String, profile: &TextProfile) {
    line(text, "characters", profile.characters());
    describe_numeric(text, profile.n_characters());
    describe_numeric(text, profile.n_words());
    let vocabulary = profile.vocabulary();
    line(text, "distinct", vocabulary.distinct());
    line(text, "presences", vocabulary.presences());
    line(text, "top", vocabulary.top(8));
    line(text, "shares", profile.shares().mean());
    line(text, "products", profile.shares().product(3, 1));
}

fn describe_embedding(text: &mut String, profile: &EmbeddingProfile) {
    line(text, "other_dimension", profile.other_dimension());
    if let Some(vectors) = profile.vectors() {
        line(text, "mean", vectors.mean());
        line(text, "m2", vectors.m2());
        describe_numeric(text, vectors.norms());
        line(text, "projected", vectors.projected().mean());
        line(text, "products", vectors.projected().product(1, 0));
    }
}

fn describe_numeric(text: &mut String, profile: &NumericProfile) {
    line(text, "mode", profile.mode());
    line(text, "moments", profile.moments());
    line(text, "range", profile.range());
    let distribution = profile.distribution();
    line(text, "n", distribution.n());
    line(text, "kept", distribution.values().len());
    line(text, "rank_error", distribution.rank_error());
    let quantiles: Vec<Option<f64>> = [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0]
        .map(|q| distribution.quantile(q))
        .to_vec();
    line(text, "quantiles", quantiles);
}

fn describe_outcome(profile: &ClassOutcomes) -> String {
    let mut text = String::new();
    line(&mut text, "config", profile.config());
    line(&mut text, "classes", profile.classes());
    line(&mut text, "rows", profile.rows());
    line(&mut text, "targets", profile.targets());
    line(&mut text, "predictions", profile.predictions());
    line(&mut text, "unscored", profile.unscored());
    line(&mut text, "improbable", profile.improbable());
    line(&mut text, "log_loss", profile.log_loss());
    let names: Vec<Option<&str>> = std::iter::once(None)
        .chain(profile.classes().into_iter().map(Some))
        .collect();
    for target in &names {
        let row: Vec<u64> = names
            .iter()
            .map(|prediction| profile.confusion(*target, *prediction))
            .collect();
        line(&mut text, &format!("confusion {target:?}"), row);
    }
    for class in &profile.config().scored_classes {
        let grid = profile.scores(class).expect("a scored class");
        for target in [Side::Unknown, Side::Rest, Side::This] {
            for prediction in [Side::Unknown, Side::Rest, Side::This] {
                let scores = grid
                    .cell(target, prediction)
                    .distribution()
                    .values()
                    .to_vec();
                line(
                    &mut text,
                    &format!("scores {class} {target:?} {prediction:?}"),
                    scores,
                );
            }
        }
    }
    text
}

/// Profiles of every kind and shape, by name.
fn samples() -> Vec<(&'static str, Profile)> {
    let mut samples: Vec<(&'static str, Profile)> = columns()
        .into_iter()
        .map(|(name, profile)| (name, Profile::Column(profile)))
        .collect();
    samples.extend(
        outcomes()
            .into_iter()
            .map(|(name, profile)| (name, Profile::Outcome(profile))),
    );
    samples
}

fn texts(mode: Mode, n: u64) -> TextProfile {
    let mut profile = TextProfile::new(mode);
    profile.push("The café, the CAFÉ: 3 times! 价格", 2);
    for row in 0..n {
        profile.push(&format!("word{row} word{}", 2 * row), 1);
    }
    profile.push("", 1);
    profile.push_nulls(2);
    profile
}

fn embeddings() -> EmbeddingProfile {
    let mut profile = EmbeddingProfile::new(Mode::Exact);
    for vector in [
        &[1.5, -2.0, 0.25][..],
        &[0.0, 0.0, 0.0],
        &[1.0, f64::NAN, 0.0],
        &[f64::INFINITY, 0.0, 0.0],
        &[3.0],
    ] {
        profile.push(vector);
    }
    profile.push_nulls(1);
    profile
}

fn cities() -> CategoricalProfile {
    let mut profile = CategoricalProfile::new(Mode::Exact);
    for (name, n) in [("Orlando", 3), ("", 1), ("München", 2), ("東京", 400)] {
        profile.push(name, n);
    }
    profile.push(&"long ".repeat(100), 5);
    profile.push_nulls(9);
    profile
}

fn columns() -> Vec<(&'static str, ColumnProfile)> {
    let mut random = Random::new(20);
    let mut uniform = |n: usize| -> Vec<f64> { (0..n).map(|_| random.uniform() * 100.0).collect() };

    let mut exact = NumericProfile::new(Mode::Exact);
    exact.extend_from_slice(&[2.5, -1.0, 0.0, f64::NAN, 1e300, -0.0, f64::INFINITY, 5e-324]);
    exact.push_nulls(2);
    let mut sealed = exact.clone();
    sealed.seal();
    let mut few = NumericProfile::new(Mode::Sketched);
    few.extend_from_slice(&[3.0, 1.0, f64::NEG_INFINITY, 2.0]);
    let mut sketched = NumericProfile::new(Mode::Sketched);
    sketched.extend_from_slice(&uniform(5000));
    sketched.push_nulls(7);
    let mut merged = sketched.clone();
    let mut other = NumericProfile::new(Mode::Sketched);
    other.extend_from_slice(&uniform(3000));
    merged.merge(other).expect("one mode");

    let mut sampled = CategoricalProfile::new(Mode::Sketched);
    for i in 0..1100 {
        sampled.push(&format!("id-{i}"), 1 + i % 3);
    }
    let mut boolean = BooleanProfile::default();
    boolean.push(300, 20, 1);
    let mut timestamp = TimestampProfile::default();
    timestamp.push(Timestamp(-1));
    timestamp.push(Timestamp(1_769_851_800_000_000));
    timestamp.push_nulls(1);
    vec![
        (
            "numeric-empty",
            ColumnProfile::Numeric(NumericProfile::new(Mode::Exact)),
        ),
        ("numeric-exact", ColumnProfile::Numeric(exact)),
        ("numeric-exact-sealed", ColumnProfile::Numeric(sealed)),
        ("numeric-sketched-few", ColumnProfile::Numeric(few)),
        ("numeric-sketched", ColumnProfile::Numeric(sketched)),
        ("numeric-sketched-merged", ColumnProfile::Numeric(merged)),
        ("categorical", ColumnProfile::Categorical(cities())),
        ("categorical-sampled", ColumnProfile::Categorical(sampled)),
        ("boolean", ColumnProfile::Boolean(boolean)),
        ("timestamp", stored("timestamp")),
        ("timestamp-empty", stored("timestamp-empty")),
        ("timestamp-calendar", ColumnProfile::Timestamp(timestamp)),
        (
            "timestamp-calendar-empty",
            ColumnProfile::Timestamp(TimestampProfile::default()),
        ),
        ("text", ColumnProfile::Text(Box::new(texts(Mode::Exact, 3)))),
        (
            "text-sampled",
            ColumnProfile::Text(Box::new(texts(Mode::Sketched, 2_100))),
        ),
        ("embedding", ColumnProfile::Embedding(embeddings())),
        (
            "embedding-empty",
            ColumnProfile::Embedding(EmbeddingProfile::new(Mode::Sketched)),
        ),
        (
            "unsupported",
            ColumnProfile::Unsupported(Counts {
                rows: 12,
                null: 4,
                ..Counts::default()
            }),
        ),
    ]
}

fn outcomes() -> Vec<(&'static str, ClassOutcomes)> {
    let mut binary = ClassOutcomes::new(ClassConfig {
        scored_classes: vec!["1".into()],
        positive: Some("1".into()),
        threshold: 0.5,
        mode: Mode::Exact,
    });
    let (yes, no) = (binary.class_index("1"), binary.class_index("0"));
    for (target, score) in [
        (Some(yes), 0.9),
        (Some(no), 0.2),
        (Some(no), 0.7),
        (None, 0.4),
        (Some(yes), f64::NAN),
    ] {
        binary.push(target, Some(if score >= 0.5 { yes } else { no }), &[score]);
    }
    let mut thresholded = ClassOutcomes::new(binary.config().clone());
    for (target, score) in [(Some(0), 0.9), (None, 0.1), (Some(0), 1.5)] {
        thresholded.push_scored(target, &[score]);
    }
    let mut multiclass = ClassOutcomes::new(ClassConfig {
        scored_classes: vec!["cat".into(), "dog".into(), "eel".into()],
        positive: None,
        threshold: 0.5,
        mode: Mode::Sketched,
    });
    let fox = multiclass.class_index("fox");
    multiclass.push(Some(0), Some(1), &[0.3, 0.6, 0.1]);
    multiclass.push(Some(2), Some(2), &[0.1, 0.1, 0.8]);
    multiclass.push(Some(fox), None, &[0.2, 0.2, 0.6]);
    let mut plain = ClassOutcomes::new(ClassConfig {
        scored_classes: Vec::new(),
        positive: None,
        threshold: 0.5,
        mode: Mode::Exact,
    });
    for (target, prediction) in [("b", "a"), ("c", "c"), ("a", "a")] {
        let target = plain.class_index(target);
        let prediction = plain.class_index(prediction);
        plain.push(Some(target), Some(prediction), &[]);
    }
    vec![
        ("classes-binary", binary),
        ("classes-thresholded", thresholded),
        ("classes-multiclass", multiclass),
        ("classes-plain", plain),
    ]
}

/// A column as a former version wrote it and this one no longer does, except where it was read.
fn stored(name: &str) -> ColumnProfile {
    let bytes = std::fs::read(fixture(name, "bin")).expect("a stored profile");
    ColumnProfile::decode(&bytes).expect("a former version's bytes")
}

fn fixture(name: &str, extension: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/profile/v1")
        .join(format!("{name}.{extension}"))
}

#[test]
fn stored_profiles_are_still_read() {
    let is_to_write = std::env::var(WRITE).is_ok_and(|value| value == "1");
    for (name, profile) in samples() {
        let (bytes_at, text_at) = (fixture(name, "bin"), fixture(name, "txt"));
        if is_to_write {
            std::fs::create_dir_all(bytes_at.parent().expect("a folder")).expect("made");
            std::fs::write(&bytes_at, profile.encode()).expect("written");
            std::fs::write(&text_at, profile.describe()).expect("written");
        }
        let bytes = std::fs::read(&bytes_at).expect("a stored profile");
        let text = std::fs::read_to_string(&text_at).expect("a stored description");
        let found = Profile::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.describe(), text, "{name}");
        assert_eq!(found.encode(), bytes, "{name}");
    }
}

#[test]
fn outcomes_without_squared_errors_and_ranks_are_still_read() {
    for (name, current) in outcomes() {
        let name = name.replace("classes", "outcome");
        let bytes = std::fs::read(fixture(&name, "bin")).expect("a stored profile");
        let text = std::fs::read_to_string(fixture(&name, "txt")).expect("a stored description");
        let found = ClassOutcomes::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(describe_outcome(&found), text, "{name}");
        assert_eq!((found.squared_error().count, found.ranks().n()), (0, 0));
        let mut both = found.clone();
        both.merge(current).expect("one configuration");
        assert_eq!(both.rows(), 2 * found.rows(), "{name}");
        let again = ClassOutcomes::decode(&both.encode()).expect("our own bytes");
        assert_eq!(again, both, "{name}");
    }
}

#[test]
fn columns_are_still_written_as_they_are_stored() {
    for (name, profile) in columns() {
        let stored = std::fs::read(fixture(name, "bin")).expect("a stored profile");
        assert!(profile.encode() == stored, "{name} is written differently");
    }
}

#[test]
fn every_cut_is_refused() {
    for (name, profile) in samples() {
        let bytes = profile.encode();
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
            assert!(
                Profile::decode(&bytes[..end]).is_err(),
                "{name} cut at {end}"
            );
        }
        let mut longer = bytes;
        longer.push(0);
        assert_eq!(
            Profile::decode(&longer),
            Err(DecodeError::Invalid {
                expected: "the end of the profile",
                found: "1 more bytes".into()
            }),
            "{name}"
        );
    }
}

#[test]
fn later_versions_and_other_kinds_are_refused() {
    for (name, profile) in samples() {
        let mut bytes = profile.encode();
        bytes[1] = 99;
        assert!(ColumnProfile::decode(&bytes).is_err(), "{name}");
        assert!(ClassOutcomes::decode(&bytes).is_err(), "{name}");
        bytes[0] = 2;
        assert_eq!(
            Profile::decode(&bytes),
            Err(DecodeError::Version { found: 2 }),
            "{name}"
        );
    }
}

/// Header, counts without special rows, then the rest of an exact numeric profile.
fn exact_numeric(rows: u8, is_sorted: u8, values: &[f64]) -> Vec<u8> {
    let mut bytes = vec![1, 1, rows, 0, 0, 0, 0, 0, 0, 0, 0, rows];
    bytes.extend([0; 16]);
    bytes.extend([is_sorted, values.len() as u8]);
    values
        .iter()
        .for_each(|value| bytes.extend(value.to_le_bytes()));
    bytes
}

#[test]
fn content_that_no_profile_has_is_refused() {
    assert!(ColumnProfile::decode(&exact_numeric(2, 1, &[1.0, 2.0])).is_ok());
    assert!(ColumnProfile::decode(&exact_numeric(2, 0, &[2.0, 1.0])).is_ok());
    for (rows, is_sorted, values) in [
        (2, 1, &[2.0, 1.0][..]),
        (1, 1, &[f64::NAN]),
        (1, 0, &[f64::INFINITY]),
        (1, 1, &[-0.0]),
        (1, 1, &[-1.0]),
        (1, 1, &[0.0]),
        (3, 1, &[1.0, 2.0]),
        (1, 2, &[1.0]),
    ] {
        assert!(
            matches!(
                ColumnProfile::decode(&exact_numeric(rows, is_sorted, values)),
                Err(DecodeError::Invalid { .. })
            ),
            "{rows} {is_sorted} {values:?}"
        );
    }
    let categorical = |entries: &[(&str, u8)]| {
        let rows = entries.iter().map(|(_, n)| n).sum();
        let mut bytes = vec![1, 2, rows, 0, 0, 0, 0, 0, 0, 0, 0, 0, entries.len() as u8];
        for (name, n) in entries {
            bytes.push(name.len() as u8);
            bytes.extend(name.as_bytes());
            bytes.push(*n);
        }
        ColumnProfile::decode(&bytes)
    };
    assert!(categorical(&[("a", 1), ("b", 2)]).is_ok());
    for wrong in [
        &[("b", 1), ("a", 2)][..],
        &[("a", 1), ("a", 2)],
        &[("a", 0)],
        &[("", 1)],
    ] {
        assert!(
            matches!(categorical(wrong), Err(DecodeError::Invalid { .. })),
            "{wrong:?}"
        );
    }
}

proptest! {
    #[test]
    fn numeric_profiles_round_trip(
        values in vec(any::<f64>(), 0..100),
        repeats in 1_usize..30,
        nulls in 0_u64..1 << 40,
        is_sealed: bool,
    ) {
        for mode in [Mode::Exact, Mode::Sketched] {
            let mut numeric = NumericProfile::new(mode);
            numeric.extend_from_slice(&values.repeat(repeats));
            numeric.push_nulls(nulls);
            if is_sealed {
                numeric.seal();
            }
            let profile = ColumnProfile::Numeric(numeric);
            prop_assert_eq!(ColumnProfile::decode(&profile.encode()), Ok(profile));
        }
    }

    #[test]
    fn categorical_profiles_round_trip(
        rows in vec((".{0,300}", 1_u64..1000), 0..10),
        nulls in 0_u64..1 << 40,
        seed: u32,
    ) {
        for mode in [Mode::Exact, Mode::Sketched] {
            let mut categorical = CategoricalProfile::new(mode);
            for (name, n) in &rows {
                categorical.push(name, *n);
            }
            for i in 0..seed % 2000 {
                categorical.push(&format!("{seed}-{i}"), 1);
            }
            categorical.push_nulls(nulls);
            let profile = ColumnProfile::Categorical(categorical);
            prop_assert_eq!(ColumnProfile::decode(&profile.encode()), Ok(profile));
        }
    }

    #[test]
    fn outcome_profiles_round_trip(
        rows in vec((any::<Option<u8>>(), any::<Option<u8>>(), 0.0..1.0, any::<bool>()), 0..60),
        mode in prop_oneof![Just(Mode::Exact), Just(Mode::Sketched)],
        threshold in 0.0..1.0,
    ) {
        let mut profile = ClassOutcomes::new(ClassConfig {
            scored_classes: vec!["3".into(), "1".into()],
            positive: None,
            threshold,
            mode,
        });
        for (target, prediction, score, is_scored) in rows {
            let mut class = |class: Option<u8>| {
                class.map(|class| profile.class_index(&(class % 7).to_string()))
            };
            let (target, prediction) = (class(target), class(prediction));
            if is_scored {
                profile.push_scored(target, &[score, 1.0 - score]);
            } else {
                profile.push(target, prediction, &[score, f64::NAN]);
            }
        }
        let bytes = profile.encode();
        let decoded = ClassOutcomes::decode(&bytes);
        prop_assert_eq!(decoded.as_ref(), Ok(&profile));
        prop_assert_eq!(decoded.map(|decoded| decoded.encode()), Ok(bytes));
    }
}

/// Changes bytes as a careless disk or a hostile sender would.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    const TELLING: [u8; 7] = [0, 1, 2, 0x7f, 0x80, 0xf0, 0xff];
    for _ in 0..1 + random.below(3) {
        // Most of what can go wrong stands at the front, values fill the rest.
        let reach = if random.bernoulli(0.5) {
            40
        } else {
            usize::MAX
        };
        let place = random.below(bytes.len().min(reach) + 1).min(bytes.len());
        let value = if random.bernoulli(0.5) {
            TELLING[random.below(TELLING.len())]
        } else {
            random.bits() as u8
        };
        match random.below(8) {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, value),
            2 if place < bytes.len() => {
                bytes.remove(place);
            }
            3 if place < bytes.len() => {
                let end = (place + 1 + random.below(9)).min(bytes.len());
                let copied = bytes[place..end].to_vec();
                bytes.splice(place..place, copied);
            }
            4 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
            5 if place < bytes.len() => bytes[place] = bytes[place].wrapping_add(1),
            _ if place < bytes.len() => bytes[place] = value,
            _ => bytes.push(value),
        }
    }
}

/// Everything that is done with a profile after it was read.
fn use_profile(profile: Profile, bytes: &[u8]) {
    assert_eq!(profile.encode(), bytes, "there is one form of a profile");
    match profile {
        Profile::Column(mut profile) => {
            profile.merge(profile.clone()).expect("equal kind and mode");
            profile.seal();
            let _ = describe_column(&profile);
            ColumnProfile::decode(&profile.encode()).expect("a merged profile");
        }
        Profile::Outcome(mut profile) => {
            profile.merge(profile.clone()).expect("equal configuration");
            profile.seal();
            let _ = describe_outcome(&profile);
            ClassOutcomes::decode(&profile.encode()).expect("a merged profile");
        }
    }
}

#[test]
fn damaged_bytes_do_no_harm() {
    const SEED: u64 = 4;
    const CASES: usize = 300_000;
    let seeds: Vec<Vec<u8>> = samples()
        .into_iter()
        .map(|(_, profile)| profile.encode())
        .filter(|bytes| bytes.len() < 1000)
        .collect();
    let mut random = Random::new(SEED);
    let mut n_accepted = 0;
    for case in 0..CASES {
        let mut bytes = seeds[case % seeds.len()].clone();
        mutate(&mut random, &mut bytes);
        let harm = std::panic::catch_unwind(|| {
            Profile::decode(&bytes).map(|profile| use_profile(profile, &bytes))
        });
        match harm {
            Ok(result) => n_accepted += usize::from(result.is_ok()),
            Err(_) => panic!("case {case} of seed {SEED} panicked on {bytes:02x?}"),
        }
    }
    // Damage to a value often gives another valid profile; were there none, the test would test nothing.
    assert!(n_accepted > CASES / 50, "{n_accepted} of {CASES} accepted");
}
