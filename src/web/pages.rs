//! The window people see: HTML pages over the same acts as the API. Templates print what `app` and
//! `domain` say and compute no rule; every page works without script.

pub mod account;
pub mod apply;
pub mod asset;
pub mod begin;
pub mod components;
pub mod desk;
pub mod dossier;
mod eligibility;
pub mod feedback;
mod field;
pub mod form;
pub mod frame;
pub mod home;
pub mod interrupted;
pub mod papers;
pub mod printed;
pub mod problem;
pub mod procedure;
mod start;
pub mod status;
pub mod submitted;
pub mod supplement;
pub mod thumbnail;
pub mod tools;
pub mod visitor;
pub mod waiting_line;
mod why;
pub mod words;

use actix_web::web::ServiceConfig;

/// Mounts every page.
pub fn mount(config: &mut ServiceConfig) {
    config
        .configure(asset::mount)
        .configure(home::mount)
        .configure(account::mount)
        .configure(procedure::mount)
        .configure(tools::mount)
        .configure(status::mount)
        .configure(feedback::mount)
        .configure(waiting_line::mount)
        .configure(start::mount)
        .configure(apply::mount)
        .configure(papers::mount)
        .configure(printed::mount)
        .configure(thumbnail::mount)
        .configure(dossier::mount)
        .configure(supplement::mount)
        .configure(desk::mount);
}
