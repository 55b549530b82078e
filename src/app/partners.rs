//! Partner systems at the door: a token for client id and secret, and who a token stands for.
//!
//! A secret is 256 random bits, so its SHA-256 is as safe to keep as a slow hash: there is nothing
//! to guess, and the token address stays cheap to serve.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ipnet::IpNet;
use motcua_domain::actor::{Actor, Doer};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::PartnerId;
use motcua_domain::person::is_safe_text;
use motcua_store::partner::{self as store, Contract};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::signing::{self, Claims};
use crate::{App, Ctx, Error, Result, record};

pub use crate::signing::jwks;

/// An access token (RFC 6749 5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Token {
    pub access_token: String,
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    /// Separated by spaces.
    pub scope: String,
}

/// Why there is no token (RFC 6749 5.2).
#[derive(Debug, Clone)]
pub enum Refusal {
    InvalidClient,
    /// The secret is right, the network is not in the contract.
    WrongNetwork,
    InvalidScope,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub(crate) fn new_secret(app: &App) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(app.random::<32>()?))
}

pub(crate) fn secret_hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// A token for client id and secret, with all scopes of the contract or those asked for.
///
/// # Errors
/// See [`Refusal`].
pub async fn token(
    ctx: &Ctx,
    client_id: &str,
    secret: &SecretString,
    scope: Option<&str>,
) -> Result<Token, Refusal> {
    let now = ctx.now();
    let mut conn = ctx.app.conn().await?;
    let contract = store::find(&mut conn, client_id)
        .await?
        .filter(|contract| contract.disabled_at.is_none())
        .ok_or(Refusal::InvalidClient)?;
    let id = PartnerId(contract.id);
    let given = secret_hash(secret.expose_secret());
    let kept = store::secrets(&mut conn, id, now).await?;
    drop(conn);
    let refused = if !kept.iter().any(|hash| hash.as_bytes().ct_eq(given.as_bytes()).into()) {
        Some(Refusal::InvalidClient)
    } else if !allows(&contract, &ctx.address) {
        Some(Refusal::WrongNetwork)
    } else {
        None
    };
    let scope = asked(&contract, scope);
    let doer = Doer::Partner { partner: id, asserted_user: None };
    let mut tx = ctx.app.begin("partner_token").await?;
    let what = if refused.is_none() { "token_given" } else { "token_refused" };
    record::access(ctx, tx.conn(), &doer, what, None, json!({ "address": ctx.address, "scope": scope }))
        .await?;
    if refused.is_none() {
        store::note_use(&mut tx, id, now, &ctx.address).await?;
    }
    tx.commit().await?;
    if let Some(refusal) = refused {
        return Err(refusal);
    }
    let scope = scope.ok_or(Refusal::InvalidScope)?;
    let jti = ctx.app.new_id();
    let access_token = signing::sign(&ctx.app, |now, until| Claims {
        iss: ctx.app.settings().public_url.clone(),
        aud: signing::AUDIENCE.to_owned(),
        sub: contract.id,
        iat: now.timestamp(),
        exp: until.timestamp(),
        jti,
        scope: scope.clone(),
    })
    .await?;
    let expires_in = u64::from(ctx.app.settings().token_minutes).saturating_mul(60);
    Ok(Token { access_token, token_type: "Bearer".to_owned(), expires_in, scope })
}

/// The scopes a token will carry; none when one is asked for that the contract does not have.
fn asked(contract: &Contract, scope: Option<&str>) -> Option<String> {
    let Some(scope) = scope.map(str::trim).filter(|scope| !scope.is_empty()) else {
        return Some(contract.scopes.join(" "));
    };
    let known = scope.split_whitespace().all(|one| contract.scopes.iter().any(|has| has == one));
    known.then(|| scope.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// True when the contract lets it call from this address.
fn allows(contract: &Contract, address: &str) -> bool {
    let within = |address: IpAddr| {
        contract
            .networks
            .iter()
            .filter_map(|network| network.parse::<IpNet>().ok())
            .any(|network| network.contains(&address))
    };
    // An IPv4 caller may come in as ::ffff:… on a socket for both.
    contract.networks.is_empty()
        || address.parse::<IpAddr>().is_ok_and(|address| within(address.to_canonical()))
}

/// Whom a partner's token stands for: the partner under its contract of today, within the token's
/// scopes, from a network of the contract. `acts_for` is its user, as the partner says.
///
/// # Errors
/// `TokenInvalid` for any token that is not good here and now; `MalformedHeader` for a bad `acts_for`.
pub async fn resolve_token(app: &App, token: &str, acts_for: Option<&str>, address: &str) -> Result<Actor> {
    let user = acts_for.map(str::trim).filter(|user| !user.is_empty());
    if user
        .is_some_and(|user| user.chars().count() > 200 || !is_safe_text(user) || user.contains(['\n', '\r']))
    {
        return Err(Error::of(ErrorCode::MalformedHeader));
    }
    let mut conn = app.conn().await?;
    let claims = signing::read(app, &mut conn, token).await?;
    let contract = store::find_enabled(&mut conn, PartnerId(claims.sub)).await?;
    let contract = contract
        .filter(|contract| allows(contract, address))
        .ok_or_else(|| Error::of(ErrorCode::TokenInvalid))?;
    let mut partner = contract.partner(user.map(str::to_owned))?;
    let granted: Vec<&str> = claims.scope.split(' ').collect();
    partner.scopes.retain(|(procedure, verb)| granted.contains(&format!("{procedure}:{verb}").as_str()));
    Ok(Actor::Partner(partner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(networks: &[&str]) -> Contract {
        Contract {
            id: uuid::Uuid::nil(),
            client_id: "p".into(),
            name: "P".into(),
            contact_email: "p@example.vn".into(),
            scopes: vec!["enforcement_decision:file".into(), "enforcement_decision:read".into()],
            agencies: Vec::new(),
            networks: networks.iter().map(|network| (*network).to_owned()).collect(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            disabled_at: None,
            last_used_at: None,
            last_network: None,
        }
    }

    #[test]
    fn a_partner_calls_from_its_networks_alone() {
        assert!(allows(&contract(&[]), "203.0.113.9"));
        let some = contract(&["203.0.113.0/24", "2001:db8::/32"]);
        assert!(allows(&some, "203.0.113.9"));
        assert!(allows(&some, "::ffff:203.0.113.9"));
        assert!(allows(&some, "2001:db8::1"));
        assert!(!allows(&some, "198.51.100.1"));
        assert!(!allows(&some, ""));
    }

    #[test]
    fn a_token_carries_what_was_asked_and_never_more_than_the_contract() {
        let contract = contract(&[]);
        assert_eq!(
            asked(&contract, None).as_deref(),
            Some("enforcement_decision:file enforcement_decision:read")
        );
        assert_eq!(
            asked(&contract, Some(" enforcement_decision:read ")).as_deref(),
            Some("enforcement_decision:read")
        );
        assert_eq!(asked(&contract, Some("officer_replacement:read")), None);
    }
}
