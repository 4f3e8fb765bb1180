//! Control of errors over many decisions.
