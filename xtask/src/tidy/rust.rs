//! Rust source without its comments and the contents of its literals: enough of a parser for tidy.

use std::ops::Range;

/// A Rust file, scanned.
pub(super) struct RustCode {
    /// The text, byte for byte as long, with spaces for comments and for the contents of literals.
    code: String,
    /// Byte ranges of items under `#[cfg(test)]`.
    test_ranges: Vec<Range<usize>>,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// Line of `fn`, from 1.
    pub(super) line: usize,
    /// Lines from `fn` to the closing brace.
    pub(super) n_lines: usize,
}

impl RustCode {
    pub(super) fn new(text: &str) -> Self {
        let code = blank(text);
        let test_ranges = code
            .match_indices("#[cfg(test)]")
            .filter_map(|(start, mark)| Some(start..end_of_item(&code, start + mark.len())?))
            .collect();
        Self { code, test_ranges }
    }

    /// The code, same length and lines as the text.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.code[..offset]
            .bytes()
            .filter(|&byte| byte == b'\n')
            .count()
            + 1
    }

    /// Whether the place belongs to an item under `#[cfg(test)]`.
    pub(super) fn is_test(&self, offset: usize) -> bool {
        self.test_ranges.iter().any(|range| range.contains(&offset))
    }

    /// Names of the modules in other files that are declared under `#[cfg(test)]`.
    pub(super) fn test_modules(&self) -> Vec<&str> {
        self.test_ranges
            .iter()
            .filter_map(|range| {
                let item = self.code[range.clone()].strip_suffix(';')?;
                let (before, name) = item.rsplit_once(char::is_whitespace)?;
                before.trim_end().ends_with("mod").then_some(name)
            })
            .collect()
    }

    /// Places where `word` stands as a whole word, as byte offsets.
    pub(super) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(move |&at| {
                let before = self.code[..at].chars().next_back();
                let after = self.code[at + word.len()..].chars().next();
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            })
    }

    /// The name that stands at or after `offset`, if only white space comes before it.
    pub(super) fn name_at(&self, offset: usize) -> Option<&str> {
        let rest = self.code[offset..].trim_start();
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            .then_some(name)
    }

    /// Every function with a body, in order.
    pub(super) fn functions(&self) -> Vec<Function> {
        self.words("fn")
            .filter_map(|at| {
                let name = self.name_at(at + 2)?.to_owned();
                let end = end_of_item(&self.code, at)?;
                self.code[..end].ends_with('}').then(|| {
                    let line = self.line_of(at);
                    Function {
                        name,
                        line,
                        n_lines: self.line_of(end) - line + 1,
                    }
                })
            })
            .collect()
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// End of the item that begins at `start`: after its `;`, or after the brace that closes its body.
fn end_of_item(code: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut is_body = false;
    for (idx, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => {
                is_body |= depth == 0;
                depth += 1;
            }
            b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && byte == b'}' && is_body {
                    return Some(idx + 1);
                }
            }
            b';' if depth == 0 => return Some(idx + 1),
            _ => {}
        }
    }
    None
}

/// Replaces comments and the contents of literals by spaces; line ends stay.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                find(bytes, at, b"\n").unwrap_or(bytes.len())
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => end_of_comment(bytes, at),
            b'"' => end_of_string(bytes, at),
            b'r' if starts_raw_string(bytes, at) => end_of_raw_string(bytes, at),
            b'\'' if let Some(end) = end_of_char(text, at) => end,
            byte if is_word_byte(byte) => {
                // A whole name at once, so that the `r` at its end starts no raw string; `br` and `cr` do.
                let end = (at..bytes.len())
                    .find(|&idx| {
                        !is_word_byte(bytes[idx]) || starts_raw_string(bytes, idx) && idx <= at + 1
                    })
                    .unwrap_or(bytes.len());
                at = end.max(at + 1);
                continue;
            }
            _ => {
                at += 1;
                continue;
            }
        };
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8(code).expect("whole characters were replaced")
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Offset of the first `needle` at or after `from`.
fn find(bytes: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    bytes[from..]
        .windows(needle.len())
        .position(|window| window == needle)
        .map(|offset| from + offset)
}

fn end_of_comment(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn starts_raw_string(bytes: &[u8], at: usize) -> bool {
    if bytes[at] != b'r' {
        return false;
    }
    let hashes = bytes[at + 1..]
        .iter()
        .take_while(|&&byte| byte == b'#')
        .count();
    bytes.get(at + 1 + hashes) == Some(&b'"')
}

fn end_of_raw_string(bytes: &[u8], start: usize) -> usize {
    let hashes = bytes[start + 1..]
        .iter()
        .take_while(|&&byte| byte == b'#')
        .count();
    let mut close = vec![b'"'];
    close.resize(hashes + 1, b'#');
    find(bytes, start + hashes + 2, &close).map_or(bytes.len(), |at| at + close.len())
}

/// End of a character literal; `None` for a lifetime.
fn end_of_char(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start + 1..];
    let mut chars = rest.char_indices();
    match chars.next()? {
        (_, '\\') => {
            chars.next()?;
            let (close, _) = chars.find(|(_, c)| *c == '\'')?;
            Some(start + 1 + close + 1)
        }
        _ => match chars.next()? {
            (close, '\'') => Some(start + 1 + close + 1),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        for (text, expected) in [
            ("a // b\nc", "a     \nc"),
            ("a/*/*b*/\n*/c", "a       \n  c"),
            (r#"x("{ \" }", 1)"#, "x(        , 1)"),
            ("r#\"a \" b\"#+1", "          +1"),
            ("br\"{\"+for\"{\"", "b    +for   "),
            (r"'{' 'a '\'' '\u{1}' b'{'", "    'a              b   "),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("'é' é", "     é"),
        ] {
            assert_eq!(blank(text), expected, "{text}");
            assert_eq!(blank(text).len(), text.len(), "{text}");
        }
    }

    #[test]
    fn functions_are_measured() {
        let code = RustCode::new(
            "trait T { fn none(&self, x: [u8; 4]); }\nfn one() {}\nfn many<T>(\n    x: T,\n) -> fn(u8) -> u8\nwhere\n    T: Copy,\n{\n    \"}\";\n}\n",
        );
        let found: Vec<(String, usize, usize)> = code
            .functions()
            .into_iter()
            .map(|function| (function.name, function.line, function.n_lines))
            .collect();
        assert_eq!(found, [("one".to_owned(), 2, 1), ("many".to_owned(), 3, 8)]);
    }

    #[test]
    fn test_items_are_known() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}\n#[cfg(test)]\npub(crate) mod more;\n";
        let code = RustCode::new(text);
        let is_test = |name| code.is_test(text.find(name).expect("present"));
        assert!(!is_test("fn a") && is_test("fn b") && !is_test("fn c"));
        assert_eq!(code.test_modules(), ["more"]);
    }
}
