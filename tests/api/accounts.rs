//! Accounts, sessions, partner tokens, absences: who gets in, and who does not learn anything.

use base64::Engine as _;
use motcua::app::seed::{PARTNER_SECRET, PASSWORD, TOTP_SECRET};
use motcua::app::{Ctx, contracts, sessions, signing};
use reqwest::Method;
use serde_json::json;

use super::support::client::{Answer, Client};
use super::support::office::Office;
use super::support::server::TestServer;

const NEW: &str = "cam-quýt-bưởi";

async fn citizen(server: &TestServer, email: &str, password: &str) -> Answer {
    server.anonymous().post("/api/v1/sessions", &json!({ "email": email, "password": password })).await
}

async fn staff(server: &TestServer, user_name: &str) -> Answer {
    let code = sessions::code_at(&TOTP_SECRET.into(), server.now()).unwrap();
    server
        .anonymous()
        .post(
            "/api/v1/staff-sessions",
            &json!({ "user_name": user_name, "password": PASSWORD, "code": code }),
        )
        .await
}

fn signed_in(server: &TestServer, session: &serde_json::Value) -> Client {
    server.anonymous().bearer(session["token"].as_str().unwrap())
}

/// The secret of the last link mailed to an address.
pub async fn link(server: &TestServer, to: &str) -> String {
    let mails = server.mails().await;
    let mail = mails.into_iter().rfind(|mail| mail.contains(&format!("To: {to}"))).unwrap();
    // Base64 or quoted-printable, as the mailer chose.
    let (_, body) = mail.split_once("\r\n\r\n").unwrap();
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(body.split_whitespace().collect::<String>())
        .map(|bytes| String::from_utf8(bytes).unwrap());
    let text = decoded.unwrap_or_else(|_| body.replace("=\r\n", ""));
    text.split_once('#').unwrap().1.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_registers_and_gets_in_once_the_address_is_proven() {
    let server = TestServer::start().await;
    let register = |email: &'static str, password: &'static str| {
        let client = server.anonymous();
        async move {
            client
                .post(
                    "/api/v1/accounts",
                    &json!({ "email": email, "name": "Người Mới", "password": password }),
                )
                .await
        }
    };
    let wrong = register("not an address", "ngắn").await.problem(422, "fields_invalid");
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 2);
    register("moi@example.vn", NEW).await.expect(202);
    // The same answer for an address that has an account; only its mailbox learns more.
    register("thuha@example.vn", NEW).await.expect(202);
    citizen(&server, "thuha@example.vn", PASSWORD).await.expect(201);
    citizen(&server, "moi@example.vn", NEW).await.problem(403, "mail_not_verified");
    let token = link(&server, "moi@example.vn").await;
    let verify = json!({ "token": token });
    server.anonymous().post("/api/v1/accounts/verification", &verify).await.expect(204);
    server.anonymous().post("/api/v1/accounts/verification", &verify).await.problem(422, "link_expired");
    let session = citizen(&server, "MOI@example.vn", NEW).await.expect(201);
    let client = signed_in(&server, &session);
    assert_eq!(client.get("/api/v1/session").await.expect(200)["kind"], "citizen");
    client.send(Method::DELETE, "/api/v1/session", None, Vec::new(), &[]).await.expect(204);
    client.get("/api/v1/session").await.problem(401, "token_invalid");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_is_locked_like_a_known_one() {
    let server = TestServer::start().await;
    for email in ["nobody@example.vn", "thanhle@example.vn"] {
        for _ in 0..5 {
            citizen(&server, email, "not the password").await.problem(401, "sign_in_failed");
        }
        let locked = citizen(&server, email, PASSWORD).await;
        assert!(locked.header("retry-after").is_some());
        locked.problem(429, "too_many_requests");
    }
    let later = server.now() + chrono::TimeDelta::seconds(61);
    server.move_to(&later.to_rfc3339());
    citizen(&server, "thanhle@example.vn", PASSWORD).await.expect(201);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once_and_sessions_end() {
    let server = TestServer::start().await;
    let session = staff(&server, "hcm.truong").await.expect(201);
    assert_eq!(session["account"]["roles"][0]["head"], true);
    staff(&server, "hcm.truong").await.problem(401, "sign_in_failed");
    // Staff have no door without a code.
    citizen(&server, "hcm.truong", PASSWORD).await.problem(401, "sign_in_failed");
    let later = server.now() + chrono::TimeDelta::hours(12) + chrono::TimeDelta::seconds(1);
    server.move_to(&later.to_rfc3339());
    signed_in(&server, &session).get("/api/v1/session").await.problem(401, "token_invalid");
    staff(&server, "hcm.truong").await.expect(201);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    let server = TestServer::start().await;
    let old = signed_in(&server, &citizen(&server, "thanhle@example.vn", PASSWORD).await.expect(201));
    let reset = |email: &'static str| {
        let client = server.anonymous();
        async move {
            client.post("/api/v1/accounts/password-resets", &json!({ "email": email })).await.expect(202)
        }
    };
    reset("nobody@example.vn").await;
    reset("thanhle@example.vn").await;
    assert_eq!(server.mails().await.len(), 1);
    let token = link(&server, "thanhle@example.vn").await;
    let set = |password: &'static str| json!({ "token": token, "password": password });
    server
        .anonymous()
        .post("/api/v1/accounts/password", &set("Password2026"))
        .await
        .problem(422, "fields_invalid");
    server.anonymous().post("/api/v1/accounts/password", &set(NEW)).await.expect(204);
    server.anonymous().post("/api/v1/accounts/password", &set(NEW)).await.problem(422, "link_expired");
    old.get("/api/v1/session").await.problem(401, "token_invalid");
    let one = signed_in(&server, &citizen(&server, "thanhle@example.vn", NEW).await.expect(201));
    let other = signed_in(&server, &citizen(&server, "thanhle@example.vn", NEW).await.expect(201));
    let change = |current: &'static str| json!({ "current": current, "new": "ổi-chôm-chôm-1" });
    one.json(Method::PUT, "/api/v1/accounts/password", &change("not the password"), &[])
        .await
        .problem(422, "fields_invalid");
    one.json(Method::PUT, "/api/v1/accounts/password", &change(NEW), &[]).await.expect(204);
    one.get("/api/v1/session").await.expect(200);
    other.get("/api/v1/session").await.problem(401, "token_invalid");
    server.close().await;
}

async fn token(server: &TestServer, secret: &str, scope: &str) -> Answer {
    let form = format!(
        "grant_type=client_credentials&client_id=cong-dich-vu-cong-demo&client_secret={secret}&scope={scope}"
    );
    server
        .anonymous()
        .send(Method::POST, "/oauth/token", Some("application/x-www-form-urlencoded"), form.into_bytes(), &[])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_gets_short_tokens_within_its_contract() {
    let server = TestServer::start().await;
    assert_eq!(token(&server, "wrong", "").await.expect(401)["error"], "invalid_client");
    assert_eq!(token(&server, PARTNER_SECRET, "everything").await.expect(400)["error"], "invalid_scope");
    let given = token(&server, PARTNER_SECRET, "enforcement_decision:read").await.expect(200);
    let partner = server.anonymous().bearer(given["access_token"].as_str().unwrap());
    let me = partner.with("acts-for", "user-17").get("/api/v1/session").await.expect(200);
    assert_eq!(
        (&me["scopes"], &me["asserted_user"]),
        (&json!(["enforcement_decision:read"]), &json!("user-17"))
    );
    let ctx = Ctx::system(server.app().clone(), "test".into());
    signing::rotate_keys(&ctx).await.unwrap();
    assert_eq!(
        server.anonymous().get("/.well-known/jwks.json").await.expect(200)["keys"].as_array().unwrap().len(),
        2
    );
    partner.get("/api/v1/session").await.expect(200);
    let later = server.now() + chrono::TimeDelta::seconds(given["expires_in"].as_i64().unwrap() + 1);
    server.move_to(&later.to_rfc3339());
    partner.get("/api/v1/session").await.problem(401, "token_invalid");
    let given = token(&server, PARTNER_SECRET, "").await.expect(200);
    contracts::disable(&ctx, "cong-dich-vu-cong-demo").await.unwrap();
    server
        .anonymous()
        .bearer(given["access_token"].as_str().unwrap())
        .get("/api/v1/session")
        .await
        .problem(401, "token_invalid");
    assert_eq!(token(&server, PARTNER_SECRET, "").await.expect(401)["error"], "invalid_client");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deputy_acts_for_the_absent_between_two_dates() {
    let server = TestServer::builder().with("MOTCUA_SESSION_HOURS", "24").start().await;
    let office = Office::open(&server).await;
    let officers = office.all("processing_officer");
    let (away, deputy) = (officers[0], officers[1]);
    let absence = |account: uuid::Uuid, deputy: uuid::Uuid| json!({ "account": account, "deputy": deputy, "from": "2026-11-24", "until": "2026-11-25", "reason": "Nghỉ phép" });
    let client = office.sign_in(away).await;
    client.create("/api/v1/absences", &absence(away.id, away.id)).await.problem(422, "fields_invalid");
    client
        .create("/api/v1/absences", &absence(away.id, office.elsewhere("processing_officer").id))
        .await
        .problem(422, "fields_invalid");
    client.create("/api/v1/absences", &absence(deputy.id, away.id)).await.problem(403, "not_permitted");
    office
        .sign_in(office.elsewhere("leader"))
        .await
        .create("/api/v1/absences", &absence(away.id, deputy.id))
        .await
        .problem(422, "fields_invalid");
    let arranged = client.create("/api/v1/absences", &absence(away.id, deputy.id)).await.expect(201);
    let deputy = office.sign_in(deputy).await;
    let acting = async |client: &Client| {
        client.get("/api/v1/session").await.expect(200)["roles"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|role| role.get("acting_for").is_some())
            .count()
    };
    assert_eq!(acting(&deputy).await, 0);
    server.move_to("2026-11-23T17:00:00Z");
    assert_eq!(acting(&deputy).await, 1);
    let end = format!("/api/v1/absences/{}/end", arranged["id"].as_str().unwrap());
    deputy.post(&end, &json!({})).await.problem(403, "not_permitted");
    office.leader().await.post(&end, &json!({})).await.expect(200);
    assert_eq!(acting(&deputy).await, 0);
    client.post(&end, &json!({})).await.problem(409, "already_done");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seeding_again_adds_nothing() {
    let server = TestServer::start().await;
    let again =
        motcua::app::seed::demonstration(&Ctx::system(server.app().clone(), "test".into())).await.unwrap();
    assert_eq!(again, motcua::app::seed::Added::default());
    server.close().await;
}
