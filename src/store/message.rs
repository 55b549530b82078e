//! Letters to applicants and account holders, with their delivery state.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AccountId, DossierId, MessageId};
use motcua_domain::text::Language;
use uuid::Uuid;

use crate::schema::messages as m;
use crate::{Conn, Result, Tx};

/// Whom a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Dossier(DossierId),
    Account(AccountId),
}

#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    pub id: MessageId,
    pub about: About,
    /// Key of the letter.
    pub letter: &'a str,
    pub language: Language,
    pub recipient: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    /// A second letter with the same key is not written.
    pub dedupe_key: Option<&'a str>,
    pub created_at: DateTime<Utc>,
}

/// A letter as stored.
#[derive(Debug, Clone, HasQuery, serde::Deserialize)]
#[diesel(table_name = m)]
pub struct Message {
    pub id: Uuid,
    pub letter: String,
    pub language: String,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    /// `queued`, `sent` or `failed`; a CHECK says so.
    pub state: String,
    pub attempts: i16,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
}

/// Adds a letter. False when one with its dedupe key is there already.
pub async fn insert(tx: &mut Tx, new: &NewMessage<'_>) -> Result<bool> {
    let (dossier, account) = match new.about {
        About::Dossier(id) => (Some(id.0), None),
        About::Account(id) => (None, Some(id.0)),
    };
    let inserted = diesel::insert_into(m::table)
        .values((
            m::id.eq(new.id.0),
            m::dossier_id.eq(dossier),
            m::account_id.eq(account),
            m::letter.eq(new.letter),
            m::language.eq(new.language.as_str()),
            m::recipient.eq(new.recipient),
            m::subject.eq(new.subject),
            m::body.eq(new.body),
            m::state.eq("queued"),
            m::created_at.eq(new.created_at),
            m::dedupe_key.eq(new.dedupe_key),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(inserted == 1)
}

pub async fn find(conn: &mut Conn, id: MessageId) -> Result<Option<Message>> {
    Ok(Message::query().filter(m::id.eq(id.0)).first(conn).await.optional()?)
}

/// The letters about a dossier, newest first.
pub async fn list(conn: &mut Conn, dossier: DossierId) -> Result<Vec<Message>> {
    Ok(Message::query()
        .filter(m::dossier_id.eq(dossier.0))
        .order((m::created_at.desc(), m::id.desc()))
        .load(conn)
        .await?)
}

/// Left for the recipient's mail server. A letter that carries a secret link is not kept readable.
pub async fn mark_sent(conn: &mut Conn, id: MessageId, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "UPDATE messages SET state = 'sent', sent_at = $2, last_error = NULL, attempts = attempts + 1, \
         body = CASE WHEN account_id IS NULL THEN body ELSE '' END WHERE id = $1 AND state <> 'sent'",
    )
    .bind::<diesel::sql_types::Uuid, _>(id.0)
    .bind::<diesel::sql_types::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// A try that did not succeed; `last` when there will be no other.
pub async fn mark_failed(conn: &mut Conn, id: MessageId, error: &str, last: bool) -> Result<()> {
    diesel::update(m::table.filter(m::id.eq(id.0).and(m::state.ne("sent"))))
        .set((
            m::state.eq(if last { "failed" } else { "queued" }),
            m::last_error.eq(error),
            m::attempts.eq(m::attempts + 1),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// How many letters could not be delivered, and since when.
pub async fn undelivered(conn: &mut Conn) -> Result<(i64, Option<DateTime<Utc>>)> {
    use diesel::dsl::{count_star, min};
    Ok(m::table.filter(m::state.eq("failed")).select((count_star(), min(m::created_at))).first(conn).await?)
}
