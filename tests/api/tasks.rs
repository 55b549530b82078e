//! What follows a decision: a paper for the procuracy and one for each party, each with its last day, open
//! until somebody says that it was sent.

use motcua::domain::procedure::ProcedureKey;
use serde_json::Value;

use crate::printed::{file, papers, text};
use crate::support::browser::signed_in;
use crate::support::office::Office;
use crate::support::server::TestServer;

const HERE: &str = "/desk/sau-quyet-dinh";

fn of_kind<'a>(papers: &'a [Value], kind: &str) -> Vec<&'a Value> {
    papers.iter().filter(|paper| paper["kind"] == kind).collect()
}

/// The first address of a page that begins so.
fn address(page: &str, begins: &str) -> String {
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    found
        .into_iter()
        .find(|to| to.starts_with(begins))
        .unwrap_or_else(|| panic!("no {begins} in {page}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_sent_to_the_procuracy_and_to_each_party() {
    // A Thursday: the third working day is the Tuesday after.
    let server = TestServer::builder().at("2026-11-26T08:00:00+07:00").start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::EnforcementDecision;
    let (mut filed, officer) = office.examined(key).await;
    office.decide(&mut filed, &officer, &office.grant(key).await).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();

    let all = papers(&officer, &id).await;
    let (transmittals, notices) = (of_kind(&all, "procuracy_transmittal"), of_kind(&all, "party_notice"));
    assert_eq!((transmittals.len(), notices.len()), (1, 3), "creditor and two debtors");
    assert!(notices.iter().all(|paper| paper["replaced"] == false), "each stands for itself");
    assert!(of_kind(&papers(&filed.applicant, &id).await, "party_notice").is_empty(), "the office's own");
    let number = filed.view["result"]["number"].as_str().unwrap();
    let said = text(&file(&officer, transmittals[0]).await);
    for word in ["Viện kiểm sát", number, "26/11/2026", "Phạm Thị Ngọc Lan", "Luật Thi hành án dân sự"]
    {
        assert!(said.contains(word), "{word} is not in:\n{said}");
    }
    let mut said = String::new();
    for notice in &notices {
        said += &text(&file(&officer, notice).await);
    }
    for word in [
        "Công ty TNHH Thương mại Hải sản Biển Đông",
        "Phạm Thị Ngọc Lan",
        number,
        "300.000.000",
        "tự nguyện thi hành án là 10 ngày",
    ] {
        assert!(said.contains(word), "{word} is not in:\n{said}");
    }

    let mut clerk = signed_in(&server, office.person("clerk")).await;
    clerk.open(HERE).await;
    clerk.sees("Gửi quyết định cho Viện kiểm sát");
    clerk.sees("01/12/2026");
    clerk.sees("Phạm Thị Ngọc Lan");
    let task = address(&clerk.page, &format!("{HERE}/"));
    clerk.open(&task).await;
    let (on, way, note) = ("/gui/on", "/gui/way", "/gui/note");
    clerk.submit(&task, &[(on, "25/11/2026"), (way, "post"), (note, "EB123456789VN")]).await;
    assert_eq!(clerk.status, 422, "before the decision");
    clerk.sees("không được trước ngày ra quyết định");
    // Nobody can send what he cannot print; what nobody sends stays closed to him.
    let paper = address(&clerk.page, "/ho-so/");
    assert!(paper.contains("/van-ban/"), "{paper}");
    assert!(text(&clerk.file(&paper).await).contains("VIỆN KIỂM SÁT"));
    let copy = papers(&filed.applicant, &id).await;
    let copy = of_kind(&copy, "filed_copy")[0]["id"].as_str().unwrap();
    clerk.file(&format!("/ho-so/{id}/van-ban/{copy}")).await;
    assert_eq!(clerk.status, 403);
    clerk.sees("EB123456789VN");
    clerk.submit(&task, &[(on, "26/11/2026"), (way, "post"), (note, "EB123456789VN")]).await;
    clerk.sees("Đã ghi");
    clerk.open(&task).await;
    clerk.sees("đã gửi ngày 26/11/2026, qua bưu chính; EB123456789VN");
    assert!(!clerk.page.contains(&format!("action=\"{task}\"")), "said once");
    // Of another agency, nobody knows of it.
    let mut stranger = signed_in(&server, office.elsewhere("clerk")).await;
    stranger.open(&task).await;
    assert_eq!(stranger.status, 404);
    stranger.open(HERE).await;
    stranger.sees("Không còn quyết định nào phải gửi.");

    // The result is returned; what is open stays open, and is late in the figures of who leads.
    office.give_back(&mut filed).await;
    server.move_to("2026-12-02T08:00:00+07:00");
    let mut leader = signed_in(&server, office.person("leader")).await;
    leader.open("/desk/tong-quan").await;
    leader.sees("Chưa gửi quyết định, quá hạn</a></th><td>3");
    leader.open(HERE).await;
    leader.sees("quá hạn 1 ngày làm việc");
    leader.sees("Thông báo cho Phạm Thị Ngọc Lan");
    leader.open(&format!("/desk/ho-so/{id}")).await;
    leader.sees("Phải gửi sau quyết định");

    // Who sent what stands in the record.
    let record = server.client().await;
    let row = record
        .query_one("SELECT count(*) FROM audit_entries WHERE act = 'complete_task'", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_leaves_nothing_to_send_and_its_way_is_on_the_slip() {
    let server = TestServer::builder().at("2026-11-26T08:00:00+07:00").start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::ResultConfirmation;
    let (mut filed, officer) = office.examined(key).await;
    office.decide(&mut filed, &officer, &office.grant(key).await).await;
    office.give_back(&mut filed).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let mut leader = signed_in(&server, office.person("leader")).await;
    leader.open(HERE).await;
    leader.sees("Không còn quyết định nào phải gửi.");
    let slip = leader.file(&format!("/ho-so/{id}/phieu-kiem-soat")).await;
    assert_eq!(leader.status, 200);
    let said = text(&slip);
    for word in [
        "PHIẾU KIỂM SOÁT",
        "Tiếp nhận hồ sơ",
        "Trước hạn",
        "Trả kết quả",
        filed.view["code"].as_str().unwrap(),
    ] {
        assert!(said.contains(word), "{word} is not in:\n{said}");
    }
    let mut clerk = signed_in(&server, office.person("clerk")).await;
    clerk.file(&format!("/ho-so/{id}/phieu-kiem-soat")).await;
    assert_eq!(clerk.status, 403, "who sees no personal data prints none");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_against_the_head_is_passed_on_with_a_notice() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter_of_head().await;
    let filed = office.filed_about(ProcedureKey::OfficerReplacement, &matter).await;
    let id = filed.view["id"].as_str().unwrap();
    let all = papers(&filed.applicant, id).await;
    let notices = of_kind(&all, "transfer_notice");
    assert_eq!(notices.len(), 1, "{all:#?}");
    let said = text(&file(&filed.applicant, notices[0]).await);
    for word in
        ["Thi hành án dân sự Thành phố Hồ Chí Minh", "Thủ trưởng cơ quan", "Cục Quản lý Thi hành án dân sự"]
    {
        assert!(said.contains(word), "{word} is not in:\n{said}");
    }
    server.close().await;
}
