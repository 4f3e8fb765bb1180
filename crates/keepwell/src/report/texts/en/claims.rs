//! What findings say, in English.

use keepwell_core::measure::Measure;
use keepwell_core::schema::Role;
use keepwell_monitor::report::Why;

use super::super::Texts;
use super::super::claim::{
    Because, BecauseColumns, Change, Claim, Column, Distance, MetricName, SeriesName,
};
use super::super::number::{self, count, estimate, pair, relative, share, shares, value};
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
                    ", provisional: targets of {} of {} rows",
                    count(*targets),
                    count(*rows)
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
                subject: format!("between the groups of {}", name(column)),
                joint: " ",
                body: self.say_disparity(measure, current, *limit, *groups),
            },
            Claim::Series(series) => {
                let column = match &series.of {
                    SeriesName::Fault { column, .. } => Some(subject(*column)),
                    SeriesName::Metric(_) => None,
                };
                Said {
                    joint: if column.is_some() { ": " } else { "" },
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
        let mut text = self.metric(metric).marked();
        let numbers = estimate(current, reference);
        let verb = match reference {
            Some(own) if own < current.value => "rose",
            _ => "fell",
        };
        let by = reference
            .filter(|_| is_relative)
            .and_then(|own| relative(own, current.value))
            .map_or_else(String::new, |by| format!(" by {by},"));
        text.push_str(&match numbers.reference {
            Some(own) => format!(" {verb}{by} from {own} to {}", numbers.value),
            None => format!(" is {}", numbers.value),
        });
        if let Some(interval) = numbers.interval {
            text.push_str(&format!(" (95 % interval {interval})"));
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
}

/// Where a change of a metric lies.
fn say_because(because: &Because<'_>) -> String {
    let segment = because.segment.as_ref().map_or_else(String::new, say_why);
    let columns = match &because.columns {
        None => String::new(),
        Some(BecauseColumns::Unexplained) => "; shifts of the columns do not explain it".to_owned(),
        Some(BecauseColumns::Shifted { names, share: part }) => {
            let names: Vec<String> = names.iter().map(|column| name(column)).collect();
            let most = match &names[..] {
                [] => String::new(),
                [one] => format!(", above all of {one},"),
                [first @ .., last] => format!(", above all of {} and {last},", first.join(", ")),
            };
            match part {
                part if *part > 1.0 => {
                    format!("; shifts of the columns{most} would explain more than all of it")
                }
                part => format!(
                    "; shifts of the columns{most} explain {} of it",
                    share(*part)
                ),
            }
        }
    };
    segment + &columns
}

fn say_why(why: &Why<'_>) -> String {
    let segment = name(&format!("{}={}", why.column, why.value));
    match why.share {
        part if part > 1.0 => format!("; all of it and more comes from {segment}"),
        part => format!("; {} of it comes from {segment}", share(part)),
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
