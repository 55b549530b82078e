//! The demonstration office, as tests use it: who works there, signing in, filing, and the verbs of
//! the officers' day.

use chrono::NaiveDate;
use motcua::catalogue::Definition;
use motcua::domain::procedure::ProcedureKey;
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Client;
use super::server::TestServer;

/// The password of everybody in the demonstration office.
pub const PASSWORD: &str = motcua::app::seed::PASSWORD;

/// A member of staff.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: Uuid,
    pub login: String,
    pub agency: Uuid,
    pub unit: Uuid,
    pub role: String,
    pub head: bool,
    totp_secret: String,
}

/// The office on a server.
pub struct Office<'a> {
    pub server: &'a TestServer,
    pub agency: Uuid,
    people: Vec<Person>,
}

/// A matter of the register, as far as filings name it.
#[derive(Debug, Clone)]
pub struct KnownMatter {
    pub id: Uuid,
    pub number: String,
    pub officer: Uuid,
    /// The day it is asked about: its rules say what is asked.
    pub asked_on: NaiveDate,
}

impl<'a> Office<'a> {
    /// As it is on the server's day.
    pub async fn open(server: &'a TestServer) -> Self {
        let (client, today) = (server.client().await, server.now().date_naive());
        let rows = client
            .query(
                "SELECT a.id, a.login, m.agency_id, m.unit_id, m.role, m.is_head, a.totp_secret FROM accounts a JOIN memberships m ON m.account_id = a.id \
                 JOIN agencies g ON g.id = m.agency_id WHERE a.kind = 'staff' AND a.totp_secret IS NOT NULL AND (m.until IS NULL OR m.until >= $1) \
                 AND g.since <= $1 AND (g.until IS NULL OR g.until >= $1) ORDER BY a.login",
                &[&today],
            )
            .await
            .unwrap();
        let people: Vec<Person> = rows
            .iter()
            .map(|row| Person {
                id: row.get(0),
                login: row.get(1),
                agency: row.get(2),
                unit: row.get(3),
                role: row.get(4),
                head: row.get(5),
                totp_secret: row.get(6),
            })
            .collect();
        let row = client
            .query_one("SELECT agency_id FROM matters GROUP BY agency_id ORDER BY count(*) DESC LIMIT 1", &[])
            .await
            .unwrap();
        Self { server, agency: row.get(0), people }
    }

    /// The same people, seen from another agency.
    pub fn at(&self, agency: Uuid) -> Office<'a> {
        Office { server: self.server, agency, people: self.people.clone() }
    }

    /// The people of this agency with a role.
    pub fn all(&self, role: &str) -> Vec<&Person> {
        self.people.iter().filter(|person| person.agency == self.agency && person.role == role).collect()
    }

    pub fn person(&self, role: &str) -> &Person {
        self.all(role)
            .into_iter()
            .find(|person| !person.head)
            .or_else(|| self.all(role).into_iter().next())
            .unwrap_or_else(|| panic!("nobody is {role}"))
    }

    pub fn head(&self) -> &Person {
        self.people.iter().find(|person| person.agency == self.agency && person.head).unwrap()
    }

    pub fn by_id(&self, id: Uuid) -> &Person {
        self.people.iter().find(|person| person.id == id).unwrap()
    }

    /// Somebody with that role in another agency, which is not the superior one.
    pub fn elsewhere(&self, role: &str) -> &Person {
        self.people.iter().find(|person| person.agency != self.agency && person.role == role).unwrap()
    }

    pub async fn superior(&self) -> Uuid {
        let client = self.server.client().await;
        client
            .query_one("SELECT superior_id FROM agencies WHERE id = $1", &[&self.agency])
            .await
            .unwrap()
            .get(0)
    }

    pub fn in_agency(&self, agency: Uuid, role: &str) -> &Person {
        self.people.iter().find(|person| person.agency == agency && person.role == role).unwrap()
    }

    /// A client signed in as this person; signs in once a day, as a code works once.
    pub async fn sign_in(&self, person: &Person) -> Client {
        let today = (person.login.clone(), self.server.now().date_naive());
        if let Some(known) = self.server.sessions.lock().unwrap().get(&today) {
            return known.clone();
        }
        let code = motcua::app::sessions::code_at(
            &SecretString::from(person.totp_secret.clone()),
            self.server.now(),
        )
        .unwrap();
        let answer = self
            .server
            .anonymous()
            .post(
                "/api/v1/staff-sessions",
                &json!({ "user_name": person.login, "password": PASSWORD, "code": code }),
            )
            .await;
        let body = answer.expect(201);
        let client = self.server.anonymous().bearer(body["token"].as_str().unwrap());
        self.server.sessions.lock().unwrap().insert(today, client.clone());
        client
    }

    pub async fn role(&self, role: &str) -> Client {
        self.sign_in(self.person(role)).await
    }

    pub async fn counter(&self) -> Client {
        self.role("one_window_officer").await
    }

    pub async fn leader(&self) -> Client {
        self.role("leader").await
    }

    pub async fn clerk(&self) -> Client {
        self.role("clerk").await
    }

    /// A matter whose officer is an ordinary officer of the agency.
    pub async fn matter(&self) -> KnownMatter {
        let client = self.server.client().await;
        let row = client
            .query_one(
                "SELECT m.id, m.decision_number, m.officer_id FROM matters m WHERE m.agency_id = $1 AND m.decision_number IS NOT NULL AND m.state = 'enforcing' \
                 AND m.officer_id IN (SELECT account_id FROM memberships WHERE role = 'processing_officer') \
                 AND m.officer_id NOT IN (SELECT account_id FROM memberships WHERE is_head) \
                 AND (m.body #>> '{coercion_cost,total}')::bigint > 0 AND (m.body #>> '{enforcement_fee,total}')::bigint > 0 ORDER BY m.decision_number LIMIT 1",
                &[&self.agency],
            )
            .await
            .unwrap();
        self.known(&row)
    }

    /// A matter whose officer is the head of the agency.
    pub async fn matter_of_head(&self) -> KnownMatter {
        let client = self.server.client().await;
        let row = client
            .query_one(
                "SELECT m.id, m.decision_number, m.officer_id FROM matters m WHERE m.agency_id = $1 AND m.officer_id IN (SELECT account_id FROM memberships WHERE is_head) LIMIT 1",
                &[&self.agency],
            )
            .await
            .unwrap();
        self.known(&row)
    }

    fn known(&self, row: &tokio_postgres::Row) -> KnownMatter {
        let asked_on = self.server.now().date_naive();
        KnownMatter { id: row.get(0), number: row.get(1), officer: row.get(2), asked_on }
    }

    /// An officer other than this one.
    pub fn officer_but(&self, other: Uuid) -> &Person {
        self.all("processing_officer").into_iter().find(|person| person.id != other && !person.head).unwrap()
    }
}

/// A worked example of the newest version.
pub fn example(key: ProcedureKey) -> Value {
    definition_on(key, NaiveDate::MAX).valid_examples[0].1.clone()
}

/// The version of a procedure whose rules a filing of that day has.
pub fn definition_on(key: ProcedureKey, day: NaiveDate) -> Definition {
    let definitions = motcua::catalogue::procedures().unwrap();
    let mut of_key = definitions.into_iter().filter(|definition| definition.version.key == key);
    of_key.rfind(|definition| definition.version.effective_from <= day).unwrap()
}

/// Answers for a filing about a matter of the register.
pub fn answers(key: ProcedureKey, matter: &KnownMatter) -> Value {
    let mut answers = definition_on(key, matter.asked_on).valid_examples[0].1.clone();
    if let Some(named) = answers.get_mut("matter") {
        named["decision_number"] = json!(matter.number);
    }
    answers
}

/// The body of a filing that is submitted at once.
pub fn filing(key: ProcedureKey, agency: Uuid, answers: &Value) -> Value {
    json!({
        "procedure": key.as_str(),
        "agency": agency,
        "contact": { "name": "Nguyễn Thị Thu Hà", "email": "thuha@example.vn", "phone": "0903123456" },
        "answers": answers,
        "submit": true,
    })
}

/// A dossier on its way, with the key of whoever filed it.
pub struct Filed {
    pub view: Value,
    pub applicant: Client,
}

impl Office<'_> {
    /// A citizen without an account files online.
    pub async fn filed(&self, key: ProcedureKey) -> Filed {
        let matter = self.matter().await;
        self.filed_about(key, &matter).await
    }

    pub async fn filed_about(&self, key: ProcedureKey, matter: &KnownMatter) -> Filed {
        let body = filing(key, self.agency, &answers(key, matter));
        let view = self.server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
        let applicant = self.server.anonymous().with("tracking-key", view["tracking_key"].as_str().unwrap());
        Filed { view, applicant }
    }

    /// Received at the counter, forwarded, and in the hands of an officer.
    pub async fn examined(&self, key: ProcedureKey) -> (Filed, Client) {
        let mut filed = self.filed(key).await;
        let officer = self.bring_to_examination(&mut filed).await;
        (filed, officer)
    }

    pub async fn bring_to_examination(&self, filed: &mut Filed) -> Client {
        let counter = self.counter().await;
        filed.view = counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
        filed.view = counter
            .act(&filed.view, "steps/forward/completions", &json!({ "outcome": "forwarded" }))
            .await
            .expect(200);
        if filed.view["state"]["step"]["key"] == "assign" {
            let leader = self.leader().await;
            let id = filed.view["id"].as_str().unwrap().to_owned();
            let choices =
                leader.get(&format!("/api/v1/dossiers/{id}/assignment-suggestions")).await.expect(200);
            let chosen =
                choices.as_array().unwrap().iter().find(|choice| choice["suggested"] == true).unwrap();
            filed.view = leader
                .act(&filed.view, "assignments", &json!({ "officer": chosen["account"] }))
                .await
                .expect(200);
        }
        assert_eq!(filed.view["state"]["step"]["key"], "examine", "{:#}", filed.view["state"]);
        let assignee: Uuid = filed.view["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap();
        self.sign_in(self.by_id(assignee)).await
    }

    /// What the officer drafts when the request is granted.
    pub async fn grant(&self, key: ProcedureKey) -> Value {
        let matter = self.matter().await;
        let other = self.officer_but(matter.officer).id;
        match key {
            ProcedureKey::EnforcementDecision => {
                json!({ "outcome": "enforcement_decision", "officer": other, "obligations": "Ông Lê Văn Thành phải trả cho bà Nguyễn Thị Thu Hà 300.000.000 đồng." })
            }
            ProcedureKey::ResultConfirmation => json!({ "outcome": "result_confirmation" }),
            ProcedureKey::OfficerReplacement => {
                json!({ "outcome": "officer_replacement", "new_officer": other, "grounds": ["delay"] })
            }
            ProcedureKey::CoercionCostRelief => {
                json!({ "outcome": "coercion_cost_relief", "grounds": ["low_income_or_disaster"], "percent": 50 })
            }
            ProcedureKey::EnforcementFeeRelief => {
                json!({ "outcome": "enforcement_fee_relief", "grounds": ["poor_household"], "percent": 80 })
            }
        }
    }

    /// Drafts, proposes, signs, numbers and hands over.
    pub async fn decide(&self, filed: &mut Filed, officer: &Client, ruling: &Value) {
        filed.view = officer.act(&filed.view, "decision", ruling).await.expect(200);
        filed.view = officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
        let leader = self.leader().await;
        filed.view = leader.act(&filed.view, "decision/signature", &json!({})).await.expect(200);
        let clerk = self.clerk().await;
        filed.view = clerk.act(&filed.view, "decision/number", &json!({})).await.expect(200);
        filed.view = clerk.act(&filed.view, "handover", &json!({})).await.expect(200);
    }

    pub async fn give_back(&self, filed: &mut Filed) {
        let counter = self.counter().await;
        filed.view = counter
            .act(&filed.view, "return", &json!({ "way": "counter", "to": "Nguyễn Thị Thu Hà" }))
            .await
            .expect(200);
    }
}
