//! Plain words for states, as citizens read them.

use motcua_domain::dossier::state::StateName;
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
