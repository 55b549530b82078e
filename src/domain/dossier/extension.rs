//! The apology and the new date, made ready for a leader: he only has to confirm or change them.
//! A suggestion, never an act: nobody puts a due date off but a person.
//! Law: D61 a.19 c.9 (apology at least one day before the time limit ends).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Dossier;
use super::facts::Office;
use crate::calendar::{Calendar, local_date};
use crate::deadline::Limit;
use crate::text::Text;

/// What a leader could say and promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SuggestedExtension {
    /// A working day.
    pub new_due_on: NaiveDate,
    /// For the body of the letter.
    pub apology: Text,
}

/// Half of the procedure's limit, rounded up, in working days from the present due date.
pub fn suggest(dossier: &Dossier, office: &Office<'_>) -> Option<SuggestedExtension> {
    let clock = dossier.clock.as_ref()?;
    let Limit { days, unit: _ } = office.definition.clocks.processing.limit;
    let new_due_on = working_day_after(office.calendar, clock.due_on, days.div_ceil(2))?;
    let received = dossier.received_at.map(local_date).unwrap_or(clock.due_on);
    let say = |day: NaiveDate| day.format("%d/%m/%Y").to_string();
    let code = dossier.known_as();
    Some(SuggestedExtension {
        new_due_on,
        apology: Text::new(
            format!(
                "Hồ sơ {code} tiếp nhận ngày {} chưa giải quyết xong trong thời hạn đã hẹn. Cơ quan xin lỗi vì sự chậm trễ này và hẹn trả kết quả vào ngày {} thay cho ngày {}.",
                say(received),
                say(new_due_on),
                say(clock.due_on)
            ),
            format!(
                "Dossier {code}, received on {}, could not be completed within the promised time. We apologise for this delay and will give the result on {} instead of {}.",
                say(received),
                say(new_due_on),
                say(clock.due_on)
            ),
        ),
    })
}

/// The working day that is `count` working days after a day; the first one for 1.
pub fn working_day_after(calendar: &Calendar, day: NaiveDate, count: u16) -> Option<NaiveDate> {
    let mut left = count;
    let mut day = day;
    // No run of days off is longer than this many days per working day.
    for _ in 0..u32::from(count).saturating_mul(30) {
        if left == 0 {
            break;
        }
        day = day.succ_opt()?;
        if calendar.day(day).works() {
            left = left.saturating_sub(1);
        }
    }
    (left == 0).then_some(day)
}
