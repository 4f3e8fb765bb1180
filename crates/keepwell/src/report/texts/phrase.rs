//! Text in which names that come from data stay apart from our own words.

use std::borrow::Cow;
use std::fmt;

/// Marks in a text under construction; [`printable`] lets no data hold them.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

/// One part of a [`Phrase`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Our words.
    Text(String),
    /// A name from the data (a column, a category, a file), without control characters.
    Name(String),
}

/// A text whose names can be set apart: by backticks (as [`fmt::Display`] does), colour or `<code>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phrase {
    pieces: Vec<Piece>,
}

/// Marks a name for use inside `format!`; the result becomes a [`Phrase`] by [`Phrase::new`].
pub fn name(text: &str) -> String {
    format!("{OPEN}{}{CLOSE}", printable(text))
}

/// Makes text from data harmless for a terminal and for a reader: control characters, line breaks and
/// characters that turn the direction of writing are replaced by their escapes, such as `\u{1b}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for symbol in text.chars() {
        if is_harmful(symbol) {
            escaped.extend(symbol.escape_unicode());
        } else {
            escaped.push(symbol);
        }
    }
    Cow::Owned(escaped)
}

fn is_harmful(symbol: char) -> bool {
    symbol.is_control()
        || matches!(symbol,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

impl Phrase {
    /// Takes a text with names marked by [`name`]. What stands outside of marks must be our own words.
    pub fn new(marked: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = marked;
        while let Some((before, after)) = rest.split_once(OPEN) {
            let (inside, after) = after.split_once(CLOSE).unwrap_or((after, ""));
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Name(inside.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Self { pieces }
    }

    /// The parts, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text with names marked again, to build a longer phrase from it.
    pub fn marked(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Name(text) => format!("{OPEN}{text}{CLOSE}"),
            })
            .collect()
    }

    /// The same phrase with a capital at its beginning, unless it begins with a name.
    #[must_use]
    pub fn capitalized(mut self) -> Self {
        if let Some(Piece::Text(text)) = self.pieces.first_mut() {
            *text = capitalized(text);
        }
        self
    }
}

/// The text with a capital at its beginning, unless its first word is written in a way of its own, such as `mAP`.
pub fn capitalized(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    if first_word.chars().skip(1).any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut symbols = text.chars();
    symbols.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(symbols).collect()
    })
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(text)?,
                Piece::Name(text) => write!(f, "`{text}`")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_apart() {
        let phrase = Phrase::new(&format!("share of {} in {}", name("DL"), name("carrier")));
        assert_eq!(phrase.to_string(), "share of `DL` in `carrier`");
        assert_eq!(phrase.pieces().len(), 4);
        assert_eq!(Phrase::new(&phrase.marked()), phrase);
        assert_eq!(
            phrase.capitalized().to_string(),
            "Share of `DL` in `carrier`"
        );
        assert_eq!(Phrase::new(&name("x")).capitalized().to_string(), "`x`");
        assert_eq!(capitalized("recall of"), "Recall of");
        assert_eq!(capitalized("mAP fell"), "mAP fell");
    }

    #[test]
    fn hostile_names_cannot_forge_marks_or_escapes() {
        let phrase = Phrase::new(&format!(
            "a {} b",
            name("\u{2}x\u{1}\u{1b}[31m\r\n\u{202e}")
        ));
        assert_eq!(
            phrase.to_string(),
            "a `\\u{2}x\\u{1}\\u{1b}[31m\\u{d}\\u{a}\\u{202e}` b"
        );
        assert_eq!(phrase.pieces().len(), 3);
        assert_eq!(printable("价格 é ✓"), "价格 é ✓");
    }
}
