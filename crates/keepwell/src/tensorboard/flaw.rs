//! What is wrong with the files of a log directory.

use keepwell_interop::tensorboard::{LogDir, Progress};

use super::texts::Words;
use crate::report::texts::printable;

/// A fault of a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The file or folder.
    pub path: String,
    /// What is wrong.
    pub what: Wrong,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The system refuses it, in its words.
    Unreadable(String),
    /// Records or values of it were left out.
    Damaged {
        /// Stable identifier of the damage.
        kind: &'static str,
        /// How many.
        count: u64,
        /// Where the first one begins, in bytes.
        first_offset: u64,
    },
    /// A length is damaged, so that nothing behind it can be told apart.
    Stopped {
        /// Where the record begins, in bytes.
        offset: u64,
        /// Bytes from there to the end.
        lost_bytes: u64,
    },
}

impl Wrong {
    /// Stable identifier.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Damaged { kind, .. } => kind,
            Self::Stopped { .. } => "stopped",
        }
    }
}

/// All that is wrong, by file. A record of which not all is there yet is no fault: it is being written.
pub fn flaws(logdir: &LogDir) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = Vec::new();
    for fault in logdir.faults() {
        flaws.push(Flaw {
            path: fault.path.display().to_string(),
            what: Wrong::Unreadable(fault.message.clone()),
        });
    }
    for file in logdir.runs().flat_map(|run| run.files()) {
        let mut add = |what| {
            let path = file.path().display().to_string();
            flaws.push(Flaw { path, what });
        };
        if let Some(message) = file.unreadable() {
            add(Wrong::Unreadable(message.to_owned()));
        }
        for damage in file.damage() {
            add(Wrong::Damaged {
                kind: damage.kind.id(),
                count: damage.count,
                first_offset: damage.first_offset,
            });
        }
        if let Progress::Stopped { offset, lost_bytes } = file.progress() {
            add(Wrong::Stopped { offset, lost_bytes });
        }
    }
    flaws
}

/// Writes what is wrong to standard error, beside whatever the command prints.
pub fn warn(logdir: &LogDir, words: &Words) {
    for flaw in flaws(logdir) {
        note(words, &words.flaw(&flaw));
    }
}

/// Writes a remark to standard error.
pub fn note(words: &Words, text: &str) {
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    let label = words.note;
    anstream::eprintln!("{yellow}{label}{yellow:#}: {}", printable(text));
}
