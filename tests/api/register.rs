//! The register and the rulings composed from it: a draft that no longer fits is not signed, a figure
//! only the applicant gives is said to be one, the fee comes with its reckoning.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::office::Office;
use crate::support::server::TestServer;

/// Sets a part of the register's entry behind everybody's back.
async fn enter(server: &TestServer, office: &Office<'_>, path: &str, value: u64) {
    let matter = office.matter().await;
    let value = value.to_string();
    server
        .client()
        .await
        .execute(
            "UPDATE matters SET body = jsonb_set(body, $2::text::text[], $3::text::jsonb) WHERE id = $1",
            &[&matter.id, &path, &value],
        )
        .await
        .unwrap();
}

fn action(view: &Value, act: &str) -> Value {
    view["allowed_actions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["act"] == act)
        .cloned()
        .unwrap_or(Value::Null)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_the_register_has_outgrown_is_neither_proposed_nor_signed() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let leader = office.leader().await;
    for (key, path, value) in [
        (ProcedureKey::ResultConfirmation, "{claims,0,performed_amount}", 60_000_000),
        (ProcedureKey::CoercionCostRelief, "{coercion_cost,paid}", 20_000_000),
        (ProcedureKey::EnforcementFeeRelief, "{enforcement_fee,relieved}", 3_000_000),
    ] {
        let (mut filed, officer) = office.examined(key).await;
        let ruling = office.grant(key).await;
        filed.view = officer.act(&filed.view, "decision", &ruling).await.expect(200);
        filed.view = officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
        enter(&server, &office, path, value).await;
        let seen = leader.read(&filed.view).await.expect(200);
        assert_eq!(action(&seen, "sign"), Value::Null, "{key}");
        leader.act(&filed.view, "decision/signature", &json!({})).await.problem(409, "draft_outdated");
        let back = json!({ "to": "examine", "reason": "Sổ thụ lý đã thay đổi." });
        filed.view = leader.act(&filed.view, "send-backs", &back).await.expect(200);
        officer.act(&filed.view, "decision/proposal", &json!({})).await.problem(409, "draft_outdated");
        filed.view = officer.act(&filed.view, "decision", &ruling).await.expect(200);
        filed.view = officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
        leader.act(&filed.view, "decision/signature", &json!({})).await.expect(200);
    }
    server.close().await;
}

/// Law: C216 a.7 c.2 (80 % of the fee as it was at first, all decisions together).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_relief_is_taken_of_the_fee_as_it_was_at_first_and_comes_with_its_reckoning() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut reliefs = Vec::new();
    for (ground, percent) in [("verified_assets_when_requesting", 30), ("poor_household", 80)] {
        let (mut filed, officer) = office.examined(ProcedureKey::EnforcementFeeRelief).await;
        let ruling = json!({ "outcome": "enforcement_fee_relief", "grounds": [ground], "percent": percent });
        office.decide(&mut filed, &officer, &ruling).await;
        let seen = filed.applicant.read(&filed.view).await.expect(200);
        reliefs.push(seen["result"]["ruling"].clone());
    }
    assert_eq!(reliefs[0]["relief"]["amount"], 2_700_000);
    assert_eq!(reliefs[1]["relief"]["of"], 9_000_000);
    assert_eq!(reliefs[1]["relief"]["relieved_before"], 2_700_000);
    assert_eq!(reliefs[1]["relief"]["amount"], 4_500_000);
    assert_eq!(reliefs[1]["relief"]["remains"], 1_800_000);
    let reckoning = &reliefs[0]["reckoning"];
    assert_eq!(reckoning["total"], 1_500_000, "3 % of the 50 million received: {reckoning:#}");
    assert!(reckoning["base_salary"].as_u64().unwrap() > 0);
    assert_eq!(reckoning["reckoning"][0]["receipt"], 50_000_000);
    // Nothing is left on the first ground.
    let (filed, officer) = office.examined(ProcedureKey::EnforcementFeeRelief).await;
    let again = json!({ "outcome": "enforcement_fee_relief", "grounds": ["verified_assets_when_requesting"], "percent": 30 });
    officer.act(&filed.view, "decision", &again).await.problem(409, "guard_failed");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_figure_only_the_applicant_gives_is_told_to_who_proposes_and_who_signs() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut known, officer) = office.examined(ProcedureKey::CoercionCostRelief).await;
    let ruling = office.grant(ProcedureKey::CoercionCostRelief).await;
    known.view = officer.act(&known.view, "decision", &ruling).await.expect(200);
    assert_eq!(action(&known.view, "propose")["warnings"], json!([]));

    let (mut filed, officer) = office.examined(ProcedureKey::CoercionCostRelief).await;
    enter(&server, &office, "{coercion_cost,total}", 0).await;
    filed.view = officer.act(&filed.view, "decision", &ruling).await.expect(200);
    filed.view = officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
    let leader = office.leader().await;
    let seen = leader.read(&filed.view).await.expect(200);
    let warnings = action(&seen, "sign")["warnings"].clone();
    assert!(
        warnings[0]["vi"].as_str().unwrap().contains("do người nộp khai, sổ thụ lý chưa có"),
        "{warnings}"
    );
    let id = filed.view["id"].as_str().unwrap();
    let events = leader.get(&format!("/api/v1/dossiers/{id}/events")).await.expect(200);
    let proposed =
        events.as_array().unwrap().iter().find(|line| line["kind"] == "dossier.proposed").unwrap().clone();
    assert_eq!(proposed["event"]["warnings"], warnings);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn officer_and_leader_enter_performance_cost_and_fee_on_a_matter() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let known = office.matter().await;
    let path = format!("/api/v1/matters/{}", known.id);
    let officer = office.sign_in(office.by_id(known.officer)).await;
    let leader = office.leader().await;
    let read = async || {
        let answer = leader.get(&path).await;
        let tag = answer.header("etag").unwrap().to_owned();
        let matter = answer.expect(200);
        assert_eq!(tag, format!("\"{}\"", matter["version"]));
        matter
    };
    let enter = async |by: &Client, what: &str, version: &Value, body: Value| {
        let version = format!("\"{version}\"");
        by.json(Method::POST, &format!("{path}/{what}"), &body, &[("if-match", &version)]).await
    };
    let before = read().await;
    let received =
        json!({ "claim": 0, "amount": 50_000_000, "on": "2026-11-20", "note": "Biên lai 0001234" });

    // A confirmation is on its way; the register moves on under it.
    let (mut filed, examiner) = office.examined(ProcedureKey::ResultConfirmation).await;
    let ruling = json!({ "outcome": "result_confirmation" });
    filed.view = examiner.act(&filed.view, "decision", &ruling).await.expect(200);
    filed.view = examiner.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);

    // The same key does it once.
    let version = format!("\"{}\"", before["version"]);
    let headers = [("if-match", version.as_str()), ("idempotency-key", "bien-lai-0001234")];
    let performance = format!("{path}/performance");
    for _ in 0..2 {
        let after = officer.json(Method::POST, &performance, &received, &headers).await;
        let after = after.expect(200);
        assert_eq!(after["claims"][0]["performed_amount"], 100_000_000);
        assert_eq!(after["receipts"][0]["amount"], 50_000_000);
    }
    leader.act(&filed.view, "decision/signature", &json!({})).await.problem(409, "draft_outdated");
    let matter = read().await;
    assert_eq!(matter["version"], before["version"].as_i64().unwrap() + 1);
    enter(&officer, "performance", &before["version"], received.clone()).await.problem(412, "stale_version");
    officer.post(&performance, &received).await.problem(428, "if_match_required");

    let after =
        enter(&leader, "costs", &matter["version"], json!({ "total": 30_000_000, "paid": 5_000_000 })).await;
    let after = after.expect(200);
    assert_eq!(after["coercion_cost"], json!({ "total": 30_000_000, "relieved": 0, "paid": 5_000_000 }));
    let after =
        enter(&leader, "fees", &after["version"], json!({ "total": 10_000_000, "paid": 10_000_000 })).await;
    let matter = after.expect(200);

    // Not beyond what is owed, not tomorrow, not for a claim that is not there.
    for (what, body, pointer, code) in [
        (
            "performance",
            json!({ "claim": 0, "amount": 250_000_001, "on": "2026-11-20" }),
            "/amount",
            "field_too_large",
        ),
        ("performance", json!({ "claim": 0, "on": "2026-11-20" }), "/amount", "field_required"),
        ("performance", json!({ "claim": 0, "amount": 0, "on": "2026-11-20" }), "/amount", "field_too_small"),
        ("performance", json!({ "claim": 7, "amount": 1, "on": "2026-11-20" }), "/claim", "field_choice"),
        ("performance", json!({ "claim": 0, "amount": 1, "on": "2026-11-24" }), "/on", "field_too_large"),
        ("costs", json!({ "total": 1, "paid": 2 }), "/paid", "field_too_large"),
        ("fees", json!({ "total": 1_000_000_000_000_001_u64, "paid": 0 }), "/total", "field_too_large"),
    ] {
        let refused = enter(&officer, what, &matter["version"], body).await.problem(422, "fields_invalid");
        assert_eq!(
            (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
            (&json!(pointer), &json!(code))
        );
    }
    let half = json!({ "claim": 0, "amount": 1.5, "on": "2026-11-20" });
    enter(&officer, "performance", &matter["version"], half).await.problem(400, "malformed_body");

    // A colleague knows of it and may not; elsewhere there is none; citizens have no register.
    let version = &matter["version"];
    for who in [office.officer_but(known.officer), office.person("clerk"), office.person("inspector")] {
        let by = office.sign_in(who).await;
        enter(&by, "performance", version, received.clone()).await.problem(403, "not_permitted");
    }
    let elsewhere = office.sign_in(office.elsewhere("leader")).await;
    enter(&elsewhere, "performance", version, received.clone()).await.problem(404, "not_found");

    // Each entry has its event and its place in the matter's chain, with who did it.
    let client = server.client().await;
    let kinds: Vec<String> = client
        .query("SELECT kind FROM matter_events WHERE matter_id = $1 ORDER BY seq", &[&known.id])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(kinds, ["matter.performed", "matter.cost_set", "matter.fee_set"]);
    let rows = client
        .query(
            "SELECT act, actor FROM audit_entries WHERE chain = $1 ORDER BY seq",
            &[&format!("matter:{}", known.id)],
        )
        .await
        .unwrap();
    let acts: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(acts, kinds);
    assert!(rows[0].get::<_, String>(1).contains(&known.officer.to_string()));
    server.close().await;
}
