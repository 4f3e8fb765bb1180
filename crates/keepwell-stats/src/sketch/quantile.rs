//! Ranks and quantiles of a stream in a few kilobytes.

use std::cmp::Ordering;

use super::hash;

/// Capacity of the topmost level: decides the error and the size.
const TOP_CAPACITY: usize = 320;

/// Least capacity of a level.
const LEVEL_CAPACITY_MIN: usize = 48;

/// Values that are gathered before they are sorted together.
const BATCH: usize = 512;

/// Values at either end of a level that a compaction leaves alone.
const EDGE: usize = 8;

/// Ratio of the capacities of neighbouring levels, as numerator and denominator.
const SHRINK: (usize, usize) = (2, 3);

/// Standard deviations that the stated error covers.
const DEVIATIONS: f64 = 4.0;

/// Quantile sketch of the kind of Karnin, Lang and Liberty (2016), "Optimal Quantile Approximation in
/// Streams", FOCS, 71–78, with coins that depend on nothing but the sketch's own history.
///
/// Values stand on levels; one on level `h` speaks for `2^h` rows. When there are too many, a level is
/// compacted: of each two neighbours in ascending order one, by the coin the first or the second, moves a
/// level up. The first and last few values stay, so that the extremes are exact and the tails are finer
/// than the middle (the idea of Cormode, Karnin, Liberty, Thaler and Veselý (2021), "Relative Error
/// Streaming Quantiles", PODS, 96–108).
///
/// # Error
/// A compaction on level `h` moves any rank by at most `2^h` rows, up or down by its coin. Coins of a level
/// come in pairs of opposite sides, so that two compactions together move a rank by no more than one. The
/// stated error is four times the root of the sum of the squared steps: 0 until the first compaction,
/// below 1 % ever after. Merged parts may have thrown the same coins, therefore a merge adds the bounds
/// of its parts, not their squares, and its own: below 2 % however many streams are merged into one
/// sketch, and 1 % more with each generation of merged sketches that are merged again.
///
/// # Cost
/// About 15 ns for a value, and at most 2,500 kept values.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileSketch {
    /// Rows: the sum of the weights of all kept values.
    n: u64,
    /// From weight 1 on; never empty.
    levels: Vec<Level>,
    /// Sum of the error bounds of the parts that were merged in, in rows.
    inherited: f64,
}

/// Values of one weight.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Level {
    /// On level 0 in order of arrival, on the others ascending.
    pub(crate) values: Vec<f64>,
    /// Compactions of this level so far, which is also the state of its coin.
    pub(crate) compactions: u64,
}

impl Default for QuantileSketch {
    fn default() -> Self {
        Self {
            n: 0,
            levels: vec![Level::default()],
            inherited: 0.0,
        }
    }
}

impl QuantileSketch {
    /// Number of rows.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Takes one finite value.
    pub fn push(&mut self, value: f64) {
        self.extend_from_slice(&[value]);
    }

    /// Takes finite values.
    pub fn extend_from_slice(&mut self, mut values: &[f64]) {
        self.n += values.len() as u64;
        while !values.is_empty() {
            let batch = &mut self.level(0).values;
            let room = BATCH.saturating_sub(batch.len());
            let (now, later) = values.split_at(room.min(values.len()));
            batch.extend_from_slice(now);
            if batch.len() >= BATCH {
                self.compact_full();
            }
            values = later;
        }
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            self.clone_from(other);
            return;
        }
        self.n += other.n;
        self.inherited += other.error_rows();
        for (height, level) in other.levels.iter().enumerate() {
            let own = &mut self.level(height).values;
            if height == 0 {
                own.extend_from_slice(&level.values);
            } else {
                merge_ascending(own, &level.values);
            }
        }
        self.compact_full();
    }

    /// Bound on the error of any rank, as a share of the rows, in `[0, 1]`; zero means exact.
    ///
    /// By Hoeffding's inequality a rank is within it with a probability above 0.999 for any data. Since a
    /// compaction moves on average only every second rank, all ranks at once are within it in practice.
    pub fn rank_error(&self) -> f64 {
        if self.n == 0 {
            return 0.0;
        }
        self.error_rows() / self.n as f64
    }

    /// Kept values in ascending order, and the number of rows at or before each.
    pub fn cumulative(&self) -> (Vec<f64>, Vec<u64>) {
        let mut weighted: Vec<(f64, u64)> = self
            .levels
            .iter()
            .enumerate()
            .flat_map(|(height, level)| level.values.iter().map(move |&value| (value, 1 << height)))
            .collect();
        weighted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut upto = 0;
        weighted
            .into_iter()
            .map(|(value, weight)| {
                upto += weight;
                (value, upto)
            })
            .unzip()
    }

    /// Levels and inherited error, for the codec.
    pub(crate) fn parts(&self) -> (&[Level], f64) {
        (&self.levels, self.inherited)
    }

    /// The sketch with these parts. The caller vouches that there is a level, that values are finite, ascending
    /// above level 0, and stand for fewer than `2^63` rows, and that `inherited` is in `[0, n]`.
    pub(crate) fn from_parts(levels: Vec<Level>, inherited: f64) -> Self {
        let n = levels
            .iter()
            .enumerate()
            .map(|(height, level)| (level.values.len() as u64) << height)
            .sum();
        Self {
            n,
            levels,
            inherited,
        }
    }

    /// Least and greatest value, which are always kept; `None` where there is none.
    pub fn range(&self) -> Option<(f64, f64)> {
        let lowest = &self.levels[0].values;
        let min = lowest.iter().copied().reduce(f64::min)?;
        let max = lowest.iter().copied().reduce(f64::max)?;
        Some((min, max))
    }

    fn error_rows(&self) -> f64 {
        let squares: f64 = self
            .levels
            .iter()
            .enumerate()
            .map(|(height, level)| level.compactions.div_ceil(2) as f64 * 4_f64.powi(height as i32))
            .sum();
        (self.inherited + DEVIATIONS * squares.sqrt()).min(self.n as f64)
    }

    fn level(&mut self, height: usize) -> &mut Level {
        if self.levels.len() <= height {
            self.levels.resize(height + 1, Level::default());
        }
        &mut self.levels[height]
    }

    /// Compacts until everything fits. A level may exceed its capacity as long as the others leave room,
    /// because few large compactions err less than many small ones.
    fn compact_full(&mut self) {
        if self.level(0).values.len() >= BATCH {
            self.compact(0);
        }
        loop {
            let n_levels = self.levels.len();
            let upper = || (1..n_levels).map(|height| (height, capacity(height, n_levels)));
            let kept: usize = self.levels[1..]
                .iter()
                .map(|level| level.values.len())
                .sum();
            if kept <= upper().map(|(_, capacity)| capacity).sum() {
                return;
            }
            let full =
                upper().find(|&(height, capacity)| self.levels[height].values.len() > capacity);
            self.compact(
                full.expect("one of the levels is above its share of the sum")
                    .0,
            );
        }
    }

    /// Moves half of the middle of a level one level up.
    fn compact(&mut self, height: usize) {
        let level = self.level(height);
        if height == 0 {
            sort_finite(&mut level.values);
        }
        let coin = coin(height, level.compactions);
        level.compactions += 1;
        let end = level.values.len() - EDGE - level.values.len() % 2;
        let promoted: Vec<f64> = level.values[EDGE + coin..end]
            .iter()
            .copied()
            .step_by(2)
            .collect();
        level.values.drain(EDGE..end);
        merge_ascending(&mut self.level(height + 1).values, &promoted);
    }
}

/// Which of two neighbours moves up: 0 or 1.
fn coin(height: usize, compactions: u64) -> usize {
    let pair = (compactions / 2).wrapping_add((height as u64 + 1) << 56);
    ((hash::finish(pair) ^ compactions) & 1) as usize
}

/// Values at which a level is compacted.
fn capacity(height: usize, n_levels: usize) -> usize {
    if height == 0 {
        return BATCH;
    }
    let mut capacity = TOP_CAPACITY;
    for _ in height + 1..n_levels {
        capacity = capacity * SHRINK.0 / SHRINK.1;
    }
    capacity.max(LEVEL_CAPACITY_MIN)
}

/// Sorts values that are not NaN; a third faster than by `f64::total_cmp`.
fn sort_finite(values: &mut [f64]) {
    values.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
}

/// Merges an ascending slice into an ascending vector, from the greatest value down.
fn merge_ascending(into: &mut Vec<f64>, from: &[f64]) {
    let (mut left, mut right) = (into.len(), from.len());
    into.resize(left + right, 0.0);
    // Which side gives the next value cannot be predicted, so it is computed without a branch.
    while left > 0 && right > 0 {
        let (own, other) = (into[left - 1], from[right - 1]);
        let is_own = own > other;
        into[left + right - 1] = if is_own { own } else { other };
        left -= usize::from(is_own);
        right -= usize::from(!is_own);
    }
    into[..right].copy_from_slice(&from[..right]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uniform values in `[0, 1)`, the same for a seed on every machine.
    fn uniform(seed: u64, n: usize) -> Vec<f64> {
        (1..=n as u64)
            .map(|i| hash::finish(hash::finish(seed + 1).wrapping_add(i)) as f64 / 2_f64.powi(64))
            .collect()
    }

    fn sketch(values: &[f64]) -> QuantileSketch {
        let mut sketch = QuantileSketch::default();
        sketch.extend_from_slice(values);
        sketch
    }

    /// Largest error of any rank, as a share of the rows.
    fn worst_error(sketch: &QuantileSketch, values: &[f64]) -> f64 {
        let mut sorted = values.to_vec();
        sort_finite(&mut sorted);
        let (kept, upto) = sketch.cumulative();
        let n = sorted.len() as f64;
        let mut worst = 0.0_f64;
        for (idx, value) in sorted.iter().enumerate() {
            if sorted.get(idx + 1).is_some_and(|next| next == value) {
                continue;
            }
            let found = match kept.partition_point(|x| x <= value) {
                0 => 0,
                position => upto[position - 1],
            };
            worst = worst.max((found as f64 - (idx + 1) as f64).abs() / n);
        }
        worst
    }

    #[test]
    fn few_values_are_exact() {
        let values = uniform(1, BATCH - 1);
        let sketch = sketch(&values);
        assert_eq!(sketch.rank_error(), 0.0);
        assert_eq!(worst_error(&sketch, &values), 0.0);
    }

    #[test]
    fn every_rank_is_within_the_stated_error() {
        for seed in 0..20 {
            let random = uniform(seed, 30_000);
            let mut ascending = random.clone();
            sort_finite(&mut ascending);
            let descending: Vec<f64> = ascending.iter().rev().copied().collect();
            let lumpy: Vec<f64> = random.iter().map(|value| (value * 50.0).floor()).collect();
            for values in [random, ascending, descending, lumpy] {
                let sketch = sketch(&values);
                let (found, stated) = (worst_error(&sketch, &values), sketch.rank_error());
                assert!(stated < 0.01, "stated {stated}");
                assert!(found <= stated, "seed {seed}: {found} above {stated}");
                assert!(found > 0.0, "the sketch is not exact here");
            }
        }
    }

    #[test]
    fn stated_error_and_size_stay_bounded() {
        let values = uniform(3, 8192);
        let mut sketch = QuantileSketch::default();
        for _ in 0..250 {
            sketch.extend_from_slice(&values);
            assert!(sketch.rank_error() < 0.01, "{}", sketch.rank_error());
            let kept: usize = sketch.levels.iter().map(|level| level.values.len()).sum();
            assert!(kept <= 2500, "{kept}");
        }
        assert_eq!(sketch.n(), 250 * 8192);
        assert_eq!(sketch.cumulative().1.last(), Some(&sketch.n()));
    }

    #[test]
    fn merged_parts_stay_within_their_bound() {
        let values = uniform(5, 120_000);
        for n_parts in [2, 7, 100, 1000] {
            let mut whole = QuantileSketch::default();
            for part in values.chunks(values.len() / n_parts) {
                whole.merge(&sketch(part));
            }
            assert_eq!(whole.n(), 120_000);
            assert!(
                whole.rank_error() < 0.02,
                "{n_parts}: {}",
                whole.rank_error()
            );
            assert!(worst_error(&whole, &values) <= whole.rank_error());
        }
    }

    #[test]
    fn equal_parts_do_not_hide_their_error() {
        let values = uniform(8, 5000);
        let part = sketch(&values);
        let mut whole = part.clone();
        whole.merge(&part);
        assert!(whole.rank_error() >= part.rank_error());
        for _ in 2..200 {
            whole.merge(&part);
        }
        assert!(worst_error(&whole, &values.repeat(200)) <= whole.rank_error());
    }

    #[test]
    fn tails_are_finer_than_the_middle() {
        let values = uniform(13, 200_000);
        let sketch = sketch(&values);
        let mut sorted = values;
        sort_finite(&mut sorted);
        let (kept, upto) = sketch.cumulative();
        assert_eq!(kept[..EDGE], sorted[..EDGE]);
        assert_eq!(sketch.range(), Some((sorted[0], sorted[sorted.len() - 1])));
        // Below the first thousandth, ranks are within 0.03 % of the rows.
        for idx in (0..200).step_by(10) {
            let position = kept.partition_point(|value| *value <= sorted[idx]);
            let found = if position == 0 { 0 } else { upto[position - 1] };
            assert!(found.abs_diff(idx as u64 + 1) <= 60, "{idx}: {found}");
        }
    }

    #[test]
    fn same_input_gives_same_bits_however_it_is_cut() {
        let values = uniform(21, 20_000);
        let whole = sketch(&values);
        let mut single = QuantileSketch::default();
        values.iter().for_each(|&value| single.push(value));
        assert_eq!(whole, single);
        let mut merged = QuantileSketch::default();
        merged.merge(&whole);
        merged.merge(&QuantileSketch::default());
        assert_eq!(merged, whole);
    }
}
