//! The likelihood-ratio test of equal category shares.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::DriftTest;
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::contingency::EXPECTED_MIN;
use crate::special::{Table, TableLaw, chi_squared_sf};

entry! {
    /// Likelihood-ratio statistic for the table of both sides by category.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, categorical or boolean columns. Nulls are left out. The
    /// categories are those of both sides together.
    ///
    /// # Result
    /// `value` in `[0, inf)`, no unit: twice the logarithm of the likelihood ratio. It grows with the
    /// number of rows. `p_value` of "both sides come from one distribution", by `method`. One category
    /// on both sides gives 0 with a p-value of 1.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: neither categorical nor boolean. `all_null`: a side without values.
    /// `too_many_categories`: an identifier or free text, of which a profile keeps a sample only.
    ///
    /// # Cost
    /// `O(k)` for `k` categories.
    ///
    /// # When to use, and when not
    /// Where likelihoods are compared, or added up over windows: G is additive, Pearson's statistic is
    /// not. For a decision `chi_squared` is the better one: the chi-squared law fits G worse, the more so
    /// with many categories, as `method = asymptotic` shows. Assumes independent rows.
    ///
    /// # Reference
    /// Wilks (1935), Annals of Mathematical Statistics 6(4), 190–196; correction: Williams (1976),
    /// Biometrika 63(1), 33–37.
    /// ```python oracle
    /// r, c = tables(reference, current)
    /// n, m, k = r.sum(), c.sum(), len(r)
    /// assert n and m
    /// if k == 1:
    ///     value, p_value = 0.0, 1.0
    /// else:
    ///     value, p_value, _, expected = scipy.stats.chi2_contingency(
    ///         [r, c], lambda_="log-likelihood", correction=False)
    ///     rows, columns = (n + m) * (1 / n + 1 / m) - 1, (n + m) * (1 / (r + c)).sum() - 1
    ///     williams = 1 + rows * columns / (6 * (n + m) * (k - 1))
    ///     if params["method"] == "williams" or expected.min() >= 5:
    ///         if params["method"] != "asymptotic":
    ///             p_value = scipy.stats.chi2.sf(value / williams, k - 1)
    ///     elif params["method"] == "auto":
    ///         p_value = scipy.stats.fisher_exact([r, c])[1] if k == 2 else None
    /// answer = dict(value=value, p_value=p_value)
    /// if p_value is None:
    ///     del answer["p_value"]
    /// answer
    /// ```
    pub struct GTest = "g_test" since "0.1" with [
        Parameter {
            name: "method",
            doc: "Law of the p-value: `asymptotic`, chi-squared, as in SciPy; `williams`, chi-squared \
                  after the correction of Williams (1976); `auto`, williams if every expected count is \
                  at least 5, else that of Pearson's statistic for sparse tables (see `chi_squared`).",
            domain: Domain::Choice {
                default: "auto",
                of: &["auto", "asymptotic", "williams"],
            },
        },
    ];
}

impl DriftTest for GTest {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Categorical, Kind::Boolean]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        let measure = comparison::categories(sample).map(|table| {
            let statistic = statistic(&table);
            let p_value = p_value(&table, statistic, &params.choice("method"));
            Measure::new(statistic).with_p_value(p_value)
        });
        measure.into()
    }
}

fn statistic(table: &Table) -> f64 {
    let [n, m] = table.rows();
    let half: f64 = table
        .columns()
        .iter()
        .map(|&[first, second]| {
            let total = u128::from(first + second);
            // Whole numbers, so that nearly equal shares lose no digits.
            let cross = i128::from(first) * i128::from(m) - i128::from(second) * i128::from(n);
            // The excess of each count over its expectation, as a share of that; they have opposite signs.
            let excess = |rows: u64, cross: i128| cross as f64 / (u128::from(rows) * total) as f64;
            let part = |count: u64, rows: u64, cross: i128| {
                let expected = total as f64 * rows as f64 / (n + m) as f64;
                if count == 0 {
                    expected
                } else {
                    expected * deviance(excess(rows, cross))
                }
            };
            part(first, n, cross) + part(second, m, -cross)
        })
        .sum();
    2.0 * half
}

/// `(1 + x) ln(1 + x) - x`: what a count adds, over its expectation, with an excess of `x`. Never negative;
/// sums of it are those of `count ln(count / expected)`.
fn deviance(x: f64) -> f64 {
    if x.abs() < 0.01 {
        let mut term = x * x / 2.0;
        let mut sum = 0.0;
        let mut order = 2.0;
        while sum + term != sum {
            sum += term;
            term *= -x * (order - 1.0) / (order + 1.0);
            order += 1.0;
        }
        sum
    } else {
        (1.0 + x) * x.ln_1p() - x
    }
}

fn p_value(table: &Table, statistic: f64, method: &str) -> f64 {
    let n_columns = table.columns().len();
    if n_columns < 2 {
        return 1.0;
    }
    let freedom = (n_columns - 1) as f64;
    match method {
        "asymptotic" => chi_squared_sf(statistic, freedom),
        "auto" if table.expected_min() < EXPECTED_MIN => {
            table.p_value(table.statistic(), TableLaw::Auto)
        }
        _ => chi_squared_sf(statistic / williams(table), freedom),
    }
}

/// The factor by which the mean of the statistic exceeds its degrees of freedom.
fn williams(table: &Table) -> f64 {
    let [n, m] = table.rows().map(|rows| rows as f64);
    let total = n + m;
    let rows = total / n + total / m - 1.0;
    let columns: f64 = table
        .columns()
        .iter()
        .map(|[first, second]| total / (first + second) as f64)
        .sum();
    let freedom = (table.columns().len() - 1) as f64;
    1.0 + rows * (columns - 1.0) / (6.0 * total * freedom)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::names;

    #[test]
    fn close_shares_lose_no_digits() {
        let n = 1_000_000_000_000;
        let table = Table::new([[n / 2 + 1000, n / 2], [n / 2 - 1000, n / 2]]);
        // Pearson's statistic is the same to the second order.
        assert!((statistic(&table) / table.statistic() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn both_forms_of_the_deviance_agree() {
        for x in [-0.009_999_f64, 0.009_999] {
            let plain = (1.0 + x) * x.ln_1p() - x;
            assert!((deviance(x) / plain - 1.0).abs() < 1e-10, "{x}");
        }
        assert_eq!(deviance(0.0), 0.0);
    }

    #[test]
    fn many_categories_raise_no_false_alarms() {
        // Ten rows for each of 500 categories: the plain law flags three times too often.
        let mut random = Random::new(41);
        let k = 500;
        let mut alarms = [0, 0];
        let n_runs = 400;
        for _ in 0..n_runs {
            let mut columns = vec![[0_u64, 0]; k];
            for side in [0, 1] {
                for _ in 0..10 * k {
                    columns[random.below(k)][side] += 1;
                }
            }
            let table = Table::new(columns);
            let statistic = statistic(&table);
            for (count, method) in alarms.iter_mut().zip(["auto", "asymptotic"]) {
                *count += u32::from(p_value(&table, statistic, method) <= 0.05);
            }
        }
        assert!(alarms[0] <= 20 + 14, "{alarms:?}");
        assert!(alarms[1] > 2 * alarms[0], "{alarms:?}");
    }

    #[test]
    fn one_category_does_not_differ() {
        let (reference, current) = (names(&[("a", 9)]), names(&[("a", 4)]));
        let sample = TwoSample {
            reference: &reference,
            current: &current,
        };
        let outcome = GTest.test(sample, &Params::defaults(GTest.parameters()));
        let found = outcome.defined().expect("values on both sides");
        assert_eq!((found.value, found.p_value), (0.0, Some(1.0)));
    }
}
