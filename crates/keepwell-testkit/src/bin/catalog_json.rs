//! Prints what `cargo xtask vectors` needs of the catalog.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().write_all(keepwell_testkit::catalog::to_json().to_string().as_bytes())
}
