//! Faults of the data, before they are put into words of a language.

use keepwell_core::schema::Kind;
use keepwell_monitor::finding::{Detail, EntityExample};
use keepwell_monitor::row::ResultRow;
use keepwell_stats::quality::UnitChange;

use super::claim::Sides;

/// A fault of the data.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault<'a> {
    /// The share of missing values changed.
    Missing {
        /// Shares of rows.
        share: Sides<f64>,
    },
    /// Categories that the reference never had.
    Unseen {
        /// Share of rows now.
        share: f64,
        /// Some of them.
        examples: &'a [String],
    },
    /// Values below the reference's least or above its greatest.
    OutOfRange {
        /// Share of rows now.
        share: f64,
        /// Least and greatest values.
        ranges: Option<Sides<(f64, f64)>>,
    },
    /// One value is left.
    Constant {
        /// The value.
        value: Option<&'a str>,
    },
    /// The reference knew one value only, and now there are more.
    NoLongerConstant,
    /// Another kind of values.
    TypeChange {
        /// Kinds.
        kinds: Option<Sides<Kind>>,
    },
    /// Values that cannot be read as the kind of the reference.
    Unreadable {
        /// Share of values now.
        share: f64,
        /// Kind of the reference.
        kind: Option<Kind>,
    },
    /// Infinite values.
    Infinite {
        /// Shares of rows.
        share: Sides<f64>,
    },
    /// The values of the reference in another unit.
    Unit {
        /// The change; `None` where it is not known which.
        change: Option<UnitChange>,
    },
    /// Times far in the past or in the future.
    ImplausibleTime {
        /// Shares of values.
        share: Sides<f64>,
    },
    /// Times at whole hours: more of them where the time of day was cut off, fewer where it was added.
    WholeHours {
        /// Shares of values.
        share: Sides<f64>,
    },
    /// The same entities have other values than in the reference.
    OtherValues(OtherValues<'a>),
    /// What another quality check found.
    Other {
        /// Identifier of the quality check.
        check: &'a str,
        /// Value of the check.
        share: Sides<f64>,
        /// The size from which on there is a warning.
        limit: Option<f64>,
    },
}

/// Entities whose values differ from those of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OtherValues<'a> {
    /// Share of the entities.
    pub share: f64,
    /// Entities on both sides; `None` where not known.
    pub n_entities: Option<u64>,
    /// Those without a value in the reference only, and now only.
    pub n_missing: (u64, u64),
    /// Greatest difference of two numbers.
    pub greatest: Option<f64>,
    /// The first of them.
    pub example: Option<&'a EntityExample>,
}

impl<'a> Fault<'a> {
    /// What the quality check of this row found.
    pub(super) fn of(row: &'a ResultRow, share: Sides<f64>, detail: &'a Detail) -> Self {
        match row.name {
            "missing" => Self::Missing { share },
            "unseen_category" => Self::Unseen {
                share: share.current,
                examples: match detail {
                    Detail::Examples(examples) => examples,
                    _ => &[],
                },
            },
            "out_of_range" => Self::OutOfRange {
                share: share.current,
                ranges: match detail {
                    Detail::Ranges { reference, current } => Some(Sides {
                        reference: *reference,
                        current: *current,
                    }),
                    _ => None,
                },
            },
            // 1 where constant, 0 where not.
            "constant" if share.current < share.reference => Self::NoLongerConstant,
            "constant" => Self::Constant {
                value: match detail {
                    Detail::Value(value) => Some(value),
                    _ => None,
                },
            },
            "type_change" => Self::TypeChange {
                kinds: kinds(detail),
            },
            "type_violation" => Self::Unreadable {
                share: share.current,
                kind: kinds(detail).map(|kinds| kinds.reference),
            },
            "infinite" => Self::Infinite { share },
            "scale_change" => Self::Unit {
                change: match detail {
                    Detail::Unit(change) => Some(*change),
                    _ => None,
                },
            },
            "implausible_time" => Self::ImplausibleTime { share },
            "truncated_time" => Self::WholeHours { share },
            "serving_skew" => Self::OtherValues(OtherValues::of(share.current, detail)),
            check => Self::Other {
                check,
                share,
                limit: row.threshold,
            },
        }
    }
}

impl<'a> OtherValues<'a> {
    fn of(share: f64, detail: &'a Detail) -> Self {
        let known = Self {
            share,
            ..Self::default()
        };
        match detail {
            Detail::Entities {
                n_entities,
                n_missing,
                greatest,
                examples,
            } => Self {
                n_entities: Some(*n_entities),
                n_missing: *n_missing,
                greatest: *greatest,
                example: examples.first(),
                ..known
            },
            _ => known,
        }
    }
}

fn kinds(detail: &Detail) -> Option<Sides<Kind>> {
    match detail {
        Detail::Kinds { reference, current } => Some(Sides {
            reference: *reference,
            current: *current,
        }),
        _ => None,
    }
}
