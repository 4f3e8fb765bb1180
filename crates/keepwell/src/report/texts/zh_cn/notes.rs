//! What a run assumed, in Simplified Chinese.

use keepwell_core::schema::Role;
use keepwell_monitor::note::{Note, Pairing, Place, Unpaired, UnreadImage, UnreadImages};

use super::{Chinese, count, name};
use crate::report::texts::number;
use crate::report::texts::phrase::{Phrase, printable};
use crate::report::texts::{N_NAMES, Texts};

impl Chinese {
    /// Names from the data are marked.
    pub(super) fn note_marked(&self, note: &Note) -> String {
        match note {
            Note::AlarmBudget {
                alpha,
                expected,
                allowed,
            } => say_budget(*alpha, *expected, *allowed),
            Note::AlarmBudgetWithoutTime => {
                "误报预算需要事件时间；本次检查按 --alpha 判定".to_owned()
            }
            Note::OlderVersions { versions } => {
                format!(
                    "在参考版本开始前已结束的版本未计入：{}",
                    self.listed(versions)
                )
            }
            Note::MissingColumns { task, missing } => self.say_missing(task, missing),
            Note::NoEventTime { rows } => format!("{} 行没有事件时间，未计入", count(*rows)),
            Note::NewColumns { columns } => {
                format!("参考数据中没有的列：{}", self.listed(columns))
            }
            Note::MixedTypes {
                place,
                before,
                found,
            } => say_types(place, before, found),
            Note::EpochUnit { column, unit } => format!(
                "列 {} 按 1970 年以来的{}数读取（UTC）",
                name(column),
                unit_of(unit)
            ),
            Note::NaiveTime { column } => {
                format!("列 {} 未注明时区，按 UTC 读取", name(column))
            }
            Note::UnnamedColumn { file, column } => {
                format!("{} 中有一列没有名称，称为 {}", name(file), name(column))
            }
            Note::Delimiter { file, delimiter } => {
                format!("{} 的字段以{}分隔", name(file), separator(*delimiter))
            }
            Note::DuplicateKey { place } => {
                format!("{}：键出现两次，以最后一个值为准", at(place))
            }
            Note::FreeText { column } => {
                format!("列 {} 含有长文本，按自由文本而非类别读取", name(column))
            }
            Note::Nested { place } => {
                format!("{}：此处为列表或对象；该列只统计行数与空值", at(place))
            }
            Note::UnreadImages(found) => say_unread(found),
            Note::Paired(pairing) => say_pairing(pairing),
            Note::NotPaired { columns } => {
                format!("类型不同，未逐个实体比较：{}", names(columns))
            }
        }
    }
    fn listed(&self, names: &[String]) -> String {
        let names: Vec<Phrase> = names.iter().map(|own| Phrase::new(&name(own))).collect();
        self.list(&names, N_NAMES).marked()
    }

    fn say_missing(&self, task: &str, missing: &[Role]) -> String {
        let keys: Vec<Phrase> = missing
            .iter()
            .map(|role| Phrase::new(&name(&format!("{}:", role.id()))))
            .collect();
        format!(
            "{}任务的指标需要在规格文件的 {} 下写明 {}",
            self.task(task),
            name("columns:"),
            self.list(&keys, N_NAMES).marked()
        )
    }
}

fn say_budget(alpha: f64, expected: f64, allowed: f64) -> String {
    format!(
        "alpha {} 由误报预算得出：这段时间允许 {} 次误报，若无变化，预计至多 {} 次",
        number::value(alpha),
        number::value(allowed),
        number::value(expected)
    )
}

fn say_types(place: &Place, before: &str, found: &str) -> String {
    format!(
        "{}：此前均为{}，此处为 {}；该列按文本读取",
        at(place),
        values(before),
        name(found)
    )
}

fn say_unread(found: &UnreadImages) -> String {
    let examples: Vec<String> = found.examples.iter().map(unread).collect();
    format!(
        "{} 中列 {} 的 {} 张图像有 {} 张无法读取，其描述量为空：{}",
        name(&found.file),
        name(&found.column),
        count(found.n_images),
        count(found.n_unread),
        examples.join("、")
    )
}

fn say_pairing(pairing: &Pairing) -> String {
    let sample = match pairing.one_in {
        1 => String::new(),
        n => format!("（每 {} 个键取一个）", count(n)),
    };
    format!(
        "按 {} 配对：两侧共有 {} 个实体{sample}{}{}",
        names(&pairing.key),
        count(pairing.entities),
        unpaired("参考数据", &pairing.reference),
        unpaired("当前数据", &pairing.current)
    )
}

fn names(columns: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|column| name(column)).collect();
    names.join("、")
}

/// What was left out on one side.
fn unpaired(side: &str, rows: &Unpaired) -> String {
    let parts: Vec<String> = [
        (rows.alone, "行没有对应"),
        (rows.repeated, "行的键与前面的行重复"),
        (rows.without_key, "行的键含空值"),
    ]
    .iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| format!("{} {what}", count(*n)))
    .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("；{side}未计入：{}", parts.join("、")),
    }
}

fn unread(image: &UnreadImage) -> String {
    let named = image.name.as_ref();
    let named = named.map_or_else(|| format!("第 {} 行", image.row), |own| name(own));
    let fault = match image.fault {
        "missing" => "文件不存在",
        "unreadable" => "系统拒绝读取",
        "unknown_format" => "不是 PNG、JPEG、WebP、GIF 或 BMP",
        "damaged" => "已损坏",
        "too_large" => "过大",
        other => other,
    };
    format!("{named}（{fault}）")
}

fn at(place: &Place) -> String {
    let position = format!("{} 第 {} 行", name(&place.file), place.number);
    match &place.column {
        Some(column) => format!("{position}，列 {}", name(column)),
        None => position,
    }
}

fn values(before: &str) -> &str {
    match before {
        "nulls" => "空值",
        "truth values" => "真假值",
        "integers" => "整数",
        "numbers" => "数值",
        "instants" => "时刻",
        "text" => "文本",
        "lists or objects" => "列表或对象",
        other => other,
    }
}

fn unit_of(unit: &str) -> &str {
    match unit {
        "seconds" => "秒",
        "milliseconds" => "毫秒",
        "microseconds" => "微秒",
        "nanoseconds" => "纳秒",
        other => other,
    }
}

fn separator(delimiter: char) -> String {
    match delimiter {
        '\t' => "制表符".to_owned(),
        ';' => "分号".to_owned(),
        ',' => "逗号".to_owned(),
        other => format!(" {} ", name(&printable(&other.to_string()))),
    }
}
