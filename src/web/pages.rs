//! The window people see: HTML pages over the same acts as the API. Templates print what `app` and
//! `domain` say and compute no rule; every page works without script.

pub mod asset;
pub mod frame;
pub mod home;
pub mod problem;
pub mod submitted;
pub mod visitor;

use actix_web::web::ServiceConfig;

/// Mounts every page.
pub fn mount(config: &mut ServiceConfig) {
    config.configure(asset::mount).configure(home::mount);
}
