//! How a run ends when it cannot do what was asked.

use std::process::ExitCode;

use keepwell_core::fault::Fault;

/// A run that failed, with all that the user is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    exit: u8,
    code: String,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// Bad input or usage: exit code 2.
    pub fn usage(code: &str, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self {
            exit: 2,
            code: code.to_owned(),
            message: message.into(),
            hint: hint.map(str::to_owned),
        }
    }

    /// A fault of the program: exit code 3.
    pub fn internal(message: impl Into<String>) -> Self {
        Self {
            exit: 3,
            code: "keepwell.internal".to_owned(),
            message: message.into(),
            hint: Some("please report it with the command that you ran".to_owned()),
        }
    }

    /// Writes the message to standard error and gives the exit code.
    pub fn print(&self) -> ExitCode {
        let bold_red = anstyle::AnsiColor::Red.on_default().bold();
        let bold = anstyle::Style::new().bold();
        anstream::eprintln!(
            "{bold_red}error{bold_red:#}[{}]: {}",
            self.code,
            crate::report::texts::printable(&self.message)
        );
        if let Some(hint) = &self.hint {
            anstream::eprintln!(
                "{bold}hint{bold:#}: {}",
                crate::report::texts::printable(hint)
            );
        }
        ExitCode::from(self.exit)
    }
}

/// Every fault of the libraries is one of the input, except where its code says `internal`.
impl<F: Fault> From<F> for Failure {
    fn from(fault: F) -> Self {
        let mut message = fault.to_string();
        let mut source = std::error::Error::source(&fault);
        while let Some(cause) = source {
            let text = cause.to_string();
            // Causes whose text is already part of the message add nothing.
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            source = cause.source();
        }
        Self {
            exit: if fault.code().contains("internal") {
                3
            } else {
                2
            },
            code: fault.code().to_owned(),
            message,
            hint: fault.hint(),
        }
    }
}
