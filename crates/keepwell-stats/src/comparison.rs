//! Reads both sides of a comparison, or says why that is impossible.
//!
//! Shared by the families that compare a column with its reference.

use keepwell_core::outcome::Reason;
use keepwell_core::schema::Kind;

use crate::profile::{
    CategoricalProfile, ColumnProfile, Counts, Distribution, NumericProfile, TextProfile, TwoSample,
};
use crate::special::Table;

/// What was read of each side.
pub(crate) struct Sides<T> {
    pub(crate) reference: T,
    pub(crate) current: T,
}

/// The finite values of one side; there is at least one.
pub(crate) struct Numbers<'a> {
    pub(crate) distribution: Distribution<'a>,
    /// Least and greatest value, exact in every mode.
    pub(crate) range: (f64, f64),
}

/// The finite values of both sides.
///
/// # Errors
/// The reason why they cannot be compared.
pub(crate) fn numeric<'a>(
    sample: TwoSample<'a, ColumnProfile>,
) -> Result<Sides<Numbers<'a>>, Reason> {
    require_values(sample)?;
    let (ColumnProfile::Numeric(reference), ColumnProfile::Numeric(current)) =
        (sample.reference, sample.current)
    else {
        return Err(Reason::NotApplicable);
    };
    let numbers = |profile: &'a NumericProfile| {
        // There are values, as was required, so that what is not finite is infinite.
        profile.range().map(|range| Numbers {
            distribution: profile.distribution(),
            range,
        })
    };
    Ok(Sides {
        reference: numbers(reference).ok_or(Reason::NonFinite)?,
        current: numbers(current).ok_or(Reason::NonFinite)?,
    })
}

/// The profiles of two text columns.
///
/// # Errors
/// The reason why they cannot be compared.
pub(crate) fn texts<'a>(
    sample: TwoSample<'a, ColumnProfile>,
) -> Result<Sides<&'a TextProfile>, Reason> {
    require_values(sample)?;
    match (sample.reference, sample.current) {
        (ColumnProfile::Text(reference), ColumnProfile::Text(current)) => {
            Ok(Sides { reference, current })
        }
        _ => Err(Reason::NotApplicable),
    }
}

/// Counts of each category of the union of both sides: reference first.
///
/// # Errors
/// The reason why they cannot be compared.
pub(crate) fn categories(sample: TwoSample<'_, ColumnProfile>) -> Result<Table, Reason> {
    require_values(sample)?;
    require_complete(sample)?;
    let (Some(reference), Some(current)) = (
        sample.reference.category_counts(),
        sample.current.category_counts(),
    ) else {
        return Err(Reason::NotApplicable);
    };
    let (mut reference, mut current) = (
        reference.into_iter().peekable(),
        current.into_iter().peekable(),
    );
    let columns = std::iter::from_fn(|| {
        let first = match (reference.peek(), current.peek()) {
            (Some(&(left, _)), Some(&(right, _))) => left.min(right),
            (Some(&(name, _)), None) | (None, Some(&(name, _))) => name,
            (None, None) => return None,
        };
        let take = |side: &mut std::iter::Peekable<std::vec::IntoIter<(&str, u64)>>| {
            side.next_if(|(name, _)| *name == first)
                .map_or(0, |(_, count)| count)
        };
        Some([take(&mut reference), take(&mut current)])
    });
    Ok(Table::new(columns))
}

/// Checks that both sides have rows and values of the same kind.
///
/// # Errors
/// The reason why they cannot be compared.
pub(crate) fn require_values(sample: TwoSample<'_, ColumnProfile>) -> Result<(), Reason> {
    let (reference, current) = (sample.reference.counts(), sample.current.counts());
    if reference.rows == 0 {
        Err(Reason::NoReference)
    } else if current.rows == 0 {
        Err(Reason::NoRows)
    } else if sample.reference.kind() != sample.current.kind() {
        Err(Reason::KindMismatch)
    } else if sample.reference.kind() == Kind::Unsupported {
        Err(Reason::NotApplicable)
    } else if [reference, current].map(Counts::present).contains(&0) {
        Err(Reason::AllNull)
    } else {
        Ok(())
    }
}

/// Checks that every category of both sides is known with its count.
///
/// # Errors
/// [`Reason::TooManyCategories`] where a profile keeps a sample only.
pub(crate) fn require_complete(sample: TwoSample<'_, ColumnProfile>) -> Result<(), Reason> {
    let most = [sample.reference, sample.current]
        .into_iter()
        .filter_map(|side| match side {
            ColumnProfile::Categorical(profile) => Some(profile),
            _ => None,
        })
        .filter(|profile| !profile.is_complete())
        .map(CategoricalProfile::distinct)
        .max();
    match most {
        Some(found) => Err(Reason::TooManyCategories { found }),
        None => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use keepwell_core::schema::Kind;

    use super::*;
    use crate::profile::{BooleanProfile, Mode};

    /// A numeric column.
    pub(crate) fn numbers(values: &[f64]) -> ColumnProfile {
        numbers_in(Mode::Exact, values)
    }

    /// A numeric column, exact or sketched.
    pub(crate) fn numbers_in(mode: Mode, values: &[f64]) -> ColumnProfile {
        let mut profile = NumericProfile::new(mode);
        profile.extend_from_slice(values);
        profile.seal();
        ColumnProfile::Numeric(profile)
    }

    /// A categorical column from counts by name.
    pub(crate) fn names(counts: &[(&str, u64)]) -> ColumnProfile {
        let mut profile = CategoricalProfile::new(Mode::Exact);
        for &(name, count) in counts {
            profile.push(name, count);
        }
        ColumnProfile::Categorical(profile)
    }

    /// A boolean column.
    pub(crate) fn flags(n_true: u64, n_false: u64) -> ColumnProfile {
        let mut profile = BooleanProfile::default();
        profile.push(n_true, n_false, 0);
        ColumnProfile::Boolean(profile)
    }

    /// A column with this many nulls and nothing else.
    pub(crate) fn nulls(kind: Kind, n: u64) -> ColumnProfile {
        let mut column = ColumnProfile::new(kind, Mode::Exact);
        match &mut column {
            ColumnProfile::Numeric(profile) => profile.push_nulls(n),
            ColumnProfile::Categorical(profile) => profile.push_nulls(n),
            ColumnProfile::Boolean(profile) => profile.push(0, 0, n),
            ColumnProfile::Timestamp(profile) => profile.push_nulls(n),
            ColumnProfile::Text(profile) => profile.push_nulls(n),
            ColumnProfile::Embedding(profile) => profile.push_nulls(n),
            ColumnProfile::Unsupported(counts) => {
                counts.rows += n;
                counts.null += n;
            }
        }
        column
    }

    fn table(reference: &ColumnProfile, current: &ColumnProfile) -> Result<Table, Reason> {
        categories(TwoSample { reference, current })
    }

    #[test]
    fn categories_of_either_side_count() {
        let reference = names(&[("b", 2), ("a", 1), ("d", 4)]);
        let current = names(&[("c", 5), ("b", 3)]);
        let expected = Table::new([[1, 0], [2, 3], [0, 5], [4, 0]]);
        assert_eq!(table(&reference, &current), Ok(expected));
        let expected = Table::new([[1, 0], [2, 0]]);
        assert_eq!(table(&flags(2, 1), &flags(0, 0)), Err(Reason::NoRows));
        assert_eq!(
            table(&flags(2, 1), &nulls(Kind::Boolean, 3)),
            Err(Reason::AllNull)
        );
        assert_eq!(expected.rows(), [3, 0]);
    }

    #[test]
    fn reasons_are_told_apart() {
        let some = numbers(&[1.0, 2.0]);
        let infinite = numbers(&[f64::INFINITY, f64::NAN]);
        let empty = ColumnProfile::new(Kind::Numeric, Mode::Exact);
        let text = names(&[("a", 1)]);
        let null = nulls(Kind::Numeric, 4);
        let time = nulls(Kind::Timestamp, 4);
        for (reference, current, expected) in [
            (&empty, &some, Reason::NoReference),
            (&empty, &empty, Reason::NoReference),
            (&some, &empty, Reason::NoRows),
            (&some, &text, Reason::KindMismatch),
            (&text, &some, Reason::KindMismatch),
            (&some, &null, Reason::AllNull),
            (&null, &some, Reason::AllNull),
            (&some, &infinite, Reason::NonFinite),
            (&infinite, &some, Reason::NonFinite),
            (&text, &text, Reason::NotApplicable),
            (&time, &time, Reason::AllNull),
        ] {
            let found = numeric(TwoSample { reference, current });
            assert_eq!(found.err(), Some(expected));
        }
    }

    #[test]
    fn identifiers_are_not_categories() {
        let mut many = CategoricalProfile::new(Mode::Sketched);
        for id in 0..3000 {
            many.push(&format!("id-{id}"), 1);
        }
        let many = ColumnProfile::Categorical(many);
        let few = names(&[("a", 10)]);
        for (reference, current) in [(&many, &few), (&few, &many)] {
            let reason = table(reference, current).expect_err("too many");
            assert_eq!(reason.id(), "too_many_categories");
        }
    }
}
