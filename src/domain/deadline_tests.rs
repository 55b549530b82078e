//! Examples from the law and the properties every due date must have.

use chrono::{DateTime, Days, NaiveDate, Utc};
use proptest::prelude::*;

use super::*;
use crate::calendar::{CalendarYear, Entry, EntryKind};
use crate::procedure::Confidence;

fn spring_2025() -> Calendar {
    let entry =
        |date: &str, kind| Entry { date: date.parse().unwrap(), kind, name: Text::new("ngày", "day") };
    Calendar::new([CalendarYear {
        year: 2025,
        version: "2025.1".into(),
        confidence: Confidence::Read,
        confirmed: true,
        source: "test".into(),
        published_on: None,
        note: None,
        days: vec![
            entry("2025-04-26", EntryKind::SwapWork),
            entry("2025-04-30", EntryKind::Holiday),
            entry("2025-05-01", EntryKind::Holiday),
            entry("2025-05-02", EntryKind::SwapOff),
        ],
    }])
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse::<DateTime<FixedOffset>>().unwrap().with_timezone(&Utc)
}

fn due(received: &str, limit: &str) -> DueDate {
    reckon(&spring_2025(), &OfficeHours::default(), at(received), limit.parse().unwrap(), &[]).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The official example: received Thursday 24/04/2025, five working days.
#[test]
fn five_working_days_over_a_swapped_holiday() {
    let due = due("2025-04-24T09:30:00+07:00", "5wd");
    assert_eq!(due.due_on, day("2025-05-05"));
    assert_eq!(due.due_at.to_rfc3339(), "2025-05-05T17:00:00+07:00");
    let told: Vec<_> = due
        .reckoning
        .iter()
        .map(|day| (day.date.format("%d/%m").to_string(), day.role, day.number))
        .collect();
    assert_eq!(told[0], ("24/04".into(), DayRole::Event, None));
    assert_eq!(told[2], ("26/04".into(), DayRole::CountedMakeUp, Some(2)));
    assert_eq!(told[6], ("30/04".into(), DayRole::Holiday, None));
    assert_eq!(told[8], ("02/05".into(), DayRole::SwappedOff, None));
    assert_eq!(told[11], ("05/05".into(), DayRole::Counted, Some(5)));
    assert!(due.warnings.is_empty());
}

#[test]
fn the_legal_date_is_the_date_in_viet_nam() {
    // 23:30 UTC on the 23rd is already the 24th in Viet Nam.
    assert_eq!(due("2025-04-23T23:30:00Z", "5wd").due_on, day("2025-05-05"));
}

#[test]
fn a_calendar_limit_rolls_forward_from_a_day_off() {
    // 16/04 + 14 = 30/04 (holiday), 01/05, 02/05, weekend: Monday 05/05.
    let due = due("2025-04-16T08:00:00+07:00", "14cd");
    assert_eq!(due.due_on, day("2025-05-05"));
    assert!(due.reckoning.iter().any(|day| day.role == DayRole::RolledForward));
}

#[test]
fn an_unconfirmed_year_carries_a_warning() {
    let due = due("2025-12-30T09:00:00+07:00", "5wd");
    assert_eq!(due.warnings.len(), 1);
    assert!(due.warnings[0].vi.contains("2026"));
}

#[test]
fn no_day_touched_by_a_pause_counts() {
    let pause = Pause { from: day("2025-04-08"), until: Some(day("2025-04-10")) };
    let due = reckon(
        &spring_2025(),
        &OfficeHours::default(),
        at("2025-04-07T09:00:00+07:00"),
        Limit::working(5),
        &[pause],
    )
    .unwrap();
    // 11, 14, 15, 16, 17 April.
    assert_eq!(due.due_on, day("2025-04-17"));
}

#[test]
fn after_fifteen_hours_forwarding_waits_for_the_next_morning() {
    let forward = |received: &str| {
        forward_due(&spring_2025(), &OfficeHours::default(), at(received), 900).unwrap().to_rfc3339()
    };
    assert_eq!(forward("2025-04-24T15:00:00+07:00"), "2025-04-24T17:00:00+07:00");
    assert_eq!(forward("2025-04-24T15:01:00+07:00"), "2025-04-25T07:30:00+07:00");
    // Saturday 26/04 is worked; Sunday is not, so Sunday's dossier waits for Monday.
    assert_eq!(forward("2025-04-25T16:00:00+07:00"), "2025-04-26T07:30:00+07:00");
    assert_eq!(forward("2025-04-27T10:00:00+07:00"), "2025-04-28T07:30:00+07:00");
}

#[test]
fn half_a_day_ends_at_noon() {
    let step = |halves| {
        step_due(&spring_2025(), &OfficeHours::default(), at("2025-04-07T09:00:00+07:00"), halves, &[])
            .unwrap()
            .to_rfc3339()
    };
    assert_eq!(step(1), "2025-04-08T11:30:00+07:00");
    assert_eq!(step(2), "2025-04-08T17:00:00+07:00");
    assert_eq!(step(7), "2025-04-11T11:30:00+07:00");
}

#[test]
fn limits_are_written_one_way() {
    assert_eq!("5wd".parse::<Limit>().unwrap(), Limit::working(5));
    assert_eq!("15cd".parse::<Limit>().unwrap().to_string(), "15cd");
    for bad in ["0wd", "731cd", "5", "wd", "-1wd", "+5wd", "5WD", "5 wd", "99999999wd"] {
        assert!(bad.parse::<Limit>().is_err(), "{bad}");
    }
}

fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (1_640_000_000_i64..1_830_000_000).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

fn any_limit() -> impl Strategy<Value = Limit> {
    (1u16..60, any::<bool>())
        .prop_map(|(days, working)| if working { Limit::working(days) } else { Limit::calendar(days) })
}

proptest! {
    #[test]
    fn never_due_on_a_day_off_and_the_reckoning_adds_up(received in any_instant(), limit in any_limit()) {
        let calendar = spring_2025();
        let due = reckon(&calendar, &OfficeHours::default(), received, limit, &[]).unwrap();
        prop_assert!(calendar.day(due.due_on).works());
        prop_assert_eq!(due.reckoning.last().unwrap().date, due.due_on);
        prop_assert_eq!(due.reckoning.last().unwrap().number, Some(limit.days));
        prop_assert_eq!(due.reckoning[0].date, crate::calendar::local_date(received));
        for pair in due.reckoning.windows(2) {
            prop_assert_eq!(pair[0].date + Days::new(1), pair[1].date);
        }
        if limit.unit == LimitUnit::WorkingDays {
            let counted = due.reckoning.iter().filter(|day| day.number.is_some()).count();
            prop_assert_eq!(counted, usize::from(limit.days));
        }
    }

    #[test]
    fn a_longer_limit_is_never_due_earlier(received in any_instant(), limit in any_limit()) {
        let calendar = spring_2025();
        let longer = Limit { days: limit.days + 1, ..limit };
        let due = |limit| reckon(&calendar, &OfficeHours::default(), received, limit, &[]).unwrap().due_on;
        prop_assert!(due(limit) <= due(longer));
    }

    #[test]
    fn holidays_outside_the_reckoning_change_nothing(received in any_instant(), days in 1u16..20) {
        let due = |calendar: &Calendar| reckon(calendar, &OfficeHours::default(), received, Limit::working(days), &[]).unwrap();
        let plain = due(&Calendar::default());
        let far = plain.due_on + Days::new(1);
        let with = Calendar::new([CalendarYear {
            year: 1999, version: "x".into(), confidence: Confidence::Read, confirmed: true, source: String::new(), published_on: None, note: None,
            days: vec![Entry { date: far, kind: EntryKind::Holiday, name: Text::default() }],
        }]);
        prop_assert_eq!(due(&with).due_on, plain.due_on);
    }

    #[test]
    fn a_pause_never_brings_the_date_forward(received in any_instant(), days in 1u16..20, after in 0u64..10, long in 0u64..15) {
        let calendar = spring_2025();
        let from = crate::calendar::local_date(received) + Days::new(after);
        let pause = Pause { from, until: Some(from + Days::new(long)) };
        let due = |pauses: &[Pause]| reckon(&calendar, &OfficeHours::default(), received, Limit::working(days), pauses).unwrap().due_on;
        prop_assert!(due(&[]) <= due(&[pause]));
    }
}
