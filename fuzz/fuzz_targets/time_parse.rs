//! Texts that may be instants or widths, and the grid of windows over any instant.

#![no_main]

use keepwell_core::time::{Every, Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        assert_eq!(at.to_string().parse(), Ok(at));
        assert_eq!(at.to_rfc3339().parse(), Ok(at));
    }
    let (instant, width) = text.split_once(' ').unwrap_or(("0", text));
    let Ok(every) = width.parse::<Every>() else {
        return;
    };
    assert_eq!(every.to_string().parse(), Ok(every));
    let at = match instant.parse::<i64>() {
        Ok(micros) => Timestamp(micros),
        Err(_) => instant.parse().unwrap_or(Timestamp(0)),
    };
    let window = every.window(at);
    assert!(window.start <= at && at <= window.end);
    let next = Timestamp(at.0.saturating_add(1 << 40));
    if let Ok(windows) = every.windows(at, next, 1000) {
        for pair in windows.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
        }
    }
});
