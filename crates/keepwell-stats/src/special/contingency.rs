//! The law of Pearson's chi-squared statistic of a table of two rows under the null hypothesis.

use super::gamma::{chi_squared_sf, gamma_cdf, gamma_sf};
use super::hypergeometric::fisher_exact;
use super::normal::normal_sf;

/// Least expected count for which the chi-squared approximation is trusted (Cochran 1954, Biometrics
/// 10(4), 417–451).
pub const EXPECTED_MIN: f64 = 5.0;

/// Variance of the statistic below which it counts as the same for all tables, as it is where each
/// column holds one row. Its mean is of the order of the number of columns.
const VARIANCE_MIN: f64 = 1e-6;

/// Skewness below which a Pearson type III law is a normal law to the accuracy of this file.
const SKEWNESS_MIN: f64 = 1.6e-5;

/// How a p-value is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableLaw {
    /// [`TableLaw::Asymptotic`] if every expected count is at least [`EXPECTED_MIN`]; else Fisher's
    /// exact test for two columns and [`TableLaw::Moments`] for more.
    Auto,
    /// Chi-squared with `columns - 1` degrees of freedom.
    Asymptotic,
    /// Pearson type III with the exact mean, variance and skewness of the permutation law.
    Moments,
}

/// A table of counts with two rows; columns without counts are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<[u64; 2]>,
    rows: [u64; 2],
}

/// Mean, variance and skewness of the statistic over all tables with the same margins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableMoments {
    /// Mean.
    pub mean: f64,
    /// Variance; zero where the statistic is constant.
    pub variance: f64,
    /// Third central moment over the cube of the standard deviation; zero where it is constant.
    pub skewness: f64,
}

impl Table {
    /// A table from its columns.
    pub fn new(columns: impl IntoIterator<Item = [u64; 2]>) -> Self {
        let columns: Vec<[u64; 2]> = columns
            .into_iter()
            .filter(|[first, second]| first + second > 0)
            .collect();
        let rows = columns
            .iter()
            .fold([0, 0], |[first, second], column| {
                [first + column[0], second + column[1]]
            });
        Self { columns, rows }
    }

    /// Columns with counts.
    pub fn columns(&self) -> &[[u64; 2]] {
        &self.columns
    }

    /// Sums of both rows.
    pub fn rows(&self) -> [u64; 2] {
        self.rows
    }

    /// Pearson's statistic, without a correction for continuity. Zero for a row without counts.
    pub fn statistic(&self) -> f64 {
        self.statistic_beyond(0.0)
    }

    /// Least value of the statistic if each share of a row may be wrong by so much that the
    /// difference of the shares in a column is wrong by at most `slack`.
    pub fn statistic_beyond(&self, slack: f64) -> f64 {
        let [n, m] = self.rows;
        if n == 0 || m == 0 {
            return 0.0;
        }
        let product = n as f64 * m as f64;
        self.columns
            .iter()
            .map(|&[first, second]| {
                // Whole numbers, so that nearly equal shares lose no digits.
                let cross = i128::from(first) * i128::from(m) - i128::from(second) * i128::from(n);
                let difference = (cross.unsigned_abs() as f64 / product - slack).max(0.0);
                difference * difference * product / (first + second) as f64
            })
            .sum()
    }

    /// Probability of a statistic `>= statistic` for a table with these margins if both rows come
    /// from one distribution.
    pub fn p_value(&self, statistic: f64, law: TableLaw) -> f64 {
        let [n, m] = self.rows;
        if self.columns.len() < 2 || n == 0 || m == 0 || statistic <= 0.0 {
            return 1.0;
        }
        match law {
            TableLaw::Asymptotic => {
                chi_squared_sf(statistic, (self.columns.len() - 1) as f64)
            }
            TableLaw::Moments => self.moments_p_value(statistic),
            TableLaw::Auto => {
                if self.expected_min() >= EXPECTED_MIN {
                    self.p_value(statistic, TableLaw::Asymptotic)
                } else if let [left, right] = self.columns[..] {
                    fisher_exact([left, right])
                } else {
                    self.moments_p_value(statistic)
                }
            }
        }
    }

    fn expected_min(&self) -> f64 {
        let [n, m] = self.rows;
        let least = self.totals().min().unwrap_or(0);
        n.min(m) as f64 * least as f64 / (n + m) as f64
    }

    fn totals(&self) -> impl Iterator<Item = u64> + '_ {
        self.columns.iter().map(|[first, second]| first + second)
    }

    fn moments_p_value(&self, statistic: f64) -> f64 {
        let moments = self.null_moments();
        if moments.variance <= 0.0 {
            return 1.0;
        }
        let deviation = moments.variance.sqrt();
        let z = (statistic - self.half_step() - moments.mean) / deviation;
        pearson_three_sf(z, moments.skewness)
    }

    /// Correction for continuity: the statistic is a constant plus a multiple of `N^2 / (n m L)`, where
    /// `L` is the least common multiple of the column totals; this is half of it. It matters where
    /// all totals are tiny (a column of identifiers) and vanishes elsewhere.
    fn half_step(&self) -> f64 {
        let mut multiple: u64 = 1;
        for total in self.totals() {
            let divisor = greatest_common_divisor(multiple, total);
            match multiple.checked_mul(total / divisor) {
                Some(product) => multiple = product,
                None => return 0.0,
            }
        }
        let [n, m] = self.rows.map(|count| count as f64);
        (n + m) * (n + m) / (n * m) / (2.0 * multiple as f64)
    }

    /// Exact moments of the statistic over all ways to deal the counted rows to the two rows of the
    /// table, given both margins.
    ///
    /// Mean and variance are those of Haldane (1940), Biometrika 31, 346–355. All three are computed
    /// from products of centred indicators, which neither cancels nor needs enumeration; `O(k)`.
    pub fn null_moments(&self) -> TableMoments {
        let [n, m] = self.rows;
        let deal = Deal::new(n as f64, m as f64);
        let mut totals: Vec<u64> = self.totals().collect();
        totals.sort_unstable();
        let mut sums = Sums::default();
        for group in totals.chunk_by(|left, right| left == right) {
            sums.add(&deal.column(group[0] as f64), group.len() as f64);
        }
        let (variance, third) = sums.central_moments(&deal);
        // The statistic is the sum of D^2 / t, over p q.
        let scale = 1.0 / deal.pq;
        let variance = variance * scale * scale;
        let total = (n + m) as f64;
        let mean = total * (self.columns.len() as f64 - 1.0) / (total - 1.0);
        if variance <= VARIANCE_MIN {
            return TableMoments {
                mean,
                variance: 0.0,
                skewness: 0.0,
            };
        }
        TableMoments {
            mean,
            variance,
            skewness: third * scale.powi(3) / variance.powf(1.5),
        }
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Probability that a standardised Pearson type III variable of this skewness is `>= z`.
fn pearson_three_sf(z: f64, skewness: f64) -> f64 {
    if skewness.abs() < SKEWNESS_MIN {
        return normal_sf(z);
    }
    let shape = 4.0 / (skewness * skewness);
    let x = shape + shape.sqrt() * z * skewness.signum();
    if skewness > 0.0 {
        gamma_sf(shape, x)
    } else {
        gamma_cdf(shape, x)
    }
}

/// Highest power of an indicator that the third moment of a sum of squares needs.
const DEGREE: usize = 6;

/// Coefficients of `1, y, y^2, …`. Here `y` stands for the centred indicator "this item was dealt to
/// the first row" of an item, and `y^i` for the product of those of `i` different items.
type Polynomial = [f64; DEGREE + 1];

fn product(left: &Polynomial, right: &Polynomial) -> Polynomial {
    let mut result = [0.0; DEGREE + 1];
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate().take(DEGREE + 1 - i) {
            result[i + j] += a * b;
        }
    }
    result
}

/// `sum of weight * polynomial`.
fn combine<const N: usize>(terms: [(f64, &Polynomial); N]) -> Polynomial {
    std::array::from_fn(|i| terms.iter().map(|(weight, term)| weight * term[i]).sum())
}

/// Dealing `n` of `n + m` items to the first row, without replacement.
struct Deal {
    /// Product of the shares `p` and `q` of the rows.
    pq: f64,
    /// `q - p`.
    skew: f64,
    /// `expected[i]` is the expectation of `y^i`.
    expected: Polynomial,
    /// Power series `a(h)` and `b(h)` with `exp(h Y) = a(h) + b(h) Y` for one centred indicator `Y`.
    constant: Polynomial,
    linear: Polynomial,
}

/// The statistic of one column less its expectation, and its square and cube.
struct Column {
    powers: [Polynomial; 3],
}

impl Deal {
    fn new(n: f64, m: f64) -> Self {
        let total = n + m;
        let (p, q) = (n / total, m / total);
        let (pq, skew) = (p * q, q - p);
        // The centred indicators of all items add up to zero, and Y^2 = (q - p) Y + p q.
        let mut expected = [0.0; DEGREE + 1];
        expected[0] = 1.0;
        for i in 1..DEGREE {
            let count = i as f64;
            if total > count {
                expected[i + 1] =
                    -count * (skew * expected[i] + pq * expected[i - 1]) / (total - count);
            }
        }
        let (mut constant, mut linear) = ([0.0; DEGREE + 1], [0.0; DEGREE + 1]);
        constant[0] = 1.0;
        let mut factorial = 1.0;
        for s in 1..=DEGREE {
            let power = s as i32;
            factorial *= s as f64;
            constant[s] = (p * q.powi(power) + q * (-p).powi(power)) / factorial;
            linear[s] = (q.powi(power) - (-p).powi(power)) / factorial;
        }
        Self {
            pq,
            skew,
            expected,
            constant,
            linear,
        }
    }

    fn expectation(&self, polynomial: &Polynomial) -> f64 {
        polynomial
            .iter()
            .zip(&self.expected)
            .map(|(coefficient, expected)| coefficient * expected)
            .sum()
    }

    /// `[D^2, D^4, D^6]` as polynomials, for the sum `D` of the centred indicators of `total` items.
    fn even_powers(&self, total: f64) -> [Polynomial; 3] {
        let mut powers = [[0.0; DEGREE + 1]; 3];
        let mut linear_power = [0.0; DEGREE + 1];
        linear_power[0] = 1.0;
        let mut ways = 1.0;
        for i in 0..=DEGREE {
            let rest = raise(&self.constant, total - i as f64);
            let series = product(&linear_power, &rest);
            for (power, factorial, degree) in
                [(0, 2.0, 2), (1, 24.0, 4), (2, 720.0, 6)]
            {
                powers[power][i] = factorial * ways * series[degree];
            }
            // No more than `total` different items exist: from there on `ways` stays zero.
            ways *= (total - i as f64) / (i as f64 + 1.0);
            linear_power = product(&linear_power, &self.linear);
        }
        powers
    }

    fn column(&self, total: f64) -> Column {
        let [second, fourth, sixth] = self.even_powers(total);
        let square = combine([(1.0 / total, &second)]);
        let fourth = combine([(total.powi(-2), &fourth)]);
        let sixth = combine([(total.powi(-3), &sixth)]);
        let mean = self.pq + (total - 1.0) * self.expected[2];
        let mut one = [0.0; DEGREE + 1];
        one[0] = 1.0;
        let mut centred = square;
        centred[0] = -(total - 1.0) * self.expected[2];
        centred[1] = self.skew;
        Column {
            powers: [
                centred,
                combine([(1.0, &fourth), (-2.0 * mean, &square), (mean * mean, &one)]),
                combine([
                    (1.0, &sixth),
                    (-3.0 * mean, &fourth),
                    (3.0 * mean * mean, &square),
                    (-mean.powi(3), &one),
                ]),
            ],
        }
    }
}

/// The power series `series^exponent`, for a series that starts with one.
fn raise(series: &Polynomial, exponent: f64) -> Polynomial {
    let mut result = [0.0; DEGREE + 1];
    result[0] = 1.0;
    for n in 1..=DEGREE {
        let sum: f64 = (1..=n)
            .map(|k| {
                (k as f64 * (exponent + 1.0) - n as f64) * series[k] * result[n - k]
            })
            .sum();
        result[n] = sum / n as f64;
    }
    result
}

/// Sums over columns, from which products over different columns follow.
#[derive(Default)]
struct Sums {
    first: Polynomial,
    second: Polynomial,
    third: Polynomial,
    first_times_first: Polynomial,
    second_times_first: Polynomial,
    first_cubed: Polynomial,
}

impl Sums {
    fn add(&mut self, column: &Column, count: f64) {
        let [first, second, third] = &column.powers;
        let squared = product(first, first);
        for (sum, term) in [
            (&mut self.first, *first),
            (&mut self.second, *second),
            (&mut self.third, *third),
            (&mut self.second_times_first, product(second, first)),
            (&mut self.first_cubed, product(&squared, first)),
            (&mut self.first_times_first, squared),
        ] {
            *sum = combine([(1.0, sum), (count, &term)]);
        }
    }

    /// Second and third moment of the sum over columns.
    fn central_moments(&self, deal: &Deal) -> (f64, f64) {
        let squared = product(&self.first, &self.first);
        let second = combine([
            (1.0, &self.second),
            (1.0, &squared),
            (-1.0, &self.first_times_first),
        ]);
        let third = combine([
            (1.0, &self.third),
            (3.0, &product(&self.second, &self.first)),
            (-3.0, &self.second_times_first),
            (1.0, &product(&squared, &self.first)),
            (-3.0, &product(&self.first, &self.first_times_first)),
            (2.0, &self.first_cubed),
        ]);
        (deal.expectation(&second), deal.expectation(&third))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    /// Every first row with these column totals and this sum, with its number of ways.
    fn enumerate(totals: &[u64], n: u64) -> Vec<(f64, Table)> {
        fn choose(n: u64, k: u64) -> f64 {
            (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
        }
        let mut rows: Vec<(f64, Vec<u64>)> = vec![(1.0, Vec::new())];
        for &total in totals {
            rows = rows
                .iter()
                .flat_map(|(ways, row)| {
                    (0..=total).map(move |count| {
                        let mut row = row.clone();
                        row.push(count);
                        (ways * choose(total, count), row)
                    })
                })
                .collect();
        }
        rows.into_iter()
            .filter(|(_, row)| row.iter().sum::<u64>() == n)
            .map(|(ways, row)| {
                let columns = row.iter().zip(totals).map(|(&r, &t)| [r, t - r]);
                (ways, Table::new(columns))
            })
            .collect()
    }

    const TOTALS: [(&[u64], u64); 6] = [
        (&[1, 1], 1),
        (&[2, 1, 1], 2),
        (&[5, 3, 1], 2),
        (&[7, 1, 1, 2, 1], 5),
        (&[4, 4, 4], 6),
        (&[9, 2, 2, 1, 1, 1, 3], 4),
    ];

    #[test]
    fn moments_agree_with_enumeration() {
        for (totals, n) in TOTALS {
            let tables = enumerate(totals, n);
            let all: f64 = tables.iter().map(|(ways, _)| ways).sum();
            let moment = |power: i32, centre: f64| {
                let sum: f64 = tables
                    .iter()
                    .map(|(ways, table)| ways * (table.statistic() - centre).powi(power))
                    .sum();
                sum / all
            };
            let mean = moment(1, 0.0);
            let variance = moment(2, mean);
            let found = tables[0].1.null_moments();
            assert_close(found.mean, mean, 1e-12);
            if variance < 1e-9 {
                assert_eq!((found.variance, found.skewness), (0.0, 0.0));
            } else {
                assert_close(found.variance, variance, 1e-11);
                let skewness = moment(3, mean) / variance.powf(1.5);
                assert!((found.skewness - skewness).abs() < 1e-9, "{totals:?}");
            }
        }
    }

    #[test]
    fn variance_agrees_with_haldane() {
        // The printed formula, for tables too large to enumerate.
        for (n, m, k) in [(1000, 1000, 300), (1_000_000, 10_000, 1000), (30, 500, 40)] {
            let mut columns = vec![[1, 2]; k];
            columns.push([n, m]);
            let table = Table::new(columns);
            let [n, m] = table.rows().map(|count| count as f64);
            let (total, r, c) = (n + m, 2.0, table.columns().len() as f64);
            let inverse: f64 = table.totals().map(|t| 1.0 / t as f64).sum();
            let v1 = (r - 1.0) * (total - r) / (total - 1.0);
            let v2 = (c - 1.0) * (total - c) / (total - 1.0);
            let w1 = (total * (1.0 / n + 1.0 / m) - r * r) / (total - 2.0);
            let w2 = (total * inverse - c * c) / (total - 2.0);
            let variance = 2.0 * total / (total - 3.0) * (v1 - w1) * (v2 - w2)
                + total * total / (total - 1.0) * w1 * w2;
            assert_close(table.null_moments().variance, variance, 1e-10);
        }
    }

    #[test]
    fn skewness_agrees_with_exact_fractions() {
        // Raw falling-factorial moments, summed as Python fractions.
        for &(repeats, n, variance, skewness) in SKEWNESS {
            let mut left = n;
            let columns: Vec<[u64; 2]> = repeats
                .iter()
                .flat_map(|&(total, times)| std::iter::repeat_n(total, times))
                .map(|total: u64| {
                    let first = total.min(left);
                    left -= first;
                    [first, total - first]
                })
                .collect();
            let found = Table::new(columns).null_moments();
            assert_close(found.variance, variance, 1e-11);
            assert_close(found.skewness, skewness, 1e-9);
        }
    }

    #[test]
    fn statistic_agrees_with_scipy() {
        // scipy.stats.chi2_contingency([[10, 20, 30], [6, 9, 17]], correction=False)
        let table = Table::new([[10, 6], [20, 9], [0, 0], [30, 17]]);
        assert_close(table.statistic(), 0.271_574_651_504_035_2, 1e-13);
        assert_close(
            table.p_value(table.statistic(), TableLaw::Auto),
            0.873_028_283_380_073_2,
            1e-12,
        );
    }

    #[test]
    fn sparse_two_columns_take_fishers_test() {
        let table = Table::new([[3, 0], [97, 40]]);
        let p_value = table.p_value(table.statistic(), TableLaw::Auto);
        assert_eq!(p_value, fisher_exact([[3, 0], [97, 40]]));
    }

    #[test]
    fn no_evidence_where_nothing_can_differ() {
        for columns in [vec![], vec![[5, 7]], vec![[5, 0], [3, 0]], vec![[1, 0], [0, 1], [1, 0]]] {
            let table = Table::new(columns);
            for law in [TableLaw::Auto, TableLaw::Moments] {
                assert_eq!(table.p_value(table.statistic(), law), 1.0);
            }
        }
    }

    #[test]
    fn pearson_three_agrees_with_scipy() {
        // scipy.stats.pearson3.sf
        for &(z, skewness, expected) in PEARSON_THREE {
            assert_close(pearson_three_sf(z, skewness), expected, 1e-10);
        }
    }

    #[rustfmt::skip]
    const SKEWNESS: &[(&[(u64, usize)], u64, f64, f64)] = &[
        (&[(1, 40), (2, 20), (50, 2)], 60, 37.34786854903952, 0.27467451693949074),
        (&[(1, 300), (3, 100), (10, 30), (1000, 5)], 2000, 336.39175131617066, 0.11199073890188958),
        (&[(2, 500), (10000000, 3)], 1000000, 7262.643139659266, 0.26774828172423565),
        (&[(12000, 3), (7, 20), (1, 900)], 100, 323343.45039447356, 0.6128289390988072),
        (&[(10, 1000)], 9000, 1797.4601163437767, 0.10890539436233931),
    ];

    const PEARSON_THREE: &[(f64, f64, f64)] = &[
        (0.0, 0.5, 0.4667448913877211),
        (3.0, 1.5, 0.01478909570119994),
        (8.0, 0.3, 5.487553835258546e-10),
        (-1.0, 2.0, 1.0),
        (2.0, -0.4, 0.011164780271550276),
        (2.0, 1e-06, 0.022750131948179195),
        (3.0, 0.0001, 0.0013504890056867307),
        (30.0, 0.8, 3.1763377284996905e-28),
        (5.0, -0.9, 0.0),
    ];
}
