//! English.

use keepwell_interop::training::{Finding, Severity};

use super::super::flaw::{Flaw, Wrong};
use super::{Evidence, Words};
use crate::report::texts::number::{count, share};

pub(super) static WORDS: Words = Words {
    note: "note",
    run: "run",
    tag: "tag",
    values: "values",
    last_step: "last step",
    last: "last",
    least: "least",
    greatest: "greatest",
    best: "best",
    difference: "difference",
    status: "status",
    parent: "part of",
    hyperparameters: "hyperparameters",
    step: "step",
    nothing_found: "nothing found",
    files: "Files",
    waiting: "no event file yet",
    gone: "no longer there",
    marker,
    finding,
    flaw,
    also_there: |kinds| format!("there are also {kinds}; read them with --kind"),
    restarts: |run, tag, n| {
        let times = if n == 1 { "once" } else { "several times" };
        format!(
            "{run}: the steps of {tag} went back {times}, as after a restart; what was done again is shown, and \
             --points written gives all"
        )
    },
    unreadable_value: |run, tag, why| format!("{run}: a value of {tag} is left out: {why}"),
    summary: |n_trainings, n_alerts, n_warnings| {
        format!(
            "{}: {}, {}",
            plural(n_trainings, "training"),
            plural(n_alerts, "alert"),
            plural(n_warnings, "warning")
        )
    },
};

fn marker(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "notice",
        Severity::Warning => "WARNING",
        Severity::Alert => "ALERT",
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
            "{line} diverged: {} at best (step {step}), {} at the end",
            text("best"),
            text("last")
        ),
        "loss_spike" => format!(
            "{line} jumped from {} to {} at step {step}{}",
            text("before"),
            text("at"),
            match evidence.number("count") {
                n if n > 1.0 => format!(", the highest of {n} such rises"),
                _ => String::new(),
            }
        ),
        "overfitting" => format!(
            "{line} rose from {} at step {step} to {}, while the training loss went from {} to {}: keep the version \
             of step {step}",
            text("best"),
            text("last"),
            text("training_before"),
            text("training_last")
        ),
        "plateau" if finding.severity == Severity::Notice => format!(
            "{line} has not improved since step {step}, {} of its points",
            share(evidence.number("idle_share"))
        ),
        "plateau" => format!(
            "{line} has learned nothing: {} at first, {} at best",
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
            "{line} exploded at step {step}: from {} to {}",
            text("before"),
            text("at")
        ),
        "finished" if finding.severity > Severity::Notice => {
            format!("ended with a failure at step {step}")
        }
        "finished" => format!("finished at step {step}"),
        "learning_rate_mismatch" if evidence.has("declared") => format!(
            "{line} has its peak at {} (step {step}); the hyperparameters say {}",
            text("peak"),
            text("declared")
        ),
        "learning_rate_mismatch" => format!("{line} is zero at every step"),
        "non_finite" => format!(
            "{line} is NaN or infinite first at step {step}, and at {} of its points",
            share(evidence.number("share"))
        ),
        "stalled" => format!(
            "silent since step {step}, for {}; never before for longer than {}",
            duration(evidence.number("silent_seconds")),
            duration(evidence.number("gap_seconds_max"))
        ),
        "throughput_drop" => format!(
            "{line} fell from {} to {} at step {step}",
            text("before"),
            text("last")
        ),
        "vanishing_gradient" => format!(
            "{line} fell from {} to {}, and has been low since step {step}",
            text("before"),
            text("last")
        ),
        _ => return None,
    })
}

fn flaw(flaw: &Flaw) -> String {
    let path = &flaw.path;
    match &flaw.what {
        Wrong::Unreadable(message) => format!("{path}: cannot be read: {message}"),
        Wrong::Stopped { offset, lost_bytes } => format!(
            "{path}: the record at byte {offset} has a damaged length, so the {} bytes from there on are not read",
            count(*lost_bytes)
        ),
        Wrong::Damaged {
            kind,
            count: n,
            first_offset,
        } => {
            let what = match *kind {
                "bad_payload" => "a bad checksum",
                "not_an_event" => "no event inside",
                "too_long" => "more bytes than the limit",
                "bad_wall_time" => "a time that is no finite number",
                "misfit" => "a value of another kind than its tag",
                "too_many_tags" => "a tag beyond the limit",
                other => other,
            };
            let records = plural(usize::try_from(*n).unwrap_or(usize::MAX), "record");
            format!("{path}: {records} with {what}, the first at byte {first_offset}")
        }
    }
}

fn plural(n: usize, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(n as u64))
}

fn duration(seconds: f64) -> String {
    // The casts saturate, and put NaN at zero.
    match seconds {
        s if s < 120.0 => format!("{} s", s as u64),
        s if s < 7_200.0 => format!("{} min", (s / 60.0) as u64),
        s if s < 172_800.0 => format!("{} h", (s / 3_600.0) as u64),
        s => format!("{} days", (s / 86_400.0) as u64),
    }
}
