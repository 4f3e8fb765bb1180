//! `cargo xtask demo`: builds the command and shows it on real data.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{cargo, output, succeed};
use crate::root;

/// Runs the task.
///
/// # Errors
/// If an argument is given, the build fails, or the check cannot be done. Findings are no error.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("expected no argument; found {arguments:?}");
    }
    println!("Building keepwell. The first time takes some minutes; cargo shows how far it is.\n");
    let begun = Instant::now();
    let keepwell = build()?;
    let build_time = begun.elapsed();

    println!("\nChecking nine months of flights against two months of reference.\n");
    fs::create_dir_all(root().join("target")).context("create target/")?;
    let begun = Instant::now();
    succeed(
        Command::new(keepwell)
            .current_dir(root())
            .args(["check", "examples/flights/flights.parquet"])
            .args(["--spec", "examples/flights/flights.yaml"])
            .args(["--html", "target/flights.html"])
            .args(["--json", "target/flights.json"])
            .args(["--fail-on", "never"]),
    )?;
    let check_time = begun.elapsed();

    println!(
        "\nReport for the browser: target/flights.html\nAll results as JSON:    target/flights.json\n\
         Build {:.0} s, check {:.1} s.",
        build_time.as_secs_f64(),
        check_time.as_secs_f64()
    );
    Ok(())
}

/// Builds the binary; cargo says where it put it.
fn build() -> Result<PathBuf> {
    let messages = output(cargo().args([
        "build",
        "--locked",
        "--package",
        "keepwell",
        "--message-format",
        "json-render-diagnostics",
    ]))?;
    let text = String::from_utf8(messages).context("cargo writes its messages in UTF-8")?;
    executable(&text).context("cargo built no executable named keepwell")
}

/// The path of the executable in the messages of a build.
fn executable(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "keepwell")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_other_messages() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}
not JSON
{"reason":"compiler-artifact","target":{"name":"keepwell"},"executable":"target/debug/keepwell"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages), Some("target/debug/keepwell".into()));
        assert_eq!(executable("{\"reason\":\"build-finished\"}"), None);
    }
}
