//! What findings say, in Simplified Chinese.

use keepwell_core::measure::Measure;
use keepwell_core::schema::Role;

use super::super::Texts;
use super::super::claim::{Change, Claim, Column, Distance, Fault, MetricName};
use super::super::number::{count, estimate, pair, range, share, shares, value};
use super::super::phrase::name;
use super::Chinese;

impl Chinese {
    /// The claim, with its names marked.
    pub(super) fn say(&self, claim: &Claim<'_>) -> String {
        match claim {
            Claim::Metric {
                metric,
                reference,
                current,
                provisional,
            } => self.say_metric(metric, *reference, current, *provisional),
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
        let mut text = self.metric(metric).marked();
        let numbers = estimate(current, reference);
        let is_rise = reference.is_some_and(|own| own < current.value);
        text.push_str(&match numbers.reference {
            Some(own) if is_rise => format!(" 从 {own} 升至 {}", numbers.value),
            Some(own) => format!(" 从 {own} 降至 {}", numbers.value),
            None => format!(" 为 {}", numbers.value),
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

    fn say_drift(&self, column: Column<'_>, distance: &Distance<'_>, change: &Change) -> String {
        let measured = format!("{} {}", self.entry(distance.test), value(distance.value));
        match change {
            Change::Middle { is_mean, middle } => {
                let (from, to) = pair(middle.reference, middle.current);
                let word = if *is_mean { "均值" } else { "中位数" };
                format!(
                    "{} 发生偏移：{word} {from} → {to}（{measured}）",
                    subject(column)
                )
            }
            Change::Spread { median } => format!(
                "{} 的分布形状改变，中位数仍为 {}（{measured}）",
                subject(column),
                value(*median)
            ),
            Change::Category {
                name: category,
                share,
            } => {
                let (from, to) = shares(share.reference, share.current);
                let moved = format!("{from} → {to}（{measured}）");
                let (named, category) = (name(column.name), name(category));
                match column.role {
                    Role::Target => {
                        format!("基准比例发生变化：真实值 {named} 中 {category} 的占比 {moved}")
                    }
                    Role::Prediction | Role::Score => {
                        format!("预测发生变化：{named} 中 {category} 的占比 {moved}")
                    }
                    _ => format!("{named}：{category} 的占比 {moved}"),
                }
            }
            Change::Unknown => format!("{} 发生漂移（{measured}）", subject(column)),
        }
    }

    fn say_fault(&self, column: Column<'_>, fault: &Fault<'_>) -> String {
        let subject = subject(column);
        match fault {
            Fault::Missing { share } => {
                let (own, now) = shares(share.reference, share.current);
                format!("{subject}：缺失 {now}，参考数据中为 {own}")
            }
            Fault::Unseen {
                share: now,
                examples,
            } => {
                let examples: Vec<String> = examples.iter().map(|text| name(text)).collect();
                let list = if examples.is_empty() { "" } else { "：" };
                format!(
                    "{subject}：{} 的行含有参考数据中从未出现的类别{list}{}",
                    share(*now),
                    examples.join("、")
                )
            }
            Fault::OutOfRange { share: now, ranges } => {
                let ranges = ranges.map_or_else(String::new, |ranges| {
                    format!(
                        " {}（现为 {}）",
                        range(ranges.reference.0, ranges.reference.1),
                        range(ranges.current.0, ranges.current.1)
                    )
                });
                format!("{subject}：{} 超出参考数据的范围{ranges}", share(*now))
            }
            Fault::Constant { value: Some(value) } => {
                format!("{subject} 恒为 {}", name(value))
            }
            Fault::Constant { value: None } => format!("{subject} 恒定不变"),
            Fault::NoLongerConstant => {
                format!("{subject} 在参考数据中恒定，现在有变化")
            }
            Fault::TypeChange { kinds: Some(kinds) } => format!(
                "{subject} 的类型改变：{} → {}",
                self.kind(kinds.reference),
                self.kind(kinds.current)
            ),
            Fault::TypeChange { kinds: None } => format!("{subject} 的类型改变"),
            Fault::Other { check, share } => {
                let (own, now) = shares(share.reference, share.current);
                format!("{subject}：{} {now}，参考数据中为 {own}", self.entry(check))
            }
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
