//! Accounts of citizens: registering, proving the mail address, new passwords; and who one is.
//!
//! Whether an address has an account is never told: the answer is the same, and only the mailbox
//! learns the rest.

use chrono::{DateTime, TimeDelta, Utc};
use motcua_domain::actor::Actor;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AccountId, AgencyId, UnitId};
use motcua_domain::person::is_safe_text;
use motcua_domain::policy::{Membership, Role};
use motcua_domain::text::{Language, Text};
use motcua_store::account::Account;
use motcua_store::{Tx, account, session};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::letters::{self, AccountLetter};
use crate::sessions::{count_try, new_token, token_hash};
use crate::{Ctx, Error, Result, password};

/// A link to prove an address is good for two days, one for a new password for an hour.
const VERIFY_FOR: TimeDelta = TimeDelta::hours(48);
const RESET_FOR: TimeDelta = TimeDelta::hours(1);
/// Mails of one purpose to one mailbox in an hour.
const MOST_LINKS: i64 = 3;

/// A new citizen.
#[derive(Debug, Clone)]
pub struct Register {
    pub email: String,
    pub name: String,
    pub password: SecretString,
    pub language: Language,
}

/// Registers a citizen and mails a link. An address that has an account gets a mail that says so.
///
/// # Errors
/// All wrong fields at once.
pub async fn register(ctx: &Ctx, input: Register) -> Result<()> {
    let login = input.email.trim().to_lowercase();
    check(&input, &login)?;
    let hash = ctx.app.passwords().hash(&input.password).await?;
    let mut tx = ctx.app.begin("register").await?;
    let new = Account {
        id: ctx.app.new_id(),
        kind: "citizen".to_owned(),
        email: Some(login.clone()),
        login,
        name: input.name.trim().to_owned(),
        language: input.language.as_str().to_owned(),
        password_hash: hash,
        totp_secret: None,
        totp_last_step: None,
        verified_at: None,
        disabled_at: None,
        created_at: ctx.now(),
    };
    if account::insert(&mut tx, &new).await? {
        link(ctx, &mut tx, &new, AccountLetter::Verify).await?;
    } else if let Some(known) = account::find(tx.conn(), "citizen", &new.login).await? {
        // An address never proven belongs to nobody yet: the last one who asked may prove it.
        if known.verified_at.is_none() {
            account::set_password(&mut tx, AccountId(known.id), &new.password_hash).await?;
            link(ctx, &mut tx, &known, AccountLetter::Verify).await?;
        } else {
            link(ctx, &mut tx, &known, AccountLetter::Exists).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn check(input: &Register, login: &str) -> Result<()> {
    let mut errors = Vec::new();
    let mut want = |pointer: &str, holds: bool, code| {
        if !holds {
            errors.push(FieldError::plain(pointer, code));
        }
    };
    want("/email", login.len() <= 254 && login.parse::<lettre::Address>().is_ok(), ErrorCode::FieldFormat);
    want("/name", !input.name.trim().is_empty(), ErrorCode::FieldRequired);
    want("/name", input.name.chars().count() <= 200, ErrorCode::FieldTooLong);
    want("/name", is_safe_text(&input.name) && !input.name.contains(['\n', '\r']), ErrorCode::FieldFormat);
    errors.extend(password::check("/password", &input.password, login));
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// Mails a link that works once; at most three of a purpose in an hour.
async fn link(ctx: &Ctx, tx: &mut Tx, account: &Account, letter: AccountLetter) -> Result<()> {
    let now = ctx.now();
    // The mail to a known address carries no proof of anything, but a way back in.
    let (purpose, lifetime, page) = match letter {
        AccountLetter::Verify => ("verify", VERIFY_FOR, "xac-nhan"),
        AccountLetter::Exists | AccountLetter::Reset => ("reset", RESET_FOR, "dat-lai-mat-khau"),
    };
    let id = AccountId(account.id);
    let hour_ago = now.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(now);
    if account.disabled_at.is_some()
        || session::links_since(tx.conn(), id, purpose, hour_ago).await? >= MOST_LINKS
    {
        return Ok(());
    }
    let (token, hash) = new_token(&ctx.app)?;
    session::insert_link(tx, &hash, id, purpose, now, ctx.app.after(lifetime)).await?;
    // After `#`, so that the secret is in no server's log.
    let address = format!("{}/tai-khoan/{page}#{token}", ctx.app.settings().public_url);
    letters::account_letter(ctx, tx, account, letter, &address, &token).await
}

async fn use_link(ctx: &Ctx, tx: &mut Tx, token: &str, purpose: &str) -> Result<AccountId> {
    let used = session::use_link(tx, &token_hash(token.trim()), purpose, ctx.now()).await?;
    used.ok_or_else(|| Error::of(ErrorCode::LinkExpired))
}

/// Proves a mail address by the link sent to it.
///
/// # Errors
/// `LinkExpired` for one that was used, has ended or never was.
pub async fn verify_email(ctx: &Ctx, token: &str) -> Result<()> {
    let mut tx = ctx.app.begin("verify_email").await?;
    let id = use_link(ctx, &mut tx, token, "verify").await?;
    account::verify(&mut tx, id, ctx.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Mails a link for a new password, when the address has an account.
///
/// # Errors
/// When the database is away.
pub async fn request_password_reset(ctx: &Ctx, email: &str) -> Result<()> {
    let mut tx = ctx.app.begin("request_password_reset").await?;
    if let Some(account) = account::find(tx.conn(), "citizen", &email.trim().to_lowercase()).await? {
        link(ctx, &mut tx, &account, AccountLetter::Reset).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Sets a new password by the link sent for it. The address is proven by that too; all sessions end.
///
/// # Errors
/// `LinkExpired`, or what is wrong with the password; the link then stays good.
pub async fn reset_password(ctx: &Ctx, token: &str, new: &SecretString) -> Result<()> {
    let hash = ctx.app.passwords().hash(new).await?;
    let mut tx = ctx.app.begin("reset_password").await?;
    let id = use_link(ctx, &mut tx, token, "reset").await?;
    let account = account::load(tx.conn(), id).await?;
    let wrong = password::check("/password", new, &account.login);
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    account::set_password(&mut tx, id, &hash).await?;
    account::verify(&mut tx, id, ctx.now()).await?;
    session::end_all(&mut tx, id, None).await?;
    session::forget_tries(&mut tx, &token_hash(&format!("{}:{}", account.kind, account.login))).await?;
    tx.commit().await?;
    Ok(())
}

/// Sets a new password, knowing the old one. Every other session ends.
///
/// # Errors
/// A field error at `/current` when it is not the password; too many tries.
pub async fn change_password(
    ctx: &Ctx,
    token: &str,
    current: &SecretString,
    new: &SecretString,
) -> Result<()> {
    let id = ctx.actor.account().ok_or_else(|| Error::of(ErrorCode::NotSignedIn))?;
    let mut conn = ctx.app.conn().await?;
    let account = account::load(&mut conn, id).await?;
    drop(conn);
    let wrong = password::check("/new", new, &account.login);
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let tries = count_try(ctx, &account.kind, &account.login).await?;
    if !ctx.app.passwords().fits(current, Some(account.password_hash)).await? {
        return Err(Error::fields(vec![FieldError::new(
            "/current",
            ErrorCode::FieldInvalid,
            Text::new("Mật khẩu hiện tại không đúng.", "The current password is wrong."),
        )]));
    }
    let hash = ctx.app.passwords().hash(new).await?;
    let mut tx = ctx.app.begin("change_password").await?;
    account::set_password(&mut tx, id, &hash).await?;
    session::end_all(&mut tx, id, Some(&token_hash(token))).await?;
    session::forget_tries(&mut tx, &tries).await?;
    crate::record::access(
        ctx,
        tx.conn(),
        &ctx.actor.doer(None),
        "password_changed",
        None,
        serde_json::json!({ "address": ctx.address }),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Which kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    Citizen,
    Staff,
    Partner,
}

/// A role held today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoleView {
    pub agency: AgencyId,
    pub agency_name: Text,
    pub unit: UnitId,
    pub unit_name: Text,
    pub role: Role,
    /// Head of the agency.
    pub head: bool,
    /// The absent person the role is held for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<AccountId>,
}

/// Who the caller is to the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WhoAmI {
    pub kind: CallerKind,
    /// Account id, or the partner's id.
    pub id: uuid::Uuid,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleView>,
    /// Partners: `procedure:verb`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Partners: the user they name, not verified by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asserted_user: Option<String>,
    /// The time of the service, for clients that show what is left of a day.
    pub now: DateTime<Utc>,
}

/// Who the caller is.
///
/// # Errors
/// `NotSignedIn` for anyone without a session or a token.
pub async fn whoami(ctx: &Ctx) -> Result<WhoAmI> {
    if matches!(ctx.actor, Actor::Anonymous | Actor::Holder(_) | Actor::System) {
        return Err(Error::of(ErrorCode::NotSignedIn));
    }
    let account = match ctx.actor.account() {
        Some(id) => Some(account::load(&mut *ctx.app.conn().await?, id).await?),
        None => None,
    };
    Ok(describe(ctx, &ctx.actor, account.as_ref()))
}

pub(crate) fn describe(ctx: &Ctx, actor: &Actor, account: Option<&Account>) -> WhoAmI {
    let me = WhoAmI {
        kind: CallerKind::Citizen,
        id: account.map(|account| account.id).unwrap_or_default(),
        name: account.map(|account| account.name.clone()).unwrap_or_default(),
        email: account.and_then(|account| account.email.clone()),
        language: account.map(|account| Language::read(&account.language)),
        roles: Vec::new(),
        scopes: Vec::new(),
        asserted_user: None,
        now: ctx.now(),
    };
    match actor {
        Actor::Staff(staff) => {
            let own = staff.memberships.iter().map(|held| role(ctx, held, None));
            let lent = staff.acting_for.iter().flat_map(|absent| {
                absent.memberships.iter().map(|held| role(ctx, held, Some(absent.account)))
            });
            WhoAmI { kind: CallerKind::Staff, roles: own.chain(lent).collect(), ..me }
        }
        Actor::Partner(partner) => WhoAmI {
            kind: CallerKind::Partner,
            id: partner.id.0,
            name: partner.name.clone(),
            scopes: partner.scopes.iter().map(|(procedure, verb)| format!("{procedure}:{verb}")).collect(),
            asserted_user: partner.asserted_user.clone(),
            ..me
        },
        Actor::Citizen(_) | Actor::Anonymous | Actor::Holder(_) | Actor::System => me,
    }
}

fn role(ctx: &Ctx, held: &Membership, acting_for: Option<AccountId>) -> RoleView {
    let rules = ctx.app.rules();
    let office = rules.find_office(held.agency);
    RoleView {
        agency: held.agency,
        agency_name: office.map(|office| office.agency.name.clone()).unwrap_or_default(),
        unit: held.unit,
        unit_name: office
            .and_then(|office| office.unit(held.unit))
            .map(|unit| unit.name.clone())
            .unwrap_or_default(),
        role: held.role,
        head: held.head,
        acting_for,
    }
}
