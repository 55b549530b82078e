//! One act on many dossiers, as a browser without script asks for it and the server's worker does it:
//! each judged alone, paused and gone on with, nobody else's, and nothing done twice.

use std::time::Duration;

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::json;

use crate::support::browser::{Browser, signed_in};
use crate::support::office::{Filed, Office};
use crate::support::server::TestServer;

const HERE: &str = "/desk/hang-loat";
const BEGIN: &str = "/desk/hang-loat/chay";
/// Those that were filed here, and no others.
const OURS: &str = "/desk?xem=tat-ca&tim=thu+ha";

async fn file(office: &Office<'_>, number: usize) -> Vec<Filed> {
    let mut filed = Vec::new();
    for _ in 0..number {
        filed.push(office.filed(ProcedureKey::ResultConfirmation).await);
    }
    filed
}

fn id(filed: &Filed) -> &str {
    filed.view["id"].as_str().unwrap()
}

/// Ticks every row of the list and looks ahead.
async fn choose(browser: &mut Browser<'_>, list: &str, act: &str) {
    browser.open(list).await;
    let rows: Vec<String> = browser.page.split("name=\"chon\" value=\"").skip(1).map(value).collect();
    let mut form = browser.form(HERE);
    form.push(("viec".to_owned(), act.to_owned()));
    form.extend(rows.into_iter().map(|row| ("chon".to_owned(), row)));
    browser.send(Method::POST, HERE, &form).await;
}

fn value(rest: &str) -> String {
    rest.split('"').next().unwrap().to_owned()
}

/// Reads the run's page until it says so.
async fn until(browser: &mut Browser<'_>, words: &str) {
    let at = browser.at.clone();
    for _ in 0..2400 {
        browser.open(&at).await;
        if browser.page.contains(words) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    browser.sees(words);
}

async fn state(filed: &Filed) -> String {
    filed.applicant.read(&filed.view).await.expect(200)["state"]["name"].as_str().unwrap().to_owned()
}

async fn received(server: &TestServer) -> i64 {
    let client = server.client().await;
    let count = "SELECT count(*) FROM dossier_events WHERE kind = 'dossier.received' AND dossier_id IN (SELECT dossier_id FROM bulk_items)";
    client.query_one(count, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_are_received_in_one_run_but_the_one_somebody_else_took() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = file(&office, 10).await;
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    choose(&mut counter, OURS, "receive").await;
    counter.sees("Sẽ làm: <strong>10</strong> · Không làm được: <strong>0</strong>");
    counter.sees("Thời hạn giải quyết bắt đầu tính.");
    assert_eq!(state(&filed[0]).await, "submitted", "a preview does nothing");
    // Somebody else is faster with one of them.
    office.counter().await.act(&filed[4].view, "receipt", &json!({})).await.expect(200);
    counter.submit(BEGIN, &[]).await;
    assert_eq!(counter.status, 200, "{}", counter.page);
    until(&mut counter, "Đã xong: 10/10").await;
    counter.sees("đã làm 9 · không làm được 1");
    counter.sees("Hồ sơ đã được người khác thay đổi");
    assert!(!counter.page.contains("data-poll"));
    for each in &filed {
        assert_eq!(state(each).await, "in_process");
    }
    assert_eq!(received(&server).await, 10);
    // The list of runs, and nobody else's: not to be read, paused or gone on with.
    let run = counter.at.clone();
    counter.open(HERE).await;
    counter.sees(&run);
    let mut leader = signed_in(&server, office.person("leader")).await;
    leader.open(&run).await;
    assert_eq!(leader.status, 404);
    leader.open(HERE).await;
    leader.sees("chưa làm hàng loạt lần nào");
    let token = leader.cookies["motcua-form"].clone();
    for act in ["tam-dung", "lam-tiep"] {
        leader.send(Method::POST, &format!("{run}/{act}"), &[("_token".to_owned(), token.clone())]).await;
        assert_eq!(leader.status, 404);
    }
    // All that fit the filters, with a note; the step has one way out.
    counter.open(OURS).await;
    let mut form = counter.form(HERE);
    form.extend([("viec", "complete_step"), ("tat-ca", "1")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    counter.send(Method::POST, HERE, &form).await;
    counter.sees("Sẽ làm: <strong>10</strong>");
    counter.submit(BEGIN, &[("/complete_step/note", "Chuyển cùng một lượt")]).await;
    until(&mut counter, "Đã xong: 10/10").await;
    counter.sees("đã làm 10 · không làm được 0");
    let told = office.leader().await.get(&format!("/api/v1/dossiers/{}/events", id(&filed[7]))).await;
    assert!(told.expect(200).to_string().contains("Chuyển cùng một lượt"));
    // Done already: all are told why not, and nothing can be begun.
    let moved = counter.at.clone();
    choose(&mut counter, OURS, "complete_step").await;
    counter.sees("Sẽ làm: <strong>0</strong> · Không làm được: <strong>10</strong>");
    assert!(!counter.page.contains(BEGIN));
    // Undone from the page of the run, but for the one a leader has looked into since.
    let noted = office.leader().await.read(&filed[2].view).await.expect(200);
    office.leader().await.act(&noted, "notes", &json!({ "text": "Đã xem" })).await.expect(200);
    counter.open(&moved).await;
    counter.sees("Hoàn tác (10)");
    counter.submit(HERE, &[]).await;
    counter.sees("Sẽ làm: <strong>9</strong> · Không làm được: <strong>1</strong>");
    counter.submit(BEGIN, &[]).await;
    until(&mut counter, "Đã xong: 9/9").await;
    counter.sees("đã làm 9 · không làm được 0");
    let back = filed[7].applicant.read(&filed[7].view).await.expect(200);
    assert_eq!(back["state"]["step"]["key"], "forward");
    // The run that undid can itself not be undone.
    assert!(!counter.page.contains("Hoàn tác ("));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_paused_does_nothing_and_goes_on_when_told() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = file(&office, 6).await;
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    choose(&mut counter, OURS, "receive").await;
    // The run comes to a dossier that somebody holds, and is paused there.
    let third = counter.page.split("name=\"chon\" value=\"").nth(3).unwrap().split(':').next().unwrap();
    let third: uuid::Uuid = third.parse().unwrap();
    let mut holder = server.client().await;
    let held = holder.transaction().await.unwrap();
    held.execute("SELECT 1 FROM dossiers WHERE id = $1 FOR NO KEY UPDATE", &[&third]).await.unwrap();
    counter.submit(BEGIN, &[]).await;
    until(&mut counter, "Đang làm: 2/6").await;
    counter.sees("data-poll");
    let run = counter.at.clone();
    counter.submit(&format!("{run}/tam-dung"), &[]).await;
    counter.sees("Đang tạm dừng");
    held.commit().await.unwrap();
    // What was under way is finished; nothing else is begun.
    until(&mut counter, "Đang tạm dừng: 3/6").await;
    server.settle().await;
    counter.open(&run).await;
    counter.sees("Đang tạm dừng: 3/6");
    assert_eq!(received(&server).await, 3);
    counter.submit(&format!("{run}/lam-tiep"), &[]).await;
    until(&mut counter, "Đã xong: 6/6").await;
    counter.sees("đã làm 6 · không làm được 0");
    for each in &filed {
        assert_eq!(state(each).await, "in_process");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_twice_when_the_job_runs_three_times_at_once() {
    // Each of the three holds a connection of the background while it waits; papers are made beside them.
    let server = TestServer::builder().with("MOTCUA_DB_POOL_SIZE", "24").start().await;
    let office = Office::open(&server).await;
    file(&office, 12).await;
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    choose(&mut counter, OURS, "receive").await;
    let first = counter.page.split("name=\"chon\" value=\"").nth(1).unwrap().split(':').next().unwrap();
    let first: uuid::Uuid = first.parse().unwrap();
    let mut holder = server.client().await;
    let held = holder.transaction().await.unwrap();
    held.execute("SELECT 1 FROM dossiers WHERE id = $1 FOR NO KEY UPDATE", &[&first]).await.unwrap();
    let form = counter.form(BEGIN);
    counter.send(Method::POST, BEGIN, &form).await;
    let run = counter.at.clone();
    // The same page sent once more begins nothing new.
    counter.send(Method::POST, BEGIN, &form).await;
    assert_eq!(counter.at, run);
    let client = server.client().await;
    let again = "INSERT INTO jobs (id, kind, payload, priority, available_at, max_attempts, created_at) \
         SELECT gen_random_uuid(), kind, payload, priority, available_at, max_attempts, created_at FROM jobs, generate_series(1, 2) WHERE kind = 'bulk_run'";
    assert_eq!(client.execute(again, &[]).await.unwrap(), 2);
    // All three have begun before the first dossier can be had.
    let begun = "SELECT count(*) FROM jobs WHERE kind = 'bulk_run' AND attempts > 0";
    while client.query_one(begun, &[]).await.unwrap().get::<_, i64>(0) < 3 {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    held.commit().await.unwrap();
    until(&mut counter, "Đã xong: 12/12").await;
    counter.sees("đã làm 12 · không làm được 0");
    server.settle().await;
    assert_eq!(received(&server).await, 12);
    let jobs = "SELECT count(*) FROM jobs WHERE kind = 'bulk_run' AND finished_at IS NOT NULL";
    assert_eq!(client.query_one(jobs, &[]).await.unwrap().get::<_, i64>(0), 3);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_are_those_of_the_moment_and_what_is_hidden_stays_hidden() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = file(&office, 4).await;
    let person = office.person("one_window_officer");
    let mut counter = signed_in(&server, person).await;
    // No role of a clerk receives; a counter signs nothing, whatever the form says.
    let mut clerk = signed_in(&server, office.person("clerk")).await;
    choose(&mut clerk, "/desk?xem=tat-ca", "receive").await;
    assert_eq!(clerk.status, 403);
    choose(&mut counter, OURS, "sign").await;
    assert_eq!(counter.status, 403);
    // Nothing ticked; a note without words comes back; a dossier out of sight is none.
    counter.open(OURS).await;
    let offered = counter.page.split("id=\"viec\"").nth(1).unwrap().split("</select>").next().unwrap();
    assert!(offered.contains("value=\"receive\"") && !offered.contains("value=\"sign\""), "{offered}");
    counter.submit(HERE, &[("viec", "add_note")]).await;
    counter.sees("Chưa chọn hồ sơ nào");
    choose(&mut counter, OURS, "add_note").await;
    counter.submit(BEGIN, &[("/add_note/text", "  ")]).await;
    assert_eq!(counter.status, 422);
    counter.sees("Mục này bắt buộc phải khai");
    let mut stranger = signed_in(&server, office.elsewhere("one_window_officer")).await;
    stranger.open("/desk?xem=tat-ca").await;
    let token = stranger.cookies["motcua-form"].clone();
    let row = format!("{}:{}", id(&filed[0]), filed[0].view["version"]);
    let form = [("_token", token), ("viec", "receive".to_owned()), ("chon", row)];
    let form = form.map(|(name, value)| (name.to_owned(), value));
    for to in [HERE, BEGIN] {
        let mut form = form.to_vec();
        form.push(("_key".to_owned(), uuid::Uuid::now_v7().to_string()));
        stranger.send(Method::POST, to, &form).await;
        assert_eq!(stranger.status, 404, "{to}");
    }
    // Whoever began it loses the post in the middle: the rest is refused, each with the reason.
    choose(&mut counter, OURS, "receive").await;
    let second = counter.page.split("name=\"chon\" value=\"").nth(2).unwrap().split(':').next().unwrap();
    let second: uuid::Uuid = second.parse().unwrap();
    let mut holder = server.client().await;
    let held = holder.transaction().await.unwrap();
    held.execute("SELECT 1 FROM dossiers WHERE id = $1 FOR NO KEY UPDATE", &[&second]).await.unwrap();
    counter.submit(BEGIN, &[]).await;
    until(&mut counter, "Đang làm: 1/4").await;
    let client = server.client().await;
    client
        .execute("UPDATE accounts SET disabled_at = $2 WHERE id = $1", &[&person.id, &server.now()])
        .await
        .unwrap();
    held.commit().await.unwrap();
    server.settle().await;
    client.execute("UPDATE accounts SET disabled_at = NULL WHERE id = $1", &[&person.id]).await.unwrap();
    until(&mut counter, "Đã xong: 4/4").await;
    counter.sees("đã làm 2 · không làm được 2");
    counter.sees("Tài khoản đã bắt đầu việc này không còn hoạt động.");
    assert_eq!(received(&server).await, 2);
    server.close().await;
}
