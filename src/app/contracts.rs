//! Partner contracts, kept by the person who runs the server and the top agency's administrators: who
//! may call, for what, from where.
//! Every change stands in the audit chain of the service; secrets never do.

use chrono::TimeDelta;
use ipnet::IpNet;
use motcua_domain::actor::Verb;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AgencyId, PartnerId};
use motcua_domain::procedure::ProcedureKey;
use motcua_store::Tx;
use motcua_store::partner as store;
pub use motcua_store::partner::Contract;
use serde_json::{Value, json};

use crate::partners::{new_secret, secret_hash};
use crate::{Ctx, Error, Result, administration, record};

/// A new contract.
#[derive(Debug, Clone)]
pub struct NewContract {
    /// Made up when absent.
    pub client_id: Option<String>,
    pub name: String,
    pub contact_email: String,
    pub scopes: Vec<String>,
    pub agencies: Vec<AgencyId>,
    pub networks: Vec<String>,
}

/// What the partner signs in with; told once.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub id: PartnerId,
    pub client_id: String,
    pub secret: String,
}

/// Adds a partner and gives its first secret.
///
/// # Errors
/// All wrong fields at once; the client id is taken.
pub async fn add(ctx: &Ctx, input: NewContract) -> Result<Credentials> {
    let secret = new_secret(&ctx.app)?;
    add_with_secret(ctx, input, secret).await
}

/// The same with a secret chosen beforehand: the demonstration office alone does that.
pub(crate) async fn add_with_secret(ctx: &Ctx, input: NewContract, secret: String) -> Result<Credentials> {
    administration::shared(ctx)?;
    let client_id = match input.client_id {
        Some(given) => given,
        None => format!("partner-{}", hex::encode(ctx.app.random::<6>()?)),
    };
    let contract = Contract {
        id: ctx.app.new_id(),
        client_id,
        name: input.name.trim().to_owned(),
        contact_email: input.contact_email,
        scopes: input.scopes,
        agencies: input.agencies.into_iter().map(|agency| agency.0).collect(),
        networks: input.networks,
        created_at: ctx.now(),
        disabled_at: None,
        last_used_at: None,
        last_network: None,
    };
    check(&contract)?;
    let hash = secret_hash(&secret);
    let id = PartnerId(contract.id);
    let mut tx = ctx.app.begin("add_partner").await?;
    if !store::insert(&mut tx, &contract).await? {
        return Err(Error::field("/client_id", ErrorCode::FieldDuplicate));
    }
    store::add_secret(&mut tx, ctx.app.new_id(), id, &hash, ctx.now(), ctx.now()).await?;
    let body = json!({ "name": contract.name, "scopes": contract.scopes, "agencies": contract.agencies, "networks": contract.networks });
    audit(ctx, &mut tx, "partner.added", &contract.client_id, &body).await?;
    tx.commit().await?;
    Ok(Credentials { id, client_id: contract.client_id, secret })
}

fn check(contract: &Contract) -> Result<()> {
    let mut errors = Vec::new();
    let mut want = |pointer: String, holds: bool, code| {
        if !holds {
            errors.push(FieldError::plain(pointer, code));
        }
    };
    let id = &contract.client_id;
    want(
        "/client_id".into(),
        (3..=64).contains(&id.len())
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
        ErrorCode::FieldFormat,
    );
    want("/name".into(), !contract.name.is_empty(), ErrorCode::FieldRequired);
    want(
        "/contact_email".into(),
        contract.contact_email.parse::<lettre::Address>().is_ok(),
        ErrorCode::FieldFormat,
    );
    want("/scopes".into(), !contract.scopes.is_empty(), ErrorCode::FieldRequired);
    for (at, scope) in contract.scopes.iter().enumerate() {
        let known = scope.split_once(':').is_some_and(|(procedure, verb)| {
            procedure.parse::<ProcedureKey>().is_ok() && verb.parse::<Verb>().is_ok()
        });
        want(format!("/scopes/{at}"), known, ErrorCode::FieldChoice);
    }
    for (at, network) in contract.networks.iter().enumerate() {
        want(format!("/networks/{at}"), network.parse::<IpNet>().is_ok(), ErrorCode::FieldFormat);
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// Gives a new secret; those before stay good for `overlap`.
///
/// # Errors
/// Not found when no partner has the client id.
pub async fn rotate_secret(ctx: &Ctx, client_id: &str, overlap: TimeDelta) -> Result<Credentials> {
    administration::shared(ctx)?;
    let secret = new_secret(&ctx.app)?;
    let hash = secret_hash(&secret);
    let mut tx = ctx.app.begin("rotate_partner_secret").await?;
    let contract = store::find(tx.conn(), client_id).await?.ok_or_else(Error::not_found)?;
    let id = PartnerId(contract.id);
    let others_until = ctx.app.after(overlap);
    store::add_secret(&mut tx, ctx.app.new_id(), id, &hash, ctx.now(), others_until).await?;
    audit(ctx, &mut tx, "partner.secret_rotated", client_id, &json!({ "others_until": others_until }))
        .await?;
    tx.commit().await?;
    Ok(Credentials { id, client_id: contract.client_id, secret })
}

/// Closes a partner: no new tokens, and those out no longer count.
///
/// # Errors
/// Not found when no partner has the client id.
pub async fn disable(ctx: &Ctx, client_id: &str) -> Result<()> {
    administration::shared(ctx)?;
    let mut tx = ctx.app.begin("disable_partner").await?;
    let contract = store::find(tx.conn(), client_id).await?.ok_or_else(Error::not_found)?;
    store::disable(&mut tx, PartnerId(contract.id), ctx.now()).await?;
    audit(ctx, &mut tx, "partner.disabled", client_id, &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// All contracts, by client id.
///
/// # Errors
/// Not found for whoever does not keep them.
pub async fn list(ctx: &Ctx) -> Result<Vec<Contract>> {
    administration::shared(ctx)?;
    Ok(store::list(&mut *ctx.app.conn().await?).await?)
}

async fn audit(ctx: &Ctx, tx: &mut Tx, act: &str, client_id: &str, body: &Value) -> Result<()> {
    record::administration(ctx, tx, &ctx.actor.doer(None), "service", act, client_id, body).await
}
