//! Each page asks the database little: at most eight statements, however much it shows.

use motcua::domain::procedure::ProcedureKey;
use serde_json::json;

use crate::support::browser::{Browser, signed_in};
use crate::support::counter::Statements;
use crate::support::office::{Office, PASSWORD, answers, filing};
use crate::support::server::TestServer;

const MOST: usize = 8;

/// Opens a page twice, since the first time prepares statements, and says what the second one cost.
async fn cost(browser: &mut Browser<'_>, statements: &Statements, path: &str) -> usize {
    browser.open(path).await;
    assert_eq!(browser.status, 200, "{path}: {}", browser.page);
    let mut least = usize::MAX;
    for _ in 0..2 {
        let before = statements.so_far();
        browser.open(path).await;
        least = least.min(statements.so_far() - before);
    }
    least
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_asks_more_than_eight_statements() {
    let statements = Statements::default();
    let server =
        TestServer::builder().with("MOTCUA_WORKER_CONCURRENCY", "0").counting(&statements).start().await;
    let office = Office::open(&server).await;
    let (dossier, officer) = office.examined(ProcedureKey::OfficerReplacement).await;
    officer.act(&dossier.view, "notes", &json!({ "text": "Ghi chú" })).await.expect(200);
    let id = dossier.view["id"].as_str().unwrap();
    let matter = office.matter().await;
    let key = ProcedureKey::ResultConfirmation;
    let mut body = filing(key, office.agency, &answers(key, &matter));
    body["submit"] = false.into();
    let draft = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);

    let mut table = Vec::new();
    let mut nobody = Browser::new(&server);
    for path in [
        "/",
        "/thu-tuc/result_confirmation",
        "/thu-tuc/result_confirmation/mau",
        "/cong-cu/han",
        "/tra-cuu",
        "/tinh-trang",
    ] {
        table.push((path.to_owned(), cost(&mut nobody, &statements, path).await));
    }
    let held = |view: &serde_json::Value| {
        format!("{}.{}", view["id"].as_str().unwrap(), view["tracking_key"].as_str().unwrap())
    };
    let draft_id = draft["id"].as_str().unwrap();
    nobody.cookies.insert("motcua-ho-so".to_owned(), held(&draft));
    for page in ["nguoi-nop", "khai/applicant", "giay-to", "kiem-tra", "de-sau"] {
        let path = format!("/ho-so/{draft_id}/{page}");
        table.push((path.clone(), cost(&mut nobody, &statements, &path).await));
    }
    // One that was sent back to its applicant, whose pages ask the most.
    let session = json!({ "email": "thuha@example.vn", "password": PASSWORD });
    let session = server.anonymous().post("/api/v1/sessions", &session).await.expect(201);
    let citizen = server.anonymous().bearer(session["token"].as_str().unwrap());
    let body = filing(key, office.agency, &answers(key, &matter));
    let own = citizen.create("/api/v1/dossiers", &body).await.expect(201);
    let items = json!({ "items": [{ "field": "/applicant/address", "reason": "incomplete_field" }] });
    let own = office.counter().await.act(&own, "supplement-requests", &items).await.expect(200);
    let item = own["supplements"][0]["items"][0]["id"].as_str().unwrap();
    let own = own["id"].as_str().unwrap();
    let mut applicant = Browser::new(&server);
    applicant.open("/tai-khoan/dang-nhap").await;
    let token = applicant.cookies["motcua-form"].clone();
    let signing = [("_token", token.as_str()), ("email", "thuha@example.vn"), ("password", PASSWORD)];
    let form = signing.map(|(name, value)| (name.to_owned(), value.to_owned()));
    applicant.send(reqwest::Method::POST, "/tai-khoan/dang-nhap", &form).await;
    let supply = format!("bo-sung/{item}");
    for page in ["", "da-nop", "ai-da-xem", "rut", &supply] {
        let path = format!("/ho-so/{own}/{page}").trim_end_matches('/').to_owned();
        table.push((path.clone(), cost(&mut applicant, &statements, &path).await));
    }
    table.push(("/tai-khoan".to_owned(), cost(&mut applicant, &statements, "/tai-khoan").await));
    let away = json!({
        "account": office.all("processing_officer")[0].id, "deputy": office.all("processing_officer")[1].id,
        "from": "2026-12-01", "until": "2026-12-02", "reason": "Nghỉ phép",
    });
    let away = office.leader().await.create("/api/v1/absences", &away).await.expect(201);
    let away = format!("/desk/nghi-phep/{}", away["id"].as_str().unwrap());
    let register = format!("/desk/viec/{}", matter.id);
    let person = format!("/desk/quan-tri/nhan-vien/{}", office.person("clerk").login);
    for (role, pages) in [
        (
            "one_window_officer",
            vec!["/desk?xem=tat-ca", "/desk?xem=da-chuyen", "/desk/tiep-nhan", "/desk/tai-khoan"],
        ),
        (
            "leader",
            vec![
                "/desk?xem=tat-ca",
                "/desk/tong-quan",
                "/desk/nghi-phep",
                &away,
                "/desk/viec",
                &register,
                "/desk/ket-xuat",
                "/desk/sau-quyet-dinh",
            ],
        ),
        ("processing_officer", vec!["/desk?xem=cua-toi", "/desk/nghi-phep"]),
        (
            "admin",
            vec![
                "/desk/quan-tri",
                "/desk/quan-tri/nhan-vien",
                &person,
                "/desk/quan-tri/don-vi",
                "/desk/quan-tri/uy-quyen",
                "/desk/quan-tri/nhat-ky",
            ],
        ),
    ] {
        let mut person = signed_in(&server, office.person(role)).await;
        // A run over all this person sees; no worker takes it.
        if role != "admin" && role != "processing_officer" {
            person.open("/desk?xem=tat-ca").await;
            person.submit("/desk/hang-loat", &[("viec", "add_note"), ("tat-ca", "1")]).await;
            person.submit("/desk/hang-loat/chay", &[("/add_note/text", "Ghi chú")]).await;
            for path in [person.at.clone(), "/desk/hang-loat".to_owned()] {
                table.push((format!("{path} ({role})"), cost(&mut person, &statements, &path).await));
            }
        }
        for path in pages {
            table.push((format!("{path} ({role})"), cost(&mut person, &statements, path).await));
        }
        if role != "admin" && role != "processing_officer" {
            let path = format!("/desk/ho-so/{id}");
            table.push((format!("/desk/ho-so/… ({role})"), cost(&mut person, &statements, &path).await));
        }
    }
    let above = office.in_agency(office.superior().await, "admin");
    let mut above = signed_in(&server, above).await;
    for path in [
        "/desk/quan-tri/quy-trinh",
        "/desk/quan-tri/quy-trinh/result_confirmation/2026-07-01",
        "/desk/quan-tri/doi-tac",
        "/desk/quan-tri/viec-nen",
        "/desk/quan-tri/lich",
    ] {
        table.push((path.to_owned(), cost(&mut above, &statements, path).await));
    }
    let many: Vec<_> = table.iter().filter(|(_, cost)| *cost > MOST).collect();
    assert!(many.is_empty(), "too many statements: {many:?}\nall: {table:#?}");
    // The relay counts: a page of the desk asks who is signed in, at least. Letters wait; no worker runs.
    assert!(table.iter().any(|(_, cost)| *cost > 1), "nothing was counted: {table:?}");
}
