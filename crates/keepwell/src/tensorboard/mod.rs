//! `keepwell tensorboard`: logs of trainings, without a server.
//!
//! In reading order: [`args`] is what can be typed, [`texts`] all that is said, in each language, [`table`]
//! aligns it; [`source`] opens the log directory, [`flaw`] tells what is wrong with its files, [`document`] turns
//! values into JSON; [`read`], [`lint`], [`diff`] and [`watch`] are the commands.

pub mod args;

mod texts;

mod table;

mod source;

mod flaw;

mod document;

mod read;

mod lint;

mod diff;

mod watch;

use std::process::ExitCode;

use self::args::{TensorboardArgs, TensorboardCommand};
use crate::failure::Failure;

/// Runs the command.
pub fn run(args: &TensorboardArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        TensorboardCommand::Read(args) => read::run(args),
        TensorboardCommand::Lint(args) => lint::run(args),
        TensorboardCommand::Diff(args) => diff::run(args),
        TensorboardCommand::Watch(args) => watch::run(args),
    }
}
