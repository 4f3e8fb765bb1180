//! Rates of groups: shares of rows that are decided for the positive class.

use keepwell_core::outcome::Reason;
use keepwell_core::params::Params;

use super::{Group, ROWS_MIN};
use crate::special::{Table, TableLaw};

/// Which share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rate {
    /// Of all rows, those that are decided for the positive class.
    Selection,
    /// Of the rows of the positive class, those that are decided for it.
    TruePositive,
    /// Of the other rows, those that are decided for it.
    FalsePositive,
    /// Of the rows decided for the positive class, those that are of it.
    Precision,
}

/// The rate of one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct GroupRate<'a> {
    pub(super) name: &'a str,
    pub(super) hits: u64,
    /// Rows that it is a share of, at least one.
    pub(super) n: u64,
}

impl GroupRate<'_> {
    pub(super) fn value(&self) -> f64 {
        self.hits as f64 / self.n as f64
    }
}

/// The rates of the groups that have enough rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rates<'a> {
    /// At least two, ascending by name.
    pub(super) groups: Vec<GroupRate<'a>>,
    /// Groups with fewer rows.
    pub(super) n_left_out: usize,
}

impl Rate {
    /// The rate of each group with at least `rows_min` rows in its denominator.
    ///
    /// # Errors
    /// `NotApplicable` for a model without a positive class, `NoRows`, `NoPredictions` and `NoTargets` where
    /// no group has what the rate needs, `TooFewRows` where fewer than two groups have enough of it.
    pub(super) fn of<'a>(self, groups: &[Group<'a>], params: &Params) -> Result<Rates<'a>, Reason> {
        self.of_at_least(groups, |_| params.integer(ROWS_MIN.name))
    }

    /// The rate of each group with at least as many rows in its denominator as `needed` says from the sum of
    /// all; errors as those of [`Rate::of`].
    pub(super) fn of_at_least<'a>(
        self,
        groups: &[Group<'a>],
        needed: impl Fn(u64) -> u64,
    ) -> Result<Rates<'a>, Reason> {
        let total = |count: fn(&Group<'a>) -> u64| groups.iter().map(count).sum::<u64>();
        if total(|group| group.outcomes.rows()) == 0 {
            return Err(Reason::NoRows);
        }
        let mut rates = groups
            .iter()
            .map(|group| self.of_group(group))
            .collect::<Result<Vec<_>, _>>()?;
        if self != Self::Selection && total(|group| group.outcomes.targets()) == 0 {
            return Err(Reason::NoTargets);
        }
        if total(|group| group.outcomes.predictions()) == 0 {
            return Err(Reason::NoPredictions);
        }
        let rows_min = needed(rates.iter().map(|rate| rate.n).sum());
        rates.sort_unstable_by(|a, b| a.name.cmp(b.name));
        let mut sizes: Vec<u64> = rates.iter().map(|rate| rate.n).collect();
        sizes.sort_unstable();
        let n_groups = rates.len();
        rates.retain(|rate| rate.n >= rows_min);
        if rates.len() < 2 {
            return Err(Reason::TooFewRows {
                needed: rows_min,
                found: sizes.iter().rev().nth(1).copied().unwrap_or(0),
            });
        }
        Ok(Rates {
            n_left_out: n_groups - rates.len(),
            groups: rates,
        })
    }

    fn of_group<'a>(self, group: &Group<'a>) -> Result<GroupRate<'a>, Reason> {
        let positive = group.outcomes.config().positive.as_deref();
        let positive = positive.ok_or(Reason::NotApplicable)?;
        let (hits, n) = if self == Self::Selection {
            group.outcomes.selected(positive)
        } else {
            match group.outcomes.labelled() {
                Ok(confusion) => {
                    let counts = confusion.counts_of(positive);
                    match self {
                        Self::FalsePositive => (counts.alarms(), counts.rows - counts.targets),
                        Self::Precision => (counts.correct, counts.predictions),
                        _ => (counts.correct, counts.targets),
                    }
                }
                Err(reason @ Reason::TooManyCategories { .. }) => return Err(reason),
                Err(_) => (0, 0),
            }
        };
        Ok(GroupRate {
            name: group.name,
            hits,
            n,
        })
    }
}

impl Rates<'_> {
    /// Probability of rates this far apart if they are the same in all groups: Pearson's test, exact or by
    /// its moments where counts are small.
    pub(super) fn p_value(&self) -> f64 {
        let column = |rate: &GroupRate<'_>| [rate.hits, rate.n - rate.hits];
        let table = Table::new(self.groups.iter().map(column));
        table.p_value(table.statistic(), TableLaw::Auto)
    }
}
