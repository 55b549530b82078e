//! A running private cluster.
//!
//! `start` gives one that is ours alone and ends with this process. `share` gives one that many test
//! processes use at once and that ends when the last of them has gone. In both cases a guard shell
//! does the last step, because a killed process cannot: the system closes the pipe or frees the lock
//! that the guard waits for. (The parent-death signal would need `unsafe`, is lost when the user
//! changes, and fires when the starting thread ends, not the process.)

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::binaries::Binaries;
use super::place::Place;
use super::{Problem, Settings, server};

/// Reads until we close the pipe, then stops the server if it is still the one we started.
const GUARD_ALONE: &str = r#"
read -r _
[ -s "$2" ] || sleep 1
[ "$(head -n 1 "$2" 2>/dev/null)" = "$1" ] && kill -INT "$1""#;

/// Tries every few seconds to get the users' lock for itself; then nobody is left, and nobody can
/// come before the server has ended.
const GUARD_SHARED: &str = r#"
while sleep 3; do
  flock -n -x "$3" sh -c '
    [ "$(head -n 1 "$2" 2>/dev/null)" = "$1" ] || exit 0
    kill -INT "$1"
    while [ -e "$2" ] && kill -0 "$1" 2>/dev/null; do sleep 0.1; done' sh "$1" "$2" && exit
done"#;

pub struct Cluster {
    place: Place,
    /// The server and its guard; absent for a shared cluster, which outlives us.
    server: Option<Child>,
    guard: Option<Child>,
    /// Held while we use the cluster.
    _lock: File,
}

impl Cluster {
    /// Starts a cluster for this process alone, making it the first time. Blocks up to a minute.
    pub fn start(settings: &Settings) -> Result<Self, Problem> {
        let settings = prepared(settings)?;
        let lock = lock_file(&settings.data_dir.join("pg.lock"))?;
        if lock.try_lock().is_err() {
            return Err(Problem(format!(
                "another motcua already runs a database in {}; stop it first, or set MOTCUA_DATA_DIR",
                settings.data_dir.display()
            )));
        }
        let binaries = Binaries::find_or_install(&settings)?;
        let place = Place::choose(&settings.data_dir)?;
        server::clear_leftover(&place)?;
        server::init(&settings, &place, &binaries)?;
        let server = server::spawn(&settings, &place, &binaries)?;
        let guard = guard(GUARD_ALONE, &server, &place, Path::new(""), Stdio::piped());
        let mut cluster = Self { place, server: Some(server), guard: guard.ok(), _lock: lock };
        // From here on drop cleans up.
        match (&mut cluster.server, &cluster.guard) {
            (Some(server), Some(_)) => server::await_ready(&cluster.place, server)?,
            _ => return Err(Problem("cannot run /bin/sh".to_owned())),
        }
        Ok(cluster)
    }

    /// Joins the cluster that other processes share, or starts it. It ends by itself a few seconds
    /// after the last process that holds a `Cluster` has dropped it or ended, however it ended.
    pub fn share(settings: &Settings) -> Result<Self, Problem> {
        let settings = prepared(settings)?;
        let users = settings.data_dir.join("pg.users");
        let cannot = |path: &Path| Problem(format!("cannot lock {}", path.display()));
        let using = lock_file(&users)?;
        using.lock_shared().map_err(|_| cannot(&users))?;
        let starting = settings.data_dir.join("pg.lock");
        let one_at_a_time = lock_file(&starting)?;
        one_at_a_time.lock().map_err(|_| cannot(&starting))?;
        let place = Place::choose(&settings.data_dir)?;
        // Starters hold `pg.lock` until their server answers, so a running one is a ready one.
        if server::running(&place.root).is_none() {
            let binaries = Binaries::find_or_install(&settings)?;
            server::clear_leftover(&place)?;
            server::init(&settings, &place, &binaries)?;
            let mut server = server::spawn(&settings, &place, &binaries)?;
            let started = guard(GUARD_SHARED, &server, &place, &users, Stdio::null())
                .and_then(|_| server::await_ready(&place, &mut server));
            if let Err(problem) = started {
                server::stop(&mut server);
                return Err(problem);
            }
        }
        Ok(Self { place, server: None, guard: None, _lock: using })
    }

    /// The address of a cluster that another process runs on this data folder now.
    pub fn url_if_running(data_dir: &Path) -> Option<String> {
        let place = Place::existing(&data_dir.canonicalize().ok()?)?;
        server::running(&place.root).map(|_| server::url(&place, server::DATABASE))
    }

    /// The address of the database `motcua`.
    pub fn url(&self) -> String {
        self.url_of(server::DATABASE)
    }

    pub fn url_of(&self, database: &str) -> String {
        server::url(&self.place, database)
    }

    /// Stops the server and waits for it. Dropping does the same.
    pub fn stop(self) {}
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server::stop(server);
        }
        if let Some(guard) = &mut self.guard {
            // It has nothing left to guard; both calls fail only when it has gone already.
            let _ = guard.kill();
            let _ = guard.wait();
        }
    }
}

/// The data folder exists, and its path stays right whatever the working folder.
fn prepared(settings: &Settings) -> Result<Settings, Problem> {
    let given = &settings.data_dir;
    let hint = |error| {
        let Problem(text) = Problem::file("use the data folder", given)(error);
        Problem(format!("{text}; choose a folder you may write to with MOTCUA_DATA_DIR"))
    };
    fs::create_dir_all(given).map_err(hint)?;
    let data_dir = given.canonicalize().map_err(hint)?;
    Ok(Settings { data_dir, ..settings.clone() })
}

fn lock_file(path: &Path) -> Result<File, Problem> {
    File::options().create(true).truncate(false).write(true).open(path).map_err(|error| {
        let Problem(text) = Problem::file("write", path)(error);
        Problem(format!("{text}; choose a folder you may write to with MOTCUA_DATA_DIR"))
    })
}

fn guard(script: &str, child: &Child, place: &Place, users: &Path, input: Stdio) -> Result<Child, Problem> {
    Command::new("/bin/sh")
        .args(["-c", script, "motcua-database-guard", &child.id().to_string()])
        .arg(server::pid_file(&place.root))
        .arg(users)
        .current_dir("/")
        .process_group(0)
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Problem(format!("cannot run /bin/sh: {error}")))
}
