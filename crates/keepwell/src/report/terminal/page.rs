//! Lines of a terminal: wrapped, aligned, coloured.

use anstyle::{AnsiColor, Effects};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Style;
use crate::report::texts::phrase::{Phrase, Piece};

/// Columns that a name from the data may take.
const NAME_WIDTH: usize = 32;

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Ordinary text.
    Plain,
    /// A heading.
    Strong,
    /// What may be skipped.
    Quiet,
    /// A name from the data.
    Name,
    /// A name inside of what may be skipped.
    QuietName,
    /// An alert.
    Alert,
    /// A warning.
    Warning,
    /// All is well.
    Good,
}

/// Text of one ink; without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) ink: Ink,
    pub(super) text: String,
}

impl Span {
    pub(super) fn new(ink: Ink, text: impl Into<String>) -> Self {
        Self {
            ink,
            text: text.into(),
        }
    }
}

/// Spans of a phrase: our words in `ink`, names shortened and in backticks.
pub(super) fn spans(phrase: &Phrase, ink: Ink) -> Vec<Span> {
    spans_with_names(phrase, ink, NAME_WIDTH)
}

/// Spans of a phrase whose names may take `name_width` columns.
pub(super) fn spans_with_names(phrase: &Phrase, ink: Ink, name_width: usize) -> Vec<Span> {
    phrase
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Span::new(ink, text.as_str()),
            Piece::Name(name) => {
                // What is quiet stays quiet as a whole.
                let ink = match ink {
                    Ink::Quiet => Ink::QuietName,
                    _ => Ink::Name,
                };
                Span::new(ink, format!("`{}`", shortened(name, name_width)))
            }
        })
        .collect()
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text, or its beginning and end around `…` where it takes more than `limit` columns.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    // Names of one data set often differ at their ends, so a part of the end is kept.
    let room = limit.saturating_sub(1);
    let tail_room = room / 3;
    let head = fitting(text.chars(), room - tail_room);
    let tail = fitting(text.chars().rev(), tail_room);
    let tail: String = tail.chars().rev().collect();
    format!("{head}…{tail}")
}

fn fitting(symbols: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 0;
    symbols
        .take_while(|symbol| {
            used += symbol.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

/// The text under construction.
#[derive(Debug)]
pub(super) struct Page {
    style: Style,
    text: String,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            text: String::new(),
        }
    }

    pub(super) fn width(&self) -> usize {
        self.style.width
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        self.line(&[Span::new(Ink::Strong, text)]);
    }

    /// One line, cut at the right where it is too long.
    pub(super) fn line(&mut self, spans: &[Span]) {
        let mut room = self.style.width;
        let total: usize = spans.iter().map(|span| width(&span.text)).sum();
        if total <= room {
            for span in spans {
                self.paint(span.ink, &span.text);
            }
        } else {
            room -= 1;
            for span in spans {
                let kept = fitting(span.text.chars(), room);
                room -= width(&kept);
                self.paint(span.ink, &kept);
            }
            self.text.push('…');
        }
        self.end_line();
    }

    /// A paragraph behind a label: wrapped, further lines begin below the body.
    pub(super) fn paragraph(&mut self, label: &[Span], indent: usize, body: &[Span]) {
        for span in label {
            self.paint(span.ink, &span.text);
        }
        let label_width: usize = label.iter().map(|span| width(&span.text)).sum();
        let gap = indent
            .saturating_sub(label_width)
            .max(usize::from(label_width > 0 && label_width >= indent));
        self.text.push_str(&" ".repeat(gap));
        let mut used = label_width + gap;
        let mut is_first = true;
        let room = self.style.width.saturating_sub(indent).max(10);
        for word in words(body, room) {
            let space = usize::from(word.has_space && !is_first);
            let needed: usize = word.spans.iter().map(|span| width(&span.text)).sum();
            if !is_first && used + space + needed > self.style.width {
                self.end_line();
                self.text.push_str(&" ".repeat(indent));
                used = indent;
            } else if space > 0 {
                self.text.push(' ');
                used += 1;
            }
            for span in &word.spans {
                self.paint(span.ink, &span.text);
            }
            used += needed;
            is_first = false;
        }
        self.end_line();
    }

    fn end_line(&mut self) {
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
        self.text.push('\n');
    }

    fn paint(&mut self, ink: Ink, text: &str) {
        let style = ink.style();
        if self.style.color && !text.trim().is_empty() && style != anstyle::Style::new() {
            self.text.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.text.push_str(text);
        }
    }
}

impl Ink {
    fn style(self) -> anstyle::Style {
        let plain = anstyle::Style::new();
        match self {
            Self::Plain => plain,
            Self::Strong => plain.effects(Effects::BOLD),
            Self::Quiet | Self::QuietName => plain.effects(Effects::DIMMED),
            Self::Name => plain.fg_color(Some(AnsiColor::Cyan.into())),
            Self::Alert => plain
                .effects(Effects::BOLD)
                .fg_color(Some(AnsiColor::Red.into())),
            Self::Warning => plain
                .effects(Effects::BOLD)
                .fg_color(Some(AnsiColor::Yellow.into())),
            Self::Good => plain
                .effects(Effects::BOLD)
                .fg_color(Some(AnsiColor::Green.into())),
        }
    }
}

/// What is not broken, and whether a space stands before it.
struct Word {
    spans: Vec<Span>,
    has_space: bool,
}

impl Word {
    fn push(&mut self, ink: Ink, symbol: char) {
        match self.spans.last_mut() {
            Some(last) if last.ink == ink => last.text.push(symbol),
            _ => self.spans.push(Span::new(ink, symbol)),
        }
    }
}

/// Cuts text where a line may end: at spaces, but not between a number and its `%`, before and after a
/// Chinese character, but not before closing or after opening punctuation, and inside what is longer
/// than a line.
fn words(body: &[Span], room: usize) -> Vec<Word> {
    let symbols: Vec<(Ink, char)> = body
        .iter()
        .flat_map(|span| span.text.chars().map(move |symbol| (span.ink, symbol)))
        .collect();
    let mut words: Vec<Word> = Vec::new();
    let mut current = Word {
        spans: Vec::new(),
        has_space: false,
    };
    let mut used = 0;
    let mut previous = None;
    for (idx, &(ink, symbol)) in symbols.iter().enumerate() {
        let next = symbols.get(idx + 1).map(|(_, symbol)| *symbol);
        let is_name = matches!(ink, Ink::Name | Ink::QuietName);
        let is_space = symbol == ' ' && next != Some('%') && !is_name;
        let columns = symbol.width().unwrap_or(0);
        let breaks = match previous {
            Some((_, is_in_name)) if is_name && is_in_name => used + columns > room,
            Some((previous, _)) => used + columns > room || is_wide_break(previous, symbol),
            None => false,
        };
        if is_space || breaks {
            if !current.spans.is_empty() {
                words.push(current);
            }
            current = Word {
                spans: Vec::new(),
                has_space: is_space,
            };
            used = 0;
        }
        if is_space {
            previous = None;
        } else {
            current.push(ink, symbol);
            used += columns;
            previous = Some((symbol, is_name));
        }
    }
    if !current.spans.is_empty() {
        words.push(current);
    }
    words
}

fn is_wide_break(previous: char, symbol: char) -> bool {
    let is_wide = |symbol: char| symbol.width() == Some(2);
    let closes = "，。；：、）》”％！？";
    let opens = "（《“";
    (is_wide(previous) || is_wide(symbol)) && !closes.contains(symbol) && !opens.contains(previous)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize) -> String {
        let mut page = Page::new(Style {
            color: false,
            width,
        });
        page.paragraph(
            &[Span::new(Ink::Strong, "x")],
            3,
            &[Span::new(Ink::Plain, text)],
        );
        page.finish()
    }

    #[test]
    fn lines_break_at_spaces_and_keep_the_percent_sign() {
        assert_eq!(
            wrapped("the share rose from 12 % to 31 % today", 24),
            "x  the share rose from\n   12 % to 31 % today\n"
        );
        assert_eq!(
            wrapped("abcdefghijklmnop", 13),
            "x  abcdefghij\n   klmnop\n"
        );
    }

    #[test]
    fn chinese_breaks_anywhere_but_not_before_closing_punctuation() {
        let text = wrapped("缺失，参考数据中为，自七月起。", 13);
        assert_eq!(text, "x  缺失，参考\n   数据中为，\n   自七月起。\n");
        for line in text.lines() {
            assert!(width(line) <= 13, "{line}");
        }
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shortened("abcdefghij", 10), "abcdefghij");
        assert_eq!(shortened("abcdefghijk", 10), "abcdef…ijk");
        assert!(width(&shortened("价格价格价格价格", 9)) <= 9);
    }

    #[test]
    fn a_line_is_cut_at_the_right() {
        let mut page = Page::new(Style {
            color: false,
            width: 6,
        });
        page.line(&[Span::new(Ink::Plain, "abcd"), Span::new(Ink::Plain, "efgh")]);
        assert_eq!(page.finish(), "abcde…\n");
    }
}
