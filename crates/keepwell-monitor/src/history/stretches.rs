//! Stretches of the reference's rows, where it is known by a sample only.

use keepwell_stats::profile::row_sample::RowSample;

use super::{Deviation, Prior, REFERENCE_WINDOWS_MIN};

/// Fewest and most stretches that a reference is cut into.
const STRETCHES: (usize, usize) = (12, 50);
/// Fewest rows of the sample in a stretch.
const STRETCH_ROWS_MIN: usize = 20;

/// How a mean over rows differs between stretches of the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretches {
    /// Variance of the mean of a stretch if rows were independent.
    variance: f64,
    /// The same for the reference as a whole.
    variance_whole: f64,
    /// Variance between stretches as a multiple of `variance`.
    ratio: f64,
    freedom: f64,
    /// How far the highest stretch lies above the mean.
    greatest: f64,
    /// How many times as much as the mean of a stretch that of a window varies, beyond what independent rows do.
    scale: f64,
}

impl Stretches {
    /// Cuts rows, which stand in the order of the sample, into stretches about as long as a current window of
    /// `n_rows` rows. The rows of a file mostly stand in the order of time; where they do not, rows count as
    /// independent. `None` where the rows are too few or all equal.
    pub(crate) fn of(values: &[f64], reference: &RowSample, n_rows: u64) -> Option<Self> {
        let wanted = reference.rows() / n_rows.max(1);
        let most = STRETCHES.1.min(values.len() / STRETCH_ROWS_MIN);
        let n_stretches = usize::try_from(wanted)
            .unwrap_or(usize::MAX)
            .clamp(STRETCHES.0, STRETCHES.1)
            .min(most);
        if n_stretches < REFERENCE_WINDOWS_MIN {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / n;
        if !(variance > 0.0 && variance.is_finite()) {
            return None;
        }
        let length = n / n_stretches as f64;
        let place = |idx: usize| idx * values.len() / n_stretches;
        let deviations: Vec<f64> = (0..n_stretches)
            .map(|idx| {
                let own = &values[place(idx)..place(idx + 1)];
                own.iter().sum::<f64>() / own.len() as f64 - mean
            })
            .collect();
        let square: f64 = deviations.iter().map(|own| own * own).sum();
        let scatter = square * length / variance;
        let greatest = deviations.iter().copied().fold(0.0, f64::max);
        let span = n_stretches as f64 * n_rows as f64 / reference.rows().max(1) as f64;
        let freedom = n_stretches as f64 - 1.0;
        Some(Self {
            variance: variance / length,
            variance_whole: variance / n,
            ratio: scatter / freedom,
            freedom,
            greatest,
            scale: scale(&deviations, span),
        })
    }

    /// How far the mean of a stretch rises above that of the reference: what the highest one does, less the part of it
    /// that independent rows would do, too. For quantities that are mostly nothing and at times much, of which a
    /// variance says little.
    pub(crate) fn rise(&self) -> f64 {
        let of_stream = 1.0 - 1.0 / self.ratio.max(1.0);
        self.greatest * of_stream
    }

    /// p-value of "this window is one more stretch of the reference", whose mean lies `distance` from that of the
    /// reference and has this variance if rows are independent.
    pub(crate) fn p_value(&self, distance: f64, variance: f64) -> f64 {
        let deviation = Deviation {
            distance,
            sampling: variance + self.variance_whole,
            between: self.scale * self.variance + self.variance_whole,
            ratio: self.ratio,
            freedom: self.freedom,
            is_rough: false,
        };
        deviation.p_value(Prior::NONE)
    }
}

/// By how much the variance between means changes from a stretch to a window `span` times as long.
///
/// A shorter window varies in inverse proportion at most, as where what lasts is short. For a longer one the step from
/// a stretch to two of them is carried on: it halves the variance where what lasts is short, and leaves it where it is
/// long. That is the variance–time plot: Taqqu, Teverovsky and Willinger (1995), Fractals 3(4), 785–798.
fn scale(deviations: &[f64], span: f64) -> f64 {
    if span <= 1.0 {
        return 1.0 / span.max(f64::MIN_POSITIVE);
    }
    let mean_square = |own: &mut dyn Iterator<Item = f64>| {
        let (sum, n) = own.fold((0.0, 0.0), |(sum, n), own| (sum + own * own, n + 1.0));
        sum / n
    };
    let of_one = mean_square(&mut deviations.iter().copied());
    // Of all neighbours, so that it does not matter where one begins.
    let of_two = mean_square(&mut deviations.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])));
    if of_one <= 0.0 {
        return 1.0;
    }
    (of_two / of_one).clamp(0.5, 1.0).powf(span.log2())
}

#[cfg(test)]
mod tests {
    use keepwell_stats::profile::row_sample::SampleConfig;
    use keepwell_testkit::random::Random;

    use super::*;

    fn sample(n: usize) -> RowSample {
        let config = SampleConfig {
            capacity: n,
            seed: 0,
        };
        RowSample::new(config, n as u64, (0..n as u64).collect(), Vec::new())
    }

    /// A stream whose mean wanders: `slow` of each value is carried on.
    fn stream(n: usize, slow: f64, random: &mut Random) -> Vec<f64> {
        let mut level = 0.0;
        (0..n)
            .map(|_| {
                level = slow * level + (1.0 - slow * slow).sqrt() * random.normal();
                level + 0.5 * random.normal()
            })
            .collect()
    }

    #[test]
    fn windows_of_a_stream_that_wanders_are_no_news() {
        for slow in [0.0, 0.9, 0.98] {
            let mut random = Random::new(19);
            let (mut alarms, n_runs) = (0, 300);
            for _ in 0..n_runs {
                let all = stream(3_100, slow, &mut random);
                let (reference, current) = all.split_at(3_000);
                let found = Stretches::of(reference, &sample(3_000), 100).expect("enough rows");
                let mean = |own: &[f64]| own.iter().sum::<f64>() / own.len() as f64;
                let distance = (mean(current) - mean(reference)).abs();
                alarms += u32::from(found.p_value(distance, 1.25 / 100.0) <= 0.05);
            }
            // 15 are expected; three standard deviations are 11.
            assert!(alarms <= 26, "{slow}: {alarms} of {n_runs}");
        }
    }

    #[test]
    fn a_shift_beyond_them_is() {
        let mut random = Random::new(20);
        let reference = stream(3_000, 0.9, &mut random);
        let found = Stretches::of(&reference, &sample(3_000), 100).expect("enough rows");
        assert!(found.p_value(3.0, 1.25 / 100.0) < 1e-4);
        assert_eq!(Stretches::of(&[1.0; 500], &sample(500), 10), None);
        assert_eq!(Stretches::of(&reference[..60], &sample(60), 10), None);
    }
}
