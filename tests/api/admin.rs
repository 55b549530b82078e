//! Administration through the browser: who sees it, and what each form does and leaves in the record.

use crate::support::browser::{Browser, signed_in};
use crate::support::office::Office;
use crate::support::server::TestServer;

/// Acts recorded in a chain of administration, newest first.
async fn acts(server: &TestServer, act: &str) -> Vec<(String, String)> {
    let rows = server
        .client()
        .await
        .query(
            "SELECT subject, actor FROM audit_entries WHERE act = $1 AND chain LIKE 'administration:%' ORDER BY at DESC",
            &[&act],
        )
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// One entry of that act is about `subject` and names who did it.
async fn was_recorded(server: &TestServer, act: &str, subject: &str, by: uuid::Uuid) {
    let by = by.to_string();
    let acts = acts(server, act).await;
    assert!(acts.iter().any(|(about, actor)| about == subject && actor.contains(&by)), "{act}: {acts:?}");
}

async fn sees_nothing_of(browser: &mut Browser<'_>, pages: &[&str]) {
    for page in pages {
        browser.open(page).await;
        assert_eq!(browser.status, 404, "{page}: {}", browser.page);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absence_is_arranged_and_ended_at_the_desk() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let officers = office.all("processing_officer");
    let (away, deputy) = (officers[0], officers[1]);
    let mut browser = signed_in(&server, away).await;
    browser.open("/desk/nghi-phep").await;
    browser.sees("Không có ai vắng mặt từ hôm nay.");
    let deputy_id = deputy.id.to_string();
    // What is wrong is said at its field, and what was typed is kept.
    browser
        .submit(
            "/desk/nghi-phep",
            &[
                ("/vang/from", "32/11/2026"),
                ("/vang/until", ""),
                ("/vang/deputy", &deputy_id),
                ("/vang/reason", "Nghỉ phép năm"),
            ],
        )
        .await;
    assert_eq!(browser.status, 422);
    browser.sees("32/11/2026");
    browser.sees("Nghỉ phép năm");
    browser.sees("href=\"#vang-from\"");
    browser.sees("href=\"#vang-until\"");
    let typed = [
        ("/vang/from", "23/11/2026"),
        ("/vang/until", "25/11/2026"),
        ("/vang/deputy", deputy_id.as_str()),
        ("/vang/reason", "Nghỉ phép năm"),
    ];
    let twice = browser.page.clone();
    browser.submit("/desk/nghi-phep", &typed).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    browser.sees("đang vắng");
    browser.sees("23/11/2026 – 25/11/2026");
    was_recorded(&server, "absence.arranged", &away.id.to_string(), away.id).await;
    // The same page sent twice arranges one absence.
    browser.page = twice;
    browser.submit("/desk/nghi-phep", &typed).await;
    assert_eq!(browser.page.matches("/ket-thuc\"").count(), 1, "{}", browser.page);
    // A colleague sees nothing of it; the deputy sees it and cannot end it; a leader can.
    let mut clerk = signed_in(&server, office.person("clerk")).await;
    clerk.open("/desk/nghi-phep").await;
    clerk.sees("Không có ai vắng mặt từ hôm nay.");
    let mut second = signed_in(&server, deputy).await;
    second.open("/desk/nghi-phep").await;
    second.sees("23/11/2026 – 25/11/2026");
    assert!(!second.page.contains("/ket-thuc\""));
    let mut leader = signed_in(&server, office.head()).await;
    leader.open("/desk/nghi-phep").await;
    let end = leader.page.split("action=\"").find(|part| part.contains("/ket-thuc\"")).unwrap();
    let end = end.split('"').next().unwrap().to_owned();
    leader.submit(&end, &[]).await;
    leader.sees("Không có ai vắng mặt từ hôm nay.");
    was_recorded(&server, "absence.ended", &away.id.to_string(), office.head().id).await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_keeps_the_staff_of_the_agency_and_of_no_other() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let me = office.person("admin");
    let mut browser = signed_in(&server, me).await;
    browser.open("/desk/quan-tri").await;
    assert_eq!((browser.status, browser.at.as_str()), (200, "/desk/quan-tri/nhan-vien"));
    browser.sees("hcm.chv1");
    assert!(!browser.page.contains("dn.chv1"), "{}", browser.page);
    // Nothing chosen: every mistake at its field, nothing lost.
    let name = "Nguyễn Thị Thử";
    browser.submit("/desk/quan-tri/nhan-vien", &[("/them/name", name), ("/them/user_name", "hcm.thu")]).await;
    assert_eq!(browser.status, 422);
    browser.sees(name);
    browser.sees("href=\"#them-unit\"");
    let unit = office.person("clerk").unit.to_string();
    let post = [("/them/unit", unit.as_str()), ("/them/role", "clerk")];
    browser.submit("/desk/quan-tri/nhan-vien", &post).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    browser.sees("Chỉ hiện một lần");
    browser.sees("<svg");
    was_recorded(&server, "staff.role_given", "hcm.thu", me.id).await;
    // A unit of another agency is no choice.
    let elsewhere = office.elsewhere("clerk");
    browser.open("/desk/quan-tri/nhan-vien").await;
    let unit = elsewhere.unit.to_string();
    browser
        .submit(
            "/desk/quan-tri/nhan-vien",
            &[
                ("/them/name", name),
                ("/them/user_name", "hcm.thu2"),
                ("/them/unit", &unit),
                ("/them/role", "clerk"),
            ],
        )
        .await;
    assert_eq!(browser.status, 422, "{}", browser.page);
    let person = "/desk/quan-tri/nhan-vien/hcm.thu";
    browser.open(person).await;
    let unit = office.person("processing_officer").unit.to_string();
    browser
        .submit(
            &format!("{person}/vai-tro"),
            &[
                ("/vai-tro/unit", &unit),
                ("/vai-tro/role", "processing_officer"),
                ("/vai-tro/post_until", "31/12/2026"),
            ],
        )
        .await;
    browser.sees("→ 31/12/2026");
    browser.submit(&format!("{person}/khoa-totp"), &[]).await;
    browser.sees("Khóa mã OTP");
    was_recorded(&server, "staff.totp_reset", "hcm.thu", me.id).await;
    browser.open(person).await;
    browser.submit(&format!("{person}/mat-khau"), &[]).await;
    browser.sees("Mật khẩu");
    was_recorded(&server, "staff.password_reset", "hcm.thu", me.id).await;
    browser.open(person).await;
    browser.submit(&format!("{person}/dong"), &[]).await;
    browser.sees("Đã đóng lúc");
    was_recorded(&server, "staff.disabled", "hcm.thu", me.id).await;
    // Nobody changes himself, or somebody elsewhere; a form that is not there is refused all the same.
    browser.open("/desk/quan-tri/nhan-vien/hcm.quantri").await;
    browser.sees("Không sửa được ở đây");
    let token = browser.cookies["motcua-form"].clone();
    let form = [("_token".to_owned(), token)];
    for (login, status) in [("hcm.quantri", 403), (elsewhere.login.as_str(), 404)] {
        let page = format!("/desk/quan-tri/nhan-vien/{login}/dong");
        browser.send(reqwest::Method::POST, &page, &form).await;
        assert_eq!(browser.status, status, "{login}: {}", browser.page);
    }
    sees_nothing_of(&mut browser, &[&format!("/desk/quan-tri/nhan-vien/{}", elsewhere.login)]).await;
    let mut leader = signed_in(&server, office.person("leader")).await;
    sees_nothing_of(
        &mut leader,
        &["/desk/quan-tri", "/desk/quan-tri/nhan-vien", "/desk/quan-tri/nhan-vien/hcm.chv1"],
    )
    .await;
    assert!(!leader.page.contains("href=\"/desk/quan-tri\""));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_is_added_to_the_agency() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let me = office.person("admin");
    let mut browser = signed_in(&server, me).await;
    browser.open("/desk/quan-tri/don-vi").await;
    browser.sees("Bộ phận Một cửa");
    browser.submit("/desk/quan-tri/don-vi", &[("/them/name", " ")]).await;
    assert_eq!(browser.status, 422);
    browser.submit("/desk/quan-tri/don-vi", &[("/them/name", "Phòng khu vực 15")]).await;
    assert_eq!(browser.status, 200);
    browser.sees("Phòng khu vực 15");
    assert_eq!(acts(&server, "unit.added").await.len(), 1);
    let mut leader = signed_in(&server, office.person("leader")).await;
    sees_nothing_of(&mut leader, &["/desk/quan-tri/don-vi"]).await;
    server.close().await;
}
