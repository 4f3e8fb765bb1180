//! Reports for the tests of the renderers, made by the evaluation itself from small profiles.

use keepwell_core::schema::Role;
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

/// Rows of each window, and of the reference.
const N_ROWS: u32 = 1000;

/// What a report is to hold.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// Months from July 2013 on; 0 for one comparison without time.
    pub(super) n_windows: usize,
    /// Share of the windows, at the end, in which things are wrong; in `[0, 1]`.
    pub(super) wrong: f64,
    /// Columns in which nothing happens.
    pub(super) n_quiet: usize,
    /// Whether there are predictions and targets.
    pub(super) has_outcomes: bool,
    /// Whether the outcomes are given for each of two versions, too.
    pub(super) has_versions: bool,
    /// Whether there are protected groups, and estimates for the last window.
    pub(super) has_groups: bool,
    /// Put before the name of every column, category and segment.
    pub(super) prefix: &'static str,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            n_windows: 6,
            wrong: 0.5,
            n_quiet: 3,
            has_outcomes: true,
            has_versions: false,
            has_groups: false,
            prefix: "",
        }
    }
}

impl Sample {
    /// Evaluates it.
    pub(super) fn report(&self) -> Report {
        let mut evaluation = Evaluation::new(Rule::default());
        for (info, reference, windows) in self.columns() {
            let windows: Vec<&ColumnProfile> = windows.iter().collect();
            let currents: Vec<(Scope, &ColumnProfile)> = windows
                .iter()
                .enumerate()
                .map(|(idx, profile)| (self.scope(idx, None), *profile))
                .collect();
            evaluation.column(&info, &reference, None, &currents);
            evaluation.picture(&info, &reference, &windows);
        }
        if self.has_outcomes {
            for (segment, loss) in [(None, 0.12), (Some("DE"), 0.25), (Some("FR"), 0.0)] {
                let reference = outcomes(0.1, N_ROWS);
                evaluation.reference_outcomes(&self.scope(usize::MAX, segment), &reference);
                for idx in 0..self.n_windows.max(1) {
                    let is_last = idx + 1 == self.n_windows;
                    let wrong = if self.is_wrong(idx) { 0.1 + loss } else { 0.1 };
                    // The targets of the last window are late.
                    let current = outcomes(wrong, if is_last { 600 } else { N_ROWS });
                    let current = (self.scope(idx, segment), &current);
                    evaluation.outcomes(&reference, None, &[current]);
                }
            }
        }
        if self.has_groups {
            self.groups(&mut evaluation);
        }
        for (version, wrong) in [("1", 0.1), ("2", 0.3)] {
            if self.has_versions {
                let scope = Scope {
                    version: Some(self.name(version)),
                    ..self.scope(self.n_windows.saturating_sub(1), None)
                };
                let (reference, current) = (outcomes(0.1, N_ROWS), outcomes(wrong, N_ROWS));
                evaluation.outcomes(&reference, None, &[(scope, &current)]);
            }
        }
        Report::new(self.facts(), evaluation.finish())
    }

    /// Two groups, of which one is served worse where things are wrong; and the last window, without targets.
    fn groups(&self, evaluation: &mut Evaluation) {
        let reference = outcomes(0.1, N_ROWS);
        let own = [
            (self.name("men"), &reference),
            (self.name("women"), &reference),
        ];
        for idx in 0..self.n_windows.max(1) {
            let worse = outcomes(if self.is_wrong(idx) { 0.4 } else { 0.1 }, N_ROWS);
            let groups = [(self.name("men"), &reference), (self.name("women"), &worse)];
            evaluation.groups(&self.scope(idx, None), &self.name("sex"), &own, &groups);
        }
        let late = outcomes(0.1, 0);
        if let (Some(reference), Some(current)) = (reference.classes(), late.classes()) {
            let last = self.scope(self.n_windows.saturating_sub(1), None);
            evaluation.estimates(&last, TwoSample { reference, current });
        }
    }

    fn facts(&self) -> Facts {
        let name = |name: &str| self.name(name);
        let windows = self.windows();
        let range = windows.first().zip(windows.last());
        Facts {
            model: name("churn"),
            task: self.has_outcomes.then(|| "binary".to_owned()),
            positive: self.has_outcomes.then(|| "1".to_owned()),
            reference: Side {
                files: vec!["reference.parquet".to_owned()],
                rows: u64::from(N_ROWS),
                range: range
                    .map(|(first, _)| (Timestamp(first.start.0 - 86_400_000_000), first.start)),
            },
            current: Side {
                files: vec!["current.parquet".to_owned()],
                rows: u64::from(N_ROWS) * windows.len().max(1) as u64,
                range: range.map(|(first, last)| (first.start, Timestamp(last.end.0 - 1))),
            },
            windows,
            roles: vec![(Role::Target, name("late")), (Role::Score, name("p"))],
            guesses: vec![Guess {
                role: Role::Target,
                column: name("late"),
            }],
            versions: if self.has_versions {
                vec![name("1"), name("2")]
            } else {
                Vec::new()
            },
            segments: vec![SegmentValues {
                column: name("country"),
                values: vec![name("DE"), name("FR")],
                n_other: 3,
            }],
            rule: Rule::default(),
            is_approximate: false,
            notes: vec![Note::NaiveTime {
                column: name("day"),
            }],
        }
    }

    fn windows(&self) -> Vec<Window> {
        let mut at: Timestamp = "2013-07-01".parse().expect("a date");
        (0..self.n_windows)
            .map(|_| {
                let window = Every::Months(1).window(at);
                at = window.end;
                window
            })
            .collect()
    }

    fn scope(&self, window: usize, segment: Option<&str>) -> Scope {
        Scope {
            window: self.windows().get(window).copied(),
            version: None,
            segment: segment.map(|value| Segment {
                column: self.name("country"),
                value: Some(self.name(value)),
            }),
        }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn is_wrong(&self, window: usize) -> bool {
        let n = self.n_windows.max(1);
        (window + 1) as f64 > n as f64 * (1.0 - self.wrong)
    }

    /// Each column with its reference and its windows.
    fn columns(&self) -> Vec<(ColumnInfo, ColumnProfile, Vec<ColumnProfile>)> {
        let mut columns = vec![
            self.column("price", Role::Feature, |wrong| {
                numbers(if wrong { 3.0 } else { 0.0 }, 0, 4)
            }),
            self.column("carrier", Role::Segment, |wrong| {
                names(
                    &[("UA", 5), ("DL", if wrong { 6 } else { 2 }), ("AA", 3)],
                    self.prefix,
                    0,
                )
            }),
            self.column("temp", Role::Feature, |wrong| {
                numbers(0.0, if wrong { 449 } else { 20 }, 4)
            }),
            self.column("plan", Role::Feature, |wrong| {
                let new: &[(&str, u64)] = if wrong {
                    &[("pro", 4), ("team", 3)]
                } else {
                    &[]
                };
                names(
                    &[&[("basic", 60), ("plus", 40)], new].concat(),
                    self.prefix,
                    0,
                )
            }),
            self.column("age", Role::Feature, |wrong| {
                numbers(0.0, 0, if wrong { 8 } else { 4 })
            }),
            self.column("sensor", Role::Feature, |wrong| {
                numbers(0.0, 0, if wrong { 0 } else { 4 })
            }),
            self.column("zip", Role::Feature, |wrong| {
                if wrong {
                    names(&[("1010", 3), ("80331", 5)], self.prefix, 0)
                } else {
                    numbers(0.0, 0, 4)
                }
            }),
            self.column("comment", Role::Feature, |_| {
                let texts: Vec<String> = (0..N_ROWS).map(|idx| format!("text {idx}")).collect();
                let counts: Vec<(&str, u64)> =
                    texts.iter().map(|text| (text.as_str(), 1)).collect();
                names(&counts, self.prefix, 0)
            }),
            self.column("empty", Role::Feature, |_| names(&[], self.prefix, 100)),
            self.column("p", Role::Score, |_| numbers(0.0, 0, 4)),
            self.column("late", Role::Target, |wrong| {
                names(&[("0", 8), ("1", if wrong { 4 } else { 2 })], "", 0)
            }),
        ];
        for idx in 0..self.n_quiet {
            columns.push(self.column(&format!("quiet_{idx}"), Role::Feature, |_| {
                numbers(0.0, 0, 4)
            }));
        }
        columns
    }

    fn column(
        &self,
        name: &str,
        role: Role,
        profile: impl Fn(bool) -> ColumnProfile,
    ) -> (ColumnInfo, ColumnProfile, Vec<ColumnProfile>) {
        let seal = |mut profile: ColumnProfile| {
            profile.seal();
            profile
        };
        let reference = seal(profile(false));
        let info = ColumnInfo {
            name: self.name(name),
            role,
            kind: reference.kind(),
        };
        let windows = (0..self.n_windows.max(1))
            .map(|idx| seal(profile(self.is_wrong(idx))))
            .collect();
        (info, reference, windows)
    }
}

/// Numbers around 12, moved by `shift`, `spread` times as wide as a unit.
fn numbers(shift: f64, n_null: u64, spread: u32) -> ColumnProfile {
    let mut profile = NumericProfile::new(Mode::Exact);
    for idx in 0..N_ROWS {
        // The golden ratio spreads points evenly; two of them make a hill.
        let even = |seed: u32| (f64::from(idx + seed) * 0.618_033_988_749).fract() - 0.5;
        profile.push(12.0 + shift + f64::from(spread) * (even(0) + even(idx / 7)));
    }
    profile.push_nulls(n_null);
    ColumnProfile::Numeric(profile)
}

fn names(counts: &[(&str, u64)], prefix: &str, n_null: u64) -> ColumnProfile {
    let mut profile = CategoricalProfile::new(Mode::Exact);
    let total: u64 = counts.iter().map(|(_, n)| n).sum();
    for (name, n) in counts {
        profile.push(&format!("{prefix}{name}"), n * u64::from(N_ROWS) / total);
    }
    profile.push_nulls(n_null);
    ColumnProfile::Categorical(profile)
}

/// Outcomes of a binary model with this share of wrong decisions; the first `n_targets` have a target.
fn outcomes(wrong: f64, n_targets: u32) -> OutcomeProfile {
    let mut profile = ClassOutcomes::new(ClassConfig {
        scored_classes: vec!["1".to_owned()],
        positive: Some("1".to_owned()),
        threshold: 0.5,
        mode: Mode::Exact,
    });
    let (negative, positive) = (profile.class_index("0"), profile.class_index("1"));
    for idx in 0..N_ROWS {
        let even = (f64::from(idx) * 0.618_033_988_749).fract();
        let target = idx % 3 == 0;
        let decision = target != (even < wrong);
        let score = if decision {
            0.9 - 0.3 * even
        } else {
            0.1 + 0.3 * even
        };
        let class = |is_positive| if is_positive { positive } else { negative };
        let target = (idx < n_targets).then(|| class(target));
        profile.push(target, Some(class(decision)), &[score]);
    }
    profile.seal();
    profile.into()
}
