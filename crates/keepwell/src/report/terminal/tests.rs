//! How the summary looks.

use super::*;
use crate::report::sample::Sample;
use crate::report::texts::Lang;

const NARROW: Style = Style {
    color: false,
    width: 60,
};

fn rendered(sample: &Sample, lang: Lang, style: Style) -> String {
    render(&sample.report(), lang, style)
}

/// Names that want to be more than names.
fn hostile() -> Sample {
    Sample {
        prefix: "价格\u{1b}[31m|`<b>\r\n\u{202e}",
        ..Sample::default()
    }
}

#[test]
fn a_quiet_run_is_short_and_says_what_is_fine() {
    let sample = Sample {
        n_windows: 0,
        wrong: 0.0,
        n_quiet: 2,
        has_outcomes: false,
        has_versions: false,
        has_groups: false,
        prefix: "",
    };
    let report = sample.report();
    let text = render(
        &report,
        Lang::En,
        Style {
            color: false,
            width: 80,
        },
    );
    // Every new quality check raises the number of decisions.
    let text = text.replace(
        &format!("over {} decisions", report.decisions),
        "over 51 decisions",
    );
    assert_eq!(
        text,
        "\
OK   Nothing found; 12 of 13 columns unchanged, 1 not judged

model      `churn`
reference  `reference.parquet`, 1,000 rows
current    `current.parquet`, 1,000 rows
segments   `country` (2 values, 3 more taken together)
guessed    target = `late`, from their names
note       column `day` names no time zone and is read as UTC

Not judged
  - all null: `empty`

Unchanged, 12 columns: `price`, `carrier`, `temp`, `plan`, `age`, `sensor`,
`zip`, `comment`, and 4 more
A finding is significant (false discovery rate 1 % over 51 decisions) and large
enough to matter.
More: --html FILE for charts, --json FILE for every result.
"
    );
}

#[test]
fn the_worst_stands_first_with_its_pictures() {
    let text = rendered(
        &Sample::default(),
        Lang::En,
        Style {
            color: false,
            width: 80,
        },
    );
    assert!(text.starts_with("ALERT   10 alerts; 5 of 14 columns unchanged, 1 not judged\n"));
    let lines: Vec<&str> = text.lines().collect();
    let at = |beginning: &str| {
        lines
            .iter()
            .position(|line| line.starts_with(beginning))
            .unwrap_or_else(|| panic!("{beginning} is missing in\n{text}"))
    };
    assert!(at("  ALERT    Log loss rose") < at("  ALERT    `price`"));
    assert!(at("  ALERT    `price`") < at("  ALERT    `country=DE`"));
    assert!(at("Findings") < at("Performance") && at("Performance") < at("Not judged"));
    assert_eq!(
        lines[at("            Dec 2013 ········▁")],
        "            Dec 2013 ········▁▁▁▂▂▃▃▃▄▄▄▄▄█  Jul 2013 ···███ Dec 2013"
    );
    assert_eq!(
        lines[at("  F1 ")],
        "  F1             0.858  0.702* (Dec 2013)         0.702*  ███▁▁▁     alert"
    );
    assert!(lines[at("  `country=DE`")].starts_with("  `country=DE`      0.499         0.904  "));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for n_windows in [0, 1, 6, 30] {
        let sample = Sample {
            n_windows,
            n_quiet: 0,
            ..hostile()
        };
        let report = sample.report();
        for lang in Lang::ALL {
            for width in [60, 80, 110] {
                let style = Style {
                    color: false,
                    width,
                };
                for line in render(&report, lang, style).lines() {
                    assert!(page::width(line) <= width, "{width}: {line}");
                    assert_eq!(line.trim_end(), line, "no blanks at the end");
                }
            }
        }
    }
}

#[test]
fn versions_stand_side_by_side() {
    let sample = Sample {
        has_versions: true,
        wrong: 0.0,
        ..Sample::default()
    };
    let text = rendered(
        &sample,
        Lang::En,
        Style {
            color: false,
            width: 80,
        },
    );
    assert!(
        text.contains("  ALERT    Version `2`: log loss rose by 67 %, from 0.50"),
        "{text}"
    );
    let (_, table) = text.split_once("By version: log loss\n").expect("a table");
    let lines: Vec<&str> = table.lines().take(3).collect();
    assert!(
        lines[0].starts_with("  version  reference  worst window"),
        "{table}"
    );
    assert!(
        lines[1].starts_with("  `1`          0.499  0.499 (Dec 2013)"),
        "{table}"
    );
    assert!(lines[2].starts_with("  `2`          0.499  0.8"), "{table}");
    assert!(lines[2].ends_with("?????▅     alert"), "{table}");
}

#[test]
fn groups_and_estimates_have_sections_of_their_own() {
    let sample = Sample {
        has_groups: true,
        ..Sample::default()
    };
    let style = Style {
        color: false,
        width: 80,
    };
    let text = rendered(&sample, Lang::En, style);
    let (_, groups) = text.split_once("\nGroups\n").expect("a section");
    let lines: Vec<&str> = groups.lines().take(3).collect();
    assert!(
        lines[0].starts_with("  measure             column  value"),
        "{text}"
    );
    assert!(
        lines[1].starts_with("  equalized odds gap  `sex`   0."),
        "{text}"
    );
    assert!(lines[1].ends_with("alert"), "{text}");
    let (_, estimates) = text
        .split_once("\nEstimated without targets\n")
        .expect("a section");
    assert!(estimates.contains("\n  accuracy   "), "{text}");
    assert!(
        !estimates.contains("average precision"),
        "only what is decided on: {text}"
    );
    assert!(text.contains("  Estimates cannot see"), "{text}");
    let narrow = rendered(&sample, Lang::ZhCn, NARROW);
    assert!(
        narrow.lines().all(|line| page::width(line) <= 60),
        "{narrow}"
    );
}

#[test]
fn widths_out_of_bounds_are_taken_as_the_nearest() {
    let at = |width| {
        rendered(
            &Sample::default(),
            Lang::En,
            Style {
                color: false,
                width,
            },
        )
    };
    assert_eq!(at(0), at(60));
    assert_eq!(at(500), at(110));
}

#[test]
fn nothing_in_the_data_reaches_the_terminal_as_a_command() {
    for color in [false, true] {
        let text = rendered(&hostile(), Lang::En, Style { color, ..NARROW });
        assert!(text.contains("`价格\\u{1b}[31m|`<b>\\u{d}\\u{a}"), "{text}");
        // Our own colours are known sequences; nothing else is a control character.
        let plain = stripped(&text);
        assert!(
            plain
                .chars()
                .all(|symbol| symbol == '\n' || !symbol.is_control())
        );
        assert!(!text.contains('\u{202e}'));
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let colored = rendered(
        &Sample::default(),
        Lang::En,
        Style {
            color: true,
            ..NARROW
        },
    );
    assert!(
        colored.contains("\u{1b}[1m\u{1b}[31mALERT\u{1b}[0m"),
        "{colored}"
    );
    assert_eq!(
        stripped(&colored),
        rendered(&Sample::default(), Lang::En, NARROW)
    );
}

#[test]
fn forty_columns_stay_on_a_page() {
    let sample = Sample {
        n_quiet: 30,
        n_windows: 12,
        ..Sample::default()
    };
    let text = rendered(
        &sample,
        Lang::En,
        Style {
            color: false,
            width: 100,
        },
    );
    assert!(
        text.lines().count() <= 64,
        "{}\n{text}",
        text.lines().count()
    );
}

#[test]
fn an_empty_report_says_that_nothing_was_judged() {
    let evaluation =
        keepwell_monitor::evaluation::Evaluation::new(keepwell_monitor::rule::Rule::default());
    let report = Report::new(
        keepwell_monitor::report::Facts::default(),
        evaluation.finish(),
    );
    let text = render(&report, Lang::En, NARROW);
    assert!(text.starts_with("Nothing could be judged\n"), "{text}");
}

/// Without the sequences that set colours and effects.
fn stripped(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (sequence, rest) = part.split_once('m').expect("a colour");
        assert!(
            sequence.bytes().all(|byte| byte.is_ascii_digit()),
            "{sequence}"
        );
        plain.push_str(rest);
    }
    plain
}
