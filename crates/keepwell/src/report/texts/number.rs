//! Numbers for people, the same in every language: as many digits as carry meaning.

use keepwell_core::measure::Measure;

/// A value beside its interval and the reference's value, all with the same number of decimals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The value.
    pub value: String,
    /// Its interval, `0.72–0.76`.
    pub interval: Option<String>,
    /// The reference's value.
    pub reference: Option<String>,
}

/// A count with thousands separators: `12,345`.
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A value with three significant digits, whole numbers in full: `0.213`, `2013`, `12,345`, `1.2e-7`.
pub fn value(x: f64) -> String {
    significant(x, 3)
}

/// A statistic or distance of a drift test, with two significant digits: `0.21`.
pub fn distance(x: f64) -> String {
    significant(x, 2)
}

/// Two values with as many digits (three or more) as it takes to tell them apart.
pub fn pair(left: f64, right: f64) -> (String, String) {
    let mut texts = (value(left), value(right));
    for digits in 4..=9 {
        if texts.0 != texts.1 {
            break;
        }
        texts = (significant(left, digits), significant(right, digits));
    }
    if texts.0 == texts.1 {
        return (value(left), value(right));
    }
    texts
}

/// A range: `18–90`, and with negative ends `-5 … 40`.
pub fn range(low: f64, high: f64) -> String {
    let (from, to) = pair(low, high);
    if low < 0.0 || from.contains('e') {
        format!("{from} … {to}")
    } else {
        format!("{from}–{to}")
    }
}

/// A share in `[0, 1]` as a percentage: `31 %`, `4.1 %`, `0.42 %`, `< 0.01 %`.
pub fn share(x: f64) -> String {
    let percent = x * 100.0;
    if !percent.is_finite() {
        return value(percent);
    }
    if percent > 0.0 && percent < 0.01 {
        return "< 0.01 %".to_owned();
    }
    if percent > 99.99 && percent < 100.0 {
        return "> 99.99 %".to_owned();
    }
    let from_end = percent.min(100.0 - percent);
    let decimals = match percent {
        p if p <= 0.0 || p >= 100.0 => 0,
        p if p < 1.0 || from_end < 0.1 => 2,
        p if p < 10.0 || from_end < 1.0 => 1,
        _ => 0,
    };
    format!("{} %", trimmed(&format!("{percent:.decimals$}")))
}

/// Two shares with as many decimals as it takes to tell them apart.
pub fn shares(left: f64, right: f64) -> (String, String) {
    let texts = (share(left), share(right));
    if texts.0 != texts.1 || !(left * right).is_finite() {
        return texts;
    }
    (1..=4)
        .map(|decimals| {
            let exact = |x: f64| format!("{:.decimals$} %", x * 100.0);
            (exact(left), exact(right))
        })
        .find(|(left, right)| left != right)
        .unwrap_or(texts)
}

/// A change as a share of where it began: `31 %`; `None` where it began at zero.
pub fn relative(from: f64, to: f64) -> Option<String> {
    let part = (to - from).abs() / from.abs();
    (part.is_finite() && part > 0.0).then(|| share(part))
}

/// A p-value with two significant digits after its relation: `< 0.001`, `= 0.012`.
pub fn p_value(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("= {}", significant(p, 2))
    }
}

/// A metric's value for a sentence: as many decimals as its interval carries, and more if the reference
/// would look equal.
pub fn estimate(measure: &Measure, reference: Option<f64>) -> Estimate {
    let mut decimals = decimals_of(measure);
    while decimals < DECIMALS_MAX
        && reference.is_some_and(|own| {
            own != measure.value && fixed(own, decimals) == fixed(measure.value, decimals)
        })
    {
        decimals += 1;
    }
    estimate_with(measure, reference, decimals)
}

/// A metric's value for a table: at least three decimals below one, so that values compare.
pub fn estimate_in_table(measure: &Measure, reference: Option<f64>) -> Estimate {
    let least = if measure.value.abs() < 1.0 { 3 } else { 0 };
    estimate_with(measure, reference, decimals_of(measure).max(least))
}

/// A bare number for the same table.
pub fn bare_in_table(value: f64) -> String {
    estimate_in_table(&Measure::new(value), None).value
}

/// Most decimals of an estimate.
const DECIMALS_MAX: usize = 6;

fn decimals_of(measure: &Measure) -> usize {
    let half_width = measure
        .interval
        .map(|interval| (interval.upper - interval.lower) / 2.0);
    match half_width {
        // At least one digit of the half-width is shown. The cast saturates.
        Some(width) if width > 0.0 && width.is_finite() => {
            let decimals = (-width.log10()).ceil().clamp(0.0, 6.0) as usize;
            decimals.max(decimals_for(measure.value, 2))
        }
        _ => decimals_for(measure.value, 3),
    }
}

/// As many decimals for a value below ten, and one less for each further digit before the point.
fn decimals_for(value: f64, decimals: usize) -> usize {
    let n_further = value.abs().max(1.0).log10().floor();
    // The cast saturates.
    decimals.saturating_sub(n_further as usize)
}

fn estimate_with(measure: &Measure, reference: Option<f64>, decimals: usize) -> Estimate {
    // A number as small as this would be written with zeros only.
    let is_tiny = measure.value != 0.0 && measure.value.abs() < 1e-5;
    let text = |x: f64| match is_tiny {
        true => value(x),
        false => fixed(x, decimals),
    };
    Estimate {
        value: text(measure.value),
        interval: measure.interval.map(|interval| {
            let between = if interval.lower < 0.0 { " … " } else { "–" };
            format!("{}{between}{}", text(interval.lower), text(interval.upper))
        }),
        reference: reference.map(text),
    }
}

fn fixed(x: f64, decimals: usize) -> String {
    if x.abs() >= 1e15 || !x.is_finite() {
        return value(x);
    }
    let text = format!("{x:.decimals$}");
    // Not "-0.00".
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_owned(),
        _ if x.abs() >= 10_000.0 => grouped(&text),
        _ => text,
    }
}

fn significant(x: f64, digits: i32) -> String {
    if x.is_nan() {
        return "–".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    let magnitude = x.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&magnitude) {
        let decimals = usize::try_from(digits - 1).unwrap_or(0);
        let text = format!("{x:.decimals$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    let decimals = digits - 1 - magnitude.log10().floor() as i32;
    let decimals = if x.fract() == 0.0 {
        0
    } else {
        usize::try_from(decimals).unwrap_or(0)
    };
    let text = format!("{x:.decimals$}");
    let text = trimmed(&text);
    // Years and codes of four digits read better without a separator.
    if magnitude < 10_000.0 {
        text.to_owned()
    } else {
        grouped(text)
    }
}

/// Without zeros at the end of a fraction.
fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// With a comma between each three digits before the decimal point.
fn grouped(text: &str) -> String {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match text.find('.') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut grouped = String::from(sign);
    for (idx, digit) in whole.chars().enumerate() {
        if idx > 0 && (whole.len() - idx) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_three_significant_digits_and_whole_numbers() {
        for (x, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.2134, "0.213"),
            (0.21, "0.21"),
            (12.44, "12.4"),
            (99.96, "100"),
            (123.4, "123"),
            (2013.0, "2013"),
            (12_345.6, "12,346"),
            (-1_234_567.0, "-1,234,567"),
            (0.000_012_34, "1.23e-5"),
            (1e300, "1e300"),
            (f64::INFINITY, "∞"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(value(x), expected);
        }
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(999), "999");
    }

    #[test]
    fn pairs_differ_where_the_numbers_do() {
        assert_eq!(pair(12.4, 15.1), ("12.4".into(), "15.1".into()));
        assert_eq!(pair(0.12341, 0.12349), ("0.1234".into(), "0.1235".into()));
        assert_eq!(pair(5.0, 5.0), ("5".into(), "5".into()));
        assert_eq!(range(18.0, 90.0), "18–90");
        assert_eq!(range(-5.0, 40.0), "-5 … 40");
    }

    #[test]
    fn shares_have_sensible_digits() {
        for (x, expected) in [
            (0.0, "0 %"),
            (0.31, "31 %"),
            (0.041, "4.1 %"),
            (0.0042, "0.42 %"),
            (0.00001, "< 0.01 %"),
            (0.997, "99.7 %"),
            (0.9995, "99.95 %"),
            (0.99999, "> 99.99 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(share(x), expected);
        }
        assert_eq!(shares(0.121, 0.124), ("12.1 %".into(), "12.4 %".into()));
        assert_eq!(shares(0.12, 0.31), ("12 %".into(), "31 %".into()));
    }

    #[test]
    fn relative_changes_are_shares() {
        assert_eq!(relative(23.1, 30.3).as_deref(), Some("31 %"));
        assert_eq!(relative(2.0, 9.0).as_deref(), Some("350 %"));
        assert_eq!(relative(0.0, 1.0), None);
    }

    #[test]
    fn p_values_are_bounded_below() {
        assert_eq!(p_value(1e-12), "< 0.001");
        assert_eq!(p_value(0.0123), "= 0.012");
        assert_eq!(p_value(1.0), "= 1");
    }

    #[test]
    fn estimates_show_what_the_interval_carries() {
        let wide = estimate(
            &Measure::new(0.7412).with_interval(0.7212, 0.7612),
            Some(0.812),
        );
        assert_eq!(wide.value, "0.74");
        assert_eq!(wide.interval.as_deref(), Some("0.72–0.76"));
        assert_eq!(wide.reference.as_deref(), Some("0.81"));
        let narrow = estimate(
            &Measure::new(0.7412).with_interval(0.737, 0.745),
            Some(0.742),
        );
        assert_eq!(narrow.value, "0.741");
        assert_eq!(narrow.reference.as_deref(), Some("0.742"));
        let close = estimate(&Measure::new(0.74).with_interval(0.5, 0.9), Some(0.742));
        assert_eq!(close.value, "0.740");
        let bare = estimate(&Measure::new(3.0), None);
        assert_eq!((bare.value.as_str(), bare.reference), ("3.000", None));
        let unbounded = estimate(&Measure::new(30.31).with_interval(27.9, 32.8), Some(23.14));
        assert_eq!(unbounded.value, "30.3");
        assert_eq!(unbounded.interval.as_deref(), Some("27.9–32.8"));
        assert_eq!(unbounded.reference.as_deref(), Some("23.1"));
        let large = estimate(&Measure::new(1_234_567.0).with_interval(1.2e6, 1.3e6), None);
        assert_eq!(large.value, "1,234,567");
        let tiny = estimate(&Measure::new(2e-9).with_interval(1e-9, 3e-9), Some(1e-9));
        assert_eq!(tiny.value, "2e-9");
        let signed = estimate(&Measure::new(0.02).with_interval(-0.05, 0.09), None);
        assert_eq!(signed.interval.as_deref(), Some("-0.05 … 0.09"));
        let row = estimate_in_table(&Measure::new(0.74).with_interval(0.5, 0.9), Some(0.7401));
        assert_eq!(
            (row.value.as_str(), row.reference.as_deref()),
            ("0.740", Some("0.740"))
        );
    }
}
