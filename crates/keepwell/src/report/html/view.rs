//! What the page knows: the report, arranged for drawing and kept small.
//!
//! The scripts read these structures as they are serialised; `script/page.js` names their types.

use std::collections::BTreeMap;

use keepwell_monitor::finding::{Finding, Subject};
use keepwell_monitor::report::Report;
use keepwell_monitor::row::{ResultRow, Scope, Segment};
use serde::Serialize;

use super::budget::{Budget, Reserve};
use super::column::{self, ColumnView};
use super::confusion::{self, ConfusionView};
use super::curves::{self, CurvesView};
use super::facts::FactsView;
use super::groups::{self, FairnessView};
use super::metrics::{self, MetricView};
use super::track::{Precision, Reasons, Slots, Values};
use super::whole::{self, WholeView};
use super::words::{Words, cut, words};
use crate::report::digest::{self, Gap};
use crate::report::texts::Lang;
use crate::report::texts::claim::MetricName;

/// Most findings; the rest is only counted.
const FINDINGS_MAX: usize = 150;
/// Most episodes of a finding.
const EPISODES_MAX: usize = 7;
/// Most columns that are named with a reason.
const GAP_COLUMNS_MAX: usize = 60;
/// Most segments and versions.
const SCOPES_MAX: usize = 150;
/// From this number of cells (statistics by windows) on, numbers are kept with three digits.
const FINE_CELLS_MAX: usize = 3_000;

/// All data of the page.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    keepwell: &'static str,
    lang: &'static str,
    texts: BTreeMap<&'static str, Words>,
    #[serde(flatten)]
    facts: FactsView,
    n_windows: usize,
    scopes: Vec<ScopeView>,
    metrics: Vec<MetricView>,
    confusion: Vec<ConfusionView>,
    curves: Vec<CurvesView>,
    fairness: Vec<FairnessView>,
    estimates: Vec<MetricView>,
    whole: Vec<WholeView>,
    findings: Vec<FindingView>,
    columns: Vec<ColumnView>,
    not_computed: Vec<GapView>,
    omitted: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Serialize)]
struct ScopeView {
    name: ScopeName,
    rows: Values,
    targets: Values,
    own_rows: Option<u64>,
    provisional: String,
}

#[derive(Debug, Serialize)]
struct ScopeName {
    version: Option<String>,
    segment: Option<(String, Option<String>)>,
}

#[derive(Debug, Serialize)]
struct FindingView {
    verdict: &'static str,
    column: Option<usize>,
    scope: usize,
    episodes: Vec<EpisodeView>,
    n_more: usize,
}

#[derive(Debug, Serialize)]
struct EpisodeView {
    kind: &'static str,
    name: &'static str,
    facet: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    slot: usize,
    verdict: &'static str,
}

#[derive(Debug, Serialize)]
struct GapView {
    columns: Vec<String>,
    n_columns: usize,
    metrics: Vec<String>,
    n: usize,
}

/// Version and segment of a row, which all windows share.
pub(super) type Part<'a> = (Option<&'a str>, Option<&'a Segment>);

/// Version and segment of a scope.
pub(super) fn part_of(scope: &Scope) -> Part<'_> {
    (scope.version.as_deref(), scope.segment.as_ref())
}

/// The versions and segments that are shown, all rows first, with their places.
pub(super) type Parts<'a> = BTreeMap<Part<'a>, usize>;

/// Which reading of its metric a row is: empty for the overall value, else `average=micro`, `class=a`.
pub(super) fn facet_of(row: &ResultRow) -> String {
    if let Some(class) = &row.class {
        return format!("class={}", cut(class));
    }
    match row.params.iter().find(|(label, _)| *label == "average") {
        Some((_, average)) if average != "macro" => format!("average={average}"),
        _ => String::new(),
    }
}

/// What else tells a reading from the others of its metric: `threshold 0.75`.
pub(super) fn note_of(row: &ResultRow) -> String {
    let labels: Vec<String> = MetricName::of(row)
        .labels()
        .map(|(label, value)| format!("{} {}", label.replace('_', " "), cut(value)))
        .collect();
    labels.join(", ")
}

impl Page {
    /// Arranges a report in about `room` bytes, in `lang` at first.
    pub(super) fn of(report: &Report, lang: Lang, room: usize) -> Self {
        let slots = Slots::of(report);
        let shown = findings_shown(report);
        let mut texts = Lang::ALL.map(|lang| (lang.id(), words(lang, report, &slots, &shown)));
        let (parts, n_parts) = parts_of(report);
        let mut reasons = Reasons::default();
        let n_findings = report.findings.len();
        let mut omitted = BTreeMap::from([
            ("windows", slots.n_before),
            ("scopes", n_parts - parts.len()),
            ("findings", n_findings.saturating_sub(FINDINGS_MAX)),
        ]);
        let gaps = gap_views(&digest::gaps(report));
        let columns = column::collect(report, &slots, &parts);
        let n_statistics: usize = columns.iter().map(column::Drawn::n_statistics).sum();
        let is_fine = n_statistics * slots.len() <= FINE_CELLS_MAX;
        let precision = Precision {
            digits: if is_fine { 4 } else { 3 },
            has_p_values: is_fine,
        };
        if !is_fine {
            omitted.insert("p_values", n_statistics);
        }
        let scopes = scopes(report, &slots, &parts);
        let mut budget = Budget::new(room);
        let facts = FactsView::of(report);
        budget.charge(&(&texts, &facts, &gaps, &scopes));
        let mut budget = budget.rest();
        let fairness = groups::collect(report, &slots, &parts, &mut reasons, &mut budget);
        let estimates = metrics::estimates(report, &slots, &parts, &mut reasons, &mut budget);
        let whole = whole::collect(report, &slots, &mut reasons, &mut budget);
        let (mut metrics, further) =
            metrics::collect(report, &slots, &parts, &mut reasons, &mut budget);
        let confusion = confusion::collect(report, &slots, &parts, &mut budget);
        let (mut curves, waiting) = curves::collect(report, &slots, &mut budget);
        let columns = column::within(columns, precision, &mut reasons, &mut budget, &mut omitted);
        let findings = findings(report, &slots, &parts, &columns);
        let n_metrics = metrics.len() + further.len();
        // What the columns did not need is left for the readings that had to wait.
        metrics.extend(
            further
                .into_iter()
                .filter(|view| budget.takes(view, Reserve::REST)),
        );
        let n_curves = curves::fill(&mut curves, waiting, &mut budget);
        omitted.insert("curves", n_curves);
        omitted.insert("metrics", n_metrics - metrics.len());
        for (lang, (_, words)) in Lang::ALL.into_iter().zip(&mut texts) {
            words.give_reasons(lang, &reasons);
        }
        Self {
            keepwell: env!("CARGO_PKG_VERSION"),
            lang: lang.id(),
            texts: BTreeMap::from(texts),
            facts,
            n_windows: slots.windows.len(),
            scopes,
            metrics,
            confusion,
            curves,
            fairness,
            estimates,
            whole,
            findings,
            columns,
            not_computed: gaps,
            omitted,
        }
    }
}

/// The findings that are shown.
fn findings_shown(report: &Report) -> Vec<&Finding> {
    report.findings.iter().take(FINDINGS_MAX).collect()
}

/// The episodes of a finding that are shown.
pub(super) fn episodes_shown(finding: &Finding) -> &[keepwell_monitor::finding::Episode] {
    &finding.episodes[..finding.episodes.len().min(EPISODES_MAX)]
}

/// The versions and segments that are shown, and how many there are: those with findings come first when
/// there are too many.
fn parts_of(report: &Report) -> (Parts<'_>, usize) {
    let whole: Part<'_> = (None, None);
    let mut order = vec![whole];
    let mut seen: BTreeMap<Part<'_>, usize> = BTreeMap::from([(whole, 0)]);
    for row in &report.rows {
        let part = part_of(&row.scope);
        seen.entry(part).or_insert_with(|| {
            order.push(part);
            order.len() - 1
        });
    }
    let n_all = order.len();
    if n_all > SCOPES_MAX {
        let mut wanted: Vec<usize> = vec![0];
        let with_findings = report.findings.iter().filter_map(|finding| {
            seen.get(&(finding.version.as_deref(), finding.segment.as_ref()))
                .copied()
        });
        for idx in with_findings.chain(0..n_all) {
            if wanted.len() < SCOPES_MAX && !wanted.contains(&idx) {
                wanted.push(idx);
            }
        }
        wanted.sort_unstable();
        order = wanted.into_iter().map(|idx| order[idx]).collect();
    }
    let parts = order
        .into_iter()
        .enumerate()
        .map(|(idx, part)| (part, idx))
        .collect();
    (parts, n_all)
}

fn scopes(report: &Report, slots: &Slots, parts: &Parts<'_>) -> Vec<ScopeView> {
    let n = slots.len();
    let mut rows = vec![vec![None; n]; parts.len()];
    let mut targets = vec![vec![None; n]; parts.len()];
    let mut provisional = vec![vec!['0'; n]; parts.len()];
    for row in &report.rows {
        let (Some(&part), Some(slot)) = (
            parts.get(&part_of(&row.scope)),
            slots.position(row.scope.window),
        ) else {
            continue;
        };
        // Some rows are about fewer rows than there are: about groups that are large enough.
        let most = |known: Option<f64>, n: u64| Some(known.unwrap_or(0.0).max(n as f64));
        rows[part][slot] = most(rows[part][slot], row.rows);
        if let Some(n_targets) = row.targets {
            targets[part][slot] = most(targets[part][slot], n_targets);
        }
        if row.is_provisional {
            provisional[part][slot] = '1';
        }
    }
    let mut views: Vec<(usize, ScopeView)> = parts
        .iter()
        .map(|(part, &idx)| {
            let own = report
                .reference_rows
                .iter()
                .find(|row| part_of(&row.scope) == *part);
            let view = ScopeView {
                name: ScopeName {
                    version: part.0.map(cut),
                    segment: part
                        .1
                        .map(|segment| (cut(&segment.column), segment.value.as_deref().map(cut))),
                },
                rows: Values::new(&rows[idx], 15),
                targets: Values::new(&targets[idx], 15),
                own_rows: own.map(|row| row.rows),
                provisional: provisional[idx].iter().collect(),
            };
            (idx, view)
        })
        .collect();
    views.sort_by_key(|(idx, _)| *idx);
    views.into_iter().map(|(_, view)| view).collect()
}

fn findings(
    report: &Report,
    slots: &Slots,
    parts: &Parts<'_>,
    columns: &[ColumnView],
) -> Vec<FindingView> {
    findings_shown(report)
        .into_iter()
        .map(|finding| {
            let episodes = episodes_shown(finding);
            FindingView {
                verdict: finding.verdict.id(),
                column: match &finding.subject {
                    Subject::Performance | Subject::Table => None,
                    // A column that is not shown has no place; beyond the end is how the scripts know.
                    Subject::Column(name) => Some(
                        columns
                            .iter()
                            .position(|column| column.is_named(name))
                            .unwrap_or(columns.len()),
                    ),
                },
                scope: parts
                    .get(&(finding.version.as_deref(), finding.segment.as_ref()))
                    .copied()
                    .unwrap_or(0),
                episodes: episodes
                    .iter()
                    .map(|episode| {
                        let row = &report.rows[episode.worst.row_idx];
                        EpisodeView {
                            kind: row.kind.id(),
                            name: row.name,
                            facet: facet_of(row),
                            note: note_of(row),
                            slot: slots.position(row.scope.window).unwrap_or(0),
                            verdict: episode.worst.verdict.id(),
                        }
                    })
                    .collect(),
                n_more: finding.episodes.len() - episodes.len(),
            }
        })
        .collect()
}

/// What was not judged, by reason.
fn gap_views(gaps: &[Gap<'_>]) -> Vec<GapView> {
    gaps.iter()
        .map(|gap| GapView {
            columns: gap
                .columns
                .iter()
                .take(GAP_COLUMNS_MAX)
                .map(|name| cut(name))
                .collect(),
            n_columns: gap.columns.len(),
            metrics: gap.metrics.iter().map(|name| (*name).to_owned()).collect(),
            n: gap.n_windows,
        })
        .collect()
}
