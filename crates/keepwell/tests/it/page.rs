//! The HTML report in a real browser.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::command::{keepwell, stderr};

/// The page after its scripts ran, as Chromium sees it.
fn rendered(page: &Path, profile: &Path) -> String {
    let output = Command::new(browser())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser starts");
    String::from_utf8(output.stdout).expect("the page is UTF-8")
}

/// Chromium under any of its names.
fn browser() -> &'static str {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok())
        .expect("Chromium is installed; `cargo xtask test` does it")
}

fn flights_page(folder: &TempDir, lang: &str) -> std::path::PathBuf {
    let page = folder.path().join("flights.html");
    let output = keepwell([
        "check".as_ref(),
        "examples/flights/flights.parquet".as_ref(),
        "--spec".as_ref(),
        "examples/flights/flights.yaml".as_ref(),
        "--lang".as_ref(),
        lang.as_ref(),
        "--fail-on".as_ref(),
        "never".as_ref(),
        "--quiet".as_ref(),
        "--html".as_ref(),
        page.as_os_str(),
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    page
}

#[test]
fn the_page_draws_itself_in_both_languages_without_a_script_error() {
    let folder = TempDir::new().expect("a temporary folder");
    for (lang, word) in [("en", "Findings"), ("zh-CN", "精确率")] {
        let dom = rendered(&flights_page(&folder, lang), &folder.path().join(lang));
        assert!(
            !dom.contains("id=\"script-error\""),
            "a script failed ({lang})"
        );
        assert!(
            dom.matches("class=\"chart\"").count() > 10,
            "charts are missing ({lang})"
        );
        assert!(dom.contains(word), "`{word}` is missing ({lang})");
    }
}

#[test]
fn the_page_is_one_file_within_its_size_that_may_not_reach_the_network() {
    let folder = TempDir::new().expect("a temporary folder");
    let page = std::fs::read_to_string(flights_page(&folder, "en")).expect("written");
    assert!(page.len() < 300_000, "{} bytes", page.len());
    assert!(page.contains("default-src 'none'"));
    for outside in [
        " src=\"http",
        " href=\"http",
        "@import",
        "fetch(",
        "XMLHttpRequest",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
}
