//! Reads both sides of a comparison, or says why that is impossible.
//!
//! Shared by the families that compare a column with its reference.

use keepwell_core::outcome::Reason;
use keepwell_core::schema::Kind;

use crate::profile::{CategoricalProfile, ColumnProfile, Counts, Distribution, NumericProfile, TwoSample};
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
