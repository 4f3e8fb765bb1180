//! Simplified Chinese.

mod claims;

mod faults;

mod names;

mod notes;

mod series;

use keepwell_core::decide::Verdict;
use keepwell_core::outcome::Reason;
use keepwell_core::schema::{Kind, Role};
use keepwell_monitor::note::Note;
use keepwell_monitor::report::{Report, SegmentValues, Side};
use keepwell_monitor::row::ResultRow;

use super::claim::{Claim, Extent, MetricName, When};
use super::date;
use super::labels::Labels;
use super::number::{count, estimate, share, value};
use super::phrase::{Phrase, name};
use super::{Lang, Texts, adjusted_p_value, number, printable};
use crate::report::digest::{Gap, Performance, Tally};

/// The texts.
pub(super) struct Chinese;

static LABELS: Labels = Labels {
    model: "模型",
    task: "任务",
    positive: "正类",
    reference: "参考数据",
    current: "当前数据",
    windows: "时间窗口",
    window: "窗口",
    versions: "版本",
    version: "版本",
    segments: "分组",
    segment: "分组",
    guessed: "推断",
    note: "说明",
    findings: "发现（最严重者在前）",
    also: "另外：",
    by_window: "逐窗口",
    strip_legend: "每个窗口一个符号：· 无发现，▂▄▆█ 偏离程度，? 未判定。",
    metrics: "模型表现",
    metric: "指标",
    worst: "最差窗口",
    latest: "最近窗口",
    constant: "恒定预测",
    constant_lead: "“恒定预测”：在相同真实值上始终给出同一预测所能达到的数值。",
    verdict: "判定",
    interval: "95 % 区间",
    provisional: "* 暂定值：可能仍有真实值到达，数值可能变化。",
    groups: "各组公平性",
    measure: "度量",
    column: "列",
    value: "数值",
    apart: "最低 – 最高",
    estimates: "无真实值时的估计",
    estimates_lead: "估计无法察觉输入与真实值之间关系的改变。",
    estimate: "估计值",
    performance: "模型表现",
    table: "整行数据",
    not_computed: "未判定",
    reason: "原因",
    concerns: "涉及",
    approximate: "基于概要（sketch）计算：误差上界见 JSON 结果。",
    hint: "更多：--html FILE 生成图表，--json FILE 输出全部结果。",
    details: "运行详情",
    none: "–",
};

impl Texts for Chinese {
    fn lang(&self) -> Lang {
        Lang::ZhCn
    }

    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn headline(&self, tally: &Tally) -> String {
        let mut parts = vec![match tally.verdict() {
            None => "没有可以判定的内容".to_owned(),
            Some(Verdict::Ok) => "没有发现问题".to_owned(),
            Some(_) => counted(tally.n_alerts, tally.n_warnings),
        }];
        if tally.n_columns > 0 && tally.n_decisions > 0 {
            let mut columns = format!(
                "{} 列中 {} 列无变化",
                count(tally.n_columns as u64),
                count(tally.n_unchanged as u64)
            );
            if tally.n_undecided > 0 {
                columns.push_str(&format!("，{} 列未判定", count(tally.n_undecided as u64)));
            }
            parts.push(columns);
        }
        match tally.performance {
            Performance::Held => parts.push("模型表现未下降".to_owned()),
            Performance::NotJudged => parts.push("模型表现未判定".to_owned()),
            Performance::Worse | Performance::Absent => {}
        }
        parts.join("；")
    }

    fn marker(&self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Ok => "正常",
            Verdict::Warning => "警告",
            Verdict::Alert => "警报",
            Verdict::Undefined(_) => "未判定",
        }
    }

    fn verdict(&self, verdict: &Verdict) -> &'static str {
        self.marker(verdict)
    }

    fn claim(&self, claim: &Claim<'_>) -> Phrase {
        Phrase::new(&self.say(claim))
    }

    fn brief(&self, claim: &Claim<'_>) -> Phrase {
        Phrase::new(&self.say_briefly(claim))
    }

    fn when(&self, when: &When) -> String {
        let label = |window| date::window(window, Lang::ZhCn);
        let (first, last) = (label(when.first), label(when.last));
        let n_of = format!("{} 个窗口中有 {} 个", when.n_decided, when.n_hit);
        let worst = format!("最差为 {}", label(when.worst));
        let extent = match when.extent() {
            Extent::OnlyJudged => format!("{first}（唯一可判定的窗口）"),
            Extent::All => format!("全部 {} 个窗口（{worst}）", when.n_decided),
            Extent::Latest if when.n_hit == 1 => format!("最近窗口 {}新出现", spaced(first)),
            Extent::Latest => format!("最近窗口 {first}（{n_of}）"),
            Extent::Once if when.n_hit == 1 => format!("仅 {first}"),
            Extent::Once => format!("{n_of}，{worst}"),
            Extent::Since if when.n_hit == 1 => format!("自 {}起", spaced(first)),
            Extent::Since => format!("自 {}起（{n_of}，{worst}）", spaced(first)),
            Extent::Between => format!("{}至 {last}（{n_of}，{worst}）", spaced(first)),
        };
        match when.worse_level() {
            Some(level) => format!("{extent}，自 {}起水平变差", spaced(label(level))),
            None => extent,
        }
    }

    fn join(&self, scope: Option<&Phrase>, claim: &Phrase, when: Option<&str>) -> Phrase {
        let mut marked = scope.map_or_else(String::new, |scope| format!("{}：", scope.marked()));
        marked.push_str(&claim.marked());
        if let Some(when) = when {
            marked.push('，');
            marked.push_str(when);
        }
        Phrase::new(&marked)
    }

    fn other_values(&self, column: &str) -> Phrase {
        Phrase::new(&format!("{} 的其他值", name(column)))
    }

    fn version(&self, version: &str) -> Phrase {
        Phrase::new(&format!("版本 {}", name(version)))
    }

    fn metric(&self, metric: &MetricName<'_>) -> Phrase {
        let plain = self.entry(metric.id);
        let mut text = match metric.average {
            Some("macro") => format!("宏平均 {plain}"),
            Some("micro") => format!("微平均 {plain}"),
            Some("weighted") => format!("加权平均 {plain}"),
            Some(other) => format!("{} {plain}", printable(other)),
            None => plain.into_owned(),
        };
        let labels: Vec<String> = metric
            .labels()
            .map(|(label, value)| format!("{label}={}", printable(value)))
            .collect();
        if !labels.is_empty() {
            text.push_str(&format!("（{}）", labels.join("，")));
        }
        Phrase::new(&match metric.class {
            Some(class) => format!("类别 {} 的{text}", name(class)),
            None => text,
        })
    }

    fn named(&self, id: &str) -> Option<&'static str> {
        names::of(id)
    }

    fn groups(&self, least: &str, greatest: &str) -> Phrase {
        Phrase::new(&format!("{} 最低，{} 最高", name(least), name(greatest)))
    }

    fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Numeric => "数值",
            Kind::Categorical => "类别",
            Kind::Boolean => "布尔",
            Kind::Timestamp => "时间",
            Kind::Text => "文本",
            Kind::Embedding => "嵌入向量",
            _ => "不支持的类型",
        }
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Feature => "特征",
            Role::Prediction => "预测",
            Role::Score => "分数",
            Role::Target => "真实值",
            Role::Timestamp => "时间",
            Role::PredictionId => "预测编号",
            Role::Version => "版本",
            Role::Segment => "分组",
            Role::Protected => "受保护属性",
            Role::Query => "查询",
            Role::Item => "物品",
            Role::Excluded => "排除",
        }
    }

    fn task<'a>(&self, id: &'a str) -> &'a str {
        match id {
            "binary" => "二分类",
            "multiclass" => "多分类",
            "multilabel" => "多标签分类",
            "regression" => "回归",
            "ranking" => "排序",
            "detection" => "目标检测",
            "text" => "文本生成",
            other => other,
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::TooFewRows { needed, found } => format!(
                "可用行太少：只有 {} 行，至少需要 {} 行",
                count(*found),
                count(*needed)
            ),
            Reason::TooFewWindows { needed, found } => format!(
                "窗口太少：只有 {} 个，至少需要 {} 个",
                count(*found),
                count(*needed)
            ),
            Reason::TooManyCategories { found } => {
                format!("标识符或自由文本：约 {} 个不同的值", count(*found))
            }
            other => self.reason_of_many(other),
        }
    }

    fn reason_of_many(&self, reason: &Reason) -> String {
        match reason {
            Reason::NoRows => "没有行",
            Reason::NoReference => "没有可比较的参考数据",
            Reason::AllNull => "全部为空",
            Reason::TooFewRows { needed, .. } => {
                return format!("可用行太少：至少需要 {} 行", count(*needed));
            }
            Reason::TooFewWindows { needed, .. } => {
                return format!("窗口太少：至少需要 {} 个", count(*needed));
            }
            Reason::OneClass => "只有一个类别",
            Reason::NoTargets => "尚无真实值",
            Reason::NoPredictions => "没有预测",
            Reason::NoScores => "没有分数",
            Reason::Constant => "恒定值",
            Reason::ZeroDenominator => "分母为零",
            Reason::TooManyCategories { .. } => "标识符或自由文本：不同的值太多",
            Reason::KindMismatch => "参考数据与当前数据的类型不同",
            Reason::ColumnAbsent => "一侧没有该列",
            Reason::UnsupportedType => "不支持的数据类型",
            Reason::Sketched => "需要全部数值，而不是概要",
            Reason::NonFinite => "含有无穷大",
            Reason::NotApplicable => "不适用",
            other => return other.to_string(),
        }
        .to_owned()
    }

    fn side(&self, side: &Side) -> Phrase {
        let mut parts = Vec::new();
        if !side.files.is_empty() {
            let files: Vec<Phrase> = side
                .files
                .iter()
                .map(|file| Phrase::new(&name(file)))
                .collect();
            parts.push(self.list(&files, 3).marked());
        }
        parts.push(format!("{} 行", count(side.rows)));
        if let Some((first, last)) = side.range {
            let (first, last) = date::range(first, last, Lang::ZhCn);
            parts.push(format!("{first} 至 {last}（UTC）"));
        }
        Phrase::new(&parts.join("，"))
    }

    fn windows(&self, report: &Report) -> Option<String> {
        let windows = &report.facts.windows;
        let (first, last) = (*windows.first()?, *windows.last()?);
        let label = |window| date::window(window, Lang::ZhCn);
        Some(match windows.len() {
            1 => format!("1 个窗口，{}", label(first)),
            n => format!("{n} 个窗口，{}至 {}", spaced(label(first)), label(last)),
        })
    }

    fn segments(&self, segments: &[SegmentValues]) -> Phrase {
        let texts: Vec<Phrase> = segments
            .iter()
            .map(|segment| {
                let others = match segment.n_other {
                    0 => String::new(),
                    n => format!("，其余 {} 个合并", count(n)),
                };
                Phrase::new(&format!(
                    "{}（{} 个值{others}）",
                    name(&segment.column),
                    segment.values.len()
                ))
            })
            .collect();
        self.list(&texts, 5)
    }

    fn guesses(&self, report: &Report) -> Phrase {
        let texts: Vec<Phrase> = report
            .facts
            .guesses
            .iter()
            .map(|guess| {
                Phrase::new(&format!(
                    "{} = {}",
                    self.role(guess.role),
                    name(&guess.column)
                ))
            })
            .collect();
        Phrase::new(&format!("{}（根据列名）", self.list(&texts, 6).marked()))
    }

    fn note(&self, note: &Note) -> Phrase {
        Phrase::new(&self.note_marked(note))
    }

    fn more(&self, n: usize) -> String {
        format!("另有 {} 个", count(n as u64))
    }

    fn gap(&self, gap: &Gap<'_>, n_windows: usize, limit: usize) -> Phrase {
        let reason = match gap.is_one {
            true => self.reason(gap.reason),
            false => self.reason_of_many(gap.reason),
        };
        let when = match n_windows {
            0 | 1 => String::new(),
            n => format!("（{n} 个窗口中有 {} 个）", gap.n_windows),
        };
        let names = self.list(&gap.names(|id| self.entry(id)), limit).marked();
        Phrase::new(&format!("{reason}：{names}{when}"))
    }

    fn further(&self, n_alerts: usize, n_warnings: usize, names: &Phrase) -> Phrase {
        Phrase::new(&format!(
            "还有 {}：{}",
            counted(n_alerts, n_warnings),
            names.marked()
        ))
    }

    fn quiet(&self, n: usize, names: &Phrase) -> Phrase {
        Phrase::new(&format!("无变化，{n} 列：{}", names.marked()))
    }

    fn rule(&self, report: &Report) -> String {
        format!(
            "发现须同时满足：统计显著（{} 次判定，错误发现率 {}），且幅度足够大。",
            count(report.decisions as u64),
            share(report.facts.rule.alpha),
        )
    }

    fn row(&self, row: &ResultRow) -> String {
        let Some(measure) = row.outcome.defined() else {
            return row
                .outcome
                .reason()
                .map_or_else(String::new, |reason| self.reason(reason));
        };
        let estimate = estimate(measure, None);
        let mut notes = Vec::new();
        if let Some(interval) = estimate.interval {
            notes.push(format!("95 % 区间 {interval}"));
        }
        if let Some(threshold) = row.threshold {
            notes.push(format!("界限 {}", value(threshold)));
        }
        if let Some(p_value) = adjusted_p_value(row) {
            notes.push(format!("校正后 p {}", number::p_value(p_value)));
        }
        if notes.is_empty() {
            estimate.value
        } else {
            format!("{}（{}）", estimate.value, notes.join("，"))
        }
    }

    fn weakest_segments(&self, metric: &Phrase) -> Phrase {
        Phrase::new(&format!("最差的分组（{}）", metric.marked()))
    }

    fn by_version(&self, metric: &Phrase) -> Phrase {
        Phrase::new(&format!("各版本的{}", metric.marked()))
    }

    fn comma(&self) -> &'static str {
        "、"
    }

    fn semicolon(&self) -> &'static str {
        "；"
    }
}

/// The text with a space behind it unless it ends in a Chinese character.
fn spaced(mut text: String) -> String {
    if !text.ends_with(|symbol: char| ('\u{4e00}'..='\u{9fff}').contains(&symbol)) {
        text.push(' ');
    }
    text
}

fn counted(n_alerts: usize, n_warnings: usize) -> String {
    match (n_alerts, n_warnings) {
        (0, n) => format!("{n} 个警告"),
        (n, 0) => format!("{n} 个警报"),
        (n, m) => format!("{n} 个警报，{m} 个警告"),
    }
}
