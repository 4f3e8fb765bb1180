//! The standard normal distribution.

use std::f64::consts::FRAC_1_SQRT_2;

/// Probability of a value `<= z`.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Probability of a value `> z`.
pub fn normal_sf(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// The `z` with `normal_cdf(z) == p`; infinite at 0 and 1, NaN outside `[0, 1]`.
///
/// For an upper tail `q` take `-normal_quantile(q)`. Wichura (1988), Algorithm AS 241, Applied
/// Statistics 37(3), 477–484: relative error about 1e-16.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let from_half = p - 0.5;
    if from_half.abs() <= 0.425 {
        let r = 0.425 * 0.425 - from_half * from_half;
        return from_half * ratio(&CENTRE, r);
    }
    let tail = if from_half < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(from_half);
    }
    let r = (-tail.ln()).sqrt();
    let z = if r <= 5.0 {
        ratio(&TAIL, r - 1.6)
    } else {
        ratio(&FAR_TAIL, r - 5.0)
    };
    z.copysign(from_half)
}

/// Coefficients of a numerator and a denominator, constant term first.
type Rational = [[f64; 8]; 2];

fn ratio(coefficients: &Rational, x: f64) -> f64 {
    let [numerator, denominator] = coefficients.map(|polynomial| {
        polynomial
            .iter()
            .rev()
            .fold(0.0, |acc, coefficient| acc * x + coefficient)
    });
    numerator / denominator
}

const CENTRE: Rational = [
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
];

const TAIL: Rational = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

const FAR_TAIL: Rational = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::tests::assert_close;

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.norm.sf
        for (z, expected) in [
            (0.0, 0.5),
            (1.96, 0.024_997_895_148_220_428),
            (-3.0, 0.998_650_101_968_369_9),
            (10.0, 7.619_853_024_160_526e-24),
            (37.0, 5.725_571_222_524_577e-300),
        ] {
            assert_close(normal_sf(z), expected, 1e-12);
            assert_close(normal_cdf(-z), expected, 1e-12);
        }
    }

    #[test]
    fn quantile_agrees_with_scipy() {
        // scipy.special.ndtri
        for (p, expected) in [
            (0.975, 1.959_963_984_540_054),
            (0.3, -0.524_400_512_708_041),
            (1e-5, -4.264_890_793_922_825),
            (1e-20, -9.262_340_089_798_408),
            (1e-300, -37.047_096_299_361_2),
        ] {
            assert_close(normal_quantile(p), expected, 1e-14);
        }
    }

    #[test]
    fn quantile_inverts_the_cdf() {
        for exponent in 1..300 {
            let p = 0.37 * 10f64.powi(-exponent);
            assert_close(normal_cdf(normal_quantile(p)), p, 1e-11);
        }
    }

    #[test]
    fn quantile_of_the_ends_is_infinite() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.5).is_nan());
        assert!(normal_quantile(f64::NAN).is_nan());
    }
}
