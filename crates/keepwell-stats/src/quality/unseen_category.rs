//! Categories that the reference does not have.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::QualityCheck;
use crate::comparison;
use crate::interval::proportion;
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::{Table, ln_all_marked};

entry! {
    /// Share of rows whose category does not occur in the reference.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, categorical or boolean columns. Nulls are left out.
    ///
    /// # Result
    /// `value` in `[0, 1]`: such rows over all current rows with a value, with the interval of Wilson.
    /// `p_value` of "both sides come from one distribution": Chernoff's bound on the probability of
    /// so many such rows when the `n + m` rows are dealt to the two sides by chance. It is never too
    /// small, whatever the categories, and can be several times too large.
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
    /// For inputs on which a model was never trained. Columns with a long tail always have some unseen
    /// categories; the p-value knows that from the tail itself. The usual test, binomial with the
    /// unseen mass of Good and Turing, does not: it takes rows of one category for independent, and
    /// raises false alarms in windows that are larger than the reference.
    ///
    /// # Reference
    /// Chernoff (1952), Annals of Mathematical Statistics 23(4), 493–507; valid here since the categories
    /// that fall to one side are negatively associated: Joag-Dev and Proschan (1983), Annals of
    /// Statistics 11(1), 286–295.
    /// ```python oracle
    /// r, c = tables(reference, current)
    /// n, m = int(r.sum()), int(c.sum())
    /// assert n and m
    /// k = int(c[r == 0].sum())
    /// totals = np.array([int(t) for t in r + c if t <= m])
    /// prob = np.array([math.comb(m, int(t)) / math.comb(n + m, int(t)) for t in totals])
    /// def log_bound(s):
    ///     with np.errstate(divide="ignore"):
    ///         grown = np.logaddexp(np.log1p(-prob), np.log(prob) + s * totals)
    ///     return grown.sum() - s * k
    /// if k == 0 or (prob * totals).sum() >= k:
    ///     p_value = 1.0
    /// else:
    ///     best = scipy.optimize.minimize_scalar(log_bound, bounds=(0, 100), method="bounded",
    ///                                           options=dict(xatol=1e-10))
    ///     p_value = math.exp(min(best.fun, log_bound(100.0)))
    /// dict(value=k / m, p_value=p_value)
    /// ```
    pub struct UnseenCategory = "unseen_category" since "0.1";
}

impl QualityCheck for UnseenCategory {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Categorical, Kind::Boolean]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let table = comparison::categories(sample)?;
    let n_unseen: u64 = table
        .columns()
        .iter()
        .filter(|[reference, _]| *reference == 0)
        .map(|[_, current]| current)
        .sum();
    let [_, m] = table.rows();
    let share = proportion(n_unseen, m).ok_or(Reason::AllNull)?;
    Ok(share.with_p_value(Dealt::new(&table).tail_bound(n_unseen as f64)))
}

/// Largest tilt that is tried. A tilt beyond it would be for categories that fall to the current side
/// with a probability below `e^-100` for each row.
const TILT_MAX: f64 = 100.0;

/// Halvings of the interval that holds the best tilt: to the last digit.
const HALVINGS: u32 = 64;

/// Categories that can fall to the current side as a whole, by the number of their rows.
struct Dealt {
    groups: Vec<Group>,
}

/// Categories with the same number of rows.
struct Group {
    n_categories: f64,
    n_rows: f64,
    /// Logarithms of the probability that such a category falls to the current side, and that not.
    ln_all: f64,
    ln_not_all: f64,
}

impl Dealt {
    fn new(table: &Table) -> Self {
        let [n, m] = table.rows();
        let mut totals: Vec<u64> = table
            .columns()
            .iter()
            .map(|[reference, current]| reference + current)
            .filter(|&total| total <= m)
            .collect();
        totals.sort_unstable();
        let groups = totals
            .chunk_by(|left, right| left == right)
            .map(|group| {
                let ln_all = ln_all_marked(group[0], m, n + m);
                Group {
                    n_categories: group.len() as f64,
                    n_rows: group[0] as f64,
                    ln_all,
                    ln_not_all: (-ln_all.exp()).ln_1p(),
                }
            })
            .collect();
        Self { groups }
    }

    /// Expected number of rows that fall to the current side with all of their category, under a law
    /// tilted by `e^(tilt * rows)`.
    fn mean(&self, tilt: f64) -> f64 {
        self.groups
            .iter()
            .map(|group| {
                let odds = group.ln_not_all - group.ln_all - tilt * group.n_rows;
                group.n_categories * group.n_rows / (1.0 + odds.exp())
            })
            .sum()
    }

    fn ln_bound(&self, tilt: f64, n_rows: f64) -> f64 {
        let ln_generating: f64 = self
            .groups
            .iter()
            .map(|group| {
                let (least, most) = {
                    let grown = group.ln_all + tilt * group.n_rows;
                    (group.ln_not_all.min(grown), group.ln_not_all.max(grown))
                };
                group.n_categories * (most + (least - most).exp().ln_1p())
            })
            .sum();
        ln_generating - tilt * n_rows
    }

    /// Bound on the probability of `n_rows` or more.
    fn tail_bound(&self, n_rows: f64) -> f64 {
        if n_rows == 0.0 || self.mean(0.0) >= n_rows {
            return 1.0;
        }
        // The bound is least where the tilted mean is the observed number; the mean rises with the tilt.
        let (mut low, mut high) = (0.0, TILT_MAX);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if self.mean(middle) < n_rows {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.ln_bound(low, n_rows).exp().min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::{flags, names};

    fn check(reference: &ColumnProfile, current: &ColumnProfile) -> Measure {
        let outcome = UnseenCategory.check(TwoSample { reference, current }, &Params::default());
        *outcome.defined().expect("values on both sides")
    }

    fn p_value(measure: &Measure) -> f64 {
        measure.p_value.expect("a law")
    }

    #[test]
    fn only_the_current_side_can_be_unseen() {
        let found = check(&names(&[("a", 5), ("gone", 50)]), &names(&[("a", 10)]));
        assert_eq!((found.value, p_value(&found)), (0.0, 1.0));
        let found = check(
            &names(&[("a", 900), ("b", 100)]),
            &names(&[("a", 90), ("new", 30)]),
        );
        assert_eq!(found.value, 0.25);
        assert!(p_value(&found) < 1e-10);
        assert_eq!(check(&flags(0, 40), &flags(10, 30)).value, 0.25);
    }

    #[test]
    fn one_whole_category_has_its_exact_probability() {
        // The category falls to the current side as a whole or not at all: 10 of 20 rows by 3.
        let found = check(&names(&[("a", 10)]), &names(&[("a", 7), ("new", 3)]));
        let expected = (10.0 * 9.0 * 8.0) / (20.0 * 19.0 * 18.0);
        assert!(
            (p_value(&found) - expected).abs() < 1e-9,
            "{}",
            p_value(&found)
        );
    }

    #[test]
    fn identifiers_are_expected_to_be_new() {
        let side = |prefix: &str| {
            let ids: Vec<String> = (0..500).map(|id| format!("{prefix}{id}")).collect();
            names(&ids.iter().map(|id| (id.as_str(), 1)).collect::<Vec<_>>())
        };
        let found = check(&side("a"), &side("b"));
        assert_eq!((found.value, p_value(&found)), (1.0, 1.0));
    }

    #[test]
    fn bound_is_never_too_small() {
        let mut random = Random::new(23);
        let n_runs = 500;
        let labels: Vec<String> = (0..300).map(|idx| format!("c{idx}")).collect();
        for (n, m) in [(100, 100), (100, 2000), (1000, 300)] {
            let mut alarms = [0, 0];
            for _ in 0..n_runs {
                let mut side = |size: u64| {
                    let mut counts = vec![0; labels.len()];
                    for _ in 0..size {
                        // Squared, so that some categories are common and most are rare.
                        let place = random.uniform() * random.uniform() * 300.0;
                        counts[place as usize] += 1;
                    }
                    let counts: Vec<(&str, u64)> =
                        labels.iter().map(String::as_str).zip(counts).collect();
                    names(&counts)
                };
                let p_value = p_value(&check(&side(n), &side(m)));
                alarms[0] += u32::from(p_value <= 0.05);
                alarms[1] += u32::from(p_value <= 0.01);
            }
            assert!(alarms[0] <= 25 && alarms[1] <= 5, "{n}, {m}: {alarms:?}");
        }
    }
}
