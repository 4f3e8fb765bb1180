//! A bounded uniform sample of whole rows.

use std::collections::BTreeMap;
use std::ops::Range;

use super::MergeError;
use crate::sketch::hash::finish;

/// Code of a missing name; see [`Names::codes`].
pub const NAME_MISSING: u32 = u32::MAX;

/// Which rows of a window are kept. Samples of parts of a window merge if this is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SampleConfig {
    /// Most rows that are kept.
    pub capacity: usize,
    /// Another seed keeps other rows.
    pub seed: u64,
}

impl SampleConfig {
    /// Which of the rows with these ids are kept, ascending: the `capacity` rows of lowest priority,
    /// where the priority of a row is a hash of its id. A row that is not kept here is not kept in any
    /// larger window either.
    pub fn choose(&self, ids: Range<u64>) -> Vec<u64> {
        let n = ids.end.saturating_sub(ids.start);
        if n <= self.capacity as u64 {
            return ids.collect();
        }
        if self.capacity == 0 {
            return Vec::new();
        }
        // Few rows are hashed twice: the bound lies above the priority that is expected to be the last.
        let expected = self.capacity as f64;
        let mut share = (expected + 6.0 * expected.sqrt()) / n as f64;
        loop {
            let bound = (share * u64::MAX as f64) as u64;
            let mut chosen: Vec<(u64, u64)> = ids
                .clone()
                .map(|id| (self.priority(id), id))
                .filter(|&(priority, _)| priority <= bound)
                .collect();
            if chosen.len() >= self.capacity {
                chosen.select_nth_unstable(self.capacity - 1);
                chosen.truncate(self.capacity);
                let mut ids: Vec<u64> = chosen.into_iter().map(|(_, id)| id).collect();
                ids.sort_unstable();
                return ids;
            }
            share *= 2.0;
        }
    }

    /// As [`SampleConfig::choose`], of rows with any ids, each of which stands once.
    pub fn choose_among(&self, mut ids: Vec<u64>) -> Vec<u64> {
        if self.capacity > 0 && ids.len() > self.capacity {
            ids.select_nth_unstable_by_key(self.capacity - 1, |&id| self.priority(id));
        }
        ids.truncate(self.capacity);
        ids.sort_unstable();
        ids
    }

    /// A bijection of the ids, so no two rows have the same priority.
    fn priority(&self, id: u64) -> u64 {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        finish(id.wrapping_mul(ODD) ^ finish(self.seed.wrapping_add(ODD)))
    }
}

/// The values of a column for the rows of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleColumn {
    /// Name of the column.
    pub name: String,
    /// One value a row, in the order of the rows.
    pub values: SampleValues,
}

/// Values of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleValues {
    /// Numbers; NaN where missing.
    Numbers(Vec<f64>),
    /// Names of categories.
    Names(Names),
    /// True or false; `None` where missing.
    Flags(Vec<Option<bool>>),
    /// Vectors of one length, such as embeddings.
    Vectors(Vectors),
}

/// Names of categories, by code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    categories: Vec<Box<str>>,
    codes: Vec<u32>,
}

/// Vectors of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    /// Components of each vector.
    pub width: usize,
    /// Vector after vector; NaN throughout where a vector is missing.
    pub values: Vec<f64>,
}

impl Names {
    /// The names with these codes, which are positions in `categories` or [`NAME_MISSING`]. Another code is
    /// missing, too. Categories that no row has are dropped.
    pub fn new<S: AsRef<str>>(categories: &[S], codes: &[u32]) -> Self {
        let mut places: BTreeMap<&str, u32> = BTreeMap::new();
        for &code in codes {
            if let Some(name) = categories.get(code as usize) {
                places.insert(name.as_ref(), 0);
            }
        }
        for (place, code) in (0..).zip(places.values_mut()) {
            *code = place;
        }
        let code_of = |&code: &u32| {
            let name = categories.get(code as usize);
            name.map_or(NAME_MISSING, |name| places[name.as_ref()])
        };
        Self {
            codes: codes.iter().map(code_of).collect(),
            categories: places.into_keys().map(Box::from).collect(),
        }
    }

    /// One name a row; `None` where missing.
    pub fn of<S: AsRef<str>>(names: &[Option<S>]) -> Self {
        let categories: Vec<&str> = names.iter().flatten().map(AsRef::as_ref).collect();
        let mut next = 0..;
        let code = |name: &Option<S>| name.as_ref().and_then(|_| next.next());
        let codes: Vec<u32> = names
            .iter()
            .map(code)
            .map(|code| code.unwrap_or(NAME_MISSING))
            .collect();
        Self::new(&categories, &codes)
    }

    /// Every category that a row has, in ascending order.
    pub fn categories(&self) -> &[Box<str>] {
        &self.categories
    }

    /// For each row the position of its category, or [`NAME_MISSING`].
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The name of a row; `None` where missing.
    pub fn name(&self, row_idx: usize) -> Option<&str> {
        self.categories
            .get(self.codes[row_idx] as usize)
            .map(AsRef::as_ref)
    }
}

impl SampleValues {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Names(names) => names.codes.len(),
            Self::Flags(flags) => flags.len(),
            Self::Vectors(vectors) => vectors.values.len() / vectors.width.max(1),
        }
    }

    /// Whether both hold values of one kind, and vectors of one length.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Numbers(_), Self::Numbers(_))
            | (Self::Names(_), Self::Names(_))
            | (Self::Flags(_), Self::Flags(_)) => true,
            (Self::Vectors(left), Self::Vectors(right)) => left.width == right.width,
            _ => false,
        }
    }
}

/// A uniform sample of whole rows of a window: the values of several columns for the same few rows.
///
/// Whatever parts a window is cut into, and in whatever order their samples are merged, the same rows are
/// kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RowSample {
    config: SampleConfig,
    n_rows: u64,
    /// Ascending, each once.
    ids: Vec<u64>,
    columns: Vec<SampleColumn>,
}

impl RowSample {
    /// The sample of a window, or part of one, of `n_rows` rows: the values of the rows `ids`, which are
    /// those that [`SampleConfig::choose`] gave.
    ///
    /// # Panics
    /// If the ids are not ascending or more than the capacity or `n_rows`, or if a column has another number
    /// of rows: a fault of the caller.
    pub fn new(
        config: SampleConfig,
        n_rows: u64,
        ids: Vec<u64>,
        columns: Vec<SampleColumn>,
    ) -> Self {
        match Self::try_new(config, n_rows, ids, columns) {
            Ok(sample) => sample,
            Err(expected) => panic!("expected {expected}"),
        }
    }

    /// As [`RowSample::new`], with what would be right as the error.
    pub(super) fn try_new(
        config: SampleConfig,
        n_rows: u64,
        ids: Vec<u64>,
        columns: Vec<SampleColumn>,
    ) -> Result<Self, &'static str> {
        if !ids.is_sorted_by(|a, b| a < b) {
            return Err("ids of rows in ascending order, each once");
        }
        if ids.len() > config.capacity || ids.len() as u64 > n_rows {
            return Err("at most as many rows as the capacity and the window allow");
        }
        let is_whole = |column: &SampleColumn| match &column.values {
            SampleValues::Vectors(vectors) => {
                vectors.width > 0 && vectors.values.len() == ids.len() * vectors.width
            }
            values => values.n_rows() == ids.len(),
        };
        if !columns.iter().all(is_whole) {
            return Err("a value of each column for each row");
        }
        Ok(Self {
            config,
            n_rows,
            ids,
            columns,
        })
    }

    /// How its rows were chosen.
    pub fn config(&self) -> SampleConfig {
        self.config
    }

    /// Rows of the window.
    pub fn rows(&self) -> u64 {
        self.n_rows
    }

    /// Ids of the rows that are kept, ascending.
    pub fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// Rows that are kept.
    pub fn n_kept(&self) -> usize {
        self.ids.len()
    }

    /// The columns in their declared order.
    pub fn columns(&self) -> &[SampleColumn] {
        &self.columns
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&SampleColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of these names, in their order, that the sample has.
    #[must_use]
    pub fn selected(&self, names: &[&str]) -> Self {
        let columns = names.iter().filter_map(|name| self.column(name));
        Self {
            columns: columns.cloned().collect(),
            ids: self.ids.clone(),
            ..*self
        }
    }

    /// The sample with at most `capacity` rows.
    #[must_use]
    pub fn reduced(&self, capacity: usize) -> Self {
        let config = SampleConfig {
            capacity: capacity.min(self.config.capacity),
            ..self.config
        };
        let ids = config.choose_among(self.ids.clone());
        let mut row_idx = 0;
        let origin = |&id: &u64| {
            // Both ascend, and each id that was chosen is one of the sample.
            while self.ids[row_idx] < id {
                row_idx += 1;
            }
            Origin { side: 0, row_idx }
        };
        let origins: Vec<Origin> = ids.iter().map(origin).collect();
        let column = |column: &SampleColumn| SampleColumn {
            name: column.name.clone(),
            values: picked([&column.values, &column.values], &origins),
        };
        Self {
            config,
            n_rows: self.n_rows,
            columns: self.columns.iter().map(column).collect(),
            ids,
        }
    }

    /// Takes in the sample of another part of the window. The parts have no row in common.
    ///
    /// # Errors
    /// If capacity, seed or columns differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        let is_like = |(own, other): (&SampleColumn, &SampleColumn)| {
            own.name == other.name && own.values.is_like(&other.values)
        };
        if self.config != other.config
            || self.columns.len() != other.columns.len()
            || !self.columns.iter().zip(&other.columns).all(is_like)
        {
            return Err(MergeError::Config);
        }
        let origins = self.kept_of_both(other);
        for (own, other) in self.columns.iter_mut().zip(&other.columns) {
            own.values = picked([&own.values, &other.values], &origins);
        }
        self.ids = origins
            .iter()
            .map(|origin| [&self.ids, &other.ids][origin.side][origin.row_idx])
            .collect();
        self.n_rows = self.n_rows.saturating_add(other.n_rows);
        Ok(())
    }

    /// Rows of both samples that the merged one keeps, by ascending id.
    fn kept_of_both(&self, other: &Self) -> Vec<Origin> {
        let of = |side: usize, ids: &[u64]| -> Vec<(u64, Origin)> {
            let origins = ids.iter().enumerate();
            origins
                .map(|(row_idx, &id)| (id, Origin { side, row_idx }))
                .collect()
        };
        let mut all = of(0, &self.ids);
        all.extend(of(1, &other.ids));
        all.sort_by_key(|(id, _)| *id);
        all.dedup_by_key(|(id, _)| *id);
        if all.len() > self.config.capacity {
            all.sort_unstable_by_key(|(id, _)| self.config.priority(*id));
            all.truncate(self.config.capacity);
            all.sort_unstable_by_key(|(id, _)| *id);
        }
        all.into_iter().map(|(_, origin)| origin).collect()
    }
}

/// Where a row of a merged sample comes from.
struct Origin {
    side: usize,
    row_idx: usize,
}

/// The values of these rows. Both sides are of one kind.
fn picked(sides: [&SampleValues; 2], origins: &[Origin]) -> SampleValues {
    match sides {
        [SampleValues::Numbers(own), SampleValues::Numbers(other)] => {
            let sides = [own, other];
            let value = |origin: &Origin| sides[origin.side][origin.row_idx];
            SampleValues::Numbers(origins.iter().map(value).collect())
        }
        [SampleValues::Flags(own), SampleValues::Flags(other)] => {
            let sides = [own, other];
            let value = |origin: &Origin| sides[origin.side][origin.row_idx];
            SampleValues::Flags(origins.iter().map(value).collect())
        }
        [SampleValues::Names(own), SampleValues::Names(other)] => {
            let sides = [own, other];
            let names: Vec<Option<&str>> = origins
                .iter()
                .map(|origin| sides[origin.side].name(origin.row_idx))
                .collect();
            SampleValues::Names(Names::of(&names))
        }
        [SampleValues::Vectors(own), SampleValues::Vectors(other)] => {
            let (sides, width) = ([own, other], own.width);
            let vector =
                |origin: &Origin| &sides[origin.side].values[origin.row_idx * width..][..width];
            let values = origins.iter().flat_map(vector).copied().collect();
            SampleValues::Vectors(Vectors { width, values })
        }
        // The columns of samples that merge are of the same kinds.
        [own, _] => own.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sample of the rows with these ids, all values of which follow from the id.
    fn sample(config: SampleConfig, ids: Range<u64>) -> RowSample {
        let kept = config.choose(ids.clone());
        let names: Vec<Option<String>> = kept
            .iter()
            .map(|id| (id % 5 > 0).then(|| format!("c{}", id % 7)))
            .collect();
        let column = |name: &str, values| SampleColumn {
            name: name.to_owned(),
            values,
        };
        let columns = vec![
            column(
                "x",
                SampleValues::Numbers(kept.iter().map(|&id| id as f64).collect()),
            ),
            column("c", SampleValues::Names(Names::of(&names))),
            column(
                "f",
                SampleValues::Flags(
                    kept.iter()
                        .map(|id| (id % 3 > 0).then_some(id % 2 == 0))
                        .collect(),
                ),
            ),
            column(
                "v",
                SampleValues::Vectors(Vectors {
                    width: 2,
                    values: kept
                        .iter()
                        .flat_map(|&id| [id as f64, -(id as f64)])
                        .collect(),
                }),
            ),
        ];
        RowSample::new(config, ids.end - ids.start, kept, columns)
    }

    #[test]
    fn every_row_has_the_same_chance() {
        let mut counts = [0_u32; 200];
        for seed in 0..3_000 {
            let config = SampleConfig { capacity: 20, seed };
            let chosen = config.choose(0..200);
            assert_eq!(chosen.len(), 20);
            chosen.iter().for_each(|&id| counts[id as usize] += 1);
        }
        // 300 expected, standard deviation 16.4; the largest of 200 stays within 4.5 of them.
        assert!(
            counts.iter().all(|count| count.abs_diff(300) < 75),
            "{counts:?}"
        );
        let mean_square = counts
            .iter()
            .map(|&c| (f64::from(c) - 300.0).powi(2))
            .sum::<f64>()
            / 200.0;
        assert!((190.0..360.0).contains(&mean_square), "{mean_square}");
    }

    #[test]
    fn a_reduced_sample_is_the_one_that_would_have_been_chosen() {
        let config = |capacity| SampleConfig { capacity, seed: 4 };
        let reduced = sample(config(60), 0..300).reduced(25);
        assert_eq!(reduced, sample(config(25), 0..300));
        assert_eq!(reduced.reduced(99), reduced);
        let selected = reduced.selected(&["c", "none", "x"]);
        assert_eq!(selected.columns()[1], reduced.columns()[0]);
        assert_eq!(selected.columns().len(), 2);
    }

    #[test]
    fn edges_of_the_range() {
        let config = SampleConfig {
            capacity: 3,
            seed: 1,
        };
        assert_eq!(config.choose(5..7), [5, 6]);
        assert_eq!(config.choose(7..7), [0; 0]);
        assert_eq!(
            config.choose(u64::MAX - 2..u64::MAX),
            [u64::MAX - 2, u64::MAX - 1]
        );
        let none = SampleConfig {
            capacity: 0,
            seed: 1,
        };
        assert_eq!(none.choose(0..9), [0; 0]);
        assert_eq!(none.choose_among(vec![3, 1]), [0; 0]);
    }

    #[test]
    fn rows_with_gaps_are_chosen_by_the_same_priority() {
        let config = SampleConfig {
            capacity: 40,
            seed: 9,
        };
        let ids: Vec<u64> = (0..1_000).rev().collect();
        assert_eq!(config.choose_among(ids), config.choose(0..1_000));
        let odd: Vec<u64> = (1..1_000).step_by(2).collect();
        let of_odd = config.choose_among(odd);
        let mut expected = config.choose(0..1_000);
        expected.retain(|id| id % 2 == 1);
        assert!(expected.iter().all(|id| of_odd.contains(id)));
        assert_eq!(of_odd.len(), 40);
    }

    #[test]
    fn samples_of_other_columns_do_not_merge() {
        let config = SampleConfig {
            capacity: 3,
            seed: 1,
        };
        let mut one = sample(config, 0..9);
        let other = sample(
            SampleConfig {
                capacity: 3,
                seed: 2,
            },
            9..12,
        );
        assert_eq!(one.merge(&other), Err(MergeError::Config));
        let mut fewer = sample(config, 9..12);
        fewer.columns.pop();
        assert_eq!(one.merge(&fewer), Err(MergeError::Config));
    }

    #[test]
    fn names_have_one_form() {
        let names = Names::of(&[Some("b"), None, Some("a"), Some("b")]);
        assert_eq!(
            names,
            Names::new(&["unused", "b", "a"], &[1, NAME_MISSING, 2, 1])
        );
        assert_eq!(names.categories(), ["a".into(), "b".into()]);
        assert_eq!([names.name(0), names.name(1)], [Some("b"), None]);
        assert_eq!(Names::new(&["a"], &[7]).name(0), None);
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_sample_of_the_whole(
            cuts in proptest::collection::vec(0..400_u64, 0..5),
            capacity in 0..60_usize,
            seed in 0..50_u64,
            is_reversed: bool,
        ) {
            let config = SampleConfig { capacity, seed };
            let mut ends = cuts;
            ends.extend([0, 400]);
            ends.sort_unstable();
            let mut parts: Vec<RowSample> =
                ends.windows(2).map(|ends| sample(config, ends[0]..ends[1])).collect();
            if is_reversed {
                parts.reverse();
            }
            let mut merged = parts[0].clone();
            for part in &parts[1..] {
                merged.merge(part).expect("of one configuration");
            }
            prop_assert_eq!(merged, sample(config, 0..400));
        }
    }
}
