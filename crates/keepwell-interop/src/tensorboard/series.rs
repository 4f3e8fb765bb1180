//! Points of one scalar, in compact columns.

/// A scalar at a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Step of the training, as it was written; may repeat, go back or be negative.
    pub step: i64,
    /// Seconds since 1970, finite.
    pub wall_time: f64,
    /// The value; NaN and infinity are values like others.
    pub value: f64,
}

/// A place where the steps of a series went back, as after a restart from a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restart {
    /// Greatest step before.
    pub step_before: i64,
    /// The first point after.
    pub point: Point,
}

/// Points that a block holds.
const BLOCK_POINTS: usize = 256;

/// Points in the order in which they were written, none left out and none rounded.
///
/// Training writes steps at a fixed stride, times that are near each other, and values of 32 bits: a point
/// then takes 8 bytes. Where one of these does not hold, a block of 256 points keeps that column in full.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    sealed: Vec<Block>,
    /// The last points, fewer than a block.
    open: Vec<Point>,
}

impl Series {
    /// Appends a point.
    #[inline]
    pub fn push(&mut self, point: Point) {
        self.open.push(point);
        if self.open.len() == BLOCK_POINTS {
            self.sealed.push(Block::new(&self.open));
            self.open.clear();
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.sealed.len() * BLOCK_POINTS + self.open.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The points, in order.
    pub fn iter(&self) -> impl Iterator<Item = Point> + Clone + '_ {
        self.sealed
            .iter()
            .flat_map(Block::iter)
            .chain(self.open.iter().copied())
    }
}

/// What TensorBoard shows of `points`: where a step is not above the one before, the points from that step
/// on are dropped, since the run began again from there; so steps ascend, and of a repeated step the last
/// point stays.
pub fn shown(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(points.size_hint().0);
    for point in points {
        while kept.last().is_some_and(|last| last.step >= point.step) {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}

/// Where the steps of `points` went back. A repeated step is no restart.
pub fn restarts(points: impl Iterator<Item = Point>) -> Vec<Restart> {
    let mut found = Vec::new();
    let mut before: Option<i64> = None;
    for point in points {
        if let Some(step_before) = before
            && point.step < step_before
        {
            found.push(Restart { step_before, point });
        }
        before = Some(point.step);
    }
    found
}

/// `BLOCK_POINTS` points, each column in the smallest form that loses nothing.
#[derive(Debug, Clone, PartialEq)]
struct Block {
    steps: Steps,
    wall_times: WallTimes,
    values: Values,
}

#[derive(Debug, Clone, PartialEq)]
enum Steps {
    /// `first + idx * stride`, wrapping.
    Regular {
        first: i64,
        stride: i64,
    },
    Listed(Box<[i64; BLOCK_POINTS]>),
}

#[derive(Debug, Clone, PartialEq)]
enum WallTimes {
    /// Bits of the numbers, as offsets from the least.
    Near {
        least_bits: u64,
        offsets: Box<[u32; BLOCK_POINTS]>,
    },
    Listed(Box<[f64; BLOCK_POINTS]>),
}

#[derive(Debug, Clone, PartialEq)]
enum Values {
    Single(Box<[f32; BLOCK_POINTS]>),
    Double(Box<[f64; BLOCK_POINTS]>),
}

impl Block {
    fn new(points: &[Point]) -> Self {
        Self {
            steps: Steps::new(points),
            wall_times: WallTimes::new(points),
            values: Values::new(points),
        }
    }

    fn iter(&self) -> impl Iterator<Item = Point> + Clone + '_ {
        (0..BLOCK_POINTS).map(|idx| self.point(idx))
    }

    fn point(&self, idx: usize) -> Point {
        let step = match &self.steps {
            Steps::Regular { first, stride } => first.wrapping_add(stride.wrapping_mul(idx as i64)),
            Steps::Listed(steps) => steps[idx],
        };
        let wall_time = match &self.wall_times {
            WallTimes::Near {
                least_bits,
                offsets,
            } => f64::from_bits(least_bits + u64::from(offsets[idx])),
            WallTimes::Listed(times) => times[idx],
        };
        let value = match &self.values {
            Values::Single(values) => f64::from(values[idx]),
            Values::Double(values) => values[idx],
        };
        Point {
            step,
            wall_time,
            value,
        }
    }
}

/// A column of a block on the heap.
fn column<T: Copy + Default>(of: impl Fn(usize) -> T) -> Box<[T; BLOCK_POINTS]> {
    let mut column = Box::new([T::default(); BLOCK_POINTS]);
    for (idx, place) in column.iter_mut().enumerate() {
        *place = of(idx);
    }
    column
}

impl Steps {
    fn new(points: &[Point]) -> Self {
        let first = points[0].step;
        let stride = points[1].step.wrapping_sub(first);
        let is_regular = points
            .windows(2)
            .all(|pair| pair[1].step.wrapping_sub(pair[0].step) == stride);
        if is_regular {
            Self::Regular { first, stride }
        } else {
            Self::Listed(column(|idx| points[idx].step))
        }
    }
}

impl WallTimes {
    fn new(points: &[Point]) -> Self {
        // Bits of numbers of one sign are ordered as the numbers are, so near times have near bits.
        let bits = points.iter().map(|point| point.wall_time.to_bits());
        let least_bits = bits.clone().min().unwrap_or_default();
        if bits
            .clone()
            .all(|bits| u32::try_from(bits - least_bits).is_ok())
        {
            Self::Near {
                least_bits,
                offsets: column(|idx| (points[idx].wall_time.to_bits() - least_bits) as u32),
            }
        } else {
            Self::Listed(column(|idx| points[idx].wall_time))
        }
    }
}

impl Values {
    fn new(points: &[Point]) -> Self {
        let is_single = points
            .iter()
            .all(|point| f64::from(point.value as f32).to_bits() == point.value.to_bits());
        if is_single {
            Self::Single(column(|idx| points[idx].value as f32))
        } else {
            Self::Double(column(|idx| points[idx].value))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(points: impl Iterator<Item = Point>) -> Vec<(i64, u64, u64)> {
        points
            .map(|point| (point.step, point.wall_time.to_bits(), point.value.to_bits()))
            .collect()
    }

    fn at(step: i64, value: f64) -> Point {
        Point {
            step,
            wall_time: 1.7e9 + step as f64,
            value,
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(
            regular in any::<bool>(),
            near in any::<bool>(),
            single in any::<bool>(),
            seeds in proptest::collection::vec((any::<i64>(), -1e9..1e10_f64, any::<f64>()), 0..600),
        ) {
            let points: Vec<Point> = seeds
                .into_iter()
                .enumerate()
                .map(|(idx, (step, wall_time, value))| Point {
                    step: if regular { 10 * idx as i64 - 7 } else { step },
                    wall_time: if near { 1.7e9 + (idx * 37 % 100) as f64 / 3.0 } else { wall_time },
                    value: if single { f64::from(value as f32) } else { value },
                })
                .collect();
            let mut series = Series::default();
            for &point in &points {
                series.push(point);
            }
            prop_assert_eq!(series.len(), points.len());
            prop_assert_eq!(bits(series.iter()), bits(points.iter().copied()));
        }

        #[test]
        fn what_is_shown_ascends_and_ends_with_the_last(steps in proptest::collection::vec(-20..20_i64, 1..60)) {
            let points: Vec<Point> = steps.iter().enumerate().map(|(idx, &step)| at(step, idx as f64)).collect();
            let kept = shown(points.iter().copied());
            prop_assert!(kept.windows(2).all(|pair| pair[0].step < pair[1].step));
            prop_assert_eq!(kept.last(), points.last());
            // A point is shown exactly if all later steps are greater.
            let expected: Vec<Point> = (0..points.len())
                .filter(|&idx| points[idx + 1..].iter().all(|later| later.step > points[idx].step))
                .map(|idx| points[idx])
                .collect();
            prop_assert_eq!(kept, expected);
        }
    }

    #[test]
    fn a_usual_point_takes_eight_bytes() {
        let points: Vec<Point> = (0..256)
            .map(|step| at(step * 100, f64::from(0.1_f32)))
            .collect();
        let block = Block::new(&points);
        assert!(matches!(
            block.steps,
            Steps::Regular {
                first: 0,
                stride: 100
            }
        ));
        assert!(matches!(block.values, Values::Single(_)));
        // At 1.7e9 seconds, 2^32 bits apart are 1,024 seconds.
        let near: Vec<Point> = (0..256).map(|step| at(step * 4, 0.0)).collect();
        assert!(matches!(WallTimes::new(&near), WallTimes::Near { .. }));
        assert!(matches!(block.wall_times, WallTimes::Listed(_)));
    }

    #[test]
    fn a_restart_is_where_steps_go_back() {
        let steps = [1, 2, 3, 3, 2, 3, 4];
        let points = steps.iter().map(|&step| at(step, 0.0));
        let found = restarts(points);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].step_before, found[0].point.step), (3, 2));
    }
}
