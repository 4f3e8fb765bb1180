//! Model specs, evaluation of profiles into result rows, verdicts, findings.
