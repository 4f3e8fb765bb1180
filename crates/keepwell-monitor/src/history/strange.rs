//! Values of a window that no other window of the reference has.

use std::collections::BTreeMap;

use keepwell_stats::profile::ColumnProfile;

/// The range of no values.
const NOTHING: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

/// For each window the share of its values that the others do not reach: beyond their range for numbers, of a
/// category that they lack for names. Zero where a profile does not tell.
pub(super) fn shares(windows: &[&ColumnProfile]) -> Vec<f64> {
    let is_numeric = |window: &&ColumnProfile| matches!(window, ColumnProfile::Numeric(_));
    if windows.iter().any(is_numeric) {
        out_of_range(windows)
    } else {
        unseen(windows)
    }
}

fn out_of_range(windows: &[&ColumnProfile]) -> Vec<f64> {
    let ranges = windows.iter().map(|window| match window {
        ColumnProfile::Numeric(numeric) => numeric.range().unwrap_or(NOTHING),
        _ => NOTHING,
    });
    let ranges: Vec<(f64, f64)> = ranges.collect();
    let wider = |all: &mut (f64, f64), own: &(f64, f64)| {
        let before = *all;
        *all = (all.0.min(own.0), all.1.max(own.1));
        Some(before)
    };
    // The range of those before each window, and of those after it.
    let before = ranges.iter().scan(NOTHING, wider);
    let mut after: Vec<(f64, f64)> = ranges.iter().rev().scan(NOTHING, wider).collect();
    after.reverse();
    let others = before.zip(after).map(|(before, after)| {
        let (least, greatest) = (before.0.min(after.0), before.1.max(after.1));
        (least <= greatest).then_some((least, greatest))
    });
    let share = |(window, others): (&&ColumnProfile, Option<(f64, f64)>)| {
        let (ColumnProfile::Numeric(numeric), Some((least, greatest))) = (window, others) else {
            return 0.0;
        };
        let values = numeric.distribution();
        let within = values.rank_le(greatest) - values.rank_le(least.next_down());
        (values.n() - within) as f64 / values.n().max(1) as f64
    };
    windows.iter().zip(others).map(share).collect()
}

fn unseen(windows: &[&ColumnProfile]) -> Vec<f64> {
    let counts: Vec<Vec<(&str, u64)>> = windows
        .iter()
        .map(|window| window.category_counts().unwrap_or_default())
        .collect();
    let mut n_windows: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in counts.iter().flatten().filter(|(_, n)| *n > 0) {
        *n_windows.entry(name).or_default() += 1;
    }
    let share = |counts: &Vec<(&str, u64)>| {
        let all: u64 = counts.iter().map(|(_, n)| n).sum();
        let own = counts
            .iter()
            .filter(|(name, _)| n_windows.get(name) == Some(&1));
        own.map(|(_, n)| n).sum::<u64>() as f64 / all.max(1) as f64
    };
    counts.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use keepwell_stats::profile::{CategoricalProfile, Mode, NumericProfile};

    use super::*;

    #[test]
    fn each_window_is_held_against_the_others() {
        let numbers = [&[1.0, 5.0, 9.0, 9.0][..], &[2.0, 6.0], &[3.0, 7.0], &[]].map(|values| {
            let mut profile = NumericProfile::new(Mode::Exact);
            profile.extend_from_slice(values);
            profile.seal();
            ColumnProfile::Numeric(profile)
        });
        assert_eq!(
            shares(&numbers.iter().collect::<Vec<_>>()),
            [0.75, 0.0, 0.0, 0.0]
        );
        let names = [["a", "b"], ["b", "c"], ["c", "b"]].map(|names| {
            let mut profile = CategoricalProfile::new(Mode::Exact);
            names.iter().for_each(|name| profile.push(name, 1));
            ColumnProfile::Categorical(profile)
        });
        assert_eq!(shares(&names.iter().collect::<Vec<_>>()), [0.5, 0.0, 0.0]);
    }
}
