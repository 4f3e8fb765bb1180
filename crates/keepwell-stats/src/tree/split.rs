//! The best split of a leaf, from histograms of gradients.

use super::bins::{BINS_MAX, Binned, Feature};

/// First and second derivative of the loss, summed over rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
}

impl Sums {
    pub(super) fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
    }

    fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
        }
    }

    /// How far a leaf of these rows lowers the loss, but for a factor of one half.
    fn gain(self, l2: f64) -> f64 {
        self.gradient * self.gradient / (self.hessian + l2)
    }
}

/// A set of bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct BinSet([u64; BINS_MAX / 64]);

impl BinSet {
    pub(super) fn has(&self, bin: u8) -> bool {
        self.0[usize::from(bin >> 6)] >> (bin & 63) & 1 == 1
    }

    fn insert(&mut self, bin: usize) {
        self.0[bin >> 6] |= 1 << (bin & 63);
    }
}

/// A split of the rows of a leaf in two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    pub(super) feature_idx: usize,
    /// Rows in these bins go left.
    pub(super) left: BinSet,
    /// How much it lowers the loss; above zero.
    pub(super) gain: f64,
}

/// What a split must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) l2: f64,
    pub(super) hessian_min: f64,
}

/// Added to [`Limits::l2`] and to the hessian of a category for names, whose order is itself chosen by the
/// gradients: `cat_l2` and `cat_smooth` of LightGBM.
const NOMINAL_L2: f64 = 10.0;

/// Sums for each bin of some features.
#[derive(Debug, Clone)]
pub(super) struct Histogram {
    bins: Vec<Sums>,
    /// Where the bins of each feature begin, and the end.
    starts: Vec<usize>,
}

impl Histogram {
    /// Sums over `rows`, whose derivatives are given in the same order.
    pub(super) fn of(binned: &Binned, features: &[usize], rows: &[u32], sums: &[Sums]) -> Self {
        let mut starts = vec![0];
        for &feature_idx in features {
            let last = starts[starts.len() - 1];
            starts.push(last + binned.features[feature_idx].n_bins);
        }
        let mut bins = vec![Sums::default(); starts[features.len()]];
        for (&feature_idx, range) in features.iter().zip(starts.windows(2)) {
            let places = &mut bins[range[0]..range[1]];
            let codes = &binned.features[feature_idx].bins;
            for (&row, &own) in rows.iter().zip(sums) {
                places[usize::from(codes[row as usize])].add(own);
            }
        }
        Self { bins, starts }
    }

    /// Turns the histogram of a leaf into that of one of its parts, by that of the other part.
    pub(super) fn subtract(&mut self, other: &Self) {
        for (own, other) in self.bins.iter_mut().zip(&other.bins) {
            *own = own.minus(*other);
        }
    }

    /// The best split of a leaf with these sums; of equally good ones the first.
    pub(super) fn best_split(
        &self,
        binned: &Binned,
        features: &[usize],
        total: Sums,
        limits: Limits,
    ) -> Option<Split> {
        let mut best: Option<Split> = None;
        for (&feature_idx, range) in features.iter().zip(self.starts.windows(2)) {
            let bins = &self.bins[range[0]..range[1]];
            let mut search = Search {
                bins,
                total,
                limits,
                base: 0.0,
                best: None,
            };
            search.run(&binned.features[feature_idx]);
            if let Some((gain, left)) = search.best
                && best.is_none_or(|best| gain > best.gain)
            {
                best = Some(Split {
                    feature_idx,
                    left,
                    gain,
                });
            }
        }
        best
    }
}

/// The search for the best split by one feature.
struct Search<'a> {
    bins: &'a [Sums],
    total: Sums,
    limits: Limits,
    /// Gain of the leaf as it is.
    base: f64,
    best: Option<(f64, BinSet)>,
}

impl Search<'_> {
    fn run(&mut self, feature: &Feature) {
        if feature.is_nominal {
            self.limits.l2 += NOMINAL_L2;
            let mut order: Vec<usize> = (0..self.bins.len())
                .filter(|&bin| self.bins[bin].hessian > 0.0)
                .collect();
            let slope = |bin: usize| {
                let sums = self.bins[bin];
                sums.gradient / (sums.hessian + NOMINAL_L2)
            };
            order.sort_by(|&a, &b| slope(a).total_cmp(&slope(b)));
            self.base = self.total.gain(self.limits.l2);
            self.scan(&order, None);
            return;
        }
        self.base = self.total.gain(self.limits.l2);
        let order: Vec<usize> = (1..self.bins.len()).collect();
        self.scan(&order, None);
        if self.bins[0].hessian > 0.0 {
            self.scan(&order, Some(0));
        }
    }

    /// Tries to send the bins in this order to the left, one after the other, after the bin `first`.
    fn scan(&mut self, order: &[usize], first: Option<usize>) {
        let Limits { l2, hessian_min } = self.limits;
        let mut left = Sums::default();
        let mut best = None;
        let tries = first.into_iter().chain(order.iter().copied());
        for (idx, bin) in tries.clone().enumerate() {
            left.add(self.bins[bin]);
            let right = self.total.minus(left);
            if left.hessian < hessian_min {
                continue;
            }
            if right.hessian < hessian_min {
                break;
            }
            let gain = left.gain(l2) + right.gain(l2) - self.base;
            if gain > self.best.map_or(0.0, |(best, _)| best)
                && best.is_none_or(|(best, _)| gain > best)
            {
                best = Some((gain, idx));
            }
        }
        if let Some((gain, last)) = best {
            let mut set = BinSet::default();
            tries.take(last + 1).for_each(|bin| set.insert(bin));
            self.best = Some((gain, set));
        }
    }
}
