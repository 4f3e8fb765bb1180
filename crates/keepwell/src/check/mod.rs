//! `keepwell check`: compares the events of a model with its reference.
//!
//! In reading order: [`input`] settles what was asked (spec, flags, files, roles, the [`version`] that is the
//! reference), [`plan`] what is to
//! be computed (windows, those of the [`past`], segments, versions), [`passes`] runs the engine over the
//! columns (one [`pass`] after the other, with [`samples`] of rows on the side), sorts its cells into [`groups`]
//! and fills the evaluation, [`output`] writes what was asked for.

mod input;

mod version;

mod past;

mod plan;

mod background;

mod budget;

mod notes;

mod groups;

mod samples;

mod copies;

mod pass;

mod rows;

mod pairs;

mod passes;

mod output;

use std::process::ExitCode;

use keepwell_core::decide::Verdict;
use keepwell_monitor::report::Report;

use crate::cli::{CheckArgs, FailOn};
use crate::failure::Failure;

/// Runs the command.
pub fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    output::check_destinations(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads(args))
        .build()
        .map_err(|fault| Failure::internal(format!("no threads: {fault}")))?;
    let report = runtime.block_on(compare(args))?;
    output::write(args, &report)?;
    let verdict = report.verdict();
    let is_found = match args.fail_on {
        FailOn::Never => false,
        FailOn::Alert => verdict == Verdict::Alert,
        FailOn::Warning => matches!(verdict, Verdict::Alert | Verdict::Warning),
    };
    Ok(ExitCode::from(u8::from(is_found)))
}

async fn compare(args: &CheckArgs) -> Result<Report, Failure> {
    let progress = output::progress(args);
    let mut input = input::Input::open(args).await?;
    let mut plan = plan::Plan::new(args, &mut input).await?;
    let rows = passes::count_rows(&input, &mut plan).await?;
    let pairs = pairs::find(&input, &mut plan).await?;
    let evaluated = passes::evaluate(&input, &plan, pairs.as_ref(), &progress).await?;
    progress.finish_and_clear();
    Ok(Report::new(plan.facts(&input, &rows), evaluated))
}

fn threads(args: &CheckArgs) -> usize {
    match args.threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}
