//! Length of the longest common subsequence and edit distance of numbered tokens, 64 at a time.

const WORD: usize = u64::BITS as usize;

/// Calls `advance` for each stretch of 64 tokens of `left` and each token of `right`, with the bits of the
/// stretch that are equal to that token and the position of the token.
fn sweep(left: &[u32], right: &[u32], mut advance: impl FnMut(&[u32], usize, u64)) {
    let n_tokens = left
        .iter()
        .chain(right)
        .max()
        .map_or(0, |&most| most as usize + 1);
    let mut equal = vec![0_u64; n_tokens];
    for stretch in left.chunks(WORD) {
        for (bit, &token) in stretch.iter().enumerate() {
            equal[token as usize] |= 1 << bit;
        }
        for (position, &token) in right.iter().enumerate() {
            advance(stretch, position, equal[token as usize]);
        }
        stretch.iter().for_each(|&token| equal[token as usize] = 0);
    }
}

/// Length of the longest common subsequence: Hyyrö (2004), Prague Stringology Conference, 29–38. Takes
/// `O(n m / 64)` time.
pub(super) fn common_subsequence(left: &[u32], right: &[u32]) -> u64 {
    let mut carries = vec![false; right.len()];
    let mut unmatched = u64::MAX;
    let mut length = 0;
    sweep(left, right, |stretch, position, equal| {
        if position == 0 {
            unmatched = u64::MAX;
        }
        let used = unmatched & equal;
        let (sum, first) = unmatched.overflowing_add(used);
        let (sum, second) = sum.overflowing_add(u64::from(carries[position]));
        carries[position] = first || second;
        unmatched = sum | (unmatched & !equal);
        if position + 1 == right.len() {
            let bits = u64::MAX >> (WORD - stretch.len());
            length += u64::from((!unmatched & bits).count_ones());
        }
    });
    length
}

/// Least number of tokens to insert, delete or replace that turn one into the other: Myers (1999), Journal
/// of the ACM 46(3), 395–415, in the form of Hyyrö (2003). Takes `O(n m / 64)` time.
pub(super) fn edit_distance(left: &[u32], right: &[u32]) -> u64 {
    // Difference between the cell above a stretch and its left neighbour, for each token of `right`.
    let mut above = vec![1_i8; right.len()];
    let (mut rises, mut falls) = (0_u64, 0_u64);
    let mut distance = left.len() as i64;
    let n_stretches = left.len().div_ceil(WORD);
    let mut stretch_idx = 0;
    sweep(left, right, |stretch, position, equal| {
        if position == 0 {
            (rises, falls) = (u64::MAX, 0);
            stretch_idx += 1;
        }
        let carried = above[position];
        let vertical = equal | falls;
        let equal = equal | u64::from(carried < 0);
        let horizontal = (((equal & rises).wrapping_add(rises)) ^ rises) | equal;
        let mut right_rises = falls | !(horizontal | rises);
        let mut right_falls = rises & horizontal;
        let last = 1_u64 << (stretch.len() - 1);
        let step = i8::from(right_rises & last != 0) - i8::from(right_falls & last != 0);
        if stretch_idx == n_stretches {
            distance += i64::from(step);
        }
        above[position] = step;
        right_rises = right_rises << 1 | u64::from(carried > 0);
        right_falls = right_falls << 1 | u64::from(carried < 0);
        rises = right_falls | !(vertical | right_rises);
        falls = right_rises & vertical;
    });
    if left.is_empty() {
        right.len() as u64
    } else {
        distance.unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Both by their recurrences.
    fn slow(left: &[u32], right: &[u32]) -> (u64, u64) {
        let mut common = vec![vec![0_u64; right.len() + 1]; left.len() + 1];
        let mut edits = common.clone();
        for i in 0..=left.len() {
            for j in 0..=right.len() {
                if i == 0 || j == 0 {
                    edits[i][j] = (i + j) as u64;
                    continue;
                }
                let is_equal = left[i - 1] == right[j - 1];
                common[i][j] = if is_equal {
                    common[i - 1][j - 1] + 1
                } else {
                    common[i - 1][j].max(common[i][j - 1])
                };
                edits[i][j] = (edits[i - 1][j - 1] + u64::from(!is_equal))
                    .min(edits[i - 1][j] + 1)
                    .min(edits[i][j - 1] + 1);
            }
        }
        (
            common[left.len()][right.len()],
            edits[left.len()][right.len()],
        )
    }

    proptest! {
        #[test]
        fn agree_with_the_recurrences(
            left in vec(0_u32..5, 0..200),
            right in vec(0_u32..5, 0..200),
        ) {
            let found = (common_subsequence(&left, &right), edit_distance(&left, &right));
            prop_assert_eq!(found, slow(&left, &right));
        }

        #[test]
        fn agree_on_texts_with_few_edits(
            left in vec(0_u32..50, 1..300),
            edits in vec((any::<prop::sample::Index>(), 0_u32..50, 0_u8..3), 0..10),
        ) {
            let mut right = left.clone();
            for (place, token, kind) in edits {
                let place = place.index(right.len().max(1));
                match kind {
                    0 => right.insert(place.min(right.len()), token),
                    1 if place < right.len() => { right.remove(place); }
                    _ if place < right.len() => right[place] = token,
                    _ => {}
                }
            }
            let found = (common_subsequence(&left, &right), edit_distance(&left, &right));
            prop_assert_eq!(found, slow(&left, &right));
        }
    }
}
