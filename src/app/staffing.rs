//! Accounts of staff: add, give roles, reset, close. The person who runs the server keeps all of them,
//! an administrator those of their agency.
//! Every change stands in an audit chain; first passwords and code secrets are told once and never kept in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AccountId, AgencyId, UnitId};
use motcua_domain::person::is_safe_text;
use motcua_domain::policy::{Administration, Membership, Role, Verdict};
use motcua_store::account::{self, Account, Listed};
use motcua_store::agency::Office;
use motcua_store::post::{self, Placed};
use motcua_store::{Tx, session};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sessions::{new_totp_secret, token_hash};
use crate::{Ctx, Error, Result, administration, record};

/// A role in a unit.
#[derive(Debug, Clone, Copy)]
pub struct Post {
    pub unit: UnitId,
    pub role: Role,
    /// Head of the agency; leaders only.
    pub head: bool,
    /// First day; today when absent.
    pub from: Option<NaiveDate>,
    /// Last day, when it is known.
    pub until: Option<NaiveDate>,
}

/// A new member of staff.
#[derive(Debug, Clone)]
pub struct NewStaff {
    pub user_name: String,
    pub name: String,
    pub email: Option<String>,
    pub posts: Vec<Post>,
    /// Made up when absent.
    pub password: Option<SecretString>,
    /// Base32; made up when absent.
    pub totp_secret: Option<String>,
}

/// What a member of staff signs in with; told once.
#[derive(Debug, Clone)]
pub struct FirstSignIn {
    pub account: AccountId,
    pub user_name: String,
    pub password: Option<String>,
    pub totp_secret: Option<String>,
}

impl FirstSignIn {
    /// What code generators read, also as a QR code.
    pub fn otpauth(&self) -> Option<String> {
        let secret = self.totp_secret.as_ref()?;
        Some(format!("otpauth://totp/motcua:{}?secret={secret}&issuer=motcua", self.user_name))
    }
}

fn new_password(ctx: &Ctx) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(ctx.app.random::<15>()?))
}

/// Adds a member of staff with their roles.
///
/// # Errors
/// All wrong fields at once; the user name is taken.
pub async fn add(ctx: &Ctx, input: NewStaff) -> Result<FirstSignIn> {
    let kept = administration::of(ctx)?;
    check(&input)?;
    let rules = ctx.app.rules();
    let offices = rules.offices();
    let posts = input
        .posts
        .iter()
        .map(|post| Ok((*post, office_of(&kept, offices.iter().map(|office| office.as_ref()), post.unit)?)))
        .collect::<Result<Vec<_>>>()?;
    let made_up = match input.password {
        Some(_) => None,
        None => Some(new_password(ctx)?),
    };
    let password =
        input.password.clone().or_else(|| made_up.clone().map(SecretString::from)).unwrap_or_default();
    let totp_secret = match input.totp_secret {
        Some(secret) => secret,
        None => new_totp_secret(&ctx.app)?,
    };
    let new = Account {
        id: ctx.app.new_id(),
        kind: "staff".to_owned(),
        login: input.user_name,
        name: input.name.trim().to_owned(),
        email: input.email,
        language: "vi".to_owned(),
        password_hash: ctx.app.passwords().hash(&password).await?,
        totp_secret: Some(totp_secret.clone()),
        totp_last_step: None,
        verified_at: None,
        disabled_at: None,
        created_at: ctx.now(),
    };
    let id = AccountId(new.id);
    let mut tx = ctx.app.begin("add_staff").await?;
    if !account::insert(&mut tx, &new).await? {
        return Err(Error::field("/user_name", ErrorCode::FieldDuplicate));
    }
    for (post, office) in posts {
        hold(ctx, &mut tx, id, &new.login, post, office).await?;
    }
    tx.commit().await?;
    Ok(FirstSignIn { account: id, user_name: new.login, password: made_up, totp_secret: Some(totp_secret) })
}

fn check(input: &NewStaff) -> Result<()> {
    let mut errors = Vec::new();
    let mut want = |pointer: &str, holds: bool, code| {
        if !holds {
            errors.push(FieldError::plain(pointer, code));
        }
    };
    let user_name = &input.user_name;
    let shaped = user_name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
    want("/user_name", (3..=64).contains(&user_name.len()) && shaped, ErrorCode::FieldFormat);
    want("/name", !input.name.trim().is_empty(), ErrorCode::FieldRequired);
    want("/name", input.name.chars().count() <= 200, ErrorCode::FieldTooLong);
    want("/name", is_safe_text(&input.name), ErrorCode::FieldFormat);
    want("/posts", !input.posts.is_empty(), ErrorCode::FieldTooFew);
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// The office of a unit the caller may give posts in; any other is no choice, like one made up.
fn office_of<'a>(
    kept: &Administration,
    mut offices: impl Iterator<Item = &'a Office>,
    unit: UnitId,
) -> Result<&'a Office> {
    offices
        .find(|office| office.unit(unit).is_some() && kept.keeps(office.agency.id))
        .ok_or_else(|| Error::field("/posts", ErrorCode::FieldChoice))
}

async fn hold(ctx: &Ctx, tx: &mut Tx, id: AccountId, login: &str, post: Post, office: &Office) -> Result<()> {
    if post.head && post.role != Role::Leader {
        return Err(Error::field("/posts", ErrorCode::FieldInvalid));
    }
    let agency = office.agency.id;
    let held = Membership {
        agency,
        predecessors: Vec::new(),
        unit: post.unit,
        role: post.role,
        head: post.head,
        from: post.from.unwrap_or_else(|| ctx.today()).max(office.agency.from),
        until: post.until,
    };
    post::insert(tx, ctx.app.new_id(), id, &held).await?;
    let body = json!({ "account": id, "unit": post.unit, "role": post.role, "head": post.head, "from": held.from, "until": held.until });
    record::administration(
        ctx,
        tx,
        &ctx.actor.doer(None),
        &agency.to_string(),
        "staff.role_given",
        login,
        &body,
    )
    .await
}

/// An account the caller may change.
async fn find(ctx: &Ctx, tx: &mut Tx, user_name: &str) -> Result<Account> {
    let kept = administration::of(ctx)?;
    let account = account::find(tx.conn(), "staff", user_name).await?.ok_or_else(Error::not_found)?;
    let posts = post::list(tx.conn(), None, Some(user_name)).await?;
    match kept.change(AccountId(account.id), &agencies(&posts, ctx.today())) {
        Verdict::Allow(_) => Ok(account),
        Verdict::Forbid(code) => Err(Error::of(code)),
        Verdict::Hide => Err(Error::not_found()),
    }
}

/// Where somebody works or will; where they worked when that is over.
fn agencies(posts: &[Placed], today: NaiveDate) -> Vec<AgencyId> {
    let of = |posts: &mut dyn Iterator<Item = &Placed>| posts.map(|post| AgencyId(post.agency)).collect();
    let lasting: Vec<AgencyId> = of(&mut posts.iter().filter(|post| post.lasts(today)));
    if lasting.is_empty() { of(&mut posts.iter()) } else { lasting }
}

async fn audit(ctx: &Ctx, tx: &mut Tx, act: &str, account: &Account, body: &Value) -> Result<()> {
    record::administration(ctx, tx, &ctx.actor.doer(None), "service", act, &account.login, body).await
}

/// Gives one more role.
///
/// # Errors
/// Not found; an unknown unit.
pub async fn add_role(ctx: &Ctx, user_name: &str, post: Post) -> Result<()> {
    let rules = ctx.app.rules();
    let offices = rules.offices();
    let kept = administration::of(ctx)?;
    let office = office_of(&kept, offices.iter().map(|office| office.as_ref()), post.unit)?;
    let mut tx = ctx.app.begin("add_role").await?;
    let account = find(ctx, &mut tx, user_name).await?;
    hold(ctx, &mut tx, AccountId(account.id), &account.login, post, office).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a role with the last day given, or at once: then yesterday was the last.
///
/// # Errors
/// Not found; a role the caller does not keep; a last day that is over, or after the one there is.
pub async fn end_role(ctx: &Ctx, user_name: &str, post: Uuid, last: Option<NaiveDate>) -> Result<()> {
    let kept = administration::of(ctx)?;
    let today = ctx.today();
    let mut tx = ctx.app.begin("end_role").await?;
    let account = find(ctx, &mut tx, user_name).await?;
    let posts = post::list(tx.conn(), None, Some(user_name)).await?;
    let held = posts.iter().find(|one| one.id == post && one.lasts(today));
    let held = held.filter(|one| kept.keeps(AgencyId(one.agency)));
    let held = held.ok_or_else(|| Error::field("/post", ErrorCode::FieldChoice))?;
    if last.is_some_and(|last| last < today.max(held.since)) {
        return Err(Error::field("/last", ErrorCode::FieldTooSmall));
    }
    if last.is_some_and(|last| !held.lasts(last)) {
        return Err(Error::field("/last", ErrorCode::FieldTooLarge));
    }
    let until = last.or(today.pred_opt()).unwrap_or(today);
    post::end(&mut tx, held.id, until).await?;
    let body = json!({ "account": account.id, "unit": held.unit, "role": held.role, "head": held.head, "until": until });
    let doer = ctx.actor.doer(None);
    record::administration(
        ctx,
        &mut tx,
        &doer,
        &held.agency.to_string(),
        "staff.role_ended",
        user_name,
        &body,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// A new code secret; all sessions end.
///
/// # Errors
/// Not found.
pub async fn reset_totp(ctx: &Ctx, user_name: &str) -> Result<FirstSignIn> {
    let secret = new_totp_secret(&ctx.app)?;
    let mut tx = ctx.app.begin("reset_totp").await?;
    let account = find(ctx, &mut tx, user_name).await?;
    let id = AccountId(account.id);
    account::set_totp(&mut tx, id, &secret).await?;
    restart(ctx, &mut tx, &account, "staff.totp_reset").await?;
    tx.commit().await?;
    Ok(FirstSignIn { account: id, user_name: account.login, password: None, totp_secret: Some(secret) })
}

/// A new first password; all sessions end.
///
/// # Errors
/// Not found.
pub async fn reset_password(ctx: &Ctx, user_name: &str) -> Result<FirstSignIn> {
    let password = new_password(ctx)?;
    let hash = ctx.app.passwords().hash(&SecretString::from(password.clone())).await?;
    let mut tx = ctx.app.begin("reset_staff_password").await?;
    let account = find(ctx, &mut tx, user_name).await?;
    let id = AccountId(account.id);
    account::set_password(&mut tx, id, &hash).await?;
    restart(ctx, &mut tx, &account, "staff.password_reset").await?;
    tx.commit().await?;
    Ok(FirstSignIn { account: id, user_name: account.login, password: Some(password), totp_secret: None })
}

/// Sessions end and the count of tries starts over.
async fn restart(ctx: &Ctx, tx: &mut Tx, account: &Account, act: &str) -> Result<()> {
    session::end_all(tx, AccountId(account.id), None).await?;
    session::forget_tries(tx, &token_hash(&format!("staff:{}", account.login))).await?;
    audit(ctx, tx, act, account, &json!({})).await
}

/// Closes an account. What it did stays.
///
/// # Errors
/// Not found.
pub async fn disable(ctx: &Ctx, user_name: &str) -> Result<()> {
    let mut tx = ctx.app.begin("disable_staff").await?;
    let account = find(ctx, &mut tx, user_name).await?;
    account::disable(&mut tx, AccountId(account.id), ctx.now()).await?;
    session::end_all(&mut tx, AccountId(account.id), None).await?;
    audit(ctx, &mut tx, "staff.disabled", &account, &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// All staff, by user name, as the command line lists them.
///
/// # Errors
/// Not found for whoever does not keep the whole service.
pub async fn list(ctx: &Ctx) -> Result<Vec<Listed>> {
    administration::shared(ctx)?;
    Ok(account::list_staff(&mut *ctx.app.conn().await?, ctx.today()).await?)
}

/// Somebody an administrator keeps, with the posts they hold or will.
#[derive(Debug, Clone)]
pub struct Kept {
    pub account: AccountId,
    pub user_name: String,
    pub name: String,
    pub disabled_at: Option<DateTime<Utc>>,
    pub posts: Vec<Placed>,
    /// The caller may change the account; not their own, nor of somebody who also works elsewhere.
    pub changeable: bool,
}

/// The staff of the caller's agencies, by user name; one of them when `user_name` is given.
///
/// # Errors
/// Not found for whoever is no administrator.
pub async fn kept(ctx: &Ctx, user_name: Option<&str>) -> Result<Vec<Kept>> {
    let kept = administration::of(ctx)?;
    let today = ctx.today();
    let posts = post::list(&mut *ctx.app.conn().await?, None, user_name).await?;
    let mut people: Vec<Kept> = Vec::new();
    for post in posts {
        match people.last_mut().filter(|last| last.account.0 == post.account) {
            Some(last) => last.posts.push(post),
            None => people.push(Kept {
                account: AccountId(post.account),
                user_name: post.login.clone(),
                name: post.name.clone(),
                disabled_at: post.disabled_at,
                posts: vec![post],
                changeable: false,
            }),
        }
    }
    people.retain_mut(|person| {
        let verdict = kept.change(person.account, &agencies(&person.posts, today));
        person.changeable = matches!(verdict, Verdict::Allow(_));
        person.posts.retain(|post| post.lasts(today) && kept.keeps(AgencyId(post.agency)));
        verdict != Verdict::Hide
    });
    Ok(people)
}
