//! Reads files and computes profiles with DataFusion.
