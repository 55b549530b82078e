//! Registers and lists to take away: written in the background, read by programs that are not ours, shown
//! to nobody who does not see the dossiers themselves.

use std::process::Command;

use motcua::domain::procedure::ProcedureKey;
use serde_json::{Value, json};

use crate::printed::text;
use crate::support::browser::{Browser, signed_in};
use crate::support::office::Office;
use crate::support::one_agency::eventually;
use crate::support::python::python;
use crate::support::server::TestServer;

const HERE: &str = "/desk/ket-xuat";

/// Rows of a workbook as openpyxl reads them: the value, or the type's name and the value.
const READ: &str = r#"
import sys, json, datetime, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
sheet = book.active
def told(cell):
    value = cell.value
    if isinstance(value, datetime.datetime):
        return {"moment": value.strftime("%d/%m/%Y %H:%M"), "as": cell.number_format}
    return value
print(json.dumps([[told(cell) for cell in row] for row in sheet.iter_rows()]))
"#;

fn workbook(bytes: &[u8]) -> Vec<Vec<Value>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.xlsx");
    std::fs::write(&file, bytes).unwrap();
    let read = Command::new(python()).args(["-c", READ]).arg(&file).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).unwrap()
}

/// The pages of a file with their sizes, as poppler reads them.
fn pages(bytes: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.pdf");
    std::fs::write(&file, bytes).unwrap();
    let read = Command::new("pdfinfo").args(["-l", "-1"]).arg(&file).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let about = String::from_utf8(read.stdout).unwrap();
    about.lines().filter(|line| line.contains(" pts")).map(str::to_owned).collect()
}

/// Waits for the list whose page this is, and fetches it.
async fn fetched(server: &TestServer, browser: &mut Browser<'_>) -> Vec<u8> {
    server.settle().await;
    let at = browser.at.clone();
    browser.open(&at).await;
    browser.sees("Đã xong");
    let file = browser.file(&format!("{at}/tep")).await;
    assert_eq!(browser.status, 200);
    file
}

async fn asks(browser: &mut Browser<'_>, list: &str, format: &str) {
    browser.open(HERE).await;
    browser.submit(HERE, &[("/so/list", list), ("/so/format", format)]).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    assert!(browser.at.starts_with(&format!("{HERE}/")), "{}", browser.at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_is_read_by_another_program_as_it_was_written() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut first, officer) = office.examined(ProcedureKey::ResultConfirmation).await;
    office.decide(&mut first, &officer, &office.grant(ProcedureKey::ResultConfirmation).await).await;
    office.give_back(&mut first).await;
    let (second, _) = office.examined(ProcedureKey::EnforcementDecision).await;
    // Filed and not received: it stands in no register yet.
    office.filed(ProcedureKey::ResultConfirmation).await;
    let code = |view: &Value| view["code"].as_str().unwrap().to_owned();

    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    asks(&mut counter, "register", "xlsx").await;
    let file = fetched(&server, &mut counter).await;
    let rows = workbook(&file);
    let head = rows.iter().position(|row| row[0] == "STT").expect("the names of the columns");
    assert_eq!(rows[0][0], "Sổ theo dõi hồ sơ");
    assert!(rows[1][0].as_str().unwrap().starts_with("Thi hành án dân sự"), "{:?}", rows[1][0]);
    assert_eq!(rows[head].len(), 15, "columns of the form");
    assert_eq!((&rows[head + 1][0], &rows[head + 1][14]), (&json!("(1)"), &json!("(15)")));
    let data = &rows[head + 2..];
    let codes: Vec<&Value> = data.iter().map(|row| &row[1]).collect();
    assert_eq!(codes, [&json!(code(&first.view)), &json!(code(&second.view))], "in the order of receipt");
    let row = &data[0];
    assert_eq!(row[0], 1, "the serial is a number");
    assert_eq!(row[4], "Lê Văn Thành", "who asks, not who is written to");
    assert!(
        row[5].as_str().unwrap().contains("56 Trần Phú") && row[5].as_str().unwrap().ends_with("0908765432"),
        "where she is reached: {}",
        row[5]
    );
    for (at, what) in [(7, "received"), (8, "due"), (9, "handed over"), (10, "result"), (11, "returned")] {
        assert_eq!(row[at]["as"], "hh:mm dd/mm/yyyy", "{what} is a moment: {:?}", row[at]);
    }
    assert_eq!(row[14], "Đã trả kết quả");
    assert_eq!(data[1][11], Value::Null, "not returned yet");

    // The same as CSV, and as the form has it.
    asks(&mut counter, "register", "csv").await;
    let table = String::from_utf8(fetched(&server, &mut counter).await).unwrap();
    let mut lines = table.strip_prefix('\u{feff}').expect("a mark for Excel").split("\r\n");
    assert_eq!(lines.next().unwrap().split(',').count(), 15 + 3, "three names have a comma");
    let line = lines.next().unwrap();
    assert!(line.starts_with(&format!("1,{},", code(&first.view))), "{line}");
    assert!(line.contains(row[7]["moment"].as_str().unwrap()), "{line}");
    asks(&mut counter, "register", "pdf").await;
    let printed = fetched(&server, &mut counter).await;
    let text = text(&printed);
    for word in ["SỔ THEO DÕI HỒ SƠ", "Bản in này có 2 hồ sơ", "Lê Văn Thành"] {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }

    // A period has what was open in it, against its due date.
    asks(&mut counter, "period", "xlsx").await;
    let rows = workbook(&fetched(&server, &mut counter).await);
    let head = rows.iter().position(|row| row[0] == "STT").unwrap();
    let data = &rows[head + 1..];
    assert_eq!(data.len(), 2);
    assert_eq!((&data[0][11], &data[0][12]), (&json!("Trước hạn"), &Value::Null));
    assert_eq!(data[1][11], "Đang giải quyết, trong hạn");
    assert!(data[1][12].as_i64().unwrap() > 0, "working days are a number");

    // What was asked and fetched stands in the record.
    let client = server.client().await;
    let told = client
        .query_one("SELECT count(*) FILTER (WHERE act = 'export.asked'), count(*) FILTER (WHERE act = 'export.fetched') FROM audit_entries", &[])
        .await
        .unwrap();
    assert_eq!((told.get::<_, i64>(0), told.get::<_, i64>(1)), (4, 4));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_its_askers_alone_and_shows_no_more_than_the_queue() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let walled = office.filed(ProcedureKey::OfficerReplacement).await;
    let plain = office.filed(ProcedureKey::ResultConfirmation).await;
    let matter = office.matter().await;
    let reference =
        |filed: &crate::support::office::Filed| filed.view["reference"].as_str().unwrap().to_owned();

    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    counter.open("/desk?xem=tat-ca&thu-tuc=result_confirmation").await;
    counter.submit("/desk/ket-xuat/danh-sach", &[("dang", "xlsx")]).await;
    let (mine, file) = (counter.at.clone(), fetched(&server, &mut counter).await);
    let said = format!("{:?}", workbook(&file));
    assert!(said.contains(&reference(&plain)), "{said}");
    assert!(!said.contains(&reference(&walled)), "the filter holds");

    // The officer a change is asked of: his lists hide it, and so does what he takes away.
    let received = office.counter().await.act(&walled.view, "receipt", &json!({})).await.expect(200);
    let code = received["code"].as_str().unwrap();
    asks(&mut counter, "register", "xlsx").await;
    let said = format!("{:?}", workbook(&fetched(&server, &mut counter).await));
    assert!(said.contains(code), "{said}");
    let mut challenged = signed_in(&server, office.by_id(matter.officer)).await;
    asks(&mut challenged, "register", "xlsx").await;
    let said = format!("{:?}", workbook(&fetched(&server, &mut challenged).await));
    assert!(!said.contains(code), "{said}");
    challenged.open(&mine).await;
    assert_eq!(challenged.status, 404, "another's list is hidden");
    challenged.file(&format!("{mine}/tep")).await;
    assert_eq!(challenged.status, 404);

    // Another agency is no choice; a period that is none comes back with what was typed.
    counter.open(HERE).await;
    counter
        .submit(
            HERE,
            &[
                ("/so/list", "register"),
                ("/so/format", "xlsx"),
                ("/so/since", "31/12/2026"),
                ("/so/until", "01/12/2026"),
            ],
        )
        .await;
    assert_eq!(counter.status, 422);
    counter.sees("31/12/2026");
    counter.open(HERE).await;
    counter.submit(HERE, &[("/so/list", "period"), ("/so/format", "pdf")]).await;
    assert_eq!(counter.status, 422, "a period is no form to print");

    // Its time over, it is gone with its file.
    let client = server.client().await;
    server.move_to(&(server.now() + chrono::TimeDelta::days(8)).to_rfc3339());
    client
        .execute(
            "INSERT INTO jobs (id, kind, payload, available_at, priority, max_attempts, created_at) \
             VALUES (gen_random_uuid(), 'purge', '{}', $1, 5, 5, $1)",
            &[&server.now()],
        )
        .await
        .unwrap();
    eventually(async || {
        let row = client.query_one("SELECT count(*) FROM exports", &[]).await.unwrap();
        (row.get::<_, i64>(0) == 0).then_some(())
    })
    .await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_papers_of_a_day_are_one_file_and_a_cancelled_list_leaves_none() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let counter = office.counter().await;
    for key in [ProcedureKey::ResultConfirmation, ProcedureKey::EnforcementDecision] {
        let filed = office.filed(key).await;
        counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
    }
    let mut clerk = signed_in(&server, office.person("one_window_officer")).await;
    clerk.open(HERE).await;
    clerk.submit("/desk/ket-xuat/giay-to", &[("/giay/kind", "receipt")]).await;
    let file = fetched(&server, &mut clerk).await;
    let sizes = pages(&file);
    assert_eq!(sizes.len(), 2, "{sizes:?}");
    // A5, as each receipt is.
    assert!(sizes.iter().all(|size| size.contains("419.5") && size.contains("595.2")), "{sizes:?}");
    let text = text(&file);
    assert_eq!(text.matches("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ").count(), 2, "{text}");
    // A day without papers says so.
    clerk.open(HERE).await;
    clerk.submit("/desk/ket-xuat/giay-to", &[("/giay/day", "01/01/2026"), ("/giay/kind", "")]).await;
    server.settle().await;
    let at = clerk.at.clone();
    clerk.open(&at).await;
    clerk.sees("Không có giấy tờ nào được lập trong những ngày này.");

    // The writing waits for the table; it is cancelled meanwhile and comes to nothing.
    let mut client = server.client().await;
    let held = client.transaction().await.unwrap();
    held.execute("LOCK TABLE dossiers IN ACCESS EXCLUSIVE MODE", &[]).await.unwrap();
    asks(&mut clerk, "register", "xlsx").await;
    let at = clerk.at.clone();
    clerk.submit(&format!("{at}/huy"), &[]).await;
    clerk.sees("Đã hủy");
    held.commit().await.unwrap();
    server.settle().await;
    clerk.open(&at).await;
    clerk.sees("Đã hủy");
    clerk.file(&format!("{at}/tep")).await;
    assert_eq!(clerk.status, 404);
    // Three at once, no more.
    let held = client.transaction().await.unwrap();
    held.execute("LOCK TABLE dossiers IN ACCESS EXCLUSIVE MODE", &[]).await.unwrap();
    for _ in 0..3 {
        asks(&mut clerk, "register", "csv").await;
    }
    clerk.open(HERE).await;
    clerk.submit(HERE, &[("/so/list", "register"), ("/so/format", "csv")]).await;
    assert_eq!(clerk.status, 429);
    held.commit().await.unwrap();
    server.close().await;
}
