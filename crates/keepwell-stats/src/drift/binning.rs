//! Cells in which the two sides of a column are counted: bins of numbers, or categories.

use keepwell_core::outcome::Reason;
use keepwell_core::params::{Domain, Parameter, Params};

use crate::comparison::{self, Numbers, Sides};
use crate::profile::{ColumnProfile, Distribution, TwoSample};
use crate::special::{Table, TableLaw};

/// Declares the number of bins.
pub(super) const N_BINS: Parameter = Parameter {
    name: "n_bins",
    doc: "Number of bins between the least and the greatest value of the reference, for numeric \
          columns. Ties can merge some of them.",
    domain: Domain::Integer {
        default: 10,
        min: 1,
        max: 1000,
    },
};

/// Declares how the bins are cut.
pub(super) const BINNING: Parameter = Parameter {
    name: "binning",
    doc: "How bins are cut, from the reference alone: `quantile`, each with about the same number of \
          reference rows, as the deciles of credit scoring (Lewis 1994); or `equal_width`, as NumPy's \
          `histogram`.",
    domain: Domain::Choice {
        default: "quantile",
        of: &["quantile", "equal_width"],
    },
};

/// Counts of both sides in the same cells, reference first.
pub(super) struct Cells {
    pub(super) table: Table,
    /// What is tested for a difference: numbers in bins that are cut from both sides together, since how
    /// many rows fall into bins that one side alone defines is not as in any dealing of the rows.
    tested: Table,
    /// Every cell, empty ones too, where a side was sketched; else none.
    pub(super) spans: Vec<Span>,
    /// Bound on the error of the difference of shares in a cell, its edges given; zero means exact.
    slack: f64,
}

/// The share of each side in a cell, reference first, as sketched and as it may be without a sketch.
pub(super) struct Span {
    pub(super) shares: [f64; 2],
    /// Least and greatest possible share.
    pub(super) bounds: [[f64; 2]; 2],
}

/// Counts both sides: numbers in bins that the reference alone defines, categories by name.
///
/// # Errors
/// The reason why the sides cannot be compared.
pub(super) fn count(
    sample: TwoSample<'_, ColumnProfile>,
    params: &Params,
) -> Result<Cells, Reason> {
    if !matches!(sample.reference, ColumnProfile::Numeric(_)) {
        let table = comparison::categories(sample)?;
        return Ok(Cells {
            tested: table.clone(),
            table,
            spans: Vec::new(),
            slack: 0.0,
        });
    }
    let sides = comparison::numeric(sample)?;
    let n_bins = params.integer(N_BINS.name);
    let bins = if params.choice(BINNING.name) == "quantile" {
        Bins::quantile(&sides.reference, n_bins)
    } else {
        Bins::equal_width(&sides.reference, n_bins)
    };
    Ok(bins.count(&sides, pooled_table(&sides, n_bins)))
}

impl Cells {
    /// Probability that two samples of one distribution differ as much: from the chi-squared statistic,
    /// whose law is known for any number of rows and for empty cells. On sketched profiles from its
    /// least value within their error.
    pub(super) fn p_value(&self) -> f64 {
        let statistic = self.tested.statistic_beyond(self.slack);
        self.tested.p_value(statistic, TableLaw::Auto)
    }

    /// The shares of both sides in each cell that is not empty on both, reference first.
    pub(super) fn shares(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        let [n, m] = self.table.rows().map(|count| count as f64);
        self.table
            .columns()
            .iter()
            .map(move |&[reference, current]| [reference as f64 / n, current as f64 / m])
    }
}

/// How far `estimate` can be from `term` for shares within `bounds`. The term is convex, zero where
/// the shares are equal and never negative, so it is largest in a corner and least where the shares
/// are nearest to each other.
pub(super) fn error(estimate: f64, bounds: [[f64; 2]; 2], term: impl Fn([f64; 2]) -> f64) -> f64 {
    let [[p_least, p_most], [q_least, q_most]] = bounds;
    let most = term([p_least, q_most]).max(term([p_most, q_least]));
    let least = if q_least > p_most {
        term([p_most, q_least])
    } else if p_least > q_most {
        term([p_least, q_most])
    } else {
        0.0
    };
    (most - estimate).max(estimate - least).max(0.0)
}

/// Bins of the real line: below `least`, then `(previous, upper]` for each upper end, the first one
/// including `least`, then above the last upper end. Ends that are equal leave empty bins.
struct Bins {
    least: f64,
    /// Ascending; the last one is the greatest value of the reference. Never empty.
    uppers: Vec<Edge>,
}

/// An edge, and between what it lies if the reference is not sketched.
#[derive(Clone, Copy)]
struct Edge {
    at: f64,
    bounds: (f64, f64),
}

impl Edge {
    fn exact(at: f64) -> Self {
        Self {
            at,
            bounds: (at, at),
        }
    }
}

impl Bins {
    fn quantile(reference: &Numbers<'_>, n_bins: u64) -> Self {
        let values = &reference.distribution;
        let n = values.n();
        let slack = (values.rank_error() * n as f64).ceil() as u64;
        let uppers = (1..n_bins).map(|bin| {
            // In whole numbers, so that no bin is off by one row for a rounding error.
            let rank = (u128::from(bin) * u128::from(n)).div_ceil(u128::from(n_bins));
            let rank = u64::try_from(rank).expect("at most n");
            let least = rank.checked_sub(slack).filter(|&rank| rank > 0);
            Edge {
                at: value_at_rank(values, rank).unwrap_or(reference.range.1),
                bounds: (
                    least
                        .and_then(|rank| value_at_rank(values, rank))
                        .unwrap_or(reference.range.0),
                    value_at_rank(values, rank.saturating_add(slack)).unwrap_or(reference.range.1),
                ),
            }
        });
        Self::new(reference, uppers)
    }

    fn equal_width(reference: &Numbers<'_>, n_bins: u64) -> Self {
        let (least, greatest) = reference.range;
        let uppers = (1..n_bins).map(|bin| {
            let share = bin as f64 / n_bins as f64;
            // A weighted mean does not overflow where the width of the range does.
            Edge::exact((least * (1.0 - share) + greatest * share).clamp(least, greatest))
        });
        Self::new(reference, uppers)
    }

    fn new(reference: &Numbers<'_>, uppers: impl Iterator<Item = Edge>) -> Self {
        let (least, greatest) = reference.range;
        Self {
            least,
            uppers: uppers.chain([Edge::exact(greatest)]).collect(),
        }
    }

    fn count(&self, sides: &Sides<Numbers<'_>>, tested: Table) -> Cells {
        let values = [&sides.reference.distribution, &sides.current.distribution];
        let [reference, current] = values.map(|values| self.counts(values));
        let errors = values.map(Distribution::rank_error);
        let mut cells = Cells {
            table: Table::new(reference.into_iter().zip(current).map(<[u64; 2]>::from)),
            tested,
            spans: Vec::new(),
            // A cell lies between two ranks.
            slack: 2.0 * (errors[0] + errors[1]),
        };
        if cells.slack > 0.0 {
            let [reference, current] = values.map(|values| self.shares(values));
            cells.spans = reference
                .into_iter()
                .zip(current)
                .map(|(reference, current)| Span {
                    shares: [reference.0, current.0],
                    bounds: [reference.1, current.1],
                })
                .collect();
        }
        cells
    }

    fn counts(&self, side: &Distribution<'_>) -> Vec<u64> {
        let mut before = side.rank_lt(self.least);
        let mut counts = vec![before];
        for upper in &self.uppers {
            // Never below `before`: ranks rise with the value.
            let upto = side.rank_le(upper.at).max(before);
            counts.push(upto - before);
            before = upto;
        }
        counts.push(side.n() - before);
        counts
    }

    /// Share in each bin, and its bounds: the edges and the ranks are both uncertain.
    fn shares(&self, side: &Distribution<'_>) -> Vec<(f64, [f64; 2])> {
        let n = side.n() as f64;
        let error = side.rank_error();
        let within = |least: u64, most: u64| {
            let (least, most) = (least as f64 / n - error, most as f64 / n + error);
            [least.max(0.0), most.min(1.0)]
        };
        let below = side.rank_lt(self.least);
        let mut ends = vec![within(below, below)];
        ends.extend(
            self.uppers
                .iter()
                .map(|upper| within(side.rank_le(upper.bounds.0), side.rank_le(upper.bounds.1))),
        );
        ends.push([1.0, 1.0]);
        let starts = std::iter::once([0.0, 0.0]).chain(ends.iter().copied());
        self.counts(side)
            .into_iter()
            .zip(starts.zip(&ends))
            .map(|(count, (start, end))| {
                let bounds = [(end[0] - start[1]).max(0.0), (end[1] - start[0]).min(1.0)];
                (count as f64 / n, bounds)
            })
            .collect()
    }
}

/// Counts of both sides in bins between quantiles of all values together.
fn pooled_table(sides: &Sides<Numbers<'_>>, n_bins: u64) -> Table {
    let values = [&sides.reference.distribution, &sides.current.distribution];
    let rows = values.map(Distribution::n);
    let total = u128::from(rows[0]) + u128::from(rows[1]);
    let upto = |value: f64| values.map(|side| side.rank_le(value));
    let ends = (1..n_bins).filter_map(|bin| {
        let rank = (u128::from(bin) * total).div_ceil(u128::from(n_bins));
        // The least value of either side that has so many rows at or before it.
        let edge = values.map(|side| {
            let place = side.values().partition_point(|&value| {
                let [reference, current] = upto(value);
                u128::from(reference) + u128::from(current) < rank
            });
            side.values().get(place).copied()
        });
        edge.into_iter().flatten().min_by(f64::total_cmp).map(upto)
    });
    let mut before = [0, 0];
    Table::new(ends.chain([rows]).map(move |end| {
        let column = [end[0] - before[0], end[1] - before[1]];
        before = end;
        column
    }))
}

/// The least value with at least `rank` rows at or before it; `None` beyond the last row.
fn value_at_rank(distribution: &Distribution<'_>, rank: u64) -> Option<f64> {
    let values = distribution.values();
    let (mut from, mut to) = (0, values.len());
    while from < to {
        let middle = from + (to - from) / 2;
        if distribution.cumulative(middle) >= rank {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    values.get(from).copied()
}

#[cfg(test)]
mod tests {
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::numbers;
    use crate::profile::NumericProfile;

    fn columns(reference: &[f64], current: &[f64], bins: [&str; 2]) -> Vec<[u64; 2]> {
        let [n_bins, binning] = bins;
        let (reference, current) = (numbers(reference), numbers(current));
        let sides = comparison::numeric(TwoSample {
            reference: &reference,
            current: &current,
        })
        .expect("finite values");
        let n_bins = n_bins.parse().expect("a number");
        let bins = if binning == "quantile" {
            Bins::quantile(&sides.reference, n_bins)
        } else {
            Bins::equal_width(&sides.reference, n_bins)
        };
        let cells = bins.count(&sides, pooled_table(&sides, n_bins));
        cells.table.columns().to_vec()
    }

    #[test]
    fn bins_are_closed_at_the_right() {
        let reference = [0.0, 1.0, 2.0, 3.0, 4.0];
        let found = columns(&reference, &[1.0, 2.0, 2.1, 4.0], ["2", "equal_width"]);
        assert_eq!(found, [[3, 2], [2, 2]]);
        let found = columns(&reference, &[2.0, 2.1], ["2", "quantile"]);
        assert_eq!(found, [[3, 1], [2, 1]]);
    }

    #[test]
    fn outside_the_reference_is_apart() {
        let found = columns(&[1.0, 2.0], &[0.5, 2.0, 2.5, 9.0], ["1", "quantile"]);
        assert_eq!(found, [[0, 1], [2, 1], [0, 2]]);
    }

    #[test]
    fn ties_merge_bins() {
        let found = columns(&[7.0, 7.0, 7.0, 7.0, 9.0], &[7.0, 8.0], ["5", "quantile"]);
        assert_eq!(found, [[4, 1], [1, 1]]);
        let found = columns(&[7.0; 6], &[7.0], ["5", "equal_width"]);
        assert_eq!(found, [[6, 1]]);
    }

    #[test]
    fn widest_range_has_finite_edges() {
        let found = columns(
            &[f64::MIN, -1.0, 1.0, f64::MAX],
            &[0.0],
            ["2", "equal_width"],
        );
        assert_eq!(found, [[2, 1], [2, 0]]);
    }

    #[test]
    fn pooled_bins_hold_equal_parts() {
        let reference: Vec<f64> = (0..60).map(f64::from).collect();
        let current: Vec<f64> = (0..40).map(|i| f64::from(i) + 0.5).collect();
        let (reference, current) = (numbers(&reference), numbers(&current));
        let sides = comparison::numeric(TwoSample {
            reference: &reference,
            current: &current,
        })
        .expect("finite values");
        let table = pooled_table(&sides, 10);
        let totals: Vec<u64> = table.columns().iter().map(|[r, c]| r + c).collect();
        assert_eq!(totals, [10; 10]);
        assert_eq!(table.rows(), [60, 40]);
    }

    #[test]
    fn spans_hold_the_exact_shares() {
        let mut random = Random::new(3);
        let values: Vec<f64> = (0..40_000)
            .map(|_| (random.normal() * 20.0).round())
            .collect();
        let (reference, current) = values.split_at(25_000);
        let profile = |mode, values: &[f64]| {
            let mut profile = NumericProfile::new(mode);
            profile.extend_from_slice(values);
            profile.seal();
            ColumnProfile::Numeric(profile)
        };
        let spans = |mode| {
            let (reference, current) = (profile(mode, reference), profile(mode, current));
            let sides = comparison::numeric(TwoSample {
                reference: &reference,
                current: &current,
            })
            .expect("finite values");
            let bins = Bins::quantile(&sides.reference, 10);
            [&sides.reference, &sides.current].map(|side| bins.shares(&side.distribution))
        };
        let exact = spans(crate::profile::Mode::Exact);
        let sketched = spans(crate::profile::Mode::Sketched);
        for (exact, sketched) in exact.iter().flatten().zip(sketched.iter().flatten()) {
            let [least, most] = sketched.1;
            assert!(
                least <= exact.0 && exact.0 <= most,
                "{exact:?} {sketched:?}"
            );
            assert!(most - least < 0.2);
        }
    }
}
