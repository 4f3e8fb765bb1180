//! `cargo xtask bench`: times the command beside DuckDB's bare scan and beside its peers.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, succeed};
use crate::python::environment;
use crate::{root, target_dir};

/// The libraries that are measured beside Keepwell; each has an environment of its own, for they agree on
/// no set of versions.
pub(crate) const PEERS: [&str; 3] = ["evidently", "nannyml", "whylogs"];

/// Every workload, and whether the peers take part.
const WORKLOADS: [(&str, bool); 5] = [
    ("million", true),
    ("hundred_thousand", true),
    ("windows", false),
    ("wide", false),
    ("ten_million", false),
];

/// Runs the task.
///
/// # Errors
/// If an argument is no workload, or the build or a run fails.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let known = WORKLOADS.map(|(name, _)| name);
    if let Some(argument) = arguments
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        bail!("expected {}; found `{argument}`", known.join(", "));
    }
    let chosen: Vec<(&str, bool)> = WORKLOADS
        .into_iter()
        .filter(|(name, _)| arguments.is_empty() || arguments.iter().any(|chosen| chosen == name))
        .collect();
    let mut programs = vec![
        ("keepwell", release()?),
        (
            "bench",
            environment("bench", &root().join("xtask/bench/requirements.txt"))?,
        ),
    ];
    if chosen.iter().any(|(_, with_peers)| *with_peers) {
        for peer in PEERS {
            programs.push((peer, peer_environment(peer)?));
        }
    }
    let folder = target_dir().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let mut command = Command::new(&programs[1].1);
    command.arg(root().join("xtask/bench/bench.py")).arg(folder);
    for (name, path) in &programs {
        command.arg(format!("--program={name}={}", path.display()));
    }
    succeed(command.args(chosen.iter().map(|(name, _)| name)))
}

/// The command, built in the release profile.
///
/// # Errors
/// If the build fails.
pub(crate) fn release() -> Result<PathBuf> {
    succeed(cargo().args(["build", "--release", "--locked", "--package", "keepwell"]))?;
    let name = format!("keepwell{}", std::env::consts::EXE_SUFFIX);
    Ok(target_dir().join("release").join(name))
}

/// The Python that has a peer.
///
/// # Errors
/// If it cannot be had.
pub(crate) fn peer_environment(peer: &str) -> Result<PathBuf> {
    let pins = root().join(format!("xtask/bench/peers/requirements-{peer}.txt"));
    environment(&format!("bench-{peer}"), &pins)
}
