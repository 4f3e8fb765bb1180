//! `cargo xtask fuzz`: runs every fuzz target for a while.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{output, succeed};
use crate::root;

const SECONDS_DEFAULT: u32 = 60;

const FIXTURES: &str = "crates/keepwell-stats/tests/fixtures/profile";

/// Runs the task.
///
/// # Errors
/// If the argument is no number, cargo-fuzz is missing, or a target finds a fault.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let seconds: u32 = match arguments {
        [] => SECONDS_DEFAULT,
        [seconds] => seconds
            .parse()
            .with_context(|| format!("expected a number of seconds; found `{seconds}`"))?,
        _ => bail!("expected nothing or a number of seconds; found {arguments:?}"),
    };
    let listed = output(cargo_fuzz().arg("list")).context(
        "fuzzing needs `rustup toolchain install nightly` and `cargo install cargo-fuzz`",
    )?;
    let listed = String::from_utf8(listed).context("names of fuzz targets are UTF-8")?;
    for target in listed.split_whitespace() {
        println!("\n== {target}, {seconds} s");
        // New inputs go to the first folder; the stored fixtures are where the codecs start from.
        let corpus = format!("fuzz/corpus/{target}");
        fs::create_dir_all(root().join(&corpus)).with_context(|| format!("create {corpus}"))?;
        succeed(
            cargo_fuzz()
                .args(["run", target, &corpus, FIXTURES, "--"])
                .args([
                    &format!("-max_total_time={seconds}"),
                    // So libFuzzer notices an input that makes a decoder allocate without bound.
                    "-rss_limit_mb=2048",
                    "-print_final_stats=1",
                ]),
        )
        .with_context(|| {
            format!("the input that failed is under fuzz/artifacts/{target}/; make it a test")
        })?;
    }
    Ok(())
}

fn cargo_fuzz() -> Command {
    let mut command = Command::new("cargo");
    // The toolchain of this task would go before `+nightly`.
    command
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["+nightly", "fuzz"])
        .current_dir(root());
    command
}
