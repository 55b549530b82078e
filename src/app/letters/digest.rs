//! The morning mail to staff: what is overdue, what falls due by the end of the next working day, whose
//! time has run out, and which apologies must go out today.
//!
//! What a person reads here is what their lists show, wall and delegation included. No applicant is named.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use motcua_domain::actor::{Actor, Staff};
use motcua_domain::calendar::vietnam;
use motcua_domain::dossier::allowed::allowed;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::extension::{SuggestedExtension, working_day_after};
use motcua_domain::dossier::state::StateName;
use motcua_domain::ids::{AccountId, DossierId};
use motcua_domain::policy::{Role, Scope};
use motcua_domain::text::Language;
use motcua_store::Conn;
use motcua_store::account::{self, Account};
use motcua_store::queue::{self, Filter, Line};

use super::{New, fill, post};
use crate::{Ctx, Result, access};

/// Lines of one list; who has more to do finds the rest in the queue.
const MOST: usize = 100;

/// What one person should know this morning.
#[derive(Debug, Default)]
struct Digest {
    /// Work whose time is over, and work that falls due.
    overdue: Vec<Line>,
    due: Vec<Line>,
    /// The applicant's time has run out: may be ended, by a person.
    to_end: Vec<Line>,
    /// Results nobody has come for.
    to_hand_over: Vec<Line>,
    apologies: Vec<(Line, SuggestedExtension)>,
}

impl Digest {
    fn count(&self) -> usize {
        [&self.overdue, &self.due, &self.to_end, &self.to_hand_over].iter().map(|list| list.len()).sum()
    }
}

/// Queues the digest of one person for one morning, once; nothing when there is nothing to say.
///
/// # Errors
/// When the database is away.
pub(crate) async fn send(ctx: &Ctx, person: &Account, on: NaiveDate) -> Result<()> {
    let mut conn = ctx.app.conn().await?;
    let staff = account::staff(&mut conn, AccountId(person.id), person.name.clone(), on).await?;
    let digest = gather(ctx, &mut conn, staff, on).await?;
    drop(conn);
    let count = digest.count();
    if count == 0 {
        return Ok(());
    }
    let language = Language::read(&person.language);
    let template = match language {
        Language::Vi => include_str!("digest.vi.txt"),
        Language::En => include_str!("digest.en.txt"),
    };
    let date = on.format("%d/%m/%Y").to_string();
    let lists = written(&digest, language);
    let body = fill(template, |name| match name {
        "name" => person.name.clone(),
        "date" => date.clone(),
        "lists" => lists.clone(),
        _ => ctx.app.settings().public_url.clone(),
    });
    let subject = match language {
        Language::Vi => format!("Hồ sơ đến hạn, quá hạn ngày {date}: {count}"),
        Language::En => format!("Dossiers due and overdue on {date}: {count}"),
    };
    let mut tx = ctx.app.begin("remind_due").await?;
    let new = New::to_staff(person, "due_digest", &subject, &body);
    post(ctx, &mut tx, new, Some(&format!("due_digest:{}:{on}", person.id))).await?;
    tx.commit().await?;
    Ok(())
}

/// Which part of a person's view is theirs to act on: all for a leader, the assignments of an officer,
/// the unit of counter and clerk.
fn filters(staff: &Staff, on: NaiveDate) -> (bool, Vec<Filter>) {
    let own = (staff.account, &staff.memberships);
    let lent = staff.acting_for.iter().map(|absent| (absent.account, &absent.memberships));
    let held: Vec<_> = std::iter::once(own)
        .chain(lent)
        .flat_map(|(name, all)| all.iter().map(move |held| (name, held)))
        .filter(|(_, held)| held.holds_on(on))
        .collect();
    if held.iter().any(|(_, held)| held.role == Role::Leader) {
        return (true, vec![Filter::default()]);
    }
    let filters = held.iter().filter_map(|(name, held)| match held.role {
        Role::ProcessingOfficer => Some(Filter { assignee: Some(*name), ..Filter::default() }),
        Role::OneWindowOfficer | Role::Clerk => Some(Filter { unit: Some(held.unit), ..Filter::default() }),
        Role::Leader | Role::Inspector | Role::Admin => None,
    });
    (false, filters.collect())
}

fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    vietnam().from_local_datetime(&day.and_time(NaiveTime::MIN)).single().map(|at| at.with_timezone(&Utc))
}

async fn gather(ctx: &Ctx, conn: &mut Conn, staff: Staff, on: NaiveDate) -> Result<Digest> {
    let rules = ctx.app.rules();
    let (leads, filters) = filters(&staff, on);
    let actor = Actor::Staff(staff);
    let scope = Scope::of(&actor, on);
    let last = working_day_after(&rules.calendar, on, 1).unwrap_or(on);
    let (today, until) = (midnight(on), last.succ_opt().and_then(midnight));
    let now = ctx.now();
    let mut digest = Digest::default();
    for filter in &filters {
        for (state, due_before) in [
            (StateName::Submitted, until),
            (StateName::InProcess, until),
            // The last day for supplying or paying is the applicant's in full.
            (StateName::AwaitingSupplement, today),
            (StateName::AwaitingPayment, today),
            (StateName::Decided, today),
        ] {
            if leads && state == StateName::Decided {
                continue;
            }
            let filter = Filter { state: Some(state), due_before, ..filter.clone() };
            for line in queue::open(conn, &scope, &filter, None, MOST).await?.items {
                let list = match state {
                    StateName::AwaitingSupplement | StateName::AwaitingPayment => &mut digest.to_end,
                    StateName::Decided => &mut digest.to_hand_over,
                    _ if line.next_due_at.is_some_and(|due| due < now) => &mut digest.overdue,
                    _ => &mut digest.due,
                };
                if !list.iter().any(|known| known.id == line.id) {
                    list.push(line);
                }
            }
        }
    }
    if leads {
        let as_leader = Ctx { actor, ..ctx.clone() };
        let last_chance = |line: &&Line| {
            line.state == StateName::InProcess.as_str()
                && line.due_on.is_some_and(|due_on| on < due_on && due_on <= last)
        };
        let lines: Vec<Line> =
            digest.overdue.iter().chain(&digest.due).filter(last_chance).cloned().collect();
        for line in lines {
            if let Some(suggested) = apology(&as_leader, conn, DossierId(line.id)).await? {
                digest.apologies.push((line, suggested));
            }
        }
    }
    Ok(digest)
}

/// The apology a leader could confirm today; none when the work is signed, or the date was put off before.
async fn apology(ctx: &Ctx, conn: &mut Conn, id: DossierId) -> Result<Option<SuggestedExtension>> {
    let opened = access::open(ctx, conn, id).await?;
    if opened.dossier().decision.as_ref().is_some_and(|decision| decision.signed_at.is_some()) {
        return Ok(None);
    }
    let facts = access::facts(ctx, conn, &opened).await?;
    let open = allowed(opened.dossier(), &opened.office()?, &facts, ctx.now());
    Ok(open.into_iter().find(|one| one.act == CommandKind::Extend).and_then(|one| one.suggestion))
}

fn written(digest: &Digest, language: Language) -> String {
    let say = |vi: &'static str, en: &'static str| match language {
        Language::Vi => vi,
        Language::En => en,
    };
    let mut text = String::new();
    for (title, lines) in [
        (say("Đã quá hạn xử lý", "Overdue"), &digest.overdue),
        (
            say("Đến hạn hôm nay hoặc ngày làm việc tiếp theo", "Due today or on the next working day"),
            &digest.due,
        ),
        (
            say(
                "Người nộp không bổ sung hoặc không nộp tiền trong hạn: lãnh đạo có thể kết thúc hồ sơ",
                "The applicant did not supply or pay in time: a leader may end the dossier",
            ),
            &digest.to_end,
        ),
        (
            say("Đã có kết quả, quá ngày hẹn mà chưa trả", "Results not handed out by the promised day"),
            &digest.to_hand_over,
        ),
    ] {
        if lines.is_empty() {
            continue;
        }
        let more = if lines.len() >= MOST { "+" } else { "" };
        let _ = writeln!(text, "{title} ({}{more}):", lines.len());
        for line in lines {
            let due = line.next_due_at.map_or_else(String::new, |due| {
                due.with_timezone(&vietnam())
                    .format(say("%H:%M ngày %d/%m/%Y", "%H:%M on %d/%m/%Y"))
                    .to_string()
            });
            let _ = writeln!(text, "- {}: {} {due}", known_as(line), say("hạn", "due"));
        }
        text.push('\n');
    }
    if !digest.apologies.is_empty() {
        let title = say(
            "Phải xin lỗi và hẹn lại trong hôm nay, nếu không kịp trả kết quả (chậm nhất một ngày trước khi hết hạn). Lời xin lỗi soạn sẵn, lãnh đạo xác nhận trong hồ sơ, ở mục Xin lỗi và hẹn lại:",
            "To be put off today, with an apology, if the result will not be ready (at least one day before the time ends). Ready text, for a leader to confirm in the dossier, under Apologise and put off the due date:",
        );
        let _ = writeln!(text, "{title}");
        for (line, suggested) in &digest.apologies {
            let _ = writeln!(
                text,
                "- {}: {} {}\n  {}",
                known_as(line),
                say("đề xuất hẹn lại ngày", "suggested new date"),
                suggested.new_due_on.format("%d/%m/%Y"),
                suggested.apology.say(language)
            );
        }
    }
    text.trim_end().to_owned()
}

fn known_as(line: &Line) -> &str {
    line.code.as_deref().unwrap_or(&line.reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_use_known_names_only() {
        for text in [
            include_str!("digest.vi.txt"),
            include_str!("digest.en.txt"),
            include_str!("audit_broken.vi.txt"),
            include_str!("audit_broken.en.txt"),
        ] {
            fill(text, |name| {
                assert!(["name", "date", "lists", "public_url"].contains(&name), "{name}");
                String::new()
            });
        }
    }
}
