//! Student's t distribution.

use super::beta::lower_tail;

/// Probability that the absolute value of a variable with Student's distribution exceeds `|t|`, with `df > 0`
/// degrees of freedom, not necessarily whole.
pub fn student_two_sided(t: f64, df: f64) -> f64 {
    let square = t * t;
    if square == f64::INFINITY {
        return 0.0;
    }
    let total = df + square;
    lower_tail([0.5 * df, 0.5], [df / total, square / total])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn agrees_with_mpmath() {
        for &(t, df, expected) in STUDENT {
            assert_close(student_two_sided(t, df), expected, 1e-12);
            assert_close(student_two_sided(-t, df), expected, 1e-12);
        }
    }

    #[test]
    fn one_degree_is_cauchy() {
        for t in [0.1_f64, 1.0, 50.0] {
            let expected = 1.0 - 2.0 * t.atan() / std::f64::consts::PI;
            assert_close(student_two_sided(t, 1.0), expected, 1e-11);
        }
    }

    #[test]
    fn ends_are_certain() {
        assert_eq!(student_two_sided(0.0, 3.0), 1.0);
        assert_eq!(student_two_sided(f64::INFINITY, 3.0), 0.0);
        assert_eq!(student_two_sided(1e200, 3.0), 0.0);
        assert!(student_two_sided(f64::NAN, 3.0).is_nan());
    }

    // Integral of the density by mpmath at 60 digits.
    const STUDENT: &[(f64, f64, f64)] = &[
        (0.3, 1.7, 0.79680291839745),
        (2.5, 3.0, 0.08770664700806555),
        (2.2, 27.35, 0.03643168467374915),
        (1.96, 1e6, 0.04999606758526979),
        (6.5, 123456.7, 8.062446291481816e-11),
        (30.0, 50.0, 1.2380022795987266e-33),
        (0.001, 1e9, 0.9992021155723774),
    ];
}
