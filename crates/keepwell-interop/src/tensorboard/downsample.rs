//! Fewer points for a chart, with every extreme kept.

use super::series::Point;

/// What a chart's axis shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Steps.
    Step,
    /// Times.
    WallTime,
}

/// The points that a chart of `n_pixels` columns needs: of each column the first, the least, the greatest,
/// the last, and the first that is not finite. A line through them covers the same pixels as one through all
/// points, and no spike is lost. In the order of `points`; all of them if they are at most four a column.
///
/// `points` ascend along the axis, as those of [`shown`](super::shown) do; of others each stretch inside one
/// column is thinned by itself.
pub fn downsample(points: &[Point], axis: Axis, n_pixels: usize) -> Vec<Point> {
    const PER_PIXEL: usize = 4;
    if points.len() <= n_pixels.saturating_mul(PER_PIXEL) || n_pixels == 0 {
        return points.to_vec();
    }
    let position = |point: &Point| match axis {
        Axis::Step => point.step as f64,
        Axis::WallTime => point.wall_time,
    };
    let positions = points.iter().map(position);
    let least = positions.clone().fold(f64::INFINITY, f64::min);
    let span = positions.fold(f64::NEG_INFINITY, f64::max) - least;
    let column = |point: &Point| {
        let share = (position(point) - least) / span;
        // A span of zero or infinity gives NaN, which is column zero.
        ((share * n_pixels as f64) as usize).min(n_pixels - 1)
    };
    points
        .chunk_by(|one, next| column(one) == column(next))
        .flat_map(extremes)
        .collect()
}

/// First, least, greatest, last and first non-finite point of a column, each once, in order.
fn extremes(points: &[Point]) -> impl Iterator<Item = Point> {
    let finite = || {
        let indexed = points.iter().enumerate();
        indexed.filter(|(_, point)| point.value.is_finite())
    };
    let by_value =
        |one: &(usize, &Point), other: &(usize, &Point)| one.1.value.total_cmp(&other.1.value);
    let kept = [
        points.first().map(|_| 0),
        finite().min_by(by_value).map(|(idx, _)| idx),
        finite().max_by(by_value).map(|(idx, _)| idx),
        points.iter().position(|point| !point.value.is_finite()),
        points.len().checked_sub(1),
    ];
    let mut kept: Vec<usize> = kept.into_iter().flatten().collect();
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|idx| points[idx])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(values: &[f64]) -> Vec<Point> {
        let points = values.iter().enumerate().map(|(idx, &value)| Point {
            step: idx as i64,
            wall_time: idx as f64 * 10.0,
            value,
        });
        points.collect()
    }

    proptest! {
        #[test]
        fn columns_keep_their_extremes_and_ends(
            values in proptest::collection::vec(-1e3..1e3_f64, 1..800),
            n_pixels in 1..50_usize,
        ) {
            let all = points(&values);
            let kept = downsample(&all, Axis::Step, n_pixels);
            prop_assert!(kept.len() <= 5 * n_pixels);
            prop_assert_eq!(kept.last(), all.last());
            prop_assert_eq!(kept.first(), all.first());
            let extremes = |points: &[Point], column: usize| {
                let span = (all.len() - 1).max(1) as f64;
                let inside = points.iter().filter(|point| {
                    ((point.step as f64 / span * n_pixels as f64) as usize).min(n_pixels - 1) == column
                });
                let values: Vec<f64> = inside.map(|point| point.value).collect();
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (least, greatest, values.last().copied())
            };
            for column in 0..n_pixels {
                prop_assert_eq!(extremes(&kept, column), extremes(&all, column));
            }
        }
    }

    #[test]
    fn a_single_nan_and_a_single_spike_stay() {
        let mut values: Vec<f64> = (0..100_000).map(|idx| f64::from(idx % 7)).collect();
        values[31_337] = 1e6;
        values[77_777] = f64::NAN;
        let kept = downsample(&points(&values), Axis::WallTime, 100);
        assert!(kept.len() <= 500);
        assert!(kept.iter().any(|point| point.step == 31_337));
        assert!(kept.iter().any(|point| point.step == 77_777));
    }

    #[test]
    fn one_column_and_one_step_do_not_fail() {
        let mut all = points(&[1.0, 5.0, 2.0, 0.0, 3.0, 2.0]);
        for point in &mut all {
            point.step = 4;
        }
        let kept: Vec<f64> = downsample(&all, Axis::Step, 1)
            .iter()
            .map(|point| point.value)
            .collect();
        assert_eq!(kept, [1.0, 5.0, 0.0, 2.0]);
        assert!(downsample(&[], Axis::Step, 10).is_empty());
    }
}
