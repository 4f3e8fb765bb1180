//! `cargo xtask simulate`: how often the decision rule is wrong and what it finds, beside its peers.

use std::process::Command;

use anyhow::Result;

use crate::bench::{PEERS, peer_environment, release};
use crate::process::succeed;
use crate::{root, target_dir};

/// Runs the task; the arguments are those of the script, which says what it takes.
///
/// # Errors
/// If the build or a run fails.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut programs = vec![("keepwell", release()?)];
    for peer in PEERS {
        programs.push((peer, peer_environment(peer)?));
    }
    // Keepwell's and the plain rule need Arrow, NumPy and SciPy, which Evidently's environment has.
    let mut command = Command::new(peer_environment("evidently")?);
    command
        .arg(root().join("xtask/simulation/simulate.py"))
        .arg(target_dir().join("simulation"))
        .arg(root().join("docs/simulation.md"));
    for (name, path) in &programs {
        command.arg(format!("--program={name}={}", path.display()));
    }
    succeed(command.args(arguments))
}
