//! Bad input ends with exit code 2 and a message that says what and where.
