//! Administration at the desk. For administrators only: to everybody else these pages are not there.
//! They show accounts, rules and the service's own work, never what a dossier says.

mod calendar;
mod delegations;
mod letters;
mod papers;
mod partners;
mod procedures;
mod staff;
mod units;
mod upkeep;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use motcua_app::administration;
use motcua_domain::policy::Role;
use motcua_domain::procedure::Confidence;

use super::Desk;
use crate::pages::frame::Frame;
use crate::problem::Failure;

const HOME: &str = "/desk/quan-tri";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HOME, web::get().to(home))
        .configure(staff::mount)
        .configure(units::mount)
        .configure(delegations::mount)
        .configure(partners::mount)
        .configure(calendar::mount)
        .configure(procedures::mount)
        .configure(letters::mount)
        .configure(papers::mount)
        .configure(upkeep::mount);
}

/// The parts of administration this person keeps.
pub fn tabs(f: &Frame) -> Vec<(&'static str, &'static str)> {
    let own = [
        ("/desk/quan-tri/nhan-vien", f.say("Nhân viên", "Staff")),
        ("/desk/quan-tri/don-vi", f.say("Đơn vị", "Units")),
        ("/desk/quan-tri/uy-quyen", f.say("Ủy quyền", "Delegations")),
        ("/desk/quan-tri/quy-trinh", f.say("Thủ tục", "Procedures")),
        ("/desk/quan-tri/lich", f.say("Lịch nghỉ", "Calendar")),
        ("/desk/quan-tri/nhat-ky", f.say("Nhật ký", "Audit record")),
    ];
    let shared = [
        ("/desk/quan-tri/van-ban", f.say("Văn bản", "Papers")),
        ("/desk/quan-tri/doi-tac", f.say("Đối tác", "Partners")),
        ("/desk/quan-tri/viec-nen", f.say("Việc nền", "Background work")),
        ("/desk/quan-tri/gop-y", f.say("Góp ý", "Feedback")),
    ];
    own.into_iter().chain(shared.into_iter().filter(|_| f.keeps_shared)).collect()
}

/// How sure a fact is: the class of its tag, and the word in it.
pub fn confidence(f: &Frame, of: Confidence) -> (&'static str, &'static str) {
    match of {
        Confidence::Read => ("ok", f.say("✓ đã đọc văn bản", "✓ read in the source")),
        Confidence::Unverified => ("warn", f.say("⚠ chưa kiểm chứng", "⚠ unverified")),
        Confidence::HouseRule => ("", f.say("quy ước của hệ thống", "rule of this service")),
    }
}

/// What a role is called.
pub fn role_name(f: &Frame, role: Role) -> &'static str {
    match role {
        Role::OneWindowOfficer => f.say("Công chức Một cửa", "Counter officer"),
        Role::ProcessingOfficer => f.say("Chấp hành viên, người xử lý", "Processing officer"),
        Role::Leader => f.say("Lãnh đạo", "Leader"),
        Role::Clerk => f.say("Văn thư", "Clerk"),
        Role::Inspector => f.say("Kiểm tra, giám sát", "Inspector"),
        Role::Admin => f.say("Quản trị hệ thống", "Administrator"),
    }
}

async fn home(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    administration::of(&visitor.ctx)?;
    Ok(visitor.go("/desk/quan-tri/nhan-vien"))
}
