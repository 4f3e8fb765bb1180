//! Small tables that give up columns rather than wrap.

use super::page::{Ink, Page, Span, width};

/// A column of a table.
pub(super) struct Field<'a> {
    /// Heading.
    pub(super) title: &'a str,
    /// Whether cells are aligned at the right.
    pub(super) is_right: bool,
    /// Where the table is too wide the column with the greatest rank goes first; 0 never goes.
    pub(super) rank: u8,
}

/// Writes a table, indented by two; each row has one span per field.
pub(super) fn write(page: &mut Page, fields: &[Field<'_>], rows: &[Vec<Span>]) {
    let widths: Vec<usize> = fields
        .iter()
        .enumerate()
        .map(|(idx, field)| {
            rows.iter()
                .filter_map(|row| row.get(idx))
                .map(|cell| width(&cell.text))
                .chain([width(field.title)])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut kept: Vec<usize> = (0..fields.len()).collect();
    // A column in which nothing stands is not shown.
    kept.retain(|&idx| {
        fields[idx].rank == 0
            || rows
                .iter()
                .any(|row| row.get(idx).is_some_and(|cell| !cell.text.is_empty()))
    });
    let total = |kept: &[usize]| kept.iter().map(|&idx| widths[idx] + 2).sum::<usize>();
    while total(&kept) > page.width() {
        let widest_rank = kept.iter().copied().max_by_key(|&idx| fields[idx].rank);
        match widest_rank {
            Some(idx) if fields[idx].rank > 0 => kept.retain(|&known| known != idx),
            _ => break,
        }
    }
    let titles: Vec<Span> = fields
        .iter()
        .map(|field| Span::new(Ink::Quiet, field.title))
        .collect();
    for row in std::iter::once(&titles).chain(rows) {
        let mut line = Vec::new();
        for &idx in &kept {
            let Some(cell) = row.get(idx) else { continue };
            let gap = widths[idx].saturating_sub(width(&cell.text));
            let (before, after) = if fields[idx].is_right {
                (gap, 0)
            } else {
                (0, gap)
            };
            line.push(Span::new(Ink::Plain, " ".repeat(2 + before)));
            line.push(cell.clone());
            line.push(Span::new(Ink::Plain, " ".repeat(after)));
        }
        page.line(&line);
    }
}
