//! What the office composes for each kind of paper under each set of rules, held against `tests/papers`: the
//! forms are set and looked at with these samples, so they must be what comes of real dossiers.
//! `INSTA_UPDATE=always` writes them anew.

use chrono::{Datelike, Duration, NaiveDate};
use motcua::domain::paper::PaperKind;
use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::browser::{Browser, signed_in};
use crate::support::client::Client;
use crate::support::office::{Filed, Office, answers, definition_on, filing};
use crate::support::samples::{Samples, differing, forms, steady, tell_their_data, told};
use crate::support::server::TestServer;

/// The same week of November in other years, under the rules of those.
const YEAR: Duration = Duration::weeks(52);

struct Walk<'a> {
    server: &'a TestServer,
    office: Office<'a>,
    /// How many years ago this is; the days below are those of 2026.
    ago: i32,
    samples: Samples,
}

fn id(view: &Value) -> &str {
    view["id"].as_str().unwrap()
}

async fn attach(client: &Client, view: &Value, name: &str, requirement: &str, size: usize) {
    let announced = json!({ "name": name, "requirement": requirement });
    let path = format!("/api/v1/dossiers/{}/documents", id(view));
    let paper = client.create(&path, &announced).await.expect(201);
    let mut content = b"%PDF-1.7\n".to_vec();
    content.resize(size, b' ');
    let path = format!("/api/v1/documents/{}/content", id(&paper));
    client.send(Method::PUT, &path, Some("application/pdf"), content, &[]).await.expect(200);
}

impl<'a> Walk<'a> {
    async fn begin(server: &'a TestServer, ago: i32) -> Self {
        tell_their_data(server).await;
        for _ in 0..ago {
            server.client().await.execute(A_YEAR_EARLIER, &[]).await.unwrap();
        }
        Self { server, office: Office::open(server).await, ago, samples: Samples::default() }
    }

    /// Holds the papers against those kept. Of an earlier year they are those whose form is no longer in force
    /// a year after.
    fn end(mut self) {
        let (forms, day) = (forms(), self.day("2026-11-25"));
        let of_this_year =
            |kind: PaperKind| self.ago == 0 || forms.in_force(kind, day) != forms.in_force(kind, day + YEAR);
        self.samples.retain(|name, _| of_this_year(name.trim_end_matches("_second").parse().unwrap()));
        for kind in PaperKind::ALL.iter().filter(|kind| of_this_year(**kind)) {
            assert!(self.samples.contains_key(kind.as_str()), "{kind} has no sample");
        }
        let differ = differing(&day.year().to_string(), &self.samples);
        assert!(
            differ.is_empty(),
            "the office composes other papers than those of tests/papers; INSTA_UPDATE=always writes them anew: {differ:#?}"
        );
    }

    fn keep(&mut self, name: &str, vi: Value, en: Value) {
        let both = json!({ "vi": steady(self.server, vi), "en": steady(self.server, en) });
        assert!(self.samples.insert(name.to_owned(), both).is_none(), "{name} twice");
    }

    /// Keeps what the papers of a dossier say: the first of each of these kinds, under this name.
    async fn keeps(&mut self, view: &Value, kinds: &[(PaperKind, &str)]) {
        let client = self.server.client().await;
        let dossier: Uuid = id(view).parse().unwrap();
        for (kind, more) in kinds {
            let asked =
                "SELECT said FROM papers WHERE dossier_id = $1 AND kind = $2 ORDER BY made_at, part LIMIT 1";
            let row = client.query_opt(asked, &[&dossier, &kind.as_str()]).await.unwrap();
            let row = row.unwrap_or_else(|| panic!("no {kind} was made"));
            let said: Value = serde_json::from_str(&row.get::<_, String>(0)).unwrap();
            self.keep(&format!("{kind}{more}"), said["vi"].clone(), said["en"].clone());
        }
    }

    /// The same for a paper that is printed on demand, from the file.
    async fn prints(&mut self, browser: &mut Browser<'_>, name: &str, path: &str) {
        let mut both = Vec::new();
        for language in ["vi", "en"] {
            browser.cookies.insert("motcua-ngon-ngu".to_owned(), language.to_owned());
            let file = browser.file(path).await;
            assert_eq!(browser.status, 200, "{path}");
            both.push(told(&file));
        }
        browser.cookies.remove("motcua-ngon-ngu");
        let en = both.pop().unwrap();
        self.keep(name, both.pop().unwrap(), en);
    }

    /// The same day of the week in the year of this walk.
    fn day(&self, day: &str) -> NaiveDate {
        day.parse::<NaiveDate>().unwrap() - YEAR * self.ago
    }

    /// The next working moment, so that no time depends on how long an act takes.
    fn at(&mut self, day: &str, time: &str) {
        let day = self.day(&format!("2026-11-{day}"));
        self.server.move_to(&format!("{day}T{time}:00+07:00"));
    }

    /// Begun with papers, and submitted.
    async fn files(&self, who: &Client, body: &Value, papers: &[(&str, &str, usize)]) -> Filed {
        let mut body = body.clone();
        body["submit"] = json!(false);
        let draft = who.create("/api/v1/dossiers", &body).await.expect(201);
        let applicant = self.server.anonymous().with("tracking-key", draft["tracking_key"].as_str().unwrap());
        let holder = if body["channel"].is_null() { &applicant } else { who };
        for (name, requirement, size) in papers {
            attach(holder, &draft, name, requirement, *size).await;
        }
        let view = holder.act(&holder.read(&draft).await.expect(200), "submission", &json!({})).await;
        Filed { view: view.expect(200), applicant }
    }

    async fn asks_for_more(&self, who: &Client, filed: &mut Filed, items: &Value, given: &[(&str, &str)]) {
        filed.view =
            who.act(&filed.view, "supplement-requests", &json!({ "items": items })).await.expect(200);
        let asked = filed.view["supplements"][0]["items"].as_array().unwrap().clone();
        let mut answer = Vec::new();
        for (item, (kind, value)) in asked.iter().zip(given) {
            if *kind == "value" {
                answer.push(json!({ "item": item["id"], "value": value }));
                continue;
            }
            let announced = json!({ "name": value, "requirement": item["requirement"] });
            let path = format!("/api/v1/dossiers/{}/documents", id(&filed.view));
            let paper = filed.applicant.create(&path, &announced).await.expect(201);
            let path = format!("/api/v1/documents/{}/content", id(&paper));
            let content = b"%PDF-1.7\n".to_vec();
            filed.applicant.send(Method::PUT, &path, Some("application/pdf"), content, &[]).await.expect(200);
            answer.push(json!({ "item": item["id"], "document": paper["id"] }));
        }
        filed.view = filed.applicant.read(&filed.view).await.expect(200);
        let answer = json!({ "items": answer });
        filed.view = filed.applicant.act(&filed.view, "supplements", &answer).await.expect(200);
    }
}

/// The matters of the register as they were a year earlier.
const A_YEAR_EARLIER: &str = r#"UPDATE matters SET decided_on = decided_on - interval '1 year', body =
    regexp_replace(regexp_replace(body::text, '(["/])2025([-/])', '\12024\2', 'g'), '(["/])2026([-/])', '\12025\2', 'g')::jsonb"#;
/// Before the agencies of provinces there was a branch, which had those matters.
const TO_THE_BRANCH: &str = r"UPDATE matters SET agency_id = branch.id, body = jsonb_set(body, '{agency}', to_jsonb(branch.id))
    FROM agencies branch, agencies later WHERE branch.key = 'chi-cuc-vung-tau'
    AND matters.agency_id = later.id AND later.key = 'thads-tp-ho-chi-minh'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn samples_are_what_the_office_composes() {
    let server = TestServer::builder().at("2026-11-23T08:00:00+07:00").start().await;
    let mut walk = Walk::begin(&server, 0).await;
    whole_way(&mut walk).await;
    whole_way_at_the_counter(&mut walk).await;
    refused_and_stopped(&mut walk).await;
    spoken(&mut walk).await;
    other_results(&mut walk).await;
    passed_on(&mut walk).await;
    lists(&mut walk).await;
    walk.end();
    server.close().await;
}

/// Forms of the second series, of before the law of 2025.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn samples_of_2025_are_what_the_office_composed() {
    let server = TestServer::builder().at("2025-11-24T08:00:00+07:00").start().await;
    let mut walk = Walk::begin(&server, 1).await;
    whole_way(&mut walk).await;
    whole_way_at_the_counter(&mut walk).await;
    spoken(&mut walk).await;
    other_results(&mut walk).await;
    passed_on(&mut walk).await;
    walk.end();
    server.close().await;
}

/// Forms of the first series, in an office that had other names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn samples_of_2024_are_what_the_office_composed() {
    let server = TestServer::builder().at("2024-11-25T08:00:00+07:00").start().await;
    server.client().await.execute(TO_THE_BRANCH, &[]).await.unwrap();
    let mut walk = Walk::begin(&server, 2).await;
    whole_way(&mut walk).await;
    whole_way_at_the_counter(&mut walk).await;
    refused_and_stopped(&mut walk).await;
    lists(&mut walk).await;
    walk.end();
    server.close().await;
}

/// Filed online by a representative, put right, put off, decided, returned.
async fn whole_way(walk: &mut Walk<'_>) {
    let key = ProcedureKey::EnforcementDecision;
    let matter = walk.office.matter().await;
    let mut body = filing(key, walk.office.agency, &answers(key, &matter));
    body["mode"] = json!("representative");
    body["filled_in_by"] = json!("Trần Quốc Bảo");
    body["contact"] =
        json!({ "name": "Trần Quốc Bảo", "email": "vanphong@biendong.example", "phone": "02543856789" });
    walk.at("23", "08:15");
    let papers = [
        ("Đơn yêu cầu thi hành án.pdf", "request", 184_320),
        ("QĐ công nhận hòa giải thành.pdf", "judgment", 1_258_291),
    ];
    let mut filed = walk.files(&walk.server.anonymous(), &body, &papers).await;
    walk.keeps(&filed.view, &[(PaperKind::FiledCopy, "")]).await;
    walk.at("23", "08:40");
    let items = json!([
        { "requirement": "judgment", "reason": "uncertified_copy", "note": "Bản chụp thiếu trang 3 và không có dấu chứng thực." },
        { "field": "/applicant/phone", "reason": "incomplete_field", "note": "Số máy không liên lạc được." },
    ]);
    let counter = walk.office.counter().await;
    let given = [("paper", "QĐ công nhận hòa giải thành (chứng thực).pdf"), ("value", "02543856780")];
    walk.asks_for_more(&counter, &mut filed, &items, &given).await;
    walk.at("23", "09:30");
    let officer = walk.office.bring_to_examination(&mut filed).await;
    let assignee: Uuid = filed.view["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap();
    walk.keeps(&filed.view, &[(PaperKind::SupplementRequest, ""), (PaperKind::Receipt, "")]).await;
    walk.at("23", "10:10");
    let later = json!({ "new_due_on": walk.day("2026-12-07"), "reason": "awaiting_other_body", "apology": "Cơ quan đang chờ Tòa án giải thích bản án. Chúng tôi xin lỗi bà con vì sự chậm trễ này." });
    let head = walk.office.sign_in(walk.office.head()).await;
    filed.view = head.act(&filed.view, "extension", &later).await.expect(200);
    walk.keeps(&filed.view, &[(PaperKind::Apology, "")]).await;
    let ruling = json!({
        "outcome": "enforcement_decision",
        "officer": assignee,
        "obligations": "Công ty cổ phần Chế biến Thủy sản Nam Hải và bà Phạm Thị Ngọc Lan phải liên đới trả cho Công ty TNHH Thương mại Hải sản Biển Đông 600.000.000 đồng kỳ thứ nhất và tiền lãi chậm trả; trả lại hai container lạnh đã mượn.",
    });
    walk.at("23", "10:40");
    walk.office.decide(&mut filed, &officer, &ruling).await;
    let follow = [
        (PaperKind::EnforcementDecision, ""),
        (PaperKind::ProcuracyTransmittal, ""),
        (PaperKind::PartyNotice, ""),
    ];
    walk.keeps(&filed.view, &follow).await;
    walk.at("23", "11:05");
    walk.office.give_back(&mut filed).await;
    on_demand(walk, &filed, "").await;
}

/// Brought to the counter by whom it concerns, put right while it is examined, granted.
async fn whole_way_at_the_counter(walk: &mut Walk<'_>) {
    let key = ProcedureKey::EnforcementFeeRelief;
    let matter = walk.office.matter().await;
    let mut given = answers(key, &matter);
    given["grounds"] = json!(["poor_household"]);
    given["circumstances"] = json!("Gia đình thuộc hộ nghèo theo xác nhận của Ủy ban nhân dân phường.");
    let mut body = filing(key, walk.office.agency, &given);
    body["channel"] = json!("counter");
    body["contact"] = json!({ "name": "Lê Văn Thành", "phone": "0908765432" });
    walk.at("25", "07:50");
    let counter = walk.office.counter().await;
    // What proves the ground is not among them: the receipt says so, and it is asked for.
    let papers = [("Đơn đề nghị giảm phí.pdf", "request", 92_160)];
    let mut filed = walk.files(&counter, &body, &papers).await;
    walk.at("25", "08:00");
    let officer = walk.office.bring_to_examination(&mut filed).await;
    walk.keeps(&filed.view, &[(PaperKind::FiledCopy, "_second"), (PaperKind::Receipt, "_second")]).await;
    walk.at("25", "08:30");
    let items = json!([{ "requirement": "poor_household_confirmation", "reason": "missing_paper", "note": "Xin xác nhận của Ủy ban nhân dân phường nơi cư trú." }]);
    walk.asks_for_more(&officer, &mut filed, &items, &[("paper", "Xác nhận hộ nghèo.pdf")]).await;
    walk.keeps(&filed.view, &[(PaperKind::SupplementRequest, "_second")]).await;
    walk.at("25", "09:00");
    let later = json!({ "new_due_on": walk.day("2026-12-09"), "reason": "complex_matter", "apology": "Chúng tôi xin lỗi vì chưa trả kết quả đúng hẹn." });
    // A deputy signs for the head.
    filed.view = walk.office.leader().await.act(&filed.view, "extension", &later).await.expect(200);
    walk.keeps(&filed.view, &[(PaperKind::Apology, "_second")]).await;
    walk.at("25", "09:30");
    let ruling = walk.office.grant(key).await;
    walk.office.decide(&mut filed, &officer, &ruling).await;
    let follow = [(PaperKind::EnforcementFeeRelief, ""), (PaperKind::ProcuracyTransmittal, "_second")];
    walk.keeps(&filed.view, &follow).await;
    on_demand(walk, &filed, "_second").await;
}

async fn on_demand(walk: &mut Walk<'_>, filed: &Filed, more: &str) {
    let mut counter = signed_in(walk.server, walk.office.person("one_window_officer")).await;
    let here = format!("/ho-so/{}", id(&filed.view));
    walk.prints(&mut counter, &format!("cover_sheet{more}"), &format!("{here}/to-bia")).await;
    let mut leader = signed_in(walk.server, walk.office.person("leader")).await;
    walk.prints(&mut leader, &format!("control_slip{more}"), &format!("{here}/phieu-kiem-soat")).await;
}

async fn refused_and_stopped(walk: &mut Walk<'_>) {
    let first = (ProcedureKey::EnforcementDecision, "", "limitation_expired", "applicant_ceased");
    let second = (ProcedureKey::EnforcementFeeRelief, "_second", "not_fee_payer", "matter_transferred");
    for (key, more, refusal, stop) in [first, second] {
        let (time, counter) = (if more.is_empty() { "10" } else { "11" }, walk.office.counter().await);
        walk.at("25", &format!("{time}:00"));
        let filed = walk.office.filed(key).await;
        let mut why = json!({ "reason": refusal, "note": "Đơn đề nghị không nêu sự kiện bất khả kháng nào, và không kèm tài liệu chứng minh." });
        if !more.is_empty() {
            why["advice"] = json!(
                "Nếu không đồng ý, ông (bà) có quyền khiếu nại tới Thủ trưởng cơ quan thi hành án dân sự."
            );
        }
        let refused = counter.act(&filed.view, "refusal", &why).await.expect(200);
        walk.keeps(&refused, &[(PaperKind::Refusal, more)]).await;
        walk.at("25", &format!("{time}:10"));
        let (filed, _) = walk.office.examined(key).await;
        let why = json!({ "reason": stop, "note": "Theo biên bản làm việc của Chấp hành viên." });
        let stopped = walk.office.leader().await.act(&filed.view, "stop", &why).await.expect(200);
        walk.keeps(&stopped, &[(PaperKind::StopNotice, more)]).await;
        walk.at("25", &format!("{time}:20"));
        let (mut filed, officer) = walk.office.examined(key).await;
        let rules = definition_on(key, walk.day("2026-11-25")).version;
        let rejections = rules.reasons.iter().filter(|each| each.used_for.as_str() == "rejection");
        let reasons: Vec<&str> = rejections.map(|each| each.key.as_str()).take(2).collect();
        let ruling = json!({ "outcome": "refusal", "reasons": reasons, "explanation": "Kết quả xác minh cho thấy người đề nghị không thuộc trường hợp được chấp nhận." });
        walk.office.decide(&mut filed, &officer, &ruling).await;
        walk.keeps(&filed.view, &[(PaperKind::WrittenRefusal, more)]).await;
    }
}

/// Spoken at the counter and written down there.
async fn spoken(walk: &mut Walk<'_>) {
    let matter = walk.office.matter().await;
    let first = (ProcedureKey::EnforcementDecision, "");
    for (key, more) in [first, (ProcedureKey::OfficerReplacement, "_second")] {
        let mut body = filing(key, walk.office.agency, &answers(key, &matter));
        body["channel"] = json!("oral");
        body["mode"] = json!("helper");
        body["filled_in_by"] = json!("Nguyễn Thị Ngọc Lan");
        walk.at("26", if more.is_empty() { "07:45" } else { "07:55" });
        let counter = walk.office.counter().await;
        let view = counter.create("/api/v1/dossiers", &body).await.expect(201);
        walk.keeps(&view, &[(PaperKind::OralRequestMinutes, more)]).await;
    }
}

async fn other_results(walk: &mut Walk<'_>) {
    let other = [
        (ProcedureKey::ResultConfirmation, PaperKind::ResultConfirmation),
        (ProcedureKey::OfficerReplacement, PaperKind::OfficerReplacement),
        (ProcedureKey::CoercionCostRelief, PaperKind::CoercionCostRelief),
    ];
    for ((key, kind), hour) in other.into_iter().zip(["08", "09", "10"]) {
        walk.at("26", &format!("{hour}:30"));
        let matter = walk.office.matter().await;
        let mut given = answers(key, &matter);
        if key == ProcedureKey::CoercionCostRelief {
            // The debtor of the matter, for whom a representative asks.
            given["representation"]["principal_name"] = json!("Lê Văn Thành");
        }
        let body = filing(key, walk.office.agency, &given);
        let mut filed = walk.files(&walk.server.anonymous(), &body, &[]).await;
        let officer = walk.office.bring_to_examination(&mut filed).await;
        let mut ruling = walk.office.grant(key).await;
        if key == ProcedureKey::OfficerReplacement {
            ruling["grounds"] = json!(["delay", "other_partiality"]);
        }
        walk.office.decide(&mut filed, &officer, &ruling).await;
        walk.keeps(&filed.view, &[(kind, "")]).await;
        if key == ProcedureKey::OfficerReplacement {
            walk.keeps(&filed.view, &[(PaperKind::PartyNotice, "_second")]).await;
        }
    }
}

/// Against the head of the agency, so the superior one decides.
async fn passed_on(walk: &mut Walk<'_>) {
    let key = ProcedureKey::OfficerReplacement;
    let matter = walk.office.matter_of_head().await;
    walk.at("26", "11:00");
    let body = filing(key, walk.office.agency, &answers(key, &matter));
    let papers = [
        ("Đơn yêu cầu thay đổi chấp hành viên.pdf", "request", 51_200),
        ("Giấy mời làm việc.pdf", "evidence", 30_000),
    ];
    let filed = walk.files(&walk.server.anonymous(), &body, &papers).await;
    walk.keeps(&filed.view, &[(PaperKind::TransferNotice, "")]).await;
}

/// The register of what was received until now, as the form has it.
async fn lists(walk: &mut Walk<'_>) {
    walk.at("27", "08:00");
    let mut counter = signed_in(walk.server, walk.office.person("one_window_officer")).await;
    let mut both = Vec::new();
    for language in ["vi", "en"] {
        counter.cookies.insert("motcua-ngon-ngu".to_owned(), language.to_owned());
        counter.open("/desk/ket-xuat").await;
        let asked = [("/so/list", "register"), ("/so/format", "pdf")];
        counter.submit("/desk/ket-xuat", &asked).await;
        walk.server.settle().await;
        let at = counter.at.clone();
        let file = counter.file(&format!("{at}/tep")).await;
        assert_eq!(counter.status, 200, "{at}");
        both.push(told(&file));
    }
    let en = both.pop().unwrap();
    walk.keep("dossier_register", both.pop().unwrap(), en);
}
