//! How well a column fits another one, from their summaries.

use std::collections::BTreeMap;

use crate::profile::ColumnSummary;
use crate::profile::table::{QUANTILE_STEPS, Shape};
use crate::special::{Table, TableLaw, kstwo_sf};

/// The distance of two columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// In `[0, 1]`: that of Kolmogorov and Smirnov for numbers, total variation for names.
    pub(super) distance: f64,
    /// Of "both columns come from one distribution".
    pub(super) p_value: f64,
    /// What chance adds to the distance of two samples of one distribution, at level 0.95 for numbers.
    pub(super) noise: f64,
}

/// Quantile of Kolmogorov's law at 0.95.
const KOLMOGOROV_95: f64 = 1.358;

/// Compares two columns; `None` where their kinds differ or one has no shape or no values.
pub(super) fn fit(left: &ColumnSummary, right: &ColumnSummary) -> Option<Fit> {
    if left.kind != right.kind {
        return None;
    }
    match (&left.shape, &right.shape) {
        (
            Shape::Numbers {
                quantiles,
                rank_error,
            },
            Shape::Numbers {
                quantiles: others,
                rank_error: other_error,
            },
        ) => {
            let rows = [left, right].map(|side| side.counts.present() - side.counts.infinite());
            of_numbers([quantiles, others], rows, rank_error + other_error)
        }
        (Shape::Names { top }, Shape::Names { top: others }) => of_names(
            [top, others],
            [left, right].map(|side| side.counts.present()),
        ),
        _ => None,
    }
}

fn of_numbers(quantiles: [&[f64]; 2], rows: [u64; 2], rank_error: f64) -> Option<Fit> {
    if rows.contains(&0) {
        return None;
    }
    // The number of quantiles at or before a value, less one, is its rank in steps, rounded down.
    let rank = |side: &[f64], value: f64| side.partition_point(|&own| own <= value).max(1) - 1;
    let steps = quantiles
        .iter()
        .flat_map(|side| side.iter())
        .map(|&value| rank(quantiles[0], value).abs_diff(rank(quantiles[1], value)))
        .max()?;
    let step = 1.0 / QUANTILE_STEPS as f64;
    let distance = steps as f64 * step;
    let [n, m] = rows.map(|rows| rows as f64);
    let pooled = (n * m / (n + m)).round_ties_even() as u64;
    let least = distance - step - rank_error;
    Some(Fit {
        distance,
        p_value: if pooled > 0 && least > 0.0 {
            kstwo_sf(pooled, least)
        } else {
            1.0
        },
        noise: KOLMOGOROV_95 * (1.0 / n + 1.0 / m).sqrt() + step,
    })
}

/// Names that are kept on one side only count with the rest unless all names of the other side are known.
fn of_names(tops: [&[(String, u64)]; 2], rows: [u64; 2]) -> Option<Fit> {
    if rows.contains(&0) {
        return None;
    }
    let mut counts: BTreeMap<&str, [Option<u64>; 2]> = BTreeMap::new();
    for (side, top) in tops.iter().enumerate() {
        for (name, count) in *top {
            counts.entry(name).or_default()[side] = Some(*count);
        }
    }
    let kept = tops.map(|top| top.iter().map(|(_, count)| count).sum::<u64>());
    let is_known = [0, 1].map(|side| kept[side] == rows[side]);
    let mut rest = rows;
    let mut columns = Vec::with_capacity(counts.len() + 1);
    for sides in counts.values() {
        let count = |side: usize| sides[side].or(is_known[side].then_some(0));
        if let (Some(left), Some(right)) = (count(0), count(1)) {
            columns.push([left, right]);
            rest = [rest[0].saturating_sub(left), rest[1].saturating_sub(right)];
        }
    }
    columns.push(rest);
    let table = Table::new(columns);
    let [n, m] = table.rows().map(|rows| rows as f64);
    let distance = table
        .columns()
        .iter()
        .map(|&[left, right]| (left as f64 / n - right as f64 / m).abs() / 2.0)
        .sum::<f64>();
    let n_columns = table.columns().len() as f64;
    // The mean for equal shares, which is the largest, and two deviations of it (of one share at most).
    let variance = 1.0 / n + 1.0 / m;
    let noise = ((n_columns - 1.0) * variance / std::f64::consts::TAU).sqrt() + variance.sqrt();
    Some(Fit {
        distance,
        p_value: table.p_value(table.statistic(), TableLaw::Auto),
        noise: noise.min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{names, numbers};

    fn found(
        left: &crate::profile::ColumnProfile,
        right: &crate::profile::ColumnProfile,
    ) -> Option<Fit> {
        fit(&ColumnSummary::of(left), &ColumnSummary::of(right))
    }

    #[test]
    fn distances_are_those_of_the_columns_to_a_step() {
        let low: Vec<f64> = (0..320).map(f64::from).collect();
        let high: Vec<f64> = (0..320).map(|i| f64::from(i) + 160.0).collect();
        let fit = found(&numbers(&low), &numbers(&high)).expect("numbers");
        assert!((fit.distance - 0.5).abs() <= 1.0 / 32.0, "{fit:?}");
        assert!(fit.p_value < 1e-20);
        let same = found(&numbers(&low), &numbers(&low)).expect("numbers");
        assert_eq!((same.distance, same.p_value), (0.0, 1.0));
        let apart = found(&numbers(&[1.0; 9]), &numbers(&[2.0; 9])).expect("numbers");
        assert_eq!(apart.distance, 1.0);
        assert_eq!(found(&numbers(&low), &names(&[("a", 3)])), None);
        assert_eq!(found(&numbers(&low), &numbers(&[f64::INFINITY])), None);
    }

    #[test]
    fn names_beyond_the_kept_ones_are_the_rest() {
        let many: Vec<(String, u64)> = (0..80).map(|i| (format!("k{i:02}"), 10)).collect();
        let many: Vec<(&str, u64)> = many.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        let same = found(&names(&many), &names(&many)).expect("names");
        assert_eq!((same.distance, same.p_value), (0.0, 1.0));
        let one = found(&names(&many), &names(&[("other", 300)])).expect("names");
        assert!(one.distance > 0.7 && one.p_value < 1e-20, "{one:?}");
    }
}
