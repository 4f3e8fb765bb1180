//! Text and other values of low cardinality as codes of distinct names.
//!
//! Rows are told apart by the identity of their string view or dictionary key, so that each distinct
//! value of a batch is spelled and looked up once, not once per row.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hash};

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, StringViewArray, StringViewBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use keepwell_core::class;
use keepwell_core::schema::Kind;
use keepwell_core::time::Timestamp;
use keepwell_stats::profile::categorical::kept_name;

use crate::values::{ConvertError, natural_kind};

/// The code of null.
pub(crate) const NULL: u32 = u32::MAX;

/// How values are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Text as it stands, numbers in their shortest form, `true` and `false`.
    AsWritten,
    /// The canonical spelling of [`keepwell_core::class`], long names shortened; NaN is null.
    AsClass,
}

/// A column of a batch as codes of distinct names. Two codes may have equal names.
#[derive(Debug)]
pub(crate) struct Names {
    /// One per row; [`NULL`] where there is no value.
    codes: Vec<u32>,
    texts: StringViewArray,
    /// `at[code]` is the position of the name in `texts`.
    at: Vec<u32>,
}

impl Names {
    /// Codes of any type that has names.
    pub(crate) fn try_new(array: &ArrayRef, spelling: Spelling) -> Result<Self, ConvertError> {
        let names = match array.data_type() {
            DataType::Null => Self {
                codes: vec![NULL; array.len()],
                texts: StringViewArray::new_null(0),
                at: Vec::new(),
            },
            DataType::Dictionary(_, _) => dictionary(array, spelling)?,
            _ => match natural_kind(array.data_type()) {
                Some(Kind::Categorical) => {
                    let texts = cast(array, &DataType::Utf8View)?;
                    from_views(texts.as_string_view().clone())
                }
                Some(Kind::Boolean) => from_booleans(array, spelling),
                Some(Kind::Numeric) => from_numbers(array, spelling)?,
                Some(Kind::Timestamp) => from_instants(array)?,
                _ => return Err(ConvertError::Impossible),
            },
        };
        Ok(match spelling {
            Spelling::AsWritten => names,
            Spelling::AsClass => names.into_classes(),
        })
    }

    /// Number of codes.
    pub(crate) fn len(&self) -> usize {
        self.at.len()
    }

    /// One code per row.
    pub(crate) fn codes(&self) -> &[u32] {
        &self.codes
    }

    pub(crate) fn name(&self, code: u32) -> &str {
        self.texts.value(self.at[code as usize] as usize)
    }

    /// The first row with this code.
    pub(crate) fn first_row(&self, code: u32) -> usize {
        self.codes
            .iter()
            .position(|&own| own == code)
            .unwrap_or_default()
    }

    /// Reads each distinct name once and gives what was read for each row, `None` for null.
    pub(crate) fn each<T: Copy, E>(
        &self,
        mut read: impl FnMut(u32, &str) -> Result<T, E>,
    ) -> impl Iterator<Item = Result<Option<T>, E>> {
        let mut known: Vec<Option<T>> = vec![None; self.at.len()];
        self.codes.iter().map(move |&code| {
            if code == NULL {
                return Ok(None);
            }
            let slot = &mut known[code as usize];
            if slot.is_none() {
                *slot = Some(read(
                    code,
                    self.texts.value(self.at[code as usize] as usize),
                )?);
            }
            Ok(*slot)
        })
    }

    pub(crate) fn reorder(self, order: &[u32]) -> Self {
        Self {
            codes: order.iter().map(|&row| self.codes[row as usize]).collect(),
            ..self
        }
    }

    /// Spells the names of classes; the common case is that all are canonical.
    fn into_classes(self) -> Self {
        fn spell(text: &str) -> Cow<'_, str> {
            match class::canonical(text) {
                Cow::Borrowed(canonical) => kept_name(canonical),
                Cow::Owned(canonical) => Cow::Owned(kept_name(&canonical).into_owned()),
            }
        }
        let codes = 0..self.at.len() as u32;
        if codes
            .clone()
            .all(|code| spell(self.name(code)) == self.name(code))
        {
            return self;
        }
        let mut texts = StringViewBuilder::new();
        for code in codes.clone() {
            texts.append_value(spell(self.name(code)));
        }
        Self {
            codes: self.codes,
            texts: texts.finish(),
            at: codes.collect(),
        }
    }
}

/// Keys that a [`Coder`] recognises without its table, which is most of them in a column of few names.
const RECENT: usize = 16;

/// Gives each distinct key a code in order of first sight.
struct Coder<K> {
    codes: Vec<u32>,
    seen: HashMap<K, u32, FixedState>,
    /// By the first bits of the hash.
    recent: [Option<(K, u32)>; RECENT],
}

impl<K: Copy + Eq + Hash> Coder<K> {
    fn new(rows: usize) -> Self {
        Self {
            codes: Vec::with_capacity(rows),
            seen: HashMap::with_hasher(FixedState::with_seed(0)),
            recent: [None; RECENT],
        }
    }

    fn push_null(&mut self) {
        self.codes.push(NULL);
    }

    /// Takes one row; `name` is called where the key is new.
    fn push(&mut self, key: K, name: impl FnOnce()) {
        let place = (self.seen.hasher().hash_one(key) >> 60) as usize;
        let code = match self.recent[place] {
            Some((known, code)) if known == key => code,
            _ => {
                let next = self.seen.len() as u32;
                let code = *self.seen.entry(key).or_insert_with(|| {
                    name();
                    next
                });
                self.recent[place] = Some((key, code));
                code
            }
        };
        self.codes.push(code);
    }
}

fn from_views(texts: StringViewArray) -> Names {
    let mut coder = Coder::new(texts.len());
    let mut at = Vec::new();
    for (row_idx, &view) in texts.views().iter().enumerate() {
        if texts.is_null(row_idx) {
            coder.push_null();
        } else {
            coder.push(view, || at.push(row_idx as u32));
        }
    }
    Names {
        codes: coder.codes,
        texts,
        at,
    }
}

fn owned(codes: Vec<u32>, names: &[String]) -> Names {
    Names {
        codes,
        texts: names.iter().map(Some).collect(),
        at: (0..names.len() as u32).collect(),
    }
}

fn from_booleans(array: &ArrayRef, spelling: Spelling) -> Names {
    let names = match spelling {
        Spelling::AsWritten => ["false", "true"],
        Spelling::AsClass => ["0", "1"],
    };
    let codes = array
        .as_boolean()
        .iter()
        .map(|value| value.map_or(NULL, u32::from))
        .collect();
    owned(codes, &names.map(str::to_owned))
}

fn from_numbers(array: &ArrayRef, spelling: Spelling) -> Result<Names, ConvertError> {
    let mut names = Vec::new();
    let is_whole = array.data_type().is_integer() && *array.data_type() != DataType::UInt64;
    if is_whole {
        let array = cast(array, &DataType::Int64)?;
        let codes = code_integers(array.as_primitive::<Int64Type>(), |number| {
            names.push(number.to_string());
        });
        return Ok(owned(codes, &names));
    }
    let array = cast(array, &DataType::Float64)?;
    let mut coder = Coder::new(array.len());
    for number in array.as_primitive::<Float64Type>() {
        match number {
            None => coder.push_null(),
            Some(number) if number.is_nan() && spelling == Spelling::AsClass => coder.push_null(),
            Some(number) => coder.push(number.to_bits(), || {
                names.push(class::canonical_number(number));
            }),
        }
    }
    Ok(owned(coder.codes, &names))
}

fn code_integers(array: &Int64Array, mut name: impl FnMut(i64)) -> Vec<u32> {
    let mut coder = Coder::new(array.len());
    for number in array {
        match number {
            None => coder.push_null(),
            Some(number) => coder.push(number, || name(number)),
        }
    }
    coder.codes
}

fn from_instants(array: &ArrayRef) -> Result<Names, ConvertError> {
    let micros = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
    let micros = cast(&micros, &DataType::Int64)?;
    let mut names = Vec::new();
    let codes = code_integers(micros.as_primitive::<Int64Type>(), |number| {
        names.push(Timestamp(number).to_string());
    });
    Ok(owned(codes, &names))
}

/// Spells the values of the dictionary once and uses its keys as they are.
fn dictionary(array: &ArrayRef, spelling: Spelling) -> Result<Names, ConvertError> {
    let dictionary = array.as_any_dictionary();
    let values = Names::try_new(dictionary.values(), spelling)?;
    if dictionary.values().is_empty() {
        return Ok(Names {
            codes: vec![NULL; array.len()],
            ..values
        });
    }
    let nulls = array.logical_nulls();
    let codes = dictionary
        .normalized_keys()
        .into_iter()
        .enumerate()
        .map(|(row_idx, key)| match &nulls {
            Some(nulls) if nulls.is_null(row_idx) => NULL,
            _ => values.codes[key],
        })
        .collect();
    Ok(Names { codes, ..values })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{
        BooleanArray, DictionaryArray, Float64Array, StringArray, UInt64Array,
    };
    use datafusion::arrow::datatypes::Int8Type;

    use super::*;

    fn spelled(array: &ArrayRef, spelling: Spelling) -> Vec<Option<String>> {
        let names = Names::try_new(array, spelling).expect("a type with names");
        names
            .codes()
            .iter()
            .map(|&code| (code != NULL).then(|| names.name(code).to_owned()))
            .collect()
    }

    fn some(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| Some((*name).to_owned())).collect()
    }

    #[test]
    fn one_class_has_one_spelling_whatever_its_type() {
        let expected = some(&["1", "0", "1"]);
        let arrays: [ArrayRef; 5] = [
            Arc::new(Int64Array::from(vec![1, 0, 1])),
            Arc::new(Float64Array::from(vec![1.0, -0.0, 1.0])),
            Arc::new(BooleanArray::from(vec![true, false, true])),
            Arc::new(StringArray::from(vec!["1.0", "False", " 1 "])),
            Arc::new(UInt64Array::from(vec![1, 0, 1])),
        ];
        for array in arrays {
            assert_eq!(spelled(&array, Spelling::AsClass), expected);
        }
    }

    #[test]
    fn text_is_kept_as_written() {
        let array: ArrayRef = Arc::new(StringArray::from(vec![" 1 ", "", "True"]));
        assert_eq!(
            spelled(&array, Spelling::AsWritten),
            some(&[" 1 ", "", "True"])
        );
    }

    #[test]
    fn dictionaries_keep_nulls_of_keys_and_of_values() {
        let keys = datafusion::arrow::array::Int8Array::from(vec![Some(0), None, Some(1), Some(2)]);
        let values = StringArray::from(vec![Some("a"), None, Some("b")]);
        let array: ArrayRef = Arc::new(DictionaryArray::<Int8Type>::new(keys, Arc::new(values)));
        let expected = vec![Some("a".to_owned()), None, None, Some("b".to_owned())];
        assert_eq!(spelled(&array, Spelling::AsWritten), expected);
    }

    #[test]
    fn long_classes_stay_distinct_and_become_short() {
        let long = "ü".repeat(1_000_000);
        let longer = format!("{long}x");
        let array: ArrayRef = Arc::new(StringArray::from(vec![
            long.as_str(),
            longer.as_str(),
            long.as_str(),
        ]));
        let names = spelled(&array, Spelling::AsClass);
        assert_eq!(names[0], names[2]);
        assert_ne!(names[0], names[1]);
        assert!(names.iter().flatten().all(|name| name.len() <= 256));
    }
}
