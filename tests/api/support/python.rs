//! The Python tools of the tests, put in place by `.ci/python` when they are not there yet.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter that has them.
pub fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let done = Command::new(root.join(".ci/python")).status().unwrap();
    assert!(done.success(), "the Python tools could not be put in place; see the lines above");
    root.join("target/py/bin/python")
}
