//! All families as one list, for the catalog, the reference pages and the conformance tests.

use keepwell_core::catalog::Entry;

/// A member of a family, whatever the family.
pub struct Member {
    /// What it says about itself.
    pub entry: &'static dyn Entry,
}

/// A family: a static list of members of one kind.
pub struct Family {
    /// Stable identifier.
    pub id: &'static str,
    /// Folder under `src/`.
    pub folder: &'static str,
    /// Name in the plural, for headings.
    pub title: &'static str,
    /// Its members, in alphabetical order of their ids.
    pub members: Vec<Member>,
}

/// Every family in the order of the reference pages.
pub fn families() -> Vec<Family> {
    let mut families = of_outcomes();
    families.extend(of_data());
    families.extend(of_series_and_decisions());
    families
}

/// What compares predictions and targets.
fn of_outcomes() -> Vec<Family> {
    vec![
        Family {
            id: "classification",
            folder: "metric/classification",
            title: "Metrics of classification",
            members: members(crate::metric::classification::ALL, |member| member),
        },
        Family {
            id: "multilabel",
            folder: "metric/multilabel",
            title: "Metrics of multilabel classification",
            members: members(crate::metric::multilabel::ALL, |member| member),
        },
        Family {
            id: "regression",
            folder: "metric/regression",
            title: "Metrics of regression",
            members: members(crate::metric::regression::ALL, |member| member),
        },
        Family {
            id: "ranking",
            folder: "metric/ranking",
            title: "Metrics of ranking and recommendation",
            members: members(crate::metric::ranking::ALL, |member| member),
        },
        Family {
            id: "text",
            folder: "metric/text",
            title: "Metrics of generated text",
            members: members(crate::metric::text::ALL, |member| member),
        },
        Family {
            id: "detection",
            folder: "metric/detection",
            title: "Metrics of object detection",
            members: members(crate::metric::detection::ALL, |member| member),
        },
        Family {
            id: "fairness",
            folder: "fairness",
            title: "Measures of fairness",
            members: members(crate::fairness::ALL, |member| member),
        },
    ]
}

/// What describes or compares columns and tables.
fn of_data() -> Vec<Family> {
    vec![
        Family {
            id: "descriptor",
            folder: "descriptor",
            title: "Descriptors of texts and images",
            members: members(crate::descriptor::ALL, |member| member),
        },
        Family {
            id: "drift",
            folder: "drift",
            title: "Drift tests",
            members: members(crate::drift::ALL, |member| member),
        },
        Family {
            id: "quality",
            folder: "quality",
            title: "Quality checks",
            members: members(crate::quality::ALL, |member| member),
        },
        Family {
            id: "table",
            folder: "table",
            title: "Checks of whole tables",
            members: members(crate::table::ALL, |member| member),
        },
    ]
}

/// What reads series and rows, estimates, and corrects.
fn of_series_and_decisions() -> Vec<Family> {
    vec![
        Family {
            id: "detector",
            folder: "detector",
            title: "Detectors",
            members: members(crate::detector::ALL, |member| member),
        },
        Family {
            id: "anomaly",
            folder: "anomaly",
            title: "Anomalies",
            members: members(crate::anomaly::ALL, |member| member),
        },
        Family {
            id: "multivariate",
            folder: "multivariate",
            title: "Multivariate tests",
            members: members(crate::multivariate::ALL, |member| member),
        },
        Family {
            id: "estimate",
            folder: "estimate",
            title: "Estimators",
            members: members(crate::estimate::ALL, |member| member),
        },
        Family {
            id: "row_estimate",
            folder: "estimate/rows",
            title: "Estimators on rows",
            members: members(crate::estimate::rows::ALL, |member| member),
        },
        Family {
            id: "multiple",
            folder: "multiple",
            title: "Corrections for many decisions",
            members: members(crate::multiple::ALL, |member| member),
        },
    ]
}

fn members<T: Entry + ?Sized>(
    all: &'static [&'static T],
    upcast: fn(&'static T) -> &'static dyn Entry,
) -> Vec<Member> {
    all.iter()
        .map(|&member| Member {
            entry: upcast(member),
        })
        .collect()
}
