//! All families as one list, for the catalog, the reference pages and the conformance tests.

use keepwell_core::catalog::Entry;

/// A member of a family, whatever the family.
pub struct Member {
    /// What it says about itself.
    pub entry: &'static dyn Entry,
}

/// A family: a static list of members of one kind.
pub struct Family {
    /// Stable identifier, also the folder under `src/`.
    pub id: &'static str,
    /// Name in the plural, for headings.
    pub title: &'static str,
    /// Its members, in alphabetical order of their ids.
    pub members: Vec<Member>,
}

/// Every family in the order of the reference pages.
pub fn families() -> Vec<Family> {
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
    vec![
        Family {
            id: "metric",
            title: "Metrics",
            members: members(crate::metric::ALL, |member| member),
        },
        Family {
            id: "drift",
            title: "Drift tests",
            members: members(crate::drift::ALL, |member| member),
        },
        Family {
            id: "quality",
            title: "Quality checks",
            members: members(crate::quality::ALL, |member| member),
        },
        Family {
            id: "detector",
            title: "Detectors",
            members: members(crate::detector::ALL, |member| member),
        },
        Family {
            id: "estimate",
            title: "Estimators",
            members: members(crate::estimate::ALL, |member| member),
        },
    ]
}
