//! Conversions between units that a source is likely to be switched between.

/// An affine change of all values of a column: `current = factor * reference + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitChange {
    /// Stable name in snake case, such as `times_1000` or `celsius_to_fahrenheit`.
    pub name: &'static str,
    /// Never zero.
    pub factor: f64,
    /// In the unit of the current side.
    pub offset: f64,
}

impl UnitChange {
    const fn scale(name: &'static str, factor: f64) -> Self {
        Self {
            name,
            factor,
            offset: 0.0,
        }
    }

    /// The reverse change under its own name.
    fn reversed(&self, name: &'static str) -> Self {
        Self {
            name,
            factor: 1.0 / self.factor,
            offset: -self.offset / self.factor,
        }
    }

    /// What a value of the reference becomes.
    pub fn apply(&self, value: f64) -> f64 {
        self.factor * value + self.offset
    }

    /// Which value of the reference becomes this one.
    pub fn revert(&self, value: f64) -> f64 {
        (value - self.offset) / self.factor
    }
}

/// What leaves all values as they are.
pub(super) const SAME: UnitChange = UnitChange::scale("same", 1.0);

/// Each conversion with the name of its reverse. Factors are those of the International System of Units
/// (BIPM 2019) and of the international yard and pound (1959).
const CONVERSIONS: [(UnitChange, &str); 18] = [
    (UnitChange::scale("times_10", 10.0), "divided_by_10"),
    (UnitChange::scale("times_100", 100.0), "divided_by_100"),
    (UnitChange::scale("times_1000", 1e3), "divided_by_1000"),
    (
        UnitChange::scale("times_million", 1e6),
        "divided_by_million",
    ),
    (
        UnitChange::scale("times_billion", 1e9),
        "divided_by_billion",
    ),
    (UnitChange::scale("times_24", 24.0), "divided_by_24"),
    (UnitChange::scale("times_60", 60.0), "divided_by_60"),
    (UnitChange::scale("times_3600", 3600.0), "divided_by_3600"),
    (
        UnitChange::scale("times_86400", 86_400.0),
        "divided_by_86400",
    ),
    (UnitChange::scale("times_1024", 1024.0), "divided_by_1024"),
    (
        UnitChange::scale("miles_to_kilometres", 1.609_344),
        "kilometres_to_miles",
    ),
    (
        UnitChange::scale("feet_to_metres", 0.3048),
        "metres_to_feet",
    ),
    (
        UnitChange::scale("inches_to_centimetres", 2.54),
        "centimetres_to_inches",
    ),
    (
        UnitChange::scale("pounds_to_kilograms", 0.453_592_37),
        "kilograms_to_pounds",
    ),
    (
        UnitChange::scale("degrees_to_radians", std::f64::consts::PI / 180.0),
        "radians_to_degrees",
    ),
    (UnitChange::scale("change_of_sign", -1.0), "change_of_sign"),
    (
        UnitChange {
            name: "celsius_to_fahrenheit",
            factor: 1.8,
            offset: 32.0,
        },
        "fahrenheit_to_celsius",
    ),
    (
        UnitChange {
            name: "celsius_to_kelvin",
            factor: 1.0,
            offset: 273.15,
        },
        "kelvin_to_celsius",
    ),
];

/// Every conversion in both directions, in a fixed order.
pub(super) fn conversions() -> impl Iterator<Item = UnitChange> {
    CONVERSIONS
        .iter()
        .flat_map(|(there, back)| [*there, there.reversed(back)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_undo_each_other() {
        for change in conversions().chain([SAME]) {
            for value in [-40.0, 0.0, 36.6, 1e4] {
                let back = change.revert(change.apply(value));
                assert!((back - value).abs() <= 1e-9, "{}: {back}", change.name);
            }
        }
        let fahrenheit = conversions().find(|change| change.name == "fahrenheit_to_celsius");
        let found = fahrenheit.expect("listed").apply(-40.0);
        assert!((found + 40.0).abs() < 1e-12);
    }
}
