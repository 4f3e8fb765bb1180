//! Fisher's exact test, from the hypergeometric distribution.

use super::beta::ln_binomial_density;

/// Tables whose log-probability exceeds that of the observed one by no more than this count as equally
/// likely: probabilities that are equal on paper differ by rounding, up to counts of 10^9 by less.
const TIE: f64 = 1e-11;

/// Two-sided p-value of Fisher's exact test for the table `[[a, b], [c, d]]`: the probability, under
/// fixed margins, of a table that is at most as likely as this one. Equals 1 if a margin is zero.
///
/// Costs `O(sqrt(n))` in practice, whatever the counts: it finds the opposite tail by bisection and
/// adds terms of each tail until they no longer matter.
pub fn fisher_exact(table: [[u64; 2]; 2]) -> f64 {
    let [[a, b], [c, d]] = table;
    let law = Hypergeometric {
        row: a + b,
        column: a + c,
        total: a + b + c + d,
    };
    let (least, most) = law.support();
    if least == most {
        return 1.0;
    }
    let bound = law.ln_pmf(a) + TIE;
    let mode = law.mode();
    if law.ln_pmf(mode) <= bound {
        return 1.0;
    }
    // Probabilities rise up to the mode and fall after it.
    let is_unlikely = |x: u64| law.ln_pmf(x) <= bound;
    let (lower, upper) = if a < mode {
        (Some(a), first_where(mode, most, is_unlikely))
    } else {
        let kept = first_where(least, mode, |x| !is_unlikely(x)).unwrap_or(least);
        (kept.checked_sub(1).filter(|&x| x >= least), Some(a))
    };
    let lower = lower.map_or(0.0, |x| law.tail(x, Side::Lower));
    let upper = upper.map_or(0.0, |x| law.tail(x, Side::Upper));
    (lower + upper).min(1.0)
}

/// Logarithm of the probability that all of `draws` items are marked, if they are drawn without
/// replacement from `total` items of which `marked` are marked; `draws <= marked <= total`.
pub fn ln_all_marked(draws: u64, marked: u64, total: u64) -> f64 {
    let law = Hypergeometric {
        row: draws,
        column: marked,
        total,
    };
    if marked == total {
        0.0
    } else {
        law.ln_pmf(draws)
    }
}

/// Probability of at least `least` marked items among `draws` that are drawn without replacement from
/// `total` items of which `marked` are marked; `draws` and `marked` are at most `total`.
pub fn at_least_marked(least: u64, draws: u64, marked: u64, total: u64) -> f64 {
    let law = Hypergeometric {
        row: draws,
        column: marked,
        total,
    };
    let (fewest, most) = law.support();
    if least <= fewest {
        1.0
    } else if least > most {
        0.0
    } else {
        law.tail(least, Side::Upper).min(1.0)
    }
}

/// Number of marked items in a draw of `row` out of `total` items of which `column` are marked.
struct Hypergeometric {
    row: u64,
    column: u64,
    total: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Lower,
    Upper,
}

impl Hypergeometric {
    fn support(&self) -> (u64, u64) {
        (
            (self.row + self.column).saturating_sub(self.total),
            self.row.min(self.column),
        )
    }

    fn mode(&self) -> u64 {
        let product = u128::from(self.row + 1) * u128::from(self.column + 1);
        let mode = product / u128::from(self.total + 2);
        u64::try_from(mode).expect("below row + 1")
    }

    /// Marked and unmarked among the drawn, marked and unmarked among the others.
    fn cells(&self, x: u64) -> [f64; 4] {
        [
            x,
            self.row - x,
            self.column - x,
            self.total - self.row + x - self.column,
        ]
        .map(|count| count as f64)
    }

    fn ln_pmf(&self, x: u64) -> f64 {
        let [marked, unmarked, other_marked, other_unmarked] = self.cells(x);
        let column = self.column as f64;
        let rest = (self.total - self.column) as f64;
        let total = self.total as f64;
        // Any probability would do, it cancels; this one keeps each part small.
        let probabilities = [column / total, rest / total];
        ln_binomial_density([marked, unmarked], probabilities)
            + ln_binomial_density([other_marked, other_unmarked], probabilities)
            - ln_binomial_density([column, rest], probabilities)
    }

    /// Probability of `x` and of everything beyond it on the far side of the mode.
    fn tail(&self, x: u64, side: Side) -> f64 {
        let [
            mut marked,
            mut unmarked,
            mut other_marked,
            mut other_unmarked,
        ] = self.cells(x);
        let mut term = 1.0;
        let mut sum = 1.0;
        while term > sum * f64::EPSILON * 0.25 {
            if side == Side::Upper {
                term *= unmarked * other_marked / ((marked + 1.0) * (other_unmarked + 1.0));
                (marked, unmarked) = (marked + 1.0, unmarked - 1.0);
                (other_marked, other_unmarked) = (other_marked - 1.0, other_unmarked + 1.0);
            } else {
                term *= marked * other_unmarked / ((unmarked + 1.0) * (other_marked + 1.0));
                (marked, unmarked) = (marked - 1.0, unmarked + 1.0);
                (other_marked, other_unmarked) = (other_marked + 1.0, other_unmarked - 1.0);
            }
            sum += term;
        }
        self.ln_pmf(x).exp() * sum
    }
}

/// First number in `[from, to]` for which `holds`, which is false up to some number and true after it.
fn first_where(from: u64, to: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut from, mut to) = (from, to + 1);
    let end = to;
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    (from < end).then_some(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn agrees_with_scipy() {
        // Sums of mpmath at 50 digits; scipy.stats.fisher_exact agrees to 1e-9.
        for &(table, expected) in FISHER {
            assert_close(fisher_exact(table), expected, 1e-12);
        }
    }

    #[test]
    fn agrees_with_enumeration() {
        for (row, column, total) in [(5, 7, 12), (9, 3, 20), (10, 10, 20), (1, 19, 30)] {
            let law = Hypergeometric { row, column, total };
            let (least, most) = law.support();
            let pmf: Vec<f64> = (least..=most).map(|x| law.ln_pmf(x).exp()).collect();
            assert_close(pmf.iter().sum(), 1.0, 1e-13);
            for x in least..=most {
                let observed = pmf[(x - least) as usize] * (1.0 + 1e-9);
                let expected: f64 = pmf.iter().filter(|&&p| p <= observed).sum();
                let table = [[x, row - x], [column - x, total - row + x - column]];
                assert_close(fisher_exact(table), expected, 1e-12);
            }
        }
    }

    #[test]
    fn all_marked_agrees_with_the_product() {
        for (draws, marked, total) in [(0, 3, 9), (1, 3, 9), (3, 3, 9), (4, 9, 9), (5, 40, 1000)] {
            let expected: f64 = (0..draws)
                .map(|i| (marked - i) as f64 / (total - i) as f64)
                .product();
            assert_close(ln_all_marked(draws, marked, total).exp(), expected, 1e-13);
        }
    }

    #[test]
    fn upper_tail_agrees_with_the_sum() {
        for (draws, marked, total) in [(5, 7, 12), (9, 3, 20), (10, 10, 20), (4, 20, 20)] {
            let law = Hypergeometric {
                row: draws,
                column: marked,
                total,
            };
            let (fewest, most) = law.support();
            for least in 0..=most + 1 {
                let terms = least.max(fewest)..=most;
                let expected: f64 = if fewest == most {
                    f64::from(u8::from(least <= most))
                } else {
                    terms.map(|x| law.ln_pmf(x).exp()).sum()
                };
                let found = at_least_marked(least, draws, marked, total);
                assert!(
                    (found - expected).abs() < 1e-13,
                    "{least}: {found}, {expected}"
                );
            }
        }
    }

    #[test]
    fn empty_margin_is_no_evidence() {
        assert_eq!(fisher_exact([[0, 0], [3, 4]]), 1.0);
        assert_eq!(fisher_exact([[0, 5], [0, 4]]), 1.0);
        assert_eq!(fisher_exact([[0, 0], [0, 0]]), 1.0);
    }

    const FISHER: &[([[u64; 2]; 2], f64)] = &[
        ([[8, 2], [1, 5]], 0.03496503496503497),
        ([[0, 10], [7, 3]], 0.0030959752321981426),
        ([[3, 0], [0, 3]], 0.1),
        ([[10, 990], [40, 960]], 1.9009474943299076e-05),
        ([[5, 99995], [30, 99970]], 2.2327527815175838e-05),
        ([[1000, 999000], [1200, 998800]], 2.1591027928696862e-05),
        ([[500000, 500000], [501000, 499000]], 0.15771450478811258),
        ([[1, 1000000], [5, 1000]], 6.0549838853488435e-15),
        ([[120, 880], [3, 97]], 0.00408775796363872),
        ([[200, 800], [400, 100]], 4.541949463066821e-114),
        ([[17, 1983], [17, 483]], 7.879570855577916e-05),
    ];
}
