//! What findings say, in English.

use keepwell_core::measure::Measure;
use keepwell_core::schema::Role;

use super::super::Texts;
use super::super::claim::{Change, Claim, Column, Distance, Fault, MetricName};
use super::super::number::{count, estimate, pair, range, share, shares, value};
use super::super::phrase::name;
use super::English;

impl English {
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
            Some(own) if is_rise => format!(" rose from {own} to {}", numbers.value),
            Some(own) => format!(" fell from {own} to {}", numbers.value),
            None => format!(" is {}", numbers.value),
        });
        if let Some(interval) = numbers.interval {
            text.push_str(&format!(" (95 % interval {interval})"));
        }
        if let Some((targets, rows)) = provisional {
            text.push_str(&format!(
                ", provisional: {} of {} rows have a target",
                count(targets),
                count(rows)
            ));
        }
        text
    }

    fn say_drift(&self, column: Column<'_>, distance: &Distance<'_>, change: &Change) -> String {
        let measured = format!("{} {}", self.entry(distance.test), value(distance.value));
        match change {
            Change::Middle { is_mean, middle } => {
                let (from, to) = pair(middle.reference, middle.current);
                let word = if *is_mean { "mean" } else { "median" };
                format!(
                    "{} moved: {word} {from} → {to} ({measured})",
                    subject(column)
                )
            }
            Change::Spread { median } => format!(
                "{} changed shape around the same median {} ({measured})",
                subject(column),
                value(*median)
            ),
            Change::Category {
                name: category,
                share,
            } => {
                let (from, to) = shares(share.reference, share.current);
                let moved = format!("{from} → {to} ({measured})");
                let (named, category) = (name(column.name), name(category));
                match column.role {
                    Role::Target => {
                        format!(
                            "the base rate moved: share of {category} in target {named} {moved}"
                        )
                    }
                    Role::Prediction | Role::Score => {
                        format!("the predictions moved: share of {category} in {named} {moved}")
                    }
                    _ => format!("{named}: share of {category} {moved}"),
                }
            }
            Change::Unknown => format!("{} drifted ({measured})", subject(column)),
        }
    }

    fn say_fault(&self, column: Column<'_>, fault: &Fault<'_>) -> String {
        let subject = subject(column);
        match fault {
            Fault::Missing { share } => {
                let (own, now) = shares(share.reference, share.current);
                format!("{subject}: {now} missing, {own} in the reference")
            }
            Fault::Unseen {
                share: now,
                examples,
            } => {
                let examples: Vec<String> = examples.iter().map(|text| name(text)).collect();
                let list = if examples.is_empty() { "" } else { ": " };
                format!(
                    "{subject}: {} of rows have a category the reference never had{list}{}",
                    share(*now),
                    examples.join(", ")
                )
            }
            Fault::OutOfRange { share: now, ranges } => {
                let ranges = ranges.map_or_else(String::new, |ranges| {
                    format!(
                        " {} (now {})",
                        range(ranges.reference.0, ranges.reference.1),
                        range(ranges.current.0, ranges.current.1)
                    )
                });
                format!(
                    "{subject}: {} outside the reference's range{ranges}",
                    share(*now)
                )
            }
            Fault::Constant { value: Some(value) } => {
                format!("{subject} is constant at {}", name(value))
            }
            Fault::Constant { value: None } => format!("{subject} is constant"),
            Fault::NoLongerConstant => {
                format!("{subject} was constant in the reference and now varies")
            }
            Fault::TypeChange { kinds: Some(kinds) } => format!(
                "{subject} changed type: {} → {}",
                self.kind(kinds.reference),
                self.kind(kinds.current)
            ),
            Fault::TypeChange { kinds: None } => format!("{subject} changed type"),
            Fault::Other { check, share } => {
                let (own, now) = shares(share.reference, share.current);
                format!(
                    "{subject}: {} {now}, {own} in the reference",
                    self.entry(check)
                )
            }
        }
    }
}

fn subject(column: Column<'_>) -> String {
    let named = name(column.name);
    match column.role {
        Role::Target => format!("target {named}"),
        Role::Prediction => format!("predictions {named}"),
        Role::Score => format!("scores {named}"),
        _ => named,
    }
}
