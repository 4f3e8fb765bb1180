//! Outcomes of every task: through the engine, by windows, on any number of threads, and by SQL, against a
//! profile that is filled row by row.

use std::fmt::Write;
use std::path::Path;

use datafusion::arrow::array::AsArray;
use keepwell_core::fault::Fault;
use keepwell_core::time::{Timestamp, Window};
use keepwell_engine::{EngineError, OutcomeColumns, Request, TimeSlices};
use keepwell_stats::profile::outcome::boxes::{Detection, Rectangle, Target};
use keepwell_stats::profile::outcome::rankings::{RankedItem, key};
use keepwell_stats::profile::{Mode, OutcomeConfig, OutcomeProfile};

use crate::fixtures::{HOUR, Lcg, block_on, folder, open, session, start, write};

const ROWS: usize = 3_000;

/// A task with its columns, all of them in [`events`].
fn tasks() -> [(OutcomeConfig, OutcomeColumns, &'static str); 5] {
    let columns = |config: OutcomeConfig, name: &str| OutcomeColumns {
        target: Some(format!("{name}_target")),
        prediction: Some(format!("{name}_prediction")),
        scores: Vec::new(),
        query: None,
        item: None,
        config,
    };
    [
        (OutcomeConfig::Values(Mode::Exact), "value", "regression"),
        (OutcomeConfig::Labels, "labels", "multilabel"),
        (OutcomeConfig::Rankings(Mode::Exact), "value", "ranking"),
        (OutcomeConfig::Texts, "text", "text"),
        (OutcomeConfig::Boxes, "boxes", "detection"),
    ]
    .map(|(config, name, task)| {
        let mut own = columns(config.clone(), name);
        if task == "ranking" {
            own.prediction = None;
            own.scores = vec!["value_prediction".to_owned()];
            own.query = Some("query".to_owned());
            own.item = Some("item".to_owned());
        }
        (config, own, task)
    })
}

/// Class and sides of a box; its score is its place in the list.
type Sides = (u64, [f64; 4]);

/// A row as it is written and pushed; of each pair the target comes first.
struct Row {
    value: [Option<f64>; 2],
    labels: [Option<Vec<&'static str>>; 2],
    text: [Option<String>; 2],
    boxes: [Option<Vec<Sides>>; 2],
    query: Option<u64>,
    item: u64,
}

fn rows() -> Vec<Row> {
    let mut random = Lcg(11);
    const LABELS: [&str; 4] = ["cat", "dog", "7", "a b"];
    const WORDS: [&str; 5] = ["the", "box", "came", "late", "never"];
    let maybe = |random: &mut Lcg| random.next(8) > 0;
    (0..ROWS)
        .map(|_| Row {
            value: [(); 2].map(|()| maybe(&mut random).then(|| random.next(1_000) as f64 / 8.0)),
            labels: [(); 2].map(|()| {
                maybe(&mut random).then(|| {
                    let n = random.next(4);
                    (0..n).map(|_| LABELS[random.next(4) as usize]).collect()
                })
            }),
            text: [(); 2].map(|()| {
                maybe(&mut random).then(|| {
                    let words = (0..4).map(|_| WORDS[random.next(5) as usize]);
                    words.collect::<Vec<_>>().join(" ")
                })
            }),
            boxes: [(); 2].map(|()| {
                maybe(&mut random).then(|| {
                    let n = random.next(4);
                    let mut own = || {
                        let side = random.next(4) as f64;
                        (random.next(3), [side, side, side + 2.0, side + 3.0])
                    };
                    (0..n).map(|_| own()).collect()
                })
            }),
            query: maybe(&mut random).then(|| random.next(200)),
            item: random.next(20),
        })
        .collect()
}

/// Rows as lines of JSON, an hour apart; labels in one of three spellings.
fn events(rows: &[Row]) -> String {
    let mut text = String::new();
    for (idx, row) in rows.iter().enumerate() {
        let at = Timestamp(start().0 + idx as i64 * HOUR);
        let mut line =
            serde_json::json!({"at": at.to_string(), "query": row.query, "item": row.item});
        for (side, name) in ["target", "prediction"].into_iter().enumerate() {
            line[format!("value_{name}")] = row.value[side].into();
            line[format!("text_{name}")] = row.text[side].clone().into();
            line[format!("labels_{name}")] = match (&row.labels[side], idx % 3) {
                (None, _) => serde_json::Value::Null,
                (Some(labels), 0) if !labels.is_empty() => labels.join("|").into(),
                (Some(labels), 1) => serde_json::json!(labels).to_string().into(),
                (Some(labels), _) => serde_json::json!(labels),
            };
            let boxes = row.boxes[side].as_ref().map(|boxes| {
                let boxes = boxes.iter().enumerate();
                let boxes = boxes.map(|(score, (class, sides))| {
                    serde_json::json!({"class": class, "score": score, "box": sides})
                });
                serde_json::Value::Array(boxes.collect())
            });
            line[format!("boxes_{name}")] = boxes.unwrap_or_default();
        }
        writeln!(text, "{line}").expect("text grows");
    }
    text
}

/// The profile of these rows, one by one.
fn naive(config: &OutcomeConfig, rows: &[Row]) -> OutcomeProfile {
    let mut profile = OutcomeProfile::new(config);
    for row in rows {
        match &mut profile {
            OutcomeProfile::Values(own) => own.push(row.value[0], row.value[1]),
            OutcomeProfile::Labels(own) => {
                let [target, prediction] = [&row.labels[0], &row.labels[1]].map(|labels| {
                    labels.as_ref().map(|labels| {
                        let labels = labels.iter().map(|label| own.label_index(label));
                        labels.collect::<Vec<_>>()
                    })
                });
                own.push(target.as_deref(), prediction.as_deref());
            }
            OutcomeProfile::Rankings(own) => match row.query {
                None => own.push_incomplete(1),
                Some(query) => own.push(RankedItem::new(
                    key(&query.to_string()),
                    key(&row.item.to_string()),
                    row.value[1],
                    row.value[0],
                )),
            },
            OutcomeProfile::Texts(own) => {
                let references: Vec<&str> = row.text[0].iter().map(String::as_str).collect();
                own.push(row.text[1].as_deref(), &references);
            }
            OutcomeProfile::Boxes(own) => {
                let classes = ["0", "1", "2"];
                let area = |[x_min, y_min, x_max, y_max]: [f64; 4]| Rectangle {
                    x_min,
                    y_min,
                    x_max,
                    y_max,
                };
                let targets = row.boxes[0].as_ref().map(|boxes| {
                    let boxes = boxes.iter().map(|&(class, sides)| Target {
                        class: classes[class as usize],
                        area: area(sides),
                    });
                    boxes.collect::<Vec<_>>()
                });
                let detections = row.boxes[1].as_ref().map(|boxes| {
                    let boxes = boxes.iter().enumerate();
                    let boxes = boxes.map(|(score, &(class, sides))| Detection {
                        class: classes[class as usize],
                        score: score as f64,
                        area: area(sides),
                    });
                    boxes.collect::<Vec<_>>()
                });
                own.push(detections.as_deref(), targets.as_deref());
            }
            OutcomeProfile::Classes(_) => panic!("tested elsewhere"),
        }
    }
    profile.seal();
    profile
}

/// Equal, but for the last digits of sums.
fn assert_same(found: &OutcomeProfile, expected: &OutcomeProfile, task: &str) {
    assert_eq!(
        (found.rows(), found.targets()),
        (expected.rows(), expected.targets()),
        "{task}"
    );
    match (found, expected) {
        (OutcomeProfile::Values(found), OutcomeProfile::Values(expected)) => {
            assert_eq!(found.counts(), expected.counts());
            let errors = found.errors().distribution();
            assert_eq!(
                errors.values(),
                expected.errors().distribution().values(),
                "{task}"
            );
            let close = |left: f64, right: f64| (left - right).abs() <= 1e-12 * right.abs();
            assert!(close(found.target().mean, expected.target().mean));
        }
        (OutcomeProfile::Texts(found), OutcomeProfile::Texts(expected)) => {
            assert_eq!(found.pairs(), expected.pairs());
            assert_eq!(found.equal(), expected.equal());
            assert_eq!(found.chrf().sums(), expected.chrf().sums());
        }
        (found, expected) => assert_eq!(found, expected, "{task}"),
    }
}

const WINDOW_ROWS: usize = 500;

#[test]
fn every_task_is_profiled_by_window() {
    let folder = folder();
    let rows = rows();
    let path = write(folder.path(), "a.ndjson", events(&rows));
    let windows: Vec<Window> = (0..ROWS / WINDOW_ROWS)
        .map(|idx| (idx * WINDOW_ROWS) as i64)
        .map(|first| Window {
            start: Timestamp(start().0 + first * HOUR),
            end: Timestamp(start().0 + (first + WINDOW_ROWS as i64) * HOUR),
        })
        .collect();
    for (config, outcomes, task) in tasks() {
        let request = Request {
            outcomes: Some(outcomes),
            time: Some(TimeSlices {
                column: "at".to_owned(),
                windows: windows.clone(),
            }),
            ..Request::default()
        };
        for threads in [1, 3] {
            let profiled = block_on(async {
                let session = session(threads, Mode::Exact);
                let table = open(&session, &path).await.expect("valid input");
                session.profile(&table, &request).await
            });
            let cells = profiled.expect("valid values").cells;
            for (cell, rows) in cells.iter().zip(rows.chunks(WINDOW_ROWS)) {
                let found = cell.outcomes.as_ref().expect("outcomes were asked for");
                assert_same(found, &naive(&config, rows), task);
            }
        }
    }
}

#[test]
fn every_task_is_profiled_by_sql() {
    let folder = folder();
    let rows = rows();
    let path = write(folder.path(), "a.ndjson", events(&rows));
    for (config, outcomes, task) in tasks() {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "NULL".to_owned());
        let mut arguments = vec![name(&outcomes.target), name(&outcomes.prediction)];
        arguments.extend(outcomes.scores.clone());
        arguments.extend(outcomes.query.clone());
        arguments.extend(outcomes.item.clone());
        let query = format!(
            "SELECT outcome_profile('{{\"task\": \"{task}\", \"mode\": \"exact\"}}', {}) AS p FROM t",
            arguments.join(", ")
        );
        let batches = block_on(async {
            let session = session(2, Mode::Exact);
            let table = open(&session, &path).await.expect("valid input");
            session.register("t", &table).expect("a free name");
            session.sql(&query).await.expect("a valid query")
        });
        let bytes = batches[0]["p"].as_binary::<i32>().value(0);
        let mut found = OutcomeProfile::decode(bytes).expect("our own bytes");
        found.seal();
        assert_same(&found, &naive(&config, &rows), task);
    }
}

fn profile(path: &Path, outcomes: OutcomeColumns) -> Result<OutcomeProfile, EngineError> {
    block_on(async {
        let session = session(2, Mode::Exact);
        let table = open(&session, path).await?;
        let request = Request {
            outcomes: Some(outcomes),
            ..Request::default()
        };
        let mut profiled = session.profile(&table, &request).await?;
        let cell = profiled.cells.pop().expect("one cell");
        Ok(cell.outcomes.expect("outcomes were asked for"))
    })
}

fn columns(config: OutcomeConfig) -> OutcomeColumns {
    OutcomeColumns {
        target: Some("y".to_owned()),
        prediction: Some("p".to_owned()),
        scores: Vec::new(),
        query: None,
        item: None,
        config,
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_row() {
    let folder = folder();
    for (config, text, code, place) in [
        (
            OutcomeConfig::Boxes,
            "y,p\n[],[]\n[],\"[{\"\"class\"\": 1, \"\"box\"\": [0, 0, 1, 1]}]\"\n",
            "engine.value.invalid",
            "row 2, column `p`: expected boxes such as [{\"class\": \"car\", \"score\"",
        ),
        (
            OutcomeConfig::Labels,
            "y,p\na|b,a\n\"[a, b]\",a\n",
            "engine.value.invalid",
            "row 2, column `y`: expected labels as a JSON list",
        ),
        (
            OutcomeConfig::Values(Mode::Exact),
            "y,p\n1,2\n2,many\n",
            "engine.value.invalid",
            "row 2, column `p`: expected a number; found `many`",
        ),
        (
            OutcomeConfig::Boxes,
            "y,p\n1,2\n",
            "engine.column.kind_impossible",
            "expected a column that can be read as lists of boxes; `y` is integer",
        ),
    ] {
        let path = write(folder.path(), "a.csv", text);
        let fault = profile(&path, columns(config)).expect_err("a wrong value");
        assert_eq!(fault.code(), code);
        assert!(fault.to_string().contains(place), "{fault}");
    }
}

#[test]
fn columns_must_suit_the_task() {
    let folder = folder();
    let path = write(folder.path(), "a.csv", "y,p,q,i\n1,2,a,b\n");
    let ranking = |change: fn(&mut OutcomeColumns)| {
        let mut outcomes = columns(OutcomeConfig::Rankings(Mode::Exact));
        outcomes.query = Some("q".to_owned());
        outcomes.item = Some("i".to_owned());
        change(&mut outcomes);
        outcomes
    };
    let mut scored = columns(OutcomeConfig::Values(Mode::Exact));
    scored.scores = vec!["p".to_owned()];
    for outcomes in [
        ranking(|own| own.item = None),
        ranking(|own| own.scores = vec!["p".to_owned(), "y".to_owned()]),
        scored,
    ] {
        let fault = profile(&path, outcomes).expect_err("a wrong request");
        assert_eq!(fault.code(), "engine.request.invalid");
    }
    // The place in the list: the first comes first.
    let text = "y,p,q,i\n0,2,a,x\n1,1,a,y\n,3,a,z\n,,,z\n";
    let path = write(folder.path(), "b.csv", text);
    let found = profile(&path, ranking(|_| ())).expect("a ranking");
    let rankings = found.rankings().expect("a ranking");
    assert_eq!((rankings.items(), rankings.incomplete()), (4, 1));
    let query = rankings.queries().next().expect("a query");
    let items: Vec<u64> = query.ranked().iter().map(|item| item.item).collect();
    assert_eq!(items, ["y", "x", "z"].map(key));
}
