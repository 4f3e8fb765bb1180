//! Profile of a numeric column.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::distribution::Distribution;
use super::moments::BLOCK;
use super::{Counts, MergeError, Mode, Moments};
use crate::sketch::QuantileSketch;

/// Comparisons kept side by side, so that one does not wait for another.
const LANES: usize = 8;

/// Counts, moments, range and the distribution of the finite values of a numeric column.
///
/// Negative zero counts as zero. In exact mode two sealed profiles of the same values are equal to the
/// bit, in whatever order and parts the values came.
#[derive(Debug, Clone, PartialEq)]
pub struct NumericProfile {
    pub(super) counts: Counts,
    pub(super) moments: Moments,
    /// Least finite value; infinite while there is none.
    pub(super) min: f64,
    /// Greatest finite value; negative infinite while there is none.
    pub(super) max: f64,
    pub(super) values: Values,
}

/// The finite values, as they are kept. None of them is negative zero.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// All of them; sorted if `is_sorted`.
    Exact { values: Vec<f64>, is_sorted: bool },
    /// A few kilobytes of them.
    Sketched(QuantileSketch),
}

impl NumericProfile {
    /// An empty profile.
    pub fn new(mode: Mode) -> Self {
        Self {
            counts: Counts::default(),
            moments: Moments::default(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            values: match mode {
                Mode::Exact => Values::Exact {
                    values: Vec::new(),
                    is_sorted: true,
                },
                Mode::Sketched => Values::Sketched(QuantileSketch::default()),
            },
        }
    }

    /// Takes one value; NaN and infinities are counted, not kept.
    pub fn push(&mut self, value: f64) {
        self.counts.rows += 1;
        if !value.is_finite() {
            self.count_special(value);
            return;
        }
        let value = value + 0.0; // Turns negative zero into zero and nothing else.
        self.counts.zero += u64::from(value == 0.0);
        self.counts.negative += u64::from(value < 0.0);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.moments.push(value);
        match &mut self.values {
            Values::Exact { values, is_sorted } => {
                values.push(value);
                *is_sorted = false;
            }
            Values::Sketched(sketch) => sketch.push(value),
        }
    }

    /// Takes many values. Much faster than as many calls of [`NumericProfile::push`].
    pub fn extend_from_slice(&mut self, values: &[f64]) {
        self.counts.rows += values.len() as u64;
        for block in values.chunks(BLOCK) {
            if all_finite(block) {
                self.take_finite(block);
                continue;
            }
            let mut finite = [0.0; BLOCK];
            let mut n_finite = 0;
            for &value in block {
                if value.is_finite() {
                    finite[n_finite] = value;
                    n_finite += 1;
                } else {
                    self.count_special(value);
                }
            }
            self.take_finite(&finite[..n_finite]);
        }
    }

    /// Takes at most [`BLOCK`] finite values whose rows are counted.
    fn take_finite(&mut self, block: &[f64]) {
        if block.is_empty() {
            return;
        }
        let tally = Tally::of(block);
        self.counts.zero += tally.zero;
        self.counts.negative += tally.negative;
        self.min = self.min.min(tally.min);
        self.max = self.max.max(tally.max);
        self.moments.merge(&Moments::of_block(block));
        // Adding zero turns negative zero into zero and nothing else.
        let normalised = block.iter().map(|value| value + 0.0);
        match &mut self.values {
            Values::Exact { values, is_sorted } => {
                values.extend(normalised);
                *is_sorted = false;
            }
            Values::Sketched(sketch) => {
                let mut buffer = [0.0; BLOCK];
                for (place, value) in buffer.iter_mut().zip(normalised) {
                    *place = value;
                }
                sketch.extend_from_slice(&buffer[..block.len()]);
            }
        }
    }

    fn count_special(&mut self, value: f64) {
        let count = if value.is_nan() {
            &mut self.counts.nan
        } else if value > 0.0 {
            &mut self.counts.positive_infinity
        } else {
            &mut self.counts.negative_infinity
        };
        *count += 1;
    }

    /// Takes `n` rows that hold null.
    pub fn push_nulls(&mut self, n: u64) {
        self.counts.rows += n;
        self.counts.null += n;
    }

    /// Adds another part.
    ///
    /// # Errors
    /// If one is exact and the other sketched.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        match (&mut self.values, other.values) {
            (
                Values::Exact { values, is_sorted },
                Values::Exact {
                    values: mut others,
                    is_sorted: others_are_sorted,
                },
            ) => {
                let (n_own, n_others) = (values.len(), others.len());
                *is_sorted = (n_own == 0 && others_are_sorted) || (n_others == 0 && *is_sorted);
                if n_own < n_others {
                    std::mem::swap(values, &mut others);
                }
                values.extend_from_slice(&others);
            }
            (Values::Sketched(sketch), Values::Sketched(other)) => sketch.merge(&other),
            _ => return Err(MergeError::Mode),
        }
        self.counts.merge(&other.counts);
        self.moments.merge(&other.moments);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        Ok(())
    }

    /// Sorts what is kept, so that each statistic need not. In exact mode the moments are then those of
    /// the values in ascending order, which may change their last digits.
    pub fn seal(&mut self) {
        if let Values::Exact { values, is_sorted } = &mut self.values
            && !*is_sorted
        {
            sort(values);
            self.moments = Moments::of(values);
            *is_sorted = true;
        }
    }

    /// The finite values in ascending order. Cheap after [`NumericProfile::seal`].
    pub fn distribution(&self) -> Distribution<'_> {
        match &self.values {
            Values::Exact {
                values,
                is_sorted: true,
            } => Distribution::exact(Cow::Borrowed(values)),
            Values::Exact { values, .. } => {
                let mut sorted = values.clone();
                sort(&mut sorted);
                Distribution::exact(Cow::Owned(sorted))
            }
            Values::Sketched(sketch) => {
                let (values, cumulative) = sketch.cumulative();
                Distribution::sketched(values, cumulative, sketch.rank_error())
            }
        }
    }

    /// Counts of all rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Moments of the finite values.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Least and greatest finite value; `None` where there is none.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.moments.count > 0).then_some((self.min, self.max))
    }

    /// Whether all values are kept.
    pub fn mode(&self) -> Mode {
        match self.values {
            Values::Exact { .. } => Mode::Exact,
            Values::Sketched(_) => Mode::Sketched,
        }
    }
}

/// What one pass over finite values sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tally {
    pub(super) zero: u64,
    pub(super) negative: u64,
    /// Infinite where there is no value; never negative zero.
    pub(super) min: f64,
    /// Negative infinite where there is no value; never negative zero.
    pub(super) max: f64,
}

impl Tally {
    pub(super) fn of(values: &[f64]) -> Self {
        let mut min = [f64::INFINITY; LANES];
        let mut max = [f64::NEG_INFINITY; LANES];
        let (chunks, tail) = values.as_chunks::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                let value = chunk[lane];
                min[lane] = if value < min[lane] { value } else { min[lane] };
                max[lane] = if value > max[lane] { value } else { max[lane] };
            }
        }
        let lowest = min
            .iter()
            .chain(tail)
            .copied()
            .fold(f64::INFINITY, f64::min);
        let highest = max
            .iter()
            .chain(tail)
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        Self {
            zero: values.iter().map(|&value| u64::from(value == 0.0)).sum(),
            negative: values.iter().map(|&value| u64::from(value < 0.0)).sum(),
            min: lowest + 0.0,
            max: highest + 0.0,
        }
    }
}

/// Whether there is neither NaN nor infinity. Without an early exit, so that it can be vectorised.
pub(super) fn all_finite(values: &[f64]) -> bool {
    values.iter().fold(true, |ok, value| ok & value.is_finite())
}

/// Most sorted parts of which the merge is faster than a sort from scratch: from 10^5 to 4 * 10^6 values both
/// take as long at ten to twelve.
const RUNS_MAX: usize = 8;

/// Sorts finite values; a third faster than by `f64::total_cmp`. A few sorted parts that were joined are merged:
/// the stable sort looks for such runs, the unstable one does not.
fn sort(values: &mut [f64]) {
    let ascending = |a: &f64, b: &f64| a.partial_cmp(b).unwrap_or(Ordering::Equal);
    let mut descents = values.windows(2).filter(|pair| pair[1] < pair[0]);
    if descents.nth(RUNS_MAX - 1).is_none() {
        values.sort_by(ascending);
    } else {
        values.sort_unstable_by(ascending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODES: [Mode; 2] = [Mode::Exact, Mode::Sketched];

    #[test]
    fn kinds_of_absence_are_counted_apart() {
        let values = [
            1.0,
            f64::NAN,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -2.0,
            0.0,
            f64::NAN,
        ];
        for mode in MODES {
            let mut bulk = NumericProfile::new(mode);
            bulk.extend_from_slice(&values);
            bulk.push_nulls(3);
            let mut single = NumericProfile::new(mode);
            values.iter().for_each(|&value| single.push(value));
            single.push_nulls(3);
            for profile in [bulk, single] {
                assert_eq!(
                    *profile.counts(),
                    Counts {
                        rows: 11,
                        null: 3,
                        nan: 2,
                        positive_infinity: 1,
                        negative_infinity: 1,
                        zero: 2,
                        negative: 1,
                        empty: 0,
                    }
                );
                assert_eq!(profile.mode(), mode);
                assert_eq!(profile.range(), Some((-2.0, 1.0)));
                assert_eq!(profile.distribution().values(), [-2.0, 0.0, 0.0, 1.0]);
                assert_eq!(profile.moments().count, 4);
            }
        }
    }

    #[test]
    fn negative_zero_is_zero() {
        for mode in MODES {
            let mut profile = NumericProfile::new(mode);
            profile.extend_from_slice(&[-0.0; 100]);
            profile.push(-0.0);
            let (min, max) = profile.range().expect("there are values");
            for value in profile.distribution().values().iter().chain([&min, &max]) {
                assert_eq!(value.to_bits(), 0.0_f64.to_bits());
            }
            assert_eq!(profile.moments().mean.to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn extreme_numbers_keep_their_place() {
        let values = [f64::MAX, -f64::MAX, 1e308, f64::MIN_POSITIVE / 2.0, 5e-324];
        for mode in MODES {
            let mut profile = NumericProfile::new(mode);
            profile.extend_from_slice(&values);
            assert_eq!(profile.range(), Some((-f64::MAX, f64::MAX)));
            assert_eq!(profile.moments().mean, 2e307);
            assert_eq!(profile.moments().variance(), None);
            assert_eq!(profile.distribution().rank_lt(1.0), 3);
        }
    }

    #[test]
    fn empty_and_all_null_have_no_range() {
        for mode in MODES {
            let mut profile = NumericProfile::new(mode);
            profile.extend_from_slice(&[f64::NAN, f64::INFINITY]);
            assert_eq!(profile.range(), None);
            assert_eq!(profile.distribution().n(), 0);
            profile.seal();
            assert_eq!(*profile.moments(), Moments::default());
        }
    }

    #[test]
    fn modes_do_not_mix() {
        let mut exact = NumericProfile::new(Mode::Exact);
        let before = exact.clone();
        let mut sketched = NumericProfile::new(Mode::Sketched);
        sketched.push(1.0);
        assert_eq!(exact.merge(sketched), Err(MergeError::Mode));
        assert_eq!(exact, before);
    }

    #[test]
    fn joined_sealed_parts_equal_the_whole() {
        let value = |i: u32| (f64::from(i) * 0.7).sin() * 1e3;
        for n_parts in [2, 8, 9, 600] {
            let mut whole = NumericProfile::new(Mode::Exact);
            let mut joined = NumericProfile::new(Mode::Exact);
            for part in 0..n_parts {
                // Parts of different lengths, so that some become the front of the joined one.
                let values: Vec<f64> = (0..90 + part % 7).map(|i| value(part * 31 + i)).collect();
                whole.extend_from_slice(&values);
                let mut sealed = NumericProfile::new(Mode::Exact);
                sealed.extend_from_slice(&values);
                sealed.seal();
                joined.merge(sealed).expect("one mode");
            }
            assert!(!matches!(
                joined.values,
                Values::Exact {
                    is_sorted: true,
                    ..
                }
            ));
            whole.seal();
            joined.seal();
            assert_eq!(whole, joined);
        }
    }

    #[test]
    fn sealed_is_the_same_in_any_order() {
        let values: Vec<f64> = (0..5000)
            .map(|i| (f64::from(i) * 0.7).sin() * 1e3)
            .collect();
        let mut forward = NumericProfile::new(Mode::Exact);
        forward.extend_from_slice(&values);
        let mut backward = NumericProfile::new(Mode::Exact);
        values.iter().rev().for_each(|&value| backward.push(value));
        assert_ne!(forward, backward);
        forward.seal();
        backward.seal();
        assert_eq!(forward, backward);
    }
}
