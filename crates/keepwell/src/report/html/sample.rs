//! Reports to draw in tests: made-up events, evaluated as real ones are.

use keepwell_core::schema::{Kind, Role};
use keepwell_core::time::{Every, Timestamp, Window};
use keepwell_monitor::evaluation::{ColumnInfo, Evaluation};
use keepwell_monitor::note::Note;
use keepwell_monitor::report::{Facts, Report, SegmentValues, Side};
use keepwell_monitor::roles::Guess;
use keepwell_monitor::row::{Scope, Segment};
use keepwell_monitor::rule::Rule;
use keepwell_stats::profile::{
    CategoricalProfile, ClassConfig, ClassOutcomes, ColumnProfile, Mode, NumericProfile,
    OutcomeProfile, TwoSample,
};

/// What a sample holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Number of classes: 0 for data only, 2 for a binary model.
    pub(crate) n_classes: usize,
    /// Number of feature columns.
    pub(crate) n_features: usize,
    /// Number of monthly windows; 0 for none.
    pub(crate) n_windows: usize,
    /// Rows per window; the reference has three times as many.
    pub(crate) n_rows: usize,
    /// Whether anything changes.
    pub(crate) is_drifting: bool,
    /// Whether there are segments and versions.
    pub(crate) has_segments: bool,
}

/// A binary model over seven months, with all that can happen.
pub(crate) const BINARY: Plan = Plan {
    n_classes: 2,
    n_features: 16,
    n_windows: 7,
    n_rows: 600,
    is_drifting: true,
    has_segments: true,
};

const ORIGINS: [&str; 3] = ["EWR", "JFK", "LGA"];
const CARRIERS: [&str; 5] = ["UA", "B6", "EV", "DL", "AA"];
const NAMES: [&str; 16] = [
    "dep_delay",
    "distance",
    "wind_speed",
    "visibility",
    "temperature",
    "precipitation",
    "air_time",
    "hour",
    "plane_age",
    "seats",
    "humidity",
    "pressure",
    "crew_size",
    "load_factor",
    "fuel_price",
    "taxi_out",
];

/// A generator of uniform numbers (SplitMix64), so that samples are the same everywhere.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn pick(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n - 1)
    }
}

struct Event {
    origin: usize,
    carrier: usize,
    version: usize,
    numbers: Vec<f64>,
    target: Option<usize>,
    prediction: usize,
    scores: Vec<f64>,
}

/// Events of a window; `slot` is `None` for the reference.
fn events(plan: &Plan, slot: Option<usize>, random: &mut Random) -> Vec<Event> {
    let n_rows = if slot.is_none() {
        plan.n_rows * 3
    } else {
        plan.n_rows
    };
    // How far the trouble has come: nothing before the fourth window.
    let trouble = match slot {
        Some(slot) if plan.is_drifting && (plan.n_windows == 0 || slot >= 3) => 1.0,
        _ => 0.0,
    };
    let is_last = slot.is_some_and(|slot| slot + 1 == plan.n_windows);
    (0..n_rows)
        .map(|_| {
            let origin = random.pick(3);
            let mut carrier = random.pick(5);
            if trouble > 0.0 && random.uniform() < 0.25 {
                carrier = 5;
            }
            let numbers = (0..plan.n_features)
                .map(|idx| number(idx, trouble, random))
                .collect();
            let n_classes = plan.n_classes.max(2);
            let target = random.pick(n_classes);
            let blur = if origin == 0 {
                0.25 + 0.45 * trouble
            } else {
                0.25 + 0.08 * trouble
            };
            let is_hit = random.uniform() > blur;
            let prediction = if is_hit {
                target
            } else {
                random.pick(n_classes)
            };
            let sure = 0.55 + 0.4 * random.uniform();
            let scores = if n_classes == 2 {
                vec![if prediction == 1 { sure } else { 1.0 - sure }]
            } else {
                let rest = (1.0 - sure) / (n_classes - 1) as f64;
                (0..n_classes)
                    .map(|class| if class == prediction { sure } else { rest })
                    .collect()
            };
            Event {
                origin,
                carrier,
                version: usize::from(slot.is_some_and(|slot| slot >= 2)),
                numbers,
                target: (!is_last || !plan.is_drifting || random.uniform() < 0.5).then_some(target),
                prediction,
                scores,
            }
        })
        .collect()
}

/// NaN stands for null.
fn number(idx: usize, trouble: f64, random: &mut Random) -> f64 {
    let normal = random.normal();
    match idx {
        0 => (12.0 + 25.0 * trouble + normal * 18.0).max(-20.0),
        1 => (300.0 + 2_000.0 * random.uniform()).round(),
        2 if trouble > 0.0 && random.uniform() < 0.31 => f64::NAN,
        2 => 10.0 + 4.0 * normal,
        3 => (10.0 - (normal * 1.4).abs() - trouble * 0.6 * random.uniform()).max(0.0),
        4 => 54.0 + 17.0 * normal + 4.5 * trouble,
        5 => (normal * 0.02).max(0.0),
        6 if trouble > 0.0 && random.uniform() < 0.02 => 900.0,
        7 => (random.uniform() * 24.0).floor(),
        12 => 4.0,
        13 => f64::NAN,
        _ => 100.0 * idx as f64 + 10.0 * normal,
    }
}

fn scope(
    window: Option<Window>,
    version: Option<&str>,
    segment: Option<(&str, Option<&str>)>,
) -> Scope {
    Scope {
        window,
        version: version.map(str::to_owned),
        segment: segment.map(|(column, value)| Segment {
            column: column.to_owned(),
            value: value.map(str::to_owned),
        }),
    }
}

fn numeric(events: &[&Event], idx: usize) -> ColumnProfile {
    let mut profile = NumericProfile::new(Mode::Exact);
    for event in events {
        match event.numbers[idx] {
            value if value.is_nan() => profile.push_nulls(1),
            value => profile.push(value),
        }
    }
    profile.seal();
    ColumnProfile::Numeric(profile)
}

fn categorical<'a>(values: impl Iterator<Item = &'a str>) -> ColumnProfile {
    let mut profile = CategoricalProfile::new(Mode::Exact);
    for value in values {
        profile.push(value, 1);
    }
    ColumnProfile::Categorical(profile)
}

fn outcomes(plan: &Plan, events: &[&Event]) -> OutcomeProfile {
    let names = class_names(plan.n_classes);
    let is_binary = plan.n_classes == 2;
    let mut profile = ClassOutcomes::new(ClassConfig {
        scored_classes: if is_binary {
            vec![names[1].clone()]
        } else {
            names.clone()
        },
        positive: is_binary.then(|| names[1].clone()),
        threshold: 0.5,
        mode: Mode::Exact,
    });
    let index: Vec<usize> = names.iter().map(|name| profile.class_index(name)).collect();
    for event in events {
        let target = event.target.map(|target| index[target]);
        profile.push(target, Some(index[event.prediction]), &event.scores);
    }
    profile.seal();
    profile.into()
}

fn class_names(n: usize) -> Vec<String> {
    if n == 2 {
        return vec!["on time".to_owned(), "late".to_owned()];
    }
    ["cat", "dog", "horse", "otter", "yak"]
        .iter()
        .take(n)
        .map(|name| (*name).to_owned())
        .collect()
}

fn carrier(idx: usize) -> &'static str {
    CARRIERS.get(idx).copied().unwrap_or("9E")
}

/// A part of the events: its version, its segment, and which events belong to it.
type Part = (
    Option<&'static str>,
    Option<(&'static str, Option<&'static str>)>,
    fn(&Event) -> bool,
);

fn parts(plan: &Plan) -> Vec<Part> {
    let mut parts: Vec<Part> = vec![(None, None, |_| true)];
    if plan.has_segments {
        parts.extend([
            (
                Some("1.4"),
                None,
                (|event| event.version == 0) as fn(&Event) -> bool,
            ),
            (Some("2.0"), None, |event| event.version == 1),
            (None, Some(("origin", Some(ORIGINS[0]))), |event| {
                event.origin == 0
            }),
            (None, Some(("origin", Some(ORIGINS[1]))), |event| {
                event.origin == 1
            }),
            (None, Some(("origin", Some(ORIGINS[2]))), |event| {
                event.origin == 2
            }),
            (None, Some(("carrier", Some(CARRIERS[0]))), |event| {
                event.carrier == 0
            }),
            (None, Some(("carrier", Some(CARRIERS[1]))), |event| {
                event.carrier == 1
            }),
            (None, Some(("carrier", None)), |event| event.carrier > 1),
        ]);
    }
    parts
}

/// Names of the feature columns.
pub(crate) fn feature_names(plan: &Plan) -> Vec<String> {
    (0..plan.n_features)
        .map(|idx| {
            NAMES
                .get(idx)
                .map_or_else(|| format!("feature_{idx:03}"), |name| (*name).to_owned())
        })
        .collect()
}

/// A report of this plan.
pub(crate) fn report(plan: &Plan) -> Report {
    let mut random = Random(7);
    let reference = events(plan, None, &mut random);
    let windows = windows(plan.n_windows);
    let current: Vec<Vec<Event>> = (0..plan.n_windows.max(1))
        .map(|slot| events(plan, Some(slot), &mut random))
        .collect();
    let window = |slot: usize| windows.get(slot).copied();
    let mut evaluation = Evaluation::new(Rule::default());
    let whole: Vec<&Event> = reference.iter().collect();
    for (version, segment, is_in) in parts(plan) {
        // A new version is compared with all of the reference.
        let reference: Vec<&Event> = reference
            .iter()
            .filter(|event| version.is_some() || is_in(event))
            .collect();
        let parts: Vec<(Scope, Vec<&Event>)> = current
            .iter()
            .enumerate()
            .map(|(slot, events)| {
                (
                    scope(window(slot), version, segment),
                    events.iter().filter(|event| is_in(event)).collect(),
                )
            })
            .collect();
        if plan.n_classes > 0 {
            let own = outcomes(plan, &reference);
            evaluation.reference_outcomes(&scope(None, version, segment), &own);
            for (scope, events) in &parts {
                let current = (scope.clone(), &outcomes(plan, events));
                evaluation.outcomes(&own, None, &[current]);
            }
        }
        if version.is_some() || segment.is_some_and(|(column, _)| column != "origin") {
            continue;
        }
        columns(&mut evaluation, plan, &reference, &parts);
    }
    if plan.has_segments && plan.n_classes > 0 {
        let currents: Vec<(Scope, &[Event])> = current
            .iter()
            .enumerate()
            .map(|(slot, events)| (scope(window(slot), None, None), events.as_slice()))
            .collect();
        groups(&mut evaluation, plan, &reference, &currents);
    }
    let n_current: usize = current.iter().map(Vec::len).sum();
    Report::new(
        facts(plan, whole.len() as u64, n_current as u64, windows),
        evaluation.finish(),
    )
}

/// The groups of `origin` against each other, and what is expected of the last window.
fn groups(
    evaluation: &mut Evaluation,
    plan: &Plan,
    reference: &[Event],
    currents: &[(Scope, &[Event])],
) {
    let by_origin = |events: &[Event]| -> Vec<(String, OutcomeProfile)> {
        let of = |origin: usize| -> Vec<&Event> {
            events
                .iter()
                .filter(|event| event.origin == origin)
                .collect()
        };
        let names = ORIGINS.iter().enumerate();
        names
            .map(|(idx, name)| ((*name).to_owned(), outcomes(plan, &of(idx))))
            .collect()
    };
    let own = by_origin(reference);
    for (scope, events) in currents {
        let found = by_origin(events);
        evaluation.groups(scope, "origin", &borrowed(&own), &borrowed(&found));
    }
    let whole = outcomes(plan, &reference.iter().collect::<Vec<_>>());
    if let Some((scope, events)) = currents.last() {
        let late = outcomes(plan, &events.iter().collect::<Vec<_>>());
        if let (Some(reference), Some(current)) = (whole.classes(), late.classes()) {
            evaluation.estimates(scope, TwoSample { reference, current });
        }
    }
}

fn borrowed(groups: &[(String, OutcomeProfile)]) -> Vec<(String, &OutcomeProfile)> {
    groups
        .iter()
        .map(|(name, group)| (name.clone(), group))
        .collect()
}

fn columns(
    evaluation: &mut Evaluation,
    plan: &Plan,
    reference: &[&Event],
    parts: &[(Scope, Vec<&Event>)],
) {
    let is_whole = parts.iter().all(|(scope, _)| scope.segment.is_none());
    for (idx, name) in feature_names(plan).iter().enumerate() {
        let column = ColumnInfo {
            name: name.clone(),
            role: Role::Feature,
            kind: Kind::Numeric,
        };
        let own = numeric(reference, idx);
        let profiles: Vec<ColumnProfile> = parts
            .iter()
            .map(|(_, events)| numeric(events, idx))
            .collect();
        compare(evaluation, &column, &own, parts, &profiles, is_whole);
    }
    for (name, role, of) in [
        (
            "origin",
            Role::Segment,
            (|event: &Event| ORIGINS[event.origin]) as fn(&Event) -> &'static str,
        ),
        ("carrier", Role::Segment, |event: &Event| {
            carrier(event.carrier)
        }),
    ] {
        let column = ColumnInfo {
            name: name.to_owned(),
            role,
            kind: Kind::Categorical,
        };
        let own = categorical(reference.iter().map(|event| of(event)));
        let profiles: Vec<ColumnProfile> = parts
            .iter()
            .map(|(_, events)| categorical(events.iter().map(|event| of(event))))
            .collect();
        compare(evaluation, &column, &own, parts, &profiles, is_whole);
    }
}

fn compare(
    evaluation: &mut Evaluation,
    column: &ColumnInfo,
    own: &ColumnProfile,
    parts: &[(Scope, Vec<&Event>)],
    profiles: &[ColumnProfile],
    is_whole: bool,
) {
    let currents: Vec<(Scope, &ColumnProfile)> = parts
        .iter()
        .map(|(scope, _)| scope.clone())
        .zip(profiles)
        .collect();
    evaluation.column(column, own, None, &currents);
    if is_whole {
        let windows: Vec<&ColumnProfile> = profiles.iter().collect();
        evaluation.picture(column, own, &windows);
    }
}

fn windows(n: usize) -> Vec<Window> {
    let start: Timestamp = "2013-06-01".parse().expect("a date");
    let mut windows = Vec::new();
    let mut window = Every::Months(1).window(start);
    while windows.len() < n {
        windows.push(window);
        window = Every::Months(1).window(window.end);
    }
    windows
}

fn roles(plan: &Plan) -> Vec<(Role, String)> {
    let mut roles: Vec<(Role, String)> = Vec::new();
    if plan.n_classes > 0 {
        roles.extend([
            (Role::Prediction, "predicted".to_owned()),
            (Role::Score, "probability".to_owned()),
            (Role::Target, "arr_late".to_owned()),
        ]);
    }
    roles.extend(
        feature_names(plan)
            .into_iter()
            .map(|name| (Role::Feature, name)),
    );
    roles
}

fn facts(plan: &Plan, n_reference: u64, n_current: u64, windows: Vec<Window>) -> Facts {
    let range = windows
        .first()
        .zip(windows.last())
        .map(|(first, last)| (first.start, Timestamp(last.end.0 - 60_000_000)));
    let start: Timestamp = "2013-01-01".parse().expect("a date");
    let segment = |column: &str, values: &[&str], n_other| SegmentValues {
        column: column.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        n_other,
    };
    Facts {
        model: if plan.n_classes == 0 {
            "weather.csv"
        } else {
            "flight-delays"
        }
        .to_owned(),
        task: match plan.n_classes {
            0 => None,
            2 => Some("binary".to_owned()),
            _ => Some("multiclass".to_owned()),
        },
        positive: (plan.n_classes == 2).then(|| "late".to_owned()),
        reference: Side {
            files: vec!["flights-2013-h1.parquet".to_owned()],
            rows: n_reference,
            range: range.map(|(first, _)| (start, Timestamp(first.0 - 60_000_000))),
        },
        current: Side {
            files: vec!["flights-2013-h2.parquet".to_owned()],
            rows: n_current,
            range,
        },
        windows,
        roles: roles(plan),
        guesses: vec![Guess {
            role: Role::Score,
            column: "probability".to_owned(),
        }],
        versions: if plan.has_segments {
            vec!["1.4".to_owned(), "2.0".to_owned()]
        } else {
            Vec::new()
        },
        segments: if plan.has_segments {
            vec![
                segment("origin", &ORIGINS, 0),
                segment("carrier", &CARRIERS[..2], 4),
            ]
        } else {
            Vec::new()
        },
        rule: Rule::default(),
        is_approximate: false,
        notes: vec![Note::NaiveTime {
            column: "day".to_owned(),
        }],
    }
}
