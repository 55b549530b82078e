//! Recovery codes: each stands in once for the code generator of its owner, for the day it is lost.
//! They are told once; only their hashes are kept.

use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::AccountId;
use motcua_store::desk as store;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Ctx, Error, Result, record};

/// So many are made at once.
pub const CODES: usize = 10;
/// Letters and digits nobody mistakes for each other: 32 of them, five bits each.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Fifty random bits.
const LENGTH: usize = 10;

fn me(ctx: &Ctx) -> Result<AccountId> {
    let me = ctx.actor.account().filter(|_| ctx.actor.staff().is_some());
    me.ok_or_else(|| Error::of(ErrorCode::NotPermitted))
}

/// New codes in place of all there were, for the member of staff who asks; told here and nowhere else.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn renew(ctx: &Ctx) -> Result<Vec<String>> {
    let me = me(ctx)?;
    let codes = (0..CODES).map(|_| new_code(ctx)).collect::<Result<Vec<String>>>()?;
    let hashes: Vec<Vec<u8>> = codes.iter().filter_map(|code| hash(code)).collect();
    let mut tx = ctx.app.begin("renew_recovery_codes").await?;
    store::replace_recovery_codes(&mut tx, me, &hashes, ctx.now()).await?;
    record::access(ctx, tx.conn(), &ctx.actor.doer(None), "recovery_codes_renewed", None, Value::Null)
        .await?;
    tx.commit().await?;
    Ok(codes)
}

/// How many are left.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn left(ctx: &Ctx) -> Result<i64> {
    let me = me(ctx)?;
    Ok(store::recovery_codes_left(&mut *ctx.app.conn().await?, me).await?)
}

/// `ABCDE-FGHJK`.
fn new_code(ctx: &Ctx) -> Result<String> {
    let random = ctx.app.random::<LENGTH>()?;
    let mut code = String::with_capacity(LENGTH.saturating_add(1));
    for (at, byte) in random.iter().enumerate() {
        if at == LENGTH / 2 {
            code.push('-');
        }
        let letter = ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'2');
        code.push(char::from(letter));
    }
    Ok(code)
}

/// What is kept of a code, however it was typed; none when it cannot be one.
pub(crate) fn hash(code: &str) -> Option<Vec<u8>> {
    let typed: String =
        code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let fits = typed.len() == LENGTH && typed.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then(|| Sha256::digest(typed.as_bytes()).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let kept = hash("ABCDE-23456").unwrap();
        assert_eq!(hash(" abcde 23456 "), Some(kept));
        assert_eq!(hash("123456"), None);
        assert_eq!(hash("ABCDE-2345O"), None);
    }
}
