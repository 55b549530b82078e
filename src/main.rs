//! The executable: everything is in the library, so that tests use the same code.

fn main() -> std::process::ExitCode {
    motcua::cli::main()
}
