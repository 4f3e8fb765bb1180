//! Area under the receiver operating characteristic, with its variance.

use super::scores::{Ranks, Tie};

/// Probability that a row of one side has a higher score than a row of the other, equal scores counting
/// half, from ranks alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocArea {
    /// The probability, in `[0, 1]`.
    pub value: f64,
    /// Standard error of DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44(3), 837–845; `None` where a
    /// side has one row or the sides do not overlap.
    pub standard_error: Option<f64>,
}

impl RocArea {
    /// The area between both sides, which both hold rows.
    pub fn of(ranks: &Ranks) -> Self {
        let mut below = 0;
        let mut half_wins: u128 = 0;
        for tie in &ranks.ties {
            half_wins += u128::from(tie.this) * u128::from(2 * below + tie.rest);
            below += tie.rest;
        }
        let value = half_wins as f64 / (2.0 * ranks.this as f64 * ranks.rest as f64);
        Self {
            value,
            standard_error: standard_error(&ranks.ties, value, (ranks.this, ranks.rest)),
        }
    }
}

/// From the variance of each row's placement, which is the share of the other side that it beats.
fn standard_error(ties: &[Tie], value: f64, (m, n): (u64, u64)) -> Option<f64> {
    if m < 2 || n < 2 {
        return None;
    }
    let (mut n_below, mut n_above) = (0, m);
    let (mut own, mut other) = (0.0, 0.0);
    for &Tie {
        this: n_own,
        rest: n_other,
        ..
    } in ties
    {
        n_above -= n_own;
        let beats = (n_below as f64 + 0.5 * n_other as f64) / n as f64;
        let is_beaten = (n_above as f64 + 0.5 * n_own as f64) / m as f64;
        own += n_own as f64 * (beats - value).powi(2);
        other += n_other as f64 * (is_beaten - value).powi(2);
        n_below += n_other;
    }
    let (m, n) = (m as f64, n as f64);
    let variance = own / (m - 1.0) / m + other / (n - 1.0) / n;
    (variance > 0.0 && 0.0 < value && value < 1.0).then(|| variance.sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scores::RankedScores;
    use super::*;

    fn ranked(scores: &[i32]) -> RankedScores {
        let mut sorted = scores.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let n_of = |score: i32| scores.iter().filter(|&&other| other == score).count() as u64;
        RankedScores {
            scores: sorted
                .into_iter()
                .map(|score| (f64::from(score), n_of(score)))
                .collect(),
            n: scores.len() as u64,
            rank_error: 0.0,
        }
    }

    /// Variance of the mean of `values`.
    fn variance_of_mean(values: &[f64]) -> f64 {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition_over_all_pairs(
            own in proptest::collection::vec(-3..8_i32, 2..20),
            other in proptest::collection::vec(-5..5_i32, 2..20),
        ) {
            let kernel = |a: i32, b: i32| f64::from(1 + (a - b).signum()) / 2.0;
            let placements: Vec<f64> = own
                .iter()
                .map(|&a| other.iter().map(|&b| kernel(a, b)).sum::<f64>() / other.len() as f64)
                .collect();
            let others: Vec<f64> = other
                .iter()
                .map(|&b| own.iter().map(|&a| kernel(a, b)).sum::<f64>() / own.len() as f64)
                .collect();
            let area = RocArea::of(&Ranks::of(&ranked(&own), &ranked(&other)));
            let value = placements.iter().sum::<f64>() / own.len() as f64;
            prop_assert!((area.value - value).abs() < 1e-14);
            let expected = (variance_of_mean(&placements) + variance_of_mean(&others)).sqrt();
            let found = area.standard_error.unwrap_or(0.0);
            prop_assert!((found - expected).abs() < 1e-7 && (found > 0.0 || expected < 1e-7));
            let mirror = RocArea::of(&Ranks::of(&ranked(&other), &ranked(&own)));
            prop_assert!((mirror.value - (1.0 - area.value)).abs() < 1e-15);
        }
    }
}
