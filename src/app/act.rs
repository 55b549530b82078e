//! One act, whole: claim the key, lock, judge, plan, save, record, tell, answer, commit.
//!
//! Everything an act leaves behind commits together, or nothing does.

use motcua_domain::dossier::apply::apply_all;
use motcua_domain::dossier::command::{Command, CommandKind};
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::plan::plan;
use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::dossier::undo;
use motcua_domain::ids::{DossierId, MatterId};
use motcua_domain::matter::{Claim, Due, Matter, MatterState, Party, PartyRole};
use motcua_domain::policy::Permission;
use motcua_store::Tx;
use serde_json::Value;

use crate::access::{self, Opened};
use crate::idempotency::Ticket;
use crate::view::{self, DossierView};
use crate::{Ctx, Error, Result, letters, papers, record};

/// Performs one act on one dossier in a transaction of its own.
///
/// # Errors
/// Not found, forbidden, stale version, rejected by the rules, or wrong fields; nothing is kept then.
pub async fn perform(ctx: &Ctx, id: DossierId, ticket: &Ticket, command: Command) -> Result<DossierView> {
    let mut tx = ctx.app.begin(command.kind().as_str()).await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return access::still_viewable(ctx, &mut tx, id, answer).await;
    }
    let opened = access::lock(ctx, &mut tx, id).await?;
    let kind = command.kind();
    let opened = advance(ctx, &mut tx, opened, ticket.expected_version, command).await?;
    letters::send(ctx, &mut tx, &opened, &[kind]).await?;
    papers::draw_up(ctx, &mut tx, &opened, &[kind]).await?;
    let view = view::build(ctx, tx.conn(), &opened).await?;
    ticket.answer(&mut tx, &view).await?;
    tx.commit().await?;
    Ok(view)
}

/// What an act would do, shown before it is done: the whole act, undone again. Nothing stays.
///
/// # Errors
/// As [`perform`].
pub async fn preview(ctx: &Ctx, id: DossierId, ticket: &Ticket, command: Command) -> Result<Preview> {
    let mut tx = ctx.app.begin("preview").await?;
    let opened = access::lock(ctx, &mut tx, id).await?;
    let kind = command.kind();
    let opened = advance(ctx, &mut tx, opened, ticket.expected_version, command).await?;
    let letter = letters::compose(ctx, &mut tx, &opened, kind).await?;
    tx.rollback().await;
    let dossier = opened.dossier();
    Ok(Preview {
        letter,
        recipient: dossier.contact.email.clone().filter(|email| !email.is_empty()),
        due_on: dossier.clock.as_ref().map(|clock| clock.due_on),
    })
}

/// The paper an act would leave, as a file: the whole act, undone again. None for acts that leave none.
///
/// # Errors
/// As [`perform`].
pub async fn preview_paper(
    ctx: &Ctx,
    id: DossierId,
    ticket: &Ticket,
    command: Command,
) -> Result<Option<crate::file::Bytes>> {
    let mut tx = ctx.app.begin("preview").await?;
    let opened = access::lock(ctx, &mut tx, id).await?;
    let kind = command.kind();
    let opened = advance(ctx, &mut tx, opened, ticket.expected_version, command).await?;
    let paper = papers::preview(ctx, &mut tx, &opened, kind).await;
    tx.rollback().await;
    paper
}

/// An act that was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub letter: Option<letters::Composed>,
    /// Who would get it; none without a mail address.
    pub recipient: Option<String>,
    /// When the result would be due after it.
    pub due_on: Option<chrono::NaiveDate>,
}

/// The act itself, inside an open transaction; used alone and as part of a filing.
pub async fn advance(
    ctx: &Ctx,
    tx: &mut Tx,
    opened: Opened,
    expected_version: Option<i64>,
    mut command: Command,
) -> Result<Opened> {
    let permit = opened.permit(ctx, Permission::Act(command.kind()))?;
    check_version(&opened, expected_version)?;
    let head = record::hold(tx, opened.dossier().id).await?;
    // Asked now and not after a serial was taken: until the commit others wait for theirs.
    access::documents(tx.conn(), &opened).await?;
    let mut facts = access::facts(ctx, tx.conn(), &opened).await?;
    facts.acting_for = permit.ground().acting_for;
    access::complete(ctx, tx, &opened, &mut facts, &mut command).await?;
    let now = ctx.now();
    let events = plan(opened.dossier(), &opened.office()?, &facts, &command, now)?;
    let doer = opened.actor.doer(facts.acting_for);
    let after = apply_all(opened.dossier().clone(), &events);
    let after = undo::remember(opened.dossier(), after, command.kind(), ctx.actor.account(), now);
    let actor = serde_json::to_value(&doer)?;
    // First, because the dossier points to the matter its decision opens.
    affect_matter(ctx, tx, &opened, &after, command.kind(), facts.new_matter).await?;
    motcua_store::dossier::save(tx, &permit, &after, &events, &actor, now).await.map_err(|error| {
        if error.violates("dossiers_version") { Error::stale(opened.dossier().version) } else { error.into() }
    })?;
    record::act(ctx, tx, head, &doer, command.kind().as_str(), after.id, &events).await?;
    drop(facts);
    let Opened { mut filed, rules, mut version, actor, asked } = opened;
    filed.dossier = after;
    if events.iter().any(|event| matches!(event, Event::Repinned { .. })) {
        version = std::sync::Arc::clone(rules.version(filed.dossier.procedure_version)?);
    }
    Ok(Opened { filed, rules, version, actor, asked })
}

/// 412 when the caller looked at another version than the one there is.
pub fn check_version(opened: &Opened, expected: Option<i64>) -> Result<()> {
    let current = opened.dossier().version;
    match expected {
        Some(expected) if expected != current => Err(Error::stale(current)),
        Some(_) | None => Ok(()),
    }
}

/// What a signed, then numbered, result does to the register, in the same transaction.
async fn affect_matter(
    ctx: &Ctx,
    tx: &mut Tx,
    opened: &Opened,
    after: &motcua_domain::dossier::Dossier,
    kind: CommandKind,
    new_matter: Option<MatterId>,
) -> Result<()> {
    let Some(decision) = &after.decision else { return Ok(()) };
    let now = ctx.now();
    match (kind, &decision.ruling) {
        (CommandKind::Sign, Ruling::EnforcementDecision { officer, .. }) => {
            let id = new_matter.ok_or_else(|| Error::internal("no id for the new matter"))?;
            let matter = Matter {
                id,
                version: 1,
                agency: after.agency,
                decision_number: None,
                decided_on: ctx.today(),
                judgment: access::judgment_of(&opened.filed.answers),
                officer: Some(*officer),
                state: MatterState::Open,
                parties: parties(&opened.filed.answers),
                claims: claims(&opened.filed.answers),
                coercion_cost: Due::default(),
                enforcement_fee: Due::default(),
                receipts: Vec::new(),
                opened_by: Some(after.id),
            };
            motcua_store::matter::insert(tx, &matter, now).await?;
        }
        (CommandKind::Number, Ruling::EnforcementDecision { .. }) => {
            let id = after.matter.ok_or_else(|| Error::internal("a signed decision has no matter"))?;
            let mut matter = motcua_store::matter::lock(tx, id).await?;
            matter.decision_number.clone_from(&decision.number);
            matter.version = matter.version.saturating_add(1);
            motcua_store::matter::save(
                tx,
                &matter,
                Some(after.id),
                "matter.numbered",
                serde_json::json!({ "number": decision.number }),
                now,
            )
            .await?;
        }
        (CommandKind::Sign, ruling) => {
            let Some(id) = after.matter else { return Ok(()) };
            let mut matter = motcua_store::matter::lock(tx, id).await?;
            if matter.feel(ruling) {
                matter.version = matter.version.saturating_add(1);
                motcua_store::matter::save(
                    tx,
                    &matter,
                    Some(after.id),
                    "matter.result_signed",
                    serde_json::to_value(ruling)?,
                    now,
                )
                .await?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'a>(answers: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answers.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The parties as the form names them.
pub(crate) fn parties(answers: &Value) -> Vec<Party> {
    list(answers, "parties")
        .map(|party| Party {
            role: text(party, "role").parse().unwrap_or(PartyRole::Related),
            full_name: text(party, "full_name"),
            address: text(party, "address"),
            identity_number: party.get("identity_number").and_then(Value::as_str).map(str::to_owned),
        })
        .collect()
}

pub(crate) fn claims(answers: &Value) -> Vec<Claim> {
    list(answers, "claims")
        .map(|claim| Claim {
            description: text(claim, "description"),
            amount: claim.get("requested_amount").or_else(|| claim.get("amount")).and_then(Value::as_u64),
            performed_amount: 0,
            performed: false,
        })
        .collect()
}
