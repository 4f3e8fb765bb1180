//! Pairs of columns whose dependence changed.

use keepwell_core::decide::Limits;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::ranks::{Ranks, order, spearman, spearman_influence, spearman_variance};
use super::{TableCheck, TableReading, readings, require_rows};
use crate::profile::row_sample::{RowSample, SampleValues};
use crate::profile::{TableProfile, TwoSample};
use crate::special::normal_sf;

entry! {
    /// Largest change of the rank correlation between two numeric columns that is no chance.
    ///
    /// # Inputs
    /// `reference`, `current`: tables with a sample of rows. Features that are numeric in both samples are
    /// matched by name. For each pair the rows count in which both have a value.
    ///
    /// # Result
    /// `value` in `[0, 2]`: the absolute difference of Spearman's correlation between the tables, of the pair
    /// with the least p-value. `p_value` of "the correlation is the same", two-sided, by Fisher's z, after
    /// Holm's correction over all pairs; the variance is the larger of `(1 + r^2/2) / (n - 3)` and, where
    /// that gives a p-value below 0.05, the one that holds for every distribution. Then one reading for each
    /// pair whose corrected p-value is at most `level`, least first, at most 20.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a table without rows. `not_applicable`: a table without a sample, or fewer
    /// than two columns that are numeric in both. `too_few_rows`: no pair has 30 rows on either side and
    /// a spread in both columns.
    ///
    /// # Cost
    /// `O(k^2 n)` for `k` columns and `n` sampled rows.
    ///
    /// # When to use, and when not
    /// For joins that attach the wrong rows, and for columns that were shuffled or filled: every column alone
    /// looks as before. Blind to dependence without a trend, and to columns of categories. A sample of 2,000
    /// rows sees changes from about 0.15 on among 1,000 pairs. In a stream, whose rows depend on their
    /// neighbours, a sample of one side against all rows of the other raises false alarms: without a monitor
    /// that names it, a check runs it only where the samples hold every row.
    ///
    /// # Reference
    /// Fisher (1921), Metron 1, 3–32; variance for ranks: Bonett and Wright (2000), Psychometrika 65(1),
    /// 23–28; Holm (1979), Scandinavian Journal of Statistics 6(2), 65–70. The variance for every
    /// distribution is that of the influence function, checked by simulation.
    /// ```python oracle
    /// def correlation(side, a, b):
    ///     rows = np.array([side.columns[a], side.columns[b]], float)
    ///     x, y = rows[:, ~np.isnan(rows).any(axis=0)]
    ///     n = len(x)
    ///     if n < 30 or x.min() == x.max() or y.min() == y.max():
    ///         return None
    ///     r = scipy.stats.spearmanr(x, y).statistic
    ///     u, v = ((scipy.stats.rankdata(w) - (n + 1) / 2) / n for w in (x, y))
    ///     above = lambda w: (w[None, :] > w[:, None]) + (w[None, :] == w[:, None]) / 2
    ///     influence = u * v + above(u) @ v / n + above(v) @ u / n
    ///     cut = np.clip(r, -1 + 1 / n, 1 - 1 / n)
    ///     return (r, np.arctanh(cut), (1 + cut**2 / 2) / (n - 3),
    ///             influence.var() / (n * u.var() * v.var()) / (1 - cut**2) ** 2)
    /// assert reference.rows and current.rows
    /// numeric = [name for name in sorted(reference.kinds) if name != reference.target
    ///            and reference.kinds[name] == current.kinds.get(name) == "numeric"]
    /// tests = []
    /// for i, a in enumerate(numeric):
    ///     for b in numeric[i + 1:]:
    ///         sides = correlation(reference, a, b), correlation(current, a, b)
    ///         if None not in sides:
    ///             (r, z, plain, free), (s, w, plain_s, free_s) = sides
    ///             p_value = 2 * scipy.stats.norm.sf(abs(z - w) / np.sqrt(plain + plain_s))
    ///             if p_value < 0.05:
    ///                 variance = max(plain, free) + max(plain_s, free_s)
    ///                 p_value = 2 * scipy.stats.norm.sf(abs(z - w) / np.sqrt(variance))
    ///             tests.append((p_value, -abs(r - s), f"{a}|{b}"))
    /// answer, least = {}, 0.0
    /// for idx, (p_value, size, pair) in enumerate(sorted(tests)):
    ///     least = max(least, min(1.0, p_value * (len(tests) - idx)))
    ///     reading = dict(value=-size, p_value=least)
    ///     if idx == 0:
    ///         answer[""] = reading
    ///     if least <= params["level"] and idx < 20:
    ///         answer[pair] = reading
    /// answer or None
    /// ```
    pub struct CorrelationBreak = "correlation_break" since "0.1" with [
        Parameter {
            name: "level",
            doc: "Corrected p-value up to which a pair is named.",
            domain: Domain::Float {
                default: 0.05,
                min: 0.0,
                max: 1.0,
            },
        },
    ];
}

impl TableCheck for CorrelationBreak {
    fn check(&self, sample: TwoSample<'_, TableProfile>, params: &Params) -> Vec<TableReading> {
        readings(breaks(sample, params.float("level")))
    }

    fn needs_every_row(&self) -> bool {
        true
    }

    fn limits(&self) -> Limits {
        Limits {
            warning: 0.1,
            alert: 0.2,
        }
    }
}

/// Rows that a pair needs on either side.
const ROWS_MIN: usize = 30;

/// p-value below which the costly variance is computed, too.
const CLOSE: f64 = 0.05;

/// Most pairs that are named.
const READINGS_MAX: usize = 20;

fn breaks(sample: TwoSample<'_, TableProfile>, level: f64) -> Result<Vec<TableReading>, Reason> {
    require_rows(sample)?;
    let (Some(reference), Some(current)) = (&sample.reference.sample, &sample.current.sample)
    else {
        return Err(Reason::NotApplicable);
    };
    let columns = shared(sample.reference.features(), [reference, current]);
    if columns.len() < 2 {
        return Err(Reason::NotApplicable);
    }
    let mut tests = Vec::new();
    for (idx, first) in columns.iter().enumerate() {
        for second in &columns[idx + 1..] {
            tests.extend(Test::new(first, second));
        }
    }
    if tests.is_empty() {
        return Err(Reason::TooFewRows {
            needed: ROWS_MIN as u64,
            found: reference.n_kept().min(current.n_kept()) as u64,
        });
    }
    tests.sort_by(|left, right| {
        let by_p_value = left.p_value.total_cmp(&right.p_value);
        by_p_value
            .then(right.size.total_cmp(&left.size))
            .then(left.columns.cmp(&right.columns))
    });
    holm(&mut tests);
    let measure = |test: &Test| Measure::new(test.size).with_p_value(test.p_value);
    let mut readings = vec![TableReading::whole(Outcome::Defined(measure(&tests[0])))];
    let named = tests
        .iter()
        .take_while(|test| test.p_value <= level)
        .take(READINGS_MAX);
    readings.extend(named.map(|test| TableReading::of(test.columns, measure(test))));
    Ok(readings)
}

/// Adjusts p-values that stand in ascending order.
fn holm(tests: &mut [Test]) {
    let mut least = 0.0_f64;
    let n_tests = tests.len();
    for (idx, test) in tests.iter_mut().enumerate() {
        least = least.max((test.p_value * (n_tests - idx) as f64).min(1.0));
        test.p_value = least;
    }
}

/// A column that is numeric in both samples.
struct Column<'a> {
    name: &'a str,
    sides: [Side<'a>; 2],
}

struct Side<'a> {
    values: &'a [f64],
    /// The rows with a value, in ascending order of it.
    order: Vec<usize>,
    /// The ranks of all rows; `None` where a value is missing.
    ranks: Option<Ranks>,
}

impl Side<'_> {
    /// The ranks of these rows among themselves; `places` says where each row of the sample stands among them. What is
    /// in order needs no sorting.
    fn ranks_of(&self, rows: &[usize], places: &[Option<usize>]) -> Ranks {
        let values: Vec<f64> = rows.iter().map(|&row| self.values[row]).collect();
        let order = self.order.iter().filter_map(|&row| places[row]);
        Ranks::ordered(&values, order.collect())
    }
}

/// The features that are numeric in both samples, in ascending order of their names.
fn shared<'a>(
    features: impl Iterator<Item = &'a str>,
    samples: [&'a RowSample; 2],
) -> Vec<Column<'a>> {
    let mut columns: Vec<Column<'a>> = features
        .filter_map(|name| {
            let sides = [side_of(samples[0], name)?, side_of(samples[1], name)?];
            Some(Column { name, sides })
        })
        .collect();
    columns.sort_by_key(|column| column.name);
    columns
}

fn side_of<'a>(sample: &'a RowSample, name: &str) -> Option<Side<'a>> {
    match &sample.column(name)?.values {
        SampleValues::Numbers(values) => {
            let order = order(values);
            let is_whole = order.len() == values.len();
            Some(Side {
                values,
                ranks: is_whole.then(|| Ranks::ordered(values, order.clone())),
                order,
            })
        }
        _ => None,
    }
}

/// Spearman's correlation of two numeric columns of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct RankCorrelation {
    /// The correlation, in `[-1, 1]`.
    pub value: f64,
    /// Fisher's z of it. A perfect correlation counts as one that is perfect but for one row.
    pub z: f64,
    /// What each row with both values does to `z`, times the rows, in the order of the sample: about zero on
    /// average, and its mean square over the rows is the variance of `z` for independent rows.
    pub influence: Vec<f64>,
}

impl RankCorrelation {
    /// The correlation of two columns; `None` where they are not both numeric, have fewer than 30 rows with both
    /// values, or one is constant.
    pub fn of(sample: &RowSample, columns: [&str; 2]) -> Option<Self> {
        let side = |name: &str| side_of(sample, name);
        let (first, second) = (side(columns[0])?, side(columns[1])?);
        let pair = Pair::new(&first, &second)?;
        let found = pair.correlation();
        let slope = found.slope();
        let (left, right) = pair.ranks();
        let mut influence = spearman_influence(left, right);
        influence.iter_mut().for_each(|own| *own /= slope);
        Some(Self {
            value: found.r,
            z: found.z,
            influence,
        })
    }
}

/// The comparison of one pair of columns.
struct Test<'a> {
    columns: [&'a str; 2],
    size: f64,
    p_value: f64,
}

impl<'a> Test<'a> {
    /// `None` where the rows are too few.
    fn new(first: &Column<'a>, second: &Column<'a>) -> Option<Self> {
        let pair = |side: usize| Pair::new(&first.sides[side], &second.sides[side]);
        let (reference, current) = (pair(0)?, pair(1)?);
        let [before, after] = [&reference, &current].map(Pair::correlation);
        let gap = (before.z - after.z).abs();
        let p_value = |variance: f64| (2.0 * normal_sf(gap / variance.sqrt())).min(1.0);
        let mut found = p_value(before.variance + after.variance);
        if found < CLOSE {
            let [before, after] = [(&reference, &before), (&current, &after)]
                .map(|(pair, correlation)| pair.free_variance(correlation));
            found = p_value(before + after);
        }
        Some(Self {
            columns: [first.name, second.name],
            size: (before.r - after.r).abs(),
            p_value: found,
        })
    }
}

/// Two columns over the rows in which both have a value.
enum Pair<'a> {
    Whole(&'a Ranks, &'a Ranks),
    Part(Ranks, Ranks),
}

struct Correlation {
    n: f64,
    r: f64,
    /// Fisher's z. A perfect correlation counts as one that is perfect but for one row.
    z: f64,
    /// Of `z`, if both columns are as good as normal.
    variance: f64,
}

impl Correlation {
    /// What a change of `z` does to `r`.
    fn slope(&self) -> f64 {
        let most = 1.0 - 1.0 / self.n;
        1.0 - self.r.clamp(-most, most).powi(2)
    }
}

impl<'a> Pair<'a> {
    fn new(first: &'a Side<'a>, second: &'a Side<'a>) -> Option<Self> {
        let pair = match (&first.ranks, &second.ranks) {
            (Some(first), Some(second)) => Self::Whole(first, second),
            _ => {
                let mut rows = Vec::with_capacity(first.values.len());
                let places: Vec<Option<usize>> = first
                    .values
                    .iter()
                    .zip(second.values)
                    .enumerate()
                    .map(|(row, (left, right))| {
                        let is_whole = !left.is_nan() && !right.is_nan();
                        is_whole.then(|| {
                            rows.push(row);
                            rows.len() - 1
                        })
                    })
                    .collect();
                Self::Part(
                    first.ranks_of(&rows, &places),
                    second.ranks_of(&rows, &places),
                )
            }
        };
        let (first, second) = pair.ranks();
        let is_usable = first.len() >= ROWS_MIN && !first.is_constant() && !second.is_constant();
        is_usable.then_some(pair)
    }

    fn ranks(&self) -> (&Ranks, &Ranks) {
        match self {
            Self::Whole(first, second) => (first, second),
            Self::Part(first, second) => (first, second),
        }
    }

    fn correlation(&self) -> Correlation {
        let (first, second) = self.ranks();
        let n = first.len() as f64;
        let r = spearman(first, second);
        let cut = r.clamp(1.0 / n - 1.0, 1.0 - 1.0 / n);
        Correlation {
            n,
            r,
            z: cut.atanh(),
            variance: (1.0 + cut * cut / 2.0) / (n - 3.0),
        }
    }

    /// The larger of the variance of `z` for normal columns and of that for any.
    fn free_variance(&self, correlation: &Correlation) -> f64 {
        let (first, second) = self.ranks();
        let slope = correlation.slope();
        let free = spearman_variance(first, second) / (slope * slope);
        free.max(correlation.variance)
    }
}
