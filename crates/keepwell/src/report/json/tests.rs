//! What programs read.

use keepwell_monitor::row::Segment;
use serde_json::Value;

use super::*;
use crate::report::sample::Sample;

fn document(sample: &Sample) -> Value {
    let mut out = Vec::new();
    write(&sample.report(), &mut out).expect("a vector takes everything");
    assert_eq!(out.last(), Some(&b'\n'));
    serde_json::from_slice(&out).expect("valid JSON")
}

/// Rows of a name, of all segments.
fn rows<'a>(document: &'a Value, name: &str, column: Option<&str>) -> Vec<&'a Value> {
    let results = document["results"].as_array().expect("an array");
    results
        .iter()
        .filter(|row| {
            row["name"] == name && row["column"] == Value::from(column) && row["segment"].is_null()
        })
        .collect()
}

#[test]
fn rows_have_the_tidy_shape() {
    let mut out = Vec::new();
    write(&Sample::default().report(), &mut out).expect("a vector takes everything");
    let text = String::from_utf8(out).expect("UTF-8");
    let at = text.find("\"results\":[{").expect("results") + "\"results\":[{".len();
    let row = &text[at..at + text[at..].find("},{").expect("more than one row")];
    let keys: Vec<&str> = row
        .split(",\"")
        .filter_map(|entry| entry.trim_start_matches('"').split_once("\":"))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(
        keys.join(" "),
        "model version window_start window_end segment column class kind name params value lower \
         upper p_value threshold verdict reason rows targets"
    );
}

#[test]
fn numbers_verdicts_and_reasons_are_those_of_the_report() {
    let document = document(&Sample::default());
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["verdict"], "alert");
    assert_eq!(document["counts"]["alerts"], 10);
    assert_eq!(document["windows"][0]["start"], "2013-07-01T00:00:00Z");
    let ks = rows(&document, "ks", Some("price"));
    assert_eq!(ks.len(), 6);
    assert_eq!(ks[0]["verdict"], "ok");
    assert_eq!(ks[5]["verdict"], "alert");
    assert!(ks[5]["params"]["p_value_adjusted"].is_number());
    assert_eq!(ks[5]["window_end"], "2014-01-01T00:00:00Z");
    let f1 = rows(&document, "f1", None);
    assert_eq!(f1[4]["reason"], Value::Null);
    assert_eq!(f1[5]["reason"], "provisional");
    assert_eq!(f1[5]["targets"], 600);
    let undefined = rows(&document, "jensen_shannon", Some("empty"));
    assert_eq!(undefined[0]["verdict"], "undefined");
    assert_eq!(undefined[0]["reason"], "all_null");
    assert_eq!(undefined[0]["value"], Value::Null);
}

#[test]
fn findings_carry_their_sentence_and_time() {
    let document = document(&Sample::default());
    let findings = document["findings"].as_array().expect("an array");
    let price = findings
        .iter()
        .find(|finding| finding["column"] == "price")
        .expect("found");
    assert_eq!(price["since"], "2013-10-01T00:00:00Z");
    assert_eq!(price["until"], Value::Null);
    assert_eq!(price["windows_hit"], 3);
    assert_eq!(price["further"][0]["name"], "ks");
    let segment = findings
        .iter()
        .find(|finding| finding["segment"] == "country=DE")
        .expect("found");
    assert_eq!(segment["subject"], "performance");
    assert!(
        segment["sentence"]
            .as_str()
            .is_some_and(|text| text.starts_with("`country=DE`: "))
    );
}

#[test]
fn a_run_without_decisions_is_undefined() {
    let evaluation =
        keepwell_monitor::evaluation::Evaluation::new(keepwell_monitor::rule::Rule::default());
    let report = Report::new(Facts::default(), evaluation.finish());
    let mut out = Vec::new();
    write(&report, &mut out).expect("a vector takes everything");
    let document: Value = serde_json::from_slice(&out).expect("valid JSON");
    assert_eq!(document["verdict"], "undefined");
    assert_eq!(document["results"], Value::Array(Vec::new()));
}

#[test]
fn all_other_values_of_a_segment_have_a_name_of_their_own() {
    let segment = |value: Option<&str>| Segment {
        column: "plan".to_owned(),
        value: value.map(str::to_owned),
    };
    assert_eq!(segment_text(&segment(Some("other"))), "plan=other");
    assert_eq!(segment_text(&segment(None)), "plan=<other>");
}
