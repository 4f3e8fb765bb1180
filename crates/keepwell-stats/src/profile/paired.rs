//! Values of a column beside the values of the same entities from another source.

use super::Moments;

/// Digits up to which agreement is told apart: about what `f64` has.
pub const DIGITS_MAX: usize = 15;

/// Pairs of values of the same entities: `offline` as a training set would hold them, `served` as the model
/// got them.
///
/// NaN is a missing value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PairedProfile {
    rows: u64,
    offline_missing: u64,
    served_missing: u64,
    both_missing: u64,
    equal: u64,
    /// Pairs of unequal values by the number of digits to which they agree.
    by_digits: [u64; DIGITS_MAX + 1],
    /// Equal pairs of finite numbers.
    zeros: u64,
    /// Differences that are not zero.
    difference: Moments,
    distance: Moments,
    distance_max: f64,
}

impl PairedProfile {
    /// Takes a pair of numbers.
    pub fn push_numbers(&mut self, offline: f64, served: f64) {
        if offline.is_nan() || served.is_nan() {
            self.push_missing(offline.is_nan(), served.is_nan());
            return;
        }
        self.rows += 1;
        if offline == served {
            self.equal += 1;
        } else {
            self.by_digits[digits(offline, served)] += 1;
        }
        let difference = served - offline;
        if difference == 0.0 {
            // The most frequent case by far.
            self.zeros += 1;
        } else if difference.is_finite() {
            self.difference.push(difference);
            self.distance.push(difference.abs());
            self.distance_max = self.distance_max.max(difference.abs());
        }
    }

    /// Takes a pair of texts.
    pub fn push_texts(&mut self, offline: Option<&str>, served: Option<&str>) {
        self.push_values(offline, served);
    }

    /// Takes a pair of values that are equal or not; `None` is a missing one.
    pub fn push_values<T: Copy + PartialEq>(&mut self, offline: Option<T>, served: Option<T>) {
        let (Some(offline), Some(served)) = (offline, served) else {
            self.push_missing(offline.is_none(), served.is_none());
            return;
        };
        self.rows += 1;
        if offline == served {
            self.equal += 1;
        } else {
            self.by_digits[0] += 1;
        }
    }

    fn push_missing(&mut self, is_offline_missing: bool, is_served_missing: bool) {
        self.rows += 1;
        let count = match (is_offline_missing, is_served_missing) {
            (true, true) => &mut self.both_missing,
            (true, false) => &mut self.offline_missing,
            _ => &mut self.served_missing,
        };
        *count += 1;
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.offline_missing += other.offline_missing;
        self.served_missing += other.served_missing;
        self.both_missing += other.both_missing;
        self.equal += other.equal;
        for (own, other) in self.by_digits.iter_mut().zip(other.by_digits) {
            *own += other;
        }
        self.zeros += other.zeros;
        self.difference.merge(&other.difference);
        self.distance.merge(&other.distance);
        self.distance_max = self.distance_max.max(other.distance_max);
    }

    /// Entities.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Entities whose value is missing offline only.
    pub fn offline_missing(&self) -> u64 {
        self.offline_missing
    }

    /// Entities whose value is missing as served only.
    pub fn served_missing(&self) -> u64 {
        self.served_missing
    }

    /// Entities whose value is missing in both.
    pub fn both_missing(&self) -> u64 {
        self.both_missing
    }

    /// Entities with two equal values.
    pub fn equal(&self) -> u64 {
        self.equal
    }

    /// Entities with a value in one source only, or with two that differ by more than a share of `10^-digits`
    /// of the larger one.
    pub fn differing(&self, digits: usize) -> u64 {
        let values: u64 = self.by_digits[..digits.min(DIGITS_MAX + 1)].iter().sum();
        values + self.offline_missing + self.served_missing
    }

    /// Served less offline value: moments over the entities with two numbers of finite difference.
    pub fn difference(&self) -> Moments {
        self.with_zeros(&self.difference)
    }

    /// Moments of the absolute value of the difference.
    pub fn distance(&self) -> Moments {
        self.with_zeros(&self.distance)
    }

    fn with_zeros(&self, others: &Moments) -> Moments {
        let mut moments = Moments {
            count: self.zeros,
            ..Moments::default()
        };
        moments.merge(others);
        moments
    }

    /// The greatest absolute value of a finite difference; zero where there is none.
    pub fn distance_max(&self) -> f64 {
        self.distance_max
    }
}

/// Greatest number of digits, at most [`DIGITS_MAX`], for which two unequal numbers differ by at most a share
/// of `10^-digits` of the larger one.
fn digits(offline: f64, served: f64) -> usize {
    let larger = offline.abs().max(served.abs());
    let difference = (offline - served).abs();
    if difference.is_infinite() {
        return 0;
    }
    POWERS
        .iter()
        .take_while(|&&power| difference <= power * larger)
        .count()
}

/// Shares for one digit, two, and so on.
const POWERS: [f64; DIGITS_MAX] = [
    1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn profile(pairs: &[(f64, f64)]) -> PairedProfile {
        let mut profile = PairedProfile::default();
        for &(offline, served) in pairs {
            profile.push_numbers(offline, served);
        }
        profile
    }

    #[test]
    fn digits_are_those_of_the_larger_value() {
        for (offline, served, expected) in [
            (1.0, 1.05, 1),
            (1.0, 1.2, 0),
            (1.0, -1.0, 0),
            (f64::MAX, -f64::MAX, 0),
            (f64::INFINITY, 1.0, 0),
            (0.0, 5e-324, 0),
            (1e6, 1e6 + 1.0, 6),
            (0.1, f64::from(0.1_f32), 7),
            (1.0, 1.0_f64.next_up(), 15),
        ] {
            assert_eq!(digits(offline, served), expected, "{offline} {served}");
            assert_eq!(digits(served, offline), expected, "{offline} {served}");
        }
    }

    #[test]
    fn absence_on_one_side_is_a_difference() {
        let found = profile(&[
            (1.0, 1.0),
            (f64::NAN, 1.0),
            (1.0, f64::NAN),
            (f64::NAN, f64::NAN),
            (f64::INFINITY, f64::INFINITY),
            (10.0, 11.0),
        ]);
        assert_eq!(found.rows(), 6);
        assert_eq!(found.differing(6), 3);
        assert_eq!(found.differing(1), 2);
        assert_eq!(found.equal(), 2);
        assert_eq!(found.both_missing(), 1);
        assert_eq!(found.difference().count, 2);
        assert_eq!(found.distance().mean, 0.5);
        assert_eq!(found.distance_max(), 1.0);
        let mut texts = PairedProfile::default();
        texts.push_texts(Some("a"), Some("a"));
        texts.push_texts(Some("a"), Some("A"));
        texts.push_texts(None, Some(""));
        texts.push_texts(None, None);
        assert_eq!((texts.rows(), texts.differing(3)), (4, 2));
    }

    proptest! {
        #[test]
        fn parts_add_up(
            pairs in prop::collection::vec((-5.0..5.0_f64, -5.0..5.0_f64), 0..40),
            split in 0_usize..40,
        ) {
            let (left, right) = pairs.split_at(split.min(pairs.len()));
            let mut merged = profile(right);
            merged.merge(&profile(left));
            let whole = profile(&pairs);
            prop_assert_eq!(merged.differing(3), whole.differing(3));
            prop_assert_eq!(merged.rows(), whole.rows());
            prop_assert_eq!(merged.distance_max(), whole.distance_max());
            prop_assert!((merged.difference().mean - whole.difference().mean).abs() < 1e-12);
        }
    }
}
