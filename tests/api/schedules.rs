//! What is done by the clock: the morning mail to staff with its apologies, and the nightly proof of
//! the audit record.

use chrono::NaiveDate;
use motcua::app::jobs::Work;
use motcua::domain::procedure::ProcedureKey;
use serde_json::json;
use uuid::Uuid;

use crate::side_roads::reason;
use crate::support::office::Office;
use crate::support::one_agency::eventually;
use crate::support::server::TestServer;

/// The text of a mail, whichever way the mailer wrote it.
fn text(mail: &str) -> String {
    use base64::Engine as _;
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    if head.contains("base64") {
        let joined: String = body.split_whitespace().collect();
        return String::from_utf8(base64::engine::general_purpose::STANDARD.decode(joined).unwrap()).unwrap();
    }
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, others @ ..] = rest {
        if *first == b'=' && head.contains("quoted-printable") {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&others[..2]).unwrap(), 16).unwrap());
            rest = &others[2..];
        } else {
            bytes.push(*first);
            rest = others;
        }
    }
    String::from_utf8(bytes).unwrap()
}

async fn give_address(server: &TestServer, account: Uuid, email: &str) {
    let client = server.client().await;
    client.execute("UPDATE accounts SET email = $2 WHERE id = $1", &[&account, &email]).await.unwrap();
}

async fn to(server: &TestServer, email: &str) -> Vec<String> {
    let line = format!("To: {email}");
    server.mails().await.iter().filter(|mail| mail.contains(&line)).map(|mail| text(mail)).collect()
}

/// The schedule's turn is taken within ten seconds.
async fn taken(server: &TestServer, kind: &'static str, day: &str) {
    let on = day.parse::<NaiveDate>().unwrap().to_string();
    let client = server.client().await;
    eventually(async || {
        let row = client
            .query_one(
                "SELECT count(*) FROM jobs WHERE kind = $1 AND payload ->> 'on' = $2 AND finished_at IS NOT NULL",
                &[&kind, &on],
            )
            .await
            .unwrap();
        (row.get::<_, i64>(0) > 0).then_some(())
    })
    .await;
    server.settle().await;
}

/// Law: D61 a.19 c.9 (the apology comes at least one day before the time limit ends).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_are_told_each_working_morning_what_is_due_and_which_apology_is_ready() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (filed, _) = office.examined(ProcedureKey::ResultConfirmation).await;
    let code = filed.view["code"].as_str().unwrap().to_owned();
    let assignee: Uuid = filed.view["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap();
    let waiting = office.filed(ProcedureKey::EnforcementDecision).await;
    let items = json!({ "items": [{ "requirement": "judgment", "reason": reason(ProcedureKey::EnforcementDecision, "supplement") }] });
    let waiting = office.counter().await.act(&waiting.view, "supplement-requests", &items).await.expect(200);
    let reference = waiting["reference"].as_str().unwrap().to_owned();
    let bystander = office.officer_but(assignee).id;
    for (account, email) in [
        (office.person("leader").id, "lanhdao@example.vn"),
        (assignee, "chv@example.vn"),
        (bystander, "khac@example.vn"),
        (office.person("inspector").id, "thanhtra@example.vn"),
    ] {
        give_address(&server, account, email).await;
    }

    // The day before the due date, early in the morning: nothing yet; at eight the mail goes out.
    server.move_to("2026-11-30T07:30:00+07:00");
    // The night's turn is taken in the transaction that looks at the morning's as well.
    taken(&server, "verify_audit", "2026-11-30").await;
    assert!(to(&server, "lanhdao@example.vn").await.is_empty());
    server.move_to("2026-11-30T08:00:05+07:00");
    taken(&server, "remind_due", "2026-11-30").await;
    let leader = to(&server, "lanhdao@example.vn").await;
    assert_eq!(leader.len(), 1);
    for words in
        [&*code, "Kính gửi", "đề xuất hẹn lại ngày 04/12/2026", "Cơ quan xin lỗi", "thay cho ngày 01/12/2026"]
    {
        assert!(leader[0].contains(words), "{words} is not in\n{}", leader[0]);
    }
    assert!(!leader[0].contains("Thu Hà"), "an applicant is named:\n{}", leader[0]);
    assert!(!leader[0].contains(&reference), "its applicant still has time:\n{}", leader[0]);
    let officer = to(&server, "chv@example.vn").await;
    assert!(
        officer.len() == 1 && officer[0].contains(&code) && !officer[0].contains("hẹn lại"),
        "{officer:?}"
    );
    for nobody in ["khac@example.vn", "thanhtra@example.vn"] {
        assert_eq!(to(&server, nobody).await, Vec::<String>::new(), "{nobody}");
    }

    // Before the act a leader reads the same date and apology, and confirms them.
    let now_leader = Office::open(&server).await;
    let as_leader = now_leader.leader().await;
    let seen = as_leader.read(&filed.view).await.expect(200);
    let extend = seen["allowed_actions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|act| act["act"] == "extend")
        .unwrap()
        .clone();
    assert_eq!(extend["suggestion"]["new_due_on"], "2026-12-04");
    assert_eq!(extend["new_due_on"], "2026-12-04");
    let apology = extend["suggestion"]["apology"]["vi"].as_str().unwrap();
    assert!(leader[0].contains(apology));
    let body = json!({ "new_due_on": extend["suggestion"]["new_due_on"], "reason": reason(ProcedureKey::ResultConfirmation, "extension"), "apology": apology });
    as_leader.act(&seen, "extension", &body).await.expect(200);

    // Run again the same morning: nobody is told twice.
    let app = server.app();
    let mut tx = app.begin("test").await.unwrap();
    Work::RemindDue { on: "2026-11-30".parse().unwrap(), after: None }.enqueue(app, &mut tx).await.unwrap();
    tx.commit().await.unwrap();
    server.settle().await;
    assert_eq!(to(&server, "lanhdao@example.vn").await.len(), 1);

    // Long after: the applicant's time is over, which a leader may act on.
    server.move_to("2027-01-11T08:10:00+07:00");
    taken(&server, "remind_due", "2027-01-11").await;
    let leader = to(&server, "lanhdao@example.vn").await.pop().unwrap();
    let (_, ended) = leader.split_once("lãnh đạo có thể kết thúc hồ sơ").unwrap();
    assert!(ended.contains(&reference), "{leader}");
    assert!(leader.contains("Đã quá hạn xử lý (1):"), "{leader}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_nightly_proof_tells_inspectors_when_the_record_was_changed() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::ResultConfirmation).await;
    give_address(&server, office.person("inspector").id, "thanhtra@example.vn").await;
    give_address(&server, office.person("leader").id, "lanhdao@example.vn").await;
    server.move_to("2026-11-24T02:00:30+07:00");
    taken(&server, "verify_audit", "2026-11-24").await;
    assert!(to(&server, "thanhtra@example.vn").await.is_empty());

    let client = server.client().await;
    let chain = format!("dossier:{}", filed.view["id"].as_str().unwrap());
    client
        .batch_execute(&format!(
            "ALTER TABLE audit_entries DISABLE TRIGGER ALL; UPDATE audit_entries SET body = '[]' WHERE chain = '{chain}'; ALTER TABLE audit_entries ENABLE TRIGGER ALL"
        ))
        .await
        .unwrap();
    server.move_to("2026-11-25T02:00:30+07:00");
    let why = eventually(async || {
        let row = client
            .query_opt("SELECT last_error FROM jobs WHERE kind = 'verify_audit' AND dead_at IS NOT NULL", &[])
            .await
            .unwrap();
        row.map(|row| row.get::<_, String>(0))
    })
    .await;
    assert!(why.contains(&chain), "{why}");
    let told = to(&server, "thanhtra@example.vn").await;
    assert!(told.len() == 1 && told[0].contains(&chain), "{told:?}");
    assert!(to(&server, "lanhdao@example.vn").await.iter().all(|mail| !mail.contains(&chain)));
    // What `/metrics` shows as `motcua_jobs_dead`.
    assert_eq!(motcua::app::jobs::health(server.app()).await.unwrap().0, 1);
}
