//! What lists and papers show to whom, and the record of who looked.

use motcua::app::seed::PARTNER_SECRET;
use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::office::{Office, PASSWORD, answers, example, filing};
use crate::support::server::TestServer;

/// Every look by someone other than the applicant leaves one line, with who it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_at_a_dossier_is_recorded_whatever_part_he_looks_at() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::EnforcementDecision).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let counter = office.counter().await;
    let looks = [
        ("", "dossier.viewed"),
        ("/events", "timeline.viewed"),
        ("/documents", "documents.viewed"),
        ("/messages", "messages.viewed"),
    ];
    for (part, _) in looks {
        counter.get(&format!("/api/v1/dossiers/{id}{part}")).await.expect(200);
        // The applicant's own looks are his own.
        filed.applicant.get(&format!("/api/v1/dossiers/{id}{part}")).await.expect(200);
    }
    let record = office.leader().await.get(&format!("/api/v1/dossiers/{id}/audit")).await.expect(200);
    let mut seen: Vec<(&str, &str)> = record["views"]
        .as_array()
        .unwrap()
        .iter()
        .map(|view| (view["act"].as_str().unwrap(), view["actor"]["account"].as_str().unwrap()))
        .collect();
    let who = office.person("one_window_officer").id.to_string();
    let mut wanted: Vec<(&str, &str)> = looks.iter().map(|(_, what)| (*what, who.as_str())).collect();
    seen.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(seen, wanted);

    // A partner's looks say for which of its users.
    let partner = partner(&server).await;
    let body = filing(
        ProcedureKey::EnforcementDecision,
        office.agency,
        &answers(ProcedureKey::EnforcementDecision, &office.matter().await),
    );
    let theirs = partner.create("/api/v1/dossiers", &body).await.expect(201);
    let theirs = theirs["id"].as_str().unwrap().to_owned();
    partner.with("acts-for", "u-1").get(&format!("/api/v1/dossiers/{theirs}/documents")).await.expect(200);
    let record = office.leader().await.get(&format!("/api/v1/dossiers/{theirs}/audit")).await.expect(200);
    assert_eq!(record["views"][0]["act"], "documents.viewed");
    assert_eq!(record["views"][0]["actor"]["asserted_user"], "u-1", "{record:#}");
    server.close().await;
}

/// The applicant is told when, which unit and in what role; who it was stays with the agency.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_applicant_sees_which_units_opened_the_file_but_no_names() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::EnforcementDecision).await;
    let path = format!("/api/v1/dossiers/{}/looks", filed.view["id"].as_str().unwrap());
    // His own looks are his own: they are not recorded.
    filed.applicant.read(&filed.view).await.expect(200);
    assert_eq!(filed.applicant.get(&path).await.expect(200), json!([]));
    office.counter().await.read(&filed.view).await.expect(200);
    office.leader().await.read(&filed.view).await.expect(200);
    let answer = filed.applicant.get(&path).await;
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let seen = answer.expect(200);
    let told: Vec<(&str, &str)> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|look| (look["role"].as_str().unwrap(), look["what"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("leader", "dossier.viewed"), ("one_window_officer", "dossier.viewed")]);
    for (look, role) in seen.as_array().unwrap().iter().zip(["leader", "one_window_officer"]) {
        let person = office.person(role);
        let unit: String = {
            let named = "SELECT name_vi FROM units WHERE id = $1";
            server.client().await.query_one(named, &[&person.unit]).await.unwrap().get(0)
        };
        assert_eq!(look["unit"]["vi"], unit);
        let named = "SELECT name FROM accounts WHERE id = $1";
        let name: String = server.client().await.query_one(named, &[&person.id]).await.unwrap().get(0);
        assert!(!text.contains(&name) && !text.contains(&person.id.to_string()), "{text}");
    }
    // Staff have the whole record instead; to a stranger there is no such dossier.
    office.leader().await.get(&path).await.problem(403, "not_permitted");
    server.anonymous().get(&path).await.problem(404, "not_found");
    citizen(&server, "thanhle@example.vn").await.get(&path).await.problem(404, "not_found");
    server.close().await;
}

async fn partner(server: &TestServer) -> Client {
    let form = format!(
        "grant_type=client_credentials&client_id=cong-dich-vu-cong-demo&client_secret={PARTNER_SECRET}"
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

/// The line of a dossier in a list, when it is there.
async fn line(client: &Client, list: &str, dossier: &Value) -> Option<Value> {
    let page = client.get(&format!("/api/v1/{list}?limit=100")).await.expect(200);
    page["items"].as_array().unwrap().iter().find(|line| line["id"] == dossier["id"]).cloned()
}

/// Lists mask what the dossier masks, for the same readers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_names_masked_sees_them_masked_everywhere() {
    const NAME: &str = "Nguyễn Thị Thu Hà";
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let applicant =
        example(ProcedureKey::EnforcementDecision).pointer("/applicant/full_name").unwrap().clone();
    let (filed, assigned) = office.examined(ProcedureKey::EnforcementDecision).await;
    let assignee: uuid::Uuid =
        filed.view["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap();
    let unit = office.by_id(assignee).unit;
    let colleague = office
        .all("processing_officer")
        .into_iter()
        .find(|person| person.unit == unit && person.id != assignee && !person.head)
        .cloned();
    let mut readers = vec![
        (office.counter().await, true),
        (office.leader().await, true),
        (assigned, true),
        (office.clerk().await, false),
        (office.role("inspector").await, false),
    ];
    if let Some(colleague) = colleague {
        readers.push((office.sign_in(&colleague).await, false));
    }
    for (reader, named) in readers {
        let view = reader.read(&filed.view).await.expect(200);
        assert_eq!(view["masked"], !named);
        assert_eq!(view["contact"]["name"] == NAME, named, "{view:#}");
        assert_eq!(view["answers"]["applicant"]["full_name"] == applicant, named);
        for list in ["queue", "dossiers"] {
            let line = line(&reader, list, &filed.view).await.unwrap();
            assert_eq!(line["applicant"] == NAME, named, "{line:#}");
            assert!(line["applicant"].as_str().unwrap().ends_with("Hà"));
        }
    }
    server.close().await;
}

/// Drafts are their owner's alone, and lists end at the agency, the contract and the wall.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_drafts_end_where_the_reader_does() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let key = ProcedureKey::EnforcementDecision;
    let body = filing(key, office.agency, &answers(key, &matter));
    let mut unfinished = body.clone();
    unfinished["submit"] = json!(false);
    let (hers, his) =
        (citizen(&server, "thuha@example.vn").await, citizen(&server, "thanhle@example.vn").await);
    let (counter, leader) = (office.counter().await, office.leader().await);
    let other_counter = office.sign_in(office.elsewhere("one_window_officer")).await;
    let partner = partner(&server).await;

    // A citizen's draft: nobody else's, not even the agency's.
    let draft = hers.create("/api/v1/dossiers", &unfinished).await.expect(201);
    assert!(line(&hers, "dossiers", &draft).await.is_some());
    for other in [&his, &counter, &other_counter, &leader, &partner, &server.anonymous()] {
        other.read(&draft).await.problem(404, "not_found");
        other.act(&draft, "submission", &json!({})).await.problem(404, "not_found");
        let path = format!("/api/v1/dossiers/{}", draft["id"].as_str().unwrap());
        for part in ["/events", "/documents", "/messages"] {
            other.get(&format!("{path}{part}")).await.problem(404, "not_found");
        }
        other
            .send(Method::DELETE, &path, None, Vec::new(), &[("if-match", "\"1\"")])
            .await
            .problem(404, "not_found");
    }
    // A draft entered at the counter: who enters it, alone.
    let entered = counter.create("/api/v1/dossiers", &unfinished).await.expect(201);
    assert!(line(&counter, "dossiers", &entered).await.is_some());
    for other in [&hers, &other_counter, &leader, &partner] {
        other.read(&entered).await.problem(404, "not_found");
    }
    for other in [&his, &counter, &other_counter, &leader, &partner] {
        assert!(line(other, "dossiers", &draft).await.is_none());
    }
    for staff in [&other_counter, &leader] {
        assert!(line(staff, "dossiers", &entered).await.is_none());
        assert!(line(staff, "queue", &entered).await.is_none());
    }

    // Filed: the agency and the filer, nobody else.
    let filed = hers.act(&draft, "submission", &json!({})).await.expect(200);
    let theirs = partner.create("/api/v1/dossiers", &body).await.expect(201);
    for staff in [&counter, &leader] {
        for dossier in [&filed, &theirs] {
            assert!(line(staff, "queue", dossier).await.is_some());
            assert!(line(staff, "dossiers", dossier).await.is_some());
        }
    }
    for dossier in [&filed, &theirs] {
        assert!(line(&other_counter, "queue", dossier).await.is_none());
        assert!(line(&other_counter, "dossiers", dossier).await.is_none());
    }
    assert!(line(&hers, "dossiers", &filed).await.is_some());
    assert!(line(&hers, "dossiers", &theirs).await.is_none());
    assert!(line(&his, "dossiers", &filed).await.is_none());
    assert!(line(&partner, "dossiers", &theirs).await.is_some());
    assert!(line(&partner, "dossiers", &filed).await.is_none());
    for outside in [&hers, &partner] {
        outside.get("/api/v1/queue").await.problem(403, "not_permitted");
    }
    server.close().await;
}

/// Who acts for a challenged officer sees no more of the request than he would: not in a list either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_that_is_lent_keeps_its_wall_in_lists() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let challenged = office.by_id(matter.officer).clone();
    let deputy = office
        .all("processing_officer")
        .into_iter()
        .find(|person| person.unit != challenged.unit && !person.head)
        .unwrap()
        .clone();
    let against = office.filed_about(ProcedureKey::OfficerReplacement, &matter).await.view;
    let client = server.client().await;
    // Both lie with the challenged officer's unit, so that only the wall is between them.
    let other = office.filed(ProcedureKey::ResultConfirmation).await.view;
    for dossier in [&against, &other] {
        client
            .execute(
                "UPDATE dossiers SET owner_unit_id = $1, body = jsonb_set(body, '{owner_unit}', to_jsonb($1::uuid)) WHERE id::text = $2",
                &[&challenged.unit, &dossier["id"].as_str().unwrap()],
            )
            .await
            .unwrap();
    }
    let lent_to = office.sign_in(&deputy).await;
    assert!(line(&lent_to, "queue", &other).await.is_none());
    let absence = json!({ "account": challenged.id, "deputy": deputy.id, "from": "2026-11-23", "until": "2026-11-27", "reason": "Nghỉ phép" });
    office.leader().await.create("/api/v1/absences", &absence).await.expect(201);
    for list in ["queue", "dossiers"] {
        assert!(line(&lent_to, list, &other).await.is_some(), "the view is lent");
        assert!(line(&lent_to, list, &against).await.is_none(), "and its wall with it");
        assert!(line(&office.sign_in(&challenged).await, list, &against).await.is_none());
    }
    lent_to.read(&other).await.expect(200);
    lent_to.read(&against).await.problem(404, "not_found");
    server.close().await;
}
