//! A paper is rewritten at the desk, printed on a recorded dossier, proposed by one person and published by
//! another; what was made before keeps its form, also under the forms of a newer program.

use motcua::app::Clock;
use motcua::app::catalogue::install;
use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::printed::{file, papers, text};
use crate::support::browser::{Browser, signed_in};
use crate::support::office::Office;
use crate::support::server::TestServer;

const RECEIPT: &str = "/desk/quan-tri/van-ban/receipt";
const OLD: &str = "GIẤY TIẾP NHẬN";
const NEW: &str = "Xin mang theo căn cước khi đến nhận kết quả";

/// What the form asks, with a line added to the template.
fn typed(browser: &Browser<'_>, line: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = browser.form(&format!("{RECEIPT}/xem-truoc"));
    for (name, value) in &mut form {
        if name == "/mau/template" {
            value.push_str(line);
        }
        if let Some((_, said)) = more.iter().find(|(asked, _)| asked == name) {
            *value = (*said).to_owned();
        }
    }
    form
}

async fn receipt(office: &Office<'_>, id: &str) -> String {
    let counter = office.counter().await;
    let all = papers(&counter, id).await;
    let receipt = all.iter().find(|paper| paper["kind"] == "receipt").unwrap();
    text(&file(&counter, receipt).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paper_is_rewritten_by_one_and_published_by_another() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (before, _) = office.examined(ProcedureKey::ResultConfirmation).await;
    let id = before.view["id"].as_str().unwrap();
    let mut below = signed_in(&server, office.person("admin")).await;
    below.open(RECEIPT).await;
    assert_eq!(below.status, 404, "below the top nobody writes forms");
    let top = office.superior().await;
    let writer = office.in_agency(top, "admin");
    let mut one = signed_in(&server, writer).await;
    one.open("/desk/quan-tri/van-ban").await;
    one.sees(RECEIPT);
    one.open("/desk/quan-tri/van-ban/letter").await;
    assert_eq!(one.status, 404);

    // What cannot be set is told with its reason; a day that has come and no reason, all at once.
    one.open(RECEIPT).await;
    let said = [("/mau/effective_from", "01/12/2026"), ("/mau/why", "Người dân hay quên giấy tờ.")];
    let broken = typed(&one, "\n#let (\n", &said);
    one.send(Method::POST, &format!("{RECEIPT}/xem-truoc"), &broken).await;
    assert_eq!(one.status, 422);
    one.sees("Không dựng được văn bản; xem từ dòng 5");
    one.sees("#let (");
    one.open(RECEIPT).await;
    let early = typed(&one, "\n", &[("/mau/effective_from", "23/11/2026"), ("/mau/why", "")]);
    one.send(Method::POST, &format!("{RECEIPT}/xem-truoc"), &early).await;
    for said in ["Ngày áp dụng phải sau hôm nay", "Ghi lý do", "Mẫu chưa có gì khác"] {
        one.sees(said);
    }
    one.open(RECEIPT).await;
    let form = typed(&one, &format!("\n{NEW}\n"), &said);
    one.send(Method::POST, &format!("{RECEIPT}/xem-truoc"), &form).await;
    assert_eq!(one.status, 200, "{}", one.page);
    one.sees(&format!("<code>{NEW}</code></ins>"));
    one.sees(before.view["code"].as_str().unwrap());
    one.submit(&format!("{RECEIPT}/de-nghi"), &[]).await;
    let proposal = one.at.clone();
    one.sees("chờ người thứ hai");
    let token = ("_token".to_owned(), one.cookies["motcua-form"].clone());
    one.send(Method::POST, &format!("{proposal}/ban-hanh"), &[token]).await;
    assert_eq!(one.status, 403, "who proposed it cannot publish it");

    let at_top = office.at(top);
    let second = at_top.all("admin").into_iter().find(|person| person.id != writer.id).unwrap();
    let mut other = signed_in(&server, second).await;
    other.open("/desk/quan-tri/quy-trinh").await;
    other.sees(&proposal);
    let trial = text(&other.file(&format!("{proposal}/ban-in")).await);
    for word in [NEW, OLD, before.view["code"].as_str().unwrap(), "[…]"] {
        assert!(trial.contains(word), "{word} is not in:\n{trial}");
    }
    assert!(!trial.contains("Nguyễn Thị Thu Hà") && !trial.contains("077185001234"), "{trial}");
    other.open(&format!("{proposal}?ho-so=000")).await;
    other.sees("Không có hồ sơ nào để in thử");
    // One about a paper is none about a letter, and the other way round.
    other.open(&proposal.replace("/van-ban", "")).await;
    assert_eq!(other.status, 404);
    other.open(&proposal).await;
    other.submit(&format!("{proposal}/ban-hanh"), &[]).await;
    other.sees("đã ban hành");

    // Nothing has changed yet, and what was made never does; from its day on, new receipts say it.
    assert!(!receipt(&office, id).await.contains(NEW));
    let receive = async |office: &Office<'_>| {
        let filed = office.filed(ProcedureKey::ResultConfirmation).await;
        let id = filed.view["id"].as_str().unwrap().to_owned();
        office.counter().await.act(&filed.view, "receipt", &json!({})).await.expect(200);
        id
    };
    let today = receive(&office).await;
    assert!(!receipt(&office, &today).await.contains(NEW));
    server.move_to("2026-12-01T08:00:00+07:00");
    let office = Office::open(&server).await;
    let later = receive(&office).await;
    let said = receipt(&office, &later).await;
    assert!(said.contains(NEW) && said.contains(OLD), "{said}");
    assert!(!receipt(&office, id).await.contains(NEW));

    // A program that brings other forms keeps what was rewritten here.
    let mut bundle = motcua::install::bundle().unwrap();
    let (_, content, hash) = bundle.parameters.iter_mut().find(|(name, ..)| *name == "forms").unwrap();
    *content = content.replace("Tờ bìa hồ sơ", "Bìa hồ sơ");
    *hash = hex::encode(Sha256::digest(&*content));
    install(server.app().pool(), &Clock::Real, &bundle).await.unwrap();
    let database = server.client().await;
    let newest = "SELECT content FROM parameters WHERE name = 'forms' ORDER BY position DESC LIMIT 1";
    let forms: String = database.query_one(newest, &[]).await.unwrap().get(0);
    assert!(forms.contains("Bìa hồ sơ") && forms.contains(NEW));
    let again = install(server.app().pool(), &Clock::Real, &bundle).await.unwrap();
    assert_eq!(again.parameters, 0, "the same program brings nothing");
    let acts = "SELECT act FROM audit_entries WHERE act LIKE 'paper.%' AND chain LIKE 'administration:%' ORDER BY at";
    let acts = database.query(acts, &[]).await.unwrap();
    let acts: Vec<String> = acts.iter().map(|row| row.get(0)).collect();
    assert_eq!(acts, ["paper.proposed", "paper.published"]);
    server.close().await;
}
