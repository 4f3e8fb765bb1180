//! Small pictures of block characters.

use crate::report::digest::Mark;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Nothing there, nothing found.
const NOTHING: char = '·';
/// Not judged, no value.
const UNKNOWN: char = '?';

/// A histogram; `top` is the share that fills a whole block.
pub(super) fn histogram(shares: &[f64], top: f64) -> String {
    shares
        .iter()
        .map(|&share| {
            if share > 0.0 && top > 0.0 {
                block(share / top)
            } else {
                NOTHING
            }
        })
        .collect()
}

/// A strip over windows, at most `limit` signs: of windows that share a sign the strongest is shown.
pub(super) fn strip(marks: &[Mark], limit: usize) -> String {
    let strength = |mark: &Mark| match mark {
        Mark::Undecided => -1.0,
        Mark::Quiet => 0.0,
        Mark::Hit(strength) => *strength,
    };
    buckets(marks, limit)
        .map(|bucket| bucket.iter().map(strength).fold(-1.0, f64::max))
        .map(|strongest| {
            if strongest < 0.0 {
                UNKNOWN
            } else if strongest > 0.0 {
                // The least of all is not read as "nothing".
                block(0.125 + 0.875 * strongest)
            } else {
                NOTHING
            }
        })
        .collect()
}

/// A curve over windows between the least and the greatest value, or around them over `span_min` where
/// they are closer; at most `limit` signs.
pub(super) fn curve(values: &[Option<f64>], span_min: f64, limit: usize) -> String {
    let known = || values.iter().flatten().copied();
    let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let span = (high - low).max(span_min);
    let base = (low + high - span) / 2.0;
    buckets(values, limit)
        .map(|bucket| {
            let known: Vec<f64> = bucket.iter().flatten().copied().collect();
            if known.is_empty() {
                return UNKNOWN;
            }
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            if span > 0.0 {
                block((mean - base) / span)
            } else {
                BLOCKS[3]
            }
        })
        .collect()
}

fn block(level: f64) -> char {
    // The cast saturates; NaN becomes 0.
    let idx = (level * BLOCKS.len() as f64).ceil() as usize;
    BLOCKS[idx.clamp(1, BLOCKS.len()) - 1]
}

fn buckets<T>(items: &[T], limit: usize) -> impl Iterator<Item = &[T]> {
    let n = items.len().min(limit.max(1));
    (0..n).map(move |idx| &items[idx * items.len() / n..(idx + 1) * items.len() / n])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_show_zero_apart_from_little() {
        assert_eq!(histogram(&[0.0, 0.001, 0.25, 0.5], 0.5), "·▁▄█");
        assert_eq!(histogram(&[0.0, 0.0], 0.0), "··");
    }

    #[test]
    fn strips_tell_quiet_from_undecided() {
        let marks = [
            Mark::Undecided,
            Mark::Quiet,
            Mark::Hit(0.01),
            Mark::Hit(0.5),
            Mark::Hit(1.0),
        ];
        assert_eq!(strip(&marks, 40), "?·▂▅█");
        assert_eq!(strip(&marks, 2), "·█");
        assert_eq!(strip(&[], 40), "");
    }

    #[test]
    fn curves_span_their_values() {
        assert_eq!(curve(&[Some(0.7), None, Some(0.9)], 0.1, 40), "▁?█");
        assert_eq!(curve(&[Some(0.7), Some(0.7)], 0.0, 40), "▄▄");
        assert_eq!(curve(&[Some(0.700), Some(0.701)], 0.1, 40), "▄▅");
        assert_eq!(curve(&vec![Some(1.0); 365], 0.1, 30).chars().count(), 30);
    }
}
