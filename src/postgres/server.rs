//! The server process itself: its files, starting, readiness, stopping.
//!
//! `postmaster.pid` is only believed when the process it names works in our data folder: after a
//! crash the file stays and its number may belong to anyone.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::binaries::Binaries;
use super::place::{Place, SOCKET_NAME};
use super::{Problem, Settings};

pub const DATABASE: &str = "motcua";
const PAUSE: Duration = Duration::from_millis(20);
const START_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// Makes the data folder unless it is there. Built beside and renamed, so it is whole or absent.
pub fn init(settings: &Settings, place: &Place, binaries: &Binaries) -> Result<(), Problem> {
    let (data, unfinished) = (place.root.join("data"), place.root.join("data.unfinished"));
    if data.exists() {
        let version = fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
        return if version.trim() == binaries.version().to_string() {
            Ok(())
        } else {
            Err(Problem(format!(
                "{} was made by PostgreSQL {}, and version {} was found; set MOTCUA_PG_BIN to the older one, or start afresh with `make reset`",
                data.display(),
                version.trim(),
                binaries.version()
            )))
        };
    }
    eprintln!("Preparing a private PostgreSQL {} in {} ...", binaries.version(), place.root.display());
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(Problem::file("remove", &unfinished))?;
    }
    let mut initdb = binaries.command("initdb");
    initdb.args(["-U", "motcua", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"]).arg(&unfinished);
    if !settings.durable {
        initdb.arg("--no-sync");
    }
    finish(place.run_as_owner(&mut initdb).stdin(Stdio::null()))?;
    let mut single = binaries.command("postgres");
    single.args(["--single", "-D"]).arg(&unfinished).arg("postgres");
    let statement = place.root.join("create.sql");
    fs::write(&statement, format!("CREATE DATABASE {DATABASE}\n"))
        .map_err(Problem::file("write", &statement))?;
    let input = File::open(&statement).map_err(Problem::file("read", &statement))?;
    finish(place.run_as_owner(&mut single).stdin(input))?;
    fs::remove_file(&statement).map_err(Problem::file("remove", &statement))?;
    fs::rename(&unfinished, &data).map_err(Problem::file("rename", &unfinished))
}

fn finish(command: &mut Command) -> Result<(), Problem> {
    let output = command.output().map_err(|error| Problem(format!("cannot run {command:?}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Problem(format!("{} failed:\n{}", command.get_program().to_string_lossy(), last_lines(&said))))
}

/// Starts the server; `await_ready` says when it answers.
pub fn spawn(settings: &Settings, place: &Place, binaries: &Binaries) -> Result<Child, Problem> {
    let log_path = place.root.join("log");
    if log_path.exists() {
        let kept = place.root.join("log.previous");
        fs::rename(&log_path, &kept).map_err(Problem::file("rename", &log_path))?;
    }
    let log = File::create(&log_path).map_err(Problem::file("write", &log_path))?;
    let also = log.try_clone().map_err(Problem::file("write", &log_path))?;
    let safe = if settings.durable { "on" } else { "off" };
    let mut postgres = binaries.command("postgres");
    postgres.arg("-D").arg(place.root.join("data"));
    for setting in [
        "listen_addresses=".to_owned(),
        "port=5432".to_owned(),
        format!("unix_socket_directories=\"{}\"", place.socket.display()),
        format!("max_connections={}", settings.max_connections),
        format!("fsync={safe}"),
        format!("synchronous_commit={safe}"),
        format!("full_page_writes={safe}"),
        "log_timezone=UTC".to_owned(),
        "timezone=UTC".to_owned(),
    ] {
        postgres.arg("-c").arg(setting);
    }
    place.run_as_owner(&mut postgres);
    // Its own process group: Ctrl-C in the terminal is for us, and we stop it in order.
    postgres.process_group(0).stdin(Stdio::null()).stdout(log).stderr(also);
    postgres.spawn().map_err(|error| Problem(format!("cannot run {postgres:?}: {error}")))
}

/// Errors: the server ended by itself or took too long; the caller still has to stop it.
pub fn await_ready(place: &Place, server: &mut Child) -> Result<(), Problem> {
    let until = Instant::now() + START_WITHIN;
    while !ready(&place.root, server.id()) {
        let ended = server.try_wait().ok().flatten().is_some();
        if ended || Instant::now() > until {
            let log = place.root.join("log");
            let said = fs::read_to_string(&log).unwrap_or_default();
            return Err(Problem(format!(
                "the private PostgreSQL did not start; the end of {}:\n{}",
                log.display(),
                last_lines(&said)
            )));
        }
        pause();
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the launcher is blocking code and runs on blocking threads")]
fn pause() {
    std::thread::sleep(PAUSE);
}

fn ready(root: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(pid_file(root)) else { return false };
    let mut lines = text.lines();
    lines.next() == Some(&pid.to_string()) && lines.nth(6).is_some_and(|status| status.trim() == "ready")
}

pub fn pid_file(root: &Path) -> PathBuf {
    root.join("data/postmaster.pid")
}

/// The server that runs on our data folder now, if any.
pub fn running(root: &Path) -> Option<Pid> {
    let text = fs::read_to_string(pid_file(root)).ok()?;
    let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?);
    kill(pid, None).ok()?;
    // A recycled number is not ours, nor is a dead process that nobody has collected. Where the
    // system cannot tell what a process works on, the file is believed.
    let ours = !Path::new("/proc/self").exists() || works_in(&root.join("data"), &format!("/proc/{pid}"));
    ours.then_some(pid)
}

fn works_in(data: &Path, process: &str) -> bool {
    let cwd = fs::read_link(Path::new(process).join("cwd"));
    cwd.is_ok_and(|cwd| data.canonicalize().is_ok_and(|data| data == cwd))
}

/// Removes what a crash left: waits for a server that is going, stops one that is not, forgets the file.
pub fn clear_leftover(place: &Place) -> Result<(), Problem> {
    let root = &place.root;
    let Some(pid) = running(root) else {
        let stale = pid_file(root);
        if !stale.exists() {
            return Ok(());
        }
        // A server killed outright leaves its children for a moment, and they hold its memory.
        let until = Instant::now() + STOP_WITHIN;
        while somebody_works_in(&root.join("data")) && Instant::now() < until {
            pause();
        }
        // The lock beside the socket goes too: its number could also be somebody else's by now.
        for file in [place.socket.join(format!("{SOCKET_NAME}.lock")), place.socket.join(SOCKET_NAME), stale]
        {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Problem::file("remove", &file)(error));
                }
                _ => {}
            }
        }
        return Ok(());
    };
    eprintln!("Waiting for the previous database process ({pid}) to end ...");
    let asked = kill(pid, Signal::SIGINT);
    let until = Instant::now() + STOP_WITHIN;
    while running(root).is_some() {
        if asked.is_err() || Instant::now() > until {
            return Err(Problem(format!(
                "a PostgreSQL (process {pid}) still uses {}; end it first",
                root.display()
            )));
        }
        pause();
    }
    Ok(())
}

fn somebody_works_in(data: &Path) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    processes.flatten().any(|process| works_in(data, &process.path().to_string_lossy()))
}

/// Fast shutdown: open transactions are rolled back, everything acknowledged is on disk.
pub fn stop(child: &mut Child) {
    let Ok(pid) = i32::try_from(child.id()) else { return };
    let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
    let until = Instant::now() + STOP_WITHIN;
    while child.try_wait().is_ok_and(|status| status.is_none()) {
        if Instant::now() > until {
            let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
            let _ = child.wait();
        }
        pause();
    }
}

/// Works for libpq as well as for us; the host is the socket folder.
pub fn url(place: &Place, database: &str) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut host = String::new();
    for byte in place.socket.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            host.push(char::from(*byte));
        } else {
            host.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("postgres://motcua@{host}/{database}")
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(10);
    lines.get(from..).unwrap_or_default().iter().map(|line| format!("  {line}\n")).collect()
}
