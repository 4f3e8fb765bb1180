//! Moments of Pearson's statistic over all tables with the same margins.

/// Variance of the statistic below which it counts as the same for all tables, as it is where each
/// column holds one row. Its mean is of the order of the number of columns.
const VARIANCE_MIN: f64 = 1e-6;

/// Mean, variance and skewness of the statistic over all tables with the same margins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TableMoments {
    /// Mean.
    pub(super) mean: f64,
    /// Variance; zero where the statistic is constant.
    pub(super) variance: f64,
    /// Third central moment over the cube of the standard deviation; zero where it is constant.
    pub(super) skewness: f64,
}

impl TableMoments {
    /// Exact moments over all ways to deal the counted items to two rows with these sums and columns
    /// with these totals.
    ///
    /// Mean and variance are those of Haldane (1940), Biometrika 31, 346–355. All three are computed
    /// from products of centred indicators, which neither cancels nor needs enumeration; `O(k)`.
    pub(super) fn new([n, m]: [u64; 2], mut totals: Vec<u64>) -> Self {
        let deal = Deal::new(n as f64, m as f64);
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
        let mean = total * (totals.len() as f64 - 1.0) / (total - 1.0);
        if variance <= VARIANCE_MIN {
            return Self {
                mean,
                variance: 0.0,
                skewness: 0.0,
            };
        }
        Self {
            mean,
            variance,
            skewness: third * scale.powi(3) / variance.powf(1.5),
        }
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
        let mut coefficients = [[0.0; 3]; DEGREE + 1];
        let mut linear_power = [0.0; DEGREE + 1];
        linear_power[0] = 1.0;
        let mut ways = 1.0;
        for (i, coefficient) in coefficients.iter_mut().enumerate() {
            let i = i as f64;
            let rest = raise(&self.constant, total - i);
            let series = product(&linear_power, &rest);
            // The moment of order s is s! times the coefficient of h^s.
            *coefficient = [2.0 * series[2], 24.0 * series[4], 720.0 * series[6]];
            *coefficient = coefficient.map(|moment| ways * moment);
            // No more than `total` different items exist: from there on `ways` stays zero.
            ways *= (total - i) / (i + 1.0);
            linear_power = product(&linear_power, &self.linear);
        }
        std::array::from_fn(|power| coefficients.map(|coefficient| coefficient[power]))
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
            .map(|k| (k as f64 * (exponent + 1.0) - n as f64) * series[k] * result[n - k])
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
    use crate::special::contingency::Table;
    use crate::special::tests::assert_close;

    fn totals(table: &Table) -> impl Iterator<Item = u64> + '_ {
        table.columns().iter().map(|[first, second]| first + second)
    }

    fn moments_of(table: &Table) -> TableMoments {
        TableMoments::new(table.rows(), totals(table).collect())
    }

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
            let found = moments_of(&tables[0].1);
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
            let inverse: f64 = totals(&table).map(|t| 1.0 / t as f64).sum();
            let v1 = (r - 1.0) * (total - r) / (total - 1.0);
            let v2 = (c - 1.0) * (total - c) / (total - 1.0);
            let w1 = (total * (1.0 / n + 1.0 / m) - r * r) / (total - 2.0);
            let w2 = (total * inverse - c * c) / (total - 2.0);
            let variance = 2.0 * total / (total - 3.0) * (v1 - w1) * (v2 - w2)
                + total * total / (total - 1.0) * w1 * w2;
            assert_close(moments_of(&table).variance, variance, 1e-10);
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
            let found = moments_of(&Table::new(columns));
            assert_close(found.variance, variance, 1e-11);
            assert_close(found.skewness, skewness, 1e-9);
        }
    }

    /// Column totals with how often each occurs, sum of the first row, variance, skewness.
    type Case = (&'static [(u64, usize)], u64, f64, f64);

    const SKEWNESS: &[Case] = &[
        (
            &[(1, 40), (2, 20), (50, 2)],
            60,
            37.34786854903952,
            0.27467451693949074,
        ),
        (
            &[(1, 300), (3, 100), (10, 30), (1000, 5)],
            2000,
            336.39175131617066,
            0.11199073890188958,
        ),
        (
            &[(2, 500), (10000000, 3)],
            1000000,
            7262.643139659266,
            0.26774828172423565,
        ),
        (
            &[(12000, 3), (7, 20), (1, 900)],
            100,
            323343.45039447356,
            0.6128289390988072,
        ),
        (&[(10, 1000)], 9000, 1797.4601163437767, 0.10890539436233931),
    ];
}
