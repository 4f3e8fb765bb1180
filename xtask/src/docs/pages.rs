//! The page of each family: its file, and what it says before its list.

use keepwell_core::catalog::Standing;
use keepwell_stats::{drift, metric};

/// What a page says before its list.
pub(super) struct Page {
    /// Id of the family.
    pub(super) family: &'static str,
    /// File under `docs/reference/`.
    pub(super) file: &'static str,
    /// The paragraph below the title.
    pub(super) intro: &'static str,
}

/// One page for each family.
pub(super) const PAGES: [Page; 17] = [
    Page {
        family: "classification",
        file: "metrics-classification.md",
        intro: "Quantities about a model that names one class for each row, from its predictions, scores and \
                targets. Intervals are at level 0.95. A metric that does not exist for the rows at hand is \
                `undefined` and says why.",
    },
    Page {
        family: "multilabel",
        file: "metrics-multilabel.md",
        intro: "Quantities about a model that names a set of labels for each row. Intervals are at level 0.95.",
    },
    Page {
        family: "regression",
        file: "metrics-regression.md",
        intro: "Quantities about a model that predicts a number. Errors and losses have the unit of the target, or \
                its square, unless their entry says otherwise. Intervals are at level 0.95.",
    },
    Page {
        family: "ranking",
        file: "metrics-ranking.md",
        intro: "Quantities about a model that orders items, one query or one user at a time. What is counted is the \
                query, not the row. Intervals are at level 0.95.",
    },
    Page {
        family: "text",
        file: "metrics-text.md",
        intro: "How near a generated text is to the text that was wanted. All of them compare words or characters: \
                none of them knows what a text means.",
    },
    Page {
        family: "detection",
        file: "metrics-detection.md",
        intro: "Quantities about a model that finds objects in images, from its boxes and those that were wanted.",
    },
    Page {
        family: "fairness",
        file: "fairness.md",
        intro: "How differently a model treats the groups of a protected column. Each is one view of fairness; \
                several of them exclude one another where the groups differ in their base rates.",
    },
    Page {
        family: "descriptor",
        file: "descriptors.md",
        intro: "Numbers that describe one text or one image. A column of texts or images is watched by the \
                distributions of its descriptors.",
    },
    Page {
        family: "drift",
        file: "drift.md",
        intro: "How far apart two samples of a column are, and how sure that is. The first sample is the reference, \
                the second the current window.",
    },
    Page {
        family: "quality",
        file: "quality.md",
        intro: "Faults of the data themselves, each measured against what the reference shows. They come first in \
                a report, because a broken pipe is not drift.",
    },
    Page {
        family: "table",
        file: "table.md",
        intro: "Faults that show only when the columns of a table are seen together.",
    },
    Page {
        family: "detector",
        file: "detectors.md",
        intro: "Methods that read a series point by point and signal a change. A detector keeps a state of bounded \
                size, which can be saved and read back at any point.",
    },
    Page {
        family: "anomaly",
        file: "anomaly.md",
        intro: "Methods that say which points of a series, or which rows of a table, are unlike the others.",
    },
    Page {
        family: "multivariate",
        file: "multivariate.md",
        intro: "Comparisons of many columns at once. They see a change of how columns hang together that no column \
                shows by itself.",
    },
    Page {
        family: "estimate",
        file: "estimators.md",
        intro: "Performance of a model before its targets are known, estimated from its scores. An estimate holds \
                only as long as the assumption under *When to use, and when not* does.",
    },
    Page {
        family: "row_estimate",
        file: "estimators-rows.md",
        intro: "Performance of a model before its targets are known, estimated from whole rows: the features and the \
                prediction. The same caution holds as for estimates from scores.",
    },
    Page {
        family: "multiple",
        file: "multiple.md",
        intro: "What keeps the rate of false reports at its promise where many decisions are taken at once, or the \
                same one again and again.",
    },
];

/// How `keepwell check` treats an entry of its own accord, as a sentence; `None` where the family leaves no
/// choice.
pub(super) fn standing(id: &str) -> Option<&'static str> {
    let metrics = metric::all().map(|entry| (entry.info().id, entry.standing(), DECIDED));
    let tests = drift::ALL
        .iter()
        .map(|entry| (entry.info().id, entry.standing(), DECIDED_BY_KIND));
    let (_, standing, decided) = metrics.chain(tests).find(|(own, ..)| *own == id)?;
    Some(match standing {
        Standing::Decided => decided,
        Standing::Shown => "A check shows it, and decides on it only where a monitor names it.",
        Standing::OnRequest => "A check computes it only where a monitor names it.",
    })
}

const DECIDED: &str = "A check decides on it.";

const DECIDED_BY_KIND: &str = "A check decides on it for the kinds of column that \
                               [Verdicts](../guide/verdicts.md#two-conditions-both-needed) names.";
