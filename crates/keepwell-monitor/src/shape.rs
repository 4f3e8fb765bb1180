//! Distributions as small histograms, for pictures. Nothing is decided on them.

use keepwell_stats::profile::{ColumnProfile, Distribution};

use crate::rule::merge_counts;

/// Bins of a numeric picture, without underflow and overflow.
const N_BINS: usize = 20;
/// Categories of a categorical picture, without "other".
const N_CATEGORIES: usize = 10;
/// Categories that are new in a window and shown although the reference never had them.
const N_NEW: usize = 2;

/// Histograms of the reference and of each window on the same bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// What the bins are.
    pub bins: Bins,
    /// Share of the reference's rows in each bin, nulls included as the last one.
    pub reference: Vec<f64>,
    /// The same for each window.
    pub windows: Vec<Vec<f64>>,
}

/// Bins of a picture. Each is followed by one bin of nulls.
#[derive(Debug, Clone, PartialEq)]
pub enum Bins {
    /// Ascending edges: below the first, between each pair, and from the last on; `edges.len() + 1` bins.
    Edges(Vec<f64>),
    /// Names, then "all others".
    Names(Vec<String>),
}

impl Shape {
    /// Pictures of a column; `None` for kinds without one, or where the reference is empty.
    pub fn of(reference: &ColumnProfile, windows: &[&ColumnProfile]) -> Option<Self> {
        match reference {
            ColumnProfile::Numeric(profile) => {
                let edges = edges(&profile.distribution())?;
                let shares = |profile: &ColumnProfile| match profile {
                    ColumnProfile::Numeric(numeric) => {
                        numeric_shares(&numeric.distribution(), profile.counts().rows, &edges)
                    }
                    _ => vec![0.0; edges.len() + 2],
                };
                Some(Self {
                    reference: shares(reference),
                    windows: windows.iter().map(|window| shares(window)).collect(),
                    bins: Bins::Edges(edges),
                })
            }
            ColumnProfile::Categorical(_) | ColumnProfile::Boolean(_) => {
                let names = names(reference, windows)?;
                let shares = |profile: &ColumnProfile| category_shares(profile, &names);
                Some(Self {
                    reference: shares(reference),
                    windows: windows.iter().map(|window| shares(window)).collect(),
                    bins: Bins::Names(names),
                })
            }
            _ => None,
        }
    }
}

/// Equal widths between the 0.5 % and the 99.5 % quantile of the reference, so that no outlier
/// squeezes the picture.
fn edges(reference: &Distribution<'_>) -> Option<Vec<f64>> {
    let (low, high) = (reference.quantile(0.005)?, reference.quantile(0.995)?);
    let width = (high - low) / N_BINS as f64;
    if !(width > 0.0 && width.is_finite()) {
        return Some(vec![low, low.next_up()]);
    }
    let mut edges: Vec<f64> = (0..N_BINS).map(|idx| low + width * idx as f64).collect();
    // The last bin holds its upper end.
    edges.push(high.next_up());
    Some(edges)
}

fn numeric_shares(values: &Distribution<'_>, rows: u64, edges: &[f64]) -> Vec<f64> {
    let total = rows.max(1) as f64;
    let mut before = 0;
    let mut shares: Vec<f64> = edges
        .iter()
        .map(|&edge| {
            let upto = values.rank_lt(edge);
            let share = upto.saturating_sub(before) as f64 / total;
            before = upto;
            share
        })
        .collect();
    shares.push(values.n().saturating_sub(before) as f64 / total);
    shares.push(rows.saturating_sub(values.n()) as f64 / total);
    shares
}

fn names(reference: &ColumnProfile, windows: &[&ColumnProfile]) -> Option<Vec<String>> {
    let counts = reference.category_counts()?;
    let mut by_count = counts.clone();
    by_count.sort_by(|(left_name, left), (right_name, right)| {
        right.cmp(left).then(left_name.cmp(right_name))
    });
    let mut names: Vec<String> = by_count
        .iter()
        .filter(|(_, n)| *n > 0)
        .take(N_CATEGORIES)
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let mut new: Vec<(u64, &str)> = Vec::new();
    for window in windows {
        if let Some(current) = window.category_counts() {
            for (name, in_reference, in_current) in merge_counts(&counts, &current) {
                if in_reference == 0 && !new.iter().any(|(_, known)| *known == name) {
                    new.push((in_current, name));
                }
            }
        }
    }
    new.sort_by(|left, right| right.cmp(left));
    names.extend(new.iter().take(N_NEW).map(|(_, name)| (*name).to_owned()));
    Some(names)
}

fn category_shares(profile: &ColumnProfile, names: &[String]) -> Vec<f64> {
    let rows = profile.counts().rows;
    let total = rows.max(1) as f64;
    let counts = profile.category_counts().unwrap_or_default();
    let count = |name: &str| {
        counts
            .binary_search_by(|(known, _)| (*known).cmp(name))
            .map_or(0, |idx| counts[idx].1)
    };
    let mut shares: Vec<f64> = names
        .iter()
        .map(|name| count(name) as f64 / total)
        .collect();
    let shown: f64 = shares.iter().sum();
    let present = profile.counts().present() as f64 / total;
    shares.push((present - shown).max(0.0));
    shares.push(profile.counts().missing() as f64 / total);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepwell_stats::profile::{CategoricalProfile, Mode, NumericProfile};

    #[test]
    fn numeric_shares_add_up_to_one_and_keep_outliers_apart() {
        let mut profile = NumericProfile::new(Mode::Exact);
        for value in 0..1000 {
            profile.push(f64::from(value));
        }
        profile.push(1e12);
        profile.push_nulls(9);
        let reference = ColumnProfile::Numeric(profile);
        let shape = Shape::of(&reference, &[&reference]).expect("not empty");
        assert!((shape.reference.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(shape.reference.len(), N_BINS + 3);
        assert_eq!(shape.reference, shape.windows[0]);
        let Bins::Edges(edges) = &shape.bins else {
            panic!("numeric bins")
        };
        assert!(edges.last().is_some_and(|&last| last < 1100.0));
    }

    #[test]
    fn constants_and_empty_columns_have_a_picture_or_none() {
        let mut constant = NumericProfile::new(Mode::Exact);
        constant.extend_from_slice(&[3.0, 3.0]);
        let constant = ColumnProfile::Numeric(constant);
        let shape = Shape::of(&constant, &[]).expect("not empty");
        assert_eq!(
            shape.reference.iter().filter(|&&share| share > 0.0).count(),
            1
        );
        let empty = ColumnProfile::Numeric(NumericProfile::new(Mode::Exact));
        assert_eq!(Shape::of(&empty, &[]), None);
    }

    #[test]
    fn new_categories_are_shown() {
        let mut reference = CategoricalProfile::new(Mode::Exact);
        reference.push("a", 5);
        let mut current = reference.clone();
        current.push("b", 5);
        let shape = Shape::of(
            &ColumnProfile::Categorical(reference),
            &[&ColumnProfile::Categorical(current)],
        )
        .expect("not empty");
        assert_eq!(shape.bins, Bins::Names(vec!["a".into(), "b".into()]));
        assert_eq!(shape.windows[0], [0.5, 0.5, 0.0, 0.0]);
    }
}
