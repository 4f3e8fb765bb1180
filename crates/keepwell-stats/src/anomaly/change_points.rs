//! Where a series changes its level, or its level and spread.

use keepwell_core::entry;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::series::{SeriesAnomalies, SeriesAnomaly, normal_deviation};
use super::{Anomaly, Shape};

/// Longest series: the search may take a time that grows with the square of the length.
const POINTS_MAX: usize = 20_000;

entry! {
    /// Positions at which a series changes for good: the segmentation of least cost, each change having a price.
    ///
    /// # Inputs
    /// A series of equal steps, oldest first; points that are not finite are missing and left out.
    /// # Result
    /// `positions`: first points of new segments. `scores`: at these the distance of the level of the new
    /// segment from that of the one before, in standard deviations of the noise, with its sign; zero at other
    /// points and none at missing ones.
    ///
    /// The noise is 1.4826 times the median distance between neighbours (if that is zero, 1.2533 times the mean
    /// distance) over the square root of two. The cost of a segment of `k` points in units of the noise is the sum of squares about its mean
    /// (`cost = l2`), or `k` times the logarithm of its variance plus one millionth (`normal`). A change costs
    /// `penalty · ln n`.
    /// # Undefined
    /// `no_rows`: an empty series; `too_few_rows`: fewer finite points than 5 or two shortest segments;
    /// `constant`: all points are equal; `not_applicable`: more than 20,000 points.
    /// # Cost
    /// `O(n)` with many changes, at most `O(n²)`.
    /// # When to use, and when not
    /// To date a change once a series is there in full; to be told at once, use a detector. Points that depend
    /// on their neighbours, and rhythms, look like changes: take off the season first, or raise the penalty.
    /// # Reference
    /// Killick, Fearnhead and Eckley (2012), Journal of the American Statistical Association 107, 1590–1598;
    /// Truong, Oudre and Vayatis (2020), Signal Processing 167, for the costs in ruptures. Its own search drops
    /// some of the best segmentations where segments have a shortest length; the oracle searches all.
    /// ```python oracle
    /// x = np.array([value for value in series if math.isfinite(value)])
    /// if len(x) < max(5, 2 * params["segment_min"]):
    ///     raise ValueError("too few values")
    /// steps = np.diff(x)
    /// noise = scipy.stats.median_abs_deviation(steps, center=lambda a, axis: 0, scale="normal") / math.sqrt(2)
    /// if noise == 0:
    ///     noise = np.abs(steps).mean() * math.sqrt(math.pi / 2) / math.sqrt(2)
    /// if noise == 0:
    ///     raise ValueError("constant")
    /// cost = ruptures.costs.cost_factory(model=params["cost"]).fit(x / noise)
    /// shortest, penalty = params["segment_min"], params["penalty"] * math.log(len(x))
    /// best = {0: (0.0, [])}
    /// for end in range(shortest, len(x) + 1):
    ///     best[end] = min(
    ///         (best[start][0] + cost.error(start, end) + penalty, [*best[start][1], start])
    ///         for start in best
    ///         if start <= end - shortest
    ///     )
    /// dict(positions=np.flatnonzero(np.isfinite(series))[best[len(x)][1][1:]])
    /// ```
    pub struct ChangePoints = "change_points" since "0.1" with [
        Parameter {
            name: "cost",
            doc: "Changes of the mean, or of mean and variance of normal points.",
            domain: Domain::Choice { default: "l2", of: &["l2", "normal"] },
        },
        Parameter {
            name: "penalty",
            doc: "Price of a change, in units of the logarithm of the length.",
            domain: Domain::Float { default: 4.0, min: 0.0, max: 1e6 },
        },
        Parameter {
            name: "segment_min",
            doc: "Fewest points between changes.",
            domain: Domain::Integer { default: 2, min: 2, max: 1000 },
        },
    ];
}

/// Fewest points.
const POINTS_MIN: usize = 5;

impl Anomaly for ChangePoints {
    fn shape(&self) -> Shape {
        Shape::Series(&Self)
    }
}

impl SeriesAnomaly for ChangePoints {
    fn detect(&self, series: &[f64], params: &Params) -> Outcome<SeriesAnomalies> {
        detect(series, params).into()
    }
}

fn detect(series: &[f64], params: &Params) -> Result<SeriesAnomalies, Reason> {
    if series.is_empty() {
        return Err(Reason::NoRows);
    }
    let places: Vec<usize> = (0..series.len())
        .filter(|&idx| series[idx].is_finite())
        .collect();
    let values: Vec<f64> = places.iter().map(|&idx| series[idx]).collect();
    let shortest = params.integer("segment_min") as usize;
    let needed = POINTS_MIN.max(2 * shortest);
    if values.len() < needed {
        return Err(Reason::TooFewRows {
            needed: needed as u64,
            found: values.len() as u64,
        });
    }
    if values.len() > POINTS_MAX {
        return Err(Reason::NotApplicable);
    }
    let noise = noise(&values).ok_or(Reason::Constant)?;
    let kind = if params.choice("cost") == "l2" {
        Kind::Level
    } else {
        Kind::Normal
    };
    let cost = Cost::new(&values, noise, kind);
    let penalty = params.float("penalty") * (values.len() as f64).ln();
    let starts = cost.segments(shortest, penalty);
    let mut scores = vec![None; series.len()];
    places.iter().for_each(|&place| scores[place] = Some(0.0));
    let ends = starts.iter().skip(1).copied().chain([values.len()]);
    let means: Vec<f64> = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| cost.mean(start, end))
        .collect();
    for (start, means) in starts[1..].iter().zip(means.windows(2)) {
        scores[places[*start]] = Some(means[1] - means[0]);
    }
    Ok(SeriesAnomalies {
        scores,
        positions: starts[1..].iter().map(|&start| places[start]).collect(),
    })
}

/// Standard deviation of the points about a level that seldom changes; `None` if there is none.
fn noise(values: &[f64]) -> Option<f64> {
    let mut distances: Vec<f64> = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .collect();
    let noise = normal_deviation(&mut distances)? / std::f64::consts::SQRT_2;
    (noise > 0.0 && noise.is_finite()).then_some(noise)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Level,
    Normal,
}

/// Cost of segments, in constant time each.
struct Cost {
    kind: Kind,
    /// Sums of the values and of their squares before each point, in units of the noise and about the mean.
    sums: Vec<[f64; 2]>,
}

impl Cost {
    fn new(values: &[f64], noise: f64, kind: Kind) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().map(|value| value / n).sum::<f64>();
        let mut sums = vec![[0.0; 2]];
        let mut last = [0.0; 2];
        for value in values {
            let scaled = (value - mean) / noise;
            last = [last[0] + scaled, last[1] + scaled * scaled];
            sums.push(last);
        }
        Self { kind, sums }
    }

    /// Mean of the points of a segment, in units of the noise.
    fn mean(&self, start: usize, end: usize) -> f64 {
        (self.sums[end][0] - self.sums[start][0]) / (end - start) as f64
    }

    fn of(&self, start: usize, end: usize) -> f64 {
        let n = (end - start) as f64;
        let sum = self.sums[end][0] - self.sums[start][0];
        let squares = (self.sums[end][1] - self.sums[start][1] - sum * sum / n).max(0.0);
        match self.kind {
            Kind::Level => squares,
            Kind::Normal => n * (squares / n + VARIANCE_FLOOR).ln(),
        }
    }

    /// First points of the segments of least total cost, of at least `shortest` points each, by dynamic
    /// programming with the pruning of PELT.
    fn segments(&self, shortest: usize, penalty: f64) -> Vec<usize> {
        let n = self.sums.len() - 1;
        // Of the best segmentation of the points before each: its cost, and the start of its last segment.
        let mut best = vec![(f64::INFINITY, 0); n + 1];
        best[0] = (-penalty, 0);
        // Starts of a last segment, each with the end from which on it cannot be the best.
        let mut starts: Vec<(usize, usize)> = Vec::new();
        for end in shortest..=n {
            starts.push((end - shortest, usize::MAX));
            starts.retain(|&(_, worst_from)| end < worst_from);
            let totals: Vec<f64> = starts
                .iter()
                .map(|&(start, _)| best[start].0 + self.of(start, end))
                .collect();
            for (&total, &(start, _)) in totals.iter().zip(&starts) {
                if total + penalty < best[end].0 {
                    best[end] = (total + penalty, start);
                }
            }
            for (&total, (_, worst_from)) in totals.iter().zip(&mut starts) {
                // From here on a change at `end` is better, as soon as a segment fits behind it.
                if total > best[end].0 && *worst_from == usize::MAX {
                    *worst_from = end + shortest;
                }
            }
        }
        let mut found = Vec::new();
        let mut end = n;
        while end > 0 {
            end = best[end].1;
            found.push(end);
        }
        found.reverse();
        found
    }
}

/// Added to the variance of a segment, so that equal points do not have a cost of minus infinity; that of
/// ruptures.
const VARIANCE_FLOOR: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Least total cost over all segmentations.
    fn by_enumeration(cost: &Cost, shortest: usize, penalty: f64) -> f64 {
        let n = cost.sums.len() - 1;
        let mut best = vec![f64::INFINITY; n + 1];
        best[0] = -penalty;
        for end in shortest..=n {
            for start in 0..=end - shortest {
                best[end] = best[end].min(best[start] + cost.of(start, end) + penalty);
            }
        }
        best[n]
    }

    proptest! {
        #[test]
        fn pruning_loses_nothing(
            values in proptest::collection::vec(-4..5_i32, 6..60),
            shortest in 2..4_usize,
            penalty in 0.0..12.0_f64,
            is_normal: bool,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let cost = Cost::new(&values, 1.5, if is_normal { Kind::Normal } else { Kind::Level });
            let starts = cost.segments(shortest, penalty);
            let ends = starts.iter().skip(1).copied().chain([values.len()]);
            let pairs: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
            prop_assert!(pairs.iter().all(|(start, end)| end - start >= shortest));
            let total: f64 = pairs.iter().map(|&(start, end)| cost.of(start, end)).sum();
            let total = total + penalty * (starts.len() - 1) as f64;
            let expected = by_enumeration(&cost, shortest, penalty);
            prop_assert!((total - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{} {}", total, expected);
        }
    }
}
