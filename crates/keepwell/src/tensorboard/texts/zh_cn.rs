//! Simplified Chinese.

use keepwell_interop::training::{Finding, Severity};

use super::super::flaw::{Flaw, Wrong};
use super::{Evidence, Words};
use crate::report::texts::number::{count, share};

pub(super) static WORDS: Words = Words {
    note: "说明",
    run: "运行",
    tag: "标签",
    values: "数据点",
    last_step: "最后步数",
    last: "最后值",
    least: "最小值",
    greatest: "最大值",
    best: "最佳值",
    difference: "差值",
    status: "状态",
    parent: "所属运行",
    hyperparameters: "超参数",
    step: "步",
    nothing_found: "无发现",
    files: "文件",
    waiting: "尚无事件文件",
    gone: "已不存在",
    marker,
    finding,
    flaw,
    also_there: |kinds| format!("另有 {kinds}；可用 --kind 读取"),
    restarts: |run, tag, n| {
        format!(
            "{run}：{tag} 的步数回退 {n} 次，如同重新启动；此处显示重做后的数据，--points written 给出全部数据"
        )
    },
    unreadable_value: |run, tag, why| format!("{run}：{tag} 的一个值被略去：{why}"),
    summary: |n_trainings, n_alerts, n_warnings| {
        format!("{n_trainings} 次训练：{n_alerts} 项警报，{n_warnings} 项警告")
    },
};

fn marker(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "提示",
        Severity::Warning => "警告",
        Severity::Alert => "警报",
    }
}

fn finding(finding: &Finding, evidence: &Evidence<'_>) -> Option<String> {
    of_loss(finding, evidence).or_else(|| of_others(finding, evidence))
}

/// What a finding says about a loss.
fn of_loss(finding: &Finding, evidence: &Evidence<'_>) -> Option<String> {
    let (line, step) = (&finding.line, finding.step);
    let text = |name| evidence.text(name);
    Some(match finding.judgement {
        "diverged" => format!(
            "{line} 发散：最佳为 {}（第 {step} 步），最后为 {}",
            text("best"),
            text("last")
        ),
        "loss_spike" => format!(
            "{line} 在第 {step} 步从 {} 突升至 {}{}",
            text("before"),
            text("at"),
            match evidence.number("count") {
                n if n > 1.0 => format!("，为 {n} 次突升中最高的一次"),
                _ => String::new(),
            }
        ),
        "overfitting" => format!(
            "{line} 从第 {step} 步的 {} 升至 {}，而训练损失从 {} 变为 {}：应保留第 {step} 步的版本",
            text("best"),
            text("last"),
            text("training_before"),
            text("training_last")
        ),
        "plateau" if finding.severity == Severity::Notice => format!(
            "{line} 自第 {step} 步起（{} 的数据点）不再改善",
            share(evidence.number("idle_share"))
        ),
        "plateau" => format!(
            "{line} 毫无进展：最初为 {}，最佳为 {}",
            text("first"),
            text("best")
        ),
        _ => return None,
    })
}

/// What a finding says about another line, or about the whole training.
fn of_others(finding: &Finding, evidence: &Evidence<'_>) -> Option<String> {
    let (line, step) = (&finding.line, finding.step);
    let text = |name| evidence.text(name);
    Some(match finding.judgement {
        "exploding_gradient" => format!(
            "{line} 在第 {step} 步爆炸：从 {} 升至 {}",
            text("before"),
            text("at")
        ),
        "finished" if finding.severity > Severity::Notice => format!("在第 {step} 步以失败告终"),
        "finished" => format!("在第 {step} 步完成"),
        "learning_rate_mismatch" if evidence.has("declared") => format!(
            "{line} 的峰值为 {}（第 {step} 步），而超参数写明 {}",
            text("peak"),
            text("declared")
        ),
        "learning_rate_mismatch" => format!("{line} 始终为零"),
        "non_finite" => format!(
            "{line} 在第 {step} 步首次出现 NaN 或无穷大，占其数据点的 {}",
            share(evidence.number("share"))
        ),
        "stalled" => format!(
            "自第 {step} 步起已无输出 {}；此前最长间隔为 {}",
            duration(evidence.number("silent_seconds")),
            duration(evidence.number("gap_seconds_max"))
        ),
        "throughput_drop" => format!(
            "{line} 在第 {step} 步从 {} 降至 {}",
            text("before"),
            text("last")
        ),
        "vanishing_gradient" => format!(
            "{line} 从 {} 降至 {}，自第 {step} 步起一直很低",
            text("before"),
            text("last")
        ),
        _ => return None,
    })
}

fn flaw(flaw: &Flaw) -> String {
    let path = &flaw.path;
    match &flaw.what {
        Wrong::Unreadable(message) => format!("{path}：无法读取：{message}"),
        Wrong::Stopped { offset, lost_bytes } => format!(
            "{path}：字节 {offset} 处记录的长度已损坏，其后 {} 个字节未读取",
            count(*lost_bytes)
        ),
        Wrong::Damaged {
            kind,
            count: n,
            first_offset,
        } => {
            let what = match *kind {
                "bad_payload" => "校验和不符",
                "not_an_event" => "不是事件",
                "too_long" => "超出长度上限",
                "bad_wall_time" => "时间不是有限数",
                "misfit" => "值与标签的类型不符",
                "too_many_tags" => "标签数超出上限",
                other => other,
            };
            format!(
                "{path}：{} 条记录{what}，首条位于字节 {first_offset}",
                count(*n)
            )
        }
    }
}

fn duration(seconds: f64) -> String {
    // The casts saturate, and put NaN at zero.
    match seconds {
        s if s < 120.0 => format!("{} 秒", s as u64),
        s if s < 7_200.0 => format!("{} 分钟", (s / 60.0) as u64),
        s if s < 172_800.0 => format!("{} 小时", (s / 3_600.0) as u64),
        s => format!("{} 天", (s / 86_400.0) as u64),
    }
}
