//! Failures of a law, collected over all entries and reported together.

use keepwell_core::catalog::Entry;

/// An entry that cannot keep a law, and why.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    /// Id of the entry.
    pub entry: &'static str,
    /// Name of the law.
    pub law: &'static str,
    /// Why the law does not hold for this entry.
    pub reason: &'static str,
}

/// What the entries of a family say to one law.
#[derive(Debug)]
pub struct Trial {
    law: &'static str,
    exceptions: &'static [Exception],
    failures: Vec<(&'static str, String)>,
}

impl Trial {
    /// A trial of a law from which the entries in `exceptions` that name it are exempt.
    pub fn new(law: &'static str, exceptions: &'static [Exception]) -> Self {
        Self {
            law,
            exceptions,
            failures: Vec::new(),
        }
    }

    /// Notes that an entry broke the law.
    pub fn fail<E: Entry + ?Sized>(&mut self, entry: &E, message: impl Into<String>) {
        self.failures.push((entry.info().id, message.into()));
    }

    /// Notes a failure unless the condition holds.
    pub fn check<E: Entry + ?Sized>(
        &mut self,
        entry: &E,
        holds: bool,
        message: impl FnOnce() -> String,
    ) {
        if !holds {
            self.fail(entry, message());
        }
    }

    /// Ends the trial.
    ///
    /// # Panics
    /// If an entry that is not exempt broke the law, or an exempt one kept it.
    pub fn finish(self) {
        let exempt: Vec<&str> = self
            .exceptions
            .iter()
            .filter(|exception| exception.law == self.law)
            .map(|exception| exception.entry)
            .collect();
        let mut lines: Vec<String> = self
            .failures
            .iter()
            .filter(|(entry, _)| !exempt.contains(entry))
            .map(|(entry, message)| format!("{entry}: {message}"))
            .collect();
        for entry in exempt {
            if !self.failures.iter().any(|(failed, _)| *failed == entry) {
                lines.push(format!("{entry}: keeps the law, so it needs no exception"));
            }
        }
        assert!(
            lines.is_empty(),
            "law `{}` is broken {} times:\n  {}",
            self.law,
            lines.len(),
            lines.join("\n  ")
        );
    }
}

#[cfg(test)]
mod tests {
    use keepwell_core::entry;

    use super::*;

    entry! {
        /// An entry.
        struct Sample = "sample" since "0.1";
    }

    static EXEMPT: &[Exception] = &[Exception {
        entry: "sample",
        law: "order",
        reason: "test",
    }];

    #[test]
    #[should_panic(expected = "sample: 1 is not 2")]
    fn a_broken_law_names_the_entry() {
        let mut trial = Trial::new("order", &[]);
        trial.check(&Sample, false, || "1 is not 2".to_owned());
        trial.finish();
    }

    #[test]
    fn an_exempt_entry_may_break_it() {
        let mut trial = Trial::new("order", EXEMPT);
        trial.fail(&Sample, "as expected");
        trial.finish();
    }

    #[test]
    #[should_panic(expected = "needs no exception")]
    fn an_exception_without_need_is_a_failure() {
        Trial::new("order", EXEMPT).finish();
    }
}
