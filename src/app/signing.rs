//! The keys partner tokens are signed with: Ed25519, made here, rotated by command, published as a
//! key set. A retired key verifies until the last token it signed has ended.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use motcua_domain::error_code::ErrorCode;
use motcua_store::Conn;
use motcua_store::partner::{self as store, SigningKey};
use serde::{Deserialize, Serialize};

use crate::{App, Ctx, Error, Result, record};

pub(crate) const AUDIENCE: &str = "motcua";

/// What stands before the 32 bytes of a key in PKCS #8 (RFC 8410).
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub iss: String,
    pub aud: String,
    /// The partner's id.
    pub sub: uuid::Uuid,
    pub iat: i64,
    pub exp: i64,
    pub jti: uuid::Uuid,
    /// Separated by spaces.
    pub scope: String,
}

/// A public key as JSON Web Key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PublicKey {
    pub kty: String,
    pub crv: String,
    pub x: String,
    pub kid: String,
    pub alg: String,
    #[serde(rename = "use")]
    pub purpose: String,
}

/// The public keys tokens verify with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct KeySet {
    pub keys: Vec<PublicKey>,
}

fn broken(error: &jsonwebtoken::errors::Error) -> Error {
    Error::internal(format!("signing key: {error}"))
}

fn lifetime(app: &App) -> TimeDelta {
    TimeDelta::minutes(i64::from(app.settings().token_minutes))
}

fn new_key(app: &App) -> Result<SigningKey> {
    let der = [PKCS8.as_slice(), &app.random::<32>()?].concat();
    let jwk = Jwk::from_encoding_key(&EncodingKey::from_ed_der(&der), Algorithm::EdDSA)
        .map_err(|error| broken(&error))?;
    let AlgorithmParameters::OctetKeyPair(public) = jwk.algorithm else {
        return Err(Error::internal("the new key is of another kind"));
    };
    Ok(SigningKey {
        id: hex::encode(app.random::<8>()?),
        private_pem: format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der)
        ),
        public_x: public.x,
        created_at: app.now(),
        retired_at: None,
    })
}

async fn keys(app: &App, conn: &mut Conn) -> Result<Vec<SigningKey>> {
    let now = app.now();
    Ok(store::keys(conn, now.checked_sub_signed(lifetime(app)).unwrap_or(now)).await?)
}

/// Signs a token with the newest key; the first one is made when there is none.
pub(crate) async fn sign(
    app: &App,
    claims: impl FnOnce(DateTime<Utc>, DateTime<Utc>) -> Claims,
) -> Result<String> {
    let mut conn = app.conn().await?;
    let mut known = keys(app, &mut conn).await?;
    drop(conn);
    if !known.iter().any(|key| key.retired_at.is_none()) {
        let mut tx = app.begin("first_signing_key").await?;
        store::insert_first_key(&mut tx, &new_key(app)?).await?;
        known = keys(app, tx.conn()).await?;
        tx.commit().await?;
    }
    let key = known
        .iter()
        .find(|key| key.retired_at.is_none())
        .ok_or_else(|| Error::internal("there is no signing key"))?;
    let header =
        Header { kid: Some(key.id.clone()), typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::EdDSA) };
    let private = EncodingKey::from_ed_pem(key.private_pem.as_bytes()).map_err(|error| broken(&error))?;
    let now = app.now();
    jsonwebtoken::encode(&header, &claims(now, app.after(lifetime(app))), &private)
        .map_err(|error| broken(&error))
}

/// What a token says, when it is ours and has not ended.
///
/// # Errors
/// `TokenInvalid` otherwise, whatever is wrong with it.
pub(crate) async fn read(app: &App, conn: &mut Conn, token: &str) -> Result<Claims> {
    let invalid = || Error::of(ErrorCode::TokenInvalid);
    let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
    let kid = header.kid.ok_or_else(invalid)?;
    let known = keys(app, conn).await?;
    let key = known.iter().find(|key| key.id == kid).ok_or_else(invalid)?;
    let public = DecodingKey::from_ed_components(&key.public_x).map_err(|error| broken(&error))?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[&app.settings().public_url]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Checked below, against the application's own clock.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &public, &validation).map_err(|_| invalid())?.claims;
    if claims.exp > app.now().timestamp() { Ok(claims) } else { Err(invalid()) }
}

/// The public keys, for anyone.
///
/// # Errors
/// When the database is away.
pub async fn jwks(app: &App) -> Result<KeySet> {
    let known = keys(app, &mut *app.conn().await?).await?;
    let public = |key: SigningKey| PublicKey {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        x: key.public_x,
        kid: key.id,
        alg: "EdDSA".to_owned(),
        purpose: "sig".to_owned(),
    };
    Ok(KeySet { keys: known.into_iter().map(public).collect() })
}

/// Starts signing with a new key. Its id.
///
/// # Errors
/// When the database is away.
pub async fn rotate_keys(ctx: &Ctx) -> Result<String> {
    let key = new_key(&ctx.app)?;
    let mut tx = ctx.app.begin("rotate_keys").await?;
    store::rotate(&mut tx, &key).await?;
    let doer = ctx.actor.doer(None);
    record::administration(
        ctx,
        &mut tx,
        &doer,
        "service",
        "signing_key.rotated",
        &key.id,
        &serde_json::json!({ "kid": key.id }),
    )
    .await?;
    tx.commit().await?;
    Ok(key.id)
}
