//! What was known before lists of items were made: who had what, and how items are alike.

use std::sync::Arc;

use keepwell_core::class;
use keepwell_core::schema::Kind;
use keepwell_engine::{OpenOptions, OutcomeColumns, Request, SampleRequest, Table};
use keepwell_monitor::spec::{InteractionsSpec, ItemsSpec};
use keepwell_stats::profile::categorical::kept_name;
use keepwell_stats::profile::outcome::rankings::{Background, key};
use keepwell_stats::profile::row_sample::{SampleConfig, SampleValues};
use keepwell_stats::profile::{Mode, OutcomeConfig, OutcomeProfile, RankingOutcomes};

use super::groups::GroupCells;
use super::input::{Input, beside_spec};
use crate::cli::CheckArgs;
use crate::failure::Failure;

/// From which relevance on an item of the reference counts as one that the user had: the default of the metrics.
const RELEVANCE_MIN: f64 = 1.0;

/// What the files of the spec say of users and items.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Pairs of user and item.
    interactions: Option<Vec<(u64, u64)>>,
    /// Vectors by item.
    vectors: Vec<(u64, Vec<f64>)>,
}

impl Known {
    /// Reads the files that the spec names.
    ///
    /// # Errors
    /// If they cannot be read, or the model is no ranking.
    pub async fn read(args: &CheckArgs, input: &Input) -> Result<Self, Failure> {
        let spec = &input.spec.ranking;
        let mut known = Self::default();
        if spec.interactions.is_none() && spec.items.is_none() {
            return Ok(known);
        }
        let (Some(query), Some(item)) = (&input.roles.query, &input.roles.item) else {
            return Err(Failure::usage(
                "keepwell.spec.ranking",
                "ranking: expected a model with `task: ranking`; found another",
                Some("remove `ranking:` from the spec, or set the task"),
            ));
        };
        if let Some(own) = &spec.interactions {
            let table = open(args, input, &own.file).await?;
            known.interactions = Some(interactions(input, &table, own, (query, item)).await?);
        }
        if let Some(own) = &spec.items {
            let table = open(args, input, &own.file).await?;
            known.vectors = vectors(input, &table, own, item).await?;
        }
        Ok(known)
    }

    /// The background of all lists of a run; `None` for models that make no lists, and for a reference of which
    /// only a sample is kept.
    pub fn background(&self, reference: &OutcomeProfile) -> Option<Arc<Background>> {
        let reference = reference.rankings()?;
        let interactions = match &self.interactions {
            Some(interactions) => interactions.clone(),
            None if reference.kept() < 1.0 => return None,
            None => shown(reference),
        };
        let background = Background::new(interactions, self.vectors.iter().cloned());
        Some(Arc::new(background))
    }
}

/// Gives every list of some groups its background.
pub fn add(groups: &mut [GroupCells], background: &Arc<Background>) {
    for group in groups {
        let cells = group.currents.iter_mut().chain([&mut group.reference]);
        for cell in cells {
            if let Some(OutcomeProfile::Rankings(own)) = &mut cell.outcomes {
                let bare = std::mem::replace(own, RankingOutcomes::new(own.mode()));
                *own = bare.with_background(Arc::clone(background));
            }
        }
    }
}

/// What users had in the reference: the items that were relevant to them, or where no relevance is known, all
/// that they were shown.
fn shown(reference: &RankingOutcomes) -> Vec<(u64, u64)> {
    let relevant = Background::of(reference, RELEVANCE_MIN);
    if relevant.users() > 0 {
        return relevant.interactions().to_vec();
    }
    pairs(reference)
}

fn pairs(outcomes: &RankingOutcomes) -> Vec<(u64, u64)> {
    let outcomes = outcomes.sealed();
    let items = outcomes.queries().flat_map(|query| query.items());
    items.map(|item| (item.query, item.item)).collect()
}

async fn open(args: &CheckArgs, input: &Input, file: &str) -> Result<Table, Failure> {
    let files = [beside_spec(args, file)];
    let table = input.session.open(&files, &OpenOptions::default()).await?;
    Ok(table)
}

async fn interactions(
    input: &Input,
    table: &Table,
    spec: &InteractionsSpec,
    (query, item): (&String, &String),
) -> Result<Vec<(u64, u64)>, Failure> {
    // Pairs without a score and a relevance are a ranking, too.
    let request = Request {
        outcomes: Some(OutcomeColumns {
            target: None,
            prediction: None,
            scores: Vec::new(),
            query: Some(spec.user.as_ref().unwrap_or(query).clone()),
            item: Some(spec.item.as_ref().unwrap_or(item).clone()),
            config: OutcomeConfig::Rankings(Mode::Exact),
        }),
        ..Request::default()
    };
    let cells = input.session.profile(table, &request).await?.cells;
    let rankings = cells.iter().filter_map(|cell| cell.outcomes.as_ref());
    Ok(rankings
        .filter_map(OutcomeProfile::rankings)
        .flat_map(pairs)
        .collect())
}

async fn vectors(
    input: &Input,
    table: &Table,
    spec: &ItemsSpec,
    item: &String,
) -> Result<Vec<(u64, Vec<f64>)>, Failure> {
    let item = spec.item.as_ref().unwrap_or(item);
    // A sample of all rows.
    let request = SampleRequest {
        columns: vec![
            (item.clone(), Kind::Categorical),
            (spec.vector.clone(), Kind::Embedding),
        ],
        config: SampleConfig {
            capacity: usize::try_from(table.rows).unwrap_or(usize::MAX),
            seed: 0,
        },
        time: None,
    };
    let samples = input.session.sample(table, &request).await?;
    let mut found = Vec::new();
    for sample in &samples {
        let column = |name: &str| sample.column(name).map(|column| &column.values);
        let (Some(SampleValues::Names(names)), Some(SampleValues::Vectors(vectors))) =
            (column(item), column(&spec.vector))
        else {
            continue;
        };
        let rows = vectors.values.chunks_exact(vectors.width.max(1));
        for (row_idx, vector) in rows.enumerate() {
            if let Some(name) = names.name(row_idx) {
                // As the items of the events are spelled.
                let name = class::canonical(name);
                found.push((key(&kept_name(&name)), vector.to_vec()));
            }
        }
    }
    Ok(found)
}
