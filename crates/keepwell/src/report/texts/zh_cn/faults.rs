//! What is said of faulty data, of groups and of whole tables, in Simplified Chinese.

use keepwell_core::measure::Measure;
use keepwell_monitor::finding::EntityExample;
use keepwell_stats::quality::UnitChange;

use super::super::Texts;
use super::super::claim::Sides;
use super::super::fault::{Fault, OtherValues};
use super::super::number::{count, estimate, range, share, shares, value};
use super::super::phrase::name;
use super::Chinese;

impl Chinese {
    /// What joins the column to the fault, and the fault.
    pub(super) fn say_fault(&self, fault: &Fault<'_>) -> (&'static str, String) {
        match fault {
            Fault::Missing { share } => {
                let (own, now) = shares(share.reference, share.current);
                ("：", format!("缺失 {now}，参考数据中为 {own}"))
            }
            Fault::Unseen { share, examples } => ("：", say_unseen(*share, examples)),
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
            Fault::Unreadable { share: now, kind } => {
                let kind = kind.map_or("参考数据的类型", |kind| self.kind(kind));
                ("：", format!("{} 的值无法读作{kind}", share(*now)))
            }
            Fault::Infinite { share } => ("：", compared(*share, "的值为无穷大")),
            Fault::Unit { change } => (" ", say_unit(change.as_ref())),
            Fault::ImplausibleTime { share } => ("：", compared(*share, "的时间过早或过晚")),
            Fault::WholeHours { share } => {
                let asked = match share.current > share.reference {
                    true => "时刻是否被截去？",
                    false => "是否补上了时刻？",
                };
                let body = compared(*share, "的时间为整点");
                ("：", format!("{body}：{asked}"))
            }
            Fault::OtherValues(found) => ("：", say_other_values(found)),
            Fault::Other {
                check,
                share: sides,
                limit,
            } => {
                let limit =
                    limit.map_or_else(String::new, |limit| format!("（界限 {}）", share(limit)));
                let (own, now) = shares(sides.reference, sides.current);
                let check = self.entry(check);
                ("：", format!("{check} {now}，参考数据中为 {own}{limit}"))
            }
        }
    }

    /// What a measure of fairness found, after its column.
    pub(super) fn say_disparity(
        &self,
        measure: &str,
        current: &Measure,
        limit: Option<f64>,
        groups: Option<(&str, &str)>,
    ) -> String {
        let numbers = estimate(current, None);
        let differ = |rates: &str| format!("{rates}相差 {}", numbers.value);
        let ratio = |rate: &str| format!("最低的{rate}是最高的 {} 倍", numbers.value);
        let mut notes = Vec::new();
        let body = match measure {
            "demographic_parity_difference" => differ("判为正类的比例"),
            "equal_opportunity_difference" => differ("真阳性率"),
            "equalized_odds_difference" => differ("真阳性率或假阳性率"),
            "predictive_parity_difference" => differ("精确率"),
            "demographic_parity_ratio" => ratio("正类判定比例"),
            "equalized_odds_ratio" => ratio("真阳性率或假阳性率"),
            "disparate_impact" => {
                format!("一组判为正类的比例是另一组的 {} 倍", numbers.value)
            }
            other => {
                notes.extend(limit.map(|limit| format!("界限 {}", value(limit))));
                format!("{} 为 {}", self.entry(other), numbers.value)
            }
        };
        notes.extend(
            numbers
                .interval
                .map(|interval| format!("95 % 区间 {interval}")),
        );
        notes.extend(groups.map(|(least, greatest)| self.groups(least, greatest).marked()));
        match notes.is_empty() {
            true => body,
            false => format!("{body}（{}）", notes.join("；")),
        }
    }

    /// What a check of all columns together found.
    pub(super) fn say_table(
        &self,
        id: &str,
        current: &Measure,
        limit: Option<f64>,
        columns: &[String],
    ) -> String {
        let names: Vec<String> = columns.iter().map(|column| name(column)).collect();
        let named = |before: &str| match names.is_empty() {
            true => String::new(),
            false => format!("{before}{}", names.join("、")),
        };
        let now = share(current.value);
        match id {
            "duplicate_rows" => format!("{now} 的行与其他行重复"),
            "duplicate_ids" => format!("{now} 的行与其他行编号相同"),
            "schema_change" => format!("列有增减或改变{}", named("：")),
            "swapped_columns" => format!("列似乎互换{}", named("：")),
            "target_leakage" => format!("有列泄漏真实值{}", named("：")),
            "domain_classifier" => {
                let measured = estimate(current, None).value;
                let named = named("，差异最大的列：");
                format!("分类器能区分整行数据与参考数据，ROC AUC 为 {measured}{named}")
            }
            "text_domain_classifier" => {
                let measured = estimate(current, None).value;
                format!("分类器能区分文本与参考数据，ROC AUC 为 {measured}")
            }
            "correlation_break" => match &names[..] {
                [first, second] => {
                    format!(
                        "{first} 与 {second} 的相关系数改变了 {}",
                        value(current.value)
                    )
                }
                _ => format!(
                    "列之间的相关系数改变，最大改变 {}{}",
                    value(current.value),
                    named("：")
                ),
            },
            "isolation_forest" | "ecod" | "mahalanobis" => {
                let (name, named) = (self.entry(id), named("，主要因为："));
                format!("{now} 的行与参考数据不同（{name}）{named}")
            }
            other => {
                let limit =
                    limit.map_or_else(String::new, |limit| format!("（界限 {}）", value(limit)));
                let (name, named) = (self.entry(other), named("："));
                format!("{name} {}{limit}{named}", value(current.value))
            }
        }
    }
}

/// `2 % 的值为无穷大，参考数据中为 0 %`.
fn compared(sides: Sides<f64>, what: &str) -> String {
    let (own, now) = shares(sides.reference, sides.current);
    format!("{now} {what}，参考数据中为 {own}")
}

fn say_unseen(now: f64, examples: &[String]) -> String {
    let examples: Vec<String> = examples.iter().map(|text| name(text)).collect();
    let list = if examples.is_empty() { "" } else { "：" };
    format!(
        "{} 的行含有参考数据中从未出现的类别{list}{}",
        share(now),
        examples.join("、")
    )
}

fn say_other_values(found: &OtherValues<'_>) -> String {
    let of = found
        .n_entities
        .map_or_else(|| "实体".to_owned(), |n| format!("{} 个实体", count(n)));
    let mut notes = Vec::new();
    let (n_before, n_now) = found.n_missing;
    if n_before > 0 {
        notes.push(format!("{} 个在参考数据中无值", count(n_before)));
    }
    if n_now > 0 {
        notes.push(format!("{} 个现在无值", count(n_now)));
    }
    notes.extend(found.greatest.map(|by| format!("最多相差 {}", value(by))));
    notes.extend(found.example.map(say_example));
    let notes = match notes.is_empty() {
        true => String::new(),
        false => format!("（{}）", notes.join("；")),
    };
    let now = share(found.share);
    format!("{of}中 {now} 的值与参考数据不同{notes}")
}

fn say_example(one: &EntityExample) -> String {
    let text = |value: &Option<String>| value.as_ref().map_or("空值".to_owned(), |own| name(own));
    let (own, now) = (text(&one.reference), text(&one.current));
    format!("例如 {} 的 {own} → {now}", name(&one.key))
}

fn say_unit(change: Option<&UnitChange>) -> String {
    let Some(change) = change else {
        return "的单位与参考数据不同".to_owned();
    };
    if change.factor < 0.0 {
        return "的值与参考数据符号相反".to_owned();
    }
    if let Some((from, to)) = change.name.split_once("_to_") {
        return format!("似乎由{}换算为{}：单位是否改变？", unit(from), unit(to));
    }
    let factor = match change.factor {
        factor if factor < 1.0 => format!("1/{}", value((1.0 / factor).round())),
        factor => format!("{} 倍", value(factor)),
    };
    format!("的值约为参考数据的 {factor}：单位是否改变？")
}

/// A unit by its name in English.
fn unit(name: &str) -> &str {
    match name {
        "miles" => "英里",
        "kilometres" => "千米",
        "feet" => "英尺",
        "metres" => "米",
        "inches" => "英寸",
        "centimetres" => "厘米",
        "pounds" => "磅",
        "kilograms" => "千克",
        "degrees" => "角度",
        "radians" => "弧度",
        "celsius" => "摄氏度",
        "fahrenheit" => "华氏度",
        "kelvin" => "开尔文",
        other => other,
    }
}
