//! How much the reference differs from itself, window by window.
//!
//! A p-value for independent rows asks whether two samples could be one. Real streams have autocorrelation
//! and rhythm: every hour differs from every other by more than chance, and that is no news. So where the
//! reference has windows, a window must also be unusual among those: each quantity (a share of a
//! column's values, a metric) has a variance between the reference's windows, and the new window is held
//! against it with Student's t. Between a phase of a rhythm (an hour of the day, a day of the week) and the
//! others there may be any difference; only the variance within phases counts.
//!
//! With few windows a variance is badly known. Those of all columns are therefore drawn towards what they
//! have in common: Smyth (2004), Statistical Applications in Genetics and Molecular Biology 3(1), 3.

mod moderation;

use keepwell_core::time::{Every, Window};
use keepwell_stats::profile::ColumnProfile;
use keepwell_stats::special::{beta_cdf, normal_sf};

pub(crate) use moderation::Prior;

/// Least number of windows of the reference from which a variance between them is taken.
pub const REFERENCE_WINDOWS_MIN: usize = 4;
/// Least number of windows in each phase of a rhythm.
const PHASE_WINDOWS_MIN: usize = 3;
/// Shares of the reference at which the distribution of a number is followed. Not in its tails: there, the
/// share of a window of correlated rows is mostly nothing and at times much, and no normal variable.
const GRID: [f64; 5] = [0.2, 0.35, 0.5, 0.65, 0.8];
/// Most categories that are followed one by one; the others are followed together.
const CATEGORIES_MAX: usize = 64;

const DAY: i64 = 86_400_000_000;

/// The windows of the reference, and the phase of each in a daily or weekly rhythm.
#[derive(Debug, Clone, PartialEq)]
pub struct Timetable {
    every: Every,
    n_phases: i64,
    phases: Vec<usize>,
    /// How many windows of the reference a current window is as long as.
    span: f64,
}

impl Timetable {
    /// A timetable for windows of the reference of width `every`; `None` where there are too few of them to
    /// say anything. The longest rhythm is taken of which each phase has enough windows.
    pub fn of(windows: &[Window], every: Every) -> Option<Self> {
        if windows.len() < REFERENCE_WINDOWS_MIN {
            return None;
        }
        let rhythms = match every {
            Every::Fixed(width) if width < DAY && DAY % width == 0 => {
                vec![7 * (DAY / width), DAY / width]
            }
            Every::Fixed(DAY) => vec![7],
            _ => Vec::new(),
        };
        let table = |n_phases: i64| {
            let mut table = Self {
                every,
                n_phases,
                phases: Vec::new(),
                span: 1.0,
            };
            table.phases = windows.iter().map(|window| table.phase(*window)).collect();
            table
        };
        let is_full = |table: &Self| {
            let mut counts = vec![0_usize; usize::try_from(table.n_phases).unwrap_or(0)];
            for &phase in &table.phases {
                counts[phase] += 1;
            }
            counts.into_iter().all(|n| n >= PHASE_WINDOWS_MIN)
        };
        rhythms
            .into_iter()
            .filter(|&n_phases| n_phases > 1)
            .filter(|&n_phases| windows.len() as i64 >= n_phases * PHASE_WINDOWS_MIN as i64)
            .map(table)
            .find(is_full)
            .or_else(|| Some(table(1)))
    }

    /// A timetable without a rhythm, for current events that are judged as a whole and last `span` times as
    /// long as a window of the reference.
    pub fn without_rhythm(n_windows: usize, span: f64) -> Option<Self> {
        (n_windows >= REFERENCE_WINDOWS_MIN).then(|| Self {
            every: Every::Fixed(DAY),
            n_phases: 1,
            phases: vec![0; n_windows],
            span: span.max(1.0),
        })
    }

    /// Phase of a window.
    fn phase(&self, window: Window) -> usize {
        let Every::Fixed(width) = self.every else {
            return 0;
        };
        // The grid of windows is aligned to the epoch, so the start of one is a whole number of widths.
        let phase = window.start.0.div_euclid(width).rem_euclid(self.n_phases);
        usize::try_from(phase).unwrap_or(0)
    }

    /// Number of windows of the reference.
    pub fn windows(&self) -> usize {
        self.phases.len()
    }

    /// Number of phases; 1 means that no rhythm is taken into account.
    pub fn phases(&self) -> usize {
        usize::try_from(self.n_phases).unwrap_or(1)
    }
}

/// One quantity over the windows of the reference.
#[derive(Debug, Clone, PartialEq)]
struct Series {
    /// Mean of each phase, and the sampling variance that this mean would have if rows were independent.
    phases: Vec<(f64, f64)>,
    /// Mean sampling variance of a single window.
    variance: f64,
    /// Variance between windows of a phase as a multiple of the sampling variance.
    ratio: f64,
    /// Degrees of freedom of `ratio`.
    freedom: f64,
    /// See [`Timetable::span`].
    span: f64,
}

/// A value of a window with its sampling variance under independent rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Observation {
    pub(crate) value: f64,
    pub(crate) variance: f64,
}

impl Series {
    /// `None` where too few windows have a value with a variance.
    fn of(table: &Timetable, values: &[Option<Observation>]) -> Option<Self> {
        let known: Vec<(usize, Observation)> = table
            .phases
            .iter()
            .zip(values)
            .filter_map(|(&phase, value)| Some((phase, (*value)?)))
            .filter(|(_, observation)| observation.variance > 0.0)
            .collect();
        let mut sums = vec![(0.0, 0.0); table.phases()];
        for (phase, observation) in &known {
            let weight = 1.0 / observation.variance;
            sums[*phase].0 += weight * observation.value;
            sums[*phase].1 += weight;
        }
        let n_phases = sums.iter().filter(|(_, weight)| *weight > 0.0).count();
        let freedom = known.len().checked_sub(n_phases)?;
        if known.len() < REFERENCE_WINDOWS_MIN || freedom == 0 {
            return None;
        }
        let phases: Vec<(f64, f64)> = sums
            .into_iter()
            .map(|(sum, weight)| (sum / weight, 1.0 / weight))
            .collect();
        let scatter: f64 = known
            .iter()
            .map(|(phase, own)| (own.value - phases[*phase].0).powi(2) / own.variance)
            .sum();
        let variance = known.iter().map(|(_, own)| own.variance).sum::<f64>() / known.len() as f64;
        Some(Self {
            phases,
            variance,
            ratio: scatter / freedom as f64,
            freedom: freedom as f64,
            span: table.span,
        })
    }

    /// How far a new window of `phase` lies from the reference's windows.
    fn deviation(&self, phase: usize, own: Observation) -> Option<Deviation> {
        let &(mean, variance) = self.phases.get(phase)?;
        // A phase that the reference never had cannot be held against it.
        mean.is_finite().then_some(Deviation {
            distance: (own.value - mean).abs(),
            sampling: own.variance + variance,
            between: self.variance / self.span + variance,
            ratio: self.ratio,
            freedom: self.freedom,
        })
    }
}

/// Distance of a new window from the reference's windows, with what its variance is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Deviation {
    distance: f64,
    /// Variance of the distance if rows were independent.
    sampling: f64,
    /// What each unit of `ratio` above 1 adds to it.
    between: f64,
    ratio: f64,
    freedom: f64,
}

impl Deviation {
    /// Two-sided p-value by Student's t, the variance moderated by that of the others.
    fn p_value(&self, prior: Prior) -> f64 {
        let (ratio, freedom) = prior.moderate(self.ratio, self.freedom);
        // Between windows there cannot be less variance than within.
        let variance = self.sampling + (ratio - 1.0).max(0.0) * self.between;
        if self.distance == 0.0 {
            return 1.0;
        }
        if variance <= 0.0 {
            return 0.0;
        }
        let t_squared = self.distance * self.distance / variance;
        if freedom.is_finite() {
            beta_cdf(freedom / 2.0, 0.5, freedom / (freedom + t_squared))
        } else {
            2.0 * normal_sf(t_squared.sqrt())
        }
    }
}

/// p-value of "this window is one more of the reference's": the least of its quantities, by Bonferroni.
pub(crate) fn p_value(deviations: &[Deviation], prior: Prior) -> Option<f64> {
    let least = deviations
        .iter()
        .map(|deviation| deviation.p_value(prior))
        .min_by(f64::total_cmp)?;
    Some((least * deviations.len() as f64).min(1.0))
}

/// What of a column is followed.
#[derive(Debug, Clone, PartialEq)]
enum Cells {
    /// Shares of the values at or below these.
    Below(Vec<f64>),
    /// Shares of these categories, and of all others together.
    Names(Vec<String>),
}

/// A column over the windows of the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnHistory {
    table: Timetable,
    cells: Cells,
    /// By cell, what is known of it.
    values: Vec<Option<Series>>,
    missing: Option<Series>,
}

impl ColumnHistory {
    /// Reads the windows of the reference, which stand in the order of the timetable; `None` where a column of
    /// this kind is not followed.
    pub fn of(table: &Timetable, windows: &[&ColumnProfile]) -> Option<Self> {
        let cells = Cells::of(windows)?;
        let shares: Vec<Vec<f64>> = windows.iter().map(|window| cells.shares(window)).collect();
        let rows: Vec<f64> = windows.iter().map(|window| n_values(window)).collect();
        let values = (0..cells.len())
            .map(|idx| {
                let counts = shares
                    .iter()
                    .zip(&rows)
                    .map(|(shares, &n)| (shares[idx], n));
                Series::of(table, &observations(counts.collect()))
            })
            .collect();
        let missing = windows.iter().map(|window| missing(window)).collect();
        Some(Self {
            missing: Series::of(table, &observations(missing)),
            table: table.clone(),
            cells,
            values,
        })
    }

    /// How far the values of a window lie from those of the reference's windows.
    pub(crate) fn of_values(&self, window: Window, current: &ColumnProfile) -> Vec<Deviation> {
        if self.cells.len() == 0 {
            return Vec::new();
        }
        let (phase, n) = (self.table.phase(window), n_values(current));
        let shares = self.cells.shares(current);
        self.values
            .iter()
            .zip(shares)
            .filter_map(|(series, share)| {
                let series = series.as_ref()?;
                series.deviation(phase, observation(share, n)?)
            })
            .collect()
    }

    /// The same for its share of missing values.
    pub(crate) fn of_missing(&self, window: Window, current: &ColumnProfile) -> Vec<Deviation> {
        let phase = self.table.phase(window);
        let (share, n) = missing(current);
        self.missing
            .iter()
            .filter_map(|series| series.deviation(phase, observation(share, n)?))
            .collect()
    }

    /// Variances that the prior learns from.
    pub(crate) fn ratios(&self) -> impl Iterator<Item = (f64, f64)> {
        self.values
            .iter()
            .flatten()
            .map(|series| (series.ratio, series.freedom))
    }
}

/// A share of `n` rows on the scale on which its sampling variance does not depend on it and its law is nearly
/// normal: the arcsine of its root, Anscombe (1948), Biometrika 35, 246–254. Half a row is the least and the
/// most that lacks. `None` without rows.
fn observation(share: f64, n: f64) -> Option<Observation> {
    let half = 0.5 / (n + 1.0);
    (n > 0.0).then(|| Observation {
        value: share.clamp(half, 1.0 - half).sqrt().asin(),
        variance: 0.25 / n,
    })
}

fn observations(shares: Vec<(f64, f64)>) -> Vec<Option<Observation>> {
    let shares = shares.into_iter();
    shares.map(|(share, n)| observation(share, n)).collect()
}

fn n_values(profile: &ColumnProfile) -> f64 {
    match profile {
        ColumnProfile::Numeric(numeric) => numeric.distribution().n() as f64,
        other => other.counts().present() as f64,
    }
}

/// Share of rows without a value, and the rows.
fn missing(profile: &ColumnProfile) -> (f64, f64) {
    let counts = profile.counts();
    let rows = counts.rows as f64;
    (counts.missing() as f64 / rows.max(1.0), rows)
}

impl Cells {
    fn of(windows: &[&ColumnProfile]) -> Option<Self> {
        if windows
            .iter()
            .any(|window| matches!(window, ColumnProfile::Numeric(_)))
        {
            let mut marks: Vec<f64> = windows
                .iter()
                .filter_map(|window| match window {
                    ColumnProfile::Numeric(numeric) => Some(numeric.distribution()),
                    _ => None,
                })
                .flat_map(|values| GRID.map(|share| values.quantile(share)))
                .flatten()
                .collect();
            marks.sort_unstable_by(f64::total_cmp);
            // The quantiles of the windows' quantiles lie close enough to those of the whole: a cell may
            // have any bounds as long as they are the same for all windows.
            let mut bounds: Vec<f64> = GRID
                .iter()
                .filter_map(|share| marks.get((share * marks.len() as f64) as usize).copied())
                .collect();
            bounds.dedup();
            return Some(Self::Below(bounds));
        }
        let mut totals: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for window in windows {
            for (name, n) in window.category_counts()? {
                *totals.entry(name).or_default() += n;
            }
        }
        let mut names: Vec<(&str, u64)> = totals.into_iter().collect();
        names.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
        names.truncate(CATEGORIES_MAX);
        Some(Self::Names(
            names.into_iter().map(|(name, _)| name.to_owned()).collect(),
        ))
    }

    fn len(&self) -> usize {
        match self {
            Self::Below(bounds) => bounds.len(),
            Self::Names(names) => names.len() + 1,
        }
    }

    /// Share of the values in each cell.
    fn shares(&self, profile: &ColumnProfile) -> Vec<f64> {
        match (self, profile) {
            (Self::Below(bounds), ColumnProfile::Numeric(numeric)) => {
                let values = numeric.distribution();
                let n = values.n().max(1) as f64;
                bounds
                    .iter()
                    .map(|&bound| values.rank_le(bound) as f64 / n)
                    .collect()
            }
            (Self::Names(names), profile) => {
                let counts = profile.category_counts().unwrap_or_default();
                let n = counts.iter().map(|(_, n)| n).sum::<u64>().max(1) as f64;
                let mut shares: Vec<f64> = names
                    .iter()
                    .map(|name| {
                        counts
                            .binary_search_by(|(own, _)| (*own).cmp(name.as_str()))
                            .map_or(0.0, |idx| counts[idx].1 as f64 / n)
                    })
                    .collect();
                shares.push((1.0 - shares.iter().sum::<f64>()).max(0.0));
                shares
            }
            (Self::Below(bounds), _) => vec![0.0; bounds.len()],
        }
    }
}

/// A metric over the windows of the reference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MetricHistory {
    table: Timetable,
    series: Option<Series>,
}

impl MetricHistory {
    pub(crate) fn of(table: &Timetable, values: &[Option<Observation>]) -> Self {
        Self {
            table: table.clone(),
            series: Series::of(table, values),
        }
    }

    pub(crate) fn deviation(&self, window: Window, own: Observation) -> Vec<Deviation> {
        self.series
            .iter()
            .filter_map(|series| series.deviation(self.table.phase(window), own))
            .collect()
    }

    pub(crate) fn ratio(&self) -> Option<(f64, f64)> {
        self.series
            .as_ref()
            .map(|series| (series.ratio, series.freedom))
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::time::Timestamp;
    use keepwell_stats::profile::{Mode, NumericProfile};

    use super::*;

    fn hours(range: std::ops::Range<i64>) -> Vec<Window> {
        const HOUR: i64 = DAY / 24;
        let window = |hour: i64| Window {
            start: Timestamp(hour * HOUR),
            end: Timestamp((hour + 1) * HOUR),
        };
        range.map(window).collect()
    }

    const HOURLY: Every = Every::Fixed(DAY / 24);

    fn numbers(mut value_of: impl FnMut(usize) -> f64) -> ColumnProfile {
        let mut profile = NumericProfile::new(Mode::Exact);
        let values: Vec<f64> = (0..200).map(&mut value_of).collect();
        profile.extend_from_slice(&values);
        profile.seal();
        ColumnProfile::Numeric(profile)
    }

    /// A grid of normal-like values around `centre`.
    fn around(centre: f64) -> ColumnProfile {
        numbers(|idx| centre + ((idx as f64 + 0.5) / 200.0 - 0.5) * 4.0)
    }

    #[test]
    fn the_longest_rhythm_that_is_covered_is_taken() {
        let phases = |hours_known: i64| {
            Timetable::of(&hours(0..hours_known), HOURLY).map(|table| table.phases())
        };
        assert_eq!(phases(3), None);
        assert_eq!(phases(20), Some(1));
        assert_eq!(phases(24 * 3), Some(24));
        assert_eq!(phases(24 * 21), Some(168));
    }

    fn p_of(history: &ColumnHistory, window: Window, current: &ColumnProfile) -> f64 {
        p_value(&history.of_values(window, current), Prior::NONE).expect("followed")
    }

    #[test]
    fn rhythm_is_no_news_and_its_absence_is() {
        // By day the values rise and fall by far more than chance.
        let centre = |hour: i64| (hour as f64 / 24.0 * std::f64::consts::TAU).sin() * 3.0;
        let known = hours(0..24 * 5);
        let table = Timetable::of(&known, HOURLY).expect("enough windows");
        let profiles: Vec<ColumnProfile> = (0..24 * 5)
            .map(|hour| around(centre(hour) + 0.05 * ((hour * 7) % 11) as f64))
            .collect();
        let history =
            ColumnHistory::of(&table, &profiles.iter().collect::<Vec<_>>()).expect("numbers");
        let next = hours(24 * 5 + 6..24 * 5 + 7)[0];
        assert!(p_of(&history, next, &around(centre(6) + 0.2)) > 0.05);
        // At six the values are at their height; those of midnight are news then.
        assert!(p_of(&history, next, &around(centre(0))) < 1e-6);
    }

    #[test]
    fn a_stream_that_wanders_is_allowed_to() {
        let known = hours(0..20);
        let table = Timetable::of(&known, HOURLY).expect("enough windows");
        let wander = [0.0, 0.9, -0.7, 0.4, -1.1, 0.8, 1.2, -0.3, 0.1, -0.9];
        let profiles: Vec<ColumnProfile> = (0..20).map(|idx| around(wander[idx % 10])).collect();
        let history =
            ColumnHistory::of(&table, &profiles.iter().collect::<Vec<_>>()).expect("numbers");
        let next = hours(20..21)[0];
        assert!(p_of(&history, next, &around(1.0)) > 0.05);
        assert!(p_of(&history, next, &around(8.0)) < 0.01);
    }

    #[test]
    fn missing_values_have_a_history_too() {
        let with_nulls = |n: u64| {
            let ColumnProfile::Numeric(mut profile) = around(0.0) else {
                return around(0.0);
            };
            profile.push_nulls(n);
            ColumnProfile::Numeric(profile)
        };
        let known = hours(0..12);
        let table = Timetable::of(&known, HOURLY).expect("enough windows");
        let profiles: Vec<ColumnProfile> = (0..12)
            .map(|idx| with_nulls([5, 60, 20][idx % 3]))
            .collect();
        let history =
            ColumnHistory::of(&table, &profiles.iter().collect::<Vec<_>>()).expect("numbers");
        let p_of = |n| {
            let deviations = history.of_missing(hours(12..13)[0], &with_nulls(n));
            p_value(&deviations, Prior::NONE).expect("followed")
        };
        assert!(p_of(50) > 0.05);
        assert!(p_of(2_000) < 1e-3);
    }
}
