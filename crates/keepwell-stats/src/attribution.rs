//! Why a metric changed: the part of each segment, or of each column, in the change, adding up to the whole.

mod columns;

pub use columns::{
    ColumnEffects, ColumnPart, ColumnParts, Ends, Explained, Mix, REFERENCE_ROWS_MIN, RatioEffects,
};

/// A metric as a ratio of two sums over rows, of one segment.
///
/// Accuracy is correct rows over rows, precision true positives over positive predictions, F1 twice the true
/// positives over positive targets and positive predictions, a mean error the sum of errors over rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RatioParts {
    /// What is counted or added up.
    pub numerator: f64,
    /// What it is divided by.
    pub denominator: f64,
}

/// A segment in the reference and now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentParts {
    /// Sums of the reference.
    pub reference: RatioParts,
    /// Sums of the current window.
    pub current: RatioParts,
}

/// Part of each segment in the change of the whole, in the unit of the metric; they add up to it.
///
/// With `n` and `d` the sums of a segment and capitals for the whole, `M = N / D`, the part of a segment is
/// `(n₁ − m d₁) / D₁ − (n₀ − m d₀) / D₀`, where `m` is the mean of `M₀` and `M₁`. So a segment counts for
/// what it changed within itself, and for growing or shrinking where it is worse or better than the
/// others. For a mean this is the decomposition of Kitagawa (1955), Journal of the American Statistical
/// Association 50, 1168–1194.
///
/// `None` where the metric is undefined on a side.
pub fn parts_of_change(segments: &[SegmentParts]) -> Option<Vec<f64>> {
    let (before, now) = totals(segments)?;
    let middle = 0.5 * (before.ratio() + now.ratio());
    let excess = |part: RatioParts, whole: RatioParts| {
        (part.numerator - middle * part.denominator) / whole.denominator
    };
    Some(
        segments
            .iter()
            .map(|segment| excess(segment.current, now) - excess(segment.reference, before))
            .collect(),
    )
}

/// As [`parts_of_change`], of a metric that is the root of the ratio: a change of roots is that of the squares over
/// their sum.
pub fn parts_of_change_of_root(segments: &[SegmentParts]) -> Option<Vec<f64>> {
    let (before, now) = totals(segments)?;
    let scale = scale_of_root(before.ratio().sqrt(), now.ratio().sqrt());
    let parts = parts_of_change(segments)?;
    Some(parts.into_iter().map(|part| part * scale).collect())
}

/// What turns parts of a change of squares into those of a change of the roots.
fn scale_of_root(before: f64, now: f64) -> f64 {
    let sum = before + now;
    if sum > 0.0 { 1.0 / sum } else { 0.0 }
}

impl RatioParts {
    fn ratio(self) -> f64 {
        self.numerator / self.denominator
    }
}

/// The sums of both sides; `None` where nothing can be divided by.
fn totals(segments: &[SegmentParts]) -> Option<(RatioParts, RatioParts)> {
    let total = |of: fn(&SegmentParts) -> RatioParts| {
        let mut sum = RatioParts::default();
        for segment in segments {
            let part = of(segment);
            sum.numerator += part.numerator;
            sum.denominator += part.denominator;
        }
        sum
    };
    let (before, now) = (
        total(|segment| segment.reference),
        total(|segment| segment.current),
    );
    (before.denominator > 0.0 && now.denominator > 0.0).then_some((before, now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(numerator: f64, denominator: f64) -> RatioParts {
        RatioParts {
            numerator,
            denominator,
        }
    }

    #[test]
    fn a_segment_that_alone_became_worse_has_the_whole_change() {
        let unchanged = parts(80.0, 100.0);
        let segments = [
            SegmentParts {
                reference: unchanged,
                current: unchanged,
            },
            SegmentParts {
                reference: unchanged,
                current: parts(60.0, 100.0),
            },
        ];
        let found = parts_of_change(&segments).expect("rows on both sides");
        assert!(found[0].abs() < 1e-12, "{found:?}");
        assert!((found[1] + 0.1).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn a_worse_segment_that_grew_explains_the_mix() {
        let segments = [
            SegmentParts {
                reference: parts(90.0, 100.0),
                current: parts(45.0, 50.0),
            },
            SegmentParts {
                reference: parts(50.0, 100.0),
                current: parts(75.0, 150.0),
            },
        ];
        let found = parts_of_change(&segments).expect("rows on both sides");
        assert!((found.iter().sum::<f64>() - (0.6 - 0.7)).abs() < 1e-12);
        // Fewer of the better and more of the worse rows, to the same extent.
        assert!(found.iter().all(|part| *part < 0.0), "{found:?}");
    }

    #[test]
    fn parts_of_a_root_add_up_to_its_change() {
        let segments = [
            SegmentParts {
                reference: parts(100.0, 100.0),
                current: parts(500.0, 100.0),
            },
            SegmentParts {
                reference: parts(100.0, 100.0),
                current: parts(300.0, 100.0),
            },
        ];
        let found = parts_of_change_of_root(&segments).expect("rows on both sides");
        // The root of the mean square rises from 1 to 2, two thirds of it in the first segment.
        assert!((found[0] - 2.0 / 3.0).abs() < 1e-12, "{found:?}");
        assert!((found[1] - 1.0 / 3.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn nothing_to_divide_by_has_no_parts() {
        let empty = SegmentParts {
            reference: RatioParts::default(),
            current: parts(1.0, 2.0),
        };
        assert_eq!(parts_of_change(&[empty]), None);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_change(
            rows in proptest::collection::vec((0.0..50.0, 1.0..100.0, 0.0..50.0, 1.0..100.0), 1..8),
        ) {
            let segments: Vec<SegmentParts> = rows
                .iter()
                .map(|&(a, b, c, d)| SegmentParts { reference: parts(a, b), current: parts(c, d) })
                .collect();
            let ratio = |of: fn(&SegmentParts) -> RatioParts| {
                segments.iter().map(|s| of(s).numerator).sum::<f64>()
                    / segments.iter().map(|s| of(s).denominator).sum::<f64>()
            };
            let change = ratio(|s| s.current) - ratio(|s| s.reference);
            let found = parts_of_change(&segments).expect("rows on both sides");
            prop_assert!((found.iter().sum::<f64>() - change).abs() < 1e-9);
        }
    }
}
