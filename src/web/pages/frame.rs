//! What every page shows around its content, and how it writes texts, dates and money.

use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use motcua_domain::calendar::vietnam;
use motcua_domain::deadline::{Limit, LimitUnit};
use motcua_domain::procedure::legal_basis::{self, LegalBasis};
use motcua_domain::text::{Language, Text};

use super::asset;
use super::visitor::cookie_name;
use crate::Web;

/// Cookie with the language somebody chose.
pub const LANGUAGE_COOKIE: &str = "motcua-ngon-ngu";

/// Who looks at the page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Who {
    #[default]
    Nobody,
    Citizen,
    Staff(String),
}

/// The frame of a page.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub language: Language,
    /// Where this page is.
    pub path: String,
    /// The same with its query, for the link that changes the language.
    pub address: String,
    /// Goes with every form: what a page of ours knows and no other site does.
    pub token: String,
    pub who: Who,
    /// Sees the overview of an agency.
    pub leads: bool,
    /// When the session of staff ends, in seconds since 1970.
    pub session_ends: Option<i64>,
    /// May read a register of matters.
    pub reads_register: bool,
    /// Keeps the accounts and units of an agency.
    pub administers: bool,
    /// Keeps what all agencies share.
    pub keeps_shared: bool,
    /// Enters requests at a counter, so that the page for it is offered.
    pub receives: bool,
    /// A session came to its end; said once, on the page that meets it.
    pub session_ended: bool,
}

impl Frame {
    /// Vietnamese unless somebody chose English here.
    pub fn of(request: &HttpRequest) -> Self {
        let web = request.app_data::<Data<Web>>();
        let chosen = web.and_then(|web| request.cookie(&cookie_name(web, LANGUAGE_COOKIE)));
        let language = chosen.map_or(Language::Vi, |chosen| Language::read(chosen.value()));
        let address = super::interrupted::asked(request);
        Self { language, path: request.path().to_owned(), address, ..Self::default() }
    }

    /// One sentence of a page, both languages beside each other.
    pub fn say<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Vi => vi,
            Language::En => en,
        }
    }

    /// A text of the catalogue or of the rules.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.say(self.language)
    }

    pub fn lang(&self) -> &'static str {
        self.language.as_str()
    }

    /// The language the page is not in, and its own name.
    pub fn other(&self) -> (&'static str, &'static str) {
        match self.language {
            Language::Vi => ("en", "English"),
            Language::En => ("vi", "Tiếng Việt"),
        }
    }

    pub fn is_citizen(&self) -> bool {
        self.who == Who::Citizen
    }

    pub fn is_staff(&self) -> bool {
        matches!(self.who, Who::Staff(_))
    }

    /// Name of the member of staff who looks.
    pub fn staff_name(&self) -> Option<&str> {
        match &self.who {
            Who::Staff(name) => Some(name),
            Who::Nobody | Who::Citizen => None,
        }
    }

    pub fn css(&self) -> &'static str {
        asset::css()
    }

    pub fn js(&self) -> &'static str {
        asset::js()
    }

    /// `05/12/2026`.
    pub fn date(&self, day: &NaiveDate) -> String {
        day.format("%d/%m/%Y").to_string()
    }

    /// `thứ Hai, 05/12/2026`.
    pub fn day(&self, day: &NaiveDate) -> String {
        let name = match day.weekday() {
            Weekday::Mon => self.say("thứ Hai", "Monday"),
            Weekday::Tue => self.say("thứ Ba", "Tuesday"),
            Weekday::Wed => self.say("thứ Tư", "Wednesday"),
            Weekday::Thu => self.say("thứ Năm", "Thursday"),
            Weekday::Fri => self.say("thứ Sáu", "Friday"),
            Weekday::Sat => self.say("thứ Bảy", "Saturday"),
            Weekday::Sun => self.say("Chủ nhật", "Sunday"),
        };
        format!("{name}, {}", self.date(day))
    }

    /// `05/12/2026 17:00`, in Viet Nam.
    pub fn instant(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&vietnam()).format("%d/%m/%Y %H:%M").to_string()
    }

    /// `17:00`, in Viet Nam.
    pub fn hour(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&vietnam()).format("%H:%M").to_string()
    }

    /// `1.234.567 đ`.
    pub fn money(&self, amount: &u64) -> String {
        format!("{}\u{a0}đ", self.number(amount))
    }

    /// `1.234.567`.
    pub fn number(&self, number: &impl ToString) -> String {
        let digits = number.to_string();
        let mut written = String::with_capacity(digits.len().saturating_mul(2));
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
                written.push('.');
            }
            written.push(digit);
        }
        written
    }

    /// Minutes after midnight as `07:30`.
    pub fn clock(&self, minutes: &u16) -> String {
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// A time limit: `5 ngày làm việc`.
    pub fn limit(&self, limit: &Limit) -> String {
        let unit = match (limit.unit, limit.days) {
            (LimitUnit::WorkingDays, 1) => self.say("ngày làm việc", "working day"),
            (LimitUnit::WorkingDays, _) => self.say("ngày làm việc", "working days"),
            (LimitUnit::CalendarDays, 1) => self.say("ngày", "day"),
            (LimitUnit::CalendarDays, _) => self.say("ngày", "days"),
        };
        format!("{} {unit}", limit.days)
    }

    /// A legal basis in words.
    pub fn cite(&self, basis: &LegalBasis) -> String {
        basis.in_words(self.language)
    }

    /// Compact citations in words.
    pub fn cited(&self, bases: &[String]) -> String {
        let said: Vec<String> =
            bases.iter().map(|cited| legal_basis::in_words(cited, self.language)).collect();
        said.join("; ")
    }

    /// What is left until a due date, in words: said beside the icon, never by colour alone.
    pub fn days_left(&self, days: &i32) -> String {
        match days {
            ..0 => match self.language {
                Language::Vi => format!("quá hạn {} ngày làm việc", days.unsigned_abs()),
                Language::En => format!("{} working days overdue", days.unsigned_abs()),
            },
            0 => self.say("đến hạn hôm nay", "due today").to_owned(),
            _ => match self.language {
                Language::Vi => format!("còn {days} ngày làm việc"),
                Language::En => format!("{days} working days left"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_dates_are_written_as_people_write_them() {
        let frame = Frame::default();
        assert_eq!(frame.money(&0), "0\u{a0}đ");
        assert_eq!(frame.money(&999), "999\u{a0}đ");
        assert_eq!(frame.money(&1_234_567), "1.234.567\u{a0}đ");
        assert_eq!(frame.money(&u64::MAX), "18.446.744.073.709.551.615\u{a0}đ");
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        assert_eq!(frame.day(&day), "thứ Ba, 24/11/2026");
        let late: DateTime<Utc> = "2026-11-24T17:30:00Z".parse().unwrap();
        assert_eq!(frame.instant(&late), "25/11/2026 00:30");
    }

    #[test]
    fn what_is_left_is_said_in_words() {
        let frame = Frame::default();
        assert_eq!(frame.days_left(&-2), "quá hạn 2 ngày làm việc");
        assert_eq!(frame.days_left(&0), "đến hạn hôm nay");
        assert_eq!(frame.days_left(&3), "còn 3 ngày làm việc");
    }
}
