//! Installed versions of the five procedures: since when, on what law, and which facts nobody has yet
//! read in a source.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use chrono::NaiveDate;
use motcua_app::administration;
use motcua_domain::procedure::{Confidence, ProcedureKey, ProcedureVersion};

use super::{confidence, tabs};
use crate::pages::desk::Desk;
use crate::pages::frame::Frame;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/desk/quan-tri/quy-trinh", web::get().to(list));
}

/// One installed version.
struct Installed {
    id: String,
    definition: ProcedureVersion,
    in_force: bool,
    until: Option<NaiveDate>,
    hash: String,
}

#[derive(Template)]
#[template(path = "desk/admin/procedures.html")]
struct ProceduresPage {
    f: Frame,
    all: Vec<Installed>,
}

impl ProceduresPage {
    fn confidence(&self, of: &Confidence) -> (&'static str, &'static str) {
        confidence(&self.f, *of)
    }
}

fn open_facts(version: &ProcedureVersion) -> usize {
    version.legal_basis.values().filter(|basis| basis.confidence == Confidence::Unverified).count()
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    administration::of(&visitor.ctx)?;
    let (rules, today) = (visitor.ctx.app.rules(), visitor.ctx.today());
    let mut all = Vec::new();
    for key in ProcedureKey::ALL {
        let history = rules.history(*key);
        let current = rules.in_force(*key, today).map(|version| version.id);
        for (at, version) in history.iter().enumerate() {
            let definition = version.definition.clone();
            // A successor ends its predecessor without changing it.
            let next = history.get(at.saturating_add(1));
            let before_next = next.and_then(|next| next.definition.effective_from.pred_opt());
            all.push(Installed {
                id: format!("{key}-{}", definition.version),
                until: definition.effective_to.or(before_next),
                in_force: current == Some(version.id),
                hash: version.content_hash.chars().take(12).collect(),
                definition,
            });
        }
    }
    visitor.page(&ProceduresPage { f: visitor.frame.clone(), all })
}
