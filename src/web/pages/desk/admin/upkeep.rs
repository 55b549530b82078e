//! The service's own work: jobs that were given up, with another try; and whether the record holds.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use motcua_app::feedback::{self, Feedback};
use motcua_app::upkeep::{self, Record, Undone};
use uuid::Uuid;

use super::tabs;
use crate::pages::desk::{Desk, Sent};
use crate::pages::frame::Frame;
use crate::problem::Failure;

const JOBS: &str = "/desk/quan-tri/viec-nen";
const RECORD: &str = "/desk/quan-tri/nhat-ky";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(JOBS, web::get().to(jobs))
        .route("/desk/quan-tri/viec-nen/{id}/thu-lai", web::post().to(retry))
        .route("/desk/quan-tri/gop-y", web::get().to(remarks))
        .route(RECORD, web::get().to(record))
        .route(RECORD, web::post().to(prove));
}

#[derive(Template)]
#[template(path = "desk/admin/jobs.html")]
struct JobsPage {
    f: Frame,
    undone: Undone,
}

impl JobsPage {
    fn kind<'a>(&'a self, kind: &'a str) -> &'a str {
        let f = &self.f;
        match kind {
            "send_mail" => f.say("Gửi thư điện tử", "Send a mail"),
            "scan_document" => f.say("Quét giấy tờ tìm mã độc", "Scan a paper"),
            "remove_file" => f.say("Xóa tệp không còn cần", "Remove a file"),
            "seal_audit" => f.say("Niêm phong nhật ký", "Seal the audit record"),
            "purge" => f.say("Xóa dữ liệu hết hạn lưu", "Forget what is kept no longer"),
            "remind_due" => f.say("Nhắc việc buổi sáng", "Morning reminders"),
            "verify_audit" => f.say("Kiểm tra nhật ký", "Prove the audit record"),
            "move_due_dates" => f.say("Tính lại hạn theo lịch mới", "Reckon due dates anew"),
            other => other,
        }
    }
}

#[derive(Template)]
#[template(path = "desk/admin/feedback.html")]
struct RemarksPage {
    f: Frame,
    remarks: Vec<Feedback>,
}

async fn remarks(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let remarks = feedback::newest(&visitor.ctx).await?;
    visitor.page(&RemarksPage { f: visitor.frame.clone(), remarks })
}

/// What a job said last, without what may be a person: no mail address, and no more than a line.
fn without_people(error: &str) -> String {
    let words = error.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

#[derive(Template)]
#[template(path = "desk/admin/record.html")]
struct RecordPage {
    f: Frame,
    record: Record,
}

async fn jobs(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let undone = upkeep::undone(&visitor.ctx).await?;
    visitor.page(&JobsPage { f: visitor.frame.clone(), undone })
}

async fn retry(path: Path<Uuid>, sent: Sent) -> Result<HttpResponse, Failure> {
    upkeep::retry(&sent.visitor.ctx, path.into_inner()).await?;
    Ok(sent.visitor.go(JOBS))
}

async fn record(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let record = upkeep::audit_record(&visitor.ctx).await?;
    visitor.page(&RecordPage { f: visitor.frame.clone(), record })
}

async fn prove(sent: Sent) -> Result<HttpResponse, Failure> {
    upkeep::prove_record(&sent.visitor.ctx).await?;
    Ok(sent.visitor.go(RECORD))
}
