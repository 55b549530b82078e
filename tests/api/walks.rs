//! Each procedure, from the citizen's filing to the returned result, and what it does to the matter.

use motcua::domain::procedure::ProcedureKey;
use serde_json::json;

use crate::support::office::Office;
use crate::support::server::TestServer;

async fn walk(key: ProcedureKey) -> (TestServer, serde_json::Value, serde_json::Value) {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let leader = office.leader().await;
    let mut filed = office.filed(key).await;
    assert_eq!(filed.view["state"]["name"], "submitted");
    assert_eq!(filed.view["state"]["next_step"], "receive");
    let officer = office.bring_to_examination(&mut filed).await;
    // Received Monday 23/11/2026; Tuesday 24/11 is a holiday, so five working days end on 01/12.
    assert_eq!(filed.view["clock"]["due_on"], "2026-12-01");
    assert!(filed.view["code"].as_str().unwrap().starts_with("000.04.15.G15-261123-"));
    let ruling = office.grant(key).await;
    office.decide(&mut filed, &officer, &ruling).await;
    assert_eq!(filed.view["state"]["name"], "decided");
    assert_eq!(filed.view["state"]["national_code"], 9);
    office.give_back(&mut filed).await;
    assert_eq!(filed.view["state"]["name"], "returned");
    assert_eq!(filed.view["allowed_actions"], json!([]));
    // The applicant sees the result, and not who drafted it.
    let seen = filed.applicant.read(&filed.view).await.expect(200);
    assert_eq!(seen["result"]["number"], filed.view["internal"]["decision"]["number"]);
    assert_eq!(seen["internal"], serde_json::Value::Null);
    // The record is whole.
    let audit = leader
        .get(&format!("/api/v1/dossiers/{}/audit", filed.view["id"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(audit["verifies"], true);
    let acts: Vec<_> =
        audit["acts"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap().to_owned()).collect();
    assert_eq!(acts.first().unwrap(), "submit");
    assert_eq!(acts.last().unwrap(), "return");
    // The applicant was told at each turn.
    let subjects = server.mails().await.len();
    assert!(subjects >= 4, "{subjects} mails");
    let after = leader.get(&format!("/api/v1/matters/{}", matter.id)).await.expect(200);
    (server, filed.view, after)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enforcement_decision_opens_a_matter() {
    let (server, view, _) = walk(ProcedureKey::EnforcementDecision).await;
    let office = Office::open(&server).await;
    let opened = office
        .counter()
        .await
        .get(&format!("/api/v1/matters/{}", view["matter"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(opened["decision_number"], view["internal"]["decision"]["number"]);
    assert_eq!(opened["officer"], view["internal"]["decision"]["ruling"]["officer"]);
    let answers = crate::support::office::example(ProcedureKey::EnforcementDecision);
    assert_eq!(opened["parties"].as_array().unwrap().len(), answers["parties"].as_array().unwrap().len());
    let claim = &answers["claims"][0];
    assert_eq!(opened["claims"][0]["amount"], *claim.get("requested_amount").unwrap_or(&claim["amount"]));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_says_what_the_register_knows() {
    let (server, view, matter) = walk(ProcedureKey::ResultConfirmation).await;
    assert_eq!(view["result"]["ruling"]["confirmation"]["claims"], matter["claims"]);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replacement_changes_the_officer_of_the_matter() {
    let (server, view, matter) = walk(ProcedureKey::OfficerReplacement).await;
    assert_eq!(matter["officer"], view["result"]["ruling"]["new_officer"]);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relief_lowers_the_coercion_cost_of_the_matter() {
    let (server, view, matter) = walk(ProcedureKey::CoercionCostRelief).await;
    let relief = &view["result"]["ruling"]["relief"];
    assert!(relief["amount"].as_u64().unwrap() > 0);
    assert_eq!(matter["coercion_cost"]["relieved"], relief["amount"]);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relief_lowers_the_enforcement_fee_of_the_matter() {
    let (server, view, matter) = walk(ProcedureKey::EnforcementFeeRelief).await;
    let relief = &view["result"]["ruling"]["relief"];
    assert!(relief["amount"].as_u64().unwrap() > 0);
    assert_eq!(matter["enforcement_fee"]["relieved"], relief["amount"]);
    server.close().await;
}
