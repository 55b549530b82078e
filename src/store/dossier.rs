//! Dossiers: the aggregate and the columns that repeat what queries and constraints need.
//!
//! Writers take a `Tx` and a permit; a save fails when the version is not the one that was read.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Event;
use motcua_domain::ids::DossierId;
use motcua_domain::policy::Permit;
use serde_json::Value;
use uuid::Uuid;

use crate::json::Json;
use crate::schema::{dossier_events, dossiers};
use crate::{Conn, Result, StoreError, Tx};

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = dossiers, treat_none_as_null = true)]
struct DossierRow<'a> {
    id: Uuid,
    version: i64,
    reference: &'a str,
    code: Option<&'a str>,
    procedure: &'a str,
    procedure_version_id: Uuid,
    agency_id: Uuid,
    owner_unit_id: Uuid,
    assignee_id: Option<Uuid>,
    filer_account_id: Option<Uuid>,
    filer_partner_id: Option<Uuid>,
    filer_staff_id: Option<Uuid>,
    matter_id: Option<Uuid>,
    challenged: Vec<Uuid>,
    asked_units: Vec<Uuid>,
    channel: &'a str,
    state: &'a str,
    step: Option<&'a str>,
    next_step: Option<&'a str>,
    next_due_at: Option<DateTime<Utc>>,
    due_on: Option<NaiveDate>,
    created_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    received_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    applicant: &'a str,
    body: Value,
}

fn row(dossier: &Dossier) -> Result<DossierRow<'_>> {
    Ok(DossierRow {
        id: dossier.id.0,
        version: dossier.version,
        reference: &dossier.reference,
        code: dossier.code.as_deref(),
        procedure: dossier.procedure.as_str(),
        procedure_version_id: dossier.procedure_version.0,
        agency_id: dossier.agency.0,
        owner_unit_id: dossier.owner_unit.0,
        assignee_id: dossier.assignee.map(|officer| officer.account.0),
        filer_account_id: dossier.filer.account.map(|id| id.0),
        filer_partner_id: dossier.filer.partner.map(|id| id.0),
        filer_staff_id: dossier.filer.staff.map(|id| id.0),
        matter_id: dossier.matter.map(|id| id.0),
        challenged: dossier.challenged.iter().map(|id| id.0).collect(),
        asked_units: dossier
            .opinions
            .iter()
            .filter(|opinion| opinion.answered_at.is_none())
            .map(|opinion| opinion.unit.0)
            .collect(),
        channel: dossier.channel.as_str(),
        state: dossier.state.name().as_str(),
        step: dossier.state.step(),
        next_step: dossier.next_step(),
        next_due_at: dossier.next_due_at,
        due_on: dossier.clock.as_ref().map(|clock| clock.due_on),
        created_at: dossier.created_at,
        submitted_at: dossier.submitted_at,
        received_at: dossier.received_at,
        ended_at: dossier.ended_at,
        applicant: &dossier.contact.name,
        body: serde_json::to_value(dossier).map_err(bug)?,
    })
}

fn bug(error: serde_json::Error) -> StoreError {
    StoreError::Bug(format!("dossier body: {error}"))
}

/// A dossier with the answers of its form.
#[derive(Debug, Clone)]
pub struct Filed {
    pub dossier: Dossier,
    pub answers: Value,
}

type FiledRow = (Json<Dossier>, Value, Vec<u8>);

fn filed((Json(dossier), answers, key_hash): FiledRow) -> (Filed, Vec<u8>) {
    (Filed { dossier, answers }, key_hash)
}

/// Stores a new draft. The tracking key is known only by its hash.
pub async fn insert(tx: &mut Tx, dossier: &Dossier, key_hash: &[u8], answers: &Value) -> Result<()> {
    diesel::insert_into(dossiers::table)
        .values((row(dossier)?, dossiers::key_hash.eq(key_hash), dossiers::answers.eq(answers)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Puts another tracking key, known only by its hash, in the place of the former.
pub async fn rekey(tx: &mut Tx, permit: &Permit<Dossier>, key_hash: &[u8]) -> Result<()> {
    diesel::update(dossiers::table.find(permit.get().id.0))
        .set(dossiers::key_hash.eq(key_hash))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Loads a dossier and the hash of its tracking key, and holds its row until the transaction ends.
pub async fn lock(tx: &mut Tx, id: DossierId) -> Result<(Filed, Vec<u8>)> {
    let found = dossiers::table
        .filter(dossiers::id.eq(id.0))
        .select((dossiers::body, dossiers::answers, dossiers::key_hash))
        .for_no_key_update()
        .first(tx.conn())
        .await?;
    Ok(filed(found))
}

/// Loads a dossier and the hash of its tracking key.
pub async fn load(conn: &mut Conn, id: DossierId) -> Result<(Filed, Vec<u8>)> {
    let found = dossiers::table
        .filter(dossiers::id.eq(id.0))
        .select((dossiers::body, dossiers::answers, dossiers::key_hash))
        .first(conn)
        .await?;
    Ok(filed(found))
}

/// As [`load`], with the keys of the required papers that are there: two statements, one round trip.
pub async fn load_with_papers(conn: &mut Conn, id: DossierId) -> Result<((Filed, Vec<u8>), Vec<String>)> {
    let (mut dossier, mut papers) = (&*conn, &*conn);
    let found = dossiers::table
        .filter(dossiers::id.eq(id.0))
        .select((dossiers::body, dossiers::answers, dossiers::key_hash))
        .first(&mut dossier);
    let (found, present) = try_join!(found, crate::document::requirements(id).load::<String>(&mut papers))?;
    Ok((filed(found), present))
}

/// By its official code or its reference, with the hash of its tracking key and its timeline: two
/// statements, one round trip, and the same work whether the code exists or not.
pub async fn find_by_code(
    conn: &mut Conn,
    code: &str,
) -> Result<Option<(Dossier, Vec<u8>, Vec<TimelineEvent>)>> {
    let known_as = || dossiers::reference.eq(code).or(dossiers::code.eq(code));
    let (mut dossier, mut timeline) = (&*conn, &*conn);
    let found = dossiers::table.filter(known_as()).select((dossiers::body, dossiers::key_hash)).load::<(
        Json<Dossier>,
        Vec<u8>,
    )>(
        &mut dossier
    );
    let events = dossier_events::table
        .inner_join(dossiers::table.on(dossiers::id.eq(dossier_events::dossier_id)))
        .filter(known_as())
        .order(dossier_events::seq)
        .select(LINE)
        .load::<LineRow>(&mut timeline);
    let (found, events) = try_join!(found, events)?;
    let lines = events.into_iter().map(line).collect();
    Ok(found.into_iter().next().map(|(Json(dossier), hash)| (dossier, hash, lines)))
}

/// Saves what an act led to, and appends its events.
///
/// # Errors
/// `Conflict("dossiers_version")` when someone else saved in between.
pub async fn save(
    tx: &mut Tx,
    permit: &Permit<Dossier>,
    after: &Dossier,
    events: &[Event],
    actor: &Value,
    at: DateTime<Utc>,
) -> Result<()> {
    let before = permit.get();
    let changed = diesel::update(
        dossiers::table.filter(dossiers::id.eq(before.id.0).and(dossiers::version.eq(before.version))),
    )
    .set(row(after)?)
    .execute(tx.conn())
    .await?;
    if changed != 1 {
        return Err(StoreError::Conflict("dossiers_version".to_owned()));
    }
    append(tx, after, events, actor, at).await
}

/// Saves a draft with its answers; the version grows, no event is recorded.
///
/// # Errors
/// `Conflict("dossiers_version")` when someone else saved in between.
pub async fn save_draft(
    tx: &mut Tx,
    permit: &Permit<Dossier>,
    after: &Dossier,
    answers: &Value,
) -> Result<()> {
    let before = permit.get();
    let changed = diesel::update(
        dossiers::table.filter(dossiers::id.eq(before.id.0).and(dossiers::version.eq(before.version))),
    )
    .set((row(after)?, dossiers::answers.eq(answers), dossiers::touched_at.eq(diesel::dsl::now)))
    .execute(tx.conn())
    .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict("dossiers_version".to_owned())) }
}

/// Saves answers corrected by a supplement.
pub async fn save_answers(tx: &mut Tx, permit: &Permit<Dossier>, answers: &Value) -> Result<()> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(permit.get().id.0)))
        .set(dossiers::answers.eq(answers))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Removes a draft for good; its papers' rows go with it.
pub async fn discard(tx: &mut Tx, permit: &Permit<Dossier>) -> Result<()> {
    let dossier = permit.get();
    let gone = diesel::delete(
        dossiers::table.filter(
            dossiers::id
                .eq(dossier.id.0)
                .and(dossiers::version.eq(dossier.version))
                .and(dossiers::state.eq("draft")),
        ),
    )
    .execute(tx.conn())
    .await?;
    if gone == 1 { Ok(()) } else { Err(StoreError::Conflict("dossiers_version".to_owned())) }
}

#[derive(Insertable)]
#[diesel(table_name = dossier_events)]
struct EventRow<'a> {
    dossier_id: Uuid,
    seq: i64,
    version: i64,
    at: DateTime<Utc>,
    kind: &'a str,
    actor: &'a Value,
    body: Value,
}

/// How many events one act may yield; sequence numbers leave that much room per version.
const EVENTS_PER_ACT: i64 = 16;

async fn append(
    tx: &mut Tx,
    dossier: &Dossier,
    events: &[Event],
    actor: &Value,
    at: DateTime<Utc>,
) -> Result<()> {
    let rows: Vec<EventRow<'_>> = (0_i64..)
        .zip(events)
        .map(|(offset, event)| {
            Ok(EventRow {
                dossier_id: dossier.id.0,
                seq: dossier.version.saturating_mul(EVENTS_PER_ACT).saturating_add(offset),
                version: dossier.version,
                at,
                kind: event.kind(),
                actor,
                body: serde_json::to_value(event).map_err(bug)?,
            })
        })
        .collect::<Result<_>>()?;
    diesel::insert_into(dossier_events::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// One line of the timeline.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct TimelineEvent {
    pub seq: i64,
    pub version: i64,
    pub at: DateTime<Utc>,
    pub actor: Value,
    pub event: Event,
}

type LineRow = (i64, i64, DateTime<Utc>, Value, Json<Event>);

const LINE: (
    dossier_events::seq,
    dossier_events::version,
    dossier_events::at,
    dossier_events::actor,
    dossier_events::body,
) = (
    dossier_events::seq,
    dossier_events::version,
    dossier_events::at,
    dossier_events::actor,
    dossier_events::body,
);

fn line((seq, version, at, actor, Json(event)): LineRow) -> TimelineEvent {
    TimelineEvent { seq, version, at, actor, event }
}

/// The timeline, oldest first.
pub async fn events(conn: &mut Conn, id: DossierId) -> Result<Vec<TimelineEvent>> {
    let rows: Vec<LineRow> = dossier_events::table
        .filter(dossier_events::dossier_id.eq(id.0))
        .order(dossier_events::seq)
        .select(LINE)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(line).collect())
}
