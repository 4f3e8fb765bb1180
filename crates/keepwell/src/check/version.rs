//! A version of the model as the reference of the others.

use keepwell_core::schema::Kind;
use keepwell_core::time::Timestamp;
use keepwell_engine::{GroupBy, Request, Session, Table};
use keepwell_monitor::note::Note;
use keepwell_monitor::roles::Roles;
use keepwell_stats::profile::ColumnProfile;

use crate::failure::Failure;

/// Most versions that are looked at one by one.
const VERSIONS_MAX: usize = 1_000;

/// Events parted by the version of the model.
pub struct Parted {
    /// Rows of the version.
    pub reference: Table,
    /// Rows of all others but the older ones.
    pub current: Table,
    /// Versions that ended before the one of the reference began.
    older: Vec<String>,
}

impl Parted {
    /// Says which rows are on neither side.
    pub fn note(&self) -> Option<Note> {
        (!self.older.is_empty()).then(|| Note::OlderVersions {
            versions: self.older.clone(),
        })
    }
}

/// Takes the rows of `version`, in its canonical spelling, as the reference.
///
/// # Errors
/// If no column holds versions, or none of its rows is of this version, or all are.
pub async fn part(
    session: &Session,
    events: &Table,
    roles: &Roles,
    version: &str,
) -> Result<Parted, Failure> {
    let Some(column) = &roles.version else {
        return Err(Failure::usage(
            "keepwell.usage.no_version",
            "expected a column with the version of the model for `reference: {version: …}`; found none",
            Some("name it: `--model-version COLUMN`, or `version:` under `columns:` in the spec"),
        ));
    };
    let versions = session.values(events, column, VERSIONS_MAX).await?;
    let versions: Vec<String> = versions.into_iter().filter_map(|(name, _)| name).collect();
    let older = match &roles.timestamp {
        Some(time) => older(session, events, (column, &versions), version, time).await?,
        None => Vec::new(),
    };
    let (reference, mut current) = session.part_by(events, column, version).await?;
    for name in &older {
        current = session.part_by(&current, column, name).await?.1;
    }
    let (message, hint) = if reference.rows == 0 {
        let found = versions.iter().take(10).map(String::as_str);
        let found = found.collect::<Vec<_>>().join(", ");
        let message = format!(
            "expected rows of the version `{version}` in the column `{column}`; found {found}"
        );
        (
            message,
            "write one of them as `version:` under `reference:`",
        )
    } else if current.rows == 0 {
        let message = format!(
            "expected rows of a later version than `{version}` in the column `{column}`; found none"
        );
        (message, "choose an earlier version as the reference")
    } else {
        return Ok(Parted {
            reference,
            current,
            older,
        });
    };
    Err(Failure::usage(
        "keepwell.reference.version",
        message,
        Some(hint),
    ))
}

/// Versions whose last event comes before the first one of `version`.
async fn older(
    session: &Session,
    events: &Table,
    (column, versions): (&str, &[String]),
    version: &str,
    time: &str,
) -> Result<Vec<String>, Failure> {
    let request = Request {
        columns: vec![(time.to_owned(), Kind::Timestamp)],
        group_by: Some(GroupBy {
            column: column.to_owned(),
            values: versions.to_vec(),
        }),
        ..Request::default()
    };
    let cells = session.profile(events, &request).await?.cells;
    let ranges: Vec<Option<(Timestamp, Timestamp)>> = cells
        .iter()
        .map(|cell| match cell.columns.first() {
            Some(ColumnProfile::Timestamp(profile)) => profile.range(),
            _ => None,
        })
        .collect();
    // Cells come in the order of the values, the group of others last.
    let named = versions.iter().zip(&ranges);
    let own = named.clone().find(|(name, _)| *name == version);
    let Some((first, _)) = own.and_then(|(_, range)| *range) else {
        return Ok(Vec::new());
    };
    Ok(named
        .filter(|(_, range)| range.is_some_and(|(_, last)| last < first))
        .map(|(name, _)| name.clone())
        .collect())
}
