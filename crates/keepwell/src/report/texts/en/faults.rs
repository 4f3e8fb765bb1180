//! What is said of faulty data, of groups and of whole tables, in English.

use keepwell_core::measure::Measure;
use keepwell_monitor::finding::EntityExample;
use keepwell_stats::quality::UnitChange;

use super::super::Texts;
use super::super::claim::Sides;
use super::super::fault::{Fault, OtherValues};
use super::super::number::{count, estimate, range, share, shares, value};
use super::super::phrase::name;
use super::English;

impl English {
    /// What joins the column to the fault, and the fault.
    pub(super) fn say_fault(&self, fault: &Fault<'_>) -> (&'static str, String) {
        match fault {
            Fault::Missing { share } => (": ", compared(*share, "missing")),
            Fault::Unseen { share, examples } => (": ", say_unseen(*share, examples)),
            Fault::OutOfRange { share: now, ranges } => {
                let ranges = ranges.map_or_else(String::new, |ranges| {
                    format!(
                        " {} (now {})",
                        range(ranges.reference.0, ranges.reference.1),
                        range(ranges.current.0, ranges.current.1)
                    )
                });
                let now = share(*now);
                (": ", format!("{now} outside the reference's range{ranges}"))
            }
            Fault::Constant { value: Some(value) } => {
                (" ", format!("is constant at {}", name(value)))
            }
            Fault::Constant { value: None } => (" ", "is constant".to_owned()),
            Fault::NoLongerConstant => (
                " ",
                "was constant in the reference and now varies".to_owned(),
            ),
            Fault::TypeChange { kinds: Some(kinds) } => {
                let (from, to) = (self.kind(kinds.reference), self.kind(kinds.current));
                (" ", format!("changed type: {from} → {to}"))
            }
            Fault::TypeChange { kinds: None } => (" ", "changed type".to_owned()),
            Fault::Unreadable { share: now, kind } => {
                let kind = kind.map_or("what the reference holds", |kind| self.kind(kind));
                let now = share(*now);
                (": ", format!("{now} of values cannot be read as {kind}"))
            }
            Fault::Infinite { share } => (": ", compared(*share, "infinite values")),
            Fault::Unit { change } => (" ", say_unit(change.as_ref())),
            Fault::ImplausibleTime { share } => {
                (": ", compared(*share, "of times far in the past or future"))
            }
            Fault::WholeHours { share } => {
                let asked = match share.current > share.reference {
                    true => "was the time of day cut off?",
                    false => "was a time of day added?",
                };
                let body = compared(*share, "of times at a whole hour");
                (": ", format!("{body}: {asked}"))
            }
            Fault::OtherValues(found) => (": ", say_other_values(found)),
            Fault::Other {
                check,
                share: sides,
                limit,
            } => {
                let limit =
                    limit.map_or_else(String::new, |limit| format!(" (limit {})", share(limit)));
                let (own, now) = shares(sides.reference, sides.current);
                let check = self.entry(check);
                let body = format!("{check} {now}, {own} in the reference{limit}");
                (": ", body)
            }
        }
    }

    /// What a measure of fairness found, after "between the groups of".
    pub(super) fn say_disparity(
        &self,
        measure: &str,
        current: &Measure,
        limit: Option<f64>,
        groups: Option<(&str, &str)>,
    ) -> String {
        let numbers = estimate(current, None);
        let differ = |rates: &str| format!("{rates} differ by {}", numbers.value);
        let ratio =
            |rate: &str| format!("the lowest {rate} is {} times the highest", numbers.value);
        let mut notes = Vec::new();
        let body = match measure {
            "demographic_parity_difference" => differ("the shares of positive decisions"),
            "equal_opportunity_difference" => differ("the true positive rates"),
            "equalized_odds_difference" => differ("the true or false positive rates"),
            "predictive_parity_difference" => differ("the precisions"),
            "demographic_parity_ratio" => ratio("share of positive decisions"),
            "equalized_odds_ratio" => ratio("true or false positive rate"),
            "disparate_impact" => format!(
                "one has {} times another's share of positive decisions",
                numbers.value
            ),
            other => {
                notes.extend(limit.map(|limit| format!("limit {}", value(limit))));
                format!("{} is {}", self.entry(other), numbers.value)
            }
        };
        notes.extend(
            numbers
                .interval
                .map(|interval| format!("95 % interval {interval}")),
        );
        notes.extend(groups.map(|(least, greatest)| self.groups(least, greatest).marked()));
        match notes.is_empty() {
            true => body,
            false => format!("{body} ({})", notes.join("; ")),
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
            false => format!("{before}{}", names.join(", ")),
        };
        let now = share(current.value);
        match id {
            "duplicate_rows" => format!("{now} of rows are copies of another"),
            "duplicate_ids" => format!("{now} of rows have an id that another row has, too"),
            "schema_change" => format!("columns came, went or changed{}", named(": ")),
            "swapped_columns" => format!("columns look swapped{}", named(": ")),
            "target_leakage" => format!("columns give the target away{}", named(": ")),
            "domain_classifier" => {
                let measured = estimate(current, None).value;
                let named = named(", most by ");
                format!(
                    "a classifier tells whole rows from those of the reference with ROC AUC \
                     {measured}{named}"
                )
            }
            "text_domain_classifier" => {
                let measured = estimate(current, None).value;
                format!(
                    "a classifier tells texts from those of the reference with ROC AUC {measured}"
                )
            }
            "correlation_break" => match &names[..] {
                [first, second] => {
                    let by = value(current.value);
                    format!("the correlation of {first} and {second} changed by {by}")
                }
                _ => format!(
                    "correlations between columns changed, by up to {}{}",
                    value(current.value),
                    named(": ")
                ),
            },
            "isolation_forest" | "ecod" | "mahalanobis" => {
                let (name, named) = (self.entry(id), named(", most by "));
                format!("{now} of rows are unlike those of the reference ({name}){named}")
            }
            other => {
                let limit =
                    limit.map_or_else(String::new, |limit| format!(" (limit {})", value(limit)));
                let (name, named) = (self.entry(other), named(": "));
                format!("{name} {}{limit}{named}", value(current.value))
            }
        }
    }
}

/// `31 % missing, 2 % in the reference`.
fn compared(sides: Sides<f64>, what: &str) -> String {
    let (own, now) = shares(sides.reference, sides.current);
    format!("{now} {what}, {own} in the reference")
}

fn say_unseen(now: f64, examples: &[String]) -> String {
    let examples: Vec<String> = examples.iter().map(|text| name(text)).collect();
    let list = if examples.is_empty() { "" } else { ": " };
    format!(
        "{} of rows have a category the reference never had{list}{}",
        share(now),
        examples.join(", ")
    )
}

fn say_other_values(found: &OtherValues<'_>) -> String {
    let of = found.n_entities.map_or_else(
        || "entities".to_owned(),
        |n| format!("{} entities", count(n)),
    );
    let mut notes = Vec::new();
    let (n_before, n_now) = found.n_missing;
    if n_before > 0 {
        notes.push(format!("{} had none there", count(n_before)));
    }
    if n_now > 0 {
        notes.push(format!("{} have none now", count(n_now)));
    }
    notes.extend(found.greatest.map(|by| format!("by up to {}", value(by))));
    notes.extend(found.example.map(say_example));
    let notes = match notes.is_empty() {
        true => String::new(),
        false => format!(" ({})", notes.join("; ")),
    };
    let now = share(found.share);
    format!("{now} of {of} have another value than in the reference{notes}")
}

fn say_example(one: &EntityExample) -> String {
    let text = |value: &Option<String>| value.as_ref().map_or("null".to_owned(), |own| name(own));
    let (own, now) = (text(&one.reference), text(&one.current));
    format!("such as {own} → {now} for {}", name(&one.key))
}

fn say_unit(change: Option<&UnitChange>) -> String {
    let Some(change) = change else {
        return "is in another unit than the reference".to_owned();
    };
    if change.factor < 0.0 {
        return "holds the values of the reference with the opposite sign".to_owned();
    }
    if let Some((from, to)) = change.name.split_once("_to_") {
        return format!("looks converted from {from} to {to}: a change of unit?");
    }
    let factor = match change.factor {
        factor if factor < 1.0 => format!("1/{} of", value((1.0 / factor).round())),
        factor => format!("{} times", value(factor)),
    };
    format!("holds values about {factor} those of the reference: a change of unit?")
}
