//! What rows say as wholes: a sample of them on each side, and a summary of each table.

use keepwell_core::schema::Kind;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{DuplicateCounts, Group};
use keepwell_monitor::evaluation::{ColumnInfo, Evaluation, RowParts};
use keepwell_monitor::row::Scope;
use keepwell_stats::profile::row_sample::RowSample;
use keepwell_stats::profile::table::{ColumnSummary, TableColumn};
use keepwell_stats::profile::{ColumnProfile, OutcomeConfig, TableProfile, TwoSample};

use super::copies::Copies;
use super::input::Input;
use super::passes::scope;
use super::plan::{Plan, has_column};
use super::samples::{Samples, is_comparable};

/// Samples of both sides, with the parts that the columns play.
pub struct SampledRows<'a> {
    samples: Samples,
    config: Option<&'a OutcomeConfig>,
    /// Features that both sides have, but texts: what is looked at together.
    features: Vec<&'a str>,
    target: Option<&'a str>,
    prediction: Option<&'a str>,
    scores: Vec<&'a str>,
    /// Of each window, or of the current events as a whole.
    scopes: Vec<Scope>,
    /// Of all current events.
    whole: Scope,
}

impl<'a> SampledRows<'a> {
    /// Tells the parts from the roles.
    pub fn new(input: &'a Input, plan: &'a Plan, samples: Samples) -> Self {
        let is_seen =
            |column: &&ColumnInfo| column.kind != Kind::Text && is_comparable(input, column);
        let features = plan.columns.iter().filter(is_seen);
        let mut whole = scope(plan, 0, &Group::All, None);
        if let (Some((first, last)), Some(_)) = (plan.current_range, whole.window) {
            whole.window = Some(Window {
                start: first,
                end: Timestamp(last.0.saturating_add(1)),
            });
        }
        let scores = input.roles.scores.iter();
        let n_windows = plan.windows.len().max(1);
        Self {
            config: plan.outcomes.as_ref(),
            features: features.map(|column| column.name.as_str()).collect(),
            target: input.roles.target.as_deref(),
            prediction: input.roles.prediction.as_deref(),
            scores: scores.map(|(_, column)| column.as_str()).collect(),
            scopes: (0..n_windows)
                .map(|idx| scope(plan, idx, &Group::All, None))
                .collect(),
            whole,
            samples,
        }
    }

    /// Tells whether rows as wholes changed, also where no column did by itself.
    pub fn compare(&self, evaluation: &mut Evaluation) {
        let select = |sample: &RowSample| sample.selected(&self.features);
        let halves = self.samples.halves.as_ref();
        let halves = halves.map(|halves| halves.each_ref().map(select));
        let halves = halves.as_ref().map(two);
        let reference = select(&self.samples.reference);
        let current = select(&self.samples.current);
        if self.features.len() > 1 {
            let sample = TwoSample {
                reference: &reference,
                current: &current,
            };
            evaluation.rows_together(&self.whole, sample, halves);
        }
        let windows: Vec<RowSample> = self.windows().iter().map(select).collect();
        evaluation.anomalies(&reference, halves, &self.by_scope(&windows));
    }

    /// Estimates what is not known of the outcomes, and says which columns changed them; to be called when the
    /// outcomes are in.
    pub fn explain(&self, evaluation: &mut Evaluation) {
        let Some(config) = self.config else {
            return;
        };
        let parts = RowParts {
            features: &self.features,
            target: self.target,
            prediction: self.prediction,
            scores: &self.scores,
            config,
        };
        let currents = self.by_scope(self.windows());
        evaluation.row_estimates(&parts, &self.samples.reference, &currents);
        evaluation.attribute_columns(&parts, &self.samples.reference, &currents);
    }

    /// Of each window, or of the current events as a whole.
    fn windows(&self) -> &[RowSample] {
        match &self.samples.windows[..] {
            [] => std::slice::from_ref(&self.samples.current),
            windows => windows,
        }
    }

    fn by_scope<'s>(&self, windows: &'s [RowSample]) -> Vec<(Scope, &'s RowSample)> {
        self.scopes.iter().cloned().zip(windows).collect()
    }
}

fn two([reference, current]: &[RowSample; 2]) -> TwoSample<'_, RowSample> {
    TwoSample { reference, current }
}

/// Summaries of the table of the reference and of that of each window.
#[derive(Default)]
pub struct Tables {
    /// Of the reference.
    pub reference: TableProfile,
    /// Of each window of the plan, or of the current events as a whole.
    pub windows: Vec<TableProfile>,
}

impl Tables {
    /// Adds a column, which the current events may lack.
    pub fn push(
        &mut self,
        input: &Input,
        info: &ColumnInfo,
        reference: &ColumnProfile,
        windows: &[&ColumnProfile],
    ) {
        let column = |profile: &ColumnProfile| TableColumn {
            name: info.name.clone(),
            role: info.role,
            summary: ColumnSummary::of(profile),
        };
        self.reference.rows = reference.counts().rows;
        self.reference.columns.push(column(reference));
        self.windows
            .resize_with(windows.len(), TableProfile::default);
        let is_there = has_column(input.sides.current(), &info.name);
        for (own, window) in self.windows.iter_mut().zip(windows) {
            own.rows = window.counts().rows;
            own.columns.extend(is_there.then(|| column(window)));
        }
    }

    /// Adds samples of rows.
    pub fn add_samples(&mut self, rows: &SampledRows<'_>) {
        self.reference.sample = Some(rows.samples.reference.clone());
        for (own, sample) in self.windows.iter_mut().zip(rows.windows()) {
            own.sample = Some(sample.clone());
        }
    }

    /// Adds what is known of rows and identifiers that occur more than once.
    pub fn add_copies(&mut self, copies: &Copies) {
        let add = |own: &mut TableProfile, counts: &DuplicateCounts| {
            own.row_copies = counts.rows;
            own.id_copies = counts.ids;
        };
        add(&mut self.reference, &copies.reference);
        for (own, counts) in self.windows.iter_mut().zip(&copies.windows) {
            add(own, counts);
        }
    }

    /// Compares the table of each window with that of the reference.
    pub fn compare(
        &self,
        plan: &Plan,
        rows: Option<&SampledRows<'_>>,
        evaluation: &mut Evaluation,
    ) {
        let halves = rows.and_then(|rows| rows.samples.halves.as_ref());
        for (idx, current) in self.windows.iter().enumerate() {
            let sample = TwoSample {
                reference: &self.reference,
                current,
            };
            let scope = scope(plan, idx, &Group::All, None);
            evaluation.table_beside(&scope, sample, halves.map(two));
        }
    }
}
