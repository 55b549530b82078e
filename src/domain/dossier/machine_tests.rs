//! Random walks through every procedure version: the properties the machine must always have.

use chrono::{DateTime, Days, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::allowed::allowed;
use super::apply::{apply_all, replay};
use super::command::{Command, CommandKind, ItemInput};
use super::event::Event;
use super::facts::{Facts, Office};
use super::plan::plan;
use super::ruling::RulingInput;
use super::state::{Stage, State};
use super::*;
use crate::actor::{Actor, Staff};
use crate::agency::{Officer, Units};
use crate::calendar::{Calendar, OfficeHours, local_date};
use crate::ids::*;
use crate::matter::{Claim, Due, Judgment, Matter, MatterState};
use crate::policy::{Membership, Permission, Role, Subject, Verdict, judge};
use crate::procedure::{ProcedureVersion, ReasonUse};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn versions() -> Vec<ProcedureVersion> {
    motcua_catalogue::procedures()
        .unwrap()
        .into_iter()
        .map(|definition| serde_json::from_str(&definition.content).unwrap())
        .collect()
}

fn calendar() -> Calendar {
    let years: Vec<_> = motcua_catalogue::calendars().unwrap().into_iter().collect();
    let text = serde_json::to_string(&years).unwrap();
    Calendar::new(serde_json::from_str::<Vec<crate::calendar::CalendarYear>>(&text).unwrap())
}

const CHALLENGED: u128 = 29;

fn units() -> Units {
    Units { agency: AgencyId(id(1)), one_window: UnitId(id(10)), head: UnitId(id(11)), clerk: UnitId(id(12)) }
}

fn staff(account: u128, role: Role) -> Actor {
    let unit = match role {
        Role::OneWindowOfficer => 10,
        Role::Leader => 11,
        Role::Clerk => 12,
        Role::ProcessingOfficer | Role::Inspector | Role::Admin => 13,
    };
    let held = Membership {
        agency: AgencyId(id(1)),
        predecessors: Vec::new(),
        unit: UnitId(id(unit)),
        role,
        head: false,
        from: "2017-01-01".parse().unwrap(),
        until: None,
    };
    Actor::Staff(Staff {
        account: AccountId(id(account)),
        name: String::new(),
        memberships: vec![held],
        acting_for: Vec::new(),
    })
}

fn actors() -> Vec<Actor> {
    vec![
        Actor::Citizen(AccountId(id(80))),
        staff(20, Role::OneWindowOfficer),
        staff(22, Role::ProcessingOfficer),
        staff(25, Role::Leader),
        staff(26, Role::Clerk),
        staff(27, Role::Inspector),
        staff(28, Role::Admin),
        staff(CHALLENGED, Role::ProcessingOfficer),
        staff(CHALLENGED, Role::Leader),
    ]
}

fn matter(agency: AgencyId) -> Matter {
    Matter {
        id: MatterId(id(90)),
        version: 1,
        agency,
        decision_number: Some("01/2025/QĐ-THA".into()),
        decided_on: "2025-01-10".parse().unwrap(),
        judgment: Judgment::default(),
        officer: Some(Officer { account: AccountId(id(CHALLENGED)), unit: UnitId(id(13)) }),
        state: MatterState::Enforcing,
        parties: Vec::new(),
        claims: vec![Claim {
            description: "tiền".into(),
            amount: Some(10_000_000),
            performed_amount: 0,
            performed: false,
        }],
        coercion_cost: Due { total: 8_000_000, relieved: 0, paid: 4_000_000 },
        enforcement_fee: Due { total: 3_000_000, relieved: 0, paid: 0 },
        receipts: Vec::new(),
        opened_by: None,
    }
}

fn draft(definition: &ProcedureVersion, at: DateTime<Utc>) -> Dossier {
    Dossier {
        id: DossierId(id(5)),
        version: 1,
        reference: "YC-TEST".into(),
        code: None,
        book_serial: None,
        procedure: definition.key,
        procedure_version: ProcedureVersionId(id(50)),
        agency: AgencyId(id(1)),
        owner_unit: UnitId(id(10)),
        channel: Channel::Online,
        language: crate::text::Language::Vi,
        filer: Filer {
            account: Some(AccountId(id(80))),
            partner: None,
            partner_user: None,
            staff: None,
            mode: FilerMode::Own,
            filled_in_by: None,
        },
        contact: crate::person::Contact::default(),
        return_way: ReturnWay::Counter,
        state: State::Draft,
        created_at: at,
        requested_on: None,
        submitted_at: None,
        received_at: None,
        handed_over: None,
        next_due_at: None,
        clock: None,
        assignee: None,
        challenged: Vec::new(),
        escalated_from: None,
        matter: None,
        matter_reference: None,
        supplements: Vec::new(),
        opinions: Vec::new(),
        payment: None,
        decision: None,
        refusal: None,
        ended_because: None,
        ended_at: None,
        last_move: None,
    }
}

/// A well-formed command of a kind, for the dossier as it stands.
fn command(
    kind: CommandKind,
    dossier: &Dossier,
    definition: &ProcedureVersion,
    now: DateTime<Utc>,
    dice: u32,
) -> Command {
    let reason = |used: ReasonUse| {
        definition
            .reasons
            .iter()
            .find(|reason| reason.used_for == used)
            .map(|reason| reason.key.clone())
            .unwrap_or_default()
    };
    let grounds = vec![reason(ReasonUse::Ground)];
    let worked = |mut day: chrono::NaiveDate| {
        while !calendar().day(day).works() {
            day = day + Days::new(1);
        }
        day
    };
    match kind {
        CommandKind::Submit => Command::Submit { requested_on: None, matter: None, matter_reference: None },
        CommandKind::Receive => Command::receive(None),
        CommandKind::RequestSupplement => Command::RequestSupplement {
            items: vec![ItemInput {
                id: ItemId(id(u128::from(dice) + 1000)),
                field: Some("/applicant/phone".into()),
                requirement: None,
                reason: reason(ReasonUse::Supplement),
                note: None,
            }],
            round_reason: Some("cần thêm".into()),
        },
        CommandKind::Supply => Command::Supply {
            matter: None,
            matter_reference: None,
            items: dossier
                .documents_wanted()
                .map(|item| Supplied { item: item.id, document: Some(DocumentId(id(7))) })
                .collect(),
        },
        CommandKind::Refuse => {
            Command::Refuse { reason: reason(ReasonUse::Refusal), note: None, advice: None }
        }
        CommandKind::Assign => Command::Assign { officer: AccountId(id(22)), note: None },
        CommandKind::CompleteStep => {
            let step = dossier.state.step().unwrap_or_default().to_owned();
            let outcome = definition
                .step(&step)
                .and_then(|step| step.outcomes.first())
                .map(|outcome| outcome.key.clone())
                .unwrap_or_default();
            Command::CompleteStep { step, outcome, note: None }
        }
        CommandKind::SendBack => {
            Command::SendBack { to: definition.route[0].key.clone(), reason: "xem lại".into() }
        }
        CommandKind::RequestOpinion => Command::RequestOpinion {
            id: OpinionId(id(u128::from(dice) + 2000)),
            unit: UnitId(id(12)),
            question: "ý kiến?".into(),
            due_on: worked(local_date(now) + Days::new(2)),
        },
        CommandKind::AnswerOpinion => Command::AnswerOpinion {
            id: dossier
                .opinions
                .iter()
                .find(|opinion| opinion.answered_at.is_none())
                .map_or(OpinionId(id(0)), |opinion| opinion.id),
            answer: "đồng ý".into(),
        },
        CommandKind::Draft => Command::Draft {
            ruling: if dice.is_multiple_of(3) {
                RulingInput::Refusal {
                    reasons: vec![reason(ReasonUse::Rejection)],
                    explanation: "không đủ điều kiện".into(),
                }
            } else {
                match definition.key {
                    ProcedureKey::EnforcementDecision => RulingInput::EnforcementDecision {
                        officer: AccountId(id(22)),
                        obligations: "trả tiền".into(),
                    },
                    ProcedureKey::ResultConfirmation => RulingInput::ResultConfirmation,
                    ProcedureKey::OfficerReplacement => {
                        RulingInput::OfficerReplacement { new_officer: AccountId(id(22)), grounds }
                    }
                    ProcedureKey::CoercionCostRelief => {
                        RulingInput::CoercionCostRelief { grounds, percent: 50 }
                    }
                    ProcedureKey::EnforcementFeeRelief => {
                        RulingInput::EnforcementFeeRelief { grounds, percent: 20 }
                    }
                }
            },
        },
        CommandKind::Propose => Command::Propose { checked: vec![0] },
        CommandKind::Sign => Command::Sign,
        CommandKind::Number => Command::Number { number: "01/2026".into() },
        CommandKind::HandOver => Command::HandOver,
        CommandKind::Return => Command::Return { way: ReturnWay::Counter, to: "người nộp".into() },
        CommandKind::Withdraw => Command::Withdraw { reason: Some("không cần nữa".into()) },
        CommandKind::Stop => Command::Stop { reason: reason(ReasonUse::Stop), note: None },
        CommandKind::Extend => Command::Extend {
            new_due_on: worked(
                dossier.clock.as_ref().map_or(local_date(now), |clock| clock.due_on) + Days::new(3),
            ),
            reason: reason(ReasonUse::Extension),
            apology: "xin lỗi".into(),
        },
        CommandKind::RequestPayment => Command::RequestPayment { amount: 100_000, reason: "phí".into() },
        CommandKind::ConfirmPayment => Command::ConfirmPayment { paid_at: now },
        CommandKind::Lapse => Command::Lapse,
        CommandKind::Repin => Command::Repin { reason: "luật mới".into() },
        CommandKind::LinkMatter => Command::LinkMatter { matter: MatterId(id(90)) },
        CommandKind::AddNote => Command::AddNote { text: "ghi chú".into() },
        CommandKind::Undo => Command::Undo,
    }
}

/// One step of a random walk: whose turn, which act, how much time passes first, and a dice.
type Move = (usize, usize, i64, u32);

fn moves() -> impl Strategy<Value = Vec<Move>> {
    // The kinds that lead on come up more often, or walks would end early.
    let kind = prop_oneof![3 => 0usize..CommandKind::ALL.len(), 2 => prop::sample::select(vec![0usize, 1, 5, 6, 10, 11, 12, 13, 14, 15])];
    prop::collection::vec((0usize..9, kind, 0i64..40, any::<u32>()), 1..60)
}

struct Walk<'a> {
    definition: &'a ProcedureVersion,
    next: Option<&'a ProcedureVersion>,
    calendar: &'a Calendar,
    answers: serde_json::Value,
}

impl<'a> Walk<'a> {
    fn office(&self) -> Office<'_> {
        Office { definition: self.definition, calendar: self.calendar, hours: OfficeHours::default() }
    }

    fn facts<'b>(&'b self, actor: &'b Actor, dossier: &Dossier) -> Facts<'b> {
        let mut facts = Facts::new(actor, units(), &self.answers);
        facts.matter = Some(matter(dossier.agency));
        facts.named_officer = Some(Officer { account: AccountId(id(22)), unit: UnitId(id(13)) });
        facts.named_unit = Some(UnitId(id(12)));
        facts.new_matter = Some(MatterId(id(91)));
        facts.repin_to = self.next.map(|definition| (ProcedureVersionId(id(51)), definition));
        facts
    }
}

fn check_walk(
    definition: &ProcedureVersion,
    next: Option<&ProcedureVersion>,
    calendar: &Calendar,
    moves: &[Move],
) -> Result<(), TestCaseError> {
    let walk = Walk {
        definition,
        next,
        calendar,
        answers: json!({ "applicant": { "kind": "individual" }, "cost": { "total": 8_000_000, "paid": 4_000_000 } }),
    };
    let mut now: DateTime<Utc> = "2025-04-24T02:30:00Z".parse().unwrap();
    let begun = draft(definition, now);
    let mut dossier = begun.clone();
    let mut acts: Vec<Vec<Event>> = Vec::new();
    for &(who, kind, hours, dice) in moves {
        now += TimeDelta::hours(hours);
        let actor = &actors()[who];
        let kind = CommandKind::ALL[kind];
        let facts = walk.facts(actor, &dossier);
        let office = walk.office();
        let subject = Subject::of(&dossier, definition);
        let today = local_date(now);
        let judged = judge(actor, Permission::Act(kind), &subject, today);

        // 7. A challenged officer never has an allowed act.
        let open: Vec<CommandKind> =
            allowed(&dossier, &office, &facts, now).iter().map(|each| each.act).collect();
        let challenged = actor.account().is_some_and(|account| dossier.challenged.contains(&account));
        prop_assert!(!challenged || (open.is_empty() && judged == Verdict::Hide));

        // 6. An act is allowed exactly when the policy allows it and some well-formed command is accepted.
        let wanted = command(kind, &dossier, definition, now, dice);
        let planned = plan(&dossier, &office, &facts, &wanted, now);
        let accepted = planned.is_ok() && matches!(judged, Verdict::Allow(_));
        if accepted {
            prop_assert!(open.contains(&kind), "{kind} was accepted but not listed in {:?}", dossier.state);
        }
        if open.contains(&kind) && kind != CommandKind::Repin {
            prop_assert!(
                planned.is_ok(),
                "{kind} was listed but rejected: {:?} in {:?}",
                planned,
                dossier.state
            );
        }

        // 4. Final states accept nothing.
        if dossier.state.is_final() {
            prop_assert!(planned.is_err() && open.is_empty());
        }
        if !accepted {
            continue;
        }
        let events = planned.unwrap();
        // 2. An accepted act yields an event, and one version more.
        prop_assert!(!events.is_empty() && events.len() <= 16);
        let after = apply_all(dossier.clone(), &events);
        let after = undo::remember(&dossier, after, kind, actor.account(), now);
        prop_assert_eq!(after.version, dossier.version + 1);
        // 1. The invariants hold.
        prop_assert_eq!(
            after.broken_invariants(),
            Vec::<&str>::new(),
            "after {} from {:?}",
            kind,
            dossier.state
        );
        // 8. Who drafted never signs, where the definition asks for it.
        if kind == CommandKind::Sign {
            let drafter = dossier.decision.as_ref().map(|decision| decision.drafted_by);
            prop_assert!(drafter != actor.account());
        }
        // 9. Never due on a day off; a restart counts again from the start, a payment resumes.
        if let Some(clock) = &after.clock {
            prop_assert!(calendar.day(clock.due_on).works());
            if matches!(
                &events[..],
                [Event::Supplied { complete: true, .. }, Event::ClockRestarted { .. }, ..]
            ) {
                prop_assert_eq!(clock.started_at, now);
            }
        }
        // 11. A move taken back leaves the dossier where it was, and only a move can be taken back.
        prop_assert_eq!(after.last_move.is_some(), undo::is_move(kind));
        if let Some(back) = undo::undone(&after, now) {
            let was = Dossier { version: after.version + 1, last_move: None, ..dossier.clone() };
            prop_assert_eq!(apply_all(after.clone(), &[back]), was);
        }
        dossier = after;
        acts.push(events);
        if matches!(acts.last().and_then(|events| events.first()), Some(Event::Repinned { .. })) {
            // The rest of the walk would need the other definition.
            break;
        }

        // 5. No limbo: from every open state, some act is open to somebody.
        if !dossier.state.is_final() {
            let far = now + TimeDelta::days(60);
            let someone = actors()
                .iter()
                .any(|actor| !allowed(&dossier, &office, &walk.facts(actor, &dossier), far).is_empty());
            prop_assert!(someone, "nobody can act in {:?}", dossier.state);
        }
    }
    // 3. Replaying gives the same dossier.
    prop_assert_eq!(replay(begun, &acts), Dossier { last_move: None, ..dossier.clone() });
    // 10. At most one extension; a further round only with a reason.
    let extensions = acts.iter().flatten().filter(|event| matches!(event, Event::Extended { .. })).count();
    prop_assert!(extensions <= 1);
    for stage in [Stage::Intake, Stage::Examination] {
        let rounds =
            dossier.supplements.iter().filter(|supplement| supplement.stage == stage && supplement.round > 1);
        prop_assert!(rounds.into_iter().all(|supplement| supplement.round_reason.is_some()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_walk_through_every_version_keeps_the_law(moves in moves()) {
        thread_local! {
            static RULES: (Vec<ProcedureVersion>, Calendar) = (versions(), calendar());
        }
        RULES.with(|(versions, calendar)| {
            for definition in versions {
                let next = versions.iter().filter(|other| other.key == definition.key && other.effective_from > definition.effective_from).min_by_key(|other| other.effective_from);
                check_walk(definition, next.filter(|_| moves.len() % 5 == 0), calendar, &moves)?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

/// The straight way of each version, with the right person at each step.
#[test]
fn every_version_reaches_the_returned_result() {
    let calendar = calendar();
    for definition in versions() {
        let walk = Walk {
            definition: &definition,
            next: None,
            calendar: &calendar,
            answers: json!({ "applicant": { "kind": "individual" } }),
        };
        let mut now: DateTime<Utc> = "2025-04-24T02:30:00Z".parse().unwrap();
        let mut dossier = draft(&definition, now);
        let way = [
            (0, CommandKind::Submit),
            (1, CommandKind::Receive),
            (1, CommandKind::CompleteStep),
            (3, CommandKind::Assign),
            (2, CommandKind::Draft),
            (2, CommandKind::Propose),
            (3, CommandKind::Sign),
            (4, CommandKind::Number),
            (4, CommandKind::HandOver),
            (1, CommandKind::Return),
        ];
        for (who, kind) in way {
            let actor = &actors()[who];
            let facts = walk.facts(actor, &dossier);
            let judged =
                judge(actor, Permission::Act(kind), &Subject::of(&dossier, &definition), local_date(now));
            assert!(
                matches!(judged, Verdict::Allow(_)),
                "{} {}: {kind} by {who}: {judged:?} in {:?}",
                definition.key,
                definition.version,
                dossier.state
            );
            let events =
                plan(&dossier, &walk.office(), &facts, &command(kind, &dossier, &definition, now, 1), now)
                    .unwrap_or_else(|why| {
                        panic!("{} {}: {kind}: {why:?}", definition.key, definition.version)
                    });
            dossier = apply_all(dossier, &events);
            now += TimeDelta::hours(3);
        }
        assert_eq!(dossier.state, State::Returned, "{} {}", definition.key, definition.version);
        assert_eq!(dossier.clock.unwrap().due_on, "2025-05-05".parse().unwrap());
    }
}
