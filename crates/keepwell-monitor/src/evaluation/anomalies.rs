//! Rows that do not fit those of the reference.

use keepwell_core::decide::{Evidence, Limits};
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_stats::anomaly::{self, RowAnomalies, RowAnomaly, RowJudge, Shape};
use keepwell_stats::profile::row_sample::RowSample;

use super::Evaluation;
use super::tables::{COLUMNS_MAX, Halves, is_silent};
use crate::history::Stretches;
use crate::monitors::{Run, Watched};
use crate::row::{ResultKind, Scope};

/// Limits of the share of anomalous rows beyond that which is expected: 1 % where nothing changed.
const LIMITS: Limits = Limits {
    warning: 0.02,
    alert: 0.05,
};

/// A method with what it learned.
struct Learned {
    judge: RowJudge,
    /// Share of anomalous rows that is usual: what is expected, or what the later half of the reference has where the
    /// earlier one is learned.
    usual_share: f64,
}

impl Evaluation {
    /// Says of each scope which share of its rows is anomalous among those of the reference: samples of features.
    /// `halves` are the earlier and the later half of the reference, where it has time: what is odd in the later one
    /// is no news.
    pub fn anomalies(
        &mut self,
        reference: &RowSample,
        halves: Option<Halves<'_>>,
        currents: &[(Scope, &RowSample)],
    ) {
        let Some((_, like)) = currents.first() else {
            return;
        };
        for &entry in anomaly::ALL {
            let Shape::Rows(method) = entry.shape() else {
                continue;
            };
            for run in self
                .monitors
                .runs(Watched::Anomaly, entry, method.standing(), None)
            {
                // Only a decision needs to know what is usual.
                let halves = halves.filter(|_| run.is_named);
                let learned = learn(method, &run, reference, halves, like);
                for (scope, current) in currents {
                    self.anomaly_run(method, &run, (reference, &learned), (scope, current));
                }
            }
        }
    }

    fn anomaly_run(
        &mut self,
        method: &dyn RowAnomaly,
        run: &Run,
        (reference, learned): (&RowSample, &Result<Learned, Reason>),
        (scope, current): (&Scope, &RowSample),
    ) {
        let judged = match (learned, self.too_few(current.n_kept() as u64)) {
            (Err(reason), _) => Err(reason.clone()),
            (_, Some(reason)) => Err(reason),
            (Ok(learned), None) => match learned.judge.judge(current) {
                Ok(found) => Ok(weighed(learned, found, reference, current)),
                Err(reason) => Err(reason),
            },
        };
        if judged.as_ref().is_err_and(|reason| is_silent(reason, run)) {
            return;
        }
        let (columns, outcome, evidence) = match judged {
            Ok((found, evidence)) => (
                found.columns,
                Outcome::Defined(found.measure),
                Outcome::Defined(evidence),
            ),
            Err(reason) => (
                Vec::new(),
                Outcome::Undefined(reason.clone()),
                Outcome::Undefined(reason),
            ),
        };
        let id = method.info().id;
        let row_idx = self.push_table_row(scope, ResultKind::Anomaly, id, &columns, outcome);
        self.rows[row_idx].rows = current.rows();
        self.rows[row_idx].params.extend(run.changed(method));
        if run.is_named {
            let limits = run.limits(LIMITS);
            self.open_table(row_idx, evidence, limits, None, columns);
        }
    }
}

fn learn(
    method: &dyn RowAnomaly,
    run: &Run,
    reference: &RowSample,
    halves: Option<Halves<'_>>,
    like: &RowSample,
) -> Result<Learned, Reason> {
    let judge = method.learn(reference, like, &run.params)?;
    let expected = judge.expected_share();
    let of_later = halves.and_then(|halves| {
        let judge = method.learn(halves.reference, like, &run.params).ok()?;
        Some(judge.judge(halves.current).ok()?.measure.value)
    });
    Ok(Learned {
        usual_share: of_later.unwrap_or(expected).max(expected),
        judge,
    })
}

/// The share with its p-value, which is the greater of that for independent rows and of that among stretches of the
/// reference; and how far it lies beyond the usual one.
fn weighed(
    learned: &Learned,
    mut found: RowAnomalies,
    reference: &RowSample,
    current: &RowSample,
) -> (RowAnomalies, Evidence) {
    let flags = learned.judge.of_reference().iter();
    let flags: Vec<f64> = flags.map(|&flag| f64::from(u8::from(flag))).collect();
    let stretches = Stretches::of(&flags, reference, current.rows());
    // Odd rows come in bursts, so what the worst stretch of the reference shows is usual.
    let of_bursts = found.expected_share + stretches.map_or(0.0, |stretches| stretches.rise());
    let usual = learned.usual_share.max(of_bursts);
    let size = (found.measure.value - usual).max(0.0);
    let variance = usual * (1.0 - usual) / current.n_kept().max(1) as f64;
    let of_stretches = stretches.map_or(0.0, |stretches| stretches.p_value(size, variance));
    found.measure.p_value = found.measure.p_value.map(|own| own.max(of_stretches));
    found.columns.truncate(COLUMNS_MAX);
    let evidence = Evidence {
        size,
        p_value: found.measure.p_value,
    };
    (found, evidence)
}
