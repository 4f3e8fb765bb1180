//! Robust measures of a curve: level, noise, progress.

use crate::tensorboard::Point;

/// The points with finite values.
pub(crate) fn finite(points: &[Point]) -> Vec<Point> {
    let points = points.iter().copied();
    points.filter(|point| point.value.is_finite()).collect()
}

/// The middle value, the lower one of two; `None` of none. Reorders `values`.
pub(crate) fn median_of(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// The middle value of the points.
pub(crate) fn median(points: &[Point]) -> Option<f64> {
    median_of(&mut points.iter().map(|point| point.value).collect::<Vec<_>>())
}

/// Standard deviation of the noise of a smooth curve, from the second differences of its values, of which
/// trends leave no trace: their median magnitude over that of a normal distribution with six times the
/// variance. Zero for fewer than three points.
pub(crate) fn noise(values: &[f64]) -> f64 {
    // The median magnitude of a standard normal value is 0.6745.
    const SCALE: f64 = 0.6745 * 2.449_489_742_783_178;
    let mut differences: Vec<f64> = values
        .windows(3)
        .map(|three| (three[0] - 2.0 * three[1] + three[2]).abs())
        .collect();
    median_of(&mut differences).unwrap_or_default() / SCALE
}

/// Noise of the values of the points.
pub(crate) fn noise_of(points: &[Point]) -> f64 {
    noise(&points.iter().map(|point| point.value).collect::<Vec<_>>())
}

/// Medians of consecutive stretches of `width` points, each with the position of its middle point; the last
/// stretch has up to twice as many points less one.
pub(crate) fn stretches(points: &[Point], width: usize) -> Vec<(usize, f64)> {
    let n_stretches = (points.len() / width.max(1)).max(1);
    (0..n_stretches)
        .filter_map(|idx| {
            let begin = idx * width;
            let end = if idx + 1 == n_stretches {
                points.len()
            } else {
                begin + width
            };
            Some(((begin + end) / 2, median(points.get(begin..end)?)?))
        })
        .collect()
}

/// Width of stretches that are short beside the curve and average its noise.
pub(crate) fn stretch_width(n_points: usize) -> usize {
    (n_points / 40).clamp(1, 500)
}

#[cfg(test)]
mod tests {
    use keepwell_testkit::random::Random;

    use super::*;

    #[test]
    fn noise_is_that_of_the_curve_and_not_its_trend() {
        let mut random = Random::new(3);
        for deviation in [0.0, 0.01, 2.0] {
            let values: Vec<f64> = (0..2_000)
                .map(|idx| (-f64::from(idx) / 500.0).exp() * 10.0 + deviation * random.normal())
                .collect();
            // The median of 2,000 correlated differences varies by some three per cent.
            let found = noise(&values);
            assert!(
                (found - deviation).abs() <= 0.12 * deviation + 1e-4,
                "{found} of {deviation}"
            );
        }
    }

    #[test]
    fn stretches_cover_all_points() {
        let points: Vec<Point> = (0..7)
            .map(|idx| Point {
                step: idx,
                wall_time: 0.0,
                value: idx as f64,
            })
            .collect();
        assert_eq!(stretches(&points, 3), [(1, 1.0), (5, 4.0)]);
        assert_eq!(stretches(&points, 100), [(3, 3.0)]);
        assert_eq!(stretches(&[], 3), []);
    }
}
