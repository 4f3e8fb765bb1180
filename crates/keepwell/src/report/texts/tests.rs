//! What is said, in both languages.

use std::collections::BTreeSet;

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;
use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::Window;
use keepwell_monitor::finding::Subject;
use keepwell_monitor::note::Place;
use keepwell_monitor::report::Why;
use keepwell_stats::quality::{self, UnitChange};
use keepwell_stats::{anomaly, drift, fairness, metric, multivariate, table};

use super::claim::{
    Because, BecauseColumns, Change, Claim, Column, Distance, MetricName, SeriesClaim, SeriesName,
    Sides, When,
};
use super::fault::Fault;
use super::*;
use crate::report::digest::Performance;
use crate::report::sample::Sample;

/// English and Chinese of a claim.
fn said(claim: &Claim<'_>) -> [String; 2] {
    Lang::ALL.map(|lang| lang.texts().claim(claim).to_string())
}

fn column(name: &str, role: Role) -> Column<'_> {
    Column { name, role }
}

fn sides<T>(reference: T, current: T) -> Sides<T> {
    Sides { reference, current }
}

fn drift(role: Role, test: &'static str, value: f64, change: Change) -> [String; 2] {
    said(&Claim::Drift {
        column: column("price", role),
        distance: Distance { test, value },
        change,
    })
}

fn fault(fault: Fault<'_>) -> [String; 2] {
    said(&Claim::Fault {
        column: column("x", Role::Feature),
        fault,
    })
}

#[test]
fn metrics_are_said_with_interval_and_direction() {
    let metric = |id, average, class| MetricName {
        id,
        average,
        class,
        params: &[],
    };
    let f1 = Claim::Metric {
        metric: metric("f1", None, None),
        reference: Some(0.8123),
        current: Measure::new(0.7412).with_interval(0.7212, 0.7612),
        is_relative: false,
        why: None,
        provisional: None,
    };
    assert_eq!(
        said(&f1),
        [
            "F1 fell from 0.81 to 0.74 (95 % interval 0.72–0.76)",
            "F1 从 0.81 降至 0.74（95 % 区间 0.72–0.76）"
        ]
    );
    let loss = Claim::Metric {
        metric: metric("log_loss", Some("macro"), Some("yes")),
        reference: Some(0.5),
        current: Measure::new(0.7),
        is_relative: true,
        why: None,
        provisional: Some((620, 1000)),
    };
    assert_eq!(
        said(&loss),
        [
            "macro log loss of class `yes` rose by 40 %, from 0.500 to 0.700, provisional: targets of 620 of 1,000 rows",
            "类别 `yes` 的宏平均 对数损失上升 40 %，从 0.500 升至 0.700，暂定值：1,000 行中 620 行已有真实值"
        ]
    );
}

#[test]
fn a_change_is_said_with_where_it_lies() {
    let because = |segment, columns| {
        said(&Claim::Metric {
            metric: MetricName {
                id: "mae",
                average: None,
                class: None,
                params: &[],
            },
            reference: Some(2.0),
            current: Measure::new(3.0),
            is_relative: true,
            why: Some(Because { segment, columns }),
            provisional: None,
        })
    };
    let segment = Why {
        column: "country",
        value: "DE",
        share: 0.6,
    };
    let shifted = BecauseColumns::Shifted {
        names: vec!["temp", "hour"],
        share: 0.4,
    };
    assert_eq!(
        because(Some(segment), Some(shifted)),
        [
            "MAE rose by 50 %, from 2.000 to 3.000; 60 % of it comes from `country=DE`; shifts of the columns, \
             above all of `temp` and `hour`, explain 40 % of it",
            "MAE 上升 50 %，从 2.000 升至 3.000；其中 60 % 来自 `country=DE`；各列的分布偏移（主要是 `temp`、`hour`）可解释其中 40 %"
        ]
    );
    assert!(because(None, Some(BecauseColumns::Unexplained))[0].ends_with("do not explain it"));
}

#[test]
fn drift_is_said_of_what_moved() {
    let middle = Change::Middle {
        is_mean: false,
        middle: sides(12.4, 15.1),
    };
    assert_eq!(
        drift(Role::Feature, "ks", 0.2134, middle),
        [
            "`price` moved: median 12.4 → 15.1 (KS 0.21)",
            "`price` 发生偏移：中位数 12.4 → 15.1（KS 0.21）"
        ]
    );
    assert_eq!(
        drift(Role::Score, "ks", 0.3, Change::Spread { median: 0.5 })[0],
        "scores `price` changed shape around the same median 0.5 (KS 0.3)"
    );
    let share = || Change::Category {
        name: "DL".to_owned(),
        share: sides(0.12, 0.31),
    };
    assert_eq!(
        drift(Role::Segment, "jensen_shannon", 0.14, share())[0],
        "`price`: share of `DL` 12 % → 31 % (Jensen–Shannon 0.14)"
    );
    assert_eq!(
        drift(Role::Target, "jensen_shannon", 0.14, share()),
        [
            "the base rate of target `price` moved: share of `DL` 12 % → 31 % (Jensen–Shannon 0.14)",
            "真实值 `price` 的基准比例发生变化：`DL` 的占比 12 % → 31 %（Jensen–Shannon 距离 0.14）"
        ]
    );
    assert_eq!(
        drift(Role::Prediction, "jensen_shannon", 0.14, share())[0],
        "the predictions `price` moved: share of `DL` 12 % → 31 % (Jensen–Shannon 0.14)"
    );
    // A drift test that came later still has a sentence.
    assert_eq!(
        drift(Role::Feature, "energy", 1.5, Change::Unknown)[0],
        "`price` drifted (energy 1.5)"
    );
}

#[test]
fn faults_of_the_data_are_said_with_both_sides() {
    assert_eq!(
        fault(Fault::Missing {
            share: sides(0.02, 0.31)
        }),
        [
            "`x`: 31 % missing, 2 % in the reference",
            "`x`：缺失 31 %，参考数据中为 2 %"
        ]
    );
    let examples = ["pro".to_owned(), "team".to_owned()];
    assert_eq!(
        fault(Fault::Unseen {
            share: 0.041,
            examples: &examples
        })[0],
        "`x`: 4.1 % of rows have a category the reference never had: `pro`, `team`"
    );
    assert_eq!(
        fault(Fault::OutOfRange {
            share: 0.12,
            ranges: Some(sides((18.0, 90.0), (0.0, 212.0)))
        })[0],
        "`x`: 12 % outside the reference's range 18–90 (now 0–212)"
    );
    assert_eq!(
        fault(Fault::Constant { value: Some("0") }),
        ["`x` is constant at `0`", "`x` 恒为 `0`"]
    );
    assert_eq!(
        fault(Fault::NoLongerConstant)[0],
        "`x` was constant in the reference and now varies"
    );
    assert_eq!(
        fault(Fault::TypeChange {
            kinds: Some(sides(Kind::Numeric, Kind::Categorical))
        }),
        [
            "`x` changed type: numeric → categorical",
            "`x` 类型改变：数值 → 类别"
        ]
    );
    assert_eq!(
        fault(Fault::Other {
            check: "mixed_case",
            share: sides(0.0, 0.5),
            limit: Some(0.01),
        })[0],
        "`x`: mixed case 50 %, 0 % in the reference (limit 1 %)"
    );
}

/// A change of unit of this name and factor.
fn unit(name: &'static str, factor: f64) -> [String; 2] {
    let change = Some(UnitChange {
        name,
        factor,
        offset: 0.0,
    });
    fault(Fault::Unit { change })
}

#[test]
fn faults_ask_for_their_cause() {
    assert_eq!(
        unit("times_1000", 1000.0),
        [
            "`x` holds values about 1000 times those of the reference: a change of unit?",
            "`x` 的值约为参考数据的 1000 倍：单位是否改变？"
        ]
    );
    assert_eq!(
        unit("divided_by_60", 1.0 / 60.0)[0],
        "`x` holds values about 1/60 of those of the reference: a change of unit?"
    );
    assert_eq!(
        unit("miles_to_kilometres", 1.609_344),
        [
            "`x` looks converted from miles to kilometres: a change of unit?",
            "`x` 似乎由英里换算为千米：单位是否改变？"
        ]
    );
    assert_eq!(
        unit("change_of_sign", -1.0)[0],
        "`x` holds the values of the reference with the opposite sign"
    );
    assert_eq!(
        fault(Fault::Infinite {
            share: sides(0.0, 0.02)
        }),
        [
            "`x`: 2 % infinite values, 0 % in the reference",
            "`x`：2 % 的值为无穷大，参考数据中为 0 %"
        ]
    );
    assert_eq!(
        fault(Fault::Unreadable {
            share: 0.12,
            kind: Some(Kind::Numeric)
        })[0],
        "`x`: 12 % of values cannot be read as numeric"
    );
    assert_eq!(
        fault(Fault::WholeHours {
            share: sides(0.04, 1.0)
        })[0],
        "`x`: 100 % of times at a whole hour, 4 % in the reference: was the time of day cut off?"
    );
}

#[test]
fn groups_are_said_with_what_differs() {
    let disparity = |measure| {
        said(&Claim::Disparity {
            column: "sex",
            measure,
            current: Measure::new(0.23).with_interval(0.18, 0.28),
            limit: Some(0.1),
            groups: Some(("women", "men")),
        })
    };
    assert_eq!(
        disparity("equalized_odds_difference"),
        [
            "between the groups of `sex` the true or false positive rates differ by 0.23 (95 % interval \
             0.18–0.28; `women` lowest, `men` highest)",
            "`sex` 的各组之间，真阳性率或假阳性率相差 0.23（95 % 区间 0.18–0.28；`women` 最低，`men` 最高）"
        ]
    );
    // A measure that came later still has a sentence.
    assert_eq!(
        disparity("counterfactual_gap")[0],
        "between the groups of `sex` counterfactual gap is 0.23 (limit 0.1; 95 % interval 0.18–0.28; \
         `women` lowest, `men` highest)"
    );
}

#[test]
fn whole_tables_have_sentences() {
    let columns = ["a".to_owned(), "b".to_owned()];
    let table = |id, columns| {
        said(&Claim::Table {
            id,
            current: Measure::new(0.12),
            limit: Some(0.01),
            columns,
        })
    };
    assert_eq!(
        table("duplicate_rows", &[]),
        [
            "12 % of rows are copies of another",
            "12 % 的行与其他行重复"
        ]
    );
    assert_eq!(
        table("swapped_columns", &columns)[0],
        "columns look swapped: `a`, `b`"
    );
    assert_eq!(
        table("correlation_break", &columns),
        [
            "the correlation of `a` and `b` changed by 0.12",
            "`a` 与 `b` 的相关系数改变了 0.12"
        ]
    );
    assert_eq!(
        table("ecod", &columns),
        [
            "12 % of rows are unlike those of the reference (ECOD), most by `a`, `b`",
            "12 % 的行与参考数据不同（ECOD），主要因为：`a`、`b`"
        ]
    );
    assert_eq!(
        table("odd_rows", &columns)[0],
        "odd rows 0.12 (limit 0.01): `a`, `b`"
    );
}

#[test]
fn every_entry_has_a_name_of_words() {
    let ids = metric::all()
        .map(|entry| entry.info().id)
        .chain(drift::ALL.iter().map(|entry| entry.info().id))
        .chain(quality::ALL.iter().map(|entry| entry.info().id))
        .chain(fairness::ALL.iter().map(|entry| entry.info().id))
        .chain(table::ALL.iter().map(|entry| entry.info().id))
        .chain(multivariate::ALL.iter().map(|entry| entry.info().id))
        .chain(anomaly::ALL.iter().map(|entry| entry.info().id));
    let ids: Vec<&str> = ids.collect();
    for lang in Lang::ALL {
        let names: BTreeSet<String> = ids
            .iter()
            .map(|id| lang.texts().entry(id).into_owned())
            .collect();
        assert_eq!(names.len(), ids.len(), "two entries of one name");
        let is_word = |name: &String| !name.is_empty() && !name.contains('_');
        assert!(names.iter().all(is_word), "{names:?}");
    }
}

/// When an episode holds that reaches from one month of 2013 to another, of seven months from July on.
fn when(first: i64, last: i64, n_hit: usize) -> [String; 2] {
    let month = |month: i64| Window {
        start: format!("2013-{month:02}-01").parse().expect("a date"),
        end: format!("2013-{:02}-01", month + 1).parse().expect("a date"),
    };
    let when = When {
        first: month(first),
        last: month(last),
        worst: month(last),
        is_open: last == 11,
        n_hit,
        n_decided: 7,
        level: None,
    };
    Lang::ALL.map(|lang| lang.texts().when(&when))
}

#[test]
fn time_is_said_in_windows() {
    assert_eq!(
        when(9, 11, 3),
        [
            "since Sep 2013 (3 of 7 windows, worst Nov 2013)",
            "自 2013年9月起（7 个窗口中有 3 个，最差为 2013年11月）"
        ]
    );
    assert_eq!(when(5, 11, 7)[0], "in all 7 windows (worst Nov 2013)");
    assert_eq!(when(11, 11, 1)[0], "new in the last window, Nov 2013");
    assert_eq!(
        when(11, 11, 2)[0],
        "in the last window, Nov 2013 (2 of 7 windows)"
    );
    assert_eq!(when(8, 8, 1), ["in Aug 2013 only", "仅 2013年8月"]);
    assert_eq!(when(8, 8, 2)[0], "2 of 7 windows, worst Aug 2013");
    assert_eq!(
        when(8, 9, 2)[0],
        "from Aug 2013 to Sep 2013 (2 of 7 windows, worst Sep 2013)"
    );
}

#[test]
fn a_worse_level_is_dated_unless_the_run_begins_with_it() {
    let months = |first: &str, end: &str| Window {
        start: first.parse().expect("a date"),
        end: end.parse().expect("a date"),
    };
    let (june, july) = (
        months("2008-06-01", "2008-07-01"),
        months("2008-07-01", "2008-08-01"),
    );
    let when = When {
        first: june,
        last: july,
        worst: july,
        level: Some(july),
        is_open: true,
        n_hit: 2,
        n_decided: 2,
    };
    let said = |when: When| Lang::ALL.map(|lang| lang.texts().when(&when));
    assert_eq!(
        said(when),
        [
            "in all 2 windows (worst Jul 2008), worse level since Jul 2008",
            "全部 2 个窗口（最差为 2008年7月），自 2008年7月起水平变差"
        ]
    );
    let since = When {
        n_decided: 5,
        ..when
    };
    assert!(said(since)[0].ends_with("worse level since Jul 2008"));
    let from_there = When {
        level: Some(june),
        ..since
    };
    assert_eq!(
        said(from_there)[0],
        "since Jun 2008 (2 of 5 windows, worst Jul 2008)"
    );
}

#[test]
fn what_a_method_says_of_windows_is_a_sentence() {
    let claim = SeriesClaim {
        method: "page_hinkley",
        is_detector: true,
        of: SeriesName::Metric(MetricName {
            id: "accuracy",
            average: None,
            class: None,
            params: &[],
        }),
        value: Some(0.713),
        score: 1.0,
        limit: Some(0.5),
    };
    assert_eq!(
        said(&Claim::Series(claim)),
        [
            "Page–Hinkley signals a change of accuracy, now 0.713",
            "Page–Hinkley 发出信号：准确率发生变化，现为 0.713"
        ]
    );
    let of_column = SeriesName::Fault {
        column: Column {
            name: "temp",
            role: Role::Feature,
        },
        check: "missing",
    };
    let anomaly = SeriesClaim {
        method: "robust_z",
        is_detector: false,
        of: of_column,
        value: Some(0.31),
        score: 5.25,
        limit: Some(3.5),
    };
    assert_eq!(
        said(&Claim::Series(anomaly)),
        [
            "`temp`: missing values out of line at 31 % (robust z-score 5.25, limit 3.5)",
            "`temp`：缺失值偏离常态，现为 31 %（稳健 z 分数 5.25，界限 3.5）"
        ]
    );
}

#[test]
fn the_headline_never_says_ok_silently() {
    let tally = |n_alerts, n_warnings, n_decisions, performance| Tally {
        n_alerts,
        n_warnings,
        n_columns: 18,
        n_unchanged: 14,
        n_undecided: 1,
        n_decisions,
        performance,
    };
    let said = |tally: Tally| Lang::ALL.map(|lang| lang.texts().headline(&tally));
    assert_eq!(
        said(tally(2, 3, 100, Performance::Worse)),
        [
            "2 alerts, 3 warnings; 14 of 18 columns unchanged, 1 not judged",
            "2 个警报，3 个警告；18 列中 14 列无变化，1 列未判定"
        ]
    );
    assert_eq!(
        said(tally(0, 1, 100, Performance::Held))[0],
        "1 warning; 14 of 18 columns unchanged, 1 not judged; performance held"
    );
    assert_eq!(
        said(tally(0, 0, 100, Performance::NotJudged))[0],
        "Nothing found; 14 of 18 columns unchanged, 1 not judged; performance not judged"
    );
    assert_eq!(
        said(tally(0, 0, 0, Performance::Absent)),
        ["Nothing could be judged", "没有可以判定的内容"]
    );
}

#[test]
fn reasons_are_said_in_both_languages() {
    let few = Reason::TooFewRows {
        needed: 30,
        found: 12,
    };
    let said = |reason: &Reason| Lang::ALL.map(|lang| lang.texts().reason(reason));
    assert_eq!(
        said(&few),
        [
            "too few usable rows: 12, and 30 are needed",
            "可用行太少：只有 12 行，至少需要 30 行"
        ]
    );
    assert_eq!(said(&Reason::NoTargets), ["no targets yet", "尚无真实值"]);
    assert_eq!(
        Lang::En.texts().reason_of_many(&few),
        "too few usable rows: 30 are needed"
    );
}

#[test]
fn notes_are_said_in_both_languages() {
    let said = |note: &Note| Lang::ALL.map(|lang| lang.texts().note(note).to_string());
    let place = Place {
        file: "a.csv".to_owned(),
        number: 7,
        is_line: true,
        column: Some("day".to_owned()),
    };
    assert_eq!(
        said(&Note::MixedTypes {
            place,
            before: "instants",
            found: "maybe".to_owned(),
        }),
        [
            "`a.csv`, line 7, column `day`: found `maybe` after instants; the column is read as text",
            "`a.csv` 第 7 行，列 `day`：此前均为时刻，此处为 `maybe`；该列按文本读取",
        ]
    );
    let delimiter = Note::Delimiter {
        file: "a.csv".to_owned(),
        delimiter: '\t',
    };
    assert_eq!(
        said(&delimiter),
        [
            "the fields of `a.csv` are parted by tabs",
            "`a.csv` 的字段以制表符分隔"
        ]
    );
    let rows = Note::NoEventTime { rows: 1200 };
    assert_eq!(
        said(&rows),
        [
            "1,200 rows have no event time and are left out",
            "1,200 行没有事件时间，未计入"
        ]
    );
}

#[test]
fn languages_are_read_by_tag() {
    assert_eq!("en".parse(), Ok(Lang::En));
    assert_eq!("ZH".parse(), Ok(Lang::ZhCn));
    assert_eq!("zh-cn".parse(), Ok(Lang::ZhCn));
    let fault = "de".parse::<Lang>().expect_err("no German yet");
    assert_eq!(
        fault.to_string(),
        "expected a language: one of en, zh-CN; found `de`"
    );
}

/// English sentence of the first episode about a column, or about performance in a segment.
fn sentence(report: &Report, column: Option<&str>, segment: Option<&str>) -> String {
    let finding = report
        .findings
        .iter()
        .find(|finding| {
            let subject = match &finding.subject {
                Subject::Performance | Subject::Table => None,
                Subject::Column(column) => Some(column.as_str()),
            };
            let value = finding
                .segment
                .as_ref()
                .and_then(|segment| segment.value.as_deref());
            subject == column && value == segment
        })
        .expect("a finding");
    Lang::En
        .texts()
        .sentence(report, finding, &finding.episodes[0])
        .to_string()
}

#[test]
fn an_evaluation_is_told_as_it_was() {
    let report = Sample::default().report();
    let since = "since Oct 2013 (3 of 6 windows, worst Dec 2013)";
    assert_eq!(
        sentence(&report, Some("carrier"), None),
        format!("`carrier`: share of `DL` 20 % → 43 % (Jensen–Shannon 0.21), {since}")
    );
    // The share is that of the positive class, although that of the other changed as much.
    assert_eq!(
        sentence(&report, Some("late"), None),
        format!(
            "The base rate of target `late` moved: share of `1` 20 % → 33 % (Jensen–Shannon 0.13), {since}"
        )
    );
    assert_eq!(
        sentence(&report, Some("temp"), None),
        format!("`temp`: 31 % missing, 2 % in the reference, {since}")
    );
    assert!(
        sentence(&report, None, Some("DE"))
            .starts_with("`country=DE`: log loss rose by 81 %, from 0.50 to 0.90"),
        "{}",
        sentence(&report, None, Some("DE"))
    );
    let quiet = Sample {
        wrong: 0.0,
        ..Sample::default()
    };
    assert_eq!(quiet.report().findings, []);
}
