//! What a finding says, before it is put into words of a language.

use keepwell_core::class;
use keepwell_core::measure::Measure;
use keepwell_core::schema::{Role, Task};
use keepwell_core::time::Window;
use keepwell_monitor::finding::{Detail, Episode};
use keepwell_monitor::report::{Facts, Report, Why};
use keepwell_monitor::row::{ResultKind, ResultRow, SERIES};
use keepwell_stats::detector;
use keepwell_stats::metric::{self, Direction};

use super::date::Grain;
use super::fault::Fault;
use super::row_label;

/// Least share of a change that a segment, or columns together, must have to be named with it.
const SHARE_MIN: f64 = 0.25;
/// Least share of a change that is said to be unexplained.
const UNEXPLAINED_MIN: f64 = 0.75;

/// A metric with what tells its values apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricName<'a> {
    /// Identifier in the catalog.
    pub id: &'a str,
    /// `macro`, `micro` or `weighted`.
    pub average: Option<&'a str>,
    /// Class.
    pub class: Option<&'a str>,
    /// Everything that its row says beside the value; see [`MetricName::labels`].
    pub params: &'a [(&'static str, String)],
}

/// Where a change of a metric lies: in a segment, in columns that shifted, or in both.
#[derive(Debug, Clone, PartialEq)]
pub struct Because<'a> {
    /// The segment with the greatest share.
    pub segment: Option<Why<'a>>,
    /// What the columns say.
    pub columns: Option<BecauseColumns<'a>>,
}

/// What the shifts of columns have to do with a change of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum BecauseColumns<'a> {
    /// Shifts of columns explain a share of it.
    Shifted {
        /// Those with a notable part, greatest first.
        names: Vec<&'a str>,
        /// Share of the change that all together explain; above 1 where the rest goes the other way.
        share: f64,
    },
    /// They hardly explain it: rows like those of the reference fare otherwise.
    Unexplained,
}

impl<'a> Because<'a> {
    fn of(report: &'a Report, row: &ResultRow) -> Option<Self> {
        let columns = report
            .why_columns(row)
            .and_then(|own| match own.explained() {
                Some(share) if share >= SHARE_MIN => Some(BecauseColumns::Shifted {
                    names: own.leading().into_iter().map(|(name, _)| name).collect(),
                    share,
                }),
                _ if own.unexplained() >= UNEXPLAINED_MIN => Some(BecauseColumns::Unexplained),
                _ => None,
            });
        let segment = report.why(row).filter(|why| why.share >= SHARE_MIN);
        (segment.is_some() || columns.is_some()).then_some(Self { segment, columns })
    }
}

/// A column with the part that it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Name.
    pub name: &'a str,
    /// Part.
    pub role: Role,
}

/// What a method says of windows that do not go on as they were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesClaim<'a> {
    /// Identifier of the detector or of the method of anomalies.
    pub method: &'a str,
    /// Whether it is a detector, which signals and has no score.
    pub is_detector: bool,
    /// What the windows are of.
    pub of: SeriesName<'a>,
    /// Value of that in the worst window.
    pub value: Option<f64>,
    /// What the method says of that window: of a detector 0.5 for a warning and 1 for a change.
    pub score: f64,
    /// The size from which on there is a warning.
    pub limit: Option<f64>,
}

/// What a series of windows is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesName<'a> {
    /// A metric.
    Metric(MetricName<'a>),
    /// A quality check of a column.
    Fault {
        /// Column.
        column: Column<'a>,
        /// Identifier of the check.
        check: &'a str,
    },
}

/// A value of a drift test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance<'a> {
    /// Identifier of the drift test.
    pub test: &'a str,
    /// Statistic or distance.
    pub value: f64,
}

/// A quantity on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sides<T> {
    /// In the reference.
    pub reference: T,
    /// Now, in the worst window.
    pub current: T,
}

/// What an episode says of its worst window.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim<'a> {
    /// A metric became worse.
    Metric {
        /// Which.
        metric: MetricName<'a>,
        /// Value of the reference.
        reference: Option<f64>,
        /// Value now.
        current: Measure,
        /// Whether a change is said as a share of the reference, as its limits are: of errors and losses.
        is_relative: bool,
        /// Where most of the change lies.
        why: Option<Because<'a>>,
        /// Rows with a target, and rows, where so many targets are still to come that the value may change.
        provisional: Option<(u64, u64)>,
    },
    /// A column is distributed differently.
    Drift {
        /// Column.
        column: Column<'a>,
        /// How far apart.
        distance: Distance<'a>,
        /// What changed most.
        change: Change,
    },
    /// The data of a column are faulty.
    Fault {
        /// Column.
        column: Column<'a>,
        /// In which way.
        fault: Fault<'a>,
    },
    /// The groups of a protected column are not treated alike.
    Disparity {
        /// Protected column.
        column: &'a str,
        /// Identifier of the measure of fairness.
        measure: &'a str,
        /// Value now.
        current: Measure,
        /// The size from which on there is a warning, as a distance from parity.
        limit: Option<f64>,
        /// Groups with the lowest rate, and with the highest or the one that others are compared with.
        groups: Option<(&'a str, &'a str)>,
    },
    /// The windows of a metric of all rows, or of a fault of a column, do not go on as they were.
    Series(SeriesClaim<'a>),
    /// Something that only all columns together show.
    Table {
        /// Identifier of the check or test.
        id: &'a str,
        /// Value now.
        current: Measure,
        /// The size from which on there is a warning.
        limit: Option<f64>,
        /// Columns that it rests on, worst first.
        columns: &'a [String],
    },
}

/// What changed in a distribution.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The middle of a number moved.
    Middle {
        /// Whether the means are given, because the medians do not differ.
        is_mean: bool,
        /// Medians or means.
        middle: Sides<f64>,
    },
    /// A number is spread differently around the same middle.
    Spread {
        /// Median on both sides.
        median: f64,
    },
    /// The share of a category changed, more than that of any other.
    Category {
        /// Category.
        name: String,
        /// Shares of the values that are present.
        share: Sides<f64>,
    },
    /// Nothing more is known.
    Unknown,
}

impl<'a> Claim<'a> {
    /// What this episode says; `report` must be the one that it is from.
    pub fn of(report: &'a Report, episode: &'a Episode) -> Self {
        let fact = &episode.worst;
        let row = &report.rows[fact.row_idx];
        let reference = fact.reference.map(|own| own.value);
        // A row with a warning or an alert has a value; zero is never shown.
        let current = row.outcome.defined().copied().unwrap_or(Measure::new(0.0));
        if let Some(of) = SeriesName::of(row, fact.role) {
            return Self::Series(SeriesClaim {
                method: row.name,
                is_detector: detector::ALL.iter().any(|own| own.info().id == row.name),
                of,
                value: match fact.detail {
                    Detail::Point(value) => Some(value),
                    _ => None,
                },
                score: current.value,
                limit: row.threshold,
            });
        }
        let Some(name) = row.column.as_deref() else {
            return Self::of_all_columns(report, episode, current);
        };
        if row.kind == ResultKind::Fairness {
            return Self::Disparity {
                column: name,
                measure: row.name,
                current,
                limit: row.threshold,
                groups: groups_of(row),
            };
        }
        let column = Column {
            name,
            role: fact.role.unwrap_or(Role::Feature),
        };
        if row.kind == ResultKind::Quality {
            let share = Sides {
                reference: reference.unwrap_or(0.0),
                current: current.value,
            };
            return Self::Fault {
                column,
                fault: Fault::of(row, share, &fact.detail),
            };
        }
        Self::Drift {
            column,
            distance: Distance {
                test: row.name,
                value: current.value,
            },
            change: Change::of(&fact.detail).of_positive(column, &report.facts),
        }
    }

    fn of_all_columns(report: &'a Report, episode: &'a Episode, current: Measure) -> Self {
        let fact = &episode.worst;
        let row = &report.rows[fact.row_idx];
        if row.kind != ResultKind::Metric {
            return Self::Table {
                id: row.name,
                current,
                limit: row.threshold,
                columns: match &fact.detail {
                    Detail::Columns(columns) => columns,
                    _ => &[],
                },
            };
        }
        Self::Metric {
            metric: MetricName::of(row),
            reference: fact.reference.map(|own| own.value),
            current,
            is_relative: direction(row.name) == Direction::LowerIsBetter,
            why: Because::of(report, row),
            provisional: row
                .targets
                .filter(|targets| row.is_provisional && *targets < row.rows)
                .map(|targets| (targets, row.rows)),
        }
    }
}

impl<'a> SeriesName<'a> {
    /// What the series is of that this row is about; `None` where it is about none.
    fn of(row: &'a ResultRow, role: Option<Role>) -> Option<Self> {
        let id = row_label(row, SERIES)?;
        Some(match row.column.as_deref() {
            Some(name) => Self::Fault {
                column: Column {
                    name,
                    role: role.unwrap_or(Role::Feature),
                },
                check: id,
            },
            None => Self::Metric(MetricName {
                id,
                params: &[],
                ..MetricName::of(row)
            }),
        })
    }
}

/// Which way of a metric is good; neither, for one that the catalog does not hold.
pub fn direction(id: &str) -> Direction {
    metric::all()
        .find(|metric| metric.info().id == id)
        .map_or(Direction::Neutral, |metric| metric.direction())
}

/// The groups of a measure of fairness: that with the lowest rate, and that with the highest or the one that
/// others are compared with.
pub fn groups_of(row: &ResultRow) -> Option<(&str, &str)> {
    row_label(row, "least").zip(row_label(row, "greatest"))
}

impl Change {
    fn of(detail: &Detail) -> Self {
        match detail {
            Detail::Numbers { reference, current } => {
                let differ = |left: f64, right: f64| {
                    (left - right).abs() > 1e-3 * left.abs().max(right.abs())
                };
                let is_mean = !differ(reference.0, current.0);
                if is_mean && !differ(reference.1, current.1) {
                    return Self::Spread { median: current.0 };
                }
                let middle = |side: &(f64, f64)| if is_mean { side.1 } else { side.0 };
                Self::Middle {
                    is_mean,
                    middle: Sides {
                        reference: middle(reference),
                        current: middle(current),
                    },
                }
            }
            Detail::Category {
                name,
                reference,
                current,
            } => Self::Category {
                name: name.clone(),
                share: Sides {
                    reference: *reference,
                    current: *current,
                },
            },
            _ => Self::Unknown,
        }
    }

    /// Says it of the positive class where it is about the targets or predictions of a binary model.
    fn of_positive(self, column: Column<'_>, facts: &Facts) -> Self {
        let is_outcome = matches!(column.role, Role::Target | Role::Prediction);
        let positive = match &facts.positive {
            Some(positive) if is_outcome && facts.task.as_deref() == Some(Task::Binary.id()) => {
                positive
            }
            _ => return self,
        };
        let share = match &self {
            Self::Category { name, share } if class::canonical(name) != positive.as_str() => {
                Sides {
                    reference: 1.0 - share.reference,
                    current: 1.0 - share.current,
                }
            }
            // Zeros and ones: the mean is the share of ones.
            Self::Middle {
                is_mean: true,
                middle,
            } if positive == "1" => *middle,
            _ => return self,
        };
        Self::Category {
            name: positive.clone(),
            share,
        }
    }
}

impl<'a> MetricName<'a> {
    /// Name of the metric of this row.
    pub fn of(row: &'a ResultRow) -> Self {
        Self {
            id: row.name,
            average: row_label(row, "average"),
            class: row.class.as_deref(),
            params: &row.params,
        }
    }

    /// Name of the metric `id` that this row is an estimate of.
    pub fn estimated(id: &'a str, row: &'a ResultRow) -> Self {
        Self {
            id,
            ..Self::of(row)
        }
    }

    /// What else tells this value from the others of the same metric: `threshold` `0.75`.
    pub fn labels(&self) -> impl Iterator<Item = (&'static str, &'a str)> + use<'a> {
        self.params
            .iter()
            .map(|(label, value)| (*label, value.as_str()))
            .filter(|(label, _)| *label != "average" && !is_evidence(label))
    }
}

/// Whether a parameter of a row says something of the evidence, and nothing of what was measured.
pub fn is_evidence(label: &str) -> bool {
    keepwell_monitor::finding::is_evidence(label) || label == "metric"
}

/// How far an episode reaches over the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Only one window could be judged.
    OnlyJudged,
    /// Every window that was judged.
    All,
    /// The run is the last window.
    Latest,
    /// The run is one window that has passed.
    Once,
    /// From some window on.
    Since,
    /// Several windows that have passed.
    Between,
}

/// When an episode holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// First window of the unbroken run that holds the worst.
    pub first: Window,
    /// Last window of it.
    pub last: Window,
    /// Worst window.
    pub worst: Window,
    /// First window of the worse level that the worst one belongs to, where the level of a metric changed.
    pub level: Option<Window>,
    /// Whether the run reaches the last window that was judged.
    pub is_open: bool,
    /// Windows with a warning or alert, in the run or not.
    pub n_hit: usize,
    /// Windows that could be judged.
    pub n_decided: usize,
}

impl When {
    /// When this episode holds; `None` where there are not at least two windows to tell apart, or it is about all
    /// of them together.
    pub fn of(report: &Report, episode: &Episode) -> Option<Self> {
        let windows = &report.facts.windows;
        if windows.len() < 2 {
            return None;
        }
        let worst = report.rows[episode.worst.row_idx].scope.window?;
        if !windows.contains(&worst) {
            return None;
        }
        let since = episode.since?;
        let find = |is_it: &dyn Fn(&Window) -> bool| windows.iter().copied().find(is_it);
        let first = find(&|window| window.start == since).unwrap_or(worst);
        let last = match episode.until {
            Some(until) => find(&|window| window.end == until).unwrap_or(worst),
            None => windows.last().copied().unwrap_or(worst),
        };
        Some(Self {
            first,
            last,
            worst,
            level: episode
                .level_since
                .and_then(|since| find(&|window| window.start == since)),
            is_open: episode.until.is_none(),
            n_hit: episode.n_hit,
            n_decided: episode.n_decided,
        })
    }

    /// How far it reaches.
    pub fn extent(&self) -> Extent {
        let is_one = self.first == self.last;
        if self.n_decided == 1 {
            Extent::OnlyJudged
        } else if self.n_hit == self.n_decided {
            Extent::All
        } else {
            match (self.is_open, is_one) {
                (true, true) => Extent::Latest,
                (false, true) => Extent::Once,
                (true, false) => Extent::Since,
                (false, false) => Extent::Between,
            }
        }
    }

    /// The window from which on the level is worse, unless the extent says it already.
    pub fn worse_level(&self) -> Option<Window> {
        let is_said = self.extent() == Extent::Since || self.extent() == Extent::Between;
        self.level.filter(|level| !is_said || *level != self.first)
    }

    /// Finest grain of the windows that are named.
    pub fn grain(&self) -> Grain {
        Grain::of(self.first)
            .min(Grain::of(self.last))
            .min(Grain::of(self.worst))
    }
}
