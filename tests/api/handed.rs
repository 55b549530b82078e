//! What is handed over on paper: recorded with the receipt, printed on it, and missing no more.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::printed::{file, papers, rows};
use crate::support::browser::{Browser, signed_in};
use crate::support::client::Client;
use crate::support::office::{Office, filing};
use crate::support::server::TestServer;

const KEY: ProcedureKey = ProcedureKey::EnforcementDecision;
const JUDGMENT: &str = "Bản án, quyết định được yêu cầu thi hành";

/// What the receipt says.
async fn receipt(client: &Client, view: &Value) -> String {
    let all = papers(client, view["id"].as_str().unwrap()).await;
    rows(&file(client, all.iter().find(|paper| paper["kind"] == "receipt").unwrap()).await)
}

fn missing(view: &Value) -> Vec<&str> {
    let papers = view["missing_papers"].as_array().unwrap();
    papers.iter().map(|paper| paper["requirement"].as_str().unwrap()).collect()
}

/// A request staff enter, not filed yet.
async fn entered(office: &Office<'_>, counter: &Client) -> Value {
    let matter = office.matter().await;
    let mut body = filing(KEY, office.agency, &crate::support::office::answers(KEY, &matter));
    (body["channel"], body["submit"]) = (json!("counter"), json!(false));
    counter.create("/api/v1/dossiers", &body).await.expect(201)
}

/// Sends the form with these fields changed; none takes a field out.
async fn send(browser: &mut Browser<'_>, to: &str, form: Vec<(String, String)>, said: &[(&str, &str)]) {
    let mut form = form;
    form.retain(|(known, _)| !said.iter().any(|(name, _)| name == known));
    form.extend(said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    browser.send(Method::POST, to, &form).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_that_are_not_scanned_are_printed_on_the_receipt_of_a_counter_intake() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let at_counter = office.counter().await;
    let draft = entered(&office, &at_counter).await;
    assert_eq!(missing(&draft), ["judgment"]);
    let id = draft["id"].as_str().unwrap();
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    let check = format!("/ho-so/{id}/kiem-tra");
    counter.open(&check).await;
    counter.sees("Giấy tờ đã nhận");
    // The needed one first; nothing was scanned, so nothing is ticked for the clerk.
    let at = |key: &str| counter.page.find(&format!("handed-taken-{key}")).unwrap();
    assert!(at("judgment") < at("request"));
    let form = counter.form_of_page();
    assert!(!form.iter().any(|(name, _)| name.starts_with("_handed:")), "{form:?}");

    let said = [
        ("_handed:request", "1"),
        ("_handed-form:request", "original"),
        ("_handed:judgment", "1"),
        ("_handed-form:judgment", "plain_copy"),
        ("_handed-quantity:judgment", "0"),
        ("_handed-sets", "hai"),
    ];
    send(&mut counter, &check, form, &said).await;
    assert_eq!(counter.status, 422);
    counter.sees(&format!("{JUDGMENT}: Ghi một số từ 1 đến 99."));
    counter.sees("Số bộ hồ sơ: Ghi một số từ 1 đến 99.");
    let kept = counter.form_of_page();
    for (name, value) in
        [("_handed:request", "1"), ("_handed-quantity:judgment", "0"), ("_handed-sets", "hai")]
    {
        assert!(kept.contains(&(name.to_owned(), value.to_owned())), "{name} in {kept:?}");
    }
    counter.sees("value=\"plain_copy\" selected");
    let mut right = said;
    (right[4].1, right[5].1) = ("2", "2");
    send(&mut counter, &check, kept, &right).await;
    assert_eq!(counter.at, format!("/ho-so/{id}/da-nop"), "{}", counter.page);

    let view = at_counter.get(&format!("/api/v1/dossiers/{id}")).await.expect(200);
    let recorded = json!({ "sets": 2, "papers": [
        { "requirement": "judgment", "form": "plain_copy", "quantity": 2 },
        { "requirement": "request", "form": "original", "quantity": 1 },
    ] });
    assert_eq!(view["handed_over"], recorded);
    assert_eq!(missing(&view), Vec::<&str>::new());
    let said = receipt(&at_counter, &view).await;
    for line in [
        format!("{JUDGMENT} Bản sao 2"),
        // Its name goes on in the next line.
        "2 Đơn yêu cầu thi hành án, hoặc biên bản ghi yêu".to_owned(),
        "Bản chính 1".to_owned(),
        "Số lượng hồ sơ: 02 (bộ)".to_owned(),
        "Phí, lệ phí nộp hồ sơ: Không".to_owned(),
    ] {
        assert!(said.contains(&line), "{line:?} is not on the receipt: {said}");
    }
    assert!(!said.contains("còn thiếu"), "{said}");
    counter.open(&format!("/desk/ho-so/{id}")).await;
    counter.sees(&format!("{JUDGMENT}: Bản sao, số lượng: 2"));
    // The event carries it, for whoever follows the dossier.
    let events = at_counter.get(&format!("/api/v1/dossiers/{id}/events")).await.expect(200).to_string();
    assert!(events.contains("\"form\":\"plain_copy\""), "{events}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_records_the_papers_of_a_request_filed_online() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(KEY).await;
    let id = filed.view["id"].as_str().unwrap();
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    let page = format!("/desk/ho-so/{id}");
    counter.open(&page).await;
    let (to, tick) = (format!("{page}/receive"), ("_handed:judgment", "1"));
    let form = counter.form(&to);
    send(&mut counter, &to, form, &[tick, ("_handed-quantity:judgment", "100")]).await;
    assert_eq!(counter.status, 422, "{}", counter.page);
    counter.sees("Ghi một số từ 1 đến 99.");
    let form = counter.form(&to);
    assert!(form.contains(&("_handed:judgment".to_owned(), "1".to_owned())), "{form:?}");
    send(&mut counter, &to, form, &[("_handed-quantity:judgment", "3")]).await;
    assert_eq!(counter.status, 200, "{}", counter.page);
    counter.sees("Đã ghi");
    let view = filed.applicant.read(&filed.view).await.expect(200);
    // The kind is the one the definition wants, since nobody said otherwise.
    let paper = json!({ "requirement": "judgment", "form": "certified_copy", "quantity": 3 });
    assert_eq!(view["handed_over"], json!({ "sets": 1, "papers": [paper] }));
    let said = receipt(&filed.applicant, &view).await;
    assert!(said.contains(&format!("{JUDGMENT} Bản sao chứng thực 3")), "{said}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_filled_in_online_is_the_request_on_the_receipt() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (filed, _) = office.examined(KEY).await;
    let told = receipt(&office.counter().await, &filed.view).await;
    assert_eq!(told.matches("Bản điện tử").count(), 1, "{told}");
    assert!(told.contains("Đơn yêu cầu thi hành án"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_record_is_named() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let filed = office.filed(KEY).await;
    let paper =
        |key: &str, quantity: u8| json!({ "requirement": key, "form": "original", "quantity": quantity });
    let wrong = json!({ "handed_over": { "sets": 0, "papers": [
        paper("letter", 1), paper("judgment", 0), paper("request", 100),
    ] } });
    let problem = counter.act(&filed.view, "receipt", &wrong).await.problem(422, "fields_invalid");
    let mut named: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "/handed_over/papers/0/requirement",
            "/handed_over/papers/1/quantity",
            "/handed_over/papers/2/quantity",
            "/handed_over/sets",
        ]
    );
    // Nothing is recorded of what nobody receives.
    let draft = entered(&office, &counter).await;
    let record = json!({ "handed_over": { "papers": [paper("request", 1)] } });
    let refused = counter.act(&draft, "submission", &record).await.problem(422, "fields_invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/handed_over");
    let mut received = record.clone();
    received["receive"] = json!(true);
    let view = counter.act(&draft, "submission", &received).await.expect(200);
    assert_eq!(view["handed_over"]["sets"], 1);
    assert_eq!(missing(&view), ["judgment"]);
    // Without a record the receipt is as it was.
    let view = counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
    assert_eq!(view["handed_over"], Value::Null);
    assert!(receipt(&counter, &view).await.contains("01 (bộ)"));
    server.close().await;
}
