//! Distribution functions and their inverses, to the accuracy of SciPy.
//!
//! Tails are computed as tails, never as one minus the rest, so that a p-value of 1e-300 has as many
//! right digits as one of 0.5. Densities of counts use the saddle-point form (Loader 2000, "Fast and
//! accurate computation of binomial probabilities"), which does not lose digits when `n` is in the
//! millions, as a difference of log-gamma values does.
//!
//! In reading order:
//!
//! - [`normal`]: the standard normal distribution;
//! - [`gamma`]: log-gamma, the incomplete gamma function, chi-squared;
//! - [`beta`]: the incomplete beta function, binomial tails;
//! - [`hypergeometric`]: Fisher's exact test;
//! - [`divisor`]: the greatest common divisor;
//! - [`contingency`]: Pearson's chi-squared statistic of a table of two rows;
//! - [`kolmogorov`]: the limit law of Kolmogorov and the one-sided law of Smirnov;
//! - [`kstwo`]: the two-sided law of Kolmogorov for a finite sample;
//! - [`two_sample`]: that of Kolmogorov and Smirnov for two finite samples;
//! - [`kuiper`]: the limit law of Kuiper;
//! - [`bridge`]: the limit laws of Cramér and von Mises, and of Anderson and Darling;
//! - [`cramer_von_mises`]: the former for two small samples;
//! - [`rank_sum`]: the law of Mann and Whitney;
//! - [`student`]: Student's t distribution;
//! - [`quadratic_form`]: statistics that are quadratic in the labels of rows.

pub mod normal;

pub mod gamma;

pub mod beta;

pub mod hypergeometric;

pub mod divisor;

pub mod contingency;

pub mod kolmogorov;

pub mod kstwo;

pub mod two_sample;

pub mod kuiper;

pub mod bridge;

pub mod cramer_von_mises;

pub mod rank_sum;

pub mod student;

pub mod quadratic_form;

pub use beta::{beta_cdf, beta_sf, binomial_cdf, binomial_sf};
pub use bridge::{anderson_darling_sf, cramer_von_mises_sf};
pub use contingency::{Table, TableLaw};
pub use cramer_von_mises::cramer_von_mises_exact_sf;
pub use divisor::greatest_common_divisor;
pub use gamma::{chi_squared_sf, gamma_cdf, gamma_sf, ln_gamma};
pub use hypergeometric::{at_least_marked, fisher_exact, ln_all_marked};
pub use kolmogorov::{kolmogorov_sf, smirnov_sf};
pub use kstwo::kstwo_sf;
pub use kuiper::kuiper_sf;
pub use normal::{normal_cdf, normal_quantile, normal_sf};
pub use quadratic_form::{NullMoments, QuadraticForm, Step};
pub use rank_sum::rank_sum_sf;
pub use student::student_two_sided;
pub use two_sample::{TwoSampleDistance, two_sample_sf};

#[cfg(test)]
pub(crate) mod tests {
    /// Fails unless `found` lies within `relative` of `expected`.
    #[track_caller]
    pub(crate) fn assert_close(found: f64, expected: f64, relative: f64) {
        let error = (found - expected).abs();
        assert!(
            error <= relative * expected.abs(),
            "expected {expected:e}, found {found:e}, relative error {:e}",
            error / expected.abs()
        );
    }
}
