//! Papers over HTTP: files that lie, tricks in names, and a paper that answers a supplement request.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::client::{Answer, Client};
use crate::support::office::{Office, answers, filing};
use crate::support::server::TestServer;

const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <<>> endobj\n%%EOF\n";

/// A draft, and whoever holds its key.
async fn draft(server: &TestServer, office: &Office<'_>) -> (Value, Client) {
    let mut body = filing(ProcedureKey::EnforcementDecision, office.agency, &json!({}));
    body["submit"] = json!(false);
    let view = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let holder = server.anonymous().with("tracking-key", view["tracking_key"].as_str().unwrap());
    (view, holder)
}

async fn announce(client: &Client, dossier: &Value, body: &Value) -> Answer {
    client.create(&format!("/api/v1/dossiers/{}/documents", dossier["id"].as_str().unwrap()), body).await
}

async fn send(client: &Client, paper: &Value, kind: &str, content: &[u8]) -> Answer {
    client.send(Method::PUT, &content_of(paper), Some(kind), content.to_vec(), &[]).await
}

fn content_of(paper: &Value) -> String {
    format!("/api/v1/documents/{}/content", paper["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_judged_by_its_content() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (dossier, holder) = draft(&server, &office).await;
    let paper = announce(&holder, &dossier, &json!({ "name": "ban-an.pdf" })).await.expect(201);
    // A program that calls itself a PDF, by name and by header.
    let program = [b"MZ\x90\x00\x03\x00\x00\x00".as_slice(), &[0; 512]].concat();
    send(&holder, &paper, "application/pdf", &program).await.problem(415, "file_kind_refused");
    let page = b"<html><script>alert(1)</script></html>";
    send(&holder, &paper, "application/pdf", page).await.problem(415, "file_kind_refused");
    send(&holder, &paper, "application/pdf", b"").await.problem(422, "file_empty");
    let mut huge = PDF.to_vec();
    huge.resize(30 * 1024 * 1024, b' ');
    send(&holder, &paper, "application/pdf", &huge).await.problem(413, "file_too_large");
    holder.get(&content_of(&paper)).await.problem(409, "act_not_allowed");
    // After all that the paper can still come, and is served as what it is.
    let stored = send(&holder, &paper, "text/html", PDF).await.expect(200);
    assert_eq!(stored["media_type"], "application/pdf");
    assert_eq!(stored["sha256"], hex(PDF));
    let got = holder.get(&content_of(&paper)).await;
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, Some("application/pdf")));
    assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
    assert!(got.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(got.bytes, PDF);

    let size = 30 * 1024 * 1024;
    announce(&holder, &dossier, &json!({ "name": "a.pdf", "size": size }))
        .await
        .problem(413, "file_too_large");
    server.close().await;
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_cannot_leave_their_place_or_lie_about_themselves() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (dossier, holder) = draft(&server, &office).await;
    for (given, kept) in [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\bản án.pdf", "bản án.pdf"),
        ("/etc/cron.d/giấy ủy quyền.pdf", "giấy ủy quyền.pdf"),
    ] {
        let paper = announce(&holder, &dossier, &json!({ "name": given })).await.expect(201);
        assert_eq!(paper["name"], kept);
        send(&holder, &paper, "application/pdf", PDF).await.expect(200);
        let got = holder.get(&content_of(&paper)).await;
        let disposition = got.header("content-disposition").unwrap();
        assert!(disposition.is_ascii() && !disposition.contains(".."), "{disposition}");
    }
    for bad in [
        "..",
        "../",
        "",
        "   ",
        "hoa don\u{202e}fdp.exe",
        "a\u{2066}b.pdf",
        "a\r\nSet-Cookie: x=1.pdf",
        "a\u{1}.pdf",
    ] {
        announce(&holder, &dossier, &json!({ "name": bad })).await.problem(422, "fields_invalid");
    }
    // No text of any body holds a NUL; that is refused before a name is looked at.
    announce(&holder, &dossier, &json!({ "name": "a\u{0}.pdf" })).await.problem(400, "malformed_body");
    announce(&holder, &dossier, &json!({ "name": "a".repeat(201) })).await.problem(422, "fields_invalid");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_announced_must_come_and_nobody_else_may_open_it() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (dossier, holder) = draft(&server, &office).await;
    let announced = json!({ "name": "a.pdf", "sha256": hex(PDF), "size": PDF.len() });
    let paper = announce(&holder, &dossier, &announced).await.expect(201);
    let other = [PDF, b" "].concat();
    let mut changed = PDF.to_vec();
    changed[10] ^= 1;
    send(&holder, &paper, "application/pdf", &changed).await.problem(422, "checksum_mismatch");
    assert_eq!(send(&holder, &paper, "application/pdf", &other).await.status.as_u16(), 422);
    send(&holder, &paper, "application/pdf", PDF).await.expect(200);

    let (_, stranger) = draft(&server, &office).await;
    for who in [&stranger, &server.anonymous(), &office.counter().await] {
        who.get(&content_of(&paper)).await.problem(404, "not_found");
        who.send(Method::PUT, &content_of(&paper), Some("application/pdf"), PDF.to_vec(), &[])
            .await
            .problem(404, "not_found");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paper_that_was_asked_for_is_supplied() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    let mut filed = office.filed(ProcedureKey::EnforcementDecision).await;
    let asked = json!({ "items": [{ "requirement": "judgment", "reason": crate::side_roads::reason(ProcedureKey::EnforcementDecision, "supplement") }] });
    // Not before it is asked for.
    announce(&filed.applicant, &filed.view, &json!({ "name": "ban-an.pdf" }))
        .await
        .problem(409, "act_not_allowed");
    filed.view = counter.act(&filed.view, "supplement-requests", &asked).await.expect(200);
    let item = filed.view["supplements"][0]["items"][0]["id"].clone();
    let announced = json!({ "name": "ban-an.pdf", "requirement": "judgment" });
    let paper = announce(&filed.applicant, &filed.view, &announced).await.expect(201);
    let answer = json!({ "items": [{ "item": item, "document": paper["id"] }] });
    filed.view = filed.applicant.read(&filed.view).await.expect(200);
    // Announced is not supplied.
    filed.applicant.act(&filed.view, "supplements", &answer).await.problem(422, "fields_invalid");
    send(&filed.applicant, &paper, "application/pdf", PDF).await.expect(200);
    // A paper of another dossier does not count.
    let (elsewhere, holder) = draft(&server, &office).await;
    let foreign = announce(&holder, &elsewhere, &json!({ "name": "b.pdf" })).await.expect(201);
    send(&holder, &foreign, "application/pdf", PDF).await.expect(200);
    let wrong = json!({ "items": [{ "item": item, "document": foreign["id"] }] });
    filed.applicant.act(&filed.view, "supplements", &wrong).await.problem(422, "fields_invalid");
    filed.view = filed.applicant.act(&filed.view, "supplements", &answer).await.expect(200);
    assert_eq!(filed.view["state"]["name"], "submitted");
    assert!(
        !filed.view["missing_papers"].as_array().unwrap().iter().any(|paper| paper["key"] == "judgment"),
        "{:#}",
        filed.view["missing_papers"]
    );
    // The counter opens it, which is recorded, and receives.
    let got = counter.get(&content_of(&paper)).await;
    assert_eq!((got.status.as_u16(), got.bytes.as_slice()), (200, PDF));
    let seen: i64 = server
        .client()
        .await
        .query_one("SELECT count(*) FROM access_log WHERE what = 'document.opened'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(seen, 1);
    filed.view = counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
    assert_eq!(filed.view["state"]["name"], "in_process");
    let mails = server.mails().await;
    assert_eq!(mails.len(), 4, "filed, asked, supplied, received");
    server.close().await;
}

/// Each letter of a procedure leaves in both languages with every name in it said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_letter_leaves_whole() {
    // Filed under the rules before 01/07/2026, so that one of them can move to the new ones.
    let server = TestServer::builder().at("2026-06-29T09:00:00+07:00").start().await;
    let key = ProcedureKey::CoercionCostRelief;
    let reason = |used_for: &str| crate::side_roads::reason(key, used_for);
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let (mut old, mut waiting) = (Vec::new(), Vec::new());
    let bodies = ["vi", "en"].map(|language| {
        let mut body = filing(key, office.agency, &answers(key, &matter));
        body["language"] = json!(language);
        body
    });
    for body in &bodies {
        let view = server.anonymous().create("/api/v1/dossiers", body).await.expect(201);
        old.push(office.counter().await.act(&view, "receipt", &json!({})).await.expect(200));
    }
    server.move_to("2026-07-02T09:00:00+07:00");
    let office = Office::open(&server).await;
    let (counter, leader) = (office.counter().await, office.leader().await);
    for old in &old {
        let why = json!({ "reason": "Điều 116 khoản 3 Luật Thi hành án dân sự 2025" });
        leader.act(old, "repin", &why).await.expect(200);
    }
    for body in &bodies {
        let new = async || {
            let view = server.anonymous().create("/api/v1/dossiers", body).await.expect(201);
            let applicant = server.anonymous().with("tracking-key", view["tracking_key"].as_str().unwrap());
            crate::support::office::Filed { view, applicant }
        };
        // Asked, supplied, examined, paid for, put off, decided, returned.
        let mut whole = new().await;
        let asked = json!({ "items": [{ "field": "/applicant/phone", "reason": reason("supplement") }] });
        whole.view = counter.act(&whole.view, "supplement-requests", &asked).await.expect(200);
        let item = whole.view["supplements"][0]["items"][0]["id"].clone();
        let supplied = json!({ "items": [{ "item": item, "value": "0912345678" }] });
        whole.view = whole.applicant.act(&whole.view, "supplements", &supplied).await.expect(200);
        let officer = office.bring_to_examination(&mut whole).await;
        let bill = json!({ "amount": 150_000, "reason": "Chi phí thông báo" });
        whole.view = officer.act(&whole.view, "payment-requests", &bill).await.expect(200);
        let paid = json!({ "paid_at": server.now() });
        whole.view = counter.act(&whole.view, "payments", &paid).await.expect(200);
        let later = json!({ "new_due_on": "2026-07-15", "reason": reason("extension"), "apology": "Chúng tôi xin lỗi." });
        whole.view = leader.act(&whole.view, "extension", &later).await.expect(200);
        // A quarter each time: half of the cost is the most there is for both together.
        let mut ruling = office.grant(key).await;
        ruling["percent"] = json!(25);
        office.decide(&mut whole, &officer, &ruling).await;
        office.give_back(&mut whole).await;
        // Refused, withdrawn, stopped, and lapsed because nobody supplied.
        let refused = new().await;
        let no = json!({ "reason": reason("refusal"), "advice": "Cơ quan có thẩm quyền" });
        counter.act(&refused.view, "refusal", &no).await.expect(200);
        let withdrawn = new().await;
        withdrawn.applicant.act(&withdrawn.view, "withdrawal", &json!({})).await.expect(200);
        let mut stopped = new().await;
        office.bring_to_examination(&mut stopped).await;
        leader.act(&stopped.view, "stop", &json!({ "reason": reason("stop") })).await.expect(200);
        let silent = new().await;
        waiting.push(counter.act(&silent.view, "supplement-requests", &asked).await.expect(200));
    }
    server.move_to("2026-09-21T09:00:00+07:00");
    let office = Office::open(&server).await;
    for waiting in &waiting {
        office.leader().await.act(waiting, "lapse", &json!({})).await.expect(200);
    }
    server.settle().await;
    let rows = server
        .client()
        .await
        .query("SELECT letter, language, subject, body FROM messages ORDER BY letter, language", &[])
        .await
        .unwrap();
    let mut seen: Vec<(String, String)> = Vec::new();
    for row in &rows {
        let (subject, text): (String, String) = (row.get(2), row.get(3));
        assert!(!text.contains("{{") && !subject.contains("{{"), "{subject}\n{text}");
        // Nothing that was to be said was said as a blank.
        for blank in [" .", " ,", ": \n", ": .", "()"] {
            assert!(!text.contains(blank), "{blank:?} in {subject}\n{text}");
        }
        seen.push((row.get(0), row.get(1)));
    }
    seen.dedup();
    let definitions = motcua::catalogue::procedures().unwrap();
    let newest = definitions.iter().rfind(|each| each.version.key == key).unwrap();
    let mut all: Vec<(String, String)> = newest
        .version
        .letters
        .iter()
        .flat_map(|letter| ["en", "vi"].map(|language| (letter.key.clone(), language.to_owned())))
        .collect();
    all.sort();
    assert_eq!(seen, all);
    server.close().await;
}

/// A PNG that says how large it is and holds nothing.
fn boast(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        let crc = !body.iter().fold(u32::MAX, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
        });
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc.to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[]), chunk(b"IEND", &[])]
        .concat()
}

/// A photo as a phone held upright takes it: lying, with a note which way is up.
fn photo() -> Vec<u8> {
    const RIGHT_SIDE_IS_DOWN: u8 = 6;
    let picture = image::RgbImage::from_fn(320, 200, |x, _| {
        if x < 160 { image::Rgb([200, 0, 0]) } else { image::Rgb([0, 0, 200]) }
    });
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&picture).unwrap();
    let exif = [
        &b"Exif\0\0II*\0\x08\0\0\0\x01\0"[..],
        &[0x12, 0x01, 3, 0, 1, 0, 0, 0, RIGHT_SIDE_IS_DOWN, 0, 0, 0],
        &[0, 0, 0, 0],
    ]
    .concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_shown_small_and_upright_and_what_boasts_is_not_opened() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (dossier, holder) = draft(&server, &office).await;
    let id = dossier["id"].as_str().unwrap();
    let held = format!("motcua-ho-so={id}.{}", dossier["tracking_key"].as_str().unwrap());
    let http = reqwest::Client::new();
    let ask = |path: &str, cookie: &str, tag: &str| {
        let asked = http.get(format!("{}{path}", server.base()));
        asked.header("cookie", cookie).header("if-none-match", tag).send()
    };
    let mut small = Vec::new();
    for (name, content) in
        [("anh.jpg", photo()), ("bom.png", boast(60_000, 60_000)), ("rong.png", boast(10_000, 10_000))]
    {
        let paper = announce(&holder, &dossier, &json!({ "name": name })).await.expect(201);
        send(&holder, &paper, "application/octet-stream", &content).await.expect(200);
        small.push(format!("/giay-to/{}/nho?hs={id}", paper["id"].as_str().unwrap()));
    }
    let shown = ask(&small[0], &held, "").await.unwrap();
    assert_eq!(shown.status().as_u16(), 200);
    assert_eq!(shown.headers()["content-type"], "image/jpeg");
    assert_eq!(shown.headers()["cache-control"], "private, no-cache");
    let tag = shown.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", hex(&photo())));
    let picture = image::load_from_memory(&shown.bytes().await.unwrap()).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (100, 160));
    let (top, bottom) = (picture.get_pixel(50, 20).0, picture.get_pixel(50, 140).0);
    assert!(top[0] > 150 && top[2] < 60 && bottom[0] < 60 && bottom[2] > 150, "{top:?} {bottom:?}");
    // The copy a browser has is good as long as the rights are.
    assert_eq!(ask(&small[0], &held, &tag).await.unwrap().status().as_u16(), 304);
    assert_eq!(ask(&small[0], "", &tag).await.unwrap().status().as_u16(), 404);
    for boasted in &small[1..] {
        let card = ask(boasted, &held, "").await.unwrap();
        assert_eq!(card.status().as_u16(), 200);
        assert_eq!(card.headers()["content-type"], "image/svg+xml");
        assert!(card.text().await.unwrap().contains(">PNG<"));
    }
    server.close().await;
}
