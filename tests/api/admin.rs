//! Administration through the browser: who sees it, and what each form does and leaves in the record.

use motcua::domain::procedure::ProcedureKey;

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
    // Ended at once, it is gone from the page and stands in the record; a made-up one is no choice.
    let posts = browser.page.split("name=\"/thoi-vai-tro/post\" value=\"").skip(1);
    let posts: Vec<String> = posts.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect();
    assert_eq!(posts.len(), 2, "{}", browser.page);
    let end = format!("{person}/thoi-vai-tro");
    let made_up = uuid::Uuid::from_u128(9).to_string();
    for (post, last) in
        [(made_up.as_str(), ""), (posts[1].as_str(), "01/01/2026"), (posts[1].as_str(), "01/01/2027")]
    {
        browser.submit(&end, &[("/thoi-vai-tro/post", post), ("/thoi-vai-tro/last", last)]).await;
        assert_eq!(browser.status, 422, "{post} {last}: {}", browser.page);
    }
    browser.submit(&end, &[("/thoi-vai-tro/post", &posts[1]), ("/thoi-vai-tro/last", "30/12/2026")]).await;
    browser.sees("→ 30/12/2026");
    browser.submit(&end, &[("/thoi-vai-tro/post", &posts[1]), ("/thoi-vai-tro/last", "")]).await;
    assert!(!browser.page.contains("→ 30/12/2026"), "{}", browser.page);
    was_recorded(&server, "staff.role_ended", "hcm.thu", me.id).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_calendar_shows_which_dossiers_move_and_moves_them_once_confirmed() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (filed, _) = office.examined(ProcedureKey::ResultConfirmation).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let code = filed.view["code"].as_str().unwrap().to_owned();
    let client = server.client().await;
    let dates = async || -> (chrono::NaiveDate, chrono::DateTime<chrono::Utc>) {
        let row = client
            .query_one(
                "SELECT due_on, next_due_at FROM dossiers WHERE id = $1",
                &[&id.parse::<uuid::Uuid>().unwrap()],
            )
            .await
            .unwrap();
        (row.get(0), row.get(1))
    };
    let before = dates().await;
    let say = |day: chrono::NaiveDate| day.format("%d/%m/%Y").to_string();
    // An administrator below the top sees the calendar and cannot change it.
    let mut below = signed_in(&server, office.person("admin")).await;
    below.open("/desk/quan-tri/lich").await;
    assert_eq!(below.status, 200);
    assert!(!below.page.contains("/lich/xem-truoc"));
    let form = [("_token".to_owned(), below.cookies["motcua-form"].clone())];
    for page in ["/desk/quan-tri/lich/xem-truoc", "/desk/quan-tri/lich/xac-nhan"] {
        below.send(reqwest::Method::POST, page, &form).await;
        assert_eq!(below.status, 404);
    }
    let me = office.in_agency(office.superior().await, "admin");
    let mut browser = signed_in(&server, me).await;
    browser.open("/desk/quan-tri/lich").await;
    // A Saturday cannot be given off by swap, and a source must be named.
    browser
        .submit(
            "/desk/quan-tri/lich/xem-truoc",
            &[("/doi/date", "28/11/2026"), ("/doi/kind", "swap_off"), ("/doi/name", "Nghỉ")],
        )
        .await;
    assert_eq!(browser.status, 422, "{}", browser.page);
    browser.sees("href=\"#doi-date\"");
    browser.sees("href=\"#doi-source\"");
    let due = say(before.0);
    let typed = [
        ("/doi/date", due.as_str()),
        ("/doi/kind", "holiday"),
        ("/doi/name", "Nghỉ đột xuất"),
        ("/doi/source", "Thông báo thử nghiệm 1/TB"),
    ];
    browser.submit("/desk/quan-tri/lich/xem-truoc", &typed).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    browser.sees(&code);
    browser.sees(&format!("{due} → <strong>"));
    browser.sees("2026.1 → 2026.1-1");
    assert!(!browser.page.contains("Thu Hà"), "an administrator reads no dossier");
    // Nothing has changed yet.
    server.settle().await;
    assert_eq!(dates().await, before);
    assert_eq!(acts(&server, "calendar.changed").await.len(), 0);
    let preview = browser.page.clone();
    browser.submit("/desk/quan-tri/lich/xac-nhan", &[]).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    browser.sees("Nghỉ đột xuất");
    server.settle().await;
    let after = dates().await;
    assert!(after.0 > before.0, "{before:?} {after:?}");
    assert!(preview.contains(&format!("<strong>{}</strong>", say(after.0))), "the preview said so");
    was_recorded(&server, "calendar.changed", "2026.1-1", me.id).await;
    let moved = client
        .query_one(
            "SELECT body FROM audit_entries WHERE chain = $1 AND act = 'move_due_date'",
            &[&format!("dossier:{id}")],
        )
        .await
        .unwrap();
    assert!(moved.get::<_, String>(0).contains("2026.1-1"));
    assert!(server.mails().await.iter().any(|mail| mail.contains(&say(after.0))));
    // The same confirmation again finds the year changed, and keeps what was typed.
    browser.page = preview;
    browser.submit("/desk/quan-tri/lich/xac-nhan", &[]).await;
    assert_eq!(browser.status, 422, "{}", browser.page);
    browser.sees("Lịch năm này vừa được người khác thay đổi");
    // Back to what the day was: the dates are what they were.
    browser.open("/desk/quan-tri/lich").await;
    let back = [
        ("/doi/date", due.as_str()),
        ("/doi/kind", "plain"),
        ("/doi/name", ""),
        ("/doi/source", "Đính chính"),
    ];
    browser.submit("/desk/quan-tri/lich/xem-truoc", &back).await;
    browser.sees(&code);
    browser.submit("/desk/quan-tri/lich/xac-nhan", &[]).await;
    server.settle().await;
    assert_eq!(dates().await, before);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partners_are_added_given_secrets_and_revoked_at_the_top() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let me = office.in_agency(office.superior().await, "admin");
    let mut browser = signed_in(&server, me).await;
    let here = "/desk/quan-tri/doi-tac";
    browser.open(here).await;
    browser.sees("cong-dich-vu-cong-demo");
    browser.submit(here, &[("/them/name", "Cổng thử"), ("/them/contact_email", "khong-phai-thu")]).await;
    assert_eq!(browser.status, 422);
    browser.sees("khong-phai-thu");
    browser
        .submit(
            here,
            &[
                ("/them/client_id", "cong-thu"),
                ("/them/contact_email", "thu@example.vn"),
                ("/them/scopes", "enforcement_decision:file"),
                ("/them/networks", "203.0.113.0/24"),
            ],
        )
        .await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    browser.sees("Chỉ hiện một lần");
    was_recorded(&server, "partner.added", "cong-thu", me.id).await;
    let one = format!("{here}/cong-thu");
    browser.open(&one).await;
    browser.sees("203.0.113.0/24");
    browser.submit(&format!("{one}/bi-mat"), &[("/bi-mat/overlap", "0")]).await;
    browser.sees("Chỉ hiện một lần");
    was_recorded(&server, "partner.secret_rotated", "cong-thu", me.id).await;
    browser.open(&one).await;
    browser.submit(&format!("{one}/dong"), &[]).await;
    browser.sees("Đã thu hồi lúc");
    was_recorded(&server, "partner.disabled", "cong-thu", me.id).await;
    let mut below = signed_in(&server, office.person("admin")).await;
    sees_nothing_of(&mut below, &[here, &one, "/desk/quan-tri/viec-nen"]).await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrators_see_the_rules_the_delegations_and_whether_the_record_holds() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut browser = signed_in(&server, office.person("admin")).await;
    browser.open("/desk/quan-tri/uy-quyen").await;
    browser.sees("Không có ủy quyền nào từ hôm nay.");
    browser.open("/desk/quan-tri/quy-trinh").await;
    browser.sees("chưa kiểm chứng");
    browser.open("/desk/quan-tri/quy-trinh/result_confirmation/2026-07-01").await;
    browser.sees("5 ngày làm việc");
    assert!(browser.page.len() < 80_000, "{}", browser.page.len());
    sees_nothing_of(&mut browser, &["/desk/quan-tri/quy-trinh/result_confirmation/2020-01-01"]).await;
    browser.open("/desk/quan-tri/nhat-ky").await;
    browser.sees("nguyên vẹn");
    browser.submit("/desk/quan-tri/nhat-ky", &[]).await;
    server.settle().await;
    browser.open("/desk/quan-tri/nhat-ky").await;
    browser.sees("Nguyên vẹn, kiểm tra xong lúc");
    was_recorded(&server, "audit.proof_asked", "audit", office.person("admin").id).await;
    let mut leader = signed_in(&server, office.person("leader")).await;
    let all = ["uy-quyen", "doi-tac", "lich", "quy-trinh", "viec-nen", "nhat-ky"];
    let pages: Vec<String> = all.iter().map(|page| format!("/desk/quan-tri/{page}")).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    sees_nothing_of(&mut leader, &pages).await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_was_given_up_is_tried_again() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let me = office.in_agency(office.superior().await, "admin");
    let client = server.client().await;
    let id = uuid::Uuid::from_u128(77);
    client
        .execute(
            "INSERT INTO jobs (id, kind, payload, available_at, attempts, max_attempts, last_error, created_at, dead_at) \
             VALUES ($1, 'purge', '{}', $2, 5, 5, 'refused for ai@example.vn', $2, $2)",
            &[&id, &server.now()],
        )
        .await
        .unwrap();
    let mut browser = signed_in(&server, me).await;
    browser.open("/desk/quan-tri/viec-nen").await;
    browser.sees("refused for …");
    browser.submit(&format!("/desk/quan-tri/viec-nen/{id}/thu-lai"), &[]).await;
    browser.sees("Không có việc nào bỏ cuộc.");
    was_recorded(&server, "job.retried", &id.to_string(), me.id).await;
    server.settle().await;
    let row =
        client.query_one("SELECT finished_at IS NOT NULL FROM jobs WHERE id = $1", &[&id]).await.unwrap();
    assert!(row.get::<_, bool>(0));
    client.execute("UPDATE jobs SET last_error = NULL WHERE id = $1", &[&id]).await.unwrap();
    server.close().await;
}
