//! HTTP only: extract, call one function of `app`, answer as JSON or as a page. No rules, no SQL.

pub mod api;
pub mod body;
pub mod caller;
pub mod guard;
pub mod health;
pub mod limit;
pub mod openapi;
pub mod pages;
pub mod precondition;
pub mod problem;
pub mod problem_page;
pub mod routes;
pub mod trace;

use std::net::IpAddr;

use motcua_app::App;

use crate::limit::Limiter;

/// Settings of the HTTP side.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub cors_origins: Vec<String>,
    /// Only these may say for whom they forward.
    pub trusted_proxies: Vec<IpAddr>,
    pub rate_limit_per_minute: u32,
}

/// What all handlers of a process share.
pub struct Web {
    pub app: App,
    pub settings: Settings,
    pub limiter: Limiter,
    /// Renders the Prometheus page.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

impl Web {
    pub fn new(app: App, settings: Settings, metrics: Box<dyn Fn() -> String + Send + Sync>) -> Self {
        let limiter = Limiter::per_minute(settings.rate_limit_per_minute);
        Self { app, settings, limiter, metrics }
    }
}
