//! Plain words for states and for who looks at a dossier, as citizens read them.

use motcua_domain::dossier::state::StateName;
use motcua_domain::policy::Role;
use motcua_domain::text::Text;

pub fn state(name: StateName) -> Text {
    match name {
        StateName::Draft => Text::new("Đang soạn, chưa nộp", "Draft, not filed"),
        StateName::Submitted => Text::new("Đã nộp, chờ tiếp nhận", "Filed, waiting to be received"),
        StateName::Refused => Text::new("Không được tiếp nhận", "Refused at intake"),
        StateName::Received => Text::new("Đã tiếp nhận", "Received"),
        StateName::InProcess => Text::new("Đang xử lý", "In process"),
        StateName::AwaitingSupplement => {
            Text::new("Chờ người nộp bổ sung", "Waiting for the applicant's supplement")
        }
        StateName::AwaitingPayment => Text::new("Chờ thực hiện nghĩa vụ tài chính", "Waiting for payment"),
        StateName::Withdrawn => Text::new("Người nộp đã rút hồ sơ", "Withdrawn by the applicant"),
        StateName::Stopped => Text::new("Đã dừng xử lý", "Stopped"),
        StateName::Decided => Text::new("Đã có kết quả, chờ trả", "Decided, result ready"),
        StateName::Returned => Text::new("Đã trả kết quả", "Result returned"),
    }
}

/// Who looked at a dossier, and what for: by the role he had, never by name.
pub fn looked(role: Option<Role>, partner: bool) -> (Text, Text) {
    let (vi, en, why_vi, why_en) = match role {
        Some(Role::OneWindowOfficer) => (
            "Công chức Bộ phận Một cửa",
            "One-window officer",
            "Tiếp nhận hồ sơ, trả lời người nộp và trả kết quả",
            "Receives the dossier, answers the applicant and hands out the result",
        ),
        Some(Role::ProcessingOfficer) => {
            ("Người xử lý hồ sơ", "Processing officer", "Xem xét, giải quyết yêu cầu", "Examines the request")
        }
        Some(Role::Leader) => (
            "Lãnh đạo cơ quan",
            "Leader of the agency",
            "Phân công, chỉ đạo và ký kết quả",
            "Assigns the work, supervises it and signs the result",
        ),
        Some(Role::Clerk) => (
            "Văn thư",
            "Clerk",
            "Cho số, đóng dấu và phát hành kết quả",
            "Numbers, seals and sends out the result",
        ),
        Some(Role::Inspector) => (
            "Người kiểm tra, giám sát",
            "Inspector",
            "Kiểm tra việc giải quyết hồ sơ",
            "Checks how the agency handles dossiers",
        ),
        None | Some(Role::Admin) if partner => (
            "Hệ thống đã nộp hồ sơ giúp ông/bà",
            "The system that filed for you",
            "Cho ông/bà xem hồ sơ trên hệ thống đó",
            "Shows you the dossier there",
        ),
        // No dossier is shown to an administrator, only its dates and reasons.
        Some(Role::Admin) => (
            "Quản trị viên",
            "Administrator",
            "Đọc thử lời thư của cơ quan, đã che tên và điều ông/bà viết",
            "Reads a letter of the agency on it, without names and what you wrote",
        ),
        None => ("Công chức của cơ quan", "Staff of the agency", "Giải quyết yêu cầu", "Handles the request"),
    };
    (Text::new(vi, en), Text::new(why_vi, why_en))
}
