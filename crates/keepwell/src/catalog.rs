//! `keepwell catalog`: what there is.

use std::fmt::Write as _;
use std::process::ExitCode;

use keepwell_core::catalog::Entry;
use keepwell_core::params::Domain;
use keepwell_stats::families;
use serde::Serialize;

use crate::cli::CatalogArgs;
use crate::failure::Failure;
use crate::standard_output;

#[derive(Serialize)]
struct FamilyJson {
    family: &'static str,
    title: &'static str,
    entries: Vec<EntryJson>,
}

#[derive(Serialize)]
struct EntryJson {
    id: &'static str,
    since: &'static str,
    summary: String,
    doc: String,
    parameters: Vec<ParameterJson>,
}

#[derive(Serialize)]
struct ParameterJson {
    name: &'static str,
    doc: &'static str,
    default: serde_json::Value,
    #[serde(flatten)]
    domain: DomainJson,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum DomainJson {
    Float { min: f64, max: f64 },
    Integer { min: u64, max: u64 },
    Choice { of: &'static [&'static str] },
}

/// Prints the catalog.
pub fn run(args: &CatalogArgs) -> Result<ExitCode, Failure> {
    let wanted = |entry: &dyn Entry| args.id.as_deref().is_none_or(|id| id == entry.info().id);
    let catalog: Vec<FamilyJson> = families()
        .into_iter()
        .map(|family| FamilyJson {
            family: family.id,
            title: family.title,
            entries: family
                .members
                .iter()
                .filter(|member| wanted(member.entry))
                .map(|member| entry_json(member.entry))
                .collect(),
        })
        .filter(|family| !family.entries.is_empty())
        .collect();
    if catalog.is_empty() {
        return Err(Failure::usage(
            "keepwell.catalog.unknown_id",
            format!(
                "expected the id of an entry; found `{}`",
                args.id.as_deref().unwrap_or_default()
            ),
            Some("`keepwell catalog` lists all ids"),
        ));
    }
    let text = if args.json {
        serde_json::to_string_pretty(&catalog)
            .map_err(|fault| Failure::internal(fault.to_string()))?
    } else if args.id.is_some() {
        full(&catalog)
    } else {
        listing(&catalog)
    };
    standard_output::write(|out| writeln!(out, "{}", text.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}

fn entry_json(entry: &dyn Entry) -> EntryJson {
    let info = entry.info();
    EntryJson {
        id: info.id,
        since: info.since,
        summary: info.summary(),
        doc: info
            .doc
            .iter()
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n"),
        parameters: entry
            .parameters()
            .iter()
            .map(|parameter| {
                let (domain, default) = match parameter.domain {
                    Domain::Float { default, min, max } => {
                        (DomainJson::Float { min, max }, default.into())
                    }
                    Domain::Integer { default, min, max } => {
                        (DomainJson::Integer { min, max }, default.into())
                    }
                    Domain::Choice { default, of } => (DomainJson::Choice { of }, default.into()),
                };
                ParameterJson {
                    name: parameter.name,
                    doc: parameter.doc,
                    default,
                    domain,
                }
            })
            .collect(),
    }
}

fn listing(catalog: &[FamilyJson]) -> String {
    let mut text = String::new();
    for family in catalog {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", family.title);
        for entry in &family.entries {
            let _ = writeln!(text, "  {:<18} {}", entry.id, entry.summary);
        }
        text.push('\n');
    }
    text.push_str("`keepwell catalog ID` prints an entry in full.");
    text
}

fn full(catalog: &[FamilyJson]) -> String {
    let mut text = String::new();
    for family in catalog {
        for entry in &family.entries {
            let _ = writeln!(
                text,
                "{} ({}, since {})\n\n{}",
                entry.id, family.family, entry.since, entry.doc
            );
            for parameter in &entry.parameters {
                let _ = writeln!(
                    text,
                    "\nparameter {} (default {}): {}",
                    parameter.name, parameter.default, parameter.doc
                );
            }
        }
    }
    text
}
