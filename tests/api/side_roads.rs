//! The side roads of every procedure: supplement, refusal, refusal as a decision, withdrawal, stop,
//! extension, payment, re-pin.

use motcua::domain::procedure::ProcedureKey;
use serde_json::{Value, json};

use crate::support::browser::signed_in;
use crate::support::office::{Office, answers, filing};
use crate::support::server::TestServer;

/// A coded reason of the newest version for that use.
pub fn reason(key: ProcedureKey, used_for: &str) -> String {
    let definitions = motcua::catalogue::procedures().unwrap();
    let version = &definitions
        .iter()
        .find(|definition| definition.version.key == key && definition.version.version == "2026-07-01")
        .unwrap()
        .version;
    version.reasons.iter().find(|reason| reason.used_for.as_str() == used_for).unwrap().key.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supplement_at_intake_is_itemised_and_goes_back_to_the_counter() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    for key in ProcedureKey::ALL {
        let mut filed = office.filed(*key).await;
        let items =
            json!({ "items": [{ "field": "/applicant/phone", "reason": reason(*key, "supplement") }] });
        filed.view = counter.act(&filed.view, "supplement-requests", &items).await.expect(200);
        assert_eq!(filed.view["state"]["name"], "awaiting_supplement");
        let item = filed.view["supplements"][0]["items"][0]["id"].clone();
        let seen = filed.applicant.read(&filed.view).await.expect(200);
        assert!(seen["allowed_actions"].as_array().unwrap().iter().any(|act| act["act"] == "supply"));
        let answer = json!({ "items": [{ "item": item, "value": "0912345678" }] });
        let after = filed.applicant.act(&filed.view, "supplements", &answer).await.expect(200);
        assert_eq!(after["state"]["name"], "submitted");
        assert_eq!(after["answers"]["applicant"]["phone"], "0912345678");
        // A second round at the counter needs a leader and a reason.
        let again = counter.act(&after, "supplement-requests", &items).await;
        again.problem(409, "second_supplement");
        let leader = office.leader().await;
        leader.act(&after, "supplement-requests", &items).await.problem(422, "fields_invalid");
        let mut with_reason = items.clone();
        with_reason["round_reason"] = json!("Số điện thoại vẫn không liên lạc được.");
        leader.act(&after, "supplement-requests", &with_reason).await.expect(200);
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supplement_at_examination_counts_the_time_again_from_the_beginning() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    for key in ProcedureKey::ALL {
        let (mut filed, officer) = office.examined(*key).await;
        let first_due = filed.view["clock"]["due_on"].clone();
        let items =
            json!({ "items": [{ "field": "/applicant/phone", "reason": reason(*key, "supplement") }] });
        filed.view = officer.act(&filed.view, "supplement-requests", &items).await.expect(200);
        assert_eq!(filed.view["state"]["name"], "awaiting_supplement");
        assert_eq!(filed.view["clock"]["runs"], false);
        let item = filed.view["supplements"][0]["items"][0]["id"].clone();
        let after = filed
            .applicant
            .act(&filed.view, "supplements", &json!({ "items": [{ "item": item, "value": "0912345678" }] }))
            .await
            .expect(200);
        assert_eq!(after["state"]["step"]["key"], "examine");
        assert_eq!(after["clock"]["restarts"], 1);
        assert_eq!(after["clock"]["due_on"], first_due, "restarted on the day of receipt");
        assert_eq!(after["clock"]["explanation"]["reckoning"][0]["role"], "event");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_supplement_request_needs_a_leader() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (filed, _) = office.examined(ProcedureKey::ResultConfirmation).await;
    server.move_to("2026-11-30T09:00:00+07:00");
    let office = Office::open(&server).await;
    let assignee = filed.view["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap();
    let officer = office.sign_in(office.by_id(assignee)).await;
    let items = json!({ "items": [{ "field": "/applicant/phone", "reason": reason(ProcedureKey::ResultConfirmation, "supplement") }] });
    officer.act(&filed.view, "supplement-requests", &items).await.problem(409, "supplement_too_late");
    office.leader().await.act(&filed.view, "supplement-requests", &items).await.expect(200);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_at_intake_says_why_and_where_to_turn() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    for key in ProcedureKey::ALL {
        let filed = office.filed(*key).await;
        counter
            .act(&filed.view, "refusal", &json!({ "reason": "no_such_reason" }))
            .await
            .problem(422, "fields_invalid");
        let body = json!({ "reason": reason(*key, "refusal"), "advice": "Cơ quan Thi hành án dân sự nơi có thẩm quyền" });
        let after = counter.act(&filed.view, "refusal", &body).await.expect(200);
        assert_eq!(after["state"]["name"], "refused");
        assert_eq!(after["state"]["national_code"], 3);
        assert_eq!(after["allowed_actions"], json!([]));
        assert_eq!(after["refusal"]["advice"], "Cơ quan Thi hành án dân sự nơi có thẩm quyền");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_after_examination_is_a_decision() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    for key in ProcedureKey::ALL {
        let (mut filed, officer) = office.examined(*key).await;
        let ruling = json!({ "outcome": "refusal", "reasons": [reason(*key, "rejection")], "explanation": "Không đủ điều kiện theo quy định." });
        office.decide(&mut filed, &officer, &ruling).await;
        assert_eq!(filed.view["state"]["name"], "decided");
        assert_eq!(filed.view["result"]["ruling"]["outcome"], "refusal");
        office.give_back(&mut filed).await;
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_applicant_withdraws_until_the_result_is_signed() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    for key in ProcedureKey::ALL {
        let (mut filed, officer) = office.examined(*key).await;
        let ruling = office.grant(*key).await;
        filed.view = officer.act(&filed.view, "decision", &ruling).await.expect(200);
        filed.view = officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
        let withdrawn = filed
            .applicant
            .act(&filed.view, "withdrawal", &json!({ "reason": "Hai bên đã thỏa thuận." }))
            .await
            .expect(200);
        assert_eq!(withdrawn["state"]["name"], "withdrawn");
        assert_eq!(withdrawn["state"]["national_code"], 7);
    }
    let (mut filed, officer) = office.examined(ProcedureKey::ResultConfirmation).await;
    office.decide(&mut filed, &officer, &json!({ "outcome": "result_confirmation" })).await;
    filed.applicant.act(&filed.view, "withdrawal", &json!({})).await.problem(409, "act_not_allowed");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_stops_with_a_coded_reason() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    for key in ProcedureKey::ALL {
        let (filed, officer) = office.examined(*key).await;
        let body = json!({ "reason": reason(*key, "stop") });
        officer.act(&filed.view, "stop", &body).await.problem(403, "not_permitted");
        let after = office.leader().await.act(&filed.view, "stop", &body).await.expect(200);
        assert_eq!(after["state"]["name"], "stopped");
        assert_eq!(after["state"]["national_code"], 8);
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_due_date_is_put_off_once_and_in_time() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let leader = office.leader().await;
    for key in ProcedureKey::ALL {
        let (filed, _) = office.examined(*key).await;
        let body = json!({ "new_due_on": "2026-12-07", "reason": reason(*key, "extension"), "apology": "Chúng tôi xin lỗi vì chưa trả kết quả đúng hẹn." });
        let mut on_sunday = body.clone();
        on_sunday["new_due_on"] = json!("2026-12-06");
        leader.act(&filed.view, "extension", &on_sunday).await.problem(422, "fields_invalid");
        let after = leader.act(&filed.view, "extension", &body).await.expect(200);
        assert_eq!(after["clock"]["due_on"], "2026-12-07");
        assert_eq!(after["clock"]["extension"]["former_due_on"], "2026-12-01");
        leader.act(&after, "extension", &body).await.problem(409, "already_extended");
    }
    let (late, _) = office.examined(ProcedureKey::ResultConfirmation).await;
    server.move_to("2026-12-01T09:00:00+07:00");
    let office = Office::open(&server).await;
    let body = json!({ "new_due_on": "2026-12-07", "reason": reason(ProcedureKey::ResultConfirmation, "extension"), "apology": "Xin lỗi." });
    office.leader().await.act(&late.view, "extension", &body).await.problem(409, "extension_too_late");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_stops_the_clock_and_it_goes_on_with_the_days_left() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut filed, officer) = office.examined(ProcedureKey::CoercionCostRelief).await;
    filed.view = officer
        .act(&filed.view, "payment-requests", &json!({ "amount": 150_000, "reason": "Chi phí thông báo" }))
        .await
        .expect(200);
    assert_eq!(filed.view["state"]["name"], "awaiting_payment");
    assert_eq!(filed.view["clock"]["runs"], false);
    server.move_to("2026-11-26T09:00:00+07:00");
    let office = Office::open(&server).await;
    let after = office
        .counter()
        .await
        .act(&filed.view, "payments", &json!({ "paid_at": "2026-11-26T01:30:00Z" }))
        .await
        .expect(200);
    assert_eq!(after["state"]["name"], "in_process");
    // Nothing had been counted when it stopped on the day of receipt; 27/11 is the first of five days.
    assert_eq!(after["clock"]["due_on"], "2026-12-03");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_runs_out_for_an_applicant_who_does_not_supply() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::EnforcementDecision).await;
    let items = json!({ "items": [{ "requirement": "judgment", "reason": reason(ProcedureKey::EnforcementDecision, "supplement") }] });
    let waiting = office.counter().await.act(&filed.view, "supplement-requests", &items).await.expect(200);
    office.leader().await.act(&waiting, "lapse", &json!({})).await.problem(409, "not_lapsed");
    server.move_to("2027-01-11T09:00:00+07:00");
    let office = Office::open(&server).await;
    // Through the form a leader sees.
    let mut leader = signed_in(&server, office.person("leader")).await;
    leader.act(waiting["id"].as_str().unwrap(), "lapse", &[]).await;
    leader.sees("Đã ghi");
    let after = filed.applicant.read(&waiting).await.expect(200);
    assert_eq!(after["state"]["name"], "stopped");
    assert_eq!(after["ended_because"], "supplement_not_supplied");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_dossier_moves_to_the_new_rules_with_a_reason() {
    let server = TestServer::builder().at("2026-06-29T09:00:00+07:00").start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let mut open = Vec::new();
    for key in ProcedureKey::ALL {
        let body = filing(*key, office.agency, &answers(*key, &matter));
        let view = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
        assert_eq!(view["procedure"]["version"], "2025-07-01");
        let counter = office.counter().await;
        open.push(counter.act(&view, "receipt", &json!({})).await.expect(200));
    }
    server.move_to("2026-07-02T09:00:00+07:00");
    let office = Office::open(&server).await;
    // One of them through the form a leader sees.
    let by_hand = open.pop().unwrap();
    let id = by_hand["id"].as_str().unwrap();
    let mut leader = signed_in(&server, office.person("leader")).await;
    leader.act(id, "repin", &[]).await;
    assert_eq!(leader.status, 422);
    leader.act(id, "repin", &[("/repin/reason", "Điều 116 khoản 3 Luật Thi hành án dân sự 2025")]).await;
    leader.sees("Đã ghi");
    let after = office.leader().await.read(&by_hand).await.expect(200);
    assert_eq!(after["procedure"]["version"], "2026-07-01");
    for view in open {
        let leader = office.leader().await;
        leader.act(&view, "repin", &json!({ "reason": "" })).await.problem(422, "fields_invalid");
        let after: Value = leader
            .act(&view, "repin", &json!({ "reason": "Điều 116 khoản 3 Luật Thi hành án dân sự 2025" }))
            .await
            .expect(200);
        assert_eq!(after["procedure"]["version"], "2026-07-01");
        assert_eq!(after["clock"]["due_on"], view["clock"]["due_on"]);
        assert_eq!(after["state"]["name"], "in_process");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_moved_it_takes_it_back_while_nothing_else_was_done() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::ResultConfirmation;
    let (filed, officer) = office.examined(key).await;
    let (leader, counter) = (office.leader().await, office.counter().await);
    let at = |view: &Value| (view["state"]["step"]["key"].clone(), view["owner_unit"]["id"].clone());
    // Sent back by mistake: only who did it is offered the way back, and only they may go it.
    let here = officer.read(&filed.view).await.expect(200);
    let away =
        officer.act(&here, "send-backs", &json!({ "to": "assign", "reason": "nhầm" })).await.expect(200);
    assert_ne!(at(&away), at(&here));
    assert!(away["undo_until"].is_string());
    let others = leader.read(&away).await.expect(200);
    assert!(others["undo_until"].is_null());
    leader.act(&others, "undo", &json!({})).await.problem(403, "not_your_step");
    let back = officer.act(&away, "undo", &json!({})).await.expect(200);
    assert_eq!(at(&back), at(&here));
    assert_eq!(back["state"]["next_due_at"], here["state"]["next_due_at"]);
    assert_eq!(back["internal"]["assignee"], here["internal"]["assignee"]);
    // Not for longer than ten minutes.
    let late =
        officer.act(&back, "send-backs", &json!({ "to": "assign", "reason": "nhầm" })).await.expect(200);
    server.move_to(late["undo_until"].as_str().unwrap());
    assert!(officer.read(&late).await.expect(200)["undo_until"].is_null());
    officer.act(&late, "undo", &json!({})).await.problem(409, "act_not_allowed");
    let assigned = json!({ "officer": here["internal"]["assignee"]["account"] });
    let late = leader.act(&late, "assignments", &assigned).await.expect(200);
    let back = officer.read(&late).await.expect(200);
    // Once; and a note in between ends it.
    officer.act(&back, "undo", &json!({})).await.problem(403, "not_your_step");
    let away =
        officer.act(&back, "send-backs", &json!({ "to": "assign", "reason": "nhầm" })).await.expect(200);
    let noted = counter.read(&away).await.expect(200);
    let noted = counter.act(&noted, "notes", &json!({ "text": "đã gọi điện" })).await.expect(200);
    officer.act(&noted, "undo", &json!({})).await.problem(403, "not_your_step");
    // The applicant reads that it came back, and of no officer.
    let told =
        filed.applicant.get(&format!("/api/v1/dossiers/{}/events", away["id"].as_str().unwrap())).await;
    let told = told.expect(200);
    let undone = told.as_array().unwrap().iter().find(|line| line["event"]["type"] == "undone").unwrap();
    assert!(undone["event"]["to"]["assignee"].is_null(), "{undone}");
    server.close().await;
}
