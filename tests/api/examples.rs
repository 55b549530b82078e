//! Every example body of the contract is executed, in a state of the office where it makes sense,
//! and succeeds. An operation that takes a body and has no example fails the test.
//!
//! The ids in the examples stand for what the office has; each is replaced by its pointer.

use std::collections::BTreeSet;

use motcua::app::seed::TOTP_SECRET;
use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::accounts::link;
use crate::support::client::Client;
use crate::support::office::{Filed, Office, PASSWORD, answers, example, filing};
use crate::support::server::TestServer;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The examples, and which of them were executed.
struct Examples {
    contract: Value,
    executed: BTreeSet<String>,
}

impl Examples {
    fn read() -> Self {
        let contract = serde_json::to_value(motcua::web::openapi::contract()).unwrap();
        Self { contract, executed: BTreeSet::new() }
    }

    /// Method, path and body of every operation that takes a JSON body or a form.
    fn operations(&self) -> impl Iterator<Item = (&str, &str, &str, &Value, &Value)> {
        let paths = self.contract["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, item)| {
            item.as_object().unwrap().iter().filter_map(move |(method, operation)| {
                let content = operation.get("requestBody")?["content"].as_object()?;
                let (media, body) =
                    content.iter().find(|(media, _)| [JSON, FORM].contains(&media.as_str()))?;
                Some((method.as_str(), path.as_str(), media.as_str(), body, &operation["operationId"]))
            })
        })
    }

    /// Executes the example of an operation with what is given put in its place: into the path by
    /// name, into the body by pointer.
    async fn run(&mut self, id: &str, by: &Client, on: &Value, given: &[(&str, Value)]) -> Value {
        let found = self.operations().find(|(.., known)| *known == id);
        let (method, template, media, content, _) = found.unwrap_or_else(|| panic!("{id} takes no body"));
        let method: Method = method.to_uppercase().parse().unwrap();
        let mut path = template.replace("{id}", on["id"].as_str().unwrap_or_default());
        let mut body = content.get("example").unwrap_or_else(|| panic!("{id} has no example")).clone();
        for (place, value) in given {
            if place.starts_with('/') {
                *body.pointer_mut(place).unwrap_or_else(|| panic!("{id} has no {place}")) = value.clone();
            } else {
                path = path.replace(&format!("{{{place}}}"), value.as_str().unwrap());
            }
        }
        let bytes = match media {
            FORM => serde_urlencoded::to_string(&body).unwrap().into_bytes(),
            _ => serde_json::to_vec(&body).unwrap(),
        };
        let (key, version) = (uuid::Uuid::now_v7().to_string(), format!("\"{}\"", on["version"]));
        let headers = [("idempotency-key", key.as_str()), ("if-match", version.as_str())];
        let media = media.to_owned();
        let answer = by.send(method, &path, Some(&media), bytes, &headers).await;
        assert!(answer.status.is_success(), "{id}: {}", String::from_utf8_lossy(&answer.bytes));
        self.executed.insert(id.to_owned());
        if answer.bytes.is_empty() { Value::Null } else { answer.json() }
    }
}

/// A citizen registers, forgets the password, changes it; officers and partners sign in.
async fn accounts(examples: &mut Examples, server: &TestServer) {
    let (nobody, none) = (server.anonymous(), Value::Null);
    examples.run("register", &nobody, &none, &[]).await;
    let token = link(server, "minhchau@example.vn").await;
    examples.run("verify_email", &nobody, &none, &[("/token", json!(token))]).await;
    let session = examples.run("sign_in_citizen", &nobody, &none, &[]).await;
    let citizen = nobody.bearer(session["token"].as_str().unwrap());
    examples.run("change_password", &citizen, &none, &[]).await;
    examples.run("request_password_reset", &nobody, &none, &[]).await;
    let token = link(server, "thuha@example.vn").await;
    examples.run("reset_password", &nobody, &none, &[("/token", json!(token))]).await;
    let code = motcua::app::sessions::code_at(&TOTP_SECRET.into(), server.now()).unwrap();
    examples
        .run("sign_in_staff", &nobody, &none, &[("/code", json!(code)), ("/password", json!(PASSWORD))])
        .await;
    examples.run("token", &nobody, &none, &[]).await;
}

/// From the draft to the returned result.
async fn walk(examples: &mut Examples, office: &Office<'_>) {
    let (counter, leader, clerk) = (office.counter().await, office.leader().await, office.clerk().await);
    let person = office.person("processing_officer");
    let officer = office.sign_in(person).await;
    let nobody = office.server.anonymous();
    let filed = examples.run("begin", &nobody, &Value::Null, &[("/agency", json!(office.agency))]).await;
    let holder = nobody.with("tracking-key", filed["tracking_key"].as_str().unwrap());
    let tracked = [("code", filed["reference"].clone()), ("/key", filed["tracking_key"].clone())];
    examples.run("track_by_form", &nobody, &Value::Null, &tracked).await;
    let withdrawn = examples.run("withdraw", &holder, &filed, &[]).await;
    assert_eq!(withdrawn["state"]["name"], "withdrawn");

    let answers = filed["answers"].clone();
    let mut draft = filing(ProcedureKey::EnforcementDecision, office.agency, &answers);
    draft["submit"] = json!(false);
    let draft = nobody.create("/api/v1/dossiers", &draft).await.expect(201);
    let holder = nobody.with("tracking-key", draft["tracking_key"].as_str().unwrap());
    let saved = examples.run("change_start", &holder, &draft, &[("/agency", json!(office.agency))]).await;
    let saved = examples.run("save_answers", &holder, &saved, &[]).await;
    examples.run("announce_document", &holder, &saved, &[]).await;
    let saved = examples.run("save_answers", &holder, &saved, &[("/answers", answers)]).await;
    let view = examples.run("submit", &holder, &saved, &[]).await;

    let view = examples.run("receive", &counter, &view, &[]).await;
    let view = examples.run("add_note", &counter, &view, &[]).await;
    examples.run("reissue_key", &counter, &view, &[]).await;
    let view = examples.run("complete_step", &counter, &view, &[("step", json!("forward"))]).await;
    let view = examples.run("assign", &leader, &view, &[("/officer", json!(person.id))]).await;
    let asked = [("/unit", json!(office.person("clerk").unit))];
    let view = examples.run("request_opinion", &officer, &view, &asked).await;
    let opinion = [("opinion", view["internal"]["opinions"][0]["id"].clone())];
    let view = examples.run("answer_opinion", &clerk, &view, &opinion).await;
    let view = examples.run("draft", &officer, &view, &[("/officer", json!(person.id))]).await;
    let view = examples.run("propose", &officer, &view, &[]).await;
    let view = examples.run("send_back", &leader, &view, &[]).await;
    let view = examples.run("undo", &leader, &view, &[]).await;
    let view = examples.run("sign", &leader, &view, &[]).await;
    let view = examples.run("number", &clerk, &view, &[]).await;
    let view = examples.run("hand_over", &clerk, &view, &[]).await;
    let view = examples.run("return_result", &counter, &view, &[]).await;
    assert_eq!(view["state"]["name"], "returned");

    let deputy = office.officer_but(person.id);
    examples.run("arrange_absence", &officer, &Value::Null, &[("/deputy", json!(deputy.id))]).await;
}

/// What happens beside the straight way. Last comes what needs time to pass.
async fn side_roads(examples: &mut Examples, office: &Office<'_>) {
    let (counter, leader) = (office.counter().await, office.leader().await);
    let first = ProcedureKey::EnforcementDecision;
    let filed = office.filed(first).await;
    examples.run("refuse", &counter, &filed.view, &[]).await;

    let Filed { view, applicant } = office.filed(first).await;
    let view = examples.run("request_supplement", &counter, &view, &[]).await;
    let path = format!("/api/v1/dossiers/{}/documents", view["id"].as_str().unwrap());
    let paper = json!({ "name": "ban-an.pdf", "requirement": "judgment" });
    let paper = applicant.create(&path, &paper).await.expect(201)["id"].clone();
    let path = format!("/api/v1/documents/{}/content", paper.as_str().unwrap());
    let content = b"%PDF-1.7 ban an".to_vec();
    applicant.send(Method::PUT, &path, Some("application/pdf"), content, &[]).await.expect(200);
    let item = view["supplements"][0]["items"][0]["id"].clone();
    let waiting = examples
        .run("supply", &applicant, &view, &[("/items/0/item", item), ("/items/0/document", paper)])
        .await;
    assert_eq!(waiting["state"]["name"], "awaiting_supplement", "one item is still open");

    let mut unknown = example(ProcedureKey::ResultConfirmation);
    unknown["matter"]["decision_number"] = json!("999/QĐ-THA");
    let body = filing(ProcedureKey::ResultConfirmation, office.agency, &unknown);
    let view = office.server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let matter = office.matter().await;
    examples.run("link_matter", &counter, &view, &[("/matter", json!(matter.id))]).await;
    let matter = leader.get(&format!("/api/v1/matters/{}", matter.id)).await.expect(200);
    let matter = examples.run("record_performance", &leader, &matter, &[]).await;
    let matter = examples.run("set_costs", &leader, &matter, &[]).await;
    examples.run("set_fees", &leader, &matter, &[]).await;

    let (filed, _) = office.examined(first).await;
    let extended = examples.run("extend", &leader, &filed.view, &[]).await;
    examples.run("stop", &leader, &extended, &[]).await;
    let (filed, officer) = office.examined(first).await;
    let view = examples.run("request_payment", &officer, &filed.view, &[]).await;
    let now = office.server.now().to_rfc3339();
    examples.run("confirm_payment", &counter, &view, &[("/paid_at", json!(now))]).await;

    office.server.move_to("2027-01-11T09:00:00+07:00");
    let leader = office.leader().await;
    examples.run("lapse", &leader, &waiting, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_contract_works() {
    let mut examples = Examples::read();
    let server = TestServer::builder().at("2026-06-29T09:00:00+07:00").start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::EnforcementDecision;
    let old = filing(key, office.agency, &answers(key, &office.matter().await));
    let old = server.anonymous().create("/api/v1/dossiers", &old).await.expect(201);
    let old = office.counter().await.act(&old, "receipt", &json!({})).await.expect(200);

    server.move_to("2026-11-23T09:00:00+07:00");
    accounts(&mut examples, &server).await;
    // The code of a minute works once.
    server.move_to("2026-11-23T09:02:00+07:00");
    examples.run("repin", &office.leader().await, &old, &[]).await;
    walk(&mut examples, &office).await;
    side_roads(&mut examples, &office).await;

    let all: BTreeSet<String> =
        examples.operations().map(|(.., id)| id.as_str().unwrap().to_owned()).collect();
    assert_eq!(examples.executed, all);
    server.close().await;
}
