//! What was known before lists were made.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::RankingOutcomes;

/// Earlier interactions of users with items, and vectors that say how items are alike: what metrics of
/// recommenders compare lists with. Keys are those of [`RankedItem`](super::RankedItem).
#[derive(Debug, Clone)]
pub struct Background {
    /// Pairs of user and item, ascending, each once.
    interactions: Vec<(u64, u64)>,
    /// Users by item; follows from `interactions`.
    popularity: HashMap<u64, u64, FixedState>,
    users: u64,
    /// Of length 1, or of zeros; of one dimension.
    vectors: BTreeMap<u64, Vec<f64>>,
}

impl Background {
    /// Takes pairs of user and item, in any order, repeated ones once, and vectors by item. Vectors that are not
    /// finite, or of another dimension than that of the lowest key, are left out.
    pub fn new(
        interactions: Vec<(u64, u64)>,
        vectors: impl IntoIterator<Item = (u64, Vec<f64>)>,
    ) -> Self {
        let vectors: BTreeMap<u64, Vec<f64>> = vectors.into_iter().collect();
        let dimension = vectors.values().next().map_or(0, Vec::len);
        let vectors = vectors
            .into_iter()
            .filter(|(_, vector)| vector.len() == dimension && vector.iter().all(|x| x.is_finite()))
            .map(|(item, vector)| (item, unit(vector)))
            .collect();
        Self::from_parts(interactions, vectors)
    }

    /// The interactions that the lists of a reference show: its items of at least this relevance.
    pub fn of(reference: &RankingOutcomes, relevance_min: f64) -> Self {
        let relevant = reference
            .items
            .iter()
            .filter(|item| item.relevance >= relevance_min);
        Self::new(relevant.map(|item| (item.query, item.item)).collect(), [])
    }

    /// As [`Background::new`], of vectors that are as they are kept.
    pub(crate) fn from_parts(
        mut interactions: Vec<(u64, u64)>,
        vectors: BTreeMap<u64, Vec<f64>>,
    ) -> Self {
        interactions.sort_unstable();
        interactions.dedup();
        let mut popularity = HashMap::default();
        for &(_, item) in &interactions {
            *popularity.entry(item).or_insert(0) += 1;
        }
        let users = interactions
            .chunk_by(|left, right| left.0 == right.0)
            .count() as u64;
        Self {
            interactions,
            popularity,
            users,
            vectors,
        }
    }

    /// Number of users with an interaction.
    pub fn users(&self) -> u64 {
        self.users
    }

    /// Number of items with an interaction: the catalogue.
    pub fn items(&self) -> u64 {
        self.popularity.len() as u64
    }

    /// Number of users who interacted with an item; `None` where nobody did.
    pub fn popularity(&self, item: u64) -> Option<u64> {
        self.popularity.get(&item).copied()
    }

    /// Pairs of user and item, ascending, each once.
    pub fn interactions(&self) -> &[(u64, u64)] {
        &self.interactions
    }

    /// The items of a user, ascending.
    pub fn history(&self, user: u64) -> impl Iterator<Item = u64> + '_ {
        let start = self.interactions.partition_point(|pair| pair.0 < user);
        self.interactions[start..]
            .iter()
            .take_while(move |pair| pair.0 == user)
            .map(|pair| pair.1)
    }

    /// Vector of an item, scaled to length 1; one of zeros stays.
    pub fn vector(&self, item: u64) -> Option<&[f64]> {
        self.vectors.get(&item).map(Vec::as_slice)
    }

    /// Every vector, ascending by item.
    pub fn vectors(&self) -> impl ExactSizeIterator<Item = (u64, &[f64])> {
        self.vectors
            .iter()
            .map(|(&item, vector)| (item, vector.as_slice()))
    }
}

impl PartialEq for Background {
    fn eq(&self, other: &Self) -> bool {
        self.interactions == other.interactions && self.vectors == other.vectors
    }
}

/// The vector scaled to length 1, also where its squares are out of range.
fn unit(mut vector: Vec<f64>) -> Vec<f64> {
    let greatest = vector.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if greatest == 0.0 {
        vector.iter_mut().for_each(|x| *x = 0.0);
        return vector;
    }
    vector.iter_mut().for_each(|x| *x /= greatest);
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

#[cfg(test)]
mod tests {
    use super::super::super::super::Mode;
    use super::super::RankedItem;
    use super::*;

    #[test]
    fn repeated_interactions_count_once() {
        let background = Background::new(vec![(2, 5), (1, 5), (2, 5), (2, 4)], []);
        assert_eq!((background.users(), background.items()), (2, 2));
        assert_eq!(background.popularity(5), Some(2));
        assert_eq!(background.popularity(9), None);
        assert_eq!(background.history(2).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(background.history(3).count(), 0);
    }

    #[test]
    fn vectors_have_length_one() {
        let vectors = [
            (1, vec![3.0, 4.0]),
            (2, vec![1e300, 0.0]),
            (3, vec![0.0, -0.0]),
            (4, vec![1.0]),
            (5, vec![f64::NAN, 1.0]),
            (6, vec![5e-324, 0.0]),
        ];
        let background = Background::new(Vec::new(), vectors);
        assert_eq!(background.vector(1), Some(&[0.6, 0.8][..]));
        assert_eq!(background.vector(2), Some(&[1.0, 0.0][..]));
        assert_eq!(background.vector(3), Some(&[0.0, 0.0][..]));
        assert_eq!((background.vector(4), background.vector(5)), (None, None));
        assert_eq!(background.vector(6), Some(&[1.0, 0.0][..]));
    }

    #[test]
    fn relevant_items_of_a_reference_are_interactions() {
        let mut reference = RankingOutcomes::new(Mode::Exact);
        for (item, relevance) in [(1, 0.0), (2, 1.0), (3, 3.0)] {
            reference.push(RankedItem::new(7, item, Some(0.5), Some(relevance)));
        }
        assert_eq!(
            Background::of(&reference, 1.0).interactions(),
            [(7, 2), (7, 3)]
        );
    }
}
