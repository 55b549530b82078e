//! What happened and what came out of it, in plain words.

use motcua_app::Ctx;
use motcua_app::view::{DossierView, FilerView};
use motcua_domain::deadline::{Urgency, urgency};
use motcua_domain::dossier::allowed::ClockEffect;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::dossier::{Channel, FilerMode};
use motcua_domain::matter::Performance;
use motcua_domain::procedure::{ProcedureVersion, ReasonUse};

use super::frame::Frame;
use crate::problem::Failure;

/// Who filled the form in.
pub fn filer(f: &Frame, filer: &FilerView) -> String {
    let mode = match filer.mode {
        FilerMode::Own => f.say("Chính người nộp", "The applicant"),
        FilerMode::Representative => f.say("Người đại diện", "A representative"),
        FilerMode::Helper => f.say("Có người khai giúp", "Somebody who helped"),
    };
    match &filer.filled_in_by {
        Some(name) => format!("{mode}: {name}"),
        None => mode.to_owned(),
    }
}

/// How a request came in.
pub fn channel(f: &Frame, channel: Channel) -> &'static str {
    match channel {
        Channel::Online => f.say("Trực tuyến", "Online"),
        Channel::Partner => f.say("Qua hệ thống khác", "Through a partner"),
        Channel::Counter => f.say("Trực tiếp tại quầy", "At the counter"),
        Channel::Oral => f.say("Bằng lời nói, có biên bản", "Spoken, with minutes"),
        Channel::Postal => f.say("Qua bưu chính", "By post"),
    }
}

/// What an act does to the agency's clock; nothing is said of what does nothing.
pub fn clock_effect(f: &Frame, effect: ClockEffect) -> Option<&'static str> {
    Some(match effect {
        ClockEffect::None => return None,
        ClockEffect::Starts => f.say("Thời hạn giải quyết bắt đầu tính.", "The time limit starts."),
        ClockEffect::Stops => f.say(
            "Thời hạn dừng; tính lại từ đầu khi đã bổ sung đủ.",
            "The time limit stops, and counts from the beginning once all is supplied.",
        ),
        ClockEffect::Restarts => {
            f.say("Thời hạn được tính lại từ đầu.", "The time limit counts from the beginning.")
        }
        ClockEffect::Pauses => {
            f.say("Thời hạn tạm dừng đến khi nộp tiền.", "The time limit pauses until it is paid.")
        }
        ClockEffect::Resumes => f.say("Thời hạn tính tiếp.", "The time limit goes on."),
        ClockEffect::MovesDueDate => {
            f.say("Ngày hẹn được dời, chỉ một lần.", "The due date moves, once only.")
        }
        ClockEffect::Ends => f.say("Thời hạn kết thúc.", "The time limit ends."),
    })
}

/// How a deadline is marked: class and icon, beside its word. Nothing for one that is far off.
pub fn mark(days_left: &i32, late: bool) -> (&'static str, &'static str) {
    match urgency(*days_left, late) {
        Some(Urgency::Breached) => ("bad", "⚠"),
        Some(Urgency::Approaching) => ("warn", "◷"),
        None => ("", ""),
    }
}

/// What somebody looked at.
pub fn look<'a>(f: &'a Frame, act: &'a str) -> &'a str {
    match act {
        "dossier.viewed" => f.say("Xem hồ sơ", "Saw the dossier"),
        "timeline.viewed" => f.say("Xem diễn biến", "Saw the timeline"),
        "documents.viewed" => f.say("Xem danh sách giấy tờ", "Saw the list of papers"),
        "document.opened" => f.say("Mở giấy tờ", "Opened a paper"),
        "paper.fetched" => f.say("Mở văn bản của cơ quan", "Opened a paper of the office"),
        "dossier.look_refused" => f.say(
            "Tìm cách mở: bị từ chối, vì hồ sơ yêu cầu thay đổi chính người này",
            "Tried to open it: refused, for the request is against this person",
        ),
        "letter.rehearsed" => f.say("Đọc thử lời thư", "Read a letter on it"),
        "messages.viewed" => f.say("Xem thư đã gửi", "Saw the letters"),
        other => other,
    }
}

/// One line of the timeline, with the step it is about.
pub fn line(f: &Frame, definition: &ProcedureVersion, of: &Event) -> String {
    match of {
        Event::Routed { step, .. } => match definition.step(step) {
            Some(step) => {
                format!("{}: {}", f.say("Chuyển đến bước", "Passed to the step"), f.text(&step.name))
            }
            None => event(f, of).to_owned(),
        },
        _ => event(f, of).to_owned(),
    }
}

/// One line of the timeline.
pub fn event(f: &Frame, event: &Event) -> &'static str {
    match event {
        Event::Submitted { .. } => f.say("Đã nộp hồ sơ", "Filed"),
        Event::Escalated { .. } => {
            f.say("Chuyển lên cơ quan quản lý cấp trên", "Passed to the superior agency")
        }
        Event::Received { .. } => f.say("Cơ quan đã tiếp nhận", "Received by the agency"),
        Event::Routed { .. } => f.say("Chuyển sang bước tiếp theo", "Passed to the next step"),
        Event::SupplementRequested { .. } => f.say("Cơ quan yêu cầu bổ sung", "A supplement was asked for"),
        Event::Supplied { .. } => f.say("Người nộp đã bổ sung", "The applicant supplied what was asked"),
        Event::Resubmitted { .. } => f.say("Chờ tiếp nhận lại", "Waiting to be received again"),
        Event::ClockRestarted { .. } => {
            f.say("Thời hạn được tính lại từ đầu", "The time limit counts from the beginning")
        }
        Event::Refused { .. } => f.say("Cơ quan từ chối tiếp nhận", "Refused at intake"),
        Event::Assigned { .. } => f.say("Đã phân công người xử lý", "Assigned to an officer"),
        Event::StepCompleted { .. } => f.say("Xong một bước xử lý", "A step was completed"),
        Event::SentBack { .. } => f.say("Trả lại bước trước", "Sent back to an earlier step"),
        Event::OpinionRequested { .. } => {
            f.say("Lấy ý kiến đơn vị khác", "Another unit was asked for its opinion")
        }
        Event::OpinionAnswered { .. } => f.say("Đơn vị được hỏi đã trả lời", "The opinion was given"),
        Event::Drafted { .. } => f.say("Đã dự thảo kết quả", "The result was drafted"),
        Event::Proposed { .. } => f.say("Đã trình ký", "Proposed for signature"),
        Event::Signed { .. } => f.say("Đã ký", "Signed"),
        Event::Numbered { .. } => f.say("Đã cho số", "Numbered"),
        Event::HandedOver { .. } => f.say("Kết quả đã sẵn sàng để trả", "The result is ready"),
        Event::Returned { .. } => f.say("Đã trả kết quả", "The result was returned"),
        Event::Withdrawn { .. } => f.say("Người nộp đã rút hồ sơ", "Withdrawn by the applicant"),
        Event::Stopped { .. } => f.say("Dừng giải quyết", "Stopped"),
        Event::Extended { .. } => {
            f.say("Cơ quan xin lỗi và hẹn lại", "The agency apologised and gave a new date")
        }
        Event::PaymentRequested { .. } => f.say("Yêu cầu nộp tiền", "A payment was asked for"),
        Event::PaymentConfirmed { .. } => f.say("Đã nhận tiền", "The payment was received"),
        Event::Lapsed { .. } => {
            f.say("Dừng vì quá hạn bổ sung hoặc nộp tiền", "Ended: nothing was supplied or paid in time")
        }
        Event::Repinned { .. } => f.say("Áp dụng quy định mới", "The new rules apply"),
        Event::MatterLinked { .. } => f.say("Gắn với việc thi hành án", "Linked to its enforcement matter"),
        Event::Renamed { .. } => {
            f.say("Người nộp sửa thông tin việc thi hành án", "The applicant corrected the matter")
        }
        Event::NoteAdded { .. } => f.say("Ghi chú nội bộ", "Internal note"),
        Event::Undone { .. } => f.say("Rút lại bước vừa làm", "The last move was taken back"),
        Event::DueDateMoved { .. } => {
            f.say("Hạn được tính lại theo lịch nghỉ mới", "Reckoned anew under a changed calendar")
        }
    }
}

fn reasons(f: &Frame, definition: &ProcedureVersion, used_for: ReasonUse, keys: &[String]) -> String {
    keys.iter()
        .map(|key| definition.reason(used_for, key).map_or(key.as_str(), |reason| f.text(&reason.text)))
        .collect::<Vec<_>>()
        .join("; ")
}

/// What a refusal, a stop or a result says.
///
/// # Errors
/// When the procedure version is not known, which is a bug.
pub fn outcome(f: &Frame, ctx: &Ctx, view: &DossierView) -> Result<Vec<String>, Failure> {
    let rules = ctx.app.rules();
    let definition = &rules.version(view.procedure.version_id)?.definition;
    let mut said = Vec::new();
    if let Some(refusal) = &view.refusal {
        said.push(reasons(f, definition, ReasonUse::Refusal, std::slice::from_ref(&refusal.reason)));
        said.extend([&refusal.note, &refusal.advice].into_iter().flatten().cloned());
    } else if let Some(because) = &view.ended_because {
        let stop = definition.reason(ReasonUse::Stop, because);
        said.push(stop.map_or_else(|| because.clone(), |reason| f.text(&reason.text).to_owned()));
    }
    if let Some(result) = &view.result {
        said.push(ruling(f, definition, &result.ruling));
    }
    Ok(said)
}

/// A ruling in a sentence.
pub fn ruling(f: &Frame, definition: &ProcedureVersion, ruling: &Ruling) -> String {
    match ruling {
        Ruling::EnforcementDecision { obligations, .. } => obligations.clone(),
        Ruling::ResultConfirmation { confirmation } => match confirmation.performance {
            Performance::Full => {
                f.say("Đã thi hành xong toàn bộ nghĩa vụ.", "All obligations are performed.")
            }
            Performance::Partial => {
                f.say("Đã thi hành một phần nghĩa vụ.", "The obligations are performed in part.")
            }
            Performance::None => {
                f.say("Chưa thi hành nghĩa vụ nào.", "None of the obligations is performed.")
            }
        }
        .to_owned(),
        Ruling::OfficerReplacement { .. } => f
            .say("Thay đổi Chấp hành viên theo yêu cầu.", "The enforcement officer is replaced as requested.")
            .to_owned(),
        Ruling::CoercionCostRelief { relief } | Ruling::EnforcementFeeRelief { relief, .. } => {
            format!(
                "{} {} ({}%).",
                f.say("Được miễn, giảm", "Relief granted:"),
                f.money(&relief.amount),
                relief.percent
            )
        }
        Ruling::Refusal { reasons: keys, explanation } => {
            format!("{}. {explanation}", reasons(f, definition, ReasonUse::Rejection, keys))
        }
    }
}
