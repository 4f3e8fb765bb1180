//! What findings say, in Simplified Chinese.

use keepwell_core::measure::Measure;
use keepwell_core::schema::Role;

use super::super::Texts;
use super::super::claim::{Change, Claim, Column, Distance, Fault, MetricName};
use super::super::number::{self, count, estimate, pair, range, share, shares, value};
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
            provisional,
        } = claim
        {
            return self.say_metric(metric, *reference, current, *provisional);
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
            Claim::Fault { column, fault } => self.say_fault(*column, fault),
        }
    }

    fn say_metric(
        &self,
        metric: &MetricName<'_>,
        reference: Option<f64>,
        current: &Measure,
        provisional: Option<(u64, u64)>,
    ) -> String {
        let mut text = spaced(self.metric(metric).marked());
        let numbers = estimate(current, reference);
        let is_rise = reference.is_some_and(|own| own < current.value);
        text.push_str(&match numbers.reference {
            Some(own) if is_rise => format!("从 {own} 升至 {}", numbers.value),
            Some(own) => format!("从 {own} 降至 {}", numbers.value),
            None => format!("为 {}", numbers.value),
        });
        if let Some(interval) = numbers.interval {
            text.push_str(&format!("（95 % 区间 {interval}）"));
        }
        if let Some((targets, rows)) = provisional {
            text.push_str(&format!(
                "，暂定值：{} 行中 {} 行已有真实值",
                count(rows),
                count(targets)
            ));
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

    fn say_fault(&self, column: Column<'_>, fault: &Fault<'_>) -> Said {
        let (joint, body) = match fault {
            Fault::Missing { share } => {
                let (own, now) = shares(share.reference, share.current);
                ("：", format!("缺失 {now}，参考数据中为 {own}"))
            }
            Fault::Unseen {
                share: now,
                examples,
            } => {
                let examples: Vec<String> = examples.iter().map(|text| name(text)).collect();
                let list = if examples.is_empty() { "" } else { "：" };
                let body = format!(
                    "{} 的行含有参考数据中从未出现的类别{list}{}",
                    share(*now),
                    examples.join("、")
                );
                ("：", body)
            }
            Fault::OutOfRange { share: now, ranges } => {
                let ranges = ranges.map_or_else(String::new, |ranges| {
                    format!(
                        " {}（现为 {}）",
                        range(ranges.reference.0, ranges.reference.1),
                        range(ranges.current.0, ranges.current.1)
                    )
                });
                let now = share(*now);
                ("：", format!("{now} 超出参考数据的范围{ranges}"))
            }
            Fault::Constant { value: Some(value) } => (" ", format!("恒为 {}", name(value))),
            Fault::Constant { value: None } => (" ", "恒定不变".to_owned()),
            Fault::NoLongerConstant => (" ", "在参考数据中恒定，现在有变化".to_owned()),
            Fault::TypeChange { kinds: Some(kinds) } => {
                let (from, to) = (self.kind(kinds.reference), self.kind(kinds.current));
                (" ", format!("类型改变：{from} → {to}"))
            }
            Fault::TypeChange { kinds: None } => (" ", "类型改变".to_owned()),
            Fault::Other { check, share } => {
                let (own, now) = shares(share.reference, share.current);
                let check = self.entry(check);
                ("：", format!("{check} {now}，参考数据中为 {own}"))
            }
        };
        Said {
            subject: subject(column),
            joint,
            body,
        }
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
