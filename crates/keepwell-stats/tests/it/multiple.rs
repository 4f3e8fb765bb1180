//! Laws of corrections, and coverage of sequences by simulation.

use keepwell_core::measure::Interval;
use keepwell_stats::interval::proportion;
use keepwell_stats::multiple::sequential::{MeanSequence, RateCounts, RateSequence, RateTest};
use keepwell_stats::multiple::{self, ErrorRate};
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::random::Random;
use proptest::prelude::*;

use crate::exceptions::EXCEPTIONS;

/// What a share that is at most `alpha` may look like in this many trials: four standard errors more.
fn at_most(alpha: f64, trials: u32) -> f64 {
    alpha + 4.0 * (alpha * (1.0 - alpha) / f64::from(trials)).sqrt()
}

proptest! {
    #[test]
    fn corrections_keep_the_order_and_never_lower(
        p_values in prop::collection::vec(0.0..=1.0_f64, 0..40)
    ) {
        for &correction in multiple::ALL {
            let adjusted = correction.adjust(&p_values);
            prop_assert_eq!(adjusted.len(), p_values.len());
            let mut reversed = p_values.clone();
            reversed.reverse();
            let mut back = correction.adjust(&reversed);
            back.reverse();
            prop_assert_eq!(&back, &adjusted);
            for (left, &p_value) in p_values.iter().enumerate() {
                // One over an e-value is above its p-value, up to the last digits.
                prop_assert!(p_value <= adjusted[left] * (1.0 + 1e-12) && adjusted[left] <= 1.0);
                for (right, &other) in p_values.iter().enumerate() {
                    prop_assert!(p_value > other || adjusted[left] <= adjusted[right]);
                }
            }
        }
    }
}

/// p-values of `n` tests, the first `n_true` of which have something to find; the others are uniform.
/// `shared` is the share of the variance that all statistics have in common.
fn p_values(n: usize, n_true: usize, shared: f64, random: &mut Random) -> Vec<f64> {
    let common = shared.sqrt() * random.normal();
    (0..n)
        .map(|idx| {
            let own = (1.0 - shared).sqrt() * random.normal();
            let shift = if idx < n_true { 3.0 } else { 0.0 };
            keepwell_stats::special::normal_sf(common + own + shift)
        })
        .collect()
}

/// Uniform p-values that depend on one another in the worst way for Benjamini and Hochberg: of `k` of them,
/// with chance `alpha / k`, each lies just below `k alpha / n`. Guo and Rao (2008), Journal of Statistical
/// Planning and Inference 138, 3176–3188.
fn least_favourable(n: usize, alpha: f64, random: &mut Random) -> Vec<f64> {
    let mut values: Vec<f64> = (0..n)
        .map(|_| alpha + (1.0 - alpha) * random.uniform())
        .collect();
    let mut left = random.uniform();
    for k in 1..=n {
        left -= alpha / k as f64;
        if left < 0.0 {
            for value in &mut values[..k] {
                *value = alpha * (k as f64 - 1.0 + random.uniform()) / n as f64;
            }
            break;
        }
    }
    random.shuffle(&mut values);
    values
}

/// Mean over many runs of the error that a correction bounds: the share of false alarms, or whether there
/// are any.
fn error_rate(
    correction: &dyn multiple::Adjustment,
    alpha: f64,
    n_true: usize,
    mut draw: impl FnMut() -> Vec<f64>,
) -> f64 {
    let total: f64 = (0..RUNS)
        .map(|_| {
            let adjusted = correction.adjust(&draw());
            let alarms = adjusted.iter().filter(|&&p| p <= alpha).count();
            let wrong = adjusted[n_true..].iter().filter(|&&p| p <= alpha).count();
            match correction.controls() {
                ErrorRate::FalseDiscovery => wrong as f64 / alarms.max(1) as f64,
                ErrorRate::Familywise => f64::from(u8::from(wrong > 0)),
            }
        })
        .sum();
    total / f64::from(RUNS)
}

const RUNS: u32 = 4_000;

#[test]
fn error_rates_are_kept() {
    let mut trial = Trial::new("multiple/error_rate", EXCEPTIONS);
    let alpha = 0.1;
    for &correction in multiple::ALL {
        for (n, n_true, shared) in [(20, 0, 0.0), (20, 5, 0.0), (20, 5, 0.8), (100, 50, 0.3)] {
            let mut random = Random::new(51);
            let rate = error_rate(correction, alpha, n_true, || {
                p_values(n, n_true, shared, &mut random)
            });
            trial.check(correction, rate <= at_most(alpha, RUNS), || {
                format!("{rate} for {n} tests, {n_true} with a finding, {shared} in common")
            });
        }
    }
    trial.finish();
}

#[test]
fn any_dependence_is_borne_by_all_but_one() {
    let (n, alpha) = (50, 0.1);
    for &correction in multiple::ALL {
        let mut random = Random::new(52);
        let rate = error_rate(correction, alpha, 0, || {
            least_favourable(n, alpha, &mut random)
        });
        let id = correction.info().id;
        if id == "benjamini_hochberg" {
            // 0.1 times the 50th harmonic number: what its entry warns of.
            assert!((rate - 0.45).abs() < 0.04, "{id}: {rate}");
        } else {
            assert!(rate <= at_most(alpha, RUNS), "{id}: {rate}");
        }
    }
}

/// Share of series in which `is_missed` says so of any moment.
fn missed(series: u32, mut is_missed: impl FnMut(&mut Random) -> bool) -> f64 {
    let mut random = Random::new(53);
    let n = (0..series).filter(|_| is_missed(&mut random)).count();
    n as f64 / f64::from(series)
}

#[test]
fn a_rate_is_held_at_all_times() {
    const SERIES: u32 = 500;
    let alpha = 0.1;
    for rate in [0.01, 0.3, 0.5] {
        let share = missed(SERIES, |random| {
            let mut sequence = RateSequence::try_new(alpha).expect("a chance");
            (0..1_000).any(|_| {
                let value = f64::from(u8::from(random.bernoulli(rate)));
                sequence.push(value).expect("in range");
                !sequence.is_possible(rate)
            })
        });
        assert!(share <= at_most(alpha, SERIES), "{rate}: {share}");
    }
    // The same moments with an ordinary interval of level 0.95: the test would notice.
    let share = missed(SERIES, |random| {
        let mut hits = 0;
        (1..=1_000).any(|n| {
            hits += u64::from(random.bernoulli(0.3));
            let interval = proportion(hits, n).and_then(|share| share.interval);
            interval.is_some_and(|interval| interval.lower > 0.3 || 0.3 > interval.upper)
        })
    });
    assert!(share > 0.3, "{share}");
}

#[test]
fn a_rate_is_held_for_shares_too_and_closely_in_the_end() {
    const SERIES: u32 = 300;
    let share = missed(SERIES, |random| {
        let mut sequence = RateSequence::try_new(0.1).expect("a chance");
        (0..500).any(|_| {
            sequence.push(random.uniform()).expect("in range");
            !sequence.is_possible(0.5)
        })
    });
    assert!(share <= at_most(0.1, SERIES), "{share}");

    let mut sequence = RateSequence::try_new(0.05).expect("a chance");
    for _ in 0..1_000 {
        sequence.push_counts(RateCounts {
            successes: 3,
            failures: 7,
        });
    }
    let Interval { lower, upper } = sequence.interval();
    assert!(lower < 0.3 && 0.3 < upper && upper - lower < 0.04);
}

#[test]
fn a_mean_is_held_at_all_times_though_it_moves() {
    const SERIES: u32 = 300;
    let alpha = 0.1;
    let range = Interval {
        lower: -1.0,
        upper: 3.0,
    };
    // Wide at first, then narrow around another mean, then rare large values.
    let draw = |idx: u32, random: &mut Random| match idx {
        0..200 => (4.0 * random.uniform() - 1.0, 1.0),
        200..600 => (0.4 + 0.2 * random.uniform(), 0.5),
        _ => (if random.bernoulli(0.02) { 3.0 } else { 0.0 }, 0.06),
    };
    let mut width = 0.0;
    let share = missed(SERIES, |random| {
        let mut sequence = MeanSequence::try_new(range, alpha, 1_000.0).expect("sound options");
        let mut total = 0.0;
        let is_missed = (0..1_500).any(|idx| {
            let (value, mean) = draw(idx, random);
            sequence.push(value).expect("in range");
            total += mean;
            !sequence.is_possible(total / f64::from(idx + 1))
        });
        let interval = sequence.interval();
        width += (interval.upper - interval.lower) / f64::from(SERIES);
        is_missed
    });
    assert!(share <= at_most(alpha, SERIES), "{share}");
    assert!(width < 0.2, "{width}");
}

#[test]
fn a_rate_below_the_limit_rarely_counts_as_above_and_one_above_is_found() {
    const SERIES: u32 = 500;
    let (alpha, limit) = (0.1, 0.1);
    let share = missed(SERIES, |random| {
        let mut test = RateTest::try_new(limit).expect("a rate");
        for idx in 0..1_000_u32 {
            // At the limit, but for quiet stretches.
            let rate = if idx / 100 % 3 == 2 { 0.05 } else { limit };
            let value = f64::from(u8::from(random.bernoulli(rate)));
            test.push(value).expect("in range");
        }
        test.p_value() <= alpha
    });
    assert!(share <= at_most(alpha, SERIES), "{share}");

    let found = missed(SERIES, |random| {
        let mut test = RateTest::try_new(limit).expect("a rate");
        (0..400).any(|_| {
            let value = f64::from(u8::from(random.bernoulli(0.2)));
            test.push(value).expect("in range");
            test.e_value() >= 20.0
        })
    });
    assert!(found > 0.9, "{found}");
}
