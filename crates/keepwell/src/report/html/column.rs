//! Columns: their tests, worst first, and their distributions.

use std::collections::BTreeMap;

use keepwell_core::schema::{Kind, Role};
use keepwell_monitor::evaluation::ColumnPicture;
use keepwell_monitor::report::Report;
use keepwell_monitor::row::ResultKind;
use keepwell_monitor::shape::{Bins, Shape};
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::track::{Collected, Precision, Reasons, Rounded, Slots, Track, Values};
use super::view::{Parts, part_of};
use super::words::cut;

/// Most windows of a distribution; of more, the worst and evenly spread ones.
const PICTURES_MAX: usize = 32;
/// Parts of a whole in which shares are written.
const WHOLE: f64 = 10_000.0;

/// A column as the page reads it.
#[derive(Debug, Serialize)]
pub(super) struct ColumnView {
    #[serde(skip)]
    full_name: String,
    name: String,
    kind: &'static str,
    role: &'static str,
    tests: Vec<Test>,
    picture: Option<Picture>,
    heat: Vec<(usize, Values, String)>,
}

impl ColumnView {
    /// Whether this is the column of that name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.full_name == name
    }
}

/// A quality check or drift test.
#[derive(Debug, Serialize)]
struct Test {
    kind: &'static str,
    name: &'static str,
    limit: Option<Rounded>,
    #[serde(flatten)]
    track: Track,
}

#[derive(Debug, Serialize)]
struct Picture {
    bins: BinsView,
    own: Vec<u16>,
    slots: Vec<Option<Vec<u16>>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum BinsView {
    Edges(Vec<f64>),
    Names(Vec<String>),
}

/// A column with its rows, before anything is left out.
pub(super) struct Drawn<'a> {
    name: &'a str,
    kind: Kind,
    role: Role,
    shape: Option<&'a Shape>,
    tests: Vec<(ResultKind, &'static str, Collected<'a>)>,
    heat: BTreeMap<usize, Collected<'a>>,
    slots: Slots,
}

impl Drawn<'_> {
    /// Number of statistics.
    pub(super) fn n_statistics(&self) -> usize {
        self.tests.len()
    }

    /// Larger is worse: verdict, then size as a multiple of the limit. Of checks without a finding the size
    /// says nothing; a column may always have been constant.
    fn rank(&self) -> (u8, f64) {
        self.tests
            .iter()
            .fold((0, 0.0), |worst, (kind, _, rows)| match rows.worst() {
                (0, _) if *kind == ResultKind::Quality => worst,
                own => (worst.0.max(own.0), worst.1.max(own.1)),
            })
    }
}

/// Gathers the rows of each column, worst column first.
pub(super) fn collect<'a>(report: &'a Report, slots: &Slots, parts: &Parts<'_>) -> Vec<Drawn<'a>> {
    let mut columns: Vec<Drawn<'a>> = Vec::new();
    let mut index: BTreeMap<&'a str, usize> = BTreeMap::new();
    let mut add =
        |columns: &mut Vec<Drawn<'a>>, name: &'a str, picture: Option<&'a ColumnPicture>| {
            *index.entry(name).or_insert_with(|| {
                columns.push(Drawn {
                    name,
                    kind: picture.map_or(Kind::Unsupported, |picture| picture.column.kind),
                    role: picture.map_or(Role::Feature, |picture| picture.column.role),
                    shape: picture.and_then(|picture| picture.shape.as_ref()),
                    tests: Vec::new(),
                    heat: BTreeMap::new(),
                    slots: slots.clone(),
                });
                columns.len() - 1
            })
        };
    for picture in &report.pictures {
        add(&mut columns, &picture.column.name, Some(picture));
    }
    for row in &report.rows {
        let Some(name) = row.column.as_deref() else {
            continue;
        };
        if row.kind == ResultKind::Fairness {
            continue;
        }
        let (Some(&part), Some(slot)) = (
            parts.get(&part_of(&row.scope)),
            slots.position(row.scope.window),
        ) else {
            continue;
        };
        let idx = add(&mut columns, name, None);
        let column = &mut columns[idx];
        let rows = if part == 0 {
            let known = column
                .tests
                .iter()
                .position(|(kind, name, _)| (*kind, *name) == (row.kind, row.name));
            let at = known.unwrap_or_else(|| {
                column
                    .tests
                    .push((row.kind, row.name, Collected::new(slots)));
                column.tests.len() - 1
            });
            &mut column.tests[at].2
        } else if row.kind == ResultKind::Drift && row.threshold.is_some() {
            column
                .heat
                .entry(part)
                .or_insert_with(|| Collected::new(slots))
        } else {
            continue;
        };
        rows.put(slot, row);
    }
    for column in &mut columns {
        // The drift test that decides comes first, quality checks last.
        column
            .tests
            .sort_by_key(|(kind, _, rows)| (*kind == ResultKind::Quality, rows.limit().is_none()));
    }
    columns.sort_by(|left, right| {
        let (left, right) = (left.rank(), right.rank());
        right.0.cmp(&left.0).then(right.1.total_cmp(&left.1))
    });
    columns
}

/// Keeps as much of the columns as there is room for: of each column the statistics that decided; then, from
/// the worst on, distributions, further statistics, and drift by segment.
pub(super) fn within(
    columns: Vec<Drawn<'_>>,
    precision: Precision,
    reasons: &mut Reasons,
    budget: &mut Budget,
    omitted: &mut BTreeMap<&'static str, usize>,
) -> Vec<ColumnView> {
    let mut left_out: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut kept: Vec<(Drawn<'_>, ColumnView)> = Vec::new();
    for column in columns {
        let view = ColumnView {
            full_name: column.name.to_owned(),
            name: cut(column.name),
            kind: column.kind.id(),
            role: column.role.id(),
            tests: tests(&column, precision, reasons, is_brief),
            picture: None,
            heat: Vec::new(),
        };
        if budget.takes(&view, Reserve::COLUMNS) {
            kept.push((column, view));
        } else {
            *left_out.entry("columns").or_default() += 1;
        }
    }
    for (column, view) in &mut kept {
        if let Some(picture) = column.shape.map(|shape| picture(shape, column)) {
            let n_missing = picture.slots.iter().filter(|slot| slot.is_none()).count();
            if !budget.takes(&picture, Reserve::REST) {
                *left_out.entry("pictures").or_default() += 1;
            } else {
                *left_out.entry("pictures").or_default() +=
                    usize::from(n_missing > column_gaps(column));
                view.picture = Some(picture);
            }
        }
        let further = tests(column, precision, reasons, |kind, rows, idx| {
            !is_brief(kind, rows, idx)
        });
        if budget.takes(&further, Reserve::REST) {
            view.tests.extend(further);
            view.tests.sort_by_key(|test| {
                column
                    .tests
                    .iter()
                    .position(|(kind, name, _)| (kind.id(), *name) == (test.kind, test.name))
            });
        } else {
            *left_out.entry("tests").or_default() += 1;
        }
    }
    for (column, view) in &mut kept {
        let heat: Vec<_> = column
            .heat
            .iter()
            .map(|(&part, rows)| (part, rows.values(3), rows.marks()))
            .collect();
        if heat.is_empty() || budget.takes(&heat, Reserve::REST) {
            view.heat = heat;
        } else {
            *left_out.entry("heat").or_default() += 1;
        }
    }
    omitted.extend(left_out);
    kept.into_iter().map(|(_, view)| view).collect()
}

/// The statistic that decides on drift, and faults.
fn is_brief(kind: ResultKind, rows: &Collected<'_>, idx: usize) -> bool {
    match kind {
        ResultKind::Quality => rows.worst().0 > 0,
        _ => idx == 0,
    }
}

fn tests(
    column: &Drawn<'_>,
    precision: Precision,
    reasons: &mut Reasons,
    is_wanted: impl Fn(ResultKind, &Collected<'_>, usize) -> bool,
) -> Vec<Test> {
    let mut tests = Vec::new();
    for (idx, (kind, name, rows)) in column.tests.iter().enumerate() {
        if is_wanted(*kind, rows, idx) {
            tests.push(Test {
                kind: kind.id(),
                name,
                limit: rows.limit(),
                track: rows.track(precision, reasons),
            });
        }
    }
    tests
}

/// Slots that have no distribution anyway: that of all windows together.
fn column_gaps(column: &Drawn<'_>) -> usize {
    column.slots.len() - column.slots.windows.len().max(1)
}

fn picture(shape: &Shape, column: &Drawn<'_>) -> Picture {
    let n_slots = column.slots.len();
    let n_shown = column.slots.windows.len().max(1);
    // Pictures are of the windows in order; of too many windows the last ones are shown.
    let windows = &shape.windows[shape.windows.len().saturating_sub(n_shown)..];
    let worst: Vec<usize> = column
        .tests
        .iter()
        .filter_map(|(_, _, rows)| rows.worst_slot())
        .collect();
    let step = n_shown.div_ceil(PICTURES_MAX);
    let slots = (0..n_slots)
        .map(|slot| {
            let is_wanted =
                (n_shown - 1).abs_diff(slot).is_multiple_of(step) || worst.contains(&slot);
            windows
                .get(slot)
                .filter(|_| is_wanted)
                .map(|shares| parts_of_whole(shares))
        })
        .collect();
    Picture {
        bins: match &shape.bins {
            Bins::Edges(edges) => BinsView::Edges(rounded(edges)),
            Bins::Names(names) => BinsView::Names(names.iter().map(|name| cut(name)).collect()),
        },
        own: parts_of_whole(&shape.reference),
        slots,
    }
}

/// Shares in parts of [`WHOLE`]; what is not zero stays visible.
fn parts_of_whole(shares: &[f64]) -> Vec<u16> {
    shares
        .iter()
        .map(|&share| {
            let part = (share * WHOLE).round().clamp(0.0, WHOLE) as u16;
            if share > 0.0 { part.max(1) } else { part }
        })
        .collect()
}

/// Edges with as many digits as their distances need.
fn rounded(edges: &[f64]) -> Vec<f64> {
    let span = match edges {
        [first, .., last] if edges.len() > 2 => last - first,
        _ => return edges.to_vec(),
    };
    let decimals = (4.0 - span.log10().floor()).clamp(0.0, 300.0) as usize;
    edges
        .iter()
        .map(|edge| format!("{edge:.decimals$}").parse().unwrap_or(*edge))
        .collect()
}
