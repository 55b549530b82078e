//! What the rules refuse, over HTTP: four eyes, caps, order of acts.

use motcua::domain::procedure::ProcedureKey;
use serde_json::json;
use uuid::Uuid;

use crate::support::office::Office;
use crate::support::server::TestServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_drafted_does_not_sign_even_as_a_leader() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut filed, officer) = office.examined(ProcedureKey::ResultConfirmation).await;
    let drafter: Uuid = filed.view["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap();
    filed.view =
        officer.act(&filed.view, "decision", &json!({ "outcome": "result_confirmation" })).await.expect(200);
    filed.view = officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
    officer.act(&filed.view, "decision/signature", &json!({})).await.problem(403, "not_permitted");
    // Made a leader meanwhile, he still has drafted it.
    let leader = office.person("leader");
    server
        .client()
        .await
        .execute(
            "INSERT INTO memberships (id, account_id, agency_id, unit_id, role, since) VALUES ($1, $2, $3, $4, 'leader', '2026-01-01')",
            &[&Uuid::now_v7(), &drafter, &leader.agency, &leader.unit],
        )
        .await
        .unwrap();
    officer.act(&filed.view, "decision/signature", &json!({})).await.problem(403, "four_eyes");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relief_above_the_cap_of_its_ground_cannot_be_proposed() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut filed, officer) = office.examined(ProcedureKey::EnforcementFeeRelief).await;
    officer.act(&filed.view, "decision/proposal", &json!({})).await.problem(409, "nothing_drafted");
    let too_much =
        json!({ "outcome": "enforcement_fee_relief", "grounds": ["poor_household"], "percent": 90 });
    filed.view = officer.act(&filed.view, "decision", &too_much).await.expect(200);
    let refused =
        officer.act(&filed.view, "decision/proposal", &json!({})).await.problem(409, "guard_failed");
    assert!(refused["detail"].as_str().unwrap().contains("80 %"), "{refused}");
    assert!(!refused["legal_basis"].as_array().unwrap().is_empty());
    // Grounds are not added up: 80 % and 30 % still allow 80 %.
    let both = json!({ "outcome": "enforcement_fee_relief", "grounds": ["poor_household", "verified_assets_when_requesting"], "percent": 80 });
    filed.view = officer.act(&filed.view, "decision", &both).await.expect(200);
    officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
    server.close().await;
}

/// Law: D62 a.44 c.3 (after paying half, the rest may be exempted).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rest_of_the_costs_is_exempted_only_after_half_is_paid() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut filed, officer) = office.examined(ProcedureKey::CoercionCostRelief).await;
    let rest =
        json!({ "outcome": "coercion_cost_relief", "grounds": ["merit_or_policy_family"], "percent": 50 });
    filed.view = officer.act(&filed.view, "decision", &rest).await.expect(200);
    officer.act(&filed.view, "decision/proposal", &json!({})).await.problem(409, "guard_failed");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_out_of_order_are_refused_by_name() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let mut filed = office.filed(ProcedureKey::ResultConfirmation).await;
    filed.view = counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
    counter
        .act(&filed.view, "steps/assign/completions", &json!({ "outcome": "forwarded" }))
        .await
        .problem(409, "step_mismatch");
    filed.view = counter
        .act(&filed.view, "steps/forward/completions", &json!({ "outcome": "forwarded" }))
        .await
        .expect(200);
    let leader = office.leader().await;
    let officer = office.person("processing_officer").clone();
    filed.view = leader.act(&filed.view, "assignments", &json!({ "officer": officer.id })).await.expect(200);
    let clerk = office.person("clerk").clone();
    let asked = office.sign_in(&clerk).await;
    let ask = json!({ "unit": clerk.unit, "question": "Đã lưu trữ chưa?", "due_on": "2026-11-26" });
    for _ in 0..2 {
        filed.view = leader.act(&filed.view, "opinions", &ask).await.expect(200);
    }
    let opinion =
        format!("opinions/{}/answer", filed.view["internal"]["opinions"][0]["id"].as_str().unwrap());
    filed.view = asked.act(&filed.view, &opinion, &json!({ "answer": "Rồi." })).await.expect(200);
    asked.act(&filed.view, &opinion, &json!({ "answer": "Rồi." })).await.problem(409, "opinion_closed");
    server.close().await;
}

/// The clerk acts for an absent leader between two dates; the record holds both names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deputy_acts_for_the_absent_and_both_are_recorded() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let mut filed = office.filed(ProcedureKey::ResultConfirmation).await;
    filed.view = counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
    filed.view = counter
        .act(&filed.view, "steps/forward/completions", &json!({ "outcome": "forwarded" }))
        .await
        .expect(200);
    let head = office.head().clone();
    let clerk = office.person("clerk").clone();
    let officer = office.person("processing_officer").clone();
    let as_clerk = office.sign_in(&clerk).await;
    let assign = json!({ "officer": officer.id });
    as_clerk.act(&filed.view, "assignments", &assign).await.problem(403, "not_permitted");
    let away = json!({ "account": head.id, "deputy": clerk.id, "from": "2026-11-23", "until": "2026-11-27", "reason": "Đi công tác" });
    office.sign_in(&head).await.create("/api/v1/absences", &away).await.expect(201);
    filed.view = as_clerk.act(&filed.view, "assignments", &assign).await.expect(200);
    let audit = office
        .sign_in(&head)
        .await
        .get(&format!("/api/v1/dossiers/{}/audit", filed.view["id"].as_str().unwrap()))
        .await
        .expect(200);
    let last = audit["acts"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["actor"], json!({ "kind": "staff", "account": clerk.id, "acting_for": head.id }));
    server.close().await;
}
