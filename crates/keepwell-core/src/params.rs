//! Declared, typed parameters of a catalog entry.

use std::fmt;

/// What a parameter accepts, with its default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// A real number in `[min, max]`.
    Float {
        /// Value where none is given.
        default: f64,
        /// Least value, inclusive.
        min: f64,
        /// Greatest value, inclusive.
        max: f64,
    },
    /// A whole number in `[min, max]`.
    Integer {
        /// Value where none is given.
        default: u64,
        /// Least value, inclusive.
        min: u64,
        /// Greatest value, inclusive.
        max: u64,
    },
    /// One of a few words.
    Choice {
        /// Value where none is given; one of `of`.
        default: &'static str,
        /// Every allowed word.
        of: &'static [&'static str],
    },
}

/// One parameter of a catalog entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Name in snake case, the same wherever it means the same.
    pub name: &'static str,
    /// Meaning, unit and, for a method, its source.
    pub doc: &'static str,
    /// Accepted values and default.
    pub domain: Domain,
}

/// Value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    /// A real number.
    Float(f64),
    /// A whole number.
    Integer(u64),
    /// A word.
    Text(String),
}

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

/// Values for the parameters of one entry: what was set, defaults for the rest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Params {
    declared: &'static [Parameter],
    set: Vec<(&'static str, ParamValue)>,
}

/// A parameter that cannot be set as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// No parameter has this name.
    #[error("unknown parameter `{name}`; known: {known}")]
    Unknown {
        /// Name that was given.
        name: String,
        /// Names that exist, separated by commas.
        known: String,
    },
    /// The value is of the wrong type or outside the domain.
    #[error("parameter `{name}` expects {expected}; found {found}")]
    Value {
        /// Name of the parameter.
        name: &'static str,
        /// What would be right.
        expected: String,
        /// What was given.
        found: String,
    },
}

impl Params {
    /// All defaults of `declared`.
    pub fn defaults(declared: &'static [Parameter]) -> Self {
        Self {
            declared,
            set: Vec::new(),
        }
    }

    /// Sets one parameter.
    ///
    /// # Errors
    /// If the name is not declared or the value is outside its domain.
    pub fn set(&mut self, name: &str, value: ParamValue) -> Result<(), ParamError> {
        let Some(parameter) = self.declared.iter().find(|known| known.name == name) else {
            return Err(ParamError::Unknown {
                name: name.to_owned(),
                known: self
                    .declared
                    .iter()
                    .map(|known| known.name)
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        };
        let value = parameter.accept(value)?;
        self.set.retain(|(known, _)| *known != parameter.name);
        self.set.push((parameter.name, value));
        Ok(())
    }

    /// Each declared parameter with the value in force, in declared order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, ParamValue)> + '_ {
        self.declared
            .iter()
            .map(|parameter| (parameter.name, self.value(parameter)))
    }

    /// A real number by name.
    ///
    /// # Panics
    /// If the entry did not declare a `Float` of this name: a fault of the program, not of data.
    pub fn float(&self, name: &str) -> f64 {
        match self.declared_value(name) {
            ParamValue::Float(value) => value,
            other => panic!("parameter `{name}` is not a float but {other:?}"),
        }
    }

    /// A whole number by name.
    ///
    /// # Panics
    /// If the entry did not declare an `Integer` of this name: a fault of the program, not of data.
    pub fn integer(&self, name: &str) -> u64 {
        match self.declared_value(name) {
            ParamValue::Integer(value) => value,
            other => panic!("parameter `{name}` is not an integer but {other:?}"),
        }
    }

    /// A word by name.
    ///
    /// # Panics
    /// If the entry did not declare a `Choice` of this name: a fault of the program, not of data.
    pub fn choice(&self, name: &str) -> String {
        match self.declared_value(name) {
            ParamValue::Text(value) => value,
            other => panic!("parameter `{name}` is not a choice but {other:?}"),
        }
    }

    fn declared_value(&self, name: &str) -> ParamValue {
        match self.declared.iter().find(|known| known.name == name) {
            Some(parameter) => self.value(parameter),
            None => panic!("parameter `{name}` is not declared"),
        }
    }

    fn value(&self, parameter: &Parameter) -> ParamValue {
        match self.set.iter().find(|(name, _)| *name == parameter.name) {
            Some((_, value)) => value.clone(),
            None => parameter.domain.default_value(),
        }
    }
}

impl Parameter {
    fn accept(&self, value: ParamValue) -> Result<ParamValue, ParamError> {
        let value = match (&self.domain, value) {
            // Whole numbers are real numbers too.
            (Domain::Float { .. }, ParamValue::Integer(number)) => ParamValue::Float(number as f64),
            (_, value) => value,
        };
        let is_accepted = match (&self.domain, &value) {
            (Domain::Float { min, max, .. }, ParamValue::Float(number)) => {
                min <= number && number <= max
            }
            (Domain::Integer { min, max, .. }, ParamValue::Integer(number)) => {
                min <= number && number <= max
            }
            (Domain::Choice { of, .. }, ParamValue::Text(word)) => of.contains(&word.as_str()),
            _ => false,
        };
        if is_accepted {
            Ok(value)
        } else {
            Err(ParamError::Value {
                name: self.name,
                expected: self.domain.to_string(),
                found: format!("`{value}`"),
            })
        }
    }
}

impl Domain {
    /// The value where none is given.
    pub fn default_value(&self) -> ParamValue {
        match self {
            Self::Float { default, .. } => ParamValue::Float(*default),
            Self::Integer { default, .. } => ParamValue::Integer(*default),
            Self::Choice { default, .. } => ParamValue::Text((*default).to_owned()),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float { min, max, .. } => write!(f, "a number from {min} to {max}"),
            Self::Integer { min, max, .. } => write!(f, "a whole number from {min} to {max}"),
            Self::Choice { of, .. } => write!(f, "one of {}", of.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static DECLARED: [Parameter; 2] = [
        Parameter {
            name: "n_bins",
            doc: "Number of bins.",
            domain: Domain::Integer {
                default: 10,
                min: 2,
                max: 1000,
            },
        },
        Parameter {
            name: "method",
            doc: "Method.",
            domain: Domain::Choice {
                default: "auto",
                of: &["auto", "exact"],
            },
        },
    ];

    #[test]
    fn defaults_hold_until_set() {
        let mut params = Params::defaults(&DECLARED);
        assert_eq!(params.integer("n_bins"), 10);
        params
            .set("n_bins", ParamValue::Integer(20))
            .expect("in range");
        assert_eq!(params.integer("n_bins"), 20);
        assert_eq!(params.choice("method"), "auto");
    }

    #[test]
    fn wrong_names_and_values_are_refused_with_what_would_be_right() {
        let mut params = Params::defaults(&DECLARED);
        let unknown = params
            .set("bins", ParamValue::Integer(3))
            .expect_err("unknown");
        assert_eq!(
            unknown.to_string(),
            "unknown parameter `bins`; known: n_bins, method"
        );
        let value = params
            .set("n_bins", ParamValue::Integer(1))
            .expect_err("too small");
        assert_eq!(
            value.to_string(),
            "parameter `n_bins` expects a whole number from 2 to 1000; found `1`"
        );
    }
}
