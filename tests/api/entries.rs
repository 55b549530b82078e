//! What officers enter is held against the form, the register and the agency before anyone is bound
//! by it.

use motcua::domain::procedure::ProcedureKey;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::side_roads::reason;
use crate::support::client::Client;
use crate::support::office::{Office, answers, filing};
use crate::support::server::TestServer;

const P1: ProcedureKey = ProcedureKey::EnforcementDecision;

/// The problem's fields, as pointer and code.
fn fields(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|each| (each["pointer"].as_str().unwrap(), each["code"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counter_withdraws_on_the_applicants_words_alone() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let filed = office.filed(P1).await;
    for without in [json!({}), json!({ "reason": " " })] {
        let problem = counter.act(&filed.view, "withdrawal", &without).await.problem(422, "fields_invalid");
        assert_eq!(fields(&problem), [("/reason", "field_required")]);
    }
    let words = json!({ "reason": "Đơn đề nghị rút hồ sơ ngày 23/11/2026." });
    let withdrawn = counter.act(&filed.view, "withdrawal", &words).await.expect(200);
    assert_eq!(withdrawn["ended_because"], words["reason"]);
    // The applicant owes no reason.
    let filed = office.filed(P1).await;
    filed.applicant.act(&filed.view, "withdrawal", &json!({})).await.expect(200);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supplement_asks_for_what_the_form_has_and_brings_what_was_missing() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let mut given = answers(P1, &office.matter().await);
    given.as_object_mut().unwrap().remove("payment");
    given.as_object_mut().unwrap().remove("assets");
    let claims = given["claims"].as_array().unwrap().len();
    let filed =
        server.anonymous().create("/api/v1/dossiers", &filing(P1, office.agency, &given)).await.expect(201);
    let applicant = server.anonymous().with("tracking-key", filed["tracking_key"].as_str().unwrap());
    let asks = |fields: &[String]| {
        let items: Vec<Value> = fields
            .iter()
            .map(|field| json!({ "field": field, "reason": reason(P1, "supplement") }))
            .collect();
        json!({ "items": items })
    };
    let wrong = [
        "applicant/phone",
        "/",
        "/nothing",
        "/applicant/nothing",
        "/applicant/phone/0",
        "/claims/x/amount",
        "/claims/00/amount",
        &format!("/claims/{}/amount", claims + 1),
    ]
    .map(str::to_owned);
    let problem =
        counter.act(&filed, "supplement-requests", &asks(&wrong)).await.problem(422, "fields_invalid");
    let pointers: Vec<String> = (0..wrong.len()).map(|at| format!("/items/{at}/field")).collect();
    let wanted: Vec<(&str, &str)> =
        pointers.iter().map(|pointer| (pointer.as_str(), "field_choice")).collect();
    assert_eq!(fields(&problem), wanted);

    // A group, an entry and a list that are not there yet come with what is asked for inside them.
    let next = format!("/claims/{claims}");
    let right = [
        format!("{next}/kind"),
        format!("{next}/description"),
        "/payment/account_holder".to_owned(),
        "/payment/bank".to_owned(),
        "/payment/account_number".to_owned(),
        "/assets/0".to_owned(),
    ];
    let asked = counter.act(&filed, "supplement-requests", &asks(&right)).await.expect(200);
    let asset = json!({ "kind": "vehicle", "description": "Xe tải" });
    let values = [
        json!("money"),
        json!("Lãi chậm thi hành"),
        json!("NGUYEN THI THU HA"),
        json!("VCB"),
        json!("0071000123456"),
        asset.clone(),
    ];
    let items: Vec<Value> = asked["supplements"][0]["items"]
        .as_array()
        .unwrap()
        .iter()
        .zip(values)
        .map(|(item, value)| json!({ "item": item["id"], "value": value }))
        .collect();
    // Half an entry does not fit the form, and nothing is kept of it.
    let half = json!({ "items": [items[0]] });
    let problem = applicant.act(&asked, "supplements", &half).await.problem(422, "fields_invalid");
    assert_eq!(fields(&problem), [(format!("/answers{next}/description").as_str(), "field_required")]);
    let after = applicant.act(&asked, "supplements", &json!({ "items": items })).await.expect(200);
    assert_eq!(after["state"]["name"], "submitted");
    assert_eq!(
        after["answers"].pointer(&next),
        Some(&json!({ "kind": "money", "description": "Lãi chậm thi hành" }))
    );
    assert_eq!(after["answers"]["payment"]["bank"], "VCB");
    assert_eq!(after["answers"]["assets"], json!([asset]));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opinion_is_asked_of_another_unit_of_the_same_agency() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (filed, officer) = office.examined(ProcedureKey::ResultConfirmation).await;
    let ask = |unit: &Value| json!({ "unit": unit, "question": "Đã lưu trữ chưa?", "due_on": "2026-11-26" });
    let elsewhere = json!(office.elsewhere("clerk").unit);
    for unit in [&elsewhere, &json!(Uuid::nil()), &filed.view["owner_unit"]["id"]] {
        let problem = officer.act(&filed.view, "opinions", &ask(unit)).await.problem(422, "fields_invalid");
        assert_eq!(fields(&problem), [("/unit", "field_choice")]);
    }
    officer.act(&filed.view, "opinions", &ask(&json!(office.person("clerk").unit))).await.expect(200);
    server.close().await;
}

/// What the counter is warned of before it receives.
async fn warnings(counter: &Client, dossier: &Value) -> String {
    let seen = counter.read(dossier).await.expect(200);
    let receive = seen["allowed_actions"].as_array().unwrap().iter().find(|act| act["act"] == "receive");
    receive.unwrap()["warnings"].to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_similar_for_the_same_judgment_and_debtor_in_the_same_register() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut decided, officer) = office.examined(P1).await;
    let ruling = office.grant(P1).await;
    office.decide(&mut decided, &officer, &ruling).await;
    let number = decided.view["result"]["number"].as_str().unwrap().to_owned();

    let given = answers(P1, &office.matter().await);
    let is_debtor = |party: &Value| party["role"] == "debtor";
    let debtor = given["parties"].as_array().unwrap().iter().find(|party| is_debtor(party)).unwrap();
    let name = debtor["full_name"].as_str().unwrap().to_owned();
    // One debtor alone, so that nobody else is in common.
    let file = async |agency: Uuid, debtor_name: &str, judgment: &str| {
        let mut given = given.clone();
        for party in given["parties"].as_array_mut().unwrap().iter_mut().filter(|party| is_debtor(party)) {
            party["full_name"] = json!(debtor_name);
        }
        if !judgment.is_empty() {
            given["judgment"]["number"] = json!(judgment);
        }
        server.anonymous().create("/api/v1/dossiers", &filing(P1, agency, &given)).await.expect(201)
    };
    let counter = office.counter().await;
    // However the name is typed.
    for typed in [name.clone(), name.to_uppercase(), motcua::domain::person::fold(&name)] {
        let again = file(office.agency, &typed, "").await;
        let told = warnings(&counter, &again).await;
        assert!(told.contains(&number), "{typed}: {told}");
    }
    for (who, judgment) in [("Trần Văn Khác", ""), (name.as_str(), "99/2026/DS-ST")] {
        let other = file(office.agency, who, judgment).await;
        let told = warnings(&counter, &other).await;
        assert!(!told.contains(&number), "{who} {judgment}: {told}");
    }
    // Another agency keeps another register.
    let elsewhere = office.elsewhere("one_window_officer").clone();
    let there = file(elsewhere.agency, &name, "").await;
    let told = warnings(&office.sign_in(&elsewhere).await, &there).await;
    assert!(!told.contains(&number), "{told}");
    server.close().await;
}
