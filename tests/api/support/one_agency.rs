//! The application without HTTP: one agency with its units, the built-in catalogue, files in memory.
//! For tests of background work and papers; the whole office is `support` of the HTTP tests.

use motcua::app::catalogue::{Bundle, install};
use motcua::app::context::Settings;
use motcua::app::file::{Files, Place};
use motcua::app::filing::{Begin, Handing, Start, begin};
use motcua::app::idempotency::Ticket;
use motcua::app::view::DossierView;
use motcua::app::{App, Clock, Ctx};
use motcua::domain::actor::{Actor, Staff};
use motcua::domain::agency::{Agency, UnitKind};
use motcua::domain::calendar::OfficeHours;
use motcua::domain::dossier::FilerMode;
use motcua::domain::ids::{AccountId, AgencyId, UnitId};
use motcua::domain::person::Contact;
use motcua::domain::policy::{Membership, Role};
use motcua::domain::procedure::ProcedureKey;
use motcua::domain::text::{Language, Text};
use motcua::store::agency::Unit;
use motcua::store::{Pool, Tx};
use secrecy::SecretString;
use uuid::Uuid;

use super::database::TestDatabase;

pub const AGENCY: AgencyId = AgencyId(Uuid::from_u128(1));
const ONE_WINDOW: UnitId = UnitId(Uuid::from_u128(11));

pub struct OneAgency {
    pub app: App,
    pub url: String,
}

impl OneAgency {
    pub async fn open() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::at(Clock::starting_at("2026-09-15T02:30:00Z".parse().unwrap()), settings).await
    }

    /// On the clock of the machine, for tests with other processes.
    pub async fn open_now() -> Self {
        Self::at(Clock::Real, Settings::default()).await
    }

    async fn at(clock: Clock, settings: Settings) -> Self {
        let database = TestDatabase::seeded("one_agency", seed).await;
        let pool = Pool::connect(&database.url, 8).await.unwrap();
        let files = Files::open(&Place::Memory).unwrap();
        Self { app: App::start(pool, clock, files, settings).await.unwrap(), url: database.url }
    }

    pub fn by(&self, actor: Actor) -> Ctx {
        Ctx {
            app: self.app.clone(),
            actor,
            tracking_key: None,
            request_id: "test".to_owned(),
            language: Language::Vi,
            address: "192.0.2.1".to_owned(),
        }
    }

    pub fn holder(&self, key: &str) -> Ctx {
        Ctx { tracking_key: Some(SecretString::from(key.to_owned())), ..self.by(Actor::Anonymous) }
    }

    pub fn staff(&self, role: Role, agency: AgencyId) -> Ctx {
        let membership = Membership {
            agency,
            predecessors: Vec::new(),
            unit: ONE_WINDOW,
            role,
            head: false,
            from: "2020-01-01".parse().unwrap(),
            until: None,
        };
        let number = Role::ALL.iter().position(|each| *each == role).unwrap();
        let account = AccountId(Uuid::from_u128(100 + u128::try_from(number).unwrap()));
        self.by(Actor::Staff(Staff {
            account,
            name: role.to_string(),
            memberships: vec![membership],
            acting_for: Vec::new(),
        }))
    }

    /// A request to confirm enforcement results, with answers that pass, by someone without an account.
    pub async fn files(&self, email: &str, submit: bool) -> (DossierView, Ctx) {
        let catalogue = motcua::catalogue::embedded().unwrap();
        let procedure = ProcedureKey::ResultConfirmation;
        let version = catalogue.procedures.iter().rfind(|each| each.version.key == procedure).unwrap();
        let input = Begin {
            procedure,
            version: None,
            start: Start {
                agency: AGENCY,
                mode: FilerMode::Own,
                filled_in_by: None,
                contact: Contact {
                    name: "Nguyễn Thị Hồng".to_owned(),
                    email: Some(email.to_owned()),
                    phone: None,
                },
            },
            channel: None,
            language: Language::Vi,
            answers: version.valid_examples[0].1.clone(),
            submit,
            handing: Handing::default(),
        };
        let view = begin(&self.by(Actor::Anonymous), &Ticket::default(), input).await.unwrap();
        let holder = self.holder(view.tracking_key.as_deref().unwrap());
        (view, holder)
    }
}

async fn seed(url: &str) {
    let pool = Pool::connect(url, 2).await.unwrap();
    install(&pool, &Clock::Real, &bundle()).await.unwrap();
    let mut tx = Tx::begin(&pool, "seed").await.unwrap();
    let agency = Agency {
        id: AGENCY,
        key: "thads-dong-nai".to_owned(),
        name: Text::new("Thi hành án dân sự tỉnh Đồng Nai", "Civil Judgment Enforcement of Đồng Nai"),
        address: "1 Cách Mạng Tháng Tám, Biên Hòa".to_owned(),
        phone: "0251 3800 000".to_owned(),
        from: "2020-01-01".parse().unwrap(),
        until: None,
        successor: None,
        superior: None,
        hours: OfficeHours::default(),
        courts: Vec::new(),
    };
    motcua::store::agency::insert(&mut tx, &agency).await.unwrap();
    for (id, kind, vi, en) in [
        (ONE_WINDOW.0, UnitKind::OneWindow, "Bộ phận Một cửa", "One-window unit"),
        (Uuid::from_u128(12), UnitKind::Head, "Thủ trưởng", "Head's office"),
        (Uuid::from_u128(13), UnitKind::Clerk, "Văn thư", "Clerk"),
        (Uuid::from_u128(14), UnitKind::Office, "Phòng Nghiệp vụ", "Professional section"),
    ] {
        let identifier = (kind == UnitKind::OneWindow).then(|| "000.04.19.G15".to_owned());
        let unit = Unit { id: UnitId(id), agency: AGENCY, kind, name: Text::new(vi, en), identifier };
        motcua::store::agency::insert_unit(&mut tx, &unit).await.unwrap();
    }
    tx.commit().await.unwrap();
    pool.close();
}

fn bundle() -> Bundle {
    let catalogue = motcua::catalogue::embedded().unwrap();
    let json = |value: serde_json::Value| value.to_string();
    Bundle {
        versions: catalogue
            .procedures
            .into_iter()
            .map(|each| (each.version, each.content, each.hash))
            .collect(),
        calendars: catalogue
            .calendars
            .into_iter()
            .map(|year| (year.clone(), json(serde_json::to_value(&year).unwrap())))
            .collect(),
        parameters: vec![
            ("forms", json(serde_json::to_value(&catalogue.forms).unwrap()), "test".to_owned()),
            (
                "fee_scale",
                json(serde_json::to_value(&catalogue.fee_tables.scale).unwrap()),
                "test".to_owned(),
            ),
            (
                "base_salaries",
                json(serde_json::to_value(&catalogue.fee_tables.base_salaries).unwrap()),
                "test".to_owned(),
            ),
        ],
    }
}

/// Waits until something holds, at most half a minute.
pub async fn eventually<T>(mut holds: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = holds().await {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it did not come to pass in half a minute");
}

/// One value of one row.
pub async fn one<T: for<'a> tokio_postgres::types::FromSql<'a>>(url: &str, statement: &str) -> Option<T> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let found = client.query_opt(statement, &[]).await.unwrap().map(|row| row.get(0));
    driver.abort();
    found
}
