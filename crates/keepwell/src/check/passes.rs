//! Runs the engine over the columns and fills the evaluation.
//!
//! A few columns at a time, over all windows and both sides, so that memory stays bounded; then the
//! outcomes: over all rows, per segment value and per version.

use keepwell_core::schema::Kind;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{Group, GroupBy, OutcomeColumns, Request, Table, TimeSlices};
use keepwell_monitor::evaluation::{ColumnInfo, Evaluated, Evaluation, SegmentOutcomes};
use keepwell_monitor::report::SegmentValues;
use keepwell_monitor::row::{Scope, Segment};
use keepwell_stats::profile::{ColumnProfile, OutcomeProfile, TwoSample};

use super::groups::{GroupCells, Groups, complete};
use super::input::{Input, Sides};
use super::output::Progress;
use super::plan::{Plan, Rows, files, has_column};
use super::rows::{self, Tables};
use crate::failure::Failure;

/// Counts the rows of both sides.
///
/// # Errors
/// If a side has none: nothing can be compared.
pub async fn count_rows(input: &Input, plan: &mut Plan) -> Result<Rows, Failure> {
    let mut rows = count(input, plan).await?;
    // Rows without a time belong to the reference all the same, so it is not cut.
    if rows.reference < input.sides.reference().rows
        && matches!(input.sides, Sides::Two { .. })
        && plan.past.take().is_some()
    {
        rows = count(input, plan).await?;
    }
    let (side, table) = match (rows.reference, rows.current) {
        (0, _) => ("reference", input.sides.reference()),
        (_, 0) => ("current", input.sides.current()),
        _ => return Ok(rows),
    };
    Err(Failure::usage(
        &format!("keepwell.{side}.no_rows"),
        format!(
            "expected {side} events with at least one row in {}; found none",
            files(table).join(", ")
        ),
        Some(match &input.sides {
            Sides::One { .. } => "choose `--until` so that events lie before it and from it on",
            Sides::Two { .. } => "give files that hold rows",
        }),
    ))
}

async fn count(input: &Input, plan: &Plan) -> Result<Rows, Failure> {
    let all = match &input.sides {
        Sides::Two { reference, current } => reference.rows + current.rows,
        Sides::One { events, .. } => events.rows,
    };
    let groups = profile(input, plan, &[], None, false).await?;
    let reference = groups.iter().map(|group| group.reference.rows).sum();
    let currents = groups.iter().flat_map(|group| &group.currents);
    let current = currents.map(|cell| cell.rows).sum();
    Ok(Rows {
        reference,
        current,
        // The windows cover all of the time that there is.
        without_time: all.saturating_sub(reference + current),
    })
}

/// Computes everything in the plan.
pub async fn evaluate(
    input: &Input,
    plan: &Plan,
    progress: &Progress,
) -> Result<Evaluated, Failure> {
    let mut evaluation = Evaluation::new(plan.rule)
        .with_monitors(plan.monitors.clone())
        .with_maturity(plan.mature_until(input));
    let groupings = 1 + plan.segments.len() + usize::from(!plan.versions.is_empty());
    progress.start(
        plan.columns.len(),
        plan.outcomes.as_ref().map_or(0, |_| groupings),
    );
    columns(input, plan, &mut evaluation, progress).await?;
    rows::together(input, plan, &mut evaluation).await?;
    if plan.outcomes.is_some() {
        outcomes(input, plan, &mut evaluation, progress).await?;
    }
    Ok(evaluation.finish())
}

async fn columns(
    input: &Input,
    plan: &Plan,
    evaluation: &mut Evaluation,
    progress: &Progress,
) -> Result<(), Failure> {
    let wanted: Vec<(String, Kind)> = plan
        .columns
        .iter()
        .map(|column| (column.name.clone(), column.kind))
        .collect();
    let rows = match &input.sides {
        Sides::Two { reference, current } => reference.rows + current.rows,
        Sides::One { events, .. } => events.rows,
    };
    let mut tables = Tables::default();
    for chunk in input.session.column_chunks(rows, &wanted) {
        let infos = &plan.columns[chunk];
        let groups = profile(input, plan, infos, None, false).await?;
        for group in &groups {
            for (position, info) in infos.iter().enumerate() {
                let reference = &group.reference.columns[position];
                let windows: Vec<&ColumnProfile> = group
                    .currents
                    .iter()
                    .map(|cell| &cell.columns[position])
                    .collect();
                let currents: Vec<(Scope, &ColumnProfile)> = windows
                    .iter()
                    .enumerate()
                    .map(|(idx, current)| (scope(plan, idx, &Group::All, None), *current))
                    .collect();
                let history = group.histories.get(position).and_then(Option::as_ref);
                evaluation.column(info, reference, history, &currents);
                if let [current] = windows[..] {
                    tables.push(info, reference, current);
                }
                evaluation.picture(info, reference, &windows);
                progress.column(&info.name);
            }
        }
    }
    if let Some((reference, current)) = tables.finish(input) {
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        evaluation.table(&scope(plan, 0, &Group::All, None), sample);
    }
    Ok(())
}

async fn outcomes(
    input: &Input,
    plan: &Plan,
    evaluation: &mut Evaluation,
    progress: &Progress,
) -> Result<(), Failure> {
    let Some(config) = &plan.outcomes else {
        return Ok(());
    };
    let empty = || OutcomeProfile::new(config);
    let overall = profile(input, plan, &[], None, true).await?;
    progress.outcomes("all rows");
    let whole = overall
        .first()
        .and_then(|group| group.reference.outcomes.clone())
        .unwrap_or_else(empty);
    evaluation.reference_outcomes(&reference_scope(plan, &Group::All, None), &whole);
    for group in &overall {
        add_outcomes(plan, evaluation, group, &whole, None);
    }
    for group in &overall {
        add_estimates(plan, evaluation, group, &whole);
    }
    for segment in &plan.segments {
        segment_outcomes(input, plan, evaluation, segment).await?;
        progress.outcomes(&segment.column);
    }
    if let (Some(column), false) = (&input.roles.version, plan.versions.is_empty()) {
        let group_by = GroupBy {
            column: column.clone(),
            values: plan.versions.clone(),
        };
        for group in profile(input, plan, &[], Some(&group_by), true).await? {
            if group.group == Group::Other {
                continue;
            }
            // A new version has no past of its own: it is held against the reference as a whole.
            add_outcomes(plan, evaluation, &group, &whole, None);
        }
        progress.outcomes(column);
    }
    Ok(())
}

/// The outcomes of each value of a segment column, and, where these are protected groups, their comparison.
async fn segment_outcomes(
    input: &Input,
    plan: &Plan,
    evaluation: &mut Evaluation,
    segment: &SegmentValues,
) -> Result<(), Failure> {
    let Some(config) = &plan.outcomes else {
        return Ok(());
    };
    let empty = || OutcomeProfile::new(config);
    let group_by = GroupBy {
        column: segment.column.clone(),
        values: segment.values.clone(),
    };
    let mut groups = profile(input, plan, &[], Some(&group_by), true).await?;
    attribute(plan, evaluation, &segment.column, &groups);
    // "Other" stands for the rarer values; rows without a value are no segment.
    groups.retain(|group| group.group != Group::Other || segment.n_other > 0);
    let references: Vec<OutcomeProfile> = groups
        .iter()
        .map(|group| group.reference.outcomes.clone().unwrap_or_else(empty))
        .collect();
    for (group, reference) in groups.iter().zip(&references) {
        let scope = reference_scope(plan, &group.group, Some(&segment.column));
        evaluation.reference_outcomes(&scope, reference);
        add_outcomes(plan, evaluation, group, reference, Some(&segment.column));
    }
    if !input.roles.protected.contains(&segment.column) {
        return Ok(());
    }
    let named = |groups: &[GroupCells]| -> Vec<Option<String>> {
        let name = |group: &GroupCells| match &group.group {
            Group::Value(value) => Some(value.clone()),
            // What is rare together is no group that anybody belongs to.
            Group::All | Group::Other => None,
        };
        groups.iter().map(name).collect()
    };
    let names = named(&groups);
    let of_reference: Vec<(String, &OutcomeProfile)> = names
        .iter()
        .zip(&references)
        .filter_map(|(name, outcomes)| Some((name.clone()?, outcomes)))
        .collect();
    for idx in 0..plan.windows.len().max(1) {
        let current: Vec<(String, &OutcomeProfile)> = names
            .iter()
            .zip(&groups)
            .filter_map(|(name, group)| {
                Some((name.clone()?, group.currents.get(idx)?.outcomes.as_ref()?))
            })
            .collect();
        let scope = scope(plan, idx, &Group::All, None);
        evaluation.groups(&scope, &segment.column, &of_reference, &current);
    }
    Ok(())
}

/// Divides the changes of the metrics among the values of a segment column.
fn attribute(plan: &Plan, evaluation: &mut Evaluation, column: &str, groups: &[GroupCells]) {
    for idx in 0..plan.windows.len().max(1) {
        let segments: Vec<SegmentOutcomes<'_>> = groups
            .iter()
            .filter_map(|group| {
                Some(SegmentOutcomes {
                    value: match &group.group {
                        Group::Value(value) => Some(value.clone()),
                        Group::All | Group::Other => None,
                    },
                    reference: group.reference.outcomes.as_ref()?,
                    current: group.currents.get(idx)?.outcomes.as_ref()?,
                })
            })
            .collect();
        evaluation.attribute(&scope(plan, idx, &Group::All, None), column, &segments);
    }
}

/// Estimates the metrics of windows whose targets have not all come.
fn add_estimates(
    plan: &Plan,
    evaluation: &mut Evaluation,
    group: &GroupCells,
    reference: &OutcomeProfile,
) {
    let Some(reference) = reference.classes() else {
        return;
    };
    if reference.config().scored_classes.is_empty() {
        return;
    }
    for (idx, cell) in group.currents.iter().enumerate() {
        let Some(current) = cell.outcomes.as_ref().and_then(OutcomeProfile::classes) else {
            continue;
        };
        if current.rows() > 0 && current.targets() < current.rows() {
            let scope = scope(plan, idx, &group.group, None);
            evaluation.estimates(&scope, TwoSample { reference, current });
        }
    }
}

fn add_outcomes(
    plan: &Plan,
    evaluation: &mut Evaluation,
    group: &GroupCells,
    reference: &OutcomeProfile,
    segment_column: Option<&str>,
) {
    if let Some(history) = &group.outcome_history {
        evaluation.outcome_history(history);
    }
    for (idx, cell) in group.currents.iter().enumerate() {
        // A version that did not serve in a window has no result there, not an undefined one.
        let is_version = segment_column.is_none() && group.group != Group::All;
        if is_version && cell.rows == 0 {
            continue;
        }
        if let Some(current) = &cell.outcomes {
            evaluation.outcomes(
                &scope(plan, idx, &group.group, segment_column),
                TwoSample { reference, current },
                group.outcome_history.as_ref(),
            );
        }
    }
}

/// Profiles of both sides for each group of rows.
async fn profile(
    input: &Input,
    plan: &Plan,
    columns: &[ColumnInfo],
    group_by: Option<&GroupBy>,
    with_outcomes: bool,
) -> Result<Vec<GroupCells>, Failure> {
    let request = |table: &Table, windows: Vec<Window>, is_current: bool| Request {
        columns: columns
            .iter()
            .filter(|column| has_column(table, &column.name))
            .map(|column| (column.name.clone(), kind_in(table, column, is_current)))
            .collect(),
        outcomes: (with_outcomes)
            .then(|| outcome_columns(input, plan, table))
            .flatten(),
        time: match (&input.roles.timestamp, windows.is_empty()) {
            (Some(column), false) => Some(TimeSlices {
                column: column.clone(),
                windows,
            }),
            _ => None,
        },
        group_by: group_by
            .filter(|group_by| has_column(table, &group_by.column))
            .cloned(),
        sample: None,
    };
    let mut groups = Groups::new(plan, input.mode);
    let past = plan.past.as_ref().map(|past| past.windows.clone());
    match &input.sides {
        Sides::One { events, .. } => {
            let mut windows = past.unwrap_or_else(|| plan.reference_window.into_iter().collect());
            let n_past = windows.len();
            windows.extend(&plan.windows);
            let request = request(events, windows, true);
            for cell in input.session.profile(events, &request).await?.cells {
                let cell = complete(cell, columns, &request, input.mode);
                match cell.window {
                    Some(window) if window < n_past => groups.reference(window, cell),
                    Some(window) => groups.current(window - n_past, cell),
                    None => groups.current(0, cell),
                }
            }
        }
        Sides::Two { reference, current } => {
            let of_reference = request(reference, past.unwrap_or_default(), false);
            for cell in input.session.profile(reference, &of_reference).await?.cells {
                let cell = complete(cell, columns, &of_reference, input.mode);
                groups.reference(cell.window.unwrap_or(0), cell);
            }
            let of_current = request(current, plan.windows.clone(), true);
            for cell in input.session.profile(current, &of_current).await?.cells {
                let cell = complete(cell, columns, &of_current, input.mode);
                groups.current(cell.window.unwrap_or(0), cell);
            }
        }
    }
    groups.finish(columns)
}

/// Outcome columns take the kind that the task gives them; others keep their own, so that a change of
/// type shows.
fn kind_in(table: &Table, column: &ColumnInfo, is_current: bool) -> Kind {
    let own = table
        .columns
        .iter()
        .find(|own| own.name == column.name)
        .map_or(column.kind, |own| own.kind);
    let is_class =
        column.kind == Kind::Categorical && column.role != keepwell_core::schema::Role::Feature;
    if is_current && !is_class {
        own
    } else {
        column.kind
    }
}

fn outcome_columns(input: &Input, plan: &Plan, table: &Table) -> Option<OutcomeColumns> {
    let config = plan.outcomes.clone()?;
    let known = |name: &Option<String>| name.clone().filter(|name| has_column(table, name));
    let scores: Vec<String> = input
        .roles
        .scores
        .iter()
        .map(|(_, column)| column.clone())
        .collect();
    let has_scores = scores.iter().all(|column| has_column(table, column));
    Some(OutcomeColumns {
        target: known(&input.roles.target),
        prediction: known(&input.roles.prediction),
        scores: if has_scores { scores } else { Vec::new() },
        query: known(&input.roles.query),
        item: known(&input.roles.item),
        config,
    })
}

pub fn scope(plan: &Plan, window: usize, group: &Group, segment_column: Option<&str>) -> Scope {
    let whole = plan.current_range.map(|(first, last)| Window {
        start: first,
        end: Timestamp(last.0.saturating_add(1)),
    });
    scoped(
        plan.windows.get(window).copied().or(whole),
        group,
        segment_column,
    )
}

fn reference_scope(plan: &Plan, group: &Group, segment_column: Option<&str>) -> Scope {
    let whole = plan.reference_range.map(|(first, last)| Window {
        start: first,
        end: last,
    });
    scoped(plan.reference_window.or(whole), group, segment_column)
}

/// A group is a segment where a segment column is named, and a version otherwise.
fn scoped(window: Option<Window>, group: &Group, segment_column: Option<&str>) -> Scope {
    let value = match group {
        Group::Value(value) => Some(value.clone()),
        Group::All | Group::Other => None,
    };
    match segment_column {
        Some(column) => Scope {
            window,
            version: None,
            segment: Some(Segment {
                column: column.to_owned(),
                value,
            }),
        },
        None => Scope {
            window,
            version: value,
            segment: None,
        },
    }
}
