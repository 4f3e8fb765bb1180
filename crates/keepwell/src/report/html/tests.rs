use keepwell_core::schema::Role;
use keepwell_core::time::Every;
use keepwell_monitor::finding::Subject;
use keepwell_monitor::note::Note;
use keepwell_monitor::report::Facts;
use serde_json::Value;

use super::sample::{self, BINARY, Plan};
use super::*;

/// What a name may try.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>&\u{2028}\"'";

const DATA_ONLY: Plan = Plan {
    n_classes: 0,
    n_windows: 0,
    n_features: 8,
    has_segments: false,
    ..BINARY
};

fn data_of(html: &str) -> Value {
    let (_, after) = html.split_once("id=\"data\">").expect("the data element");
    let (json, _) = after.split_once("</script>").expect("its end");
    serde_json::from_str(json).expect("JSON")
}

/// Values under a key at any depth.
fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
        Value::Object(values) => values.values().for_each(|value| strings(value, found)),
        _ => {}
    }
}

#[test]
fn the_page_is_one_file_that_asks_for_nothing() {
    let html = render(&sample::report(&BINARY), Lang::En);
    assert!(html.contains("default-src 'none'"));
    for (at, _) in html.match_indices("http") {
        let rest = &html[at..];
        let is_known =
            rest.starts_with("http://www.w3.org/2000/svg") || rest.starts_with("http-equiv");
        assert!(is_known, "{}", &rest[..60]);
    }
    for forbidden in [
        "@import",
        "url(//",
        "src=",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
    ] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let loading = [
        "<link",
        "<img",
        "<iframe",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "localStorage",
    ];
    assert!(loading.iter().all(|tag| !html.contains(tag)));
}

#[test]
fn forty_columns_over_twelve_windows_stay_below_the_limit() {
    let plan = Plan {
        n_features: 38,
        n_windows: 12,
        n_rows: 120,
        ..BINARY
    };
    let html = render(&sample::report(&plan), Lang::ZhCn);
    assert!(html.len() < 300_000, "{} bytes", html.len());
    let data = data_of(&html);
    assert_eq!(data["columns"].as_array().map(Vec::len), Some(40));
    assert_eq!(data["omitted"]["columns"], Value::Null);
}

#[test]
fn what_does_not_fit_is_left_out_and_said() {
    let plan = Plan {
        n_features: 600,
        n_windows: 24,
        n_rows: 12,
        has_segments: false,
        ..BINARY
    };
    let html = render(&sample::report(&plan), Lang::En);
    assert!(html.len() < 300_000, "{} bytes", html.len());
    let data = data_of(&html);
    let n_shown = data["columns"].as_array().map_or(0, Vec::len) as u64;
    assert!(n_shown > 100);
    assert_eq!(data["omitted"]["columns"].as_u64(), Some(602 - n_shown));
    assert!(data["omitted"]["pictures"].as_u64() > Some(0));
}

#[test]
fn hostile_names_stay_data() {
    let mut report = sample::report(&DATA_ONLY);
    report.facts.model = HOSTILE.to_owned();
    report.facts.notes.push(Note::NaiveTime {
        column: HOSTILE.to_owned(),
    });
    report.facts.reference.files = vec![HOSTILE.to_owned()];
    report.facts.roles = vec![(Role::Feature, HOSTILE.to_owned())];
    for row in &mut report.rows {
        row.column = Some(HOSTILE.to_owned());
    }
    for finding in &mut report.findings {
        finding.subject = Subject::Column(HOSTILE.to_owned());
    }
    for picture in &mut report.pictures {
        picture.column.name = HOSTILE.to_owned();
    }
    let html = render(&report, Lang::En);
    assert!(!html.contains("<img"));
    assert!(!html.contains("</script><"));
    assert_eq!(html.matches("</script>").count(), 2);
    let data = data_of(&html);
    let name = data["columns"][0]["name"].as_str().expect("a name");
    assert!(
        name.starts_with("</script><img src=x onerror=alert(1)>&"),
        "{name}"
    );
    assert!(!name.contains('\u{2028}'));
}

#[test]
fn long_names_are_cut() {
    let mut report = sample::report(&DATA_ONLY);
    let long = "很".repeat(1_000_000);
    report.facts.model.clone_from(&long);
    report.facts.notes = vec![
        Note::NaiveTime {
            column: long.clone(),
        };
        100
    ];
    report.facts.notes[0] = Note::NewColumns {
        columns: vec![long.clone(); 30],
    };
    report.facts.current.files = vec![long; 100];
    assert!(render(&report, Lang::En).len() < 300_000);
}

#[test]
fn the_same_report_gives_the_same_page() {
    assert_eq!(
        render(&sample::report(&DATA_ONLY), Lang::En),
        render(&sample::report(&DATA_ONLY), Lang::En)
    );
}

#[test]
fn both_languages_are_inside_and_the_first_is_chosen() {
    let report = sample::report(&DATA_ONLY);
    let (english, chinese) = (render(&report, Lang::En), render(&report, Lang::ZhCn));
    assert!(english.contains("<html lang=\"en\">") && chinese.contains("<html lang=\"zh-CN\">"));
    let data = data_of(&english);
    assert_eq!(data["lang"], "en");
    assert_eq!(data["texts"], data_of(&chinese)["texts"]);
    let keys = |lang: &str, part: &str| -> Vec<String> {
        let texts = data["texts"][lang][part].as_object().expect("an object");
        assert!(
            texts
                .values()
                .all(|text| text.as_str().is_some_and(|text| !text.is_empty()))
        );
        texts.keys().cloned().collect()
    };
    for part in ["labels", "names"] {
        assert_eq!(keys("en", part), keys("zh-CN", part));
    }
}

#[test]
fn scripts_and_labels_know_the_same_keys() {
    let script: String = SCRIPTS.concat();
    for key in labels::KEYS {
        let is_used = script.contains(&format!("\"{key}\"")) || script.contains(&format!("{key}:"));
        let is_made = key.starts_with("omitted_") || matches!(*key, "no_script" | "all_windows");
        assert!(is_used || is_made, "no script asks for {key}");
    }
    for part in script.split("label(\"").skip(1) {
        let key = part.split('"').next().expect("a part");
        assert!(labels::KEYS.contains(&key), "no label for {key}");
    }
    for place in [
        "{n}",
        "{name}",
        "{of}",
        "{list}",
        "{limit}",
        "{window}",
        "{version}",
        "{column}",
        "{all}",
    ] {
        for key in labels::KEYS {
            let of = |lang| {
                serde_json::to_value(labels::of(lang)).expect("plain")[key]
                    .as_str()
                    .unwrap_or("")
                    .contains(place)
            };
            assert_eq!(of(Lang::En), of(Lang::ZhCn), "{key} {place}");
        }
    }
}

#[test]
fn groups_and_estimates_are_on_the_page() {
    let data = data_of(&render(&sample::report(&BINARY), Lang::En));
    let measures = data["fairness"].as_array().expect("measures");
    assert_eq!(measures.len(), keepwell_stats::fairness::ALL.len());
    assert!(measures[0]["limit"].is_number(), "decided ones come first");
    assert_eq!(measures[0]["groups"].as_array().map(Vec::len), Some(7));
    let estimates = data["estimates"].as_array().expect("estimates");
    assert!(estimates.iter().any(|metric| metric["name"] == "accuracy"));
    assert!(
        estimates
            .iter()
            .all(|metric| metric["own"]["v"].is_number())
    );
    let metrics = data["metrics"].as_array().expect("metrics");
    assert_eq!(metrics[0]["is_decided"], true);
    let specificity = metrics
        .iter()
        .find(|metric| metric["name"] == "specificity");
    assert_eq!(specificity.expect("shown")["is_decided"], false);
}

#[test]
fn undefined_is_a_reason_and_never_zero() {
    let data = data_of(&render(&sample::report(&BINARY), Lang::En));
    let columns = data["columns"].as_array().expect("columns");
    // Column 13 of the sample holds nothing but nulls.
    let empty = columns
        .iter()
        .find(|column| column["name"] == "load_factor")
        .expect("an empty column");
    let test = &empty["tests"][0];
    assert_eq!(
        (&test["v"], &test["d"]),
        (&Value::Null, &Value::from("uuuuuuu"))
    );
    let why = test["why"][0][1].as_u64().expect("a reason") as usize;
    assert_eq!(data["texts"]["en"]["reasons"][why], "All null");
}

#[test]
fn facts_survive() {
    let report = sample::report(&BINARY);
    let data = data_of(&render(&report, Lang::En));
    let Facts { model, .. } = &report.facts;
    assert_eq!(data["model"], model.as_str());
    assert_eq!(data["decisions"].as_u64(), Some(report.decisions as u64));
    assert_eq!(
        data["findings"].as_array().map(Vec::len),
        Some(report.findings.len())
    );
    assert_eq!(data["n_windows"], 7);
    let first = &data["findings"][0];
    assert_eq!(first["verdict"], report.findings[0].verdict.id());
    let mut words = Vec::new();
    strings(&data["texts"]["en"]["findings"], &mut words);
    assert!(words.iter().any(|text| text.contains("Log loss rose")));
}

#[test]
fn code_is_squeezed_and_not_changed() {
    let code = "// a comment\n/** doc\n * more */\n/** @type {X} */\nconst a = \"/* no */\"; // stays\n\n  /** @type {Y} */ const b = 2;\n";
    assert_eq!(
        squeezed(code),
        "const a = \"/* no */\"; // stays\n/** @type {Y} */ const b = 2;\n"
    );
    for script in SCRIPTS {
        for line in script.lines() {
            assert!(
                line.matches('`').count() % 2 == 0,
                "a text over several lines: {line}"
            );
        }
    }
}

#[test]
fn places_of_the_template_are_filled_once() {
    assert_eq!(
        filled("a{x}b{y}{z}", &[("x", "{y}"), ("y", "2")]),
        "a{y}b2{z}"
    );
}

/// The page after its scripts ran, from the browser that `cargo xtask test` installs.
fn drawn(html: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
    std::fs::write(&file, html).expect("a file");
    let profile = format!(
        "--user-data-dir={}",
        folder.path().join("profile").display()
    );
    let address = format!("file://{}", file.display());
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|browser| {
            let output = std::process::Command::new(browser)
                .args([
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--virtual-time-budget=2000",
                    "--dump-dom",
                ])
                .args([&profile, &address])
                .output()
                .ok()?;
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        })
        .expect("Chromium is installed; `cargo xtask test` does it")
}

#[test]
fn a_browser_draws_the_page_without_a_fault() {
    let mut hostile = sample::report(&BINARY);
    hostile.facts.model = HOSTILE.to_owned();
    let dom = drawn(&render(&hostile, Lang::ZhCn));
    assert!(!dom.contains("id=\"script-error\""), "{dom}");
    assert!(!dom.contains("<img"));
    let n_charts = dom.matches("class=\"chart\"").count();
    assert!(n_charts > 12, "{n_charts} charts");
    for part in [
        "summary",
        "findings",
        "performance",
        "groups",
        "estimates",
        "drift",
        "column",
        "quality",
        "details",
    ] {
        assert!(dom.contains(&format!("id=\"{part}\"")), "{part}");
    }
    assert!(dom.contains("模型表现") && dom.contains("class=\"cell alert\""));
}

#[test]
fn events_with_time_and_without_windows_are_one_slot() {
    let mut report = sample::report(&Plan {
        n_windows: 0,
        ..BINARY
    });
    // As a run without `--every` gives it: rows have the stretch of the events, and there are no windows.
    let stretch = Every::Months(1).window("2026-01-05".parse().expect("a date"));
    for row in &mut report.rows {
        row.scope.window = Some(stretch);
    }
    for curves in &mut report.curves {
        curves.window = Some(stretch);
    }
    let data = data_of(&render(&report, Lang::En));
    for key in ["metrics", "confusion", "fairness", "estimates", "curves"] {
        let found = data[key].as_array().map_or(0, Vec::len);
        assert!(found > 0, "no {key}");
    }
    assert!(data["columns"][0]["tests"][0]["v"].is_number());
    assert!(data["curves"][0]["slots"][0]["roc"].is_array());
}

#[test]
fn a_metric_stands_beside_what_a_constant_prediction_reaches() {
    let data = data_of(&render(&sample::report(&BINARY), Lang::En));
    let metrics = data["metrics"].as_array().expect("metrics");
    let auc = metrics.iter().find(|metric| metric["name"] == "roc_auc");
    assert_eq!(auc.expect("a metric")["constant"], 0.5);
}

#[test]
fn curves_of_the_reference_and_of_the_first_finding_are_always_there() {
    let report = sample::report(&Plan {
        n_features: 4,
        n_windows: 90,
        n_rows: 60,
        has_segments: false,
        ..BINARY
    });
    let data = data_of(&render(&report, Lang::En));
    let slot = data["findings"][0]["episodes"][0]["slot"].as_u64();
    let slot = usize::try_from(slot.expect("a slot")).expect("small");
    let curves = &data["curves"][0];
    for side in [&curves["own"], &curves["slots"][slot]] {
        let points = side["roc"].as_array().map_or(0, Vec::len);
        assert!((2..=30).contains(&points), "{points} points");
    }
    assert!(data["omitted"]["curves"].as_u64() > Some(0));
}
