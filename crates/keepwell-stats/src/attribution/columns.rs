//! Why a metric changed: the part of each column in the change.

use super::{RatioParts, scale_of_root};
use crate::features::{Encoder, Rows};
use crate::interval;
use crate::matrix::{Cholesky, Matrix, dot};
use crate::profile::row_sample::{RowSample, SampleValues};
use crate::tree::{Binned, Binner, Column, Resolution};

/// Fewest rows of the reference that anything is learned from.
pub const REFERENCE_ROWS_MIN: usize = 200;

/// Most levels of all columns together, which bounds the time: a system of so many equations is solved.
const LEVELS_MAX: usize = 400;
/// Most levels of a column: more tell rows of hundreds apart no better.
const LEVELS_OF_COLUMN_MAX: usize = 12;
/// Rows with an average loss by which each level is drawn towards the average. A level that has fewer rows is no
/// evidence; and columns that move together share what they explain, whatever the order in which they stand.
const RIDGE: f64 = 25.0;

/// How the rows of the reference fare by the levels of their columns.
///
/// A metric that is a ratio of sums over rows gives each row an excess: what it adds to the numerator beyond the
/// metric's share of what it adds to the denominator. The excess is a sum of effects, one for the level of each
/// column (a range of a number, a category, or that the value is missing), fitted to the reference by least
/// squares with a ridge. The part of a column in a change of the metric is what the change of the shares of its
/// levels does at these effects: the endowment part of Blinder (1973), Journal of Human Resources 8(4), 436–455,
/// and Oaxaca (1973), International Economic Review 14(3), 693–709, which for one column is that of Kitagawa
/// (1955); see Fortin, Lemieux and Firpo (2011), Handbook of Labor Economics 4A, 1–102. Because whole columns are
/// added up, the parts do not depend on which level is the base. What is left of the change is the rest: rows of
/// the same levels fare otherwise than in the reference, or the columns act together in a way that is no sum, or
/// the values are ones that the reference never had.
#[derive(Debug, Clone)]
pub struct ColumnEffects {
    encoder: Encoder,
    columns: Vec<Levels>,
    n_levels: usize,
    /// Levels of the rows of the reference that were learned, and their positions.
    codes: Vec<Vec<Option<u32>>>,
    mix: Mix,
    factor: Cholesky,
}

/// The levels of one column.
#[derive(Debug, Clone)]
struct Levels {
    name: String,
    /// Place of the first one among those of all columns.
    start: usize,
    n: usize,
    rule: Rule,
}

#[derive(Debug, Clone)]
enum Rule {
    Ordered(Binner),
    /// Codes above are of categories that the reference does not have.
    Nominal {
        known_max: u32,
    },
}

/// Shares of the levels among some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    shares: Vec<f64>,
    /// Rows of the sample, and by what factor chance in the choice of rows counts: zero where all were taken.
    n: f64,
    chance: f64,
}

/// Value of a metric on all rows, before and now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// In the reference.
    pub before: f64,
    /// In the current window.
    pub now: f64,
}

/// Part of one column in a change, in the unit of the metric.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnPart {
    /// Name of the column.
    pub column: String,
    /// Its part.
    pub part: f64,
    /// Standard error of the part: of the effects, which are learned from finitely many rows that count as
    /// independent, and of the sampling of rows.
    pub standard_error: f64,
}

/// A change divided among columns. The parts and the rest add up to it.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnParts {
    /// The columns, greatest part first in extent.
    pub parts: Vec<ColumnPart>,
    /// All parts together, with the standard error of their sum.
    pub explained: Explained,
    /// What the shares of the levels do not explain.
    pub rest: f64,
}

/// What the shifts of all columns explain of a change, in the unit of the metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explained {
    /// The sum of the parts.
    pub part: f64,
    /// Its standard error, of the effects alone.
    pub standard_error: f64,
}

/// What a metric's sums are by the levels of the columns.
#[derive(Debug, Clone)]
pub struct RatioEffects<'a> {
    of: &'a ColumnEffects,
    /// Effects on numerator and denominator, by level.
    effects: [Vec<f64>; 2],
    /// Mean products of what the effects do not tell: of numerators, of both, of denominators.
    residual: [f64; 3],
    /// Mean denominator of a row.
    denominator: f64,
}

impl ColumnEffects {
    /// Learns the levels of the columns that `reference` has in common with the sample `like`, vectors left out.
    /// `None` with fewer than [`REFERENCE_ROWS_MIN`] rows, or if no column varies.
    pub fn fit(reference: Rows<'_>, like: &RowSample) -> Option<Self> {
        if reference.positions.len() < REFERENCE_ROWS_MIN {
            return None;
        }
        let none = Rows {
            sample: like,
            positions: &[],
        };
        let encoder = Encoder::fit(&[reference, none]);
        let columns = levels(&encoder, reference);
        let n_levels = columns.iter().map(|column| column.n).sum();
        if n_levels == 0 {
            return None;
        }
        let codes = codes(&encoder, &columns, reference);
        let mix = Mix::of(&columns, &codes, reference, n_levels);
        let factor = Cholesky::of(&gram(&columns, &codes, &mix))?;
        Some(Self {
            encoder,
            columns,
            n_levels,
            codes,
            mix,
            factor,
        })
    }

    /// Shares of the levels among these rows.
    ///
    /// # Panics
    /// If the sample has not the columns of the fit.
    pub fn mix(&self, rows: Rows<'_>) -> Mix {
        let codes = codes(&self.encoder, &self.columns, rows);
        Mix::of(&self.columns, &codes, rows, self.n_levels)
    }

    /// The effects on a metric of which each row of the reference adds `sums`, in the order of the positions.
    /// `None` where the denominators add up to nothing.
    ///
    /// # Panics
    /// Unless there is one for each row of the fit.
    pub fn on(&self, sums: &[RatioParts]) -> Option<RatioEffects<'_>> {
        let n = self.codes.first().map_or(0, Vec::len);
        assert_eq!(sums.len(), n, "sums of each row");
        let mean = |of: fn(&RatioParts) -> f64| sums.iter().map(of).sum::<f64>() / n as f64;
        let (numerator, denominator) = (mean(|sum| sum.numerator), mean(|sum| sum.denominator));
        if !(denominator > 0.0 && numerator.is_finite() && denominator.is_finite()) {
            return None;
        }
        let centred = [
            sums.iter()
                .map(|sum| sum.numerator - numerator)
                .collect::<Vec<f64>>(),
            sums.iter()
                .map(|sum| sum.denominator - denominator)
                .collect(),
        ];
        let effects = [0, 1].map(|idx| self.factor.solve(&self.moments(&centred[idx])));
        let rests = [0, 1].map(|idx| self.rest_of(&centred[idx], &effects[idx]));
        let mean = |left: &[f64], right: &[f64]| dot(left, right) / n as f64;
        Some(RatioEffects {
            of: self,
            residual: [
                mean(&rests[0], &rests[0]),
                mean(&rests[0], &rests[1]),
                mean(&rests[1], &rests[1]),
            ],
            effects,
            denominator,
        })
    }

    /// Sums of centred values over the rows of each level.
    fn moments(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.n_levels];
        for (column, codes) in self.columns.iter().zip(&self.codes) {
            for (code, value) in codes.iter().zip(values) {
                if let Some(code) = code {
                    sums[column.start + *code as usize] += value;
                }
            }
        }
        sums
    }

    /// Centred values less what the effects say of each row.
    fn rest_of(&self, values: &[f64], effects: &[f64]) -> Vec<f64> {
        // Effects are those of centred levels.
        let middle = dot(effects, &self.mix.shares);
        let mut rests: Vec<f64> = values.iter().map(|value| value + middle).collect();
        for (column, codes) in self.columns.iter().zip(&self.codes) {
            for (code, rest) in codes.iter().zip(&mut rests) {
                if let Some(code) = code {
                    *rest -= effects[column.start + *code as usize];
                }
            }
        }
        rests
    }
}

impl RatioEffects<'_> {
    /// Divides the change of the metric between the reference and the rows of `mix`.
    pub fn parts(&self, mix: &Mix, ends: Ends) -> ColumnParts {
        let middle = 0.5 * (ends.before + ends.now);
        let effects: Vec<f64> = self.effects[0]
            .iter()
            .zip(&self.effects[1])
            .map(|(numerator, denominator)| (numerator - middle * denominator) / self.denominator)
            .collect();
        let [own, both, others] = self.residual;
        let residual = (own - 2.0 * middle * both + middle * middle * others).max(0.0)
            / (self.denominator * self.denominator);
        let mut parts: Vec<ColumnPart> = self
            .of
            .columns
            .iter()
            .map(|column| self.part(column, mix, &effects, residual))
            .collect();
        parts.sort_by(|left, right| right.part.abs().total_cmp(&left.part.abs()));
        let explained: f64 = parts.iter().map(|part| part.part).sum();
        let shares = mix.shares.iter().zip(&self.of.mix.shares);
        let shift: Vec<f64> = shares.map(|(now, before)| now - before).collect();
        let half = self.of.factor.half_solve(&shift);
        ColumnParts {
            parts,
            explained: Explained {
                part: explained,
                standard_error: (residual * dot(&half, &half)).sqrt(),
            },
            rest: ends.now - ends.before - explained,
        }
    }

    /// As [`RatioEffects::parts`], of a metric that is the root of the ratio; `ends` are those of the metric.
    pub fn parts_of_root(&self, mix: &Mix, ends: Ends) -> ColumnParts {
        let squares = Ends {
            before: ends.before * ends.before,
            now: ends.now * ends.now,
        };
        let mut found = self.parts(mix, squares);
        let scale = scale_of_root(ends.before, ends.now);
        for part in &mut found.parts {
            part.part *= scale;
            part.standard_error *= scale;
        }
        found.explained.part *= scale;
        found.explained.standard_error *= scale;
        found.rest *= scale;
        found
    }

    fn part(&self, column: &Levels, mix: &Mix, effects: &[f64], residual: f64) -> ColumnPart {
        let before = &self.of.mix;
        let places = column.start..column.start + column.n;
        let mut shift = vec![0.0; self.of.n_levels];
        for place in places.clone() {
            shift[place] = mix.shares[place] - before.shares[place];
        }
        let half = self.of.factor.half_solve(&shift);
        let spread = |mix: &Mix| {
            let mean = |power: i32| -> f64 {
                let places = places.clone();
                places
                    .map(|place| mix.shares[place] * effects[place].powi(power))
                    .sum()
            };
            mix.chance * (mean(2) - mean(1).powi(2)).max(0.0) / mix.n.max(1.0)
        };
        let variance = residual * dot(&half, &half) + spread(before) + spread(mix);
        ColumnPart {
            column: column.name.clone(),
            part: dot(&shift, effects),
            standard_error: variance.sqrt(),
        }
    }
}

impl ColumnPart {
    /// The 95 % interval of the part.
    pub fn interval(&self) -> (f64, f64) {
        around(self.part, self.standard_error)
    }
}

impl Explained {
    /// The 95 % interval.
    pub fn interval(&self) -> (f64, f64) {
        around(self.part, self.standard_error)
    }
}

fn around(value: f64, standard_error: f64) -> (f64, f64) {
    let half = interval::Z * standard_error;
    (value - half, value + half)
}

impl Mix {
    fn of(columns: &[Levels], codes: &[Vec<Option<u32>>], rows: Rows<'_>, n_levels: usize) -> Self {
        let n = rows.positions.len() as f64;
        let mut shares = vec![0.0; n_levels];
        for (column, codes) in columns.iter().zip(codes) {
            for code in codes.iter().flatten() {
                shares[column.start + *code as usize] += 1.0;
            }
        }
        shares.iter_mut().for_each(|share| *share /= n.max(1.0));
        let kept = rows.sample.n_kept() as f64 / rows.sample.rows().max(1) as f64;
        Self {
            shares,
            n,
            chance: (1.0 - kept).max(0.0),
        }
    }
}

/// Levels of each column that varies.
fn levels(encoder: &Encoder, rows: Rows<'_>) -> Vec<Levels> {
    let most = (LEVELS_MAX / encoder.columns().len().max(1)).clamp(2, LEVELS_OF_COLUMN_MAX);
    let mut start = 0;
    columns_of(encoder, rows)
        .into_iter()
        .filter_map(|(name, column)| {
            let (rule, n) = match &column {
                Column::Ordered(_) => {
                    let binner = Binner::fit(
                        std::slice::from_ref(&column),
                        Resolution {
                            ordered: most + 1,
                            nominal: 3,
                        },
                    );
                    (Rule::Ordered(binner), most + 1)
                }
                Column::Nominal(codes) => {
                    let known_max = codes.iter().copied().max()?;
                    let n = (known_max as usize + 1).min(most + 1);
                    (Rule::Nominal { known_max }, n)
                }
            };
            let levels = Levels {
                name: name.to_owned(),
                start,
                n,
                rule,
            };
            let codes = levels.codes(&column);
            let is_constant = codes.windows(2).all(|pair| pair[0] == pair[1]);
            (!is_constant).then(|| {
                start += n;
                levels
            })
        })
        .collect()
}

impl Levels {
    /// Level of each row; `None` for a category that the reference does not have. The last level holds all rarer
    /// categories.
    fn codes(&self, column: &Column) -> Vec<Option<u32>> {
        match (&self.rule, column) {
            (Rule::Ordered(binner), _) => {
                let binned: Binned = binner.apply(std::slice::from_ref(column));
                binned
                    .bins(0)
                    .iter()
                    .map(|&bin| Some(u32::from(bin)))
                    .collect()
            }
            (Rule::Nominal { known_max }, Column::Nominal(codes)) => {
                let last = self.n as u32 - 1;
                let level = |&code: &u32| (code <= *known_max).then(|| code.min(last));
                codes.iter().map(level).collect()
            }
            (Rule::Nominal { .. }, Column::Ordered(values)) => vec![None; values.len()],
        }
    }
}

/// Each column with a single feature, in the order of the encoder.
fn columns_of<'a>(encoder: &'a Encoder, rows: Rows<'_>) -> Vec<(&'a str, Column)> {
    let mut features = encoder.for_trees(rows).into_iter();
    let mut found = Vec::new();
    for column in encoder.columns() {
        let own: Vec<Column> = features.by_ref().take(column.n_features()).collect();
        let is_vector = rows
            .sample
            .column(&column.name)
            .is_some_and(|column| matches!(column.values, SampleValues::Vectors(_)));
        if !is_vector {
            found.extend(own.into_iter().map(|own| (column.name.as_str(), own)));
        }
    }
    found
}

/// Levels of the rows, by column.
fn codes(encoder: &Encoder, columns: &[Levels], rows: Rows<'_>) -> Vec<Vec<Option<u32>>> {
    let found = columns_of(encoder, rows);
    columns
        .iter()
        .map(|levels| {
            let own = found.iter().find(|(name, _)| *name == levels.name);
            own.map_or_else(Vec::new, |(_, column)| levels.codes(column))
        })
        .collect()
}

/// Products of the centred levels, summed over rows, with the ridge.
fn gram(columns: &[Levels], codes: &[Vec<Option<u32>>], mix: &Mix) -> Matrix {
    let n_levels = mix.shares.len();
    let mut gram = Matrix::zeros(n_levels, n_levels);
    let n_rows = codes.first().map_or(0, Vec::len);
    let mut places = Vec::with_capacity(columns.len());
    for row_idx in 0..n_rows {
        places.clear();
        let own = columns.iter().zip(codes);
        places.extend(
            own.filter_map(|(column, codes)| Some(column.start + codes[row_idx]? as usize)),
        );
        for (idx, &place) in places.iter().enumerate() {
            let row = gram.row_mut(place);
            // Only the lower triangle is read; places ascend.
            places[..=idx].iter().for_each(|&other| row[other] += 1.0);
        }
    }
    for place in 0..n_levels {
        let expected = mix.n * mix.shares[place];
        let row = gram.row_mut(place);
        for (value, share) in row[..=place].iter_mut().zip(&mix.shares) {
            *value -= expected * share;
        }
        row[place] += RIDGE;
    }
    gram
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::features::tests::sample;
    use crate::random::Random;

    /// Rows whose loss depends on `x` alone, though `twin` is nearly the same and `noise` is not.
    fn rows(n: usize, shift: f64, random: &mut Random) -> (RowSample, Vec<RatioParts>) {
        let mut columns = vec![Vec::new(); 3];
        let mut sums = Vec::new();
        for _ in 0..n {
            let x = random.uniform() + shift;
            columns[0].push(x);
            columns[1].push(x + 0.01 * random.uniform());
            columns[2].push(random.uniform());
            sums.push(RatioParts {
                numerator: 2.0 * x + 0.2 * random.uniform(),
                denominator: 1.0,
            });
        }
        let names = ["x", "twin", "noise"];
        let columns = names
            .into_iter()
            .zip(columns.into_iter().map(SampleValues::Numbers));
        (sample(columns.collect()), sums)
    }

    fn all(sample: &RowSample) -> Vec<usize> {
        (0..sample.n_kept()).collect()
    }

    fn value(sums: &[RatioParts]) -> f64 {
        let total = |of: fn(&RatioParts) -> f64| sums.iter().map(of).sum::<f64>();
        total(|sum| sum.numerator) / total(|sum| sum.denominator)
    }

    fn divide(
        before: &(RowSample, Vec<RatioParts>),
        now: &(RowSample, Vec<RatioParts>),
    ) -> ColumnParts {
        let (positions, current) = (all(&before.0), all(&now.0));
        let reference = Rows {
            sample: &before.0,
            positions: &positions,
        };
        let effects = ColumnEffects::fit(reference, &now.0).expect("enough rows");
        let mix = effects.mix(Rows {
            sample: &now.0,
            positions: &current,
        });
        let ends = Ends {
            before: value(&before.1),
            now: value(&now.1),
        };
        effects.on(&before.1).expect("rows").parts(&mix, ends)
    }

    fn part(parts: &ColumnParts, name: &str) -> ColumnPart {
        let found = parts.parts.iter().find(|part| part.column == name);
        found.cloned().expect("a column of this name")
    }

    #[test]
    fn a_shift_is_found_in_the_columns_that_moved() {
        let mut random = Random::new(5);
        let (before, now) = (rows(3_000, 0.0, &mut random), rows(2_000, 0.2, &mut random));
        let parts = divide(&before, &now);
        let change = value(&now.1) - value(&before.1);
        let [x, twin, noise] = ["x", "twin", "noise"].map(|name| part(&parts, name).part);
        // A fifth of the rows lies above all that the reference knows, so not all is explained.
        assert!((0.75..1.0).contains(&((x + twin) / change)), "{parts:?}");
        // Columns that are nearly one share the change about equally.
        assert!((0.3..0.7).contains(&(x / (x + twin))), "{parts:?}");
        assert!(noise.abs() < 0.03 * change, "{parts:?}");
    }

    #[test]
    fn an_effect_that_changed_is_the_rest() {
        let mut random = Random::new(6);
        let before = rows(3_000, 0.0, &mut random);
        let mut now = rows(2_000, 0.0, &mut random);
        now.1.iter_mut().for_each(|sum| sum.numerator *= 1.5);
        let parts = divide(&before, &now);
        let change = value(&now.1) - value(&before.1);
        assert!((parts.rest / change - 1.0).abs() < 0.1, "{parts:?}");
    }

    #[test]
    fn a_category_that_is_worse_and_grew_has_its_part() {
        // By arithmetic: the loss is 1 of `b` and 0 of `a`; the share of `b` grows from 0.2 to 0.6.
        let side = |n_b: usize| {
            use crate::profile::row_sample::Names;
            let names: Vec<Option<&str>> = (0..1_000)
                .map(|idx| Some(if idx < n_b { "b" } else { "a" }))
                .collect();
            let sums = (0..1_000).map(|idx| RatioParts {
                numerator: f64::from(u8::from(idx < n_b)),
                denominator: 1.0,
            });
            (
                sample(vec![("c", SampleValues::Names(Names::of(&names)))]),
                sums.collect::<Vec<_>>(),
            )
        };
        let parts = divide(&side(200), &side(600));
        let found = part(&parts, "c");
        // The ridge keeps a little back.
        assert!((0.36..0.4).contains(&found.part), "{parts:?}");
        assert!(found.standard_error < 0.01);
    }

    #[test]
    fn nothing_is_learned_of_few_rows_or_of_constants() {
        let mut random = Random::new(7);
        let (few, _) = rows(100, 0.0, &mut random);
        let positions = all(&few);
        let fit = |sample: &RowSample, positions: &[usize]| {
            ColumnEffects::fit(Rows { sample, positions }, sample).is_some()
        };
        assert!(!fit(&few, &positions));
        let constant = sample(vec![("x", SampleValues::Numbers(vec![1.0; 500]))]);
        assert!(!fit(&constant, &all(&constant)));
    }

    #[test]
    fn a_part_that_is_chance_lies_within_two_errors() {
        let mut random = Random::new(8);
        let (mut outside, mut n_parts) = (0, 0);
        for _ in 0..60 {
            let before = rows(600, 0.0, &mut random);
            let now = rows(300, 0.0, &mut random);
            // The loss does not depend on the noise, so its part is zero but for what is learned by chance.
            let noise = part(&divide(&before, &now), "noise");
            n_parts += 1;
            outside += u32::from(noise.interval().0 > 0.0 || noise.interval().1 < 0.0);
        }
        // 3 are expected; three standard deviations are 5.
        assert!(outside <= 8, "{outside} of {n_parts}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn parts_and_rest_are_the_change(
            shift in -0.5..0.5, factor in 0.5..2.0, n in 200_usize..400, seed in 0_u64..1_000,
        ) {
            let mut random = Random::new(seed);
            let before = rows(n, 0.0, &mut random);
            let mut now = rows(n / 2, shift, &mut random);
            now.1.iter_mut().for_each(|sum| sum.denominator *= factor);
            let parts = divide(&before, &now);
            let sum = parts.parts.iter().map(|part| part.part).sum::<f64>() + parts.rest;
            let change = value(&now.1) - value(&before.1);
            prop_assert!((sum - change).abs() < 1e-9, "{} {}", sum, change);
            prop_assert!((parts.explained.part + parts.rest - change).abs() < 1e-9);
        }

        #[test]
        fn the_same_rows_have_no_parts(n in 200_usize..400, seed in 0_u64..1_000) {
            let mut random = Random::new(seed);
            let before = rows(n, 0.0, &mut random);
            let parts = divide(&before, &before);
            prop_assert!(parts.rest.abs() < 1e-12);
            prop_assert!(parts.parts.iter().all(|part| part.part.abs() < 1e-12));
        }
    }
}
