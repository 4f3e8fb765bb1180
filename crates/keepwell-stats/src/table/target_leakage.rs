//! Features that give the target away.

use std::collections::BTreeMap;

use keepwell_core::decide::Limits;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::ranks::{Ranks, area, spearman};
use super::{TableCheck, TableReading, readings, require_rows};
use crate::profile::row_sample::{NAME_MISSING, SampleValues};
use crate::profile::{TableProfile, TwoSample};

entry! {
    /// How well the best single feature predicts the target.
    ///
    /// # Inputs
    /// `reference`, `current`: tables with a sample of rows that holds the target. For each feature the rows
    /// count in which both it and the target have a value.
    ///
    /// # Result
    /// `value` in `[0, 1]`: the greatest strength of a feature in either table; 0 means no help, 1 that the
    /// feature determines the target. For numbers it is the absolute value of Spearman's correlation
    /// with a numeric target, and of `2 AUC - 1` with one of two classes. For categories, and for numbers in
    /// `n_bins` bins with more than two classes, it is the share of errors that the feature avoids, if
    /// each row is given the most frequent class of the other rows with its category (lambda). Then one
    /// reading for each feature from 0.98 on, which is an AUC of 0.99, strongest first, with the finding
    /// `reference`, `current` or `both`. No p-value: it is a fact about the rows.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a table without rows. `not_applicable`: a table without a sample.
    /// `no_targets`: no sample has a target. `too_few_rows`: no feature has 100 rows, 20 of them outside the
    /// most frequent class.
    ///
    /// # Cost
    /// `O(k n log n)` for `k` features and `n` sampled rows.
    ///
    /// # When to use, and when not
    /// A feature that knows the target was usually made from it, or after it. If that is so in the
    /// reference only, the model leans on what it will not get. A feature may be honest and that good; then
    /// name it as an exception. Two features that leak only together are not found, nor categories that
    /// determine a number.
    ///
    /// # Reference
    /// Kaufman, Rosset, Perlich and Stitelman (2012), ACM Transactions on Knowledge Discovery from Data 6(4);
    /// lambda: Goodman and Kruskal (1954), Journal of the American Statistical Association 49, 732–764,
    /// here by leaving one row out.
    /// ```python oracle
    /// from collections import Counter
    /// def most(counts, own):
    ///     rest = counts - Counter([own])
    ///     return min((-count, label) for label, count in rest.items())[1] if rest else None
    /// def reduction(x, y):
    ///     groups = {}
    ///     for key, label in zip(x, y):
    ///         groups.setdefault(key, Counter())[label] += 1
    ///     whole = Counter(y)
    ///     base = len(y) - max(whole.values())
    ///     wrong = 0
    ///     for key, label in zip(x, y):
    ///         guess = most(groups[key], label)
    ///         if guess is None:
    ///             guess = min((-count, label) for label, count in whole.items())[1]
    ///         wrong += guess != label
    ///     return max(0.0, 1 - wrong / base)
    /// def strength(side, name):
    ///     if reference.kinds[side.target] == "numeric" and side.kinds[name] != "numeric":
    ///         return None
    ///     pairs = [(a, b) for a, b in zip(side.columns[name], side.columns[side.target])
    ///              if None not in (a, b) and a == a and b == b]
    ///     if len(pairs) < 100:
    ///         return None
    ///     x, y = map(list, zip(*pairs))
    ///     if len(set(x)) == 1 or len(set(y)) == 1:
    ///         return None
    ///     if side.kinds[side.target] == "numeric":
    ///         return abs(scipy.stats.spearmanr(x, y).statistic)
    ///     if len(y) - max(Counter(y).values()) < 20:
    ///         return None
    ///     if side.kinds[name] == "numeric" and len(set(y)) == 2:
    ///         return abs(2 * sklearn.metrics.roc_auc_score([v == max(y) for v in y], x) - 1)
    ///     if side.kinds[name] == "numeric":
    ///         v, bins = np.sort(x), params["n_bins"]
    ///         edges = np.unique([v[-(-i * len(v) // bins) - 1] for i in range(1, bins)])
    ///         x = np.searchsorted(edges, x, "left").tolist()
    ///     return reduction(x, y)
    /// assert reference.rows and current.rows
    /// sides = dict(reference=reference, current=current)
    /// best = {}
    /// for word, side in sides.items():
    ///     for name in side.kinds:
    ///         found = strength(side, name) if side.target and name != side.target else None
    ///         if found is not None:
    ///             best.setdefault(name, {})[word] = found
    /// answer = {"": max(max(found.values()) for found in best.values())}
    /// for name, found in best.items():
    ///     words = [word for word in found if found[word] >= 0.98]
    ///     if words:
    ///         answer[f"{'both' if len(words) == 2 else words[0]}:{name}"] = max(found.values())
    /// answer
    /// ```
    pub struct TargetLeakage = "target_leakage" since "0.1" with [
        Parameter {
            name: "n_bins",
            doc: "Number of bins of a numeric feature, with about equal numbers of rows, if there are more \
                  than two classes.",
            domain: Domain::Integer {
                default: 32,
                min: 2,
                max: 256,
            },
        },
    ];
}

/// Strength from which on a feature is named.
const STRENGTH_MIN: f64 = 0.98;

/// Rows that a feature needs.
const ROWS_MIN: usize = 100;

/// Rows outside the most frequent class that a feature needs.
const RARER_MIN: usize = 20;

impl TableCheck for TargetLeakage {
    fn check(&self, sample: TwoSample<'_, TableProfile>, params: &Params) -> Vec<TableReading> {
        readings(leaks(sample, params.integer("n_bins") as usize))
    }

    fn limits(&self) -> Limits {
        Limits {
            warning: STRENGTH_MIN,
            alert: 0.99,
        }
    }
}

fn leaks(sample: TwoSample<'_, TableProfile>, n_bins: usize) -> Result<Vec<TableReading>, Reason> {
    require_rows(sample)?;
    let (Some(reference), Some(current)) = (&sample.reference.sample, &sample.current.sample)
    else {
        return Err(Reason::NotApplicable);
    };
    let sides = [(sample.reference, reference), (sample.current, current)];
    let targets = sides.map(|(table, rows)| rows.column(table.target()?));
    if targets.iter().all(Option::is_none) {
        return Err(Reason::NoTargets);
    }
    let mut found: BTreeMap<&str, [Option<f64>; 2]> = BTreeMap::new();
    for (side, (table, rows)) in sides.into_iter().enumerate() {
        let Some(target) = targets[side] else {
            continue;
        };
        for name in table.features() {
            if let Some(column) = rows.column(name)
                && let Some(strength) = strength(&column.values, &target.values, n_bins)
            {
                found.entry(name).or_default()[side] = Some(strength);
            }
        }
    }
    let greatest = |sides: &[Option<f64>; 2]| sides.iter().flatten().copied().fold(0.0, f64::max);
    let Some(value) = found.values().map(greatest).max_by(f64::total_cmp) else {
        return Err(Reason::TooFewRows {
            needed: ROWS_MIN as u64,
            found: reference.n_kept().max(current.n_kept()) as u64,
        });
    };
    let mut named: Vec<(&str, &[Option<f64>; 2])> = found
        .iter()
        .filter(|(_, sides)| greatest(sides) >= STRENGTH_MIN)
        .map(|(name, sides)| (*name, sides))
        .collect();
    // Stable, so that equally strong features stay in ascending order.
    named.sort_by(|left, right| greatest(right.1).total_cmp(&greatest(left.1)));
    let mut readings = vec![TableReading::whole(Outcome::Defined(Measure::new(value)))];
    readings.extend(named.into_iter().map(|(name, sides)| TableReading {
        finding: Some(finding(sides)),
        ..TableReading::of([name], Measure::new(greatest(sides)))
    }));
    Ok(readings)
}

fn finding(sides: &[Option<f64>; 2]) -> &'static str {
    match sides.map(|side| side.is_some_and(|strength| strength >= STRENGTH_MIN)) {
        [true, true] => "both",
        [true, false] => "reference",
        _ => "current",
    }
}

/// The strength of a feature; `None` where it has none.
fn strength(feature: &SampleValues, target: &SampleValues, n_bins: usize) -> Option<f64> {
    if let (SampleValues::Numbers(feature), SampleValues::Numbers(target)) = (feature, target) {
        return with_number(feature, target);
    }
    let classes = codes(target)?;
    if let SampleValues::Numbers(feature) = feature {
        let rows = feature.iter().zip(classes);
        let (feature, classes): (Vec<f64>, Vec<u32>) = rows
            .filter(|(value, _)| !value.is_nan())
            .filter_map(|(&value, class)| Some((value, class?)))
            .unzip();
        return with_class(&feature, &classes, n_bins);
    }
    let rows = codes(feature)?.into_iter().zip(classes);
    let (feature, classes): (Vec<u32>, Vec<u32>) = rows
        .filter_map(|(category, class)| Some((category?, class?)))
        .unzip();
    let is_constant = feature.windows(2).all(|pair| pair[0] == pair[1]);
    let classes = Classes::of(&classes)?;
    if is_constant {
        None
    } else {
        classes.avoided(&feature)
    }
}

/// Names, or true and false, by number; `None` where a value is missing, or for other kinds.
fn codes(values: &SampleValues) -> Option<Vec<Option<u32>>> {
    match values {
        SampleValues::Names(names) => {
            let code = |&code: &u32| (code != NAME_MISSING).then_some(code);
            Some(names.codes().iter().map(code).collect())
        }
        SampleValues::Flags(flags) => {
            let code = |flag: &Option<bool>| flag.map(u32::from);
            Some(flags.iter().map(code).collect())
        }
        _ => None,
    }
}

fn with_number(feature: &[f64], target: &[f64]) -> Option<f64> {
    let (feature, target): (Vec<f64>, Vec<f64>) = feature
        .iter()
        .zip(target)
        .filter(|(left, right)| !left.is_nan() && !right.is_nan())
        .unzip();
    let (feature, target) = (Ranks::of(&feature), Ranks::of(&target));
    let is_usable = feature.len() >= ROWS_MIN && !feature.is_constant() && !target.is_constant();
    is_usable.then(|| spearman(&feature, &target).abs())
}

fn with_class(feature: &[f64], classes: &[u32], n_bins: usize) -> Option<f64> {
    let counted = Classes::of(classes)?;
    let ranks = Ranks::of(feature);
    if ranks.is_constant() {
        return None;
    }
    if let [(class, _), _] = counted.counts[..] {
        let is_marked: Vec<bool> = classes.iter().map(|&own| own == class).collect();
        return Some((2.0 * area(&ranks, &is_marked)? - 1.0).abs());
    }
    counted.avoided(&bins(feature, n_bins))
}

/// The bin of each value; bins are closed at the right and hold about equal numbers of rows.
fn bins(values: &[f64], n_bins: usize) -> Vec<u32> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut edges: Vec<f64> = (1..n_bins)
        .map(|bin| sorted[(bin * sorted.len()).div_ceil(n_bins) - 1])
        .collect();
    edges.dedup();
    values
        .iter()
        .map(|&value| edges.partition_point(|&edge| edge < value) as u32)
        .collect()
}

/// The class of each row.
struct Classes<'a> {
    of_rows: &'a [u32],
    /// Each class with its rows, in ascending order of the class; at least two.
    counts: Vec<(u32, usize)>,
    /// Errors if each row is given the most frequent class; at least [`RARER_MIN`].
    n_errors: usize,
}

impl<'a> Classes<'a> {
    /// `None` where the rows, or those outside the most frequent class, are too few.
    fn of(of_rows: &'a [u32]) -> Option<Self> {
        let counts: Vec<(u32, usize)> = counted(of_rows.iter().copied()).into_iter().collect();
        let most = counts.iter().map(|&(_, count)| count).max()?;
        let n_errors = of_rows.len() - most;
        (of_rows.len() >= ROWS_MIN && n_errors >= RARER_MIN).then_some(Self {
            of_rows,
            counts,
            n_errors,
        })
    }

    /// Share of the errors that are avoided if each row is given the most frequent class of the other rows
    /// with its category, the first one of several, and a row alone the most frequent of all.
    fn avoided(&self, categories: &[u32]) -> Option<f64> {
        let mut groups: BTreeMap<u32, BTreeMap<u32, usize>> = BTreeMap::new();
        for (&category, &class) in categories.iter().zip(self.of_rows) {
            *groups
                .entry(category)
                .or_default()
                .entry(class)
                .or_insert(0) += 1;
        }
        let overall = most_frequent(self.counts.iter().copied())?;
        let n_wrong: usize = groups
            .values()
            .flat_map(|group| {
                group
                    .iter()
                    .map(move |(&class, &count)| (group, class, count))
            })
            .filter(|&(group, class, _)| {
                let others = group.iter().map(|(&other, &count)| {
                    (other, if other == class { count - 1 } else { count })
                });
                let guess = most_frequent(others.filter(|&(_, count)| count > 0));
                guess.unwrap_or(overall) != class
            })
            .map(|(_, _, count)| count)
            .sum();
        Some((1.0 - n_wrong as f64 / self.n_errors as f64).max(0.0))
    }
}

fn counted(classes: impl Iterator<Item = u32>) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    for class in classes {
        *counts.entry(class).or_insert(0) += 1;
    }
    counts
}

/// The class with the most rows, the first one of several; classes come in ascending order.
fn most_frequent(counts: impl Iterator<Item = (u32, usize)>) -> Option<u32> {
    counts
        .fold(None, |best: Option<(u32, usize)>, next| match best {
            Some((_, most)) if most >= next.1 => best,
            _ => Some(next),
        })
        .map(|(class, _)| class)
}
