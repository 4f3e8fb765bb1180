//! What findings say, in Simplified Chinese.

use keepwell_core::measure::Measure;
use keepwell_core::schema::Role;
use keepwell_monitor::report::Why;

use super::super::Texts;
use super::super::claim::{
    Because, BecauseColumns, Change, Claim, Column, Distance, MetricName, SeriesName,
};
use super::super::number::{self, count, estimate, pair, relative, share, shares, value};
use super::super::phrase::name;
use super::{Chinese, spaced};

/// A sentence in parts, so that its subject can be left out where it is known.
struct Said {
    subject: String,
    /// What joins the two where both are said.
    joint: &'static str,
    body: String,
}

impl Chinese {
    /// The claim, with its names marked.
    pub(super) fn say(&self, claim: &Claim<'_>) -> String {
        if let Claim::Metric {
            metric,
            reference,
            current,
            is_relative,
            why,
            provisional,
        } = claim
        {
            let mut text = self.say_metric(metric, *reference, current, *is_relative);
            if let Some(why) = why {
                text.push_str(&say_because(why));
            }
            if let Some((targets, rows)) = provisional {
                text.push_str(&format!(
                    "，暂定值：{} 行中 {} 行已有真实值",
                    count(*rows),
                    count(*targets)
                ));
            }
            return text;
        }
        let said = self.said(claim);
        format!("{}{}{}", said.subject, said.joint, said.body)
    }

    /// The claim in a few words, without its subject unless that is a metric.
    pub(super) fn say_briefly(&self, claim: &Claim<'_>) -> String {
        self.said(claim).body
    }

    fn said(&self, claim: &Claim<'_>) -> Said {
        match claim {
            Claim::Metric {
                metric,
                reference,
                current,
                ..
            } => {
                let numbers = estimate(current, *reference);
                let own = numbers
                    .reference
                    .map_or_else(String::new, |own| format!("{own} → "));
                Said {
                    subject: String::new(),
                    joint: "",
                    body: format!("{} {own}{}", self.metric(metric).marked(), numbers.value),
                }
            }
            Claim::Drift {
                column,
                distance,
                change,
            } => self.say_drift(*column, distance, change),
            Claim::Fault { column, fault } => {
                let (joint, body) = self.say_fault(fault);
                Said {
                    subject: subject(*column),
                    joint,
                    body,
                }
            }
            Claim::Disparity {
                column,
                measure,
                current,
                limit,
                groups,
            } => Said {
                subject: format!("{} 的各组之间", name(column)),
                joint: "，",
                body: self.say_disparity(measure, current, *limit, *groups),
            },
            Claim::Series(series) => {
                let column = match &series.of {
                    SeriesName::Fault { column, .. } => Some(subject(*column)),
                    SeriesName::Metric(_) => None,
                };
                Said {
                    joint: if column.is_some() { "：" } else { "" },
                    subject: column.unwrap_or_default(),
                    body: self.say_series(series),
                }
            }
            Claim::Table {
                id,
                current,
                limit,
                columns,
            } => Said {
                subject: String::new(),
                joint: "",
                body: self.say_table(id, current, *limit, columns),
            },
        }
    }

    fn say_metric(
        &self,
        metric: &MetricName<'_>,
        reference: Option<f64>,
        current: &Measure,
        is_relative: bool,
    ) -> String {
        let mut text = spaced(self.metric(metric).marked());
        let numbers = estimate(current, reference);
        let is_rise = reference.is_some_and(|own| own < current.value);
        let (verb, to) = match is_rise {
            true => ("上升", "升至"),
            false => ("下降", "降至"),
        };
        let by = reference
            .filter(|_| is_relative)
            .and_then(|own| relative(own, current.value))
            .map_or_else(String::new, |by| format!("{verb} {by}，"));
        text.push_str(&match numbers.reference {
            Some(own) => format!("{by}从 {own} {to} {}", numbers.value),
            None => format!("为 {}", numbers.value),
        });
        if let Some(interval) = numbers.interval {
            text.push_str(&format!("（95 % 区间 {interval}）"));
        }
        text
    }

    fn say_drift(&self, column: Column<'_>, distance: &Distance<'_>, change: &Change) -> Said {
        let measured = format!(
            "{} {}",
            self.entry(distance.test),
            number::distance(distance.value)
        );
        let verb = |body: String| Said {
            subject: subject(column),
            joint: " ",
            body,
        };
        match change {
            Change::Middle { is_mean, middle } => {
                let (from, to) = pair(middle.reference, middle.current);
                let word = if *is_mean { "均值" } else { "中位数" };
                verb(format!("发生偏移：{word} {from} → {to}（{measured}）"))
            }
            Change::Spread { median } => verb(format!(
                "分布形状改变，中位数仍为 {}（{measured}）",
                value(*median)
            )),
            Change::Category {
                name: category,
                share,
            } => {
                let (from, to) = shares(share.reference, share.current);
                let named = name(column.name);
                let subject = match column.role {
                    Role::Target => format!("真实值 {named} 的基准比例发生变化"),
                    Role::Prediction | Role::Score => format!("预测 {named} 发生变化"),
                    _ => named,
                };
                Said {
                    subject,
                    joint: "：",
                    body: format!("{} 的占比 {from} → {to}（{measured}）", name(category)),
                }
            }
            Change::Unknown => verb(format!("发生漂移（{measured}）")),
        }
    }
}

/// Where a change of a metric lies.
fn say_because(because: &Because<'_>) -> String {
    let segment = because.segment.as_ref().map_or_else(String::new, say_why);
    let columns = match &because.columns {
        None => String::new(),
        Some(BecauseColumns::Unexplained) => "；各列的分布偏移不能解释这一变化".to_owned(),
        Some(BecauseColumns::Shifted { names, share: part }) => {
            let names: Vec<String> = names.iter().map(|column| name(column)).collect();
            let most = match &names[..] {
                [] => String::new(),
                names => format!("（主要是 {}）", names.join("、")),
            };
            match part {
                part if *part > 1.0 => format!("；各列的分布偏移{most}足以解释全部变化"),
                part => format!("；各列的分布偏移{most}可解释其中 {}", share(*part)),
            }
        }
    };
    segment + &columns
}

fn say_why(why: &Why<'_>) -> String {
    let segment = name(&format!("{}={}", why.column, why.value));
    match why.share {
        part if part > 1.0 => format!("；变化全部来自 {segment}，其他部分有所抵消"),
        part => format!("；其中 {} 来自 {segment}", share(part)),
    }
}

fn subject(column: Column<'_>) -> String {
    let named = name(column.name);
    match column.role {
        Role::Target => format!("真实值 {named}"),
        Role::Prediction => format!("预测 {named}"),
        Role::Score => format!("分数 {named}"),
        _ => named,
    }
}
