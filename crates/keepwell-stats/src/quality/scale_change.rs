//! A column that is given in another unit than before.

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Kind;

use super::QualityCheck;
use super::unit::{SAME, UnitChange, conversions};
use crate::comparison::{self, Numbers, Sides};
use crate::profile::{ColumnProfile, TwoSample};
use crate::special::kstwo_sf;

entry! {
    /// Whether the current values fit the reference far better after a common change of unit is undone.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, numeric columns. Only finite values count, on both sides.
    ///
    /// # Result
    /// `value`: 1 if so, else 0. The changes that are tried, each in both directions: factors of 10, 100,
    /// 1000, a million, a billion, 24, 60, 3600, 86400 and 1024; miles and kilometres, feet and metres,
    /// inches and centimetres, pounds and kilograms, degrees and radians, Celsius and Fahrenheit, Celsius
    /// and kelvin; a change of sign. Distances are those of Kolmogorov and Smirnov at 257 quantiles of
    /// either side. A change is found if the distance `d` before is at least `distance_min`, and that
    /// after undoing it is at most `d / 2`, and at most `rest_max d` or what chance makes at level 0.05,
    /// `1.358 sqrt(1/n + 1/m)`, whichever is more. `p_value` of "both sides come from one distribution": that of
    /// `d` by the law of Kolmogorov; 1 where `value` is 0. `error_bound` of 1 on sketched profiles that
    /// leave it open.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not numeric. `all_null`: a side without values. `non_finite`: a side with
    /// infinities only. `constant`: a reference with a single value, which has no shape to recognise.
    ///
    /// # Cost
    /// `O(log n + log m)` with a large constant.
    ///
    /// # When to use, and when not
    /// Before any question of drift: undoing the change is the remedy, not training anew. A column that
    /// really grew by a factor close to a listed one, with its shape unchanged, cannot be told from it; how
    /// close depends on the rows and on how wide the column is spread. A change for a part of the rows is
    /// not found.
    ///
    /// # Reference
    /// Law of the distance: Simard and L'Ecuyer (2011), Journal of Statistical Software 39(11); 1.358 is
    /// the quantile of Kolmogorov's law at 0.95.
    /// ```python oracle
    /// x, y = np.sort(finite(reference)), np.sort(finite(current))
    /// n, m = len(x), len(y)
    /// assert m and x[0] < x[-1]
    /// def grid(v):
    ///     return v[np.maximum(np.ceil(np.arange(257) / 256 * len(v)), 1).astype(int) - 1]
    /// def distance(factor, offset):
    ///     points = np.concatenate([factor * grid(x) + offset, grid(y)])
    ///     points = points + 1e-9 * (np.minimum(abs(points), 1e308) + abs(offset))
    ///     back = (points - offset) / factor
    ///     left = (np.searchsorted(x, back, "right") if factor > 0 else n - np.searchsorted(x, back)) / n
    ///     return abs(left - np.searchsorted(y, points, "right") / m).max()
    /// factors = [10, 100, 1e3, 1e6, 1e9, 24, 60, 3600, 86400, 1024, 1.609344, 0.3048, 2.54, 0.45359237,
    ///            np.pi / 180, -1]
    /// there = [(f, 0.0) for f in factors] + [(1.8, 32.0), (1.0, 273.15)]
    /// changes = there + [(1 / f, -o / f) for f, o in there]
    /// before, rest = distance(1.0, 0.0), min(distance(f, o) for f, o in changes)
    /// allowed = max(params["rest_max"] * before, 1.358 * np.sqrt(1 / n + 1 / m))
    /// found = before >= params["distance_min"] and rest <= min(before / 2, allowed)
    /// rows = np.round(n * m / (n + m))
    /// dict(value=float(found), p_value=scipy.stats.kstwo.sf(before, rows) if found and rows else 1.0)
    /// ```
    pub struct ScaleChange = "scale_change" since "0.1" with [
        Parameter {
            name: "distance_min",
            doc: "Least distance between the sides that a change of unit may explain.",
            domain: Domain::Float {
                default: 0.1,
                min: 0.0,
                max: 1.0,
            },
        },
        Parameter {
            name: "rest_max",
            doc: "Share of the distance that may remain after the change is undone, for drift besides.",
            domain: Domain::Float {
                default: 0.1,
                min: 0.0,
                max: 0.5,
            },
        },
    ];
}

impl QualityCheck for ScaleChange {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Numeric]
    }

    fn check(&self, sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Outcome<Measure> {
        Search::new(sample, params)
            .map(|search| search.measure())
            .into()
    }
}

/// The change of unit that the check finds with these parameters; `None` where it finds none.
pub fn unit_change(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Option<UnitChange> {
    let search = Search::new(sample, params).ok()?;
    search.finds(0.0).then_some(search.best)
}

/// Number of quantiles of each side at which they are compared, less one.
const STEPS: u32 = 256;

/// Points are raised by this share, so that values which differ by rounding are taken together.
const ROUNDING: f64 = 1e-9;

/// Quantile of Kolmogorov's law at 0.95.
const KOLMOGOROV_95: f64 = 1.358;

/// The best change of unit and the distances before and after it is undone.
struct Search {
    best: UnitChange,
    before: f64,
    rest: f64,
    rows: [u64; 2],
    /// Bound on the error of a distance.
    error: f64,
    distance_min: f64,
    rest_max: f64,
}

impl Search {
    fn new(sample: TwoSample<'_, ColumnProfile>, params: &Params) -> Result<Self, Reason> {
        let sides = comparison::numeric(sample)?;
        if sides.reference.range.0 == sides.reference.range.1 {
            return Err(Reason::Constant);
        }
        let grids = [grid(&sides.reference), grid(&sides.current)];
        let mut search = Self {
            best: SAME,
            before: distance(&sides, &grids, &SAME),
            rest: f64::INFINITY,
            rows: [&sides.reference, &sides.current].map(|side| side.distribution.n()),
            error: sides.reference.distribution.rank_error()
                + sides.current.distribution.rank_error(),
            distance_min: params.float("distance_min"),
            rest_max: params.float("rest_max"),
        };
        for change in conversions() {
            let rest = distance(&sides, &grids, &change);
            if rest < search.rest {
                (search.rest, search.best) = (rest, change);
            }
        }
        Ok(search)
    }

    /// Whether the rule holds if the distance before is less by `error` and that after more.
    fn finds(&self, error: f64) -> bool {
        let (before, rest) = (self.before - error, self.rest + error);
        let [n, m] = self.rows.map(|rows| rows as f64);
        let noise = KOLMOGOROV_95 * (1.0 / n + 1.0 / m).sqrt();
        let allowed = noise.max(self.rest_max * before);
        before >= self.distance_min && rest <= allowed.min(before / 2.0)
    }

    fn measure(&self) -> Measure {
        let is_found = self.finds(0.0);
        let is_sure = [-self.error, self.error].map(|error| self.finds(error)) == [is_found; 2];
        let measure = Measure::new(f64::from(u8::from(is_found)))
            .with_error_bound(f64::from(u8::from(!is_sure)));
        let [n, m] = self.rows.map(|rows| rows as f64);
        let rows = (n * m / (n + m)).round_ties_even() as u64;
        let least = self.before - self.error;
        measure.with_p_value(if is_found && rows > 0 && least > 0.0 {
            kstwo_sf(rows, least)
        } else {
            1.0
        })
    }
}

/// Quantiles of a side in ascending order, each once.
fn grid(side: &Numbers<'_>) -> Vec<f64> {
    let quantile = |step| {
        side.distribution
            .quantile(f64::from(step) / f64::from(STEPS))
    };
    let mut grid: Vec<f64> = (0..=STEPS).filter_map(quantile).collect();
    grid.dedup();
    grid
}

/// Greatest difference of the distribution functions at the points of both grids, in the unit of the current
/// side.
fn distance(sides: &Sides<Numbers<'_>>, grids: &[Vec<f64>; 2], change: &UnitChange) -> f64 {
    let (reference, current) = (&sides.reference.distribution, &sides.current.distribution);
    let [n, m] = [reference.n(), current.n()].map(|rows| rows as f64);
    let changed = grids[0].iter().map(|&value| change.apply(value));
    changed
        .chain(grids[1].iter().copied())
        .map(|point| {
            let point = point + ROUNDING * (point.abs().min(f64::MAX) + change.offset.abs());
            let back = change.revert(point);
            let rank = if change.factor > 0.0 {
                reference.rank_le(back)
            } else {
                reference.n() - reference.rank_lt(back)
            };
            (rank as f64 / n - current.rank_le(point) as f64 / m).abs()
        })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::comparison::tests::{numbers, numbers_in};
    use crate::profile::Mode;

    fn find(reference: &ColumnProfile, current: &ColumnProfile) -> Option<&'static str> {
        let sample = TwoSample { reference, current };
        let params = Params::defaults(ScaleChange.parameters());
        let outcome = ScaleChange.check(sample, &params);
        let found = outcome.defined().expect("values on both sides");
        let change = unit_change(sample, &params);
        assert_eq!(found.value, f64::from(u8::from(change.is_some())));
        change
            .filter(|_| found.p_value.is_some_and(|p| p < 0.01))
            .map(|change| change.name)
    }

    fn temperatures(n: usize, random: &mut Random) -> Vec<f64> {
        (0..n)
            .map(|_| ((15.0 + 8.0 * random.normal()) * 10.0).round() / 10.0)
            .collect()
    }

    fn amounts(n: usize, spread: f64, random: &mut Random) -> Vec<f64> {
        (0..n)
            .map(|_| (3.0 + spread * random.normal()).exp())
            .collect()
    }

    #[test]
    fn planted_changes_are_named() {
        let mut random = Random::new(51);
        for change in conversions() {
            let is_temperature = change.offset != 0.0;
            let mut side = |n| {
                if is_temperature {
                    temperatures(n, &mut random)
                } else {
                    amounts(n, 0.2, &mut random)
                }
            };
            let (reference, current) = (side(3000), side(2000));
            let current: Vec<f64> = current.iter().map(|&value| change.apply(value)).collect();
            for mode in [Mode::Exact, Mode::Sketched] {
                let found = find(&numbers_in(mode, &reference), &numbers_in(mode, &current));
                assert_eq!(found, Some(change.name));
            }
        }
    }

    #[test]
    fn rounding_does_not_hide_a_change() {
        let tenths: Vec<f64> = (0..300).map(|i| f64::from(i % 30) / 10.0).collect();
        let changed: Vec<f64> = tenths.iter().map(|value| value * 1.8 + 32.0).collect();
        let found = find(&numbers(&tenths), &numbers(&changed));
        assert_eq!(found, Some("celsius_to_fahrenheit"));
        let found = find(&numbers(&changed), &numbers(&tenths));
        assert_eq!(found, Some("fahrenheit_to_celsius"));
    }

    #[test]
    fn drift_is_no_change_of_unit() {
        let mut random = Random::new(52);
        let reference = numbers(&amounts(3000, 1.0, &mut random));
        for (factor, shift) in [(1.2, 0.0), (4.5, 0.0), (1.0, 5.0), (0.7, 2.0), (7.0, 0.0)] {
            let current: Vec<f64> = amounts(2000, 1.0, &mut random)
                .iter()
                .map(|value| value * factor + shift)
                .collect();
            assert_eq!(
                find(&reference, &numbers(&current)),
                None,
                "{factor} {shift}"
            );
        }
        let flat = numbers(&[3.0; 40]);
        let sample = TwoSample {
            reference: &flat,
            current: &reference,
        };
        let outcome = ScaleChange.check(sample, &Params::defaults(ScaleChange.parameters()));
        assert_eq!(outcome.reason(), Some(&Reason::Constant));
    }
}
