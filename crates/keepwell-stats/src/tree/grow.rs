//! Growing one tree, best leaf first.

use super::bins::Binned;
use super::split::{Histogram, Limits, Split, Sums};
use super::{Config, Node, Tree};

/// What all leaves of a tree share.
pub(super) struct Grower<'a> {
    pub(super) binned: &'a Binned,
    /// Features that the tree may use.
    pub(super) features: &'a [usize],
    pub(super) limits: Limits,
    pub(super) config: &'a Config,
}

/// A leaf that may still be split.
struct Open {
    /// Position among the nodes.
    place: usize,
    rows: Vec<u32>,
    /// Derivatives of the rows, in their order.
    sums: Vec<Sums>,
    total: Sums,
    /// Absent in a leaf that is not split again.
    histogram: Option<Histogram>,
    split: Option<Split>,
}

impl Grower<'_> {
    /// Grows a tree on these rows and adds the gain of each split to that of its feature.
    pub(super) fn grow(&self, rows: Vec<u32>, sums: Vec<Sums>, gains: &mut [f64]) -> Tree {
        let histogram = Histogram::of(self.binned, self.features, &rows, &sums);
        let root = self.open(0, rows, sums, Some(histogram));
        let mut nodes = vec![self.leaf(root.total)];
        let mut open = vec![root];
        while open.len() < self.config.n_leaves
            && let Some((leaf, split)) = take_best(&mut open)
        {
            gains[split.feature_idx] += split.gain;
            let children = [nodes.len(), nodes.len() + 1];
            nodes[leaf.place] = Node::Inner {
                feature_idx: split.feature_idx,
                left: split.left,
                children,
            };
            let is_last = open.len() + 2 >= self.config.n_leaves;
            for child in self.split(leaf, split, children, is_last) {
                nodes.push(self.leaf(child.total));
                open.push(child);
            }
        }
        Tree { nodes }
    }

    fn leaf(&self, total: Sums) -> Node {
        let step = -total.gradient / (total.hessian + self.limits.l2);
        Node::Leaf {
            // Without rows and without penalty there is no step.
            value: if step.is_finite() {
                self.config.learning_rate * step
            } else {
                0.0
            },
        }
    }

    fn open(
        &self,
        place: usize,
        rows: Vec<u32>,
        sums: Vec<Sums>,
        histogram: Option<Histogram>,
    ) -> Open {
        let mut total = Sums::default();
        sums.iter().for_each(|&own| total.add(own));
        let split = histogram.as_ref().and_then(|histogram| {
            histogram.best_split(self.binned, self.features, total, self.limits)
        });
        Open {
            place,
            rows,
            sums,
            total,
            histogram,
            split,
        }
    }

    fn split(&self, leaf: Open, split: Split, places: [usize; 2], is_last: bool) -> [Open; 2] {
        let bins = &self.binned.features[split.feature_idx].bins;
        let mut parts = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
        for (&row, &own) in leaf.rows.iter().zip(&leaf.sums) {
            let is_right = !split.left.has(bins[row as usize]);
            let (rows, sums) = &mut parts[usize::from(is_right)];
            rows.push(row);
            sums.push(own);
        }
        let mut histograms = [None, None];
        if let Some(mut rest) = leaf.histogram.filter(|_| !is_last) {
            // Only the smaller part is counted; the rest of the histogram is that of the larger.
            let smaller = usize::from(parts[1].0.len() < parts[0].0.len());
            let (rows, sums) = &parts[smaller];
            let counted = Histogram::of(self.binned, self.features, rows, sums);
            rest.subtract(&counted);
            histograms[smaller] = Some(counted);
            histograms[1 - smaller] = Some(rest);
        }
        let [left, right] = parts;
        let [of_left, of_right] = histograms;
        [
            self.open(places[0], left.0, left.1, of_left),
            self.open(places[1], right.0, right.1, of_right),
        ]
    }
}

/// Takes the leaf with the best split; of equally good ones the first.
fn take_best(open: &mut Vec<Open>) -> Option<(Open, Split)> {
    let mut best: Option<(usize, Split)> = None;
    for (idx, leaf) in open.iter().enumerate() {
        if let Some(split) = leaf.split
            && best.is_none_or(|(_, best)| split.gain > best.gain)
        {
            best = Some((idx, split));
        }
    }
    best.map(|(idx, split)| (open.remove(idx), split))
}
