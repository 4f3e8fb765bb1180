//! Curves of a classifier: what each threshold would do, and whether scores are probabilities.

use keepwell_core::time::Window;
use keepwell_stats::metric::classification::curves::{
    Binning, CalibrationPoint, PrecisionRecallPoint, RocPoint, calibration_curve,
    precision_recall_curve, roc_curve,
};
use keepwell_stats::profile::{ClassOutcomes, OutcomeProfile};

use super::Evaluation;
use crate::row::Scope;

/// Points of a curve.
const POINTS_MAX: usize = 100;
/// Bins of a calibration curve.
const BINS: usize = 10;
/// Classes of a model of several that have curves: the first ones with a score column.
const CLASSES_MAX: usize = 4;
/// Stretches of time that have curves: the last ones.
pub(super) const WINDOWS_MAX: usize = 100;

/// The curves of one class against the rest, over all rows of a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// The window; that of the reference on its side; `None` where events have no time.
    pub window: Option<Window>,
    /// The class, by its canonical name.
    pub class: String,
    /// Thresholds descending, from (0, 0) to (1, 1); at most 100 points.
    pub roc: Vec<RocPoint>,
    /// Thresholds descending, from recall 0 to 1; at most 100 points.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// Ten bins of equal width, those without rows left out; none where scores are no probabilities.
    pub calibration: Vec<CalibrationPoint>,
    /// What the decisions in force do; `None` where there are none.
    pub decisions: Option<Decisions>,
}

/// What the decisions in force do with one class. `None` stands for a share of nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decisions {
    /// Scores from here on are decided for the class, unless a column holds the decisions; of a binary model.
    pub threshold: Option<f64>,
    /// Share of the other rows that are decided for it.
    pub fpr: Option<f64>,
    /// Share of its rows that are decided for it.
    pub recall: Option<f64>,
    /// Share of the rows decided for the class that are of it.
    pub precision: Option<f64>,
}

impl Evaluation {
    /// Keeps the curves of the current events of a scope; those of segments and versions are not kept.
    pub(super) fn keep_curves(&mut self, scope: &Scope, outcomes: &OutcomeProfile) {
        self.curves.extend(curves_of(scope, outcomes));
    }

    /// The same of the reference.
    pub(super) fn keep_reference_curves(&mut self, scope: &Scope, outcomes: &OutcomeProfile) {
        self.reference_curves.extend(curves_of(scope, outcomes));
    }
}

fn curves_of(scope: &Scope, outcomes: &OutcomeProfile) -> Vec<Curves> {
    let (None, None, Some(outcomes)) = (&scope.segment, &scope.version, outcomes.classes()) else {
        return Vec::new();
    };
    let config = outcomes.config();
    let classes = config.scored_classes.iter().take(CLASSES_MAX);
    classes
        .filter_map(|class| curves_of_class(scope.window, class, outcomes))
        .collect()
}

/// `None` where neither thresholds nor scores say anything.
fn curves_of_class(
    window: Option<Window>,
    class: &str,
    outcomes: &ClassOutcomes,
) -> Option<Curves> {
    let roc = roc_curve(outcomes, class, POINTS_MAX).unwrap_or_default();
    let calibration =
        calibration_curve(outcomes, class, Binning::EqualWidth, BINS).unwrap_or_default();
    if roc.is_empty() && calibration.is_empty() {
        return None;
    }
    Some(Curves {
        window,
        class: class.to_owned(),
        precision_recall: precision_recall_curve(outcomes, class, POINTS_MAX).unwrap_or_default(),
        roc,
        calibration,
        decisions: decisions(class, outcomes),
    })
}

fn decisions(class: &str, outcomes: &ClassOutcomes) -> Option<Decisions> {
    let config = outcomes.config();
    let counts = outcomes.labelled().ok()?.counts_of(class);
    let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
    Some(Decisions {
        threshold: config.positive.as_ref().map(|_| config.threshold),
        fpr: share(counts.alarms(), counts.rows - counts.targets),
        recall: share(counts.correct, counts.targets),
        precision: share(counts.correct, counts.predictions),
    })
}

#[cfg(test)]
mod tests {
    use keepwell_stats::profile::{ClassConfig, Mode};

    use super::*;
    use crate::rule::Rule;

    fn outcomes() -> OutcomeProfile {
        let mut outcomes = ClassOutcomes::new(ClassConfig {
            scored_classes: vec!["1".to_owned()],
            positive: Some("1".to_owned()),
            threshold: 0.5,
            mode: Mode::Exact,
        });
        let [no, yes] = ["0", "1"].map(|class| outcomes.class_index(class));
        for row in 0..1_000 {
            let score = f64::from(row) / 1_000.0;
            let target = if row % 4 == 0 || row > 700 { yes } else { no };
            outcomes.push_scored(Some(target), &[score]);
        }
        outcomes.seal();
        outcomes.into()
    }

    #[test]
    fn the_decisions_in_force_lie_on_the_curves() {
        let outcomes = outcomes();
        let mut evaluation = Evaluation::new(Rule::default());
        evaluation.reference_outcomes(&Scope::default(), &outcomes);
        evaluation.outcomes(&outcomes, None, &[(Scope::default(), &outcomes)]);
        let evaluated = evaluation.finish();
        assert_eq!(evaluated.curves, evaluated.reference_curves);
        let [curves] = &evaluated.curves[..] else {
            panic!("one class");
        };
        let decisions = curves.decisions.expect("decisions");
        assert_eq!(decisions.threshold, Some(0.5));
        let below = curves.roc.iter().rev().find(|point| point.threshold > 0.5);
        let above = curves.roc.iter().find(|point| point.threshold <= 0.5);
        let (below, above) = (below.expect("a point"), above.expect("a point"));
        let (fpr, recall) = (
            decisions.fpr.expect("rows"),
            decisions.recall.expect("rows"),
        );
        assert!(below.fpr <= fpr && fpr <= above.fpr, "{decisions:?}");
        assert!(below.tpr <= recall && recall <= above.tpr, "{decisions:?}");
        assert!(curves.roc.len() <= POINTS_MAX && curves.roc.len() > 50);
        assert_eq!(curves.calibration.len(), BINS);
    }

    #[test]
    fn the_last_windows_are_kept() {
        let outcomes = outcomes();
        let mut evaluation = Evaluation::new(Rule::default());
        let currents = vec![(Scope::default(), &outcomes); WINDOWS_MAX + 3];
        evaluation.outcomes(&outcomes, None, &currents);
        assert_eq!(evaluation.curves.len(), WINDOWS_MAX);
    }
}
