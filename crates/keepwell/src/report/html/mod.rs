//! One self-contained HTML file with everything that a person wants to look at.
//!
//! The file needs no network and no other file: style, scripts, texts of every language and data are inside,
//! and its content security policy forbids everything else. In reading order:
//!
//! - [`view`]: the report as the scripts read it, with [`facts`], [`metrics`], [`confusion`], [`curves`], [`groups`], [`whole`], [`column`],
//!   their [`track`]s over time, and [`words`];
//! - [`budget`]: what is left out when the file would become too large;
//! - [`labels`]: words that only the page needs;
//! - `script/`: the page itself, plain JavaScript, type-checked by `tsc -p` on this folder;
//! - `report.css`, `print.css`, `template.html`.

mod view;

mod facts;

mod metrics;

mod track;

mod column;

mod confusion;

mod curves;

mod groups;

mod whole;

mod words;

mod budget;

mod labels;

use keepwell_monitor::report::Report;

use self::view::Page;
use super::texts::Lang;

/// About how large a file becomes at most. What is only counted roughly (facts, indexes of findings) fits between
/// this and the 300,000 bytes that are promised.
const FILE_BYTES_MAX: usize = 270_000;
const TEMPLATE: &str = include_str!("template.html");
const STYLE: [&str; 2] = [include_str!("report.css"), include_str!("print.css")];
/// In the order in which they run: each may use the constants of those before it.
const SCRIPTS: [&str; 18] = [
    include_str!("script/fault.js"),
    include_str!("script/page.js"),
    include_str!("script/format.js"),
    include_str!("script/dom.js"),
    include_str!("script/tip.js"),
    include_str!("script/line.js"),
    include_str!("script/bars.js"),
    include_str!("script/head.js"),
    include_str!("script/findings.js"),
    include_str!("script/performance.js"),
    include_str!("script/confusion.js"),
    include_str!("script/curves.js"),
    include_str!("script/groups.js"),
    include_str!("script/whole.js"),
    include_str!("script/column.js"),
    include_str!("script/drift.js"),
    include_str!("script/details.js"),
    include_str!("script/main.js"),
];

/// The page for a report. It opens in `lang`; a switch on the page changes the language.
///
/// The same report gives the same text, byte by byte. What would make the file too large is left out, and the
/// page says so.
pub fn render(report: &Report, lang: Lang) -> String {
    let style: String = STYLE.iter().map(|text| squeezed(text)).collect();
    let script: String = SCRIPTS.iter().map(|text| squeezed(text)).collect();
    let script = format!("\"use strict\";\n(() => {{\n{script}}})();\n");
    let room = FILE_BYTES_MAX.saturating_sub(TEMPLATE.len() + style.len() + script.len());
    let page = Page::of(report, lang, room);
    // Numbers, strings and lists with text as keys always serialise.
    let data = embeddable(&serde_json::to_string(&page).unwrap_or_default());
    let nonce = format!("{:016x}", digest(&data));
    let labels = labels::of(lang);
    filled(
        TEMPLATE,
        &[
            ("lang", lang.id()),
            ("nonce", &nonce),
            ("title", &escaped(&report.facts.model)),
            ("noscript", labels.no_script),
            ("style", &style),
            ("data", &data),
            ("script", &script),
        ],
    )
}

/// Fills the places `{name}` of a template, once: what is put in is not looked at again.
fn filled(template: &str, places: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(300_000);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let found = places.iter().find_map(|(name, value)| {
            let after = after.strip_prefix(name)?.strip_prefix('}')?;
            Some((value, after))
        });
        match found {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// JSON that cannot end the element which holds it, nor begin another.
fn embeddable(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

fn escaped(text: &str) -> String {
    let short: String = text
        .chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect();
    short
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Without indentation and without lines that are nothing but a comment.
fn squeezed(code: &str) -> String {
    let mut squeezed = String::with_capacity(code.len());
    let mut is_comment = false;
    for line in code.lines().map(str::trim) {
        let begins = line.starts_with("/*");
        if (begins || is_comment) && line.contains("*/") {
            is_comment = false;
            if line.ends_with("*/") {
                continue;
            }
        } else if begins {
            is_comment = true;
        }
        if is_comment || line.is_empty() || line.starts_with("//") {
            continue;
        }
        squeezed.push_str(line);
        squeezed.push('\n');
    }
    squeezed
}

/// FNV-1a. It makes a nonce that whoever wrote a single name in the data cannot foresee; should markup ever
/// slip through, it still does not run.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
pub(crate) mod sample;

#[cfg(test)]
mod tests;
