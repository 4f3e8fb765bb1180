//! Whether rows repeat one another more often than before.

use keepwell_core::measure::Measure;
use keepwell_core::outcome::Reason;

use crate::interval::proportion;
use crate::profile::DistinctCount;
use crate::special::binomial_sf;

/// Share of current rows that repeat another one, with the p-value of "not more often than in the
/// reference".
pub(super) fn measure(reference: DistinctCount, current: DistinctCount) -> Result<Measure, Reason> {
    let share = proportion(current.copies(), current.rows).ok_or(Reason::NoRows)?;
    if reference.rows == 0 {
        return Err(Reason::NoReference);
    }
    Ok(share.with_p_value(p_value(reference, current)))
}

/// Probability that so many of all copies fall to the current side. Repeated sending makes copies in
/// proportion to the rows, a limited number of different rows in proportion to their square at most, so a
/// current side that is larger than the reference may have that many more.
fn p_value(reference: DistinctCount, current: DistinctCount) -> f64 {
    let Some(at_most) = current.copies().checked_sub(1) else {
        return 1.0;
    };
    let ratio = current.rows as f64 / reference.rows as f64;
    let weight = ratio * ratio.max(1.0);
    let total = reference.copies() + current.copies();
    binomial_sf(at_most, total, weight / (1.0 + weight))
}

#[cfg(test)]
mod tests {
    use keepwell_testkit::random::Random;

    use super::*;
    use crate::profile::DuplicateProfile;
    use crate::sketch::Hash128;

    fn count(rows: u64, copies: u64) -> DistinctCount {
        DistinctCount {
            rows,
            distinct: rows - copies,
        }
    }

    #[test]
    fn a_doubled_part_is_found() {
        let found = measure(count(1000, 3), count(500, 40)).expect("rows");
        assert_eq!(found.value, 0.08);
        assert!(found.p_value.expect("a law") < 1e-9);
        let none = measure(count(1000, 30), count(500, 0)).expect("rows");
        assert_eq!((none.value, none.p_value), (0.0, Some(1.0)));
        assert_eq!(measure(count(0, 0), count(5, 0)), Err(Reason::NoReference));
        assert_eq!(measure(count(5, 0), count(0, 0)), Err(Reason::NoRows));
    }

    #[test]
    fn copies_by_chance_raise_no_alarm() {
        // Rows of few possible values repeat one another, more so in the larger table.
        let mut random = Random::new(61);
        for n_values in [200, 5_000, 1_000_000] {
            for (n, m) in [(300, 300), (300, 3000), (3000, 300)] {
                let mut alarms = 0;
                for _ in 0..200 {
                    let mut side = |rows: usize| {
                        let mut profile = DuplicateProfile::default();
                        for _ in 0..rows {
                            let value = random.below(n_values) as u64;
                            profile.push(Hash128::of(&value.to_le_bytes()));
                        }
                        profile.count()
                    };
                    alarms += u32::from(p_value(side(n), side(m)) <= 0.05);
                }
                // Three standard errors of a share of 0.05 in 200.
                assert!(alarms <= 10 + 9, "{n_values} {n} {m}: {alarms}");
            }
        }
    }
}
