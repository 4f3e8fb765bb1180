//! Log directories that change while they are watched.

use std::fs;
use std::io::Write;

use keepwell_interop::tensorboard::{LoadOptions, LogDir, Progress};

use crate::logs::{BEGUN, contents, load, mixed_file, scalar_record, write};

fn steps(logdir: &LogDir, run: &str) -> Vec<i64> {
    let tag = logdir.run(run).and_then(|run| run.tag("a"));
    tag.map_or_else(Vec::new, |tag| {
        tag.points().map(|point| point.step).collect()
    })
}

fn records(steps: &[i64]) -> Vec<u8> {
    let records = steps
        .iter()
        .map(|&step| scalar_record(BEGUN + step as f64, step, 0.5));
    records.collect::<Vec<_>>().concat()
}

#[test]
fn byte_by_byte_is_the_same_as_at_once() {
    let bytes = mixed_file();
    let (_folder, whole) = load(&bytes);
    let (folder, mut logdir) = load(&[]);
    let path = folder.path().join("events.out.tfevents.1.host");
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(path)
        .expect("a file");
    let mut n_points = 0;
    for byte in &bytes {
        file.write_all(&[*byte]).expect("written");
        logdir.refresh();
        let run = logdir.run(".").expect("the root run");
        let now = run.tags().map(|tag| tag.len()).sum();
        assert!(now >= n_points, "points went away");
        n_points = now;
    }
    assert_eq!(contents(&logdir), contents(&whole));
    assert!(logdir.refresh().is_empty());
}

#[test]
fn two_files_that_grow_in_turn_are_the_same_as_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (
        folder.path().join("1.tfevents"),
        folder.path().join("2.tfevents"),
    );
    let mut logdir = LogDir::open(folder.path()).expect("a folder");
    for end in 1..5 {
        write(&second, &records(&[10, 11, 12, 13][..end]));
        logdir.refresh();
        write(&first, &records(&[1, 2, 3, 4][..end]));
        logdir.refresh();
    }
    assert_eq!(steps(&logdir, "."), [1, 2, 3, 4, 10, 11, 12, 13]);
    let fresh = LogDir::open(folder.path()).expect("a folder");
    assert_eq!(contents(&logdir), contents(&fresh));
}

#[test]
fn a_file_that_is_replaced_is_read_anew() {
    let (folder, mut logdir) = load(&records(&[1, 2, 3]));
    let path = folder.path().join("events.out.tfevents.1.host");
    // Written anew in place: shorter, then longer; then another file under the name.
    for wanted in [&[7][..], &[4, 5, 6, 7]] {
        write(&path, &records(wanted));
        assert!(!logdir.refresh().is_empty());
        assert_eq!(steps(&logdir, "."), wanted);
    }
    let other = folder.path().join("other");
    write(&other, &records(&[9, 10, 11, 12, 13]));
    fs::rename(&other, &path).expect("renamed");
    let refresh = logdir.refresh();
    assert_eq!(refresh.runs_changed, ["."]);
    assert_eq!(refresh.n_records, 1);
    assert_eq!(steps(&logdir, "."), [9, 10, 11, 12, 13]);
}

#[test]
fn files_and_folders_come_and_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("a/b");
    fs::create_dir_all(&run).expect("a folder");
    write(&run.join("1.tfevents"), &records(&[1, 2]));
    write(&run.join("2.tfevents"), &records(&[3]));
    write(&run.join("checkpoint"), b"something else");
    let mut logdir = LogDir::open(folder.path()).expect("a folder");
    assert_eq!(steps(&logdir, "a/b"), [1, 2, 3]);

    write(&folder.path().join("3.tfevents"), &records(&[4]));
    fs::remove_file(run.join("1.tfevents")).expect("removed");
    let refresh = logdir.refresh();
    assert_eq!(refresh.runs_added, ["."]);
    assert_eq!(refresh.runs_changed, [".", "a/b"]);
    assert_eq!(steps(&logdir, "a/b"), [3]);

    fs::remove_dir_all(folder.path().join("a")).expect("removed");
    assert_eq!(logdir.refresh().runs_removed, ["a/b"]);
    fs::remove_dir_all(folder.path()).expect("removed");
    assert_eq!(logdir.refresh().runs_removed, ["."]);
    assert_eq!(logdir.faults().len(), 1);
    assert!(LogDir::open(folder.path()).is_err());
}

#[test]
fn a_length_that_is_mended_later_is_read_on() {
    let bytes = records(&[1, 2]);
    let half = bytes.len() / 2;
    let mut zeros = bytes.clone();
    zeros[half..].fill(0);
    let (folder, mut logdir) = load(&zeros);
    let progress = |logdir: &LogDir| logdir.run(".").expect("root").files()[0].progress();
    assert!(
        matches!(progress(&logdir), Progress::Stopped { lost_bytes, .. } if lost_bytes == half as u64)
    );
    // As when blocks of a file arrive late over a network. Longer, so that the change is seen whatever the
    // resolution of times is.
    let path = folder.path().join("events.out.tfevents.1.host");
    write(&path, &records(&[1, 2, 3]));
    logdir.refresh();
    assert_eq!(steps(&logdir, "."), [1, 2, 3]);
    assert_eq!(progress(&logdir), Progress::Whole);
}

#[test]
fn only_what_is_selected_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    for run in ["train", "validation"] {
        fs::create_dir(folder.path().join(run)).expect("a folder");
        write(&folder.path().join(run).join("1.tfevents"), &mixed_file());
    }
    let options = LoadOptions {
        runs: Some(Box::new(|run| run == "train")),
        tags: Some(Box::new(|tag| tag == "loss")),
        ..LoadOptions::default()
    };
    let logdir = LogDir::open_with(folder.path(), options).expect("a folder");
    let names: Vec<String> = logdir
        .runs()
        .flat_map(|run| {
            run.tags()
                .map(move |tag| format!("{} {}", run.name(), tag.name()))
        })
        .collect();
    assert_eq!(names, ["train loss"]);
    let loss = logdir
        .run("train")
        .and_then(|run| run.tag("loss"))
        .expect("loss");
    assert_eq!(loss.len(), 7);
    assert_eq!(loss.shown().len(), 5);
    assert_eq!(loss.restarts().len(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("a folder");
    write(&inner.join("1.tfevents"), &records(&[1]));
    symlink(folder.path(), inner.join("up")).expect("a link");
    symlink(&inner, folder.path().join("again")).expect("a link");
    symlink(
        inner.join("1.tfevents"),
        folder.path().join("linked.tfevents"),
    )
    .expect("a link");
    symlink("nowhere", folder.path().join("broken.tfevents")).expect("a link");
    let logdir = LogDir::open(folder.path()).expect("a folder");
    let names: Vec<&str> = logdir.runs().map(|run| run.name()).collect();
    assert_eq!(names, [".", "again", "inner"]);
    // The two ways up, and the link that leads nowhere.
    assert_eq!(logdir.faults().len(), 3);
}

#[test]
fn a_single_file_is_a_log_directory_too() {
    let (folder, _) = load(&records(&[1, 2]));
    let logdir = LogDir::open(folder.path().join("events.out.tfevents.1.host")).expect("a file");
    assert_eq!(steps(&logdir, "."), [1, 2]);
}
