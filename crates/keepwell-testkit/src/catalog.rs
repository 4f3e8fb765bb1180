//! The families as JSON, and the sets of parameters that tests run an entry with.

use keepwell_core::catalog::Entry;
use keepwell_core::params::{Domain, ParamValue, Parameter, Params};
use keepwell_core::schema::Kind;
use keepwell_stats::anomaly::{self, Shape};
use keepwell_stats::{drift, families, quality};
use serde_json::{Value, json};

/// The sets of parameters that an entry is run with: all defaults; one parameter changed, for each; and
/// another word of a choice together with one more parameter changed, since some matter only then.
///
/// A choice is changed to each other word, a whole number to twice its default, and a real number to
/// halfway between default and maximum (or twice the default where there is no finite maximum), each
/// within the domain.
pub fn variants(parameters: &'static [Parameter]) -> Vec<Params> {
    let mut changes: Vec<(usize, ParamValue)> = Vec::new();
    for (idx, parameter) in parameters.iter().enumerate() {
        for value in other_values(&parameter.domain) {
            if value != parameter.domain.default_value() {
                changes.push((idx, value));
            }
        }
    }
    let with = |chosen: &[&(usize, ParamValue)]| {
        let mut params = Params::defaults(parameters);
        for (idx, value) in chosen {
            params
                .set(parameters[*idx].name, value.clone())
                .expect("other_values stays within the domain");
        }
        params
    };
    let is_choice = |change: &(usize, ParamValue)| matches!(change.1, ParamValue::Text(_));
    let mut all = vec![with(&[])];
    all.extend(changes.iter().map(|change| with(&[change])));
    for (position, first) in changes.iter().enumerate() {
        for second in &changes[position + 1..] {
            if first.0 != second.0 && (is_choice(first) || is_choice(second)) {
                all.push(with(&[first, second]));
            }
        }
    }
    all
}

/// Pairs of [`variants`] that differ in the parameter of this name alone.
pub fn contrasts(parameters: &'static [Parameter], name: &str) -> Vec<(Params, Params)> {
    let all = variants(parameters);
    let differ_in_it_alone = |left: &Params, right: &Params| {
        left.iter()
            .zip(right.iter())
            .all(|(left, right)| (left == right) == (left.0 != name))
    };
    let mut pairs = Vec::new();
    for (position, left) in all.iter().enumerate() {
        for right in &all[position + 1..] {
            if differ_in_it_alone(left, right) {
                pairs.push((left.clone(), right.clone()));
            }
        }
    }
    pairs
}

fn other_values(domain: &Domain) -> Vec<ParamValue> {
    match *domain {
        Domain::Choice { default, of } => of
            .iter()
            .filter(|&&word| word != default)
            .map(|&word| ParamValue::Text(word.to_owned()))
            .collect(),
        Domain::Integer { default, min, max } => {
            let doubled = default.saturating_mul(2).clamp(min, max);
            let other = if doubled == default { min } else { doubled };
            vec![ParamValue::Integer(other)]
        }
        Domain::Float { default, min, max } => {
            // A maximum as large as numbers get is no maximum.
            let other = if max < 1e300 {
                default + (max - default) / 2.0
            } else {
                (default * 2.0).clamp(min, max)
            };
            let other = if other == default { min } else { other };
            vec![ParamValue::Float(other)]
        }
    }
}

/// Every family with what the reference computations need of each entry: `id`, `oracle`, `kinds` of
/// columns (`null` where the family has none) and `variants`.
pub fn to_json() -> Value {
    let families: Vec<Value> = families()
        .iter()
        .map(|family| {
            let entries: Vec<Value> = family
                .members
                .iter()
                .map(|member| entry_json(family.id, member.entry))
                .collect();
            json!({"id": family.id, "entries": entries})
        })
        .collect();
    json!({ "families": families })
}

fn entry_json(family: &str, entry: &dyn Entry) -> Value {
    let variants: Vec<Value> = variants(entry.parameters())
        .iter()
        .map(params_to_json)
        .collect();
    json!({
        "id": entry.info().id,
        "oracle": entry.info().oracle(),
        "kinds": kinds(family, entry),
        "variants": variants,
    })
}

/// What the inputs of an entry must be of: kinds of columns, or `rows` and `series`; `None` where the entries of
/// the family take every input.
fn kinds(family: &str, entry: &dyn Entry) -> Option<Vec<&'static str>> {
    let id = entry.info().id;
    let names = |kinds: &'static [Kind]| kinds.iter().map(|kind| kind.id()).collect();
    match family {
        "drift" => drift::ALL
            .iter()
            .find(|test| test.info().id == id)
            .map(|test| names(test.kinds())),
        "quality" => quality::ALL
            .iter()
            .find(|check| check.info().id == id)
            .map(|check| names(check.kinds())),
        "anomaly" => anomaly::ALL
            .iter()
            .find(|method| method.info().id == id)
            .map(|method| match method.shape() {
                Shape::Rows(_) => vec!["rows"],
                Shape::Series(_) => vec!["series"],
            }),
        _ => None,
    }
}

/// Each declared parameter with the value in force.
pub fn params_to_json(params: &Params) -> Value {
    params
        .iter()
        .map(|(name, value)| {
            let value = match value {
                ParamValue::Float(number) => json!(number),
                ParamValue::Integer(number) => json!(number),
                ParamValue::Text(word) => json!(word),
            };
            (name.to_owned(), value)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Parameters from what [`params_to_json`] wrote; `None` if they no longer fit what is declared.
pub fn params_from_json(declared: &'static [Parameter], values: &Value) -> Option<Params> {
    let values = values.as_object()?;
    let mut params = Params::defaults(declared);
    for parameter in declared {
        let value = values.get(parameter.name)?;
        let value = match parameter.domain {
            Domain::Float { .. } => ParamValue::Float(value.as_f64()?),
            Domain::Integer { .. } => ParamValue::Integer(value.as_u64()?),
            Domain::Choice { .. } => ParamValue::Text(value.as_str()?.to_owned()),
        };
        params.set(parameter.name, value).ok()?;
    }
    (values.len() == declared.len()).then_some(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    static DECLARED: [Parameter; 3] = [
        Parameter {
            name: "method",
            doc: "Method.",
            domain: Domain::Choice {
                default: "auto",
                of: &["auto", "exact", "asymptotic"],
            },
        },
        Parameter {
            name: "n_bins",
            doc: "Bins.",
            domain: Domain::Integer {
                default: 10,
                min: 1,
                max: 15,
            },
        },
        Parameter {
            name: "level",
            doc: "Level.",
            domain: Domain::Float {
                default: 0.5,
                min: 0.0,
                max: 1.0,
            },
        },
    ];

    #[test]
    fn variants_change_one_parameter_or_a_choice_and_one_more() {
        let all: Vec<String> = variants(&DECLARED)
            .iter()
            .map(|params| params_to_json(params).to_string())
            .collect();
        assert_eq!(all.len(), 1 + (2 + 1 + 1) + 2 * 2);
        assert_eq!(all[0], r#"{"level":0.5,"method":"auto","n_bins":10}"#);
        assert!(all.contains(&r#"{"level":0.5,"method":"auto","n_bins":15}"#.to_owned()));
        assert!(all.contains(&r#"{"level":0.75,"method":"exact","n_bins":10}"#.to_owned()));
    }

    #[test]
    fn contrasts_differ_in_one_parameter() {
        let pairs = contrasts(&DECLARED, "n_bins");
        assert_eq!(pairs.len(), 3);
        for (left, right) in pairs {
            assert_eq!(left.choice("method"), right.choice("method"));
            assert_ne!(left.integer("n_bins"), right.integer("n_bins"));
        }
    }

    #[test]
    fn parameters_survive_json() {
        for params in variants(&DECLARED) {
            let back = params_from_json(&DECLARED, &params_to_json(&params)).expect("fits");
            assert!(params.iter().eq(back.iter()));
        }
        assert_eq!(
            params_from_json(&DECLARED, &json!({"method": "auto"})),
            None
        );
    }
}
