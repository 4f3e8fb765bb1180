//! A classifier on words that tells the windows apart.

use keepwell_core::entry;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};

use super::domain_classifier::{FoldArea, N_FOLDS, ROWS_MIN, area, folds, measure};
use super::{Comparison, MultivariateTest, require_rows, shares};
use crate::profile::TwoSample;
use crate::profile::row_sample::{Names, RowSample, SampleValues};
use crate::random::Random;
use crate::words::{PLACES, hashed_ngrams};

/// What is added to the count of each word on each side: one, by Laplace's rule of succession.
const PRIOR: f64 = 1.0;

entry! {
    /// How well a classifier on words and pairs of words tells texts of the current window from texts of the
    /// reference: the area under its ROC curve on rows that it was not trained on.
    ///
    /// # Inputs
    /// `reference` and `current`: whole rows, of which the columns with names or texts are read; the others,
    /// and columns that are not on both sides, are left out. A missing text has no words. Words and pairs of
    /// neighbouring words fall by their hash on 4,096 places for each column; each text has the same weight.
    /// # Result
    /// `value` in `[0, 1]`: 0.5 where the windows cannot be told apart, 1 where every row can be assigned;
    /// values below 0.5 are chance. It is the mean over five folds of the area within each fold, whose rows were
    /// not seen by its classifier (multinomial naive Bayes). `p_value`: normal law of the area given that both
    /// windows come from one distribution, upper side. The interval has DeLong's variance on the scale of the
    /// logit.
    ///
    /// `columns`: each column's share in the distance between the mean scores of both sides.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows; `too_few_rows`: below 50 a side; `column_absent`: no
    /// column in common; `not_applicable`: no common column with names or texts.
    /// # Cost
    /// `O(l)` for `l` characters on both sides, and 32 kilobytes for each column and side.
    /// # When to use, and when not
    /// For what `vocabulary` does not see: another order of words, rare words and phrases, texts of several columns
    /// together. Names, dates and numbers in texts that only ever grow tell any two windows apart. It reads
    /// spelling, not meaning; for meaning compare embeddings.
    /// # Reference
    /// Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, ICLR, arXiv:1610.06545; Rennie et al.
    /// (2003), Proceedings of ICML, 616–623; Weinberger et al. (2009), Proceedings of ICML, 1113–1120.
    /// ```python oracle
    /// from sklearn.feature_extraction.text import HashingVectorizer
    /// from sklearn.naive_bayes import MultinomialNB
    /// if min(len(reference), len(current)) < 50:
    ///     raise ValueError("too few rows")
    /// rows = pd.concat([reference, current], ignore_index=True)
    /// texts = [c for c in rows if rows[c].dtype == object]
    /// hashing = HashingVectorizer(n_features=4096, norm="l2", alternate_sign=False,
    ///                             analyzer=lambda t: (w := words(t)) + [" ".join(p) for p in zip(w, w[1:])])
    /// x = scipy.sparse.hstack([hashing.transform(rows[c].fillna("")) for c in texts]).tocsr()
    /// side = np.repeat([0, 1], [len(reference), len(current)])
    /// areas = []
    /// for seed in range(4):
    ///     folds = sklearn.model_selection.StratifiedKFold(5, shuffle=True, random_state=seed)
    ///     for train, test in folds.split(x, side):
    ///         model = MultinomialNB(fit_prior=False).fit(x[train], side[train])
    ///         score = np.diff(model.predict_joint_log_proba(x[test]))[:, 0]
    ///         areas.append(sklearn.metrics.roc_auc_score(side[test], score))
    /// dict(value=np.mean(areas))
    /// ```
    /// # Tolerance
    /// relative 0.1, since folds are random: the shared inputs have a few hundred rows a side.
    pub struct TextDomainClassifier = "text_domain_classifier" since "0.1" with [
        Parameter {
            name: "seed",
            doc: "Chooses the folds.",
            domain: Domain::Integer { default: 0, min: 0, max: u64::MAX },
        },
    ];
}

impl MultivariateTest for TextDomainClassifier {
    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn unchanged(&self) -> Option<f64> {
        Some(0.5)
    }

    fn test(&self, sample: TwoSample<'_, RowSample>, params: &Params) -> Outcome<Comparison> {
        compare(sample, params).into()
    }
}

fn compare(sample: TwoSample<'_, RowSample>, params: &Params) -> Result<Comparison, Reason> {
    require_rows(sample, ROWS_MIN)?;
    let names = |column: &'_ SampleValues| match column {
        SampleValues::Names(names) => Some(names.clone()),
        _ => None,
    };
    let columns: Vec<(&str, Vec<Hashed>)> = sample
        .reference
        .columns()
        .iter()
        .filter_map(|column| {
            let other = sample.current.column(&column.name)?;
            let sides = [names(&column.values)?, names(&other.values)?];
            Some((
                column.name.as_str(),
                sides.iter().flat_map(hashed).collect(),
            ))
        })
        .collect();
    if columns.is_empty() {
        return Err(Reason::NotApplicable);
    }
    let (n_reference, n_current) = (sample.reference.n_kept(), sample.current.n_kept());
    let mut random = Random::new(params.integer("seed"));
    let mut folds_of = folds(n_reference, &mut random);
    folds_of.extend(folds(n_current, &mut random));
    let mut scores = vec![vec![0.0; n_reference + n_current]; columns.len()];
    for fold in 0..N_FOLDS {
        for ((_, texts), scores) in columns.iter().zip(&mut scores) {
            let is_used = |row: usize| folds_of[row] != fold;
            let weights = Weights::fit(texts, n_reference, is_used);
            for (row, score) in scores
                .iter_mut()
                .enumerate()
                .filter(|(row, _)| !is_used(*row))
            {
                *score = weights.score(&texts[row]);
            }
        }
    }
    let areas: Vec<FoldArea> = (0..N_FOLDS)
        .map(|fold| {
            let rows = (0..n_reference + n_current).filter(|&row| folds_of[row] == fold);
            let total = |row: usize| scores.iter().map(|scores| scores[row]).sum::<f64>();
            area(rows.map(|row| (total(row), row >= n_reference)).collect())
        })
        .collect();
    let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
    let apart = columns.iter().zip(&scores).map(|((name, _), scores)| {
        let (reference, current) = scores.split_at(n_reference);
        (*name, mean(current) - mean(reference))
    });
    Ok(Comparison {
        measure: measure(&areas, [n_reference as u64, n_current as u64]),
        columns: shares(apart),
    })
}

/// Places of the words of a text with their values.
type Hashed = Vec<(usize, f64)>;

/// One vector a row; each different text is read once.
fn hashed(names: &Names) -> Vec<Hashed> {
    let by_code: Vec<Hashed> = names
        .categories()
        .iter()
        .map(|text| hashed_ngrams(text))
        .collect();
    names
        .codes()
        .iter()
        .map(|&code| by_code.get(code as usize).cloned().unwrap_or_default())
        .collect()
}

/// How much each place speaks for the current side.
struct Weights(Vec<f64>);

impl Weights {
    /// From the rows that `is_used` says, the first `n_reference` of which are of the reference.
    fn fit(texts: &[Hashed], n_reference: usize, is_used: impl Fn(usize) -> bool) -> Self {
        let mut sums = [vec![PRIOR; PLACES], vec![PRIOR; PLACES]];
        for (row, text) in texts.iter().enumerate().filter(|(row, _)| is_used(*row)) {
            let side = &mut sums[usize::from(row >= n_reference)];
            for &(place, value) in text {
                side[place] += value;
            }
        }
        let [reference, current] = sums.map(|sums| {
            let total: f64 = sums.iter().sum();
            sums.into_iter().map(move |sum| (sum / total).ln())
        });
        Self(
            current
                .zip(reference)
                .map(|(current, reference)| current - reference)
                .collect(),
        )
    }

    fn score(&self, text: &Hashed) -> f64 {
        text.iter()
            .map(|&(place, value)| value * self.0[place])
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::catalog::Entry;

    use super::*;
    use crate::profile::row_sample::{SampleColumn, SampleConfig};

    /// Rows with a text and a number.
    fn sample(n: usize, text: impl Fn(&mut Random) -> String, seed: u64) -> RowSample {
        let mut random = Random::new(seed);
        let texts: Vec<Option<String>> = (0..n).map(|_| Some(text(&mut random))).collect();
        let columns = vec![
            SampleColumn {
                name: "text".to_owned(),
                values: SampleValues::Names(Names::of(&texts)),
            },
            SampleColumn {
                name: "number".to_owned(),
                values: SampleValues::Numbers(vec![seed as f64; n]),
            },
        ];
        let config = SampleConfig {
            capacity: n,
            seed: 0,
        };
        RowSample::new(config, n as u64, (0..n as u64).collect(), columns)
    }

    fn run(reference: &RowSample, current: &RowSample) -> Outcome<Comparison> {
        let params = Params::defaults(TextDomainClassifier.parameters());
        TextDomainClassifier.test(TwoSample { reference, current }, &params)
    }

    const WORDS: [&str; 6] = ["red", "green", "blue", "grey", "pink", "teal"];

    #[test]
    fn order_of_words_is_seen() {
        let ascending = |random: &mut Random| {
            let start = random.below(5);
            format!("{} {}", WORDS[start], WORDS[start + 1])
        };
        let descending = |random: &mut Random| {
            let start = random.below(5);
            format!("{} {}", WORDS[start + 1], WORDS[start])
        };
        let reference = sample(150, ascending, 1);
        let same = run(&reference, &sample(120, ascending, 2)).into_result();
        let moved = run(&reference, &sample(120, descending, 3)).into_result();
        let (same, moved) = (same.expect("rows"), moved.expect("rows"));
        assert!(same.measure.p_value.is_some_and(|p| p > 0.01), "{same:?}");
        assert!(moved.measure.value > 0.95, "{moved:?}");
        assert!(moved.measure.p_value.is_some_and(|p| p < 1e-9));
        assert_eq!(moved.columns.len(), 1);
        assert_eq!(moved.columns[0].column, "text");
    }

    #[test]
    fn false_alarms_are_as_rare_as_the_level_says() {
        let text = |random: &mut Random| {
            let topic = random.below(3);
            let words: Vec<String> = (0..3 + random.below(8))
                .map(|_| {
                    format!(
                        "w{}",
                        100 * topic + (90_f64.powf(random.uniform()) as usize)
                    )
                })
                .collect();
            words.join(" ")
        };
        let runs = 200;
        let alarms = (0..runs)
            .filter(|seed| {
                let (reference, current) =
                    (sample(90, text, 2 * seed), sample(60, text, 2 * seed + 1));
                let found = run(&reference, &current).into_result().expect("rows");
                found.measure.p_value.is_some_and(|p| p <= 0.05)
            })
            .count();
        // 10 are expected; three standard deviations are 9.
        assert!(alarms <= 19, "{alarms}");
    }

    #[test]
    fn columns_without_words_do_not_apply() {
        let numbers = |seed: u64| {
            let whole = sample(60, |_| "a".to_owned(), seed);
            let columns = vec![whole.columns()[1].clone()];
            RowSample::new(whole.config(), 60, (0..60).collect(), columns)
        };
        let outcome = run(&numbers(1), &numbers(2));
        assert_eq!(outcome.reason(), Some(&Reason::NotApplicable));
    }
}
