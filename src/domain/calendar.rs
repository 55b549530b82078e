//! Which days work: weekends, holidays, swaps, make-up Saturdays, office hours.
//!
//! A calendar is data with a version and a source. Years after the last confirmed one are
//! reckoned with what is known, and every answer that touches them carries a warning.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::procedure::Confidence;
use crate::text::Text;
use crate::words::words;

/// Asia/Ho_Chi_Minh: UTC+7 the whole year.
pub fn vietnam() -> FixedOffset {
    const SEVEN_HOURS: i32 = 7 * 3600;
    FixedOffset::east_opt(SEVEN_HOURS).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// The legal date of an instant.
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&vietnam()).date_naive()
}

/// True for a real date written year-month-day.
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<NaiveDate>().is_ok()
}

words! {
    /// What a calendar entry says of a day.
    EntryKind {
        Holiday => "holiday",
        /// A weekday given off and made up on another day.
        SwapOff => "swap_off",
        /// A weekend day worked instead.
        SwapWork => "swap_work",
        LocalClosure => "local_closure",
    }
}

/// One day that differs from the plain week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub date: NaiveDate,
    pub kind: EntryKind,
    pub name: Text,
}

/// The days of one year, with where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    pub year: i32,
    /// Names this edition of the year, such as `2026.1`.
    pub version: String,
    pub confidence: Confidence,
    /// True when the notices for the whole year are known.
    pub confirmed: bool,
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    pub days: Vec<Entry>,
}

/// A day that is to be another than it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayChange {
    pub date: NaiveDate,
    /// None makes it what its weekday is.
    pub kind: Option<EntryKind>,
    pub name: Text,
}

impl CalendarYear {
    /// The next edition, changed here and not in the catalogue: `2026.1-1` after `2026.1`, so that no
    /// edition that comes with the program ever has its name.
    #[must_use]
    pub fn changed(&self, changes: &[DayChange], source: &str) -> Self {
        let mut next = self.clone();
        next.version = match self.version.rsplit_once('-') {
            Some((base, number)) => {
                format!("{base}-{}", number.parse::<u32>().unwrap_or_default().saturating_add(1))
            }
            None => format!("{}-1", self.version),
        };
        next.days.retain(|entry| !changes.iter().any(|change| change.date == entry.date));
        next.days.extend(changes.iter().filter_map(|change| {
            Some(Entry { date: change.date, kind: change.kind?, name: change.name.clone() })
        }));
        next.days.sort_by_key(|entry| entry.date);
        next.source = format!("{}; {source}", self.source);
        next
    }
}

/// What a day is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayKind {
    Working,
    /// A weekend day worked instead of a swapped weekday.
    MakeUp(Text),
    Weekend,
    Holiday(Text),
    SwappedOff(Text),
    LocalClosure(Text),
}

impl DayKind {
    pub fn works(&self) -> bool {
        match self {
            Self::Working | Self::MakeUp(_) => true,
            Self::Weekend | Self::Holiday(_) | Self::SwappedOff(_) | Self::LocalClosure(_) => false,
        }
    }

    pub fn reason(&self) -> Text {
        let named = |vi: &str, en: &str, name: &Text| {
            Text::new(format!("{vi}: {}", name.vi), format!("{en}: {}", name.en))
        };
        match self {
            Self::Working => Text::new("Ngày làm việc", "Working day"),
            Self::MakeUp(name) => named("Ngày làm bù", "Make-up working day", name),
            Self::Weekend => Text::new("Ngày nghỉ hằng tuần", "Weekend"),
            Self::Holiday(name) => named("Ngày nghỉ lễ", "Public holiday", name),
            Self::SwappedOff(name) => named("Nghỉ hoán đổi", "Day off by swap", name),
            Self::LocalClosure(name) => named("Trụ sở đóng cửa", "Office closed", name),
        }
    }
}

/// All known years.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
    days: BTreeMap<NaiveDate, Entry>,
}

impl Calendar {
    pub fn new(years: impl IntoIterator<Item = CalendarYear>) -> Self {
        let mut calendar = Self::default();
        for year in years {
            calendar.days.extend(year.days.iter().map(|entry| (entry.date, entry.clone())));
            calendar.years.insert(year.year, year);
        }
        calendar
    }

    /// The same with another edition of one year.
    #[must_use]
    pub fn with(&self, year: CalendarYear) -> Self {
        let mut years = self.years.clone();
        years.insert(year.year, year);
        Self::new(years.into_values())
    }

    pub fn years(&self) -> impl Iterator<Item = &CalendarYear> {
        self.years.values()
    }

    pub fn year(&self, year: i32) -> Option<&CalendarYear> {
        self.years.get(&year)
    }

    pub fn day(&self, date: NaiveDate) -> DayKind {
        match self.days.get(&date) {
            Some(Entry { kind, name, .. }) => match kind {
                EntryKind::Holiday => DayKind::Holiday(name.clone()),
                EntryKind::SwapOff => DayKind::SwappedOff(name.clone()),
                EntryKind::SwapWork => DayKind::MakeUp(name.clone()),
                EntryKind::LocalClosure => DayKind::LocalClosure(name.clone()),
            },
            None => match date.weekday() {
                Weekday::Sat | Weekday::Sun => DayKind::Weekend,
                Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => DayKind::Working,
            },
        }
    }

    /// The editions a reckoning from `from` to `to` used, such as `2025.1+2026.1`.
    pub fn version_for(&self, from: NaiveDate, to: NaiveDate) -> String {
        let used: Vec<&str> = (from.year()..=to.year())
            .map(|year| self.years.get(&year).map_or("none", |known| known.version.as_str()))
            .collect();
        used.join("+")
    }

    /// One warning per year touched whose holidays are not confirmed.
    pub fn warnings(&self, from: NaiveDate, to: NaiveDate) -> Vec<Text> {
        (from.year()..=to.year())
            .filter(|year| !self.years.get(year).is_some_and(|known| known.confirmed))
            .map(|year| {
                Text::new(
                    format!("Lịch nghỉ năm {year} chưa được xác nhận; ngày hẹn có thể thay đổi khi có thông báo chính thức."),
                    format!("The holidays of {year} are not confirmed; the due date may change once the official notice is published."),
                )
            })
            .collect()
    }
}

/// Office hours of an agency, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OfficeHours {
    pub opens: u16,
    pub noon: u16,
    pub afternoon: u16,
    pub closes: u16,
}

impl Default for OfficeHours {
    /// 07:30-11:30 and 13:00-17:00 (recalled, unverified: hours are set by each province).
    fn default() -> Self {
        Self { opens: 450, noon: 690, afternoon: 780, closes: 1020 }
    }
}

impl OfficeHours {
    pub fn opening(&self) -> NaiveTime {
        time(self.opens)
    }

    /// End of the morning.
    pub fn noon(&self) -> NaiveTime {
        time(self.noon)
    }

    pub fn closing(&self) -> NaiveTime {
        time(self.closes)
    }
}

fn time(minutes: u16) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minutes).saturating_mul(60), 0)
        .unwrap_or(NaiveTime::MIN)
}
