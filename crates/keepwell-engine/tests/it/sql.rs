//! Profiles as SQL aggregates.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use keepwell_core::fault::Fault;
use keepwell_core::schema::Kind;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{Group, GroupBy, OutcomeColumns, Request, TimeSlices};
use keepwell_stats::profile::{ClassConfig, ColumnProfile, Mode, OutcomeConfig, OutcomeProfile};

use crate::fixtures::{HOUR, block_on, events, folder, open, session, start, write, write_parquet};

const DAY: i64 = 24 * HOUR;

/// Day and country.
type Key = (i64, String);

/// States by day and country of all batches, decoded, those of one key merged.
fn states(batches: &[RecordBatch]) -> BTreeMap<Key, (ColumnProfile, OutcomeProfile)> {
    let mut merged: BTreeMap<Key, (ColumnProfile, OutcomeProfile)> = BTreeMap::new();
    for batch in batches {
        let day = cast(&batch["day"], &DataType::Int64).expect("days are numbers");
        let country = cast(&batch["country"], &DataType::Utf8).expect("countries are text");
        for row in 0..batch.num_rows() {
            let key = (
                day.as_primitive::<Int64Type>().value(row),
                country.as_string::<i32>().value(row).to_owned(),
            );
            let column = batch["price"].as_binary::<i32>().value(row);
            let column = ColumnProfile::decode(column).expect("our own bytes");
            let outcome = batch["outcome"].as_binary::<i32>().value(row);
            let outcome = OutcomeProfile::decode(outcome).expect("our own bytes");
            match merged.get_mut(&key) {
                None => {
                    merged.insert(key, (column, outcome));
                }
                Some(own) => {
                    own.0.merge(column).expect("one kind");
                    own.1.merge(outcome).expect("one configuration");
                }
            }
        }
    }
    for (column, outcome) in merged.values_mut() {
        column.seal();
        outcome.seal();
    }
    merged
}

fn values(profile: &ColumnProfile) -> Vec<f64> {
    match profile {
        ColumnProfile::Numeric(profile) => profile.distribution().values().to_vec(),
        _ => panic!("a column of numbers"),
    }
}

const KEPT: [&str; 4] = [
    "DE",
    "FR",
    "Côte d'Ivoire, \"CI\"",
    "a name of more than twelve bytes",
];

/// States by day and country of the rows that meet a condition.
fn query(condition: &str) -> String {
    format!(
        "SELECT arrow_cast(arrow_cast(date_bin(INTERVAL '1 day', at),
                                      'Timestamp(Microsecond, None)'), 'Int64') AS day,
                coalesce(country, 'null') AS country,
                column_profile(price, 'numeric', 'exact') AS price,
                outcome_profile('{{\"scored_classes\": [\"1\"], \"positive\": \"1\", \"mode\": \"exact\"}}',
                                target, member, score) AS outcome
         FROM events WHERE {condition} GROUP BY 1, 2"
    )
}

/// The same as [`query`] of all rows, asked of the engine itself.
fn request() -> Request {
    Request {
        columns: vec![("price".to_owned(), Kind::Numeric)],
        outcomes: Some(OutcomeColumns {
            target: Some("target".to_owned()),
            prediction: Some("member".to_owned()),
            scores: vec!["score".to_owned()],
            query: None,
            item: None,
            config: OutcomeConfig::Classes(ClassConfig {
                scored_classes: vec!["1".to_owned()],
                positive: Some("1".to_owned()),
                threshold: 0.5,
                mode: Mode::Exact,
            }),
        }),
        time: Some(TimeSlices {
            column: "at".to_owned(),
            windows: (0..17)
                .map(|day| Window {
                    start: Timestamp(start().0 + day * DAY),
                    end: Timestamp(start().0 + (day + 1) * DAY),
                })
                .collect(),
        }),
        group_by: Some(GroupBy {
            column: "country".to_owned(),
            values: KEPT.map(str::to_owned).to_vec(),
        }),
        sample: None,
    }
}

fn assert_same(
    (column, outcome): &(ColumnProfile, OutcomeProfile),
    other_column: &ColumnProfile,
    other_outcome: &OutcomeProfile,
) {
    assert_eq!(column.counts(), other_column.counts());
    assert_eq!(values(column), values(other_column));
    let [outcome, other_outcome] =
        [outcome, other_outcome].map(|profile| profile.classes().expect("a classifier"));
    for target in [Some("1"), Some("0"), None] {
        for prediction in [Some("1"), Some("0"), None] {
            assert_eq!(
                outcome.confusion(target, prediction),
                other_outcome.confusion(target, prediction)
            );
        }
    }
}

#[test]
fn grouped_states_of_two_halves_merge_into_the_whole() {
    let folder = folder();
    let path = folder.path().join("a b%.parquet");
    write_parquet(&path, &events(4_000), 500);
    let (whole, halves, profiled) = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        session.register("events", &table).expect("a free name");
        let mut answers = Vec::new();
        for condition in ["true", "price < 70", "price >= 70"] {
            let answer = session.sql(&query(condition)).await;
            answers.push(answer.expect("a valid query"));
        }
        let profiled = session.profile(&table, &request()).await;
        (
            states(&answers[0]),
            states(&answers[1..].concat()),
            profiled.expect("valid values"),
        )
    });
    assert_eq!(whole.len(), 17 * 5);
    assert_eq!(halves.len(), whole.len());
    for (key, state) in &whole {
        let (column, outcome) = &halves[key];
        assert_same(state, column, outcome);
    }
    for cell in &profiled.cells {
        let country = match &cell.group {
            Group::Value(name) => name.clone(),
            _ => "null".to_owned(),
        };
        let day = start().0 + cell.window.expect("windows were asked for") as i64 * DAY;
        let outcome = cell.outcomes.as_ref().expect("outcomes were asked for");
        assert_same(&whole[&(day, country)], &cell.columns[0], outcome);
    }
}

#[test]
fn text_files_can_be_queried_and_kinds_are_taken_from_types() {
    let folder = folder();
    let path = write(folder.path(), "a.csv", "x,name\n1,a\n2,b\n,a\n");
    let batches = block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        session.register("t", &table).expect("a free name");
        session
            .sql("SELECT column_profile(x) AS x, column_profile(name) AS name FROM t")
            .await
            .expect("a valid query")
    });
    let decode = |name: &str| {
        ColumnProfile::decode(batches[0][name].as_binary::<i32>().value(0)).expect("our bytes")
    };
    assert_eq!(
        (decode("x").kind(), decode("x").counts().null),
        (Kind::Numeric, 1)
    );
    assert_eq!(
        decode("name").category_counts(),
        Some(vec![("a", 2), ("b", 1)])
    );
    assert!(!batches[0]["x"].is_null(0));
}

#[test]
fn wrong_arguments_are_refused() {
    let folder = folder();
    let path = write(folder.path(), "a.csv", "x\n1\n");
    block_on(async {
        let session = session(1, Mode::Exact);
        let table = open(&session, &path).await.expect("valid input");
        session.register("t", &table).expect("a free name");
        for query in [
            "SELECT column_profile(x, 'colour') FROM t",
            "SELECT column_profile(x, 'numeric', 'half') FROM t",
            "SELECT column_profile(x, 'timestamp') FROM t",
            "SELECT outcome_profile('{}', x) FROM t",
            "SELECT outcome_profile('{\"colour\": 1}', x, x) FROM t",
            "SELECT outcome_profile('{\"task\": \"colour\"}', x, x) FROM t",
            "SELECT outcome_profile('{\"task\": \"ranking\"}', x, x, x, x) FROM t",
            "SELECT outcome_profile('{\"task\": \"text\", \"positive\": \"1\"}', x, x) FROM t",
            "SELECT outcome_profile('{\"task\": \"detection\"}', x, x) FROM t",
            "SELEC 1",
        ] {
            let fault = session.sql(query).await.expect_err("a wrong query");
            assert_eq!(fault.code(), "engine.query.invalid", "{query}");
        }
    });
}
