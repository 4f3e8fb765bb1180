//! What the tests need beside Rust, installed where it is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{find, succeed};
use crate::{root, target_dir};

/// A package of Debian, and how to see that it, or something as good, is there.
struct SystemPackage {
    name: &'static str,
    /// What it is for.
    purpose: &'static str,
    is_present: fn() -> bool,
}

const SYSTEM_PACKAGES: &[SystemPackage] = &[
    SystemPackage {
        name: "chromium",
        purpose: "the tests open the HTML report in a browser",
        is_present: || {
            ["chromium", "chromium-browser", "google-chrome"]
                .iter()
                .any(|program| find(program).is_some())
        },
    },
    SystemPackage {
        name: "fonts-noto-cjk",
        purpose: "the Chinese report needs glyphs",
        is_present: has_chinese_font,
    },
];

/// Installs the packages of the system that are missing.
///
/// # Errors
/// If one is missing and cannot be installed from here; the message says how to do it by hand.
pub(crate) fn system_packages() -> Result<()> {
    let missing: Vec<&SystemPackage> = SYSTEM_PACKAGES
        .iter()
        .filter(|package| !(package.is_present)())
        .collect();
    if missing.is_empty() {
        println!("nothing to install");
        return Ok(());
    }
    for package in &missing {
        println!("missing: {} ({})", package.name, package.purpose);
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let by_hand = format!(
        "install them by hand, on Debian with: apt-get install {}",
        names.join(" ")
    );
    if find("apt-get").is_none() {
        bail!("there is no apt-get here; {by_hand}");
    }
    apt_get(&["update", "--quiet"]).with_context(|| by_hand.clone())?;
    let mut install = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    install.extend(&names);
    apt_get(&install).with_context(|| by_hand.clone())?;
    if let Some(package) = missing.iter().find(|package| !(package.is_present)()) {
        bail!("{} was installed and is still not found", package.name);
    }
    Ok(())
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else if find("sudo").is_some() {
        // Without a terminal sudo fails at once instead of waiting for a password.
        let mut command = Command::new("sudo");
        command.arg("apt-get");
        command
    } else {
        bail!("apt-get needs root, and there is no sudo");
    };
    succeed(
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null()),
    )
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn has_chinese_font() -> bool {
    let by_fontconfig = Command::new("fc-list")
        .args([":lang=zh-cn", "file"])
        .output()
        .is_ok_and(|output| !output.stdout.trim_ascii().is_empty());
    by_fontconfig || Path::new("/usr/share/fonts/opentype/noto").is_dir()
}

/// The TypeScript compiler, installed under `target/` as `xtask/typescript/` pins it.
///
/// # Errors
/// If npm is missing or fails.
pub(crate) fn typescript() -> Result<PathBuf> {
    let pins = root().join("xtask/typescript");
    let folder = target_dir().join("typescript");
    let compiler = folder.join("node_modules/typescript/bin/tsc");
    let lock = "package-lock.json";
    let pinned = read(&pins.join(lock))?;
    // Written last, so that an interrupted installation is not taken for a complete one.
    let stamp = folder.join("installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pinned) {
        return Ok(compiler);
    }
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    for name in ["package.json", lock] {
        fs::copy(pins.join(name), folder.join(name)).with_context(|| format!("copy {name}"))?;
    }
    succeed(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder),
    )
    .context("the type check of the report's scripts needs Node with npm")?;
    fs::write(&stamp, pinned).with_context(|| format!("write {}", stamp.display()))?;
    Ok(compiler)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}
