//! The overview of an agency: every open dossier stands once in each of its tables.

use motcua::domain::procedure::ProcedureKey;

use crate::support::browser::signed_in;
use crate::support::office::Office;
use crate::support::server::TestServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_open_dossier_is_counted_once_and_what_waits_longest_is_named() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let first = office.filed(ProcedureKey::ResultConfirmation).await;
    server.move_to("2026-11-23T10:00:00+07:00");
    office.filed(ProcedureKey::ResultConfirmation).await;
    let (examined, _) = office.examined(ProcedureKey::ResultConfirmation).await;
    let officer = examined.applicant.read(&examined.view).await.expect(200);
    assert_eq!(officer["state"]["name"], "in_process");

    let mut leader = signed_in(&server, office.head()).await;
    leader.open("/desk/tong-quan").await;
    let row = |name: &str, figures: &[&str]| {
        let cells: String = figures.iter().map(|figure| format!("<td>{figure}</td>")).collect();
        format!("<tr><th scope=\"row\">{name}</th>{cells}</tr>")
    };
    leader.sees(&row("<a href=\"/desk?xem=tat-ca\">Tất cả</a>", &["3"]));
    leader.sees(&row("đến 5 ngày", &["1"]));
    leader.sees(&format!("<a href=\"/desk/ho-so/{}\">", first.view["id"].as_str().unwrap()));
    // Two that nobody has, one in an officer's hands.
    let held =
        |page: &str, count: i32| page.matches(&format!("data-label=\"Đang giữ\">{count}</td>")).count();
    let (units, officers) = leader.page.split_once("Theo người xử lý").unwrap();
    assert_eq!((held(units, 2), held(units, 1)), (1, 1), "{units}");
    assert_eq!((held(officers, 2), held(officers, 1)), (1, 1), "{officers}");
    assert!(held(officers, 0) > 0, "whose hands are free is seen too");

    // A fortnight later all three are late, the examined one by what was promised.
    server.move_to("2026-12-21T10:00:00+07:00");
    let mut leader = signed_in(&server, office.head()).await;
    leader.open("/desk/tong-quan").await;
    leader.sees("Quá hạn trả kết quả</th><td>1</td>");
    leader.sees(&row("11–30 ngày", &["1"]));
    server.close().await;
}
