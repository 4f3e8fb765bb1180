//! Texts that were generated, against reference texts.

mod alignment;
mod grams;
mod tokens;

use super::super::row_sums::RowSums;
use super::super::{MergeError, Moments};
use grams::{Grams, by_order, numbered};

/// Longest n-grams of words that BLEU counts.
pub const BLEU_ORDERS: usize = 4;

/// Longest n-grams of characters that chrF counts.
pub const CHRF_ORDERS: usize = 6;

/// What counts as one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A word, by the rule of the metric.
    Word,
    /// A character, for languages that are written without spaces.
    Character,
}

/// How BLEU cuts texts into tokens: the tokenizers of sacreBLEU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokenizer {
    /// That of `mteval-v13a.pl`, for languages with spaces.
    Mteval,
    /// Each Chinese character one token, the rest as [`Tokenizer::Mteval`].
    Chinese,
    /// Each character one token.
    Character,
}

/// Sums of BLEU over rows: length of the prediction, of the nearest reference, then for each order the n-grams
/// that match, then for each order all n-grams of the prediction.
pub type BleuSums = RowSums<{ 2 + 2 * BLEU_ORDERS }>;

/// Sums of chrF over rows: for each order the n-grams of the prediction, of the reference, and those that match.
pub type ChrfSums = RowSums<{ 3 * CHRF_ORDERS }>;

/// Sums of edits and of tokens of the reference over rows.
pub type EditSums = RowSums<2>;

/// Sums over rows of what the metrics of generated text rest on. Only rows with a prediction and a reference
/// text enter them; with several reference texts the best counts, by the rule of each metric.
///
/// # Cost
/// `O(l)` time for a row of `l` characters, but for the common subsequence of ROUGE and the edit distance,
/// which take `O(l^2 / 64)`. Memory does not grow with rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextOutcomes {
    pub(in crate::profile) rows: u64,
    pub(in crate::profile) targets: u64,
    pub(in crate::profile) predictions: u64,
    /// Rows that equal a reference text as they are.
    pub(in crate::profile) equal: u64,
    /// Rows that equal a reference text as normalised answers.
    pub(in crate::profile) equal_answers: u64,
    /// By [`Unit`].
    pub(in crate::profile) token_f1: [Moments; 2],
    /// By [`Unit`], then unigrams, bigrams, longest common subsequence.
    pub(in crate::profile) rouge: [[Moments; 3]; 2],
    /// By [`Unit`].
    pub(in crate::profile) edits: [EditSums; 2],
    /// By [`Tokenizer`].
    pub(in crate::profile) bleu: [BleuSums; 3],
    pub(in crate::profile) chrf: ChrfSums,
}

impl TextOutcomes {
    /// Takes a row: what was generated, and the reference texts, of which an unanswered row has none.
    pub fn push(&mut self, prediction: Option<&str>, references: &[&str]) {
        self.rows += 1;
        self.targets += u64::from(!references.is_empty());
        self.predictions += u64::from(prediction.is_some());
        let Some(prediction) = prediction.filter(|_| !references.is_empty()) else {
            return;
        };
        let texts: Vec<&str> = std::iter::once(prediction)
            .chain(references.iter().copied())
            .collect();
        self.push_answers(&texts);
        self.push_rouge(&texts);
        self.push_edits(&texts);
        let cut = |tokens: fn(&str) -> Vec<String>| {
            let tokens: Vec<Vec<String>> = texts.iter().map(|text| tokens(text)).collect();
            numbered(&tokens)
        };
        let characters: Vec<Vec<char>> =
            texts.iter().map(|text| tokens::characters(text)).collect();
        let characters = numbered(&characters);
        let words = [cut(tokens::mteval), cut(tokens::chinese)];
        for (sums, texts) in self.bleu.iter_mut().zip(&words) {
            sums.push(&bleu_row(texts, &by_order::<BLEU_ORDERS>(texts)));
        }
        let orders = by_order::<CHRF_ORDERS>(&characters);
        self.bleu[2].push(&bleu_row(&characters, &orders[..BLEU_ORDERS]));
        self.chrf.push(&chrf_row(characters.len(), &orders));
    }

    /// Takes what rests on normalised answers; the first text is the prediction.
    fn push_answers(&mut self, texts: &[&str]) {
        let normalised: Vec<String> = texts
            .iter()
            .map(|text| tokens::normalised_answer(text))
            .collect();
        self.equal += u64::from(texts[1..].contains(&texts[0]));
        self.equal_answers += u64::from(normalised[1..].contains(&normalised[0]));
        let words: Vec<Vec<String>> = normalised
            .iter()
            .map(|text| tokens::answer_words(text))
            .collect();
        let characters: Vec<Vec<char>> = normalised
            .iter()
            .map(|text| tokens::characters(text))
            .collect();
        for (sums, texts) in self
            .token_f1
            .iter_mut()
            .zip([numbered(&words), numbered(&characters)])
        {
            let [grams] = by_order(&texts);
            sums.push(best(1..texts.len(), |reference| {
                if texts[0].is_empty() && texts[reference].is_empty() {
                    1.0
                } else {
                    overlap(&grams, reference)
                }
            }));
        }
    }

    fn push_rouge(&mut self, texts: &[&str]) {
        let words: Vec<Vec<String>> = texts.iter().map(|text| tokens::rouge_words(text)).collect();
        let characters: Vec<Vec<char>> = texts
            .iter()
            .map(|text| tokens::characters(&text.to_lowercase()))
            .collect();
        for (sums, texts) in self
            .rouge
            .iter_mut()
            .zip([numbered(&words), numbered(&characters)])
        {
            let [one, two] = by_order(&texts);
            let references = 1..texts.len();
            sums[0].push(best(references.clone(), |reference| {
                overlap(&one, reference)
            }));
            sums[1].push(best(references.clone(), |reference| {
                overlap(&two, reference)
            }));
            sums[2].push(best(references, |reference| {
                let common = alignment::common_subsequence(&texts[0], &texts[reference]);
                harmonic(common, texts[0].len() as u64, texts[reference].len() as u64)
            }));
        }
    }

    fn push_edits(&mut self, texts: &[&str]) {
        let words: Vec<Vec<String>> = texts
            .iter()
            .map(|text| tokens::spaced_words(text))
            .collect();
        let characters: Vec<Vec<char>> = texts
            .iter()
            .map(|text| tokens::inner_characters(text))
            .collect();
        for (sums, texts) in self
            .edits
            .iter_mut()
            .zip([numbered(&words), numbered(&characters)])
        {
            let row = texts[1..]
                .iter()
                .map(|reference| {
                    let edits = alignment::edit_distance(&texts[0], reference);
                    [edits as f64, reference.len() as f64]
                })
                // Of the references the one with the least rate, of equal ones the first.
                .min_by(|left, right| {
                    let rate = |row: &[f64; 2]| row[0] / row[1].max(1.0);
                    rate(left).total_cmp(&rate(right))
                });
            sums.push(&row.unwrap_or_default());
        }
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows with a reference text.
    pub fn targets(&self) -> u64 {
        self.targets
    }

    /// Rows with a prediction.
    pub fn predictions(&self) -> u64 {
        self.predictions
    }

    /// Rows with both.
    pub fn pairs(&self) -> u64 {
        self.chrf.rows()
    }

    /// Rows of which the prediction equals a reference text, as it is.
    pub fn equal(&self) -> u64 {
        self.equal
    }

    /// Rows of which the prediction equals a reference text, in lower case and without punctuation and
    /// English articles.
    pub fn equal_answers(&self) -> u64 {
        self.equal_answers
    }

    /// F1 of the tokens of each row, in `[0, 1]`.
    pub fn token_f1(&self, unit: Unit) -> &Moments {
        &self.token_f1[unit as usize]
    }

    /// ROUGE of each row, in `[0, 1]`: of unigrams, of bigrams, of the longest common subsequence.
    pub fn rouge(&self, unit: Unit) -> &[Moments; 3] {
        &self.rouge[unit as usize]
    }

    /// Edits that turn prediction into reference.
    pub fn edits(&self, unit: Unit) -> &EditSums {
        &self.edits[unit as usize]
    }

    /// What BLEU rests on.
    pub fn bleu(&self, tokenizer: Tokenizer) -> &BleuSums {
        &self.bleu[tokenizer as usize]
    }

    /// What chrF rests on.
    pub fn chrf(&self) -> &ChrfSums {
        &self.chrf
    }

    /// Adds another part.
    ///
    /// # Errors
    /// None; the signature is that of all outcomes.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        self.rows += other.rows;
        self.targets += other.targets;
        self.predictions += other.predictions;
        self.equal += other.equal;
        self.equal_answers += other.equal_answers;
        let own = self
            .token_f1
            .iter_mut()
            .chain(self.rouge.as_flattened_mut());
        let others = other.token_f1.iter().chain(other.rouge.as_flattened());
        for (own, other) in own.zip(others) {
            own.merge(other);
        }
        for (own, other) in self.edits.iter_mut().zip(other.edits) {
            own.merge(&other);
        }
        for (own, other) in self.bleu.iter_mut().zip(other.bleu) {
            own.merge(&other);
        }
        self.chrf.merge(&other.chrf);
        Ok(())
    }

    /// Prepares for evaluation: nothing to do.
    pub fn seal(&mut self) {}
}

/// The largest of the values of the references.
fn best(references: std::ops::Range<usize>, value: impl FnMut(usize) -> f64) -> f64 {
    references.map(value).fold(0.0, f64::max)
}

/// F1 of the n-grams that the first text and a reference share.
fn overlap(grams: &Grams, reference: usize) -> f64 {
    harmonic(
        grams.matches(0, reference),
        grams.total(0),
        grams.total(reference),
    )
}

/// Harmonic mean of the shares of `matches` in both totals; zero where there is none.
fn harmonic(matches: u64, own: u64, reference: u64) -> f64 {
    if matches == 0 {
        return 0.0;
    }
    let precision = matches as f64 / own as f64;
    let recall = matches as f64 / reference as f64;
    2.0 * precision * recall / (precision + recall)
}

/// See [`BleuSums`].
fn bleu_row(texts: &[Vec<u32>], orders: &[Grams]) -> [f64; 2 + 2 * BLEU_ORDERS] {
    let length = texts[0].len();
    let nearest = texts[1..]
        .iter()
        .map(Vec::len)
        .min_by_key(|&reference| (reference.abs_diff(length), reference));
    let mut row = [0.0; 2 + 2 * BLEU_ORDERS];
    row[0] = length as f64;
    row[1] = nearest.unwrap_or(0) as f64;
    for (idx, grams) in orders.iter().enumerate() {
        row[2 + idx] = grams.matches_of_first() as f64;
        row[2 + BLEU_ORDERS + idx] = grams.total(0) as f64;
    }
    row
}

/// See [`ChrfSums`]; of the reference with the best score, of equal ones the first.
fn chrf_row(n_texts: usize, orders: &[Grams; CHRF_ORDERS]) -> [f64; 3 * CHRF_ORDERS] {
    let mut best: Option<(f64, [f64; 3 * CHRF_ORDERS])> = None;
    for reference in 1..n_texts {
        let mut row = [0.0; 3 * CHRF_ORDERS];
        for (idx, grams) in orders.iter().enumerate() {
            let of_reference = grams.total(reference) as f64;
            // n-grams longer than the reference could match nothing, and do not count.
            row[3 * idx] = if of_reference > 0.0 {
                grams.total(0) as f64
            } else {
                0.0
            };
            row[3 * idx + 1] = of_reference;
            row[3 * idx + 2] = grams.matches(0, reference) as f64;
        }
        let score = chrf(&row);
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, row));
        }
    }
    best.map_or([0.0; 3 * CHRF_ORDERS], |(_, row)| row)
}

/// Weight of recall against precision in chrF, squared.
pub const CHRF_BETA_SQUARED: f64 = 4.0;

/// Mean precision and recall over the orders that both sides have, and the number of these orders.
pub fn chrf_means(sums: &[f64; 3 * CHRF_ORDERS]) -> (f64, f64, usize) {
    let (mut precision, mut recall, mut n_orders) = (0.0, 0.0, 0);
    for order in sums.chunks_exact(3) {
        if order[0] > 0.0 && order[1] > 0.0 {
            precision += order[2] / order[0];
            recall += order[2] / order[1];
            n_orders += 1;
        }
    }
    let n = n_orders.max(1) as f64;
    (precision / n, recall / n, n_orders)
}

/// chrF of such sums, in `[0, 1]`.
pub fn chrf(sums: &[f64; 3 * CHRF_ORDERS]) -> f64 {
    let (precision, recall, _) = chrf_means(sums);
    if precision + recall == 0.0 {
        return 0.0;
    }
    (1.0 + CHRF_BETA_SQUARED) * precision * recall / (CHRF_BETA_SQUARED * precision + recall)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_prediction_or_reference_are_counted_only() {
        let mut outcomes = TextOutcomes::default();
        outcomes.push(None, &["a"]);
        outcomes.push(Some("a"), &[]);
        outcomes.push(None, &[]);
        outcomes.push(Some("The cat."), &["a dog", "cat"]);
        assert_eq!(outcomes.rows(), 4);
        assert_eq!((outcomes.targets(), outcomes.predictions()), (2, 2));
        assert_eq!(outcomes.pairs(), 1);
        assert_eq!((outcomes.equal(), outcomes.equal_answers()), (0, 1));
        assert_eq!(outcomes.token_f1(Unit::Word).mean, 1.0);
        assert_eq!(outcomes.edits(Unit::Word).sums(), &[2.0, 2.0]);
    }

    #[test]
    fn empty_texts_are_texts() {
        let mut outcomes = TextOutcomes::default();
        outcomes.push(Some(""), &[""]);
        assert_eq!((outcomes.equal(), outcomes.pairs()), (1, 1));
        assert_eq!(outcomes.token_f1(Unit::Character).mean, 1.0);
        assert_eq!(outcomes.rouge(Unit::Word)[2].mean, 0.0);
        assert_eq!(outcomes.chrf().sums(), &[0.0; 18]);
    }
}
