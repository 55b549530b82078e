//! When the head is the officer to be changed, the superior agency decides. Law: D62 a.10 c.2.

use motcua::domain::procedure::ProcedureKey;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::side_roads::reason;
use crate::support::office::{Filed, KnownMatter, Office, answers, filing};
use crate::support::server::TestServer;

async fn name_of(server: &TestServer, account: Uuid) -> String {
    let client = server.client().await;
    client.query_one("SELECT name FROM accounts WHERE id = $1", &[&account]).await.unwrap().get(0)
}

fn unknown() -> KnownMatter {
    KnownMatter {
        id: Uuid::nil(),
        number: "999/2026/QĐ-CCTHADS".to_owned(),
        officer: Uuid::nil(),
        asked_on: chrono::NaiveDate::MAX,
    }
}

/// A request about this matter, against somebody nobody knows.
async fn filed_against_nobody(office: &Office<'_>, matter: &KnownMatter) -> Filed {
    let mut given = answers(ProcedureKey::OfficerReplacement, matter);
    given["officer_name"] = json!("Người Không Có Thật");
    let body = filing(ProcedureKey::OfficerReplacement, office.agency, &given);
    let view = office.server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let applicant = office.server.anonymous().with("tracking-key", view["tracking_key"].as_str().unwrap());
    Filed { view, applicant }
}

fn wants(field: &str) -> Value {
    json!({ "items": [{ "field": field, "reason": reason(ProcedureKey::OfficerReplacement, "supplement") }] })
}

async fn supply(filed: &Filed, value: &str) -> Value {
    let item = filed.view["supplements"].as_array().unwrap().last().unwrap()["items"][0]["id"].clone();
    let answer = json!({ "items": [{ "item": item, "value": value }] });
    filed.applicant.act(&filed.view, "supplements", &answer).await.expect(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_superior_replaces_the_head_by_an_officer_of_his_own_agency() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter_of_head().await;
    let mut filed = office.filed_about(ProcedureKey::OfficerReplacement, &matter).await;
    let above = office.at(office.superior().await);
    let officer = above.bring_to_examination(&mut filed).await;
    // The example names an officer of the office, who is walled too.
    let local = office.all("processing_officer").last().unwrap().id;
    let ruling = json!({ "outcome": "officer_replacement", "new_officer": local, "grounds": ["delay"] });
    above.decide(&mut filed, &officer, &ruling).await;
    let client = server.client().await;
    let in_charge: Option<Uuid> =
        client.query_one("SELECT officer_id FROM matters WHERE id = $1", &[&matter.id]).await.unwrap().get(0);
    assert_eq!(in_charge, Some(local));
    above.give_back(&mut filed).await;
    assert_eq!(filed.view["state"]["name"], "returned");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supplement_at_intake_that_names_the_head_moves_the_dossier_up() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut filed = filed_against_nobody(&office, &unknown()).await;
    assert_eq!(filed.view["agency"]["id"], office.agency.to_string());
    let counter = office.counter().await;
    filed.view = counter.act(&filed.view, "supplement-requests", &wants("/officer_name")).await.expect(200);
    let head = office.head().id;
    let after = supply(&filed, &name_of(&server, head).await).await;
    assert_eq!(after["agency"]["id"], office.superior().await.to_string());
    assert_eq!(after["state"]["name"], "submitted");
    counter.read(&after).await.problem(404, "not_found");
    office.sign_in(office.head()).await.read(&after).await.problem(404, "not_found");
    let above = office.at(office.superior().await);
    above.counter().await.act(&after, "receipt", &json!({})).await.expect(200);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supplement_at_examination_that_names_the_head_begins_again_above() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut filed = filed_against_nobody(&office, &office.matter().await).await;
    let officer = office.bring_to_examination(&mut filed).await;
    filed.view = officer.act(&filed.view, "supplement-requests", &wants("/officer_name")).await.expect(200);
    let after = supply(&filed, &name_of(&server, office.head().id).await).await;
    let superior = office.superior().await;
    assert_eq!(after["agency"]["id"], superior.to_string());
    officer.read(&after).await.problem(404, "not_found");
    let above = office.at(superior);
    let seen = above.counter().await.read(&after).await.expect(200);
    assert_eq!(seen["state"]["step"]["key"], "forward");
    assert_eq!(seen["internal"]["assignee"], Value::Null);
    assert_eq!(seen["clock"]["restarts"], 1);
    above
        .counter()
        .await
        .act(&seen, "steps/forward/completions", &json!({ "outcome": "forwarded" }))
        .await
        .expect(200);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supplement_that_corrects_the_matter_or_the_name_walls_the_right_officer() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let challenged = office.sign_in(office.by_id(matter.officer)).await;
    let counter = office.counter().await;
    // The number of the matter: the register's officer.
    let mut filed = filed_against_nobody(&office, &unknown()).await;
    let wanted = wants("/matter/decision_number");
    filed.view = counter.act(&filed.view, "supplement-requests", &wanted).await.expect(200);
    challenged.read(&filed.view).await.problem(404, "not_found");
    let after = supply(&filed, &matter.number).await;
    assert_eq!(after["matter"], matter.id.to_string());
    let walls = "SELECT $2 = ANY(challenged) FROM dossiers WHERE id = $1";
    let client = server.client().await;
    let id: Uuid = after["id"].as_str().unwrap().parse().unwrap();
    assert!(client.query_one(walls, &[&id, &matter.officer]).await.unwrap().get::<_, bool>(0));
    // The name: whoever is called that.
    let mut filed = filed_against_nobody(&office, &unknown()).await;
    filed.view = counter.act(&filed.view, "supplement-requests", &wants("/officer_name")).await.expect(200);
    let after = supply(&filed, &name_of(&server, matter.officer).await).await;
    let id: Uuid = after["id"].as_str().unwrap().parse().unwrap();
    assert!(client.query_one(walls, &[&id, &matter.officer]).await.unwrap().get::<_, bool>(0));
    challenged.read(&after).await.problem(404, "not_found");
    server.close().await;
}
