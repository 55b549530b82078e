//! Filing: drafts, idempotency, the counter, and what comes of one filing.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::json;

use crate::support::office::{Office, answers, filing};
use crate::support::server::TestServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_filing_gets_the_same_answer_and_makes_one_dossier() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let body = filing(
        ProcedureKey::EnforcementDecision,
        office.agency,
        &answers(ProcedureKey::EnforcementDecision, &matter),
    );
    let key = [("idempotency-key", "0192f0c5-7d1a-7c3e-8f00-1f2e3d4c5b6a")];
    let anonymous = server.anonymous();
    let (first, second) = tokio::join!(
        anonymous.json(Method::POST, "/api/v1/dossiers", &body, &key),
        anonymous.json(Method::POST, "/api/v1/dossiers", &body, &key)
    );
    let (first, second) = (first.expect(201), second.expect(201));
    assert_eq!(first, second);
    assert_eq!(first["tracking_key"], second["tracking_key"]);
    let mut other = body.clone();
    other["contact"]["name"] = json!("Người khác");
    anonymous.json(Method::POST, "/api/v1/dossiers", &other, &key).await.problem(422, "key_reused");
    // A short key may be somebody else's behind the same address: no answer is kept under it.
    for short in ["1", "0192f0c57d1a7c3e8f001f2e3d4c5b6"] {
        let key = [("idempotency-key", short)];
        anonymous.json(Method::POST, "/api/v1/dossiers", &body, &key).await.problem(400, "malformed_header");
        anonymous
            .with("tracking-key", "1")
            .json(Method::POST, "/api/v1/dossiers", &body, &key)
            .await
            .problem(400, "malformed_header");
    }
    let client = server.client().await;
    let row = client.query_one("SELECT (SELECT count(*) FROM dossier_events WHERE dossier_id = d.id), (SELECT count(*) FROM audit_entries WHERE subject = d.id::text), d.owner_unit_id IS NOT NULL, d.next_due_at IS NOT NULL FROM dossiers d WHERE id::text = $1", &[&first["id"].as_str().unwrap()]).await.unwrap();
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, bool>(2), row.get::<_, bool>(3)),
        (1, 1, true, true)
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_saved_as_it_is_typed_and_submitted_whole() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let mut body = filing(ProcedureKey::EnforcementFeeRelief, office.agency, &json!({}));
    body["submit"] = json!(false);
    let draft = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let holder = server.anonymous().with("tracking-key", draft["tracking_key"].as_str().unwrap());
    let path = format!("/api/v1/dossiers/{}/answers", draft["id"].as_str().unwrap());
    // Half a form is kept as it is.
    let half = holder
        .json(
            Method::PUT,
            &path,
            &json!({ "answers": { "applicant": { "full_name": "Trần" } } }),
            &[("if-match", "\"1\"")],
        )
        .await
        .expect(200);
    assert_eq!(half["answers"]["applicant"]["full_name"], "Trần");
    // Staff do not see drafts.
    office.counter().await.read(&half).await.problem(404, "not_found");
    let refused = holder.act(&half, "submission", &json!({})).await.problem(422, "fields_invalid");
    assert!(refused["errors"].as_array().unwrap().len() > 3);
    let whole = holder
        .json(
            Method::PUT,
            &path,
            &json!({ "answers": answers(ProcedureKey::EnforcementFeeRelief, &matter) }),
            &[("if-match", "\"2\"")],
        )
        .await
        .expect(200);
    let filed = holder.act(&whole, "submission", &json!({})).await.expect(200);
    assert_eq!(filed["state"]["name"], "submitted");
    assert_eq!(filed["matter"], matter.id.to_string());
    assert!(
        !filed["missing_papers"].as_array().unwrap().is_empty(),
        "missing papers are told, and do not stop the filing"
    );
    holder
        .json(
            Method::PUT,
            &path,
            &json!({ "answers": {} }),
            &[("if-match", &format!("\"{}\"", filed["version"]))],
        )
        .await
        .problem(409, "act_not_allowed");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_can_be_thrown_away() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut body = filing(ProcedureKey::ResultConfirmation, office.agency, &json!({}));
    body["submit"] = json!(false);
    let draft = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let holder = server.anonymous().with("tracking-key", draft["tracking_key"].as_str().unwrap());
    let path = format!("/api/v1/dossiers/{}", draft["id"].as_str().unwrap());
    holder.send(Method::DELETE, &path, None, Vec::new(), &[]).await.problem(428, "if_match_required");
    holder.send(Method::DELETE, &path, None, Vec::new(), &[("if-match", "\"1\"")]).await.expect(204);
    holder.get(&path).await.problem(404, "not_found");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counter_receives_at_once_and_codes_have_no_gaps() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let matter = office.matter().await;
    let mut body = filing(
        ProcedureKey::EnforcementDecision,
        office.agency,
        &answers(ProcedureKey::EnforcementDecision, &matter),
    );
    body["channel"] = json!("postal");
    body["requested_on"] = json!("2026-11-19");
    body["receive"] = json!(true);
    let mut codes = Vec::new();
    for _ in 0..3 {
        // A filing that fails takes no serial.
        let mut wrong = body.clone();
        wrong["answers"]["commitment"] = json!(false);
        counter.create("/api/v1/dossiers", &wrong).await.problem(422, "fields_invalid");
        let view = counter.create("/api/v1/dossiers", &body).await.expect(201);
        assert_eq!(view["state"]["name"], "in_process");
        assert_eq!(view["requested_on"], "2026-11-19");
        assert_eq!(view["channel"], "postal");
        codes.push(view["code"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        codes,
        ["000.04.15.G15-261123-0001", "000.04.15.G15-261123-0002", "000.04.15.G15-261123-0003"]
    );
    // A citizen cannot choose the counter's channels.
    server.anonymous().create("/api/v1/dossiers", &body).await.problem(422, "fields_invalid");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_receipts_give_each_dossier_its_own_code() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let mut filed = Vec::new();
    for _ in 0..8 {
        filed.push(office.filed(ProcedureKey::EnforcementDecision).await);
    }
    let bodies: Vec<_> = filed.iter().map(|_| json!({})).collect();
    let answers = futures_util::future::join_all(
        filed.iter().zip(&bodies).map(|(each, body)| counter.act(&each.view, "receipt", body)),
    )
    .await;
    let mut codes: Vec<String> =
        answers.into_iter().map(|answer| answer.expect(200)["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    let wanted: Vec<String> = (1..=8).map(|serial| format!("000.04.15.G15-261123-{serial:04}")).collect();
    assert_eq!(codes, wanted);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_challenged_officer_sees_nothing_and_the_superior_decides_for_the_head() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let challenged = office.sign_in(office.by_id(matter.officer)).await;
    let mut filed = office.filed(ProcedureKey::OfficerReplacement).await;
    challenged.read(&filed.view).await.problem(404, "not_found");
    let officer = office.bring_to_examination(&mut filed).await;
    challenged.read(&filed.view).await.problem(404, "not_found");
    challenged.act(&filed.view, "notes", &json!({ "text": "?" })).await.problem(404, "not_found");
    // What he tried is recorded, for those who may see the record; the applicant's list shows what was opened.
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let record = office.leader().await.get(&format!("/api/v1/dossiers/{id}/audit")).await.expect(200);
    let by = |view: &&serde_json::Value| view["actor"]["account"] == matter.officer.to_string();
    let tries: Vec<_> = record["views"].as_array().unwrap().iter().filter(by).collect();
    assert!(tries.len() >= 3 && tries.iter().all(|view| view["act"] == "dossier.look_refused"), "{record:#}");
    let looks = filed.applicant.get(&format!("/api/v1/dossiers/{id}/looks")).await.expect(200);
    assert!(!looks.to_string().contains("refused"));
    let queue = challenged.get("/api/v1/queue?limit=100").await.expect(200);
    assert!(queue["items"].as_array().unwrap().iter().all(|line| line["id"] != filed.view["id"]));
    // Nor can he be put in charge of it, nor be his own successor.
    let leader = office.leader().await;
    leader
        .act(&filed.view, "assignments", &json!({ "officer": matter.officer }))
        .await
        .problem(409, "officer_excluded");
    officer
        .act(
            &filed.view,
            "decision",
            &json!({ "outcome": "officer_replacement", "new_officer": matter.officer, "grounds": ["delay"] }),
        )
        .await
        .problem(422, "fields_invalid");

    // The head of the agency is challenged: the superior agency has it from the start.
    let of_head = office.matter_of_head().await;
    let against_head = office.filed_about(ProcedureKey::OfficerReplacement, &of_head).await;
    let superior = office.superior().await;
    assert_eq!(against_head.view["agency"]["id"], superior.to_string());
    office.sign_in(office.head()).await.read(&against_head.view).await.problem(404, "not_found");
    office.counter().await.read(&against_head.view).await.problem(404, "not_found");
    let above = office.sign_in(office.in_agency(superior, "one_window_officer")).await;
    above.act(&against_head.view, "receipt", &json!({})).await.expect(200);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn warnings_are_shown_and_recorded_but_refuse_nothing() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let mut late = answers(ProcedureKey::EnforcementDecision, &matter);
    late["judgment"]["date"] = json!("2015-01-05");
    late["judgment"]["effective_date"] = json!("2015-02-05");
    late["judgment"]["court"] = json!("Tòa án nhân dân huyện không có trong danh sách");
    let filed = server
        .anonymous()
        .create("/api/v1/dossiers", &filing(ProcedureKey::EnforcementDecision, office.agency, &late))
        .await
        .expect(201);
    let counter = office.counter().await;
    let seen = counter.read(&filed).await.expect(200);
    let receive = seen["allowed_actions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|act| act["act"] == "receive")
        .unwrap()
        .clone();
    assert_eq!(receive["clock_effect"], "starts");
    assert_eq!(receive["new_due_on"], "2026-12-01");
    let warnings = receive["warnings"].to_string();
    assert!(warnings.contains("Thời hiệu") && warnings.contains("thẩm quyền"), "{warnings}");
    assert!(!receive["basis"].as_array().unwrap().is_empty());
    let received = counter.act(&filed, "receipt", &json!({})).await.expect(200);
    let events = counter
        .get(&format!("/api/v1/dossiers/{}/events", received["id"].as_str().unwrap()))
        .await
        .expect(200);
    assert!(events.to_string().contains("Thời hiệu"));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opinion_of_another_unit_holds_the_proposal_until_it_is_given() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut filed, officer) = office.examined(ProcedureKey::ResultConfirmation).await;
    let clerk = office.person("clerk").clone();
    let body = json!({ "unit": clerk.unit, "question": "Đã lưu trữ hồ sơ chưa?", "due_on": "2026-11-26" });
    filed.view = officer.act(&filed.view, "opinions", &body).await.expect(200);
    filed.view =
        officer.act(&filed.view, "decision", &json!({ "outcome": "result_confirmation" })).await.expect(200);
    officer.act(&filed.view, "decision/proposal", &json!({})).await.problem(409, "opinions_open");
    let opinion = filed.view["internal"]["opinions"][0]["id"].as_str().unwrap().to_owned();
    let asked = office.sign_in(&clerk).await;
    officer
        .act(&filed.view, &format!("opinions/{opinion}/answer"), &json!({ "answer": "?" }))
        .await
        .problem(403, "not_your_step");
    filed.view = asked
        .act(&filed.view, &format!("opinions/{opinion}/answer"), &json!({ "answer": "Chưa lưu trữ." }))
        .await
        .expect(200);
    filed.view = officer.act(&filed.view, "decision/proposal", &json!({})).await.expect(200);
    let leader = office.leader().await;
    filed.view = leader
        .act(&filed.view, "send-backs", &json!({ "to": "examine", "reason": "Bổ sung căn cứ." }))
        .await
        .expect(200);
    assert_eq!(filed.view["state"]["step"]["key"], "examine");
    officer.act(&filed.view, "notes", &json!({ "text": "Đã bổ sung." })).await.expect(200);
    server.close().await;
}
