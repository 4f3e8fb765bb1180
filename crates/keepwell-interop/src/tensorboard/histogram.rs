//! Histograms, and the distributions that are drawn of them.

use super::proto::summary::HistogramProto;
use super::tensor::Tensor;

/// Counts of values between edges.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// In ascending order; none for no values.
    pub buckets: Vec<Bucket>,
}

/// Values between two edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Lower edge.
    pub left: f64,
    /// Upper edge.
    pub right: f64,
    /// Number of values, as written; weights need not be whole.
    pub count: f64,
}

/// Shares of a normal distribution below its mean less 3, 1.5, 1, 0.5 standard deviations and so on, between
/// the least and the greatest value: what TensorBoard's dashboard of distributions draws, in ten-thousandths.
pub const DISTRIBUTION_BASIS_POINTS: [u16; 9] = [0, 668, 1587, 3085, 5000, 6915, 8413, 9332, 10000];

impl Histogram {
    /// `n_buckets` buckets of one width from the least to the greatest of the finite `values`. Of equal values
    /// all edges are that value and the last bucket has the count, as TensorBoard's own writer does it.
    pub fn of_values(values: &[f64], n_buckets: usize) -> Self {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let (Some(min), Some(max)) = (
            finite().min_by(f64::total_cmp),
            finite().max_by(f64::total_cmp),
        ) else {
            return Self::default();
        };
        let n_buckets = n_buckets.max(1);
        // Halves, so that the width of the whole range does not overflow.
        let width = (max / 2.0 - min / 2.0) / n_buckets as f64 * 2.0;
        let edge = |idx: usize| {
            if idx == n_buckets {
                max
            } else {
                min + width * idx as f64
            }
        };
        let mut buckets: Vec<Bucket> = (0..n_buckets)
            .map(|idx| Bucket {
                left: edge(idx),
                right: edge(idx + 1),
                count: 0.0,
            })
            .collect();
        for value in finite() {
            let idx = if width > 0.0 {
                ((value / 2.0 - min / 2.0) / width * 2.0) as usize
            } else {
                n_buckets
            };
            buckets[idx.min(n_buckets - 1)].count += 1.0;
        }
        Self { buckets }
    }

    /// The buckets of a message of the first format without the empty ones at its ends, which lie beyond the
    /// least and the greatest value.
    pub(crate) fn of_proto(proto: &HistogramProto) -> Result<Self, String> {
        let (limits, counts) = (&proto.bucket_limit, &proto.bucket);
        if limits.len() != counts.len() {
            return Err(format!(
                "expected as many edges as counts; found {} and {}",
                limits.len(),
                counts.len()
            ));
        }
        let is_filled = |count: &f64| *count > 0.0;
        let (Some(first), Some(last)) = (
            counts.iter().position(is_filled),
            counts.iter().rposition(is_filled),
        ) else {
            return Ok(Self::default());
        };
        let buckets = (first..=last).map(|idx| Bucket {
            left: if idx == first {
                proto.min
            } else {
                limits[idx - 1]
            },
            right: if idx == last { proto.max } else { limits[idx] },
            count: counts[idx],
        });
        Ok(Self {
            buckets: buckets.collect(),
        })
    }

    /// The buckets of a tensor of shape `[k, 3]`.
    pub(crate) fn of_tensor(tensor: &Tensor) -> Result<Self, String> {
        let numbers = tensor.numbers().ok_or("expected numbers; found texts")?;
        // A tensor without elements may have any shape.
        if !numbers.is_empty() && !matches!(tensor.shape.as_slice(), [_, 3]) {
            return Err(format!(
                "expected a histogram of shape [k, 3]; found {:?}",
                tensor.shape
            ));
        }
        let (rows, _) = numbers.as_chunks::<3>();
        let buckets = rows
            .iter()
            .map(|&[left, right, count]| Bucket { left, right, count });
        Ok(Self {
            buckets: buckets.collect(),
        })
    }

    /// Sum of the counts.
    pub fn total(&self) -> f64 {
        self.buckets.iter().map(|bucket| bucket.count).sum()
    }

    /// The value below which `share` of the values lie, in `[0, 1]`, where values are spread evenly inside a
    /// bucket; `None` without values.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.total();
        let filled = || self.buckets.iter().filter(|bucket| bucket.count > 0.0);
        let mut below = 0.0;
        for bucket in filled() {
            if below + bucket.count > wanted {
                let inside = (wanted - below) / bucket.count;
                return Some(bucket.left + inside * (bucket.right - bucket.left));
            }
            below += bucket.count;
        }
        filled().next_back().map(|bucket| bucket.right)
    }

    /// Values at [`DISTRIBUTION_BASIS_POINTS`]; `None` without values.
    pub fn distribution(&self) -> Option<[f64; 9]> {
        let mut values = [0.0; 9];
        for (value, basis_points) in values.iter_mut().zip(DISTRIBUTION_BASIS_POINTS) {
            *value = self.quantile(f64::from(basis_points) / 10_000.0)?;
        }
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_the_first_format_end_at_the_least_and_greatest_value() {
        let proto = HistogramProto {
            min: -0.5,
            max: 2.5,
            bucket_limit: vec![-1.0, 0.0, 1.0, 2.0, 3.0, f64::MAX],
            bucket: vec![0.0, 3.0, 0.0, 1.0, 2.0, 0.0],
        };
        let histogram = Histogram::of_proto(&proto).expect("a histogram");
        let rows: Vec<_> = histogram
            .buckets
            .iter()
            .map(|bucket| (bucket.left, bucket.right, bucket.count))
            .collect();
        let expected = [
            (-0.5, 0.0, 3.0),
            (0.0, 1.0, 0.0),
            (1.0, 2.0, 1.0),
            (2.0, 2.5, 2.0),
        ];
        assert_eq!(rows, expected);
        let empty = HistogramProto {
            bucket: vec![0.0; 6],
            ..proto.clone()
        };
        assert_eq!(Histogram::of_proto(&empty), Ok(Histogram::default()));
        let uneven = HistogramProto {
            bucket: vec![1.0],
            ..proto
        };
        assert!(Histogram::of_proto(&uneven).is_err());
    }

    #[test]
    fn quantiles_are_between_the_edges() {
        let histogram = Histogram::of_values(&[0.0, 1.0, 1.0, 4.0, f64::NAN], 4);
        assert_eq!(histogram.total(), 4.0);
        assert_eq!(histogram.quantile(0.0), Some(0.0));
        // A quarter of the values is in [0, 1), half in [1, 2).
        assert_eq!(histogram.quantile(0.25), Some(1.0));
        assert_eq!(histogram.quantile(0.5), Some(1.5));
        assert_eq!(histogram.quantile(1.0), Some(4.0));
        assert_eq!(Histogram::of_values(&[f64::NAN], 4).quantile(0.5), None);
    }

    #[test]
    fn extreme_and_equal_values_have_their_buckets() {
        let wide = Histogram::of_values(&[f64::MIN, f64::MAX], 2);
        assert_eq!(wide.buckets[0].count, 1.0);
        assert_eq!(wide.buckets[1].count, 1.0);
        let equal = Histogram::of_values(&[2.0; 5], 3);
        assert_eq!(equal.buckets[2].count, 5.0);
        assert_eq!(equal.total(), 5.0);
    }
}
