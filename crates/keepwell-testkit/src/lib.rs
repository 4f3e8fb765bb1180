//! For tests only: generators, reference vectors, conformance harness.
