//! Damaged files end in an error or in values, never in a panic.

use std::path::Path;

use keepwell_core::fault::Fault;
use keepwell_engine::{OpenOptions, Session};
use keepwell_stats::profile::Mode;

use crate::fixtures::{
    Lcg, all_columns, block_on, events, folder, pattern, session, write, write_ipc_file,
    write_ipc_stream, write_parquet,
};

/// Reads a file and forgets what comes of it; only a fault of ours would not be acceptable.
async fn survive(session: &Session, path: &Path) {
    let options = OpenOptions::default();
    let result = match session.open(&pattern(path), &options).await {
        Ok(table) => session
            .profile(&table, &all_columns(&table))
            .await
            .map(|_| ()),
        Err(fault) => Err(fault),
    };
    if let Err(fault) = result {
        assert_ne!(fault.code(), "engine.internal.fault", "{fault}");
        assert!(!fault.to_string().is_empty());
    }
}

/// Damaged copies of each file. More are tried with `KEEPWELL_FUZZ_ROUNDS=100000`.
fn rounds() -> u64 {
    std::env::var("KEEPWELL_FUZZ_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(300)
}

/// Cuts the file at many lengths and flips bits of it.
fn damage(name: &str, bytes: &[u8]) {
    // Panics of decoders are caught; their messages would only clutter the output of the tests.
    std::panic::set_hook(Box::new(|_| {}));
    let folder = folder();
    let mut random = Lcg(11);
    block_on(async {
        let session = session(2, Mode::Exact);
        let step = (bytes.len() / 150).max(1);
        for length in (0..bytes.len()).step_by(step) {
            let path = write(folder.path(), name, &bytes[..length]);
            survive(&session, &path).await;
        }
        for _ in 0..rounds() {
            let mut damaged = bytes.to_vec();
            for _ in 0..=random.next(3) {
                let at = random.next(bytes.len() as u64) as usize;
                damaged[at] ^= 1 << random.next(8);
            }
            let path = write(folder.path(), name, &damaged);
            survive(&session, &path).await;
        }
    });
}

#[test]
fn parquet() {
    let folder = folder();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &events(60), 25);
    damage(
        "a.parquet",
        &std::fs::read(&path).expect("a file just written"),
    );
}

#[test]
fn arrow_file() {
    let folder = folder();
    let path = folder.path().join("a.arrow");
    write_ipc_file(&path, &events(40));
    damage(
        "a.arrow",
        &std::fs::read(&path).expect("a file just written"),
    );
}

#[test]
fn arrow_stream() {
    let folder = folder();
    let path = folder.path().join("a.arrow");
    write_ipc_stream(&path, &events(40));
    damage(
        "a.arrow",
        &std::fs::read(&path).expect("a file just written"),
    );
}

#[test]
fn csv() {
    let text = "a,b,c\n1,\"x\ny\",2013-01-01\r\n2.5,\"é\",2013-01-02T00:00:00Z\n,,\n".repeat(4);
    damage("a.csv", text.as_bytes());
}

#[test]
fn ndjson() {
    let text =
        "{\"a\": 1, \"b\": \"x\\u00e9\", \"c\": [1, {\"d\": null}]}\n{\"a\": 2.5, \"b\": true}\n";
    damage("a.ndjson", text.repeat(4).as_bytes());
}
