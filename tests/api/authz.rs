//! Every operation of the contract × every persona. The table of statuses is a reviewed snapshot;
//! an operation without a row fails.
//!
//! The dossier is a request to change an officer, at examination. Changes are asked with a version
//! that never was: whoever may do the act is told 412, and nothing changes on the way.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use motcua::app::seed::{PARTNER_SECRET, PASSWORD};
use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::client::Client;
use crate::support::office::{Filed, Office, answers, filing};
use crate::support::server::TestServer;

/// What an operation is asked with; the path's placeholders are filled in by name.
struct Asked {
    method: Method,
    path: String,
    body: Option<Value>,
    has_version: bool,
    has_key: bool,
}

fn operations() -> BTreeMap<String, Asked> {
    let contract = serde_json::to_value(motcua::web::openapi::contract()).unwrap();
    let mut all = BTreeMap::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let has = |name: &str| {
                operation["parameters"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|each| each["name"] == name))
            };
            let asked = Asked {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                body: body(id),
                has_version: has("If-Match"),
                has_key: has("Idempotency-Key"),
            };
            assert_eq!(
                asked.body.is_some(),
                operation.get("requestBody").is_some(),
                "{id} has no row here, or a body it should not have"
            );
            all.insert(id.to_owned(), asked);
        }
    }
    all
}

/// A body that can be read; operations without one are absent.
fn body(operation: &str) -> Option<Value> {
    let nobody = Uuid::nil();
    Some(match operation {
        "track_by_form" => json!({ "key": "0" }),
        "register" => json!({ "email": "x", "name": "", "password": "" }),
        "verify_email" => json!({ "token": "x" }),
        "request_password_reset" => json!({ "email": "nobody@example.vn" }),
        "reset_password" => json!({ "token": "x", "password": "x" }),
        "change_password" => json!({ "current": "x", "password": "x" }),
        "sign_in_citizen" => json!({ "email": "nobody@example.vn", "password": "x" }),
        "sign_in_staff" => json!({ "user_name": "nobody", "password": "x", "code": "000000" }),
        "arrange_absence" => {
            json!({ "account": nobody, "deputy": nobody, "from": "2026-12-01", "until": "2026-12-02", "reason": "x" })
        }
        "begin" => {
            json!({ "procedure": "officer_replacement", "agency": nobody, "contact": { "name": "x" } })
        }
        "save_answers" => json!({ "answers": {} }),
        "change_start" => json!({ "agency": nobody, "mode": "own", "contact": { "name": "x" } }),
        "announce_document" => json!({ "name": "x.pdf" }),
        "store_content" => Value::Null,
        "token" => Value::Null,
        "request_supplement" => json!({ "items": [] }),
        "supply" => json!({ "items": [] }),
        "refuse" | "stop" => json!({ "reason": "x" }),
        "link_matter" => json!({ "matter": nobody }),
        "add_note" => json!({ "text": "x" }),
        "assign" => json!({ "officer": nobody }),
        "complete_step" => json!({ "outcome": "x" }),
        "send_back" => json!({ "to": "forward", "reason": "x" }),
        "request_opinion" => json!({ "unit": nobody, "question": "x", "due_on": "2026-12-01" }),
        "answer_opinion" => json!({ "answer": "x" }),
        "draft" => json!({ "outcome": "refusal", "reasons": [], "explanation": "x" }),
        "request_payment" => json!({ "amount": 1, "reason": "x" }),
        "confirm_payment" => json!({ "paid_at": "2026-11-23T00:00:00Z" }),
        "return_result" => json!({ "way": "counter", "to": "x" }),
        "extend" => json!({ "new_due_on": "2026-12-07", "reason": "x", "apology": "x" }),
        "repin" | "reissue_key" => json!({ "reason": "x" }),
        "record_performance" => json!({ "claim": 0, "amount": 1, "on": "2026-11-20" }),
        "set_costs" | "set_fees" => json!({ "total": 1, "paid": 0 }),
        "submit" | "receive" | "withdraw" | "propose" | "sign" | "number" | "hand_over" | "lapse"
        | "undo" => {
            json!({})
        }
        _ => return None,
    })
}

struct Persona {
    name: &'static str,
    client: Client,
    dossier: String,
    document: String,
    /// The copy of what was filed.
    made: String,
}

async fn status(persona: &Persona, matter: Uuid, operation: &str, asked: &Asked) -> u16 {
    let path = asked
        .path
        .replace("/documents/{id}", &format!("/documents/{}", persona.document))
        .replace("/papers/{id}", &format!("/papers/{}", persona.made))
        .replace("/matters/{id}", &format!("/matters/{matter}"))
        .replace("/absences/{id}", &format!("/absences/{}", Uuid::nil()))
        .replace("{id}", &persona.dossier)
        .replace("{step}", "examine")
        .replace("{opinion}", &Uuid::nil().to_string())
        .replace("{key}", "officer_replacement")
        .replace("{year}", "2026")
        .replace("{code}", if operation == "explain" { "not_found" } else { persona.name });
    let query = match operation {
        "due_date" => "?received_at=2025-04-24T09:30:00%2B07:00&limit=5wd",
        "enforcement_fee" => "?on=2025-03-01&receipts=1",
        "limitation" => "?effective=2020-03-10&requested=2025-03-11",
        _ => "",
    };
    let key = Uuid::now_v7().to_string();
    let mut headers = Vec::new();
    if asked.has_version {
        headers.push(("if-match", "\"999999\""));
    }
    if asked.has_key {
        headers.push(("idempotency-key", key.as_str()));
    }
    let (content_type, body) = match (operation, &asked.body) {
        ("token", _) => (
            Some("application/x-www-form-urlencoded"),
            b"grant_type=client_credentials&client_id=x&client_secret=x".to_vec(),
        ),
        ("store_content", _) => (Some("application/octet-stream"), b"".to_vec()),
        // Each persona fails under a name of its own, so that nobody is throttled for another.
        (_, Some(body)) => {
            (Some("application/json"), body.to_string().replace("nobody", persona.name).into_bytes())
        }
        (_, None) => (None, Vec::new()),
    };
    let answer = persona
        .client
        .send(asked.method.clone(), &format!("{path}{query}"), content_type, body, &headers)
        .await;
    answer.status.as_u16()
}

/// The first paper the office made of a dossier.
async fn papers_of(office: &Office<'_>, id: &str) -> String {
    let all = office.counter().await.get(&format!("/api/v1/dossiers/{id}/papers")).await.expect(200);
    all[0]["id"].as_str().unwrap().to_owned()
}

async fn partner(server: &TestServer, scope: &str) -> Client {
    let form = format!(
        "grant_type=client_credentials&client_id=cong-dich-vu-cong-demo&client_secret={PARTNER_SECRET}{scope}"
    );
    let answer = server
        .anonymous()
        .send(Method::POST, "/oauth/token", Some("application/x-www-form-urlencoded"), form.into_bytes(), &[])
        .await;
    server.anonymous().bearer(answer.expect(200)["access_token"].as_str().unwrap())
}

async fn citizen(server: &TestServer, email: &str) -> Client {
    let session = server
        .anonymous()
        .post("/api/v1/sessions", &json!({ "email": email, "password": PASSWORD }))
        .await
        .expect(201);
    server.anonymous().bearer(session["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_every_persona_as_reviewed() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let key = ProcedureKey::OfficerReplacement;
    let body = filing(key, office.agency, &answers(key, &matter));
    let owner = citizen(&server, "thuha@example.vn").await;
    let mut draft = body.clone();
    draft["submit"] = json!(false);
    let view = owner.create("/api/v1/dossiers", &draft).await.expect(201);
    let tracking_key = view["tracking_key"].as_str().unwrap().to_owned();
    let id = view["id"].as_str().unwrap().to_owned();
    let paper = owner
        .create(&format!("/api/v1/dossiers/{id}/documents"), &json!({ "name": "chung-cu.pdf" }))
        .await
        .expect(201);
    let document = paper["id"].as_str().unwrap().to_owned();
    let content = format!("/api/v1/documents/{document}/content");
    owner
        .send(
            Method::PUT,
            &content,
            Some("application/octet-stream"),
            b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n".to_vec(),
            &[],
        )
        .await
        .expect(200);
    let view = owner.act(&view, "submission", &json!({})).await.expect(200);
    let mut filed = Filed { view, applicant: owner.clone() };
    let assigned = office.bring_to_examination(&mut filed).await;
    let assignee = office
        .by_id(filed.view["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap())
        .clone();
    let colleague = office
        .all("processing_officer")
        .into_iter()
        .find(|person| {
            person.id != assignee.id && person.id != matter.officer && person.unit != assignee.unit
        })
        .unwrap()
        .clone();

    let trusted = partner(&server, "").await;
    let theirs = trusted.create("/api/v1/dossiers", &body).await.expect(201);
    let theirs = Filed { view: theirs, applicant: trusted.clone() };
    let theirs_id = theirs.view["id"].as_str().unwrap().to_owned();
    let narrow = partner(&server, "&scope=enforcement_decision:read").await;

    let made = papers_of(&office, &id).await;
    let theirs_made = papers_of(&office, &theirs_id).await;
    let person = |name, client| Persona {
        name,
        client,
        dossier: id.clone(),
        document: document.clone(),
        made: made.clone(),
    };
    let personas = vec![
        person("anonymous", server.anonymous()),
        person("key", server.anonymous().with("tracking-key", &tracking_key)),
        person("owner", owner),
        person("citizen", citizen(&server, "thanhle@example.vn").await),
        person("counter", office.counter().await),
        person("counter-2", office.sign_in(office.elsewhere("one_window_officer")).await),
        person("assigned", assigned),
        person("officer", office.sign_in(&colleague).await),
        person("challenged", office.sign_in(office.by_id(matter.officer)).await),
        person("leader", office.leader().await),
        person("clerk", office.clerk().await),
        person("inspector", office.role("inspector").await),
        person("admin", office.role("admin").await),
        person("partner-2", trusted.clone()),
        Persona { dossier: theirs_id.clone(), made: theirs_made.clone(), ..person("partner", trusted) },
        Persona { dossier: theirs_id, made: theirs_made, ..person("narrow", narrow) },
    ];
    let mut table = format!("{:24}", "");
    for persona in &personas {
        let _ = write!(table, "{:>11}", persona.name);
    }
    table.push('\n');
    let operations = operations();
    // Signing out comes last, because it ends what the others need.
    let order = operations
        .keys()
        .filter(|id| *id != "sign_out")
        .chain(operations.keys().filter(|id| *id == "sign_out"));
    for operation in order {
        let asked = &operations[operation];
        let _ = write!(table, "{operation:24}");
        for persona in &personas {
            let _ = write!(table, "{:>11}", status(persona, matter.id, operation, asked).await);
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
    server.close().await;
}
