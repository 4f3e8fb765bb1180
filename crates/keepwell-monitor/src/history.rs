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

mod stretches;

mod strange;

mod checks;

use keepwell_core::time::{Every, Window};
use keepwell_stats::profile::ColumnProfile;
use keepwell_stats::special::{beta_cdf, normal_sf};

use crate::monitors::Monitors;

use checks::check_points;
pub(crate) use moderation::Prior;
pub(crate) use stretches::Stretches;

/// Least number of windows of the reference from which a variance between them is taken.
pub const REFERENCE_WINDOWS_MIN: usize = 4;
/// Least number of windows in each phase of a rhythm.
const PHASE_WINDOWS_MIN: usize = 3;
/// Shares of the reference at which the distribution of a number is followed. Not in its tails: there, the
/// share of a window of correlated rows is mostly nothing and at times much, and no normal variable.
const GRID: [f64; 5] = [0.2, 0.35, 0.5, 0.65, 0.8];
/// From which p-value on a window is usual, where the reference has too few windows for a finer answer.
const ROUGH_LEVEL: f64 = 0.01;
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
    /// See [`Timetable::for_windows`].
    is_rough: bool,
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
                is_rough: false,
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
            is_rough: false,
        })
    }

    /// The same timetable for windows, of which the reference has too few. How much they differ is known too
    /// roughly then to tell one among a thousand: what is unusual at the level 0.01 counts as unusual.
    #[must_use]
    pub fn for_windows(self) -> Self {
        Self {
            is_rough: true,
            ..self
        }
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

    /// Whether the reference is cut into stretches that are shorter than what is judged.
    pub(crate) fn is_cut(&self) -> bool {
        self.span > 1.0
    }

    /// Whether the windows of the reference are as wide as the current ones, so that all form one series.
    pub(crate) fn is_of_windows(&self) -> bool {
        !self.is_cut() && !self.is_rough
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
    /// See [`Timetable`].
    span: f64,
    is_rough: bool,
}

/// A value of a window with its sampling variance under independent rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Observation {
    pub(crate) value: f64,
    pub(crate) variance: f64,
}

/// The value of a window as a point of a series, with the number of rows that it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) value: Option<f64>,
    pub(crate) rows: u64,
}

/// The values of a ratio in stretches of the reference, each as its part in the ratio of them all.
///
/// A ratio of a long window is no mean of the ratios of its parts: those with a small denominator count little
/// in it, and swing most. Here each stretch has what it moves the whole by, to first order, times the number of
/// stretches; the mean is the ratio of all. That is the linear form of the jackknife, and of the variance of a
/// ratio over clusters: Cochran (1977), Sampling Techniques, section 6.3.
pub(crate) fn parts_of_ratio(
    values: &[Option<Observation>],
    denominators: &[f64],
) -> Vec<Option<Observation>> {
    let n = values.len() as f64;
    let mean = denominators.iter().sum::<f64>() / n;
    if !(mean.is_finite() && mean > 0.0) {
        return values.to_vec();
    }
    // A stretch without a value moves nothing.
    let weighted = || {
        let pairs = values.iter().zip(denominators);
        pairs.filter_map(|(own, denominator)| Some(((*own)?, denominator / mean)))
    };
    let known: f64 = weighted().map(|(_, weight)| weight).sum();
    let whole = weighted()
        .map(|(own, weight)| own.value * weight)
        .sum::<f64>()
        / known.max(f64::MIN_POSITIVE);
    let variance = weighted()
        .map(|(own, weight)| own.variance * weight * weight)
        .sum::<f64>()
        / n;
    let pairs = values.iter().zip(denominators);
    pairs
        .map(|(own, denominator)| {
            let moved = own.map_or(0.0, |own| (own.value - whole) * denominator / mean);
            Some(Observation {
                value: whole + moved,
                variance,
            })
        })
        .collect()
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
            is_rough: table.is_rough,
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
            is_rough: self.is_rough,
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
    is_rough: bool,
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

/// What is left of a p-value when the window was held against the reference's with the result `found`.
pub(crate) fn weighed(own: f64, found: f64, deviations: &[Deviation]) -> f64 {
    let is_rough = deviations.iter().any(|deviation| deviation.is_rough);
    if is_rough && found <= ROUGH_LEVEL {
        own
    } else {
        own.max(found)
    }
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
    infinite: Option<Series>,
    /// Values that no other window reaches: beyond their range, or of a category that they lack.
    strange: Option<Series>,
    /// Values of the quality checks that monitors read as series, by id.
    checks: Vec<(&'static str, Vec<Point>)>,
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
        let series = |shares: Vec<(f64, f64)>| Series::of(table, &observations(shares));
        let of_rows = |share: fn(&ColumnProfile) -> (f64, f64)| {
            series(windows.iter().map(|window| share(window)).collect())
        };
        Some(Self {
            missing: of_rows(missing),
            infinite: of_rows(infinite),
            strange: series(strange::shares(windows).into_iter().zip(rows).collect()),
            table: table.clone(),
            cells,
            values,
            checks: Vec::new(),
        })
    }

    /// Adds the values of the quality checks that monitors read as series, in the same windows of `column`.
    #[must_use]
    pub fn with_checks(
        mut self,
        monitors: &Monitors,
        column: &str,
        windows: &[&ColumnProfile],
    ) -> Self {
        if self.table.is_of_windows() {
            self.checks = check_points(monitors, column, windows);
        }
        self
    }

    /// Values of a quality check in the windows of the reference; none where they were not asked for.
    pub(crate) fn points(&self, check: &str) -> Vec<Point> {
        let found = self.checks.iter().find(|(id, _)| *id == check);
        found.map_or_else(Vec::new, |(_, points)| points.clone())
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

    /// How far what a quality check found in a window lies from what the reference's windows show of it;
    /// `None` for a check that is not followed. `value` is that of the check.
    pub(crate) fn of_fault(
        &self,
        check: &str,
        window: Window,
        value: f64,
        current: &ColumnProfile,
    ) -> Option<Vec<Deviation>> {
        let (series, n) = match check {
            "missing" => (&self.missing, current.counts().rows as f64),
            "infinite" => (&self.infinite, current.counts().rows as f64),
            "out_of_range" | "unseen_category" => (&self.strange, n_values(current)),
            // They are about all values of the window.
            "scale_change" | "constant" => return Some(self.of_values(window, current)),
            _ => return None,
        };
        let phase = self.table.phase(window);
        let deviations = series
            .iter()
            .filter_map(|series| series.deviation(phase, observation(value, n)?));
        Some(deviations.collect())
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

/// Share of rows with an infinite value, and the rows.
fn infinite(profile: &ColumnProfile) -> (f64, f64) {
    let counts = profile.counts();
    let rows = counts.rows as f64;
    (counts.infinite() as f64 / rows.max(1.0), rows)
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
    fn a_stream_that_reaches_new_values_now_and_then_may_do_so_again() {
        let at = |share: f64, history: &ColumnHistory| {
            let current = around(0.0);
            let found = history.of_fault("out_of_range", hours(20..21)[0], share, &current);
            p_value(&found.expect("followed"), Prior::NONE).expect("followed")
        };
        let history = |centres: &[f64]| {
            let profiles: Vec<ColumnProfile> = centres.iter().map(|&at| around(at)).collect();
            let table = Timetable::of(&hours(0..20), HOURLY).expect("enough windows");
            ColumnHistory::of(&table, &profiles.iter().collect::<Vec<_>>()).expect("numbers")
        };
        let still = history(&[0.0; 20]);
        assert!(at(0.03, &still) < 0.01);
        let steps = [0.0, 0.4, -0.4, 0.9, 0.1, -0.8, 1.3, 0.2, -1.2, 1.7];
        let wandering = history(&[steps, steps.map(|step| 0.3 - 1.3 * step)].concat());
        assert!(at(0.03, &wandering) > 0.05);
        assert!(at(0.9, &wandering) < 1e-6);
    }

    #[test]
    fn stretches_stand_for_windows_up_to_a_level() {
        let wander = [0.0, 0.9, -0.7, 0.4, -1.1, 0.8, 1.2, -0.3, 0.1, -0.9];
        let profiles: Vec<ColumnProfile> = wander.iter().map(|&at| around(at)).collect();
        let of = |table: &Timetable, centre: f64| {
            let history = ColumnHistory::of(table, &profiles.iter().collect::<Vec<_>>());
            let current = around(centre);
            let deviations = history
                .expect("numbers")
                .of_values(hours(20..21)[0], &current);
            let found = p_value(&deviations, Prior::NONE).expect("followed");
            (found, weighed(1e-9, found, &deviations))
        };
        let fine = Timetable::without_rhythm(10, 3.0).expect("enough stretches");
        let rough = fine.clone().for_windows();
        let (found, kept) = of(&rough, 0.4);
        assert!(found > 0.05 && kept == found);
        let (found, kept) = of(&rough, 3.0);
        assert!(found < ROUGH_LEVEL && kept == 1e-9);
        assert_eq!(of(&fine, 3.0), (found, found));
    }

    #[test]
    fn parts_of_a_ratio_have_its_value_as_their_mean() {
        let own = |value| {
            Some(Observation {
                value,
                variance: 0.01,
            })
        };
        let values = [own(0.5), own(0.1), None, own(0.6)];
        let parts = parts_of_ratio(&values, &[100.0, 10.0, 0.0, 90.0]);
        let parts: Vec<f64> = parts.iter().flatten().map(|part| part.value).collect();
        let whole = (50.0 + 1.0 + 54.0) / 200.0;
        assert!((parts.iter().sum::<f64>() / 4.0 - whole).abs() < 1e-12);
        // The one with a tenth of the rows moves little, the one without none.
        assert!((parts[1] - whole).abs() < 0.1 && parts[2] == whole);
        assert_eq!(parts_of_ratio(&values, &[0.0; 4]), values);
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
            let current = with_nulls(n);
            let share = missing(&current).0;
            let found = history.of_fault("missing", hours(12..13)[0], share, &current);
            p_value(&found.expect("followed"), Prior::NONE).expect("followed")
        };
        assert!(p_of(50) > 0.05);
        assert!(p_of(2_000) < 1e-3);
    }
}
