//! Files that are cut, damaged or made to harm.

use keepwell_interop::tensorboard::{DamageKind, LoadOptions, LogDir, Progress};

use crate::logs::{BEGUN, contents, load, masked, mixed_file, record, scalar_record, write};

/// Steps of the tag `a`.
fn steps(logdir: &LogDir) -> Vec<i64> {
    let run = logdir.run(".").expect("the root run");
    let tag = run.tag("a");
    tag.map_or_else(Vec::new, |tag| {
        tag.points().map(|point| point.step).collect()
    })
}

fn damage(logdir: &LogDir) -> Vec<(DamageKind, u64)> {
    let run = logdir.run(".").expect("the root run");
    let found = run.files()[0].damage().iter();
    found.map(|damage| (damage.kind, damage.count)).collect()
}

fn progress(logdir: &LogDir) -> Progress {
    logdir.run(".").expect("the root run").files()[0].progress()
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_records_and_no_damage() {
    let bytes = mixed_file();
    let (_folder, whole) = load(&bytes);
    let n_points = |logdir: &LogDir| -> usize {
        logdir
            .runs()
            .flat_map(|run| run.tags())
            .map(|tag| tag.len())
            .sum()
    };
    let mut before = 0;
    for end in 0..bytes.len() {
        let (_folder, logdir) = load(&bytes[..end]);
        assert_eq!(damage(&logdir), []);
        let now = n_points(&logdir);
        assert!(now >= before && now <= n_points(&whole), "cut at {end}");
        before = now;
    }
    assert!(before > 10);
}

#[test]
fn a_flipped_bit_is_noticed_and_costs_a_record_or_the_rest() {
    let bytes = mixed_file();
    let (_folder, whole) = load(&bytes);
    let n_records = |logdir: &LogDir| logdir.run(".").expect("root").files()[0].n_records();
    // Another bit of each byte; records are tested bit by bit where they are framed.
    for bit in (0..bytes.len()).map(|idx| idx * 8 + idx * 3 % 8) {
        let mut broken = bytes.clone();
        broken[bit / 8] ^= 1 << (bit % 8);
        let (_folder, logdir) = load(&broken);
        match progress(&logdir) {
            Progress::Whole => {
                assert_eq!(damage(&logdir), [(DamageKind::BadPayload, 1)], "bit {bit}");
                assert_eq!(n_records(&logdir), n_records(&whole));
            }
            Progress::Stopped { offset, lost_bytes } => {
                assert!(offset + lost_bytes == bytes.len() as u64, "bit {bit}");
            }
            Progress::Partial { .. } => panic!("bit {bit} changed a length unnoticed"),
        }
    }
}

#[test]
fn lengths_without_bytes_are_waited_for() {
    for length in [1 << 40, 1 << 63, u64::MAX] {
        let mut bytes = scalar_record(BEGUN, 1, 0.5);
        let offset = bytes.len() as u64;
        bytes.extend(u64::to_le_bytes(length));
        bytes.extend(masked(&u64::to_le_bytes(length)).to_le_bytes());
        bytes.extend(scalar_record(BEGUN, 2, 0.5));
        let (_folder, logdir) = load(&bytes);
        assert_eq!(steps(&logdir), [1]);
        let expected = Progress::Partial {
            offset,
            record_bytes: length.saturating_add(16),
            present_bytes: bytes.len() as u64 - offset,
        };
        assert_eq!(progress(&logdir), expected);
    }
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_read() {
    let summary_of = |value: &[u8]| {
        let mut payload = vec![0x2a, value.len() as u8 + 2, 0x0a, value.len() as u8];
        payload.extend(value);
        record(&payload)
    };
    let cases = [
        (record(b"this is no event"), DamageKind::NotAnEvent),
        (record(&[0x2a, 0x7f, 0]), DamageKind::NotAnEvent),
        (scalar_record(f64::NAN, 7, 0.5), DamageKind::BadWallTime),
        (
            scalar_record(f64::INFINITY, 7, 0.5),
            DamageKind::BadWallTime,
        ),
        // An image and a tensor without elements under the tag of a number; a tag that is not UTF-8.
        (summary_of(&[0x0a, 1, b'a', 0x22, 0]), DamageKind::Misfit),
        (summary_of(&[0x0a, 1, b'a', 0x42, 0]), DamageKind::Misfit),
        (
            summary_of(&[0x0a, 1, 0xff, 0x15, 0, 0, 0, 0]),
            DamageKind::NotAnEvent,
        ),
    ];
    for (bad, kind) in cases {
        let bytes = [
            scalar_record(BEGUN, 1, 0.5),
            bad,
            scalar_record(BEGUN, 2, 0.5),
        ]
        .concat();
        let (_folder, logdir) = load(&bytes);
        assert_eq!(damage(&logdir), [(kind, 1)]);
        assert_eq!(steps(&logdir), [1, 2], "{kind:?}");
        assert_eq!(progress(&logdir), Progress::Whole);
    }
}

#[test]
fn steps_are_kept_whatever_they_are() {
    let wanted = [i64::MAX, i64::MIN, -5, (1 << 53) + 1, 0, 0];
    let records = wanted.map(|step| scalar_record(BEGUN, step, f32::NAN));
    let (_folder, logdir) = load(&records.concat());
    assert_eq!(steps(&logdir), wanted);
    assert_eq!(damage(&logdir), []);
}

#[test]
fn files_that_are_no_event_files_stop_at_their_beginning() {
    for bytes in [
        &b"plain text, named like an event file"[..],
        &[0; 4096],
        &[0xff; 4096],
    ] {
        let (_folder, logdir) = load(bytes);
        let expected = Progress::Stopped {
            offset: 0,
            lost_bytes: bytes.len() as u64,
        };
        assert_eq!(progress(&logdir), expected);
    }
    let (_folder, empty) = load(&[]);
    assert_eq!(progress(&empty), Progress::Whole);
}

#[test]
fn a_record_above_the_limit_is_skipped() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = record(&vec![0; 600_000]);
    let bytes = [
        scalar_record(BEGUN, 1, 0.5),
        long,
        scalar_record(BEGUN, 2, 0.5),
    ]
    .concat();
    write(&folder.path().join("a.tfevents"), &bytes);
    let options = LoadOptions {
        record_bytes_max: 500_000,
        ..LoadOptions::default()
    };
    let logdir = LogDir::open_with(folder.path(), options).expect("a log directory");
    assert_eq!(damage(&logdir), [(DamageKind::TooLong, 1)]);
    assert_eq!(steps(&logdir), [1, 2]);
    // Above the size of the buffer, below the limit: read, and no event.
    let logdir = LogDir::open(folder.path()).expect("a log directory");
    assert_eq!(damage(&logdir), [(DamageKind::NotAnEvent, 1)]);
    assert_eq!(steps(&logdir), [1, 2]);
}

#[test]
fn the_first_record_and_its_metadata_may_be_missing() {
    let bytes = mixed_file();
    let first = 16 + u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize;
    let (_folder, whole) = load(&bytes);
    let (_other, headless) = load(&bytes[first..]);
    let without_counts = |logdir: &LogDir| {
        let text = contents(logdir);
        let lines = text.lines().filter(|line| !line.contains(" records, "));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(without_counts(&headless), without_counts(&whole));
}
