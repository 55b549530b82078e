//! `motcua dev` as a person meets it: from nothing, again, after a crash, and when it cannot.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A data folder; kept when the test fails, to be looked into.
struct Folder(PathBuf);

impl std::ops::Deref for Folder {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

fn folder(name: &str) -> Folder {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dev-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    Folder(folder)
}

fn motcua(data: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_motcua"));
    command.args(words).env_remove("DATABASE_URL").env("MOTCUA_DATA_DIR", data);
    command.env("MOTCUA_HTTP_ADDR", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A `motcua dev` that has opened; killed when a test fails.
struct Dev(Child);

impl Dev {
    fn open(data: &Path) -> Self {
        let mut child = motcua(data, &["dev"]).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Ctrl-C")), "it ended before it opened");
        Self(child)
    }

    fn signal(&mut self, signal: Signal) -> Option<i32> {
        kill(Pid::from_raw(i32::try_from(self.0.id()).unwrap()), signal).unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn database_runs(data: &Path) -> bool {
    motcua::postgres::Cluster::url_if_running(data).is_some()
}

fn ends_soon(data: &Path) -> bool {
    let until = Instant::now() + Duration::from_secs(20);
    while database_runs(data) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    !database_runs(data)
}

fn system_identifier(data: &Path) -> Vec<u8> {
    let file = std::fs::File::open(data.join("pg/data/global/pg_control")).unwrap();
    let mut first = Vec::new();
    file.take(8).read_to_end(&mut first).unwrap();
    first
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_opens_keeps_its_data_survives_a_crash_and_stops_clean() {
    let data = folder("whole");
    let mut dev = Dev::open(&data);
    let first = system_identifier(&data);
    assert!(database_runs(&data));

    // A second one in the same folder is told so and harms nothing.
    let second = motcua(&data, &["dev"]).output().unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(said(&second).contains("another motcua already runs"), "{}", said(&second));
    assert!(database_runs(&data));

    // Tools find the private database without being told.
    let check = motcua(&data, &["migrate", "--check"]).output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{}", said(&check));

    // Killed outright: the guard ends the database, and the next start does not mind either way.
    assert_eq!(dev.signal(Signal::SIGKILL), None);
    let mut dev = Dev::open(&data);
    assert_eq!(system_identifier(&data), first);
    assert_eq!(dev.signal(Signal::SIGKILL), None);
    assert!(ends_soon(&data));

    // The database itself killed outright, and our process with it.
    let mut dev = Dev::open(&data);
    let pid = std::fs::read_to_string(data.join("pg/data/postmaster.pid")).unwrap();
    kill(Pid::from_raw(pid.lines().next().unwrap().parse().unwrap()), Signal::SIGKILL).unwrap();
    assert_eq!(dev.signal(Signal::SIGKILL), None);

    let mut dev = Dev::open(&data);
    assert_eq!(dev.signal(Signal::SIGINT), Some(0));
    assert!(!database_runs(&data));
    let mut dev = Dev::open(&data);
    assert_eq!(dev.signal(Signal::SIGTERM), Some(0));
    assert!(!database_runs(&data));
}

#[test]
fn a_stale_pid_file_with_a_recycled_number_is_not_believed() {
    let data = folder("stale");
    let mut dev = Dev::open(&data);
    assert_eq!(dev.signal(Signal::SIGINT), Some(0));
    // Our own number: alive, and not a PostgreSQL.
    std::fs::write(data.join("pg/data/postmaster.pid"), format!("{}\n", std::process::id())).unwrap();
    let mut dev = Dev::open(&data);
    assert_eq!(dev.signal(Signal::SIGINT), Some(0));
}

#[test]
fn a_taken_port_is_told_before_anything_is_started() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let data = folder("port");
    let address = taken.local_addr().unwrap().to_string();
    let output = motcua(&data, &["dev"]).env("MOTCUA_HTTP_ADDR", &address).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(&format!("{address} is already in use")), "{}", said(&output));
    assert!(!data.join("pg").exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = folder("closed");
    let file = folder.join("a-file");
    std::fs::write(&file, "").unwrap();
    let output = motcua(&file, &["dev"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("cannot use the data folder"), "{}", said(&output));
    assert!(said(&output).contains("MOTCUA_DATA_DIR"), "{}", said(&output));
}

#[test]
fn missing_binaries_are_named() {
    let data = folder("binaries");
    let output = motcua(&data, &["dev"]).env("MOTCUA_PG_BIN", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("MOTCUA_PG_BIN is /nowhere"), "{}", said(&output));
}

#[test]
fn a_deep_folder_gets_a_short_socket() {
    let folder = folder("deep");
    let data = folder.join("d".repeat(90));
    let mut dev = Dev::open(&data);
    assert!(database_runs(&data));
    assert_eq!(dev.signal(Signal::SIGINT), Some(0));
    let elsewhere = std::fs::read_to_string(data.join("pg.elsewhere")).unwrap();
    assert!(elsewhere.starts_with("/var/tmp/motcua-"));
    std::fs::remove_dir_all(elsewhere).unwrap();
}

#[test]
fn wrong_settings_are_told_all_at_once() {
    let output = motcua(&folder("settings"), &["serve"])
        .env("MOTCUA_LOG_FORMAT", "xml")
        .env("MOTCUA_SESSION_HOURS", "never")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("MOTCUA_LOG_FORMAT") && said(&output).contains("MOTCUA_SESSION_HOURS"));
}
