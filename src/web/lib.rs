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
use std::sync::Arc;

use motcua_app::App;

use crate::limit::Limiter;

/// Settings of the HTTP side.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub cors_origins: Vec<String>,
    /// Only these may say for whom they forward.
    pub trusted_proxies: Vec<IpAddr>,
    pub rate_limit_per_minute: u32,
    /// Pages for those who build pages are served too.
    pub development: bool,
}

/// What the handlers of a process share.
#[derive(Clone)]
pub struct Web {
    pub app: App,
    pub settings: Arc<Settings>,
    pub limiter: Arc<Limiter>,
    /// Renders the Prometheus page.
    pub metrics: fn() -> String,
}

impl Web {
    pub fn new(app: App, settings: Settings, metrics: fn() -> String) -> Self {
        let limiter = Arc::new(Limiter::per_minute(settings.rate_limit_per_minute));
        Self { app, settings: Arc::new(settings), limiter, metrics }
    }

    /// The same for the handlers of one HTTP thread, with connections that never leave it.
    #[must_use]
    pub fn for_this_thread(&self, connections: usize) -> Self {
        let app = self.app.for_this_runtime(connections);
        Self { app, ..self.clone() }
    }
}
