//! What a check of a table found, held against what the reference shows by itself.

use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_stats::profile::row_sample::{RowSample, SampleValues};
use keepwell_stats::profile::{TableProfile, TwoSample};
use keepwell_stats::table::{RankCorrelation, TableCheck, TableReading};

use super::tables::Halves;
use crate::history::Stretches;
use crate::monitors::Run;

/// p-value up to which a pair of columns is named.
const LEVEL: f64 = 0.05;

/// Value of a row, what is decided on, and the columns that it rests on, worst first.
pub(super) struct Found {
    pub(super) outcome: Outcome<Measure>,
    pub(super) evidence: Outcome<Evidence>,
    pub(super) columns: Vec<String>,
}

/// What a check says, less what it says of the reference beside itself: copies that the reference has, too, are no
/// news.
pub(super) fn plain(
    check: &dyn TableCheck,
    run: &Run,
    sample: TwoSample<'_, TableProfile>,
    readings: &[TableReading],
) -> Found {
    let of_itself = TwoSample {
        reference: sample.reference,
        current: sample.reference,
    };
    let own = check.check(of_itself, &run.params);
    let own = own.first().and_then(|whole| whole.outcome.defined());
    let usual = own.map_or(0.0, |own| own.value);
    let outcome = whole(readings);
    Found {
        evidence: outcome.clone().map(|measure| Evidence {
            size: (measure.value - usual).max(0.0),
            p_value: measure.p_value,
        }),
        outcome,
        columns: columns_of(&readings[1..]),
    }
}

fn whole(readings: &[TableReading]) -> Outcome<Measure> {
    readings[0].outcome.clone()
}

/// The columns of the readings, each once.
fn columns_of(readings: &[TableReading]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for name in readings.iter().flat_map(|reading| &reading.columns) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

/// A pair of columns whose dependence changed.
struct Pair<'a> {
    reading: &'a TableReading,
    evidence: Evidence,
}

/// Of the pairs of columns that a check names, those whose correlation lies beyond that of stretches of the reference,
/// and changed by more than between its halves.
pub(super) fn correlation(
    sample: TwoSample<'_, TableProfile>,
    halves: Option<Halves<'_>>,
    readings: &[TableReading],
    limits: Limits,
) -> Found {
    let mut pairs: Vec<Pair<'_>> = readings[1..]
        .iter()
        .filter_map(|reading| {
            let evidence = pair_evidence(sample, halves, reading)?;
            Some(Pair { reading, evidence })
        })
        .collect();
    pairs.sort_by(|left, right| {
        let rank = |pair: &Pair<'_>| pair.evidence.p_value.unwrap_or(1.0);
        let by_p_value = rank(left).total_cmp(&rank(right));
        by_p_value.then(right.evidence.size.total_cmp(&left.evidence.size))
    });
    let is_named = |pair: &&Pair<'_>| {
        pair.evidence.size >= limits.warning
            && pair
                .evidence
                .p_value
                .is_some_and(|p_value| p_value <= LEVEL)
    };
    let named: Vec<TableReading> = pairs
        .iter()
        .filter(is_named)
        .map(|pair| pair.reading.clone())
        .collect();
    let worst = pairs.iter().find(is_named).or(pairs.first());
    let Some(worst) = worst else {
        let outcome = whole(readings);
        return Found {
            evidence: outcome.clone().map(|measure| Evidence {
                size: measure.value,
                p_value: measure.p_value,
            }),
            outcome,
            columns: Vec::new(),
        };
    };
    Found {
        outcome: worst.reading.outcome.clone().map(|measure| Measure {
            p_value: worst.evidence.p_value,
            ..measure
        }),
        evidence: Outcome::Defined(worst.evidence),
        columns: columns_of(&named),
    }
}

fn pair_evidence(
    sample: TwoSample<'_, TableProfile>,
    halves: Option<Halves<'_>>,
    reading: &TableReading,
) -> Option<Evidence> {
    let measure = reading.outcome.defined()?;
    let [first, second] = &reading.columns[..] else {
        return None;
    };
    let of = |rows: &RowSample| RankCorrelation::of(rows, [first, second]);
    let rows = sample.reference.sample.as_ref()?;
    let (reference, current) = (of(rows)?, of(sample.current.sample.as_ref()?)?);
    let (mut own_size, mut own_distance) = (0.0, 0.0);
    if let Some(halves) = halves
        && let (Some(earlier), Some(later)) = (of(halves.reference), of(halves.current))
    {
        own_size = (later.value - earlier.value).abs();
        own_distance = (later.z - earlier.z).abs();
    }
    let distance = ((current.z - reference.z).abs() - own_distance).max(0.0);
    let n = current.influence.len() as f64;
    let variance = current.influence.iter().map(|own| own * own).sum::<f64>() / (n * n);
    let stretches = Stretches::of(&reference.influence, rows, sample.current.rows);
    // As the check corrects its own p-value, for all pairs.
    let of_stretches = stretches.map_or(0.0, |stretches| {
        (stretches.p_value(distance, variance) * n_pairs(sample)).min(1.0)
    });
    Some(Evidence {
        size: (measure.value - own_size).max(0.0),
        p_value: measure.p_value.map(|own| own.max(of_stretches)),
    })
}

/// Pairs of features that are numeric on both sides.
fn n_pairs(sample: TwoSample<'_, TableProfile>) -> f64 {
    let is_numeric = |table: &TableProfile, name: &str| {
        let column = table.sample.as_ref().and_then(|rows| rows.column(name));
        column.is_some_and(|column| matches!(column.values, SampleValues::Numbers(_)))
    };
    let n = sample
        .reference
        .features()
        .filter(|name| is_numeric(sample.reference, name) && is_numeric(sample.current, name))
        .count() as f64;
    n * (n - 1.0) / 2.0
}

/// Pairs of columns that look swapped, where both moved by more than between stretches of the reference: in a stream that
/// wanders, two columns come to lie where the other one was by chance.
pub(super) fn swap(sample: TwoSample<'_, TableProfile>, readings: &[TableReading]) -> Found {
    let outcome = whole(readings);
    let mut pairs: Vec<(f64, &TableReading)> = readings[1..]
        .iter()
        .filter_map(|reading| {
            let own = reading.outcome.defined()?.p_value?;
            let moved = reading.columns.iter().map(|name| p_of_move(sample, name));
            let moved = moved.fold(0.0, f64::max) * sample.reference.columns.len() as f64;
            Some((own.max(moved.min(1.0)), reading))
        })
        .collect();
    pairs.sort_by(|left, right| left.0.total_cmp(&right.0));
    let outcome = match pairs.first() {
        Some(&(p_value, _)) => outcome.map(|measure| measure.with_p_value(p_value)),
        None => outcome,
    };
    let named = pairs.iter().filter(|(p_value, _)| *p_value <= LEVEL);
    let named: Vec<TableReading> = named.map(|(_, reading)| (*reading).clone()).collect();
    Found {
        evidence: outcome.clone().map(|measure| Evidence {
            size: measure.value,
            p_value: measure.p_value,
        }),
        outcome,
        columns: columns_of(&named),
    }
}

/// p-value of "the values of this column are those of one more stretch of the reference"; zero where no rows were
/// sampled.
fn p_of_move(sample: TwoSample<'_, TableProfile>, name: &str) -> f64 {
    let (Some(rows), Some(current)) = (&sample.reference.sample, &sample.current.sample) else {
        return 0.0;
    };
    let (Some(before), Some(now)) = (rows.column(name), current.column(name)) else {
        return 0.0;
    };
    let cells = cells(&before.values);
    let n_cells = cells.len() as f64;
    let p_values = cells.iter().filter_map(|cell| {
        let (own, shares) = (cell.of(&before.values), cell.of(&now.values));
        let mean = |own: &[f64]| own.iter().sum::<f64>() / own.len().max(1) as f64;
        let (usual, share) = (mean(&own), mean(&shares));
        let variance = usual * (1.0 - usual) / shares.len().max(1) as f64;
        let stretches = Stretches::of(&own, rows, sample.current.rows)?;
        Some(stretches.p_value((share - usual).abs(), variance))
    });
    let least = p_values.min_by(f64::total_cmp).unwrap_or(0.0);
    (least * n_cells).min(1.0)
}

/// A part of the values of a column.
enum Cell {
    /// Numbers at or below this.
    Below(f64),
    /// Rows with this name.
    Name(Box<str>),
    /// Rows that are true.
    True,
}

/// Shares at which the distribution of a number is followed, as in the history of columns.
const GRID: [f64; 5] = [0.2, 0.35, 0.5, 0.65, 0.8];

fn cells(values: &SampleValues) -> Vec<Cell> {
    match values {
        SampleValues::Numbers(values) => {
            let mut known: Vec<f64> = values.iter().copied().filter(|own| !own.is_nan()).collect();
            known.sort_unstable_by(f64::total_cmp);
            let place = |share: f64| known.get((share * known.len() as f64) as usize);
            let cuts = GRID.iter().filter_map(|&share| place(share));
            cuts.map(|&cut| Cell::Below(cut)).collect()
        }
        SampleValues::Names(names) => {
            let mut counts: Vec<(usize, &Box<str>)> =
                names.categories().iter().map(|name| (0, name)).collect();
            for &code in names.codes() {
                if let Some((count, _)) = counts.get_mut(code as usize) {
                    *count += 1;
                }
            }
            counts.sort_by_key(|&(count, _)| std::cmp::Reverse(count));
            let most = counts.into_iter().take(GRID.len());
            most.map(|(_, name)| Cell::Name(name.clone())).collect()
        }
        SampleValues::Flags(_) => vec![Cell::True],
        SampleValues::Vectors(_) => Vec::new(),
    }
}

impl Cell {
    /// Of each row whether it belongs, as one and zero.
    fn of(&self, values: &SampleValues) -> Vec<f64> {
        let is_in = |row_idx: usize| match (self, values) {
            (Self::Below(cut), SampleValues::Numbers(values)) => values[row_idx] <= *cut,
            (Self::Name(name), SampleValues::Names(names)) => {
                names.name(row_idx) == Some(name.as_ref())
            }
            (Self::True, SampleValues::Flags(flags)) => flags[row_idx] == Some(true),
            _ => false,
        };
        let rows = 0..values.n_rows();
        rows.map(|row_idx| f64::from(u8::from(is_in(row_idx))))
            .collect()
    }
}

/// Features that give the target away now and did not do so before: one that always did is a matter of building the
/// model, and a lag of the target has to be near it.
pub(super) fn leakage(
    check: &dyn TableCheck,
    run: &Run,
    sample: TwoSample<'_, TableProfile>,
    readings: &[TableReading],
) -> Found {
    let is_new = |reading: &&TableReading| {
        reading.finding == Some("current") && is_closer(check, run, sample.reference, reading)
    };
    let new: Vec<TableReading> = readings[1..].iter().filter(is_new).cloned().collect();
    let size = new
        .iter()
        .filter_map(|reading| reading.outcome.defined())
        .fold(0.0, |most: f64, measure| most.max(measure.value));
    let outcome = whole(readings);
    Found {
        evidence: outcome.clone().map(|_| Evidence {
            size,
            p_value: None,
        }),
        outcome,
        columns: columns_of(&new),
    }
}

/// Whether a feature leaves at most half as much of the target open as it did in the reference.
fn is_closer(
    check: &dyn TableCheck,
    run: &Run,
    reference: &TableProfile,
    reading: &TableReading,
) -> bool {
    let names: Vec<&str> = reading
        .columns
        .iter()
        .map(String::as_str)
        .chain(reference.target())
        .collect();
    let columns = reference.columns.iter();
    let alone = TableProfile {
        rows: reference.rows,
        columns: columns
            .filter(|column| names.contains(&column.name.as_str()))
            .cloned()
            .collect(),
        sample: reference.sample.as_ref().map(|rows| rows.selected(&names)),
        ..TableProfile::default()
    };
    let of_itself = TwoSample {
        reference: &alone,
        current: &alone,
    };
    let readings = check.check(of_itself, &run.params);
    let before = readings.first().and_then(|whole| whole.outcome.defined());
    match (before, reading.outcome.defined()) {
        (Some(before), Some(now)) => 1.0 - now.value <= 0.5 * (1.0 - before.value),
        _ => true,
    }
}
