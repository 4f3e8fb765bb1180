//! How texts are cut into tokens, by the rules of the programs that defined the metrics.

/// White space as Python's `str` sees it: that of Unicode and the four information separators.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// Parts between white space, as by Python's `str.split`.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|part| !part.is_empty())
}

/// Tokens of the script `mteval-v13a.pl`, as sacreBLEU cuts them for `13a`.
pub(super) fn mteval(text: &str) -> Vec<String> {
    let mut line = text
        .trim_end_matches(is_space)
        .replace("<skipped>", "")
        .replace("-\n", "")
        .replace('\n', " ");
    if line.contains('&') {
        line = line
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
    }
    separate_marks(&format!(" {line} "))
}

/// Tokens of sacreBLEU for `zh`: each Chinese character one, the rest as by [`mteval`] but for entities.
pub(super) fn chinese(text: &str) -> Vec<String> {
    let mut line = String::with_capacity(2 * text.len());
    for character in text.trim_matches(is_space).chars() {
        if is_chinese(character) {
            line.extend([' ', character, ' ']);
        } else {
            line.push(character);
        }
    }
    separate_marks(&line)
}

/// Each character that is not white space, as sacreBLEU cuts for `char`.
pub(super) fn characters(text: &str) -> Vec<char> {
    text.chars()
        .filter(|&character| !is_space(character))
        .collect()
}

/// What sacreBLEU takes for Chinese. Its list of ranges has two ends of five hexadecimal digits that Python
/// reads as four and a further character, which makes them the ranges from U+2001 and from U+2F81; numbers
/// equal to those of sacreBLEU need the same.
fn is_chinese(character: char) -> bool {
    matches!(
        character,
        '\u{2001}'..='\u{2a6d}'
            | '\u{2e80}'..='\u{2fdf}'
            | '\u{2ff0}'..='\u{303f}'
            | '\u{3100}'..='\u{312f}'
            | '\u{31a0}'..='\u{31bf}'
            | '\u{31c0}'..='\u{31ef}'
            | '\u{3200}'..='\u{33ff}'
            | '\u{3400}'..='\u{4db5}'
            | '\u{4e00}'..='\u{9fbb}'
            | '\u{f900}'..='\u{fa2d}'
            | '\u{fa30}'..='\u{fa6a}'
            | '\u{fa70}'..='\u{fad9}'
            | '\u{fe10}'..='\u{fe1f}'
            | '\u{fe30}'..='\u{fe4f}'
            | '\u{ff00}'..='\u{ffef}'
    )
}

/// The four replacements of the script in their order, then the parts between white space.
fn separate_marks(line: &str) -> Vec<String> {
    let mut separated = String::with_capacity(2 * line.len());
    for character in line.chars() {
        let is_mark = matches!(
            character,
            '{'..='~' | '['..='`' | ' '..='&' | '('..='+' | ':'..='@' | '/'
        );
        if is_mark {
            separated.extend([' ', character, ' ']);
        } else {
            separated.push(character);
        }
    }
    let is_point = |character| matches!(character, '.' | ',');
    let separated = replace_pairs(
        &separated,
        |first, second| !first.is_ascii_digit() && is_point(second),
        |first, second| [first, ' ', second, ' '],
    );
    let separated = replace_pairs(
        &separated,
        |first, second| is_point(first) && !second.is_ascii_digit(),
        |first, second| [' ', first, ' ', second],
    );
    let separated = replace_pairs(
        &separated,
        |first, second| first.is_ascii_digit() && second == '-',
        |first, second| [first, ' ', second, ' '],
    );
    split(&separated).map(str::to_owned).collect()
}

/// Replaces pairs of neighbours from the left, each character in one pair at most.
fn replace_pairs(
    text: &str,
    is_pair: impl Fn(char, char) -> bool,
    replacement: impl Fn(char, char) -> [char; 4],
) -> String {
    let mut replaced = String::with_capacity(text.len() + text.len() / 2);
    let mut characters = text.chars().peekable();
    while let Some(first) = characters.next() {
        match characters.next_if(|&second| is_pair(first, second)) {
            Some(second) => replaced.extend(replacement(first, second)),
            None => replaced.push(first),
        }
    }
    replaced
}

/// An answer as the evaluation of SQuAD compares it: in lower case, without ASCII punctuation and English
/// articles, parts joined by one space.
pub(super) fn normalised_answer(text: &str) -> String {
    let text: String = text
        .to_lowercase()
        .chars()
        .filter(|character| !character.is_ascii_punctuation())
        .collect();
    let mut without_articles = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest
            .find(|character: char| !character.is_alphanumeric())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        without_articles.push_str(if ["a", "an", "the"].contains(&word) {
            " "
        } else {
            word
        });
        let mut characters = after.chars();
        without_articles.extend(characters.next());
        rest = characters.as_str();
    }
    split(&without_articles).collect::<Vec<_>>().join(" ")
}

/// Words of a normalised answer.
pub(super) fn answer_words(normalised: &str) -> Vec<String> {
    normalised
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Runs of ASCII letters and digits in lower case, as Google's `rouge_score` cuts them.
pub(super) fn rouge_words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Words as JiWER cuts them by default: two or more characters of white space are one space, and what is
/// between spaces is a word.
pub(super) fn spaced_words(text: &str) -> Vec<String> {
    let mut line = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let mut is_run = false;
        if is_space(character) {
            while characters.next_if(|&next| is_space(next)).is_some() {
                is_run = true;
            }
        }
        line.push(if is_run { ' ' } else { character });
    }
    line.trim_matches(is_space)
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// All characters but white space at both ends, as JiWER cuts for its character error rate.
pub(super) fn inner_characters(text: &str) -> Vec<char> {
    text.trim_matches(is_space).chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_tokens_but_points_in_numbers_are_not() {
        assert_eq!(
            mteval("It costs $3.50, i.e. 1,000%-off (e.g.) &quot;x&quot;..\n"),
            [
                "It", "costs", "$", "3.50", ",", "i", ".", "e", ".", "1,000", "%", "-off", "(",
                "e", ".", "g", ".", ")", "\"", "x", "\"", ".", "."
            ]
        );
        assert_eq!(mteval("a\u{1f}b 3-4 x-y"), ["a", "b", "3", "-", "4", "x-y"]);
        assert_eq!(mteval("split-\nword <skipped>"), ["splitword"]);
    }

    #[test]
    fn chinese_characters_are_tokens() {
        assert_eq!(
            chinese(" 价格是3.5元,OK。 "),
            ["价", "格", "是", "3.5", "元", ",", "OK", "。"]
        );
        assert_eq!(characters("a 你\n"), ['a', '你']);
    }

    #[test]
    fn answers_lose_articles_and_punctuation() {
        assert_eq!(normalised_answer("The  U.S.A., a nation"), "usa nation");
        assert_eq!(normalised_answer("“the” theory"), "“ ” theory");
        assert_eq!(normalised_answer("an"), "");
        assert_eq!(answer_words(""), [""; 0]);
    }

    #[test]
    fn single_tabs_stay_inside_words_of_jiwer() {
        assert_eq!(spaced_words(" a\tb \t c  d "), ["a\tb", "c", "d"]);
        assert_eq!(inner_characters(" a b "), ['a', ' ', 'b']);
        assert_eq!(
            rouge_words("Don't STOP—now 你"),
            ["don", "t", "stop", "now"]
        );
    }
}
