//! What every act needs: the shared handles, and who asks, when, under which request.
//!
//! The only place that reads the clock, makes ids or draws random bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use motcua_domain::actor::Actor;
use motcua_domain::calendar::local_date;
use motcua_domain::text::Language;
use motcua_store::pool::Lent;
use motcua_store::{Pool, Tx};
use rand::TryRngCore;
use secrecy::SecretString;
use uuid::Uuid;

use crate::Result;
use crate::rules::{Rules, SharedRules};

/// The time. Real, or moved by tests and by a partner sandbox.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    Real,
    /// Microseconds added to the real time.
    Moved(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `at` now and runs on from there.
    pub fn starting_at(at: DateTime<Utc>) -> Self {
        let clock = Self::Moved(Arc::new(AtomicI64::new(0)));
        clock.move_to(at);
        clock
    }

    /// Microsecond precision, as the database keeps it.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
        let real = Utc::now();
        let micros = real.timestamp_micros();
        let moved = match self {
            Self::Real => 0,
            Self::Moved(offset) => offset.load(Ordering::Relaxed),
        };
        DateTime::from_timestamp_micros(micros.saturating_add(moved)).unwrap_or(real)
    }

    /// Moves a movable clock; a real one stays.
    pub fn move_to(&self, at: DateTime<Utc>) {
        if let Self::Moved(offset) = self {
            let real = Self::Real.now();
            offset.store(at.signed_duration_since(real).num_microseconds().unwrap_or(0), Ordering::Relaxed);
        }
    }
}

/// Settings the application reads; built once from the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach the service, without a slash at the end.
    pub public_url: String,
    pub mail_from: String,
    pub upload_max_bytes: u64,
    /// Address of a clamd; none means papers are marked unscanned.
    pub clamd: Option<String>,
    pub session_hours: u32,
    pub token_minutes: u32,
    /// What results and receipts are sealed with; none means they are signed by hand.
    pub seals: Option<crate::sealing::Seals>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            mail_from: "motcua@localhost".to_owned(),
            upload_max_bytes: 20 * 1024 * 1024,
            clamd: None,
            session_hours: 12,
            token_minutes: 10,
            seals: None,
        }
    }
}

/// Handles shared by all requests and jobs of a process.
#[derive(Debug)]
struct Shared {
    clock: Clock,
    rules: SharedRules,
    files: crate::file::Files,
    passwords: crate::password::Hasher,
    settings: Settings,
    wrong_keys: crate::wrong_keys::WrongKeys,
}

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pool: Pool,
    shared: Arc<Shared>,
}

impl App {
    /// Reads the installed rules once and is ready.
    ///
    /// # Errors
    /// When the database is away or the installed rules cannot be read.
    pub async fn start(
        pool: Pool,
        clock: Clock,
        files: crate::file::Files,
        settings: Settings,
    ) -> Result<Self> {
        let rules = SharedRules::load(&pool).await?;
        Ok(Self {
            pool,
            shared: Arc::new(Shared {
                clock,
                rules,
                files,
                passwords: crate::password::Hasher::default(),
                settings,
                wrong_keys: crate::wrong_keys::WrongKeys::default(),
            }),
        })
    }

    /// The same application with up to `connections` of its own on the runtime that asks.
    #[must_use]
    pub fn for_this_runtime(&self, connections: usize) -> Self {
        Self { pool: self.pool.for_this_runtime(connections), shared: Arc::clone(&self.shared) }
    }

    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    pub fn today(&self) -> NaiveDate {
        local_date(self.now())
    }

    pub fn after(&self, wait: TimeDelta) -> DateTime<Utc> {
        self.now().checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The rules in force; a snapshot that stays the same for the whole act.
    pub fn rules(&self) -> Arc<Rules> {
        self.shared.rules.get()
    }

    /// Reads the installed rules again when others were installed meanwhile.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn refresh_rules(&self) -> Result<()> {
        self.shared.rules.refresh(&self.pool).await
    }

    pub fn files(&self) -> &crate::file::Files {
        &self.shared.files
    }

    pub(crate) fn passwords(&self) -> &crate::password::Hasher {
        &self.shared.passwords
    }

    pub(crate) fn wrong_keys(&self) -> &crate::wrong_keys::WrongKeys {
        &self.shared.wrong_keys
    }

    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub async fn conn(&self) -> Result<Lent> {
        Ok(self.pool.get().await?)
    }

    /// Opens a transaction, named for traces.
    pub async fn begin(&self, name: &'static str) -> Result<Tx> {
        Ok(Tx::begin(&self.pool, name).await?)
    }

    /// A new time-ordered id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
        T::from(Uuid::now_v7())
    }

    /// Unpredictable bytes from the operating system.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0_u8; N];
        rand::rngs::OsRng
            .try_fill_bytes(&mut bytes)
            .map_err(|error| crate::Error::internal(error.to_string()))?;
        Ok(bytes)
    }
}

/// One request: who asks, in which language, and the secrets that came with it.
#[derive(Clone)]
pub struct Ctx {
    pub app: App,
    pub actor: Actor,
    /// The tracking key an anonymous caller sent along.
    pub tracking_key: Option<SecretString>,
    pub request_id: String,
    pub language: Language,
    /// Network address of the caller.
    pub address: String,
}

impl Ctx {
    /// For scheduled work of the service itself.
    pub fn system(app: App, request_id: String) -> Self {
        Self {
            app,
            actor: Actor::System,
            tracking_key: None,
            request_id,
            language: Language::Vi,
            address: String::new(),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.app.now()
    }

    pub fn today(&self) -> NaiveDate {
        self.app.today()
    }
}
