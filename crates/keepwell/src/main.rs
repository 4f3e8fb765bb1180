//! The `keepwell` command: watches machine-learning models in production and keeps them well.

mod catalog;

mod check;

mod cli;

mod destination;

mod failure;

mod report;

mod standard_output;

mod tensorboard;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // A panic is a fault of ours, and has the exit code for that, not the shell's for a crash.
    let outcome = std::panic::catch_unwind(|| match cli.command {
        cli::Command::Check(args) => check::run(&args),
        cli::Command::Catalog(args) => catalog::run(&args),
        cli::Command::Tensorboard(args) => tensorboard::run(&args),
        cli::Command::Completions { shell } => {
            cli::print_completions(shell).map(|()| ExitCode::SUCCESS)
        }
    });
    match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.print(),
        Err(_) => {
            failure::Failure::internal("the program panicked; the message above says where").print()
        }
    }
}
