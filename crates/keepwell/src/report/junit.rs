//! Every decision as a JUnit test case, for the pages of CI systems. Always in English.

use std::collections::BTreeMap;

use keepwell_core::decide::Verdict;
use keepwell_monitor::finding::{Episode, Finding};
use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultKind, ResultRow, SERIES};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::texts::claim::MetricName;
use super::texts::{Lang, Texts, printable, row_label};

/// Writes the decisions: an alert is a failure, a warning is one if `fails_on_warning`, and what could
/// not be decided is skipped with its reason.
pub fn render(report: &Report, fails_on_warning: bool) -> String {
    let cases: Vec<(&ResultRow, &Verdict, usize)> = report
        .rows
        .iter()
        .enumerate()
        .filter_map(|(idx, row)| row.verdict.as_ref().map(|verdict| (row, verdict, idx)))
        .collect();
    let is_failure = |verdict: &Verdict| match verdict {
        Verdict::Alert => true,
        Verdict::Warning => fails_on_warning,
        _ => false,
    };
    let count = |is_it: &dyn Fn(&Verdict) -> bool| {
        cases
            .iter()
            .filter(|(_, verdict, _)| is_it(verdict))
            .count()
            .to_string()
    };
    let n_tests = cases.len().to_string();
    let n_failures = count(&is_failure);
    let n_skipped = count(&|verdict| matches!(verdict, Verdict::Undefined(_)));
    let suite = format!("keepwell {}", printable(&report.facts.model));
    let sentences = sentences(report);
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = xml
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| {
            xml.create_element("testsuites")
                .write_inner_content(|xml| {
                    xml.create_element("testsuite")
                        .with_attributes([
                            ("name", suite.as_str()),
                            ("tests", n_tests.as_str()),
                            ("failures", n_failures.as_str()),
                            ("errors", "0"),
                            ("skipped", n_skipped.as_str()),
                        ])
                        .write_inner_content(|xml| {
                            for (row, verdict, idx) in &cases {
                                let sentence = sentences.get(idx).map(String::as_str);
                                case(xml, row, verdict, is_failure(verdict), sentence)?;
                            }
                            Ok(())
                        })?;
                    Ok(())
                })
                .map(|_| ())
        });
    written.expect("a vector takes everything that is written to it");
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("only strings were written")
}

/// The sentence of each row that is the worst of an episode, by its index.
fn sentences(report: &Report) -> BTreeMap<usize, String> {
    let texts = Lang::En.texts();
    let sentence = |finding: &Finding, episode: &Episode| {
        let sentence = texts.sentence(report, finding, episode).to_string();
        (episode.worst.row_idx, sentence)
    };
    report
        .findings
        .iter()
        .flat_map(|finding| {
            finding
                .episodes
                .iter()
                .map(move |episode| (finding, episode))
        })
        .map(|(finding, episode)| sentence(finding, episode))
        .collect()
}

fn case(
    xml: &mut Writer<Vec<u8>>,
    row: &ResultRow,
    verdict: &Verdict,
    is_failure: bool,
    sentence: Option<&str>,
) -> std::io::Result<()> {
    let texts = Lang::En.texts();
    let subject = match row.kind {
        ResultKind::Metric | ResultKind::Estimate => "performance",
        ResultKind::Anomaly if row_label(row, SERIES).is_some() => "performance",
        _ => "table",
    };
    let class = format!(
        "{}.{}",
        row.kind.id(),
        printable(row.column.as_deref().unwrap_or(subject))
    );
    let name = case_name(row, texts);
    let measured = texts.row(row);
    let element = xml
        .create_element("testcase")
        .with_attributes([("classname", class.as_str()), ("name", name.as_str())]);
    match verdict {
        Verdict::Undefined(reason) => {
            let reason = texts.reason(reason);
            element.write_inner_content(|xml| {
                xml.create_element("skipped")
                    .with_attribute(("message", reason.as_str()))
                    .write_empty()?;
                Ok(())
            })?;
        }
        verdict if is_failure => {
            let message = sentence.unwrap_or(&measured);
            element.write_inner_content(|xml| {
                xml.create_element("failure")
                    .with_attributes([("type", verdict.id()), ("message", message)])
                    .write_text_content(BytesText::new(&measured))?;
                Ok(())
            })?;
        }
        Verdict::Warning => {
            let text = format!("warning: {}", sentence.unwrap_or(&measured));
            element.write_inner_content(|xml| {
                xml.create_element("system-out")
                    .write_text_content(BytesText::new(&text))?;
                Ok(())
            })?;
        }
        _ => {
            element.write_empty()?;
        }
    }
    Ok(())
}

/// `f1 of class a, country=DE, 2013-07-01 to 2013-08-01`: unique within its class name.
fn case_name(row: &ResultRow, texts: &dyn Texts) -> String {
    let metric = MetricName::of(row);
    let mut parts = vec![
        [metric.average, Some(row.name)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
    ];
    for (label, value) in metric.labels() {
        parts[0].push_str(&format!(" {label}={}", printable(value)));
    }
    if let Some(class) = metric.class {
        parts[0].push_str(&format!(" of class {}", printable(class)));
    }
    parts.extend(
        texts
            .scope(row.scope.segment.as_ref(), row.scope.version.as_deref())
            .map(|scope| scope.to_string()),
    );
    if let Some(window) = row.scope.window {
        parts.push(format!("{} to {}", window.start, window.end));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quick_xml::Reader;

    use super::*;
    use crate::report::sample::Sample;

    /// Reads the XML through and counts its elements by name; every test case has a name of its own.
    fn counts(xml: &str) -> BTreeMap<String, usize> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut counts = BTreeMap::new();
        let mut names = BTreeSet::new();
        loop {
            match reader.read_event().expect("valid XML") {
                Event::Start(element) | Event::Empty(element) => {
                    let name = element.name().as_ref().to_owned();
                    if name == "testcase" {
                        let attributes: Vec<String> = element
                            .attributes()
                            .map(|attribute| attribute.expect("valid").value.into_owned())
                            .collect();
                        assert!(names.insert(attributes.clone()), "{attributes:?} twice");
                    }
                    *counts.entry(name).or_default() += 1;
                }
                Event::Eof => return counts,
                _ => {}
            }
        }
    }

    #[test]
    fn every_decision_is_a_case() {
        let report = Sample::default().report();
        let xml = render(&report, false);
        let counts = counts(&xml);
        let n = |is_it: &dyn Fn(&Verdict) -> bool| {
            report
                .rows
                .iter()
                .filter_map(|row| row.verdict.as_ref())
                .filter(|verdict| is_it(verdict))
                .count()
        };
        assert_eq!(counts["testcase"], n(&|_| true));
        assert_eq!(counts["failure"], n(&|verdict| *verdict == Verdict::Alert));
        assert_eq!(
            counts["skipped"],
            n(&|verdict| matches!(verdict, Verdict::Undefined(_)))
        );
        assert!(xml.contains(&format!("failures=\"{}\"", counts["failure"])));
        assert!(
            xml.contains("message=\"`temp`: 31 % missing, 2 % in the reference, since Oct 2013")
        );
        assert!(xml.contains("<skipped message=\"all null\"/>"));
    }

    #[test]
    fn groups_are_cases_too() {
        let sample = Sample {
            has_groups: true,
            ..Sample::default()
        };
        let xml = render(&sample.report(), false);
        let case = "<testcase classname=\"fairness.sex\" name=\"equalized_odds_difference, 2013-12";
        assert!(xml.contains(case), "{xml}");
        assert!(xml.contains("message=\"Between the groups of `sex` the true or false"));
    }

    #[test]
    fn warnings_fail_only_if_asked_for() {
        let mut report = Sample::default().report();
        for row in &mut report.rows {
            if row.verdict == Some(Verdict::Alert) {
                row.verdict = Some(Verdict::Warning);
            }
        }
        let lenient = counts(&render(&report, false));
        let strict = counts(&render(&report, true));
        assert_eq!(lenient.get("failure"), None);
        assert_eq!(lenient["system-out"], strict["failure"]);
    }

    #[test]
    fn hostile_names_stay_valid_xml() {
        let sample = Sample {
            prefix: "\u{0}\u{1b}]]>&<\"'\u{ffff}\n\u{202e}",
            ..Sample::default()
        };
        let xml = render(&sample.report(), true);
        assert!(counts(&xml)["testcase"] > 0);
        assert!(
            xml.chars()
                .all(|symbol| symbol == '\n' || !symbol.is_control() && symbol != '\u{ffff}')
        );
    }
}
