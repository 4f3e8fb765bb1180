//! The two groups that are the furthest apart, and how sure that is.
//!
//! The largest of many differences is large by chance. Its interval therefore is one for all pairs of groups
//! at once: each pair has an interval at the level that leaves 5 % for all of them together (Bonferroni), and
//! the largest true difference lies between the largest lower and the largest upper end.

use keepwell_core::measure::{Interval, Measure};
use keepwell_core::outcome::Reason;

use super::Disparity;
use super::rate::{GroupRate, Rates};
use crate::interval;
use crate::special::normal_quantile;

/// Chance that some interval fails.
const ALPHA: f64 = 0.05;

/// A comparison of two groups of rates.
struct Pair<'r, 'a> {
    least: &'r GroupRate<'a>,
    greatest: &'r GroupRate<'a>,
    value: f64,
    interval: Interval,
}

/// Greatest difference of a rate between two groups, over one or more rates, in `[0, 1]`.
pub(super) fn difference(rates: &[Rates<'_>]) -> Result<Disparity, Reason> {
    let z = critical_value(rates.iter().map(|rates| pairs_of(&rates.groups)).sum());
    let pairs: Vec<Pair<'_, '_>> = each_pair(rates)
        .map(|(least, greatest)| Pair {
            least,
            greatest,
            value: greatest.value() - least.value(),
            interval: newcombe(greatest, least, z),
        })
        .collect();
    let furthest = |of: fn(&Pair<'_, '_>) -> f64| pairs.iter().map(of).fold(0.0, f64::max);
    let widest = pairs
        .iter()
        .reduce(|best, pair| if pair.value > best.value { pair } else { best })
        .ok_or(Reason::NoRows)?;
    let interval = Interval {
        lower: furthest(|pair| pair.interval.lower).min(widest.value),
        upper: furthest(|pair| pair.interval.upper).min(1.0),
    };
    Ok(disparity(widest, interval, rates))
}

/// Least ratio of a rate between two groups, over one or more rates, in `[0, 1]`. A rate that is zero in
/// all groups does not count.
pub(super) fn ratio(rates: &[Rates<'_>]) -> Result<Disparity, Reason> {
    let z = critical_value(rates.iter().map(|rates| pairs_of(&rates.groups)).sum());
    let mut disparity = least_ratio(each_pair(rates), z, rates)?;
    if let Some(interval) = &mut disparity.measure.interval {
        interval.upper = interval.upper.min(1.0);
    }
    Ok(disparity)
}

/// Least ratio of a rate to that of the group at `privileged`, in `[0, inf)`.
pub(super) fn ratio_to(rates: &Rates<'_>, privileged: usize) -> Result<Disparity, Reason> {
    let z = critical_value(rates.groups.len() - 1);
    let greatest = &rates.groups[privileged];
    let others = rates.groups.iter().enumerate();
    let pairs = others
        .filter(|(idx, _)| *idx != privileged)
        .map(|(_, least)| (least, greatest));
    least_ratio(pairs, z, std::slice::from_ref(rates))
}

fn least_ratio<'r, 'a: 'r>(
    pairs: impl Iterator<Item = (&'r GroupRate<'a>, &'r GroupRate<'a>)>,
    z: f64,
    rates: &[Rates<'_>],
) -> Result<Disparity, Reason> {
    let pairs: Vec<Pair<'_, '_>> = pairs
        .filter(|(_, greatest)| greatest.hits > 0)
        .map(|(least, greatest)| Pair {
            least,
            greatest,
            value: least.value() / greatest.value(),
            interval: quotient(least, greatest, z),
        })
        .collect();
    let nearest = |of: fn(&Pair<'_, '_>) -> f64| pairs.iter().map(of).fold(f64::INFINITY, f64::min);
    let narrowest = pairs
        .iter()
        .reduce(|best, pair| if pair.value < best.value { pair } else { best })
        .ok_or(Reason::ZeroDenominator)?;
    let interval = Interval {
        lower: nearest(|pair| pair.interval.lower),
        upper: nearest(|pair| pair.interval.upper).max(narrowest.value),
    };
    Ok(disparity(narrowest, interval, rates))
}

/// All ordered pairs of groups of each rate.
fn each_pair<'r, 'a>(
    rates: &'r [Rates<'a>],
) -> impl Iterator<Item = (&'r GroupRate<'a>, &'r GroupRate<'a>)> {
    rates.iter().flat_map(|rates| {
        let groups = &rates.groups;
        groups.iter().flat_map(move |least| {
            let others = groups.iter().filter(move |other| other.name != least.name);
            others.map(move |greatest| (least, greatest))
        })
    })
}

fn pairs_of(groups: &[GroupRate<'_>]) -> usize {
    groups.len() * (groups.len() - 1) / 2
}

/// Quantile that leaves [`ALPHA`] for so many intervals together.
fn critical_value(n_intervals: usize) -> f64 {
    -normal_quantile(ALPHA / 2.0 / n_intervals as f64)
}

fn bounds(rate: &GroupRate<'_>, z: f64) -> Interval {
    let interval = interval::wilson(rate.value(), rate.n as f64, z);
    Interval {
        lower: interval.lower.clamp(0.0, rate.value()),
        upper: interval.upper.clamp(rate.value(), 1.0),
    }
}

/// Interval of `first - second`, recovered from those of Wilson: method 10 of Newcombe (1998), Statistics in
/// Medicine 17, 873–890.
fn newcombe(first: &GroupRate<'_>, second: &GroupRate<'_>, z: f64) -> Interval {
    let value = first.value() - second.value();
    let (own, other) = (bounds(first, z), bounds(second, z));
    let below = (first.value() - own.lower).hypot(other.upper - second.value());
    let above = (own.upper - first.value()).hypot(second.value() - other.lower);
    Interval {
        lower: value - below,
        upper: value + above,
    }
}

/// Interval of `first / second`, `second` not being zero, recovered on the scale of the logarithm from
/// those of Wilson (Zou and Donner 2008, Statistics in Medicine 27, 1693–1702).
fn quotient(first: &GroupRate<'_>, second: &GroupRate<'_>, z: f64) -> Interval {
    let (own, other) = (bounds(first, z), bounds(second, z));
    if first.hits == 0 {
        return Interval {
            lower: 0.0,
            upper: own.upper / other.lower,
        };
    }
    let value = first.value() / second.value();
    let below = (first.value() / own.lower)
        .ln()
        .hypot((other.upper / second.value()).ln());
    let above = (own.upper / first.value())
        .ln()
        .hypot((second.value() / other.lower).ln());
    Interval {
        lower: value * (-below).exp(),
        upper: value * above.exp(),
    }
}

fn disparity(extreme: &Pair<'_, '_>, interval: Interval, rates: &[Rates<'_>]) -> Disparity {
    let least_p_value = rates.iter().map(Rates::p_value).fold(1.0, f64::min);
    let measure = Measure::new(extreme.value)
        .with_interval(interval.lower, interval.upper)
        .with_standard_error((interval.upper - interval.lower) / (2.0 * interval::Z))
        .with_p_value((least_p_value * rates.len() as f64).min(1.0));
    Disparity {
        measure,
        least: extreme.least.name.to_owned(),
        greatest: extreme.greatest.name.to_owned(),
        n_left_out: rates
            .iter()
            .map(|rates| rates.n_left_out)
            .max()
            .unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(groups: &[(&'static str, u64, u64)]) -> Rates<'static> {
        Rates {
            groups: groups
                .iter()
                .map(|&(name, hits, n)| GroupRate { name, hits, n })
                .collect(),
            n_left_out: 0,
        }
    }

    #[test]
    fn two_groups_have_the_published_interval() {
        // Newcombe (1998), table II, method 10.
        for (first, second, lower, upper) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((10, 10), (0, 20), 0.6791, 1.0),
        ] {
            let rates = rates(&[("a", first.0, first.1), ("b", second.0, second.1)]);
            let found = difference(&[rates]).expect("two groups");
            let interval = found.measure.interval.expect("always there");
            assert!((interval.lower - lower).abs() < 5e-5, "{interval:?}");
            assert!((interval.upper - upper).abs() < 5e-5, "{interval:?}");
            assert_eq!((found.least.as_str(), found.greatest.as_str()), ("b", "a"));
        }
    }

    #[test]
    fn more_groups_need_more_evidence() {
        let two = difference(&[rates(&[("a", 60, 100), ("b", 40, 100)])]).expect("groups");
        let all = [
            ("a", 60, 100),
            ("b", 40, 100),
            ("c", 50, 100),
            ("d", 50, 100),
        ];
        let four = difference(&[rates(&all)]).expect("groups");
        let [two, four] = [two, four].map(|found| found.measure);
        assert!((two.value - four.value).abs() < 1e-15);
        let lower = |measure: &Measure| measure.interval.expect("always there").lower;
        assert!(lower(&four) < lower(&two));
        assert!(four.p_value > two.p_value);
    }

    #[test]
    fn a_group_that_is_never_hit_has_an_upper_bound() {
        let found = ratio(&[rates(&[("a", 0, 40), ("b", 20, 40)])]).expect("two groups");
        let interval = found.measure.interval.expect("always there");
        assert_eq!((found.measure.value, interval.lower), (0.0, 0.0));
        assert!(
            interval.upper > 0.05 && interval.upper < 0.4,
            "{interval:?}"
        );
        let never = ratio(&[rates(&[("a", 0, 40), ("b", 0, 40)])]);
        assert_eq!(never, Err(Reason::ZeroDenominator));
    }

    #[test]
    fn the_ratio_to_a_chosen_group_can_exceed_one() {
        let rates = rates(&[("a", 20, 40), ("b", 30, 40)]);
        let found = ratio_to(&rates, 0).expect("two groups");
        assert_eq!(found.measure.value, 1.5);
        assert_eq!((found.least.as_str(), found.greatest.as_str()), ("b", "a"));
    }
}
