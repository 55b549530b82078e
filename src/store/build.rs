//! The migrations are embedded by a macro, which cannot see new folders: this makes cargo look.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
