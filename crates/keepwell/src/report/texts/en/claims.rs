//! What findings say, in English.

use keepwell_core::measure::Measure;
use keepwell_core::schema::Role;

use super::super::Texts;
use super::super::claim::{Change, Claim, Column, Distance, Fault, MetricName};
use super::super::number::{self, count, estimate, pair, range, share, shares, value};
use super::super::phrase::name;
use super::English;

/// A sentence in parts, so that its subject can be left out where it is known.
struct Said {
    subject: String,
    /// What joins the two where both are said.
    joint: &'static str,
    body: String,
}

impl English {
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
                ", provisional: targets of {} of {} rows",
                count(targets),
                count(rows)
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
                let word = if *is_mean { "mean" } else { "median" };
                verb(format!("moved: {word} {from} → {to} ({measured})"))
            }
            Change::Spread { median } => verb(format!(
                "changed shape around the same median {} ({measured})",
                value(*median)
            )),
            Change::Category {
                name: category,
                share,
            } => {
                let (from, to) = shares(share.reference, share.current);
                let named = name(column.name);
                let subject = match column.role {
                    Role::Target => format!("the base rate of target {named} moved"),
                    Role::Prediction | Role::Score => format!("the predictions {named} moved"),
                    _ => named,
                };
                Said {
                    subject,
                    joint: ": ",
                    body: format!("share of {} {from} → {to} ({measured})", name(category)),
                }
            }
            Change::Unknown => verb(format!("drifted ({measured})")),
        }
    }

    fn say_fault(&self, column: Column<'_>, fault: &Fault<'_>) -> Said {
        let (joint, body) = match fault {
            Fault::Missing { share } => {
                let (own, now) = shares(share.reference, share.current);
                (": ", format!("{now} missing, {own} in the reference"))
            }
            Fault::Unseen {
                share: now,
                examples,
            } => {
                let examples: Vec<String> = examples.iter().map(|text| name(text)).collect();
                let list = if examples.is_empty() { "" } else { ": " };
                let body = format!(
                    "{} of rows have a category the reference never had{list}{}",
                    share(*now),
                    examples.join(", ")
                );
                (": ", body)
            }
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
            Fault::Other { check, share } => {
                let (own, now) = shares(share.reference, share.current);
                let check = self.entry(check);
                (": ", format!("{check} {now}, {own} in the reference"))
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
        Role::Target => format!("target {named}"),
        Role::Prediction => format!("predictions {named}"),
        Role::Score => format!("scores {named}"),
        _ => named,
    }
}
