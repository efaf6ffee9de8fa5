//! The test story that every adapter passes.
