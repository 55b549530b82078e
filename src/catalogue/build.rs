//! The data is embedded by a macro, which cannot see new files: this makes cargo look.

fn main() {
    for data in ["procedures", "letters", "calendars"] {
        println!("cargo:rerun-if-changed={data}");
    }
}
