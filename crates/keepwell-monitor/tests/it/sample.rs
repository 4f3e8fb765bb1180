//! Profiles and evaluations for the tests.

use keepwell_core::schema::{Kind, Role};
use keepwell_monitor::evaluation::{ColumnInfo, Evaluated, Evaluation};
use keepwell_monitor::row::{ResultRow, Scope};
use keepwell_monitor::rule::Rule;
use keepwell_stats::profile::row_sample::{RowSample, SampleValues};
use keepwell_stats::profile::{
    CategoricalProfile, ClassConfig, ClassOutcomes, ColumnProfile, Mode, NumericProfile,
    OutcomeProfile, ValueOutcomes,
};
use keepwell_testkit::random::Random;

/// Profile of these numbers.
pub fn numeric(values: &[f64]) -> ColumnProfile {
    let mut profile = NumericProfile::new(Mode::Exact);
    profile.extend_from_slice(values);
    profile.seal();
    ColumnProfile::Numeric(profile)
}

/// Profile of these names.
pub fn categorical<'a>(values: impl IntoIterator<Item = &'a str>) -> ColumnProfile {
    let mut profile = CategoricalProfile::new(Mode::Exact);
    for value in values {
        profile.push(value, 1);
    }
    ColumnProfile::Categorical(profile)
}

/// Numbers of a normal distribution.
pub fn normal(random: &mut Random, n: usize, mean: f64, spread: f64) -> Vec<f64> {
    (0..n).map(|_| mean + spread * random.normal()).collect()
}

/// Names `c0`, `c1` … of a Zipf distribution over `k` of them.
pub fn zipf(random: &mut Random, n: usize, k: usize) -> ColumnProfile {
    let weights: Vec<f64> = (1..=k).map(|rank| 1.0 / rank as f64).collect();
    let total: f64 = weights.iter().sum();
    let mut profile = CategoricalProfile::new(Mode::Exact);
    for _ in 0..n {
        let mut at = random.uniform() * total;
        let mut idx = 0;
        while idx + 1 < k && at >= weights[idx] {
            at -= weights[idx];
            idx += 1;
        }
        profile.push(&format!("c{idx}"), 1);
    }
    ColumnProfile::Categorical(profile)
}

/// Evaluates pairs of reference and current profiles as the columns of one run.
pub fn evaluate(columns: &[(&ColumnProfile, &ColumnProfile)]) -> Evaluated {
    let mut evaluation = Evaluation::new(Rule::default());
    for (idx, (reference, current)) in columns.iter().enumerate() {
        let info = ColumnInfo {
            name: format!("column_{idx}"),
            role: Role::Feature,
            kind: reference.kind(),
        };
        evaluation.column(&info, reference, None, &[(Scope::default(), current)]);
    }
    evaluation.finish()
}

/// The row of an entry for a column of [`evaluate`].
pub fn row<'a>(evaluated: &'a Evaluated, column: usize, name: &str) -> &'a ResultRow {
    let column = format!("column_{column}");
    evaluated
        .rows
        .iter()
        .find(|row| row.name == name && row.column.as_deref() == Some(&column))
        .unwrap_or_else(|| panic!("a row for {name} of {column}"))
}

/// Outcomes of a binary model from `(target, prediction, score)`; the positive class is `1`.
pub fn outcomes(rows: &[(Option<&str>, Option<&str>, f64)]) -> OutcomeProfile {
    let mut profile = ClassOutcomes::new(ClassConfig {
        scored_classes: vec!["1".to_owned()],
        positive: Some("1".to_owned()),
        threshold: 0.5,
        mode: Mode::Exact,
    });
    for (target, prediction, score) in rows {
        let target = target.map(|class| profile.class_index(class));
        let prediction = prediction.map(|class| profile.class_index(class));
        profile.push(target, prediction, &[*score]);
    }
    profile.into()
}

/// A kind that these tests name often.
pub const NUMERIC: Kind = Kind::Numeric;

/// Outcomes of a regression model: the prediction `x6` against the target `y`.
pub fn outcomes_of_values(rows: &RowSample) -> OutcomeProfile {
    let numbers = |name: &str| match rows.column(name).map(|column| &column.values) {
        Some(SampleValues::Numbers(values)) => values.clone(),
        _ => panic!("numbers called {name}"),
    };
    let mut profile = ValueOutcomes::new(Mode::Exact);
    for (target, prediction) in numbers("y").into_iter().zip(numbers("x6")) {
        profile.push(Some(target), Some(prediction));
    }
    profile.seal();
    profile.into()
}
