//! Signing in and out. A session is an opaque token of 256 random bits; only its hash is kept.
//!
//! A try is counted before the password is looked at, and an unknown name behaves like a known
//! one in answer, in time and in being locked, so that nobody learns who has an account.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use motcua_domain::actor::{Actor, Doer};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{AccountId, SessionId};
use motcua_store::account::Account;
use motcua_store::{Tx, account, desk, session};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::accounts::{self, WhoAmI};
use crate::{App, Ctx, Error, Result, record, recovery};

const STEP_SECONDS: u64 = 30;

/// An open session. The token is told here and nowhere else.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Session {
    /// Send it as `Authorization: Bearer …`; browsers get it as a cookie too.
    pub token: String,
    pub expires_at: DateTime<Utc>,
    pub account: WhoAmI,
}

/// A token for people to carry, and what is kept of it.
pub(crate) fn new_token(app: &App) -> Result<(String, Vec<u8>)> {
    let token = URL_SAFE_NO_PAD.encode(app.random::<32>()?);
    let hash = token_hash(&token);
    Ok((token, hash))
}

pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Who holds a session token now.
///
/// # Errors
/// When the database is away.
pub async fn resolve(app: &App, token: &str) -> Result<Option<Actor>> {
    let mut conn = app.conn().await?;
    Ok(account::signed_in(&mut conn, &token_hash(token), app.now(), app.today()).await?)
}

/// A citizen, by mail address and password.
///
/// # Errors
/// `SignInFailed` whatever was wrong; `MailNotVerified` when all was right but that; too many tries.
pub async fn sign_in_citizen(ctx: &Ctx, mail: &str, password: &SecretString) -> Result<Session> {
    sign_in(ctx, "citizen", mail, password, None).await
}

/// A member of staff, by user name, password and the code of the moment, or a recovery code. A code works
/// once.
///
/// # Errors
/// `SignInFailed` whatever was wrong; too many tries.
pub async fn sign_in_staff(
    ctx: &Ctx,
    user_name: &str,
    password: &SecretString,
    code: &str,
) -> Result<Session> {
    sign_in(ctx, "staff", user_name, password, Some(code)).await
}

async fn sign_in(
    ctx: &Ctx,
    kind: &str,
    login: &str,
    password: &SecretString,
    code: Option<&str>,
) -> Result<Session> {
    let login = login.trim().to_lowercase();
    let tries = count_try(ctx, kind, &login).await?;
    let mut conn = ctx.app.conn().await?;
    let found = account::find(&mut conn, kind, &login).await?.filter(|account| account.disabled_at.is_none());
    drop(conn);
    let fits = ctx
        .app
        .passwords()
        .fits(password, found.as_ref().map(|account| account.password_hash.clone()))
        .await?;
    let Some(account) = found else { return Err(Error::of(ErrorCode::SignInFailed)) };
    let mut tx = ctx.app.begin("sign_in").await?;
    let passes =
        fits && (kind == "citizen" || take(ctx, &mut tx, &account, code.unwrap_or_default()).await?);
    if !passes {
        return fail(ctx, tx, &account).await;
    }
    session::forget_tries(&mut tx, &tries).await?;
    if kind == "citizen" && account.verified_at.is_none() {
        tx.commit().await?;
        return Err(Error::of(ErrorCode::MailNotVerified));
    }
    let opened = open(ctx, &mut tx, &account).await?;
    tx.commit().await?;
    Ok(opened)
}

/// Counts a try at the password of a name. What the count is kept under.
pub(crate) async fn count_try(ctx: &Ctx, kind: &str, login: &str) -> Result<Vec<u8>> {
    let key = token_hash(&format!("{kind}:{login}"));
    let now = ctx.now();
    let mut conn = ctx.app.conn().await?;
    match session::count_try(&mut conn, &key, now).await? {
        None => Ok(key),
        Some(until) => Err(Error::too_many(
            u64::try_from(until.signed_duration_since(now).num_seconds()).unwrap_or(0).max(1),
        )),
    }
}

/// Uses the code of the moment, or a recovery code, up. False when it is neither.
async fn take(ctx: &Ctx, tx: &mut Tx, account: &Account, code: &str) -> Result<bool> {
    let id = AccountId(account.id);
    if let Some(step) = step_of(account, code, ctx.now()) {
        return Ok(account::take_step(tx, id, step).await?);
    }
    let Some(hash) = recovery::hash(code) else { return Ok(false) };
    let taken = desk::take_recovery_code(tx, id, &hash).await?;
    if taken {
        let doer = Doer::Staff { account: id, acting_for: None };
        record::access(ctx, tx.conn(), &doer, "recovery_code_used", None, json!({ "address": ctx.address }))
            .await?;
    }
    Ok(taken)
}

async fn fail(ctx: &Ctx, mut tx: Tx, account: &Account) -> Result<Session> {
    let body = json!({ "account": account.id, "address": ctx.address });
    record::access(ctx, tx.conn(), &Doer::Anonymous, "sign_in_failed", None, body).await?;
    tx.commit().await?;
    Err(Error::of(ErrorCode::SignInFailed))
}

async fn open(ctx: &Ctx, tx: &mut Tx, account: &Account) -> Result<Session> {
    let (token, hash) = new_token(&ctx.app)?;
    let id: SessionId = ctx.app.new_id();
    let expires_at = ctx.app.after(TimeDelta::hours(i64::from(ctx.app.settings().session_hours)));
    session::insert(tx, id, &hash, AccountId(account.id), ctx.now(), expires_at).await?;
    let actor = match account.kind.as_str() {
        "staff" => Actor::Staff(
            account::staff(tx.conn(), AccountId(account.id), account.name.clone(), ctx.today()).await?,
        ),
        _ => Actor::Citizen(AccountId(account.id)),
    };
    record::access(
        ctx,
        tx.conn(),
        &actor.doer(None),
        "signed_in",
        None,
        json!({ "session": id, "address": ctx.address }),
    )
    .await?;
    Ok(Session { token, expires_at, account: accounts::describe(ctx, &actor, Some(account)) })
}

/// Ends the session of this token. Doing it twice is fine.
///
/// # Errors
/// When the database is away.
pub async fn sign_out(ctx: &Ctx, token: &str) -> Result<()> {
    let mut tx = ctx.app.begin("sign_out").await?;
    if session::end(&mut tx, &token_hash(token)).await?.is_some() {
        record::access(
            ctx,
            tx.conn(),
            &ctx.actor.doer(None),
            "signed_out",
            None,
            json!({ "address": ctx.address }),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A new shared secret for a code generator, base32.
pub(crate) fn new_totp_secret(app: &App) -> Result<String> {
    Ok(Secret::from(app.random::<20>()?).to_base32())
}

fn totp(secret: &str) -> Result<Totp> {
    let secret =
        Secret::try_from_base32(secret).map_err(|_| Error::internal("a TOTP secret cannot be read"))?;
    Builder::new()
        .with_secret(secret)
        .with_step_duration(STEP_SECONDS)
        .build()
        .map_err(|error| Error::internal(error.to_string()))
}

fn seconds(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or_default()
}

/// The time step a code belongs to, the one before and the one after included.
fn step_of(account: &Account, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let totp = totp(account.totp_secret.as_deref()?).ok()?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    totp.check(&digits, seconds(now)).and_then(|step| i64::try_from(step).ok())
}

/// The code of a moment, for the demonstration office and for tests.
///
/// # Errors
/// When the secret is not base32.
pub fn code_at(secret: &SecretString, at: DateTime<Utc>) -> Result<String> {
    Ok(totp(secret.expose_secret())?.generate(seconds(at)).to_string())
}
