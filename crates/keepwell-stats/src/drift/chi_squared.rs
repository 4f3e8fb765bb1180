//! Pearson's chi-squared test of equal category shares.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::DriftTest;
use crate::comparison;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::TableLaw;

entry! {
    /// Pearson's statistic for the table of both sides by category, with a p-value that stays true for
    /// rare and for many categories.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, categorical or boolean columns. Nulls are left out. The
    /// categories are those of both sides together.
    ///
    /// # Result
    /// `value` in `[0, inf)`, no unit: the statistic without a correction for continuity. It grows with
    /// the number of rows. `p_value` of "both sides come from one distribution", by `method`. One
    /// category on both sides gives 0 with a p-value of 1.
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
    /// To decide whether shares of categories changed at all, with any number of categories: with
    /// 1,000 categories and 1,000 rows the usual chi-squared law raises far too many or too few
    /// alarms, the law of `method = moments` does not. To say how much they changed, take
    /// `jensen_shannon` or `psi`: this value has no scale of its own. Assumes independent rows.
    ///
    /// # Reference
    /// Pearson (1900), Philosophical Magazine 50(302), 157–175; mean and variance under fixed margins:
    /// Haldane (1940), Biometrika 31, 346–355. The third moment and the fit of a Pearson type III law to all
    /// three are ours, checked by enumeration and by simulated permutations.
    /// ```python oracle
    /// from fractions import Fraction
    /// from collections import Counter
    /// n_row, m_row = tables(reference, current)
    /// n, m, k = int(n_row.sum()), int(m_row.sum()), len(n_row)
    /// assert n and m
    /// totals = [int(t) for t in n_row + m_row]
    /// if k > 1:
    ///     value, p_chi2, _, expected = scipy.stats.chi2_contingency([n_row, m_row], correction=False)
    /// method = params["method"]
    /// if k > 1 and method == "auto":
    ///     method = "asymptotic" if expected.min() >= 5 else "fisher" if k == 2 else "moments"
    ///
    /// # Third moment of sum R^2 / t with R multivariate hypergeometric, by factorial moments.
    /// def falling(t, i):
    ///     return math.prod(t - q for q in range(i))
    /// def times(a, b):
    ///     c = [Fraction(0)] * 7
    ///     for i, x in enumerate(a):
    ///         for j, y in enumerate(b[:7 - i]):
    ///             c[i + j] += x * y
    ///     return c
    /// def plus(a, b, weight=1):
    ///     return [x + weight * y for x, y in zip(a, b)]
    /// def moments_p():
    ///     size = n + m
    ///     f = [Fraction(falling(n, i), falling(size, i)) if size >= i else 0 for i in range(7)]
    ///     mean_of = lambda a: sum(x * y for x, y in zip(a, f))
    ///     stirling = {2: [0, 1, 1], 4: [0, 1, 7, 6, 1], 6: [0, 1, 31, 90, 65, 15, 1]}
    ///     def power(t, s):
    ///         a = [Fraction(c * falling(t, i), t ** (s // 2)) for i, c in enumerate(stirling[s])]
    ///         return a + [Fraction(0)] * (6 - s)
    ///     a = b = c = aa = ab = aaa = [Fraction(0)] * 7
    ///     for t, times_seen in Counter(totals).items():
    ///         x, y, z = power(t, 2), power(t, 4), power(t, 6)
    ///         a, b, c = plus(a, x, times_seen), plus(b, y, times_seen), plus(c, z, times_seen)
    ///         xx = times(x, x)
    ///         aa, ab = plus(aa, xx, times_seen), plus(ab, times(x, y), times_seen)
    ///         aaa = plus(aaa, times(xx, x), times_seen)
    ///     m1, m2 = mean_of(a), mean_of(b) + mean_of(times(a, a)) - mean_of(aa)
    ///     m3 = (mean_of(c) + 3 * mean_of(times(a, b)) - 3 * mean_of(ab)
    ///           + mean_of(times(times(a, a), a)) - 3 * mean_of(times(a, aa)) + 2 * mean_of(aaa))
    ///     scale = Fraction(size * size, n * m)
    ///     mean, variance = scale * m1 - Fraction(size * n, m), scale**2 * (m2 - m1**2)
    ///     if variance <= 1e-6:
    ///         return 1.0
    ///     skewness = float(scale**3 * (m3 - 3 * m1 * m2 + 2 * m1**3)) / float(variance) ** 1.5
    ///     half_step = float(scale) / (2 * math.lcm(*totals))
    ///     z = (value - half_step - float(mean)) / math.sqrt(variance)
    ///     return scipy.stats.pearson3.sf(z, skewness)
    ///
    /// if k == 1 or value == 0:
    ///     answer = dict(value=0.0, p_value=1.0)
    /// elif method == "asymptotic":
    ///     answer = dict(value=value, p_value=p_chi2)
    /// elif method == "fisher":
    ///     answer = dict(value=value, p_value=scipy.stats.fisher_exact([n_row, m_row])[1])
    /// else:
    ///     answer = dict(value=value, p_value=moments_p())
    /// answer
    /// ```
    pub struct ChiSquared = "chi_squared" since "0.1" with [
        Parameter {
            name: "method",
            doc: "Law of the p-value: `asymptotic`, chi-squared; `moments`, Pearson type III with the \
                  exact mean, variance and skewness over all tables with these margins, corrected \
                  for continuity; `auto`, asymptotic if every expected count is at least 5, else \
                  Fisher's exact test for two categories and moments for more.",
            domain: Domain::Choice {
                default: "auto",
                of: &["auto", "asymptotic", "moments"],
            },
        },
    ];
}

impl DriftTest for ChiSquared {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Categorical, Kind::Boolean]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn standing(&self) -> Standing {
        Standing::Shown
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        let law = match params.choice("method").as_str() {
            "asymptotic" => TableLaw::Asymptotic,
            "moments" => TableLaw::Moments,
            _ => TableLaw::Auto,
        };
        let measure = comparison::categories(sample).map(|table| {
            let statistic = table.statistic();
            Measure::new(statistic).with_p_value(table.p_value(statistic, law))
        });
        measure.into()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_core::params::ParamValue;
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::{flags, names};

    fn test(reference: &ColumnProfile, current: &ColumnProfile, method: &str) -> Measure {
        let mut params = Params::defaults(ChiSquared.parameters());
        params
            .set("method", ParamValue::Text(method.to_owned()))
            .expect("declared");
        let outcome = ChiSquared.test(TwoSample { reference, current }, &params);
        *outcome.defined().expect("values on both sides")
    }

    #[test]
    fn one_category_is_no_change() {
        let measure = test(&names(&[("a", 5)]), &names(&[("a", 80)]), "auto");
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
        let measure = test(&flags(9, 0), &flags(2, 0), "moments");
        assert_eq!((measure.value, measure.p_value), (0.0, Some(1.0)));
    }

    #[test]
    fn vanished_and_new_categories_are_seen() {
        let reference = names(&[("a", 500), ("b", 500)]);
        let vanished = test(&reference, &names(&[("a", 300)]), "auto");
        let new = test(
            &reference,
            &names(&[("a", 150), ("b", 150), ("c", 30)]),
            "auto",
        );
        assert!(vanished.p_value.expect("has a law") < 1e-30);
        assert!(new.p_value.expect("has a law") < 1e-10);
    }

    /// Share of null windows with a p-value at or below 0.05, 0.01.
    fn alarms(rows: (u64, u64), shares: &[f64], method: &str) -> [f64; 2] {
        let mut random = Random::new(13);
        let labels: Vec<String> = (0..shares.len()).map(|idx| format!("c{idx}")).collect();
        let mut sum = 0.0;
        let cumulative: Vec<f64> = shares
            .iter()
            .map(|share| {
                sum += share;
                sum
            })
            .collect();
        let mut side = |n: u64| {
            let mut counts = vec![0; shares.len()];
            for _ in 0..n {
                let at = random.uniform() * sum;
                counts[cumulative.partition_point(|&upto| upto <= at)] += 1;
            }
            let counts: Vec<(&str, u64)> = labels.iter().map(String::as_str).zip(counts).collect();
            names(&counts)
        };
        let n_runs = 800;
        let mut alarms = [0.0, 0.0];
        for _ in 0..n_runs {
            let measure = test(&side(rows.0), &side(rows.1), method);
            let p_value = measure.p_value.expect("has a law");
            alarms[0] += f64::from(u8::from(p_value <= 0.05)) / f64::from(n_runs);
            alarms[1] += f64::from(u8::from(p_value <= 0.01)) / f64::from(n_runs);
        }
        alarms
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let zipf = |k: usize| (1..=k).map(|rank| 1.0 / rank as f64).collect::<Vec<_>>();
        for shares in [
            zipf(10),
            zipf(100),
            zipf(1000),
            vec![1.0; 1000],
            vec![0.97, 0.02, 0.01],
        ] {
            for rows in [(30, 30), (100, 100), (1000, 30), (30, 1000), (1000, 1000)] {
                let [five, one] = alarms(rows, &shares, "auto");
                // Four standard errors of a share of 800 above the level.
                assert!(five <= 0.05 + 0.031, "{} at {rows:?}: {five}", shares.len());
                assert!(one <= 0.01 + 0.0141, "{} at {rows:?}: {one}", shares.len());
            }
        }
    }

    #[test]
    fn usual_law_fails_for_many_categories() {
        let zipf: Vec<f64> = (1..=1000).map(|rank| 1.0 / f64::from(rank)).collect();
        assert!(alarms((1000, 30), &zipf, "asymptotic")[1] > 0.1);
        assert!(alarms((1000, 1000), &zipf, "asymptotic")[0] < 0.01);
    }
}
