//! Who administers what, as pages and commands ask it. To everybody else there is nothing here.

use motcua_domain::policy::Administration;

use crate::{Ctx, Error, Result};

/// What the caller administers.
///
/// # Errors
/// Not found for whoever administers nothing.
pub fn of(ctx: &Ctx) -> Result<Administration> {
    Administration::of(&ctx.actor, ctx.today(), ctx.app.rules().top()).ok_or_else(Error::not_found)
}

/// The same for what all agencies share.
///
/// # Errors
/// Not found for whoever does not keep it.
pub fn shared(ctx: &Ctx) -> Result<Administration> {
    of(ctx).ok().filter(Administration::keeps_shared).ok_or_else(Error::not_found)
}
