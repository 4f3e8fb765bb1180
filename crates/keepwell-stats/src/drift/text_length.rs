//! Whether texts became longer or shorter.

use keepwell_core::catalog::Standing;
use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::Params;
use keepwell_core::schema::Kind;

use super::{DriftTest, ks};
use crate::comparison::{self, Numbers, Sides};
use crate::profile::{ColumnProfile, NumericProfile, TwoSample};

entry! {
    /// Largest gap between the distribution functions of the number of words of a text.
    ///
    /// # Inputs
    /// `reference`: `[n]`, `current`: `[m]`, text columns. A word is a run of letters and digits, or one ideograph;
    /// the empty text has none. Null is left out.
    /// # Result
    /// `value` in `[0, 1]`, no unit. `p_value` of "both sides come from one distribution" by the test of
    /// Kolmogorov and Smirnov, exact up to 10,000 rows a side. `error_bound` as for `ks`.
    /// # Undefined
    /// `no_reference`, `no_rows`: a side without rows. `kind_mismatch`: the sides differ in kind.
    /// `not_applicable`: not text. `all_null`: a side without values.
    /// # Cost
    /// That of `ks`.
    /// # When to use, and when not
    /// For text that users or another system writes: prompts cut off, templates added, another source. It says
    /// nothing of what the texts are about: for that see `vocabulary`.
    /// # Reference
    /// Hodges (1958), Arkiv för Matematik 3(43), 469–486.
    /// ```python oracle
    /// x, y = ([len(words(text)) for text in present(side)] for side in (reference, current))
    /// result = scipy.stats.ks_2samp(x, y)
    /// dict(value=result.statistic, p_value=result.pvalue)
    /// ```
    pub struct TextLength = "text_length" since "0.1";
}

impl DriftTest for TextLength {
    fn kinds(&self) -> &'static [Kind] {
        &[Kind::Text]
    }

    fn is_symmetric(&self) -> bool {
        true
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn standing(&self) -> Standing {
        Standing::Shown
    }

    fn test(&self, sample: TwoSample<'_, ColumnProfile>, _params: &Params) -> Outcome<Measure> {
        measure(sample).into()
    }
}

fn measure(sample: TwoSample<'_, ColumnProfile>) -> Result<Measure, Reason> {
    let texts = comparison::texts(sample)?;
    let sides = Sides {
        reference: lengths(texts.reference.n_words())?,
        current: lengths(texts.current.n_words())?,
    };
    Ok(ks::of_numbers(&sides, "auto"))
}

fn lengths(profile: &NumericProfile) -> Result<Numbers<'_>, Reason> {
    let range = profile.range().ok_or(Reason::AllNull)?;
    Ok(Numbers {
        distribution: profile.distribution(),
        range,
    })
}
