//! Where a cluster lives and as whom it runs.
//!
//! PostgreSQL refuses to run as root, and the user it runs as must reach every parent folder; a Unix
//! socket path has at most 107 bytes. When the data folder does not allow this, a folder under
//! `/var/tmp` named after the data folder does, and `<data folder>/pg.elsewhere` names it.

use std::fs::{self, DirBuilder};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{User, geteuid};
use sha2::{Digest, Sha256};

use super::Problem;

/// `sun_path` without its final zero byte.
const LONGEST_SOCKET: usize = 107;
pub const SOCKET_NAME: &str = ".s.PGSQL.5432";

#[derive(Debug, Clone)]
pub struct Place {
    /// Holds `data` and `log`; mode 0700, belongs to the owner.
    pub root: PathBuf,
    pub socket: PathBuf,
    owner: Option<Owner>,
}

/// Whom to become before running PostgreSQL; only root must become someone.
#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Place {
    pub fn choose(data_dir: &Path) -> Result<Self, Problem> {
        let wanted = data_dir.join("pg");
        let owner = if geteuid().is_root() { Some(owner(&wanted)?) } else { None };
        let elsewhere = elsewhere(data_dir);
        let root = if reachable(data_dir, owner) { wanted } else { elsewhere.clone() };
        let fits = root.join("s").join(SOCKET_NAME).as_os_str().len() <= LONGEST_SOCKET;
        // PostgreSQL reads the socket folder from a quoted list.
        let plain = !root.as_os_str().as_bytes().contains(&b'"');
        let place =
            Self { socket: if fits && plain { root.join("s") } else { elsewhere.join("s") }, root, owner };
        if place.root == elsewhere || !fits || !plain {
            let note = data_dir.join("pg.elsewhere");
            fs::write(&note, elsewhere.as_os_str().as_bytes()).map_err(Problem::file("write", &note))?;
            eprintln!(
                "{} cannot hold the database (path too long or closed to the database user);",
                data_dir.display()
            );
            eprintln!("using {} instead.", elsewhere.display());
            place.own_folder(&elsewhere)?;
        }
        place.own_folder(&place.root)?;
        place.own_folder(&place.socket)?;
        Ok(place)
    }

    /// Where an earlier `choose` put the cluster; looks only.
    pub fn existing(data_dir: &Path) -> Option<Self> {
        let (wanted, elsewhere) = (data_dir.join("pg"), elsewhere(data_dir));
        let root = [wanted, elsewhere.clone()].into_iter().find(|root| root.join("data").is_dir())?;
        let socket =
            [root.join("s"), elsewhere.join("s")].into_iter().find(|s| s.join(SOCKET_NAME).exists())?;
        Some(Self { root, socket, owner: None })
    }

    /// Makes the command run as the owner, in a folder the owner may enter.
    pub fn run_as_owner<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some(owner) = self.owner {
            // With a uid given, std also clears the supplementary groups of root.
            command.uid(owner.uid).gid(owner.gid);
        }
        // Settings of the caller's PostgreSQL (PGDATA, PGPORT, PGHOST ...) are not ours.
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .current_dir(&self.root)
    }

    /// A folder of mode 0700 that belongs to the owner. In `/var/tmp` anyone could have made one of
    /// that name before us; such a folder is refused.
    fn own_folder(&self, path: &Path) -> Result<(), Problem> {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => match self.owner {
                Some(owner) => {
                    chown(path, Some(owner.uid), Some(owner.gid)).map_err(Problem::file("give away", path))
                }
                None => Ok(()),
            },
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let found = path.symlink_metadata().map_err(Problem::file("look at", path))?;
                let expected = self.owner.map_or_else(|| geteuid().as_raw(), |owner| owner.uid);
                if found.is_dir() && found.uid() == expected {
                    return Ok(());
                }
                Err(Problem(format!(
                    "{} belongs to another user (id {}); run as that user, or empty the data folder with `make reset`",
                    path.display(),
                    found.uid()
                )))
            }
            Err(error) => Err(Problem::file("create", path)(error)),
        }
    }
}

/// Existing data keeps its owner; new data goes to `postgres`, else `nobody`.
fn owner(root: &Path) -> Result<Owner, Problem> {
    if let Ok(found) = root.symlink_metadata()
        && found.uid() != 0
    {
        return Ok(Owner { uid: found.uid(), gid: found.gid() });
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .map(|user| Owner { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
        .ok_or_else(|| {
            Problem(
                "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody"
                    .to_owned(),
            )
        })
}

/// Asked of the system itself: mode bits alone do not tell (access lists, mounts).
fn reachable(folder: &Path, owner: Option<Owner>) -> bool {
    let Some(owner) = owner else { return true };
    Command::new("/bin/sh")
        .args(["-c", "cd \"$1\"", "sh"])
        .arg(folder)
        .current_dir("/")
        .uid(owner.uid)
        .gid(owner.gid)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn elsewhere(data_dir: &Path) -> PathBuf {
    let digest = Sha256::digest(data_dir.as_os_str().as_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    PathBuf::from(format!("/var/tmp/motcua-{name}"))
}
