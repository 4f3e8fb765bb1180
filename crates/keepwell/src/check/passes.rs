//! Runs the engine over the columns and fills the evaluation.
//!
//! A few columns at a time, over all windows and both sides, so that memory stays bounded; then the
//! outcomes: over all rows, per segment value and per version.

use std::sync::Arc;

use keepwell_core::schema::Kind;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{Group, GroupBy};
use keepwell_monitor::evaluation::{Evaluated, Evaluation, SegmentOutcomes};
use keepwell_monitor::report::SegmentValues;
use keepwell_monitor::row::{Scope, Segment};
use keepwell_stats::profile::outcome::rankings::Background;
use keepwell_stats::profile::{ColumnProfile, OutcomeConfig, OutcomeProfile, TwoSample};

use super::background;
use super::copies::Copies;
use super::groups::GroupCells;
use super::input::{Input, Sides};
use super::output::Progress;
use super::pairs::Pairs;
use super::pass::Pass;
use super::plan::{Plan, Rows, files, has_column};
use super::rows::{SampledRows, Tables};
use super::samples::{Choice, Samples};
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
    let groups = Pass::default().run(input, plan).await?.groups;
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
    pairs: Option<&Pairs>,
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
    let rows = match plan.columns[..] {
        [] => None,
        _ => columns(input, plan, &mut evaluation, progress).await?,
    };
    if let Some(pairs) = pairs {
        pairs.evaluate(plan, &mut evaluation);
    }
    if plan.outcomes.is_some() {
        outcomes(input, plan, &mut evaluation, progress).await?;
    }
    if let Some(rows) = rows {
        rows.explain(&mut evaluation);
    }
    Ok(evaluation.finish())
}

/// Compares the columns one by one, then the tables, and gives the sampled rows for what needs the outcomes, too.
async fn columns<'a>(
    input: &'a Input,
    plan: &'a Plan,
    evaluation: &mut Evaluation,
    progress: &Progress,
) -> Result<Option<SampledRows<'a>>, Failure> {
    let wanted: Vec<(String, Kind)> = plan
        .columns
        .iter()
        .map(|column| (column.name.clone(), column.kind))
        .collect();
    let rows = match &input.sides {
        Sides::Two { reference, current } => reference.rows + current.rows,
        Sides::One { events, .. } => events.rows,
    };
    let choice = Choice::of(input, plan).await?;
    let mut samples = Vec::new();
    let mut tables = Tables::default();
    for chunk in input.session.column_chunks(rows, &wanted) {
        let infos = &plan.columns[chunk];
        let pass = Pass {
            columns: infos,
            choice: choice.as_ref(),
            ..Pass::default()
        };
        let passed = pass.run(input, plan).await?;
        samples.push(passed.samples);
        for group in &passed.groups {
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
                tables.push(input, info, reference, &windows);
                evaluation.picture(info, reference, &windows);
                progress.column(&info.name);
            }
        }
    }
    if plan.columns.is_empty() {
        return Ok(None);
    }
    if let Some(copies) = Copies::count(input, plan).await? {
        tables.add_copies(&copies);
    }
    let samples = Samples::join(input, plan, samples)?;
    let rows = samples.map(|samples| SampledRows::new(input, plan, samples));
    if let Some(rows) = &rows {
        tables.add_samples(rows);
    }
    tables.compare(plan, rows.as_ref(), evaluation);
    if let Some(rows) = &rows {
        rows.compare(evaluation);
    }
    Ok(rows)
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
    let (mut overall, mut first) = all_rows(input, plan, config).await?;
    progress.outcomes("all rows");
    let background = overall
        .first()
        .and_then(|group| plan.known.background(group.reference.outcomes.as_ref()?));
    if let Some(background) = &background {
        background::add(&mut overall, background);
    }
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
        let groups = match first.take() {
            Some(groups) => groups,
            None => {
                let pass = Pass {
                    group_by: Some(&segment_groups(segment)),
                    ..Pass::default()
                };
                outcome_groups(input, plan, pass, background.as_ref()).await?
            }
        };
        segment_outcomes(input, plan, evaluation, segment, groups);
        progress.outcomes(&segment.column);
    }
    if let (Some(column), false) = (&input.roles.version, plan.versions.is_empty()) {
        let group_by = GroupBy {
            column: column.clone(),
            values: plan.versions.clone(),
        };
        let pass = Pass {
            group_by: Some(&group_by),
            ..Pass::default()
        };
        let groups = outcome_groups(input, plan, pass, background.as_ref()).await?;
        // A new version has no past of its own: it is held against the reference as a whole.
        for group in groups.iter().filter(|group| group.group != Group::Other) {
            add_outcomes(plan, evaluation, group, &whole, None);
        }
        progress.outcomes(column);
    }
    Ok(())
}

/// The outcomes of all rows, and, where those are joined from the values of the first segment, these.
async fn all_rows(
    input: &Input,
    plan: &Plan,
    config: &OutcomeConfig,
) -> Result<(Vec<GroupCells>, Option<Vec<GroupCells>>), Failure> {
    match plan.segments.first() {
        Some(segment) if is_sum_of(input, config, segment) => {
            let pass = Pass {
                group_by: Some(&segment_groups(segment)),
                with_all: true,
                ..Pass::default()
            };
            let mut groups = outcome_groups(input, plan, pass, None).await?;
            let all = groups.pop().into_iter().collect();
            Ok((all, Some(groups)))
        }
        _ => {
            let all = outcome_groups(input, plan, Pass::default(), None).await?;
            Ok((all, None))
        }
    }
}

/// The outcomes of both sides for each group of rows, lists with their background.
async fn outcome_groups(
    input: &Input,
    plan: &Plan,
    pass: Pass<'_>,
    background: Option<&Arc<Background>>,
) -> Result<Vec<GroupCells>, Failure> {
    let pass = Pass {
        with_outcomes: true,
        ..pass
    };
    let mut groups = pass.run(input, plan).await?.groups;
    if let Some(background) = background {
        background::add(&mut groups, background);
    }
    Ok(groups)
}

fn segment_groups(segment: &SegmentValues) -> GroupBy {
    GroupBy {
        column: segment.column.clone(),
        values: segment.values.clone(),
    }
}

/// Whether the outcomes of all rows are those of the values of a segment together. A ranking has rows of several
/// values.
fn is_sum_of(input: &Input, config: &OutcomeConfig, segment: &SegmentValues) -> bool {
    matches!(config, OutcomeConfig::Classes(_))
        && has_column(input.sides.reference(), &segment.column)
        && has_column(input.sides.current(), &segment.column)
}

/// The outcomes of each value of a segment column, and, where these are protected groups, their comparison.
fn segment_outcomes(
    input: &Input,
    plan: &Plan,
    evaluation: &mut Evaluation,
    segment: &SegmentValues,
    mut groups: Vec<GroupCells>,
) {
    let Some(config) = &plan.outcomes else {
        return;
    };
    let empty = || OutcomeProfile::new(config);
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
        return;
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
    // A version that did not serve in a window has no result there, not an undefined one.
    let is_version = segment_column.is_none() && group.group != Group::All;
    let currents: Vec<(Scope, &OutcomeProfile)> = group
        .currents
        .iter()
        .enumerate()
        .filter(|(_, cell)| !(is_version && cell.rows == 0))
        .filter_map(|(idx, cell)| {
            let scope = scope(plan, idx, &group.group, segment_column);
            Some((scope, cell.outcomes.as_ref()?))
        })
        .collect();
    evaluation.outcomes(reference, group.outcome_history.as_ref(), &currents);
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
