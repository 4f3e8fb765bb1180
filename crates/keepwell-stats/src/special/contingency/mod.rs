//! The law of Pearson's chi-squared statistic of a table of two rows under the null hypothesis.

mod moments;

use self::moments::TableMoments;
use super::divisor::greatest_common_divisor;
use super::gamma::{chi_squared_sf, gamma_cdf, gamma_sf};
use super::hypergeometric::fisher_exact;
use super::normal::normal_sf;

/// Least expected count for which the chi-squared approximation is trusted (Cochran 1954, Biometrics
/// 10(4), 417–451).
pub const EXPECTED_MIN: f64 = 5.0;

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

impl Table {
    /// A table from its columns.
    pub fn new(columns: impl IntoIterator<Item = [u64; 2]>) -> Self {
        let columns: Vec<[u64; 2]> = columns
            .into_iter()
            .filter(|[first, second]| first + second > 0)
            .collect();
        let rows = columns.iter().fold([0, 0], |[first, second], column| {
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
            TableLaw::Asymptotic => chi_squared_sf(statistic, (self.columns.len() - 1) as f64),
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

    /// Least count that is expected in a cell if both rows come from one distribution; zero without counts.
    pub fn expected_min(&self) -> f64 {
        let [n, m] = self.rows;
        let least = self.totals().min().unwrap_or(0);
        n.min(m) as f64 * least as f64 / (n + m) as f64
    }

    fn totals(&self) -> impl Iterator<Item = u64> + '_ {
        self.columns.iter().map(|[first, second]| first + second)
    }

    fn moments_p_value(&self, statistic: f64) -> f64 {
        let moments = TableMoments::new(self.rows, self.totals().collect());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

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
        for columns in [
            vec![],
            vec![[5, 7]],
            vec![[5, 0], [3, 0]],
            vec![[1, 0], [0, 1], [1, 0]],
        ] {
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
