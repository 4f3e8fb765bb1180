//! Comparison of an answer with its vector.

use keepwell_core::catalog::EntryInfo;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::Outcome;
use keepwell_stats::metric::Reading;
use keepwell_stats::table::TableReading;
use serde_json::Value;

use crate::vectors::number;

/// How far an answer may be from its vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// As a share of the expected value.
    pub relative: f64,
    /// In the unit of the value: what rounding leaves of an expected zero.
    pub absolute: f64,
}

impl Tolerance {
    /// What the entry documents as `relative <number>` in its section `# Tolerance`, else 1e-9.
    pub fn of(info: &EntryInfo) -> Self {
        let section = info.section("Tolerance").unwrap_or_default();
        let mut words = section.split(|c: char| c.is_whitespace() || c == '`' || c == ',');
        let documented = words
            .by_ref()
            .find(|&word| word == "relative")
            .and_then(|_| words.find_map(|word| word.trim_end_matches('.').parse().ok()));
        Self {
            relative: documented.unwrap_or(1e-9),
            absolute: 1e-12,
        }
    }

    /// Whether both are one value.
    pub fn accepts(self, expected: f64, found: f64) -> bool {
        (expected - found).abs() <= self.absolute + self.relative * expected.abs()
    }
}

/// Compares value and p-value with the vector of a drift test or a quality check; `None` if they agree. A
/// p-value that the vector does not name is not compared.
pub fn of_measure(
    expected: &Value,
    found: &Outcome<Measure>,
    tolerance: Tolerance,
) -> Option<String> {
    let (expected, measure) = match (expected, found) {
        (Value::Null, Outcome::Undefined(_)) => return None,
        (Value::Null, Outcome::Defined(measure)) => {
            return Some(format!("expected undefined; found {}", measure.value));
        }
        (expected, Outcome::Undefined(reason)) => {
            return Some(format!("expected {expected}; found undefined ({reason})"));
        }
        (expected, Outcome::Defined(measure)) => (expected, measure),
    };
    let value = number(&expected["value"]);
    if !tolerance.accepts(value, measure.value) {
        return Some(format!("expected {value}; found {}", measure.value));
    }
    match (expected.get("p_value"), measure.p_value) {
        (None, _) | (Some(Value::Null), None) => None,
        (Some(Value::Null), Some(found)) => Some(format!("expected no p-value; found {found}")),
        (Some(expected), None) => Some(format!("expected p-value {expected}; found none")),
        (Some(expected), Some(found)) => (!tolerance.accepts(number(expected), found))
            .then(|| format!("expected p-value {expected}; found {found}")),
    }
}

/// Compares readings with the vector of a metric or an estimator, in both directions: a reading that the
/// vector does not name must be undefined. Returns every difference.
pub fn of_readings(expected: &Value, found: &[Reading], tolerance: Tolerance) -> Vec<String> {
    let empty = serde_json::Map::new();
    let expected = expected.as_object().unwrap_or(&empty);
    let mut differences = Vec::new();
    for reading in found {
        let key = key_of(reading);
        let value = expected.get(&key).filter(|value| !value.is_null());
        match (value.map(number), &reading.outcome) {
            (None, Outcome::Undefined(_)) => {}
            (None, Outcome::Defined(measure)) => {
                differences.push(format!(
                    "`{key}`: expected undefined; found {}",
                    measure.value
                ));
            }
            (Some(value), Outcome::Undefined(reason)) => {
                differences.push(format!(
                    "`{key}`: expected {value}; found undefined ({reason})"
                ));
            }
            (Some(value), Outcome::Defined(measure)) => {
                if !tolerance.accepts(value, measure.value) {
                    differences.push(format!(
                        "`{key}`: expected {value}; found {}",
                        measure.value
                    ));
                }
            }
        }
    }
    for (key, value) in expected {
        if !value.is_null() && !found.iter().any(|reading| key_of(reading) == *key) {
            differences.push(format!("`{key}`: expected {value}; found no reading"));
        }
    }
    differences
}

/// Compares the readings of a check of tables with its vector, in both directions, values and p-values; a
/// vector that is null means that the table as a whole is undefined. Returns every difference.
pub fn of_table(expected: &Value, found: &[TableReading], tolerance: Tolerance) -> Vec<String> {
    let empty = serde_json::Map::new();
    let expected = expected.as_object().unwrap_or(&empty);
    let mut differences = Vec::new();
    for reading in found {
        let key = key_in_table(reading);
        let value = expected.get(&key).unwrap_or(&Value::Null);
        if let Some(difference) = of_measure(value, &reading.outcome, tolerance) {
            differences.push(format!("`{key}`: {difference}"));
        }
    }
    for (key, value) in expected {
        if !found.iter().any(|reading| key_in_table(reading) == *key) {
            differences.push(format!("`{key}`: expected {value}; found no reading"));
        }
    }
    differences
}

/// The name of a reading in a vector: its finding and a colon where there is one, then its columns joined
/// by bars; empty for the table as a whole.
fn key_in_table(reading: &TableReading) -> String {
    let finding = reading.finding.map(|finding| format!("{finding}:"));
    finding.unwrap_or_default() + &reading.columns.join("|")
}

/// The name of a reading in a vector: its labels, the class last, as `name=value` joined by commas.
pub fn key_of(reading: &Reading) -> String {
    let mut parts: Vec<String> = reading
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.extend(reading.class.iter().map(|class| format!("class={class}")));
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use keepwell_core::outcome::Reason;
    use serde_json::json;

    use super::*;

    const STRICT: Tolerance = Tolerance {
        relative: 1e-9,
        absolute: 1e-12,
    };

    fn defined(value: f64, p_value: Option<f64>) -> Outcome<Measure> {
        let mut measure = Measure::new(value);
        measure.p_value = p_value;
        Outcome::Defined(measure)
    }

    #[test]
    fn documented_tolerance_is_read() {
        let info = |doc| EntryInfo {
            id: "x",
            since: "0.1",
            doc,
        };
        let loose = Tolerance::of(&info(&[" # Tolerance", " `relative 1e-6`, since the sum"]));
        assert_eq!(loose.relative.to_string(), "0.000001");
        assert_eq!(Tolerance::of(&info(&[" Summary."])), STRICT);
    }

    #[test]
    fn measures_differ_by_value_by_p_value_and_by_being_undefined() {
        let vector = json!({"value": 2.0, "p_value": 0.5});
        assert_eq!(
            of_measure(&vector, &defined(2.0 + 1e-10, Some(0.5)), STRICT),
            None
        );
        assert!(of_measure(&vector, &defined(2.0 + 1e-7, Some(0.5)), STRICT).is_some());
        assert!(of_measure(&vector, &defined(2.0, Some(0.4)), STRICT).is_some());
        assert!(of_measure(&vector, &defined(2.0, None), STRICT).is_some());
        assert!(of_measure(&vector, &Outcome::Undefined(Reason::NoRows), STRICT).is_some());
        assert!(of_measure(&Value::Null, &defined(2.0, None), STRICT).is_some());
        assert_eq!(
            of_measure(&json!({"value": 2.0}), &defined(2.0, Some(0.1)), STRICT),
            None
        );
    }

    #[test]
    fn readings_are_compared_in_both_directions() {
        let reading = Reading {
            class: Some("a".to_owned()),
            labels: vec![("average", "none".to_owned())],
            outcome: defined(0.5, None),
        };
        let found = [reading];
        assert_eq!(key_of(&found[0]), "average=none,class=a");
        assert!(of_readings(&json!({"average=none,class=a": 0.5}), &found, STRICT).is_empty());
        assert_eq!(
            of_readings(&json!({"class=a": 0.5}), &found, STRICT).len(),
            2
        );
        assert_eq!(of_readings(&Value::Null, &found, STRICT).len(), 1);
        assert!(of_readings(&json!({"class=a": null}), &[], STRICT).is_empty());
    }
}
