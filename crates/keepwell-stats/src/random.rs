//! A seeded generator: the same seed gives the same numbers, on every machine and in every version.

/// SplitMix64: Steele, Lea and Flood (2014), Proceedings of OOPSLA, 453–472.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator. Seeds that are near one another give unrelated numbers.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in `[0, 1)`, a multiple of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `0..n`, for `n` of at least one.
    pub fn below(&mut self, n: usize) -> usize {
        // The high half of the product; its bias is at most n / 2^64.
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Puts the values in random order, each with the same probability.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for end in (1..values.len()).rev() {
            values.swap(end, self.below(end + 1));
        }
    }

    /// `n` different numbers of `0..total`, ascending; all of them if `n` is larger.
    pub fn subset(&mut self, n: usize, total: usize) -> Vec<usize> {
        let mut taken = Vec::with_capacity(n.min(total));
        for idx in 0..total {
            // Each number is taken with the share of what is still needed in what is left.
            let needed = n.min(total) - taken.len();
            if self.below(total - idx) < needed {
                taken.push(idx);
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn choices_are_uniform() {
        let mut random = Random::new(2);
        let (mut first, mut below, mut taken) = ([0_u32; 5], [0_u32; 7], [0_u32; 6]);
        for _ in 0..21_000 {
            let mut order = [0, 1, 2, 3, 4];
            random.shuffle(&mut order);
            first[order[0]] += 1;
            below[random.below(7)] += 1;
            let subset = random.subset(2, 6);
            assert_eq!(subset.len(), 2);
            subset.into_iter().for_each(|idx| taken[idx] += 1);
        }
        // Five standard deviations of a binomial count.
        assert!(first.iter().all(|count| count.abs_diff(4_200) < 290));
        assert!(below.iter().all(|count| count.abs_diff(3_000) < 255));
        assert!(taken.iter().all(|count| count.abs_diff(7_000) < 345));
        assert_eq!(random.subset(9, 3), [0, 1, 2]);
        assert_eq!(random.subset(1, 0), [0; 0]);
    }
}
