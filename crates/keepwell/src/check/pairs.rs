//! Values of the same entities on both sides: what was served, against what is stored.

use keepwell_core::schema::Role;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{Group, KeyCounts, PairExample, PairRequest, TwoTables};
use keepwell_monitor::evaluation::{Evaluation, PairedEvidence, pair_digits};
use keepwell_monitor::finding::EntityExample;
use keepwell_monitor::note::{Note, Pairing, Unpaired};

use super::input::{Input, Sides};
use super::passes::scope;
use super::plan::{Plan, has_column};
use crate::failure::Failure;

/// Values of the same entities, by column.
pub struct Pairs {
    /// Entities on both sides.
    pub entities: u64,
    /// Columns that were compared.
    pub columns: Vec<PairedEvidence>,
}

impl Pairs {
    /// Adds the rows of the columns, over all current windows together.
    pub fn evaluate(&self, plan: &Plan, evaluation: &mut Evaluation) {
        let mut whole = scope(plan, 0, &Group::All, None);
        if let Some((first, last)) = plan.current_range {
            whole.window = Some(Window {
                start: first,
                end: Timestamp(last.0.saturating_add(1)),
            });
        }
        evaluation.pairs(&whole, self.entities, &self.columns);
    }
}

/// Pairs the rows of both sides by the key of the specification, and compares every column that both have but the
/// targets; `None` where there is no key.
///
/// # Errors
/// If the sides are no two tables, the key does not exist in both, or a file is damaged.
pub async fn find(input: &Input, plan: &mut Plan) -> Result<Option<Pairs>, Failure> {
    let key = &input.spec.columns.key;
    if key.is_empty() {
        return Ok(None);
    }
    let Sides::Two { reference, current } = &input.sides else {
        return Err(Failure::usage(
            "keepwell.usage.pairs",
            "expected two tables to pair rows by a key; found one that is parted by time",
            Some(
                "give the offline values by `--reference FILES` and the served ones by `--current FILES`",
            ),
        ));
    };
    let infos = plan.columns.iter().filter(|info| {
        info.role != Role::Target
            && !key.contains(&info.name)
            && has_column(reference, &info.name)
            && has_column(current, &info.name)
    });
    let roles: Vec<(String, Role)> = infos.map(|info| (info.name.clone(), info.role)).collect();
    let request = PairRequest {
        key: key.clone(),
        columns: roles.iter().map(|(name, _)| name.clone()).collect(),
        digits: pair_digits(&plan.monitors),
    };
    let tables = TwoTables {
        offline: reference,
        served: current,
    };
    let paired = input.session.paired(tables, &request).await?;
    plan.notes.push(Note::Paired(Pairing {
        key: key.clone(),
        entities: paired.entities,
        one_in: paired.one_in,
        reference: unpaired(paired.offline),
        current: unpaired(paired.served),
    }));
    if !paired.not_comparable.is_empty() {
        plan.notes.push(Note::NotPaired {
            columns: paired.not_comparable,
        });
    }
    let columns = paired.columns.into_iter().map(|own| {
        let role = roles.iter().find(|(name, _)| *name == own.column.name);
        PairedEvidence {
            role: role.map_or(Role::Feature, |(_, role)| *role),
            column: own.column,
            examples: own
                .examples
                .into_iter()
                .map(|one| example(key, one))
                .collect(),
        }
    });
    Ok(Some(Pairs {
        entities: paired.entities,
        columns: columns.collect(),
    }))
}

fn unpaired(counts: KeyCounts) -> Unpaired {
    Unpaired {
        alone: counts.unmatched,
        repeated: counts.repeated,
        without_key: counts.without_key,
    }
}

fn example(key: &[String], found: PairExample) -> EntityExample {
    let named: Vec<String> = key
        .iter()
        .zip(&found.key)
        .map(|(column, value)| format!("{column}={value}"))
        .collect();
    EntityExample {
        key: named.join(", "),
        reference: found.offline,
        current: found.served,
    }
}
