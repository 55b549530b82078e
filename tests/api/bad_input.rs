//! Bad input by hand, each with its exact answer. Nothing is kept, nothing is a 500.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::office::{Office, answers, filing};
use crate::support::server::TestServer;

const JSON: Option<&str> = Some("application/json");
const DOSSIERS: &str = "/api/v1/dossiers";

async fn post_raw(server: &TestServer, body: &[u8]) -> crate::support::client::Answer {
    server.anonymous().send(Method::POST, DOSSIERS, JSON, body.to_vec(), &[("idempotency-key", "k")]).await
}

async fn dossiers(server: &TestServer) -> i64 {
    server.client().await.query_one("SELECT count(*) FROM dossiers", &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_json_is_said_to_be_so() {
    let server = TestServer::start().await;
    let before = dossiers(&server).await;
    let broken = post_raw(&server, b"{\"procedure\": ").await.problem(400, "malformed_body");
    assert_eq!(broken["title"], "Nội dung gửi lên không đọc được: không đúng định dạng JSON hoặc có mục lạ.");
    post_raw(&server, b"").await.problem(400, "malformed_body");
    post_raw(&server, &[0xff, 0xfe, b'{', b'}']).await.problem(400, "malformed_body");
    post_raw(&server, b"{\"procedure\": \"\xc3\x28\"}").await.problem(400, "malformed_body");
    post_raw(&server, b"[]").await.problem(400, "malformed_body");
    post_raw(&server, b"{} {}").await.problem(400, "malformed_body");
    // The database keeps no text with a NUL: refused here, wherever it stands.
    post_raw(&server, b"{\"contact\": {\"name\": \"a\\u0000b\"}}").await.problem(400, "malformed_body");
    server.anonymous().get("/api/v1/procedures?on=%00").await.problem(400, "malformed_parameter");
    server.anonymous().with("tracking-key", "0").get("/api/v1/tracking/%00").await.problem(404, "not_found");
    let nested = "[".repeat(100_000);
    post_raw(&server, nested.as_bytes()).await.problem(400, "malformed_body");
    let large = format!("{{\"x\": \"{}\"}}", "a".repeat(2 * 1024 * 1024));
    post_raw(&server, large.as_bytes()).await.problem(413, "body_too_large");
    let million = format!("[{}1]", "1,".repeat(1_000_000));
    post_raw(&server, million.as_bytes()).await.problem(413, "body_too_large");
    server
        .anonymous()
        .send(Method::POST, DOSSIERS, Some("text/plain"), b"{}".to_vec(), &[("idempotency-key", "k")])
        .await
        .problem(415, "wrong_media_type");
    assert_eq!(dossiers(&server).await, before);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_types_and_unknown_fields_are_named() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let good = filing(ProcedureKey::EnforcementDecision, office.agency, &json!({}));
    let cases: [(&str, Value, &str); 5] = [
        ("procedure", json!("no_such_procedure"), "/procedure"),
        ("procedure", json!(7), "/procedure"),
        ("submit", json!("yes"), "/submit"),
        ("colour", json!("blue"), "/colour"),
        ("contact", json!({ "name": 5 }), "/contact/name"),
    ];
    for (field, value, pointer) in cases {
        let mut body = good.clone();
        body[field] = value;
        let problem = server.anonymous().create(DOSSIERS, &body).await.problem(400, "malformed_body");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem:#}");
    }
    let mut elsewhere = good.clone();
    elsewhere["agency"] = json!(uuid::Uuid::nil());
    let problem = server.anonymous().create(DOSSIERS, &elsewhere).await.problem(422, "fields_invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/agency");
    let mut old = good.clone();
    old["version"] = json!("2018-06-21");
    let problem = server.anonymous().create(DOSSIERS, &old).await.problem(422, "fields_invalid");
    assert_eq!(problem["errors"][0]["code"], "procedure_not_in_force");
    let mut name = good.clone();
    name["contact"]["name"] = json!("A\u{202E}txt.exe");
    let problem = server.anonymous().create(DOSSIERS, &name).await.problem(422, "fields_invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/contact/name");
    server.close().await;
}

/// Every invalid example of the catalogue gives exactly its errors over the API, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_error_comes_at_once_with_its_pointer() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let before = dossiers(&server).await;
    for definition in motcua::catalogue::procedures().unwrap() {
        for example in &definition.invalid_examples {
            if !example.answers.is_object() {
                continue;
            }
            let body = filing(definition.version.key, office.agency, &example.answers);
            let problem = server.anonymous().create(DOSSIERS, &body).await.problem(422, "fields_invalid");
            let mut told: Vec<String> = problem["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| {
                    format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
                })
                .collect();
            let mut wanted: Vec<String> = example
                .errors
                .iter()
                .map(|error| format!("/answers{} {}", error.pointer, error.code))
                .collect();
            told.sort();
            wanted.sort();
            assert_eq!(told, wanted, "{}", example.name);
            assert!(
                problem["errors"].as_array().unwrap().iter().all(|error| !error["detail_vi"]
                    .as_str()
                    .unwrap()
                    .is_empty()
                    && !error["detail_en"].as_str().unwrap().is_empty())
            );
        }
    }
    assert_eq!(dossiers(&server).await, before);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dates_and_money_that_cannot_be_are_refused() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let matter = office.matter().await;
    let cases = [
        ("/judgment/date", json!("2026-02-30"), "field_format"),
        ("/judgment/date", json!("2026-13-01"), "field_format"),
        ("/judgment/date", json!("yesterday"), "field_format"),
        ("/claims/0/amount", json!(-1), "field_too_small"),
        ("/claims/0/amount", json!(1e30), "field_too_large"),
        ("/claims/0/amount", json!(1.5), "field_type"),
    ];
    for (pointer, value, code) in cases {
        let mut wrong = answers(ProcedureKey::EnforcementDecision, &matter);
        *wrong.pointer_mut(pointer).unwrap() = value;
        let problem = server
            .anonymous()
            .create(DOSSIERS, &filing(ProcedureKey::EnforcementDecision, office.agency, &wrong))
            .await
            .problem(422, "fields_invalid");
        assert!(
            problem["errors"]
                .as_array()
                .unwrap()
                .iter()
                .any(|error| error["pointer"] == format!("/answers{pointer}") && error["code"] == code),
            "{pointer} {code}: {problem:#}"
        );
    }
    server
        .anonymous()
        .get("/api/v1/calculators/due-date?received_at=2025-02-30T00:00:00Z&limit=5wd")
        .await
        .problem(400, "malformed_parameter");
    server
        .anonymous()
        .get("/api/v1/calculators/due-date?received_at=2025-04-24T09:30:00%2B07:00&limit=0wd")
        .await
        .problem(422, "fields_invalid");
    server
        .anonymous()
        .get("/api/v1/calculators/enforcement-fee?on=2025-03-01&receipts=-5")
        .await
        .problem(422, "fields_invalid");
    server
        .anonymous()
        .get("/api/v1/calculators/enforcement-fee?on=2025-03-01&receipts=99999999999999999999999")
        .await
        .problem(422, "fields_invalid");
    server
        .anonymous()
        .get("/api/v1/calculators/limitation?effective=2020-03-10&requested=2025-03-11&exclude=x")
        .await
        .problem(422, "fields_invalid");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn preconditions_are_required_and_held() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::EnforcementDecision).await;
    let counter = office.counter().await;
    let receipt = format!("/api/v1/dossiers/{}/receipt", filed.view["id"].as_str().unwrap());
    counter.post(&receipt, &json!({})).await.problem(428, "if_match_required");
    counter
        .json(Method::POST, &receipt, &json!({}), &[("if-match", "\"abc\"")])
        .await
        .problem(400, "malformed_header");
    let stale = counter
        .json(Method::POST, &receipt, &json!({}), &[("if-match", "\"1\"")])
        .await
        .problem(412, "stale_version");
    assert_eq!(stale["current_version"], filed.view["version"]);
    server
        .anonymous()
        .post(DOSSIERS, &filing(ProcedureKey::EnforcementDecision, office.agency, &json!({})))
        .await
        .problem(428, "idempotency_key_required");
    // Twice the same act: the second looked at a version that is gone.
    let received = counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
    counter.act(&filed.view, "receipt", &json!({})).await.problem(412, "stale_version");
    counter.act(&received, "receipt", &json!({})).await.problem(409, "act_not_allowed");
    // With a key, the second gets the first one's answer.
    let version = format!("\"{}\"", received["version"]);
    let forward = format!("/api/v1/dossiers/{}/steps/forward/completions", received["id"].as_str().unwrap());
    let headers = [("if-match", version.as_str()), ("idempotency-key", "forward-once")];
    let first =
        counter.json(Method::POST, &forward, &json!({ "outcome": "forwarded" }), &headers).await.expect(200);
    let second =
        counter.json(Method::POST, &forward, &json!({ "outcome": "forwarded" }), &headers).await.expect(200);
    assert_eq!(first, second);
    counter
        .json(Method::POST, &forward, &json!({ "outcome": "other" }), &headers)
        .await
        .problem(422, "key_reused");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_agency_sees_nothing_and_unknown_addresses_are_told_apart() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::EnforcementDecision).await;
    let stranger = office.sign_in(office.elsewhere("one_window_officer")).await;
    stranger.read(&filed.view).await.problem(404, "not_found");
    stranger.act(&filed.view, "receipt", &json!({})).await.problem(404, "not_found");
    server.anonymous().read(&filed.view).await.problem(404, "not_found");
    server
        .anonymous()
        .with("tracking-key", "0000-0000-0000")
        .read(&filed.view)
        .await
        .problem(404, "not_found");
    server.anonymous().get("/api/v1/nothing-here").await.problem(404, "not_found");
    server.anonymous().get("/api/v1/dossiers/not-an-id").await.problem(404, "not_found");
    let wrong = server.anonymous().send(Method::PUT, "/api/v1/procedures", JSON, b"{}".to_vec(), &[]).await;
    assert_eq!(wrong.header("allow"), Some("GET"));
    wrong.problem(405, "method_not_allowed");
    server.anonymous().bearer("nonsense").get("/api/v1/dossiers").await.problem(401, "token_invalid");
    server.anonymous().get("/api/v1/dossiers").await.problem(401, "not_signed_in");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_tracking_key_says_nothing_and_is_throttled() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::EnforcementDecision).await;
    let path = format!("/api/v1/tracking/{}", filed.view["reference"].as_str().unwrap());
    let seen = filed.applicant.get(&path).await.expect(200);
    assert_eq!(seen["state"], "submitted");
    assert!(!seen.to_string().contains("Nguyễn"), "no name is shown: {seen}");
    let wrong =
        server.anonymous().with("tracking-key", "AAAA-AAAA-AAAA").get(&path).await.problem(404, "not_found");
    let unknown = server
        .anonymous()
        .with("tracking-key", "AAAA-AAAA-AAAA")
        .get("/api/v1/tracking/YC-0000-0000")
        .await
        .problem(404, "not_found");
    assert_eq!(wrong["detail"], unknown["detail"]);
    for _ in 0..9 {
        server.anonymous().post(&path, &json!({ "key": "AAAA-AAAA-AAAA" })).await.problem(404, "not_found");
    }
    let refused = server.anonymous().post(&path, &json!({ "key": filed.view["tracking_key"] })).await;
    assert!(refused.header("retry-after").is_some());
    refused.problem(429, "too_many_requests");
    server.close().await;
}

/// Someone who calls through the trusted proxy.
fn from(server: &TestServer, address: &str, key: &Value) -> crate::support::client::Client {
    server.anonymous().with("x-forwarded-for", address).with("tracking-key", key.as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_guesses_keys_rests_alone() {
    let server = TestServer::builder().with("MOTCUA_TRUSTED_PROXIES", "127.0.0.1").start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::EnforcementDecision).await.view;
    let (wrong, key) = (json!("AAAA-AAAA-AAAA"), &filed["tracking_key"]);
    let dossier = format!("/api/v1/dossiers/{}", filed["id"].as_str().unwrap());
    let nothing = format!("/api/v1/dossiers/{}", uuid::Uuid::nil());
    let code = format!("/api/v1/tracking/{}", filed["reference"].as_str().unwrap());
    // The same counting under a code, under an id, and where there is nothing.
    for path in [&dossier, &nothing, &code] {
        for _ in 0..10 {
            from(&server, "192.0.2.1", &wrong).get(path).await.problem(404, "not_found");
        }
        from(&server, "192.0.2.1", key).get(path).await.problem(429, "too_many_requests");
    }
    // Nobody else is kept from the dossier.
    for path in [&dossier, &code] {
        from(&server, "192.0.2.2", key).get(path).await.expect(200);
    }
    // Guessing here and there makes the whole network rest: of IPv6, the /64.
    for n in 0..60 {
        from(&server, &format!("2001:db8::{n:x}"), &wrong)
            .get(&format!("/api/v1/tracking/YC-{n}"))
            .await
            .problem(404, "not_found");
    }
    for path in [&dossier, &code] {
        from(&server, "2001:db8::abcd", key).get(path).await.problem(429, "too_many_requests");
        from(&server, "2001:db8:0:1::1", key).get(path).await.expect(200);
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_requests_are_told_to_wait() {
    let server = TestServer::builder().with("MOTCUA_RATE_LIMIT_PER_MINUTE", "3").start().await;
    // Every answer says how the caller stands, whatever became of the request.
    let standing = |answer: &crate::support::client::Answer| {
        ["limit", "remaining", "reset"].map(|what| {
            let value = answer.header(&format!("ratelimit-{what}")).unwrap_or_default();
            value.parse::<u32>().unwrap_or_else(|_| panic!("{what}: {:?}", answer.headers))
        })
    };
    for (path, status, told) in [
        ("/api/v1/procedures", 200, [3, 2, 20]),
        ("/api/v1/nothing-here", 404, [3, 1, 40]),
        ("/api/v1/queue", 401, [3, 0, 60]),
    ] {
        let answer = server.anonymous().get(path).await;
        assert_eq!(standing(&answer), told);
        answer.expect(status);
    }
    let refused = server.anonymous().get("/api/v1/procedures").await;
    assert_eq!(standing(&refused), [3, 0, 60]);
    assert!(refused.header("retry-after").is_some());
    refused.problem(429, "too_many_requests");
    server.anonymous().get("/health/live").await;
    server.close().await;

    // The addresses of one subscriber share a bucket.
    let server = TestServer::builder()
        .with("MOTCUA_RATE_LIMIT_PER_MINUTE", "1")
        .with("MOTCUA_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await;
    for (address, status) in [("2001:db8::1", 200), ("2001:db8::2", 429), ("2001:db8:0:1::1", 200)] {
        server.anonymous().with("x-forwarded-for", address).get("/api/v1/procedures").await.expect(status);
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_speak_the_callers_language() {
    let server = TestServer::start().await;
    let path = "/api/v1/dossiers";
    let vi = server.anonymous().get(path).await.problem(401, "not_signed_in");
    let en = server
        .anonymous()
        .with("accept-language", "en-GB,en;q=0.8")
        .get(path)
        .await
        .problem(401, "not_signed_in");
    assert_eq!(vi["detail"], "Bạn cần đăng nhập để dùng chức năng này.");
    assert_eq!(en["detail"], "Sign in to use this.");
    let page = server.anonymous().get("/problems/not_signed_in").await;
    assert!(String::from_utf8(page.bytes).unwrap().contains("Bạn cần đăng nhập"));
    server.close().await;
}
