//! Partner systems, their secrets, and the keys their tokens are signed with.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::actor::Partner;
use motcua_domain::ids::{AgencyId, PartnerId};
use uuid::Uuid;

use crate::schema::{partner_secrets, partners, signing_keys};
use crate::{Conn, Result, StoreError, Tx};

/// A partner as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = partners)]
pub struct Contract {
    pub id: Uuid,
    pub client_id: String,
    pub name: String,
    pub contact_email: String,
    /// `procedure:verb`.
    pub scopes: Vec<String>,
    /// Empty means every agency.
    pub agencies: Vec<Uuid>,
    /// CIDR; empty means any.
    pub networks: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_network: Option<String>,
}

impl Contract {
    /// The partner as an actor.
    ///
    /// # Errors
    /// `Bug` for a scope that cannot be read.
    pub fn partner(&self, asserted_user: Option<String>) -> Result<Partner> {
        let scopes = self
            .scopes
            .iter()
            .map(|scope| {
                let (procedure, verb) = scope.split_once(':')?;
                Some((procedure.parse().ok()?, verb.parse().ok()?))
            })
            .collect::<Option<_>>()
            .ok_or_else(|| StoreError::Bug(format!("scopes of partner {}", self.client_id)))?;
        let agencies = self.agencies.iter().copied().map(AgencyId).collect();
        Ok(Partner { id: PartnerId(self.id), name: self.name.clone(), scopes, agencies, asserted_user })
    }
}

/// Adds a partner. False when the client id is taken.
pub async fn insert(tx: &mut Tx, contract: &Contract) -> Result<bool> {
    let inserted = diesel::insert_into(partners::table)
        .values(contract)
        .on_conflict(partners::client_id)
        .do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(inserted == 1)
}

pub async fn find(conn: &mut Conn, client_id: &str) -> Result<Option<Contract>> {
    Ok(Contract::query().filter(partners::client_id.eq(client_id)).first(conn).await.optional()?)
}

/// A partner that may still call.
pub async fn find_enabled(conn: &mut Conn, id: PartnerId) -> Result<Option<Contract>> {
    Ok(Contract::query()
        .filter(partners::id.eq(id.0).and(partners::disabled_at.is_null()))
        .first(conn)
        .await
        .optional()?)
}

pub async fn list(conn: &mut Conn) -> Result<Vec<Contract>> {
    Ok(Contract::query().order(partners::client_id).load(conn).await?)
}

pub async fn disable(tx: &mut Tx, id: PartnerId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(partners::table.filter(partners::id.eq(id.0).and(partners::disabled_at.is_null())))
        .set(partners::disabled_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// When and from where it last took a token.
pub async fn note_use(tx: &mut Tx, id: PartnerId, now: DateTime<Utc>, network: &str) -> Result<()> {
    diesel::update(partners::table.find(id.0))
        .set((partners::last_used_at.eq(now), partners::last_network.eq(network)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Hashes of the secrets that are good now.
pub async fn secrets(conn: &mut Conn, id: PartnerId, now: DateTime<Utc>) -> Result<Vec<String>> {
    Ok(partner_secrets::table
        .filter(partner_secrets::partner_id.eq(id.0))
        .filter(partner_secrets::expires_at.is_null().or(partner_secrets::expires_at.gt(now)))
        .select(partner_secrets::secret_hash)
        .load(conn)
        .await?)
}

/// Gives a secret; the ones before end at `others_until`.
pub async fn add_secret(
    tx: &mut Tx,
    id: Uuid,
    partner: PartnerId,
    hash: &str,
    now: DateTime<Utc>,
    others_until: DateTime<Utc>,
) -> Result<()> {
    let others = partner_secrets::table
        .filter(partner_secrets::partner_id.eq(partner.0))
        .filter(partner_secrets::expires_at.is_null().or(partner_secrets::expires_at.gt(others_until)));
    diesel::update(others).set(partner_secrets::expires_at.eq(others_until)).execute(tx.conn()).await?;
    diesel::insert_into(partner_secrets::table)
        .values((
            partner_secrets::id.eq(id),
            partner_secrets::partner_id.eq(partner.0),
            partner_secrets::secret_hash.eq(hash),
            partner_secrets::created_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// An Ed25519 key pair.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKey {
    pub id: String,
    pub private_pem: String,
    pub public_x: String,
    pub created_at: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The key that signs now and those whose tokens may still run; the signing one first.
pub async fn keys(conn: &mut Conn, retired_after: DateTime<Utc>) -> Result<Vec<SigningKey>> {
    Ok(SigningKey::query()
        .filter(signing_keys::retired_at.is_null().or(signing_keys::retired_at.gt(retired_after)))
        .order((
            signing_keys::retired_at.desc().nulls_first(),
            signing_keys::created_at.desc(),
            signing_keys::id,
        ))
        .load(conn)
        .await?)
}

/// Starts signing with a new key and retires the others. Two at once wait for each other.
pub async fn rotate(tx: &mut Tx, key: &SigningKey) -> Result<()> {
    diesel::sql_query("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn()).await?;
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set(signing_keys::retired_at.eq(key.created_at))
        .execute(tx.conn())
        .await?;
    diesel::insert_into(signing_keys::table).values(key).execute(tx.conn()).await?;
    Ok(())
}

/// The first key, unless another process made one meanwhile.
pub async fn insert_first_key(tx: &mut Tx, key: &SigningKey) -> Result<()> {
    diesel::sql_query("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn()).await?;
    let active: i64 =
        signing_keys::table.filter(signing_keys::retired_at.is_null()).count().get_result(tx.conn()).await?;
    if active == 0 {
        diesel::insert_into(signing_keys::table).values(key).execute(tx.conn()).await?;
    }
    Ok(())
}
