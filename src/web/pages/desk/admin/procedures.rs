//! Installed versions of the five procedures: since when, on what law, and which facts nobody has yet
//! read in a source. The list names them, a page for each says what it rests on.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use chrono::NaiveDate;
use motcua_app::rules::Version;
use motcua_app::versions::{self, ListedProposal};
use motcua_app::{Ctx, administration};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::procedure::{Confidence, LegalBasis, ProcedureKey};

use super::letters::outcome;
use super::{confidence, tabs};
use crate::pages::desk::Desk;
use crate::pages::frame::Frame;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/desk/quan-tri/quy-trinh", web::get().to(list))
        .route("/desk/quan-tri/quy-trinh/{procedure}/{version}", web::get().to(show));
}

/// One installed version.
struct Installed {
    version: Arc<Version>,
    in_force: bool,
    until: Option<NaiveDate>,
}

impl Installed {
    /// What it rests on, by act: what nobody has read in a source, or the rest.
    fn acts(&self, unread: bool) -> Vec<Vec<&LegalBasis>> {
        let all = self.version.definition.legal_basis.values();
        let mut some: Vec<_> =
            all.filter(|basis| (basis.confidence == Confidence::Unverified) == unread).collect();
        some.sort_by(|one, other| one.act.cmp(&other.act));
        some.chunk_by(|one, other| one.act == other.act).map(<[_]>::to_vec).collect()
    }

    fn open_facts(&self) -> usize {
        self.acts(true).iter().map(Vec::len).sum()
    }

    fn hash(&self) -> String {
        self.version.content_hash.chars().take(12).collect()
    }
}

#[derive(Template)]
#[template(path = "desk/admin/procedures.html")]
struct ProceduresPage {
    f: Frame,
    /// The versions of each procedure, newest first.
    all: Vec<(ProcedureKey, Vec<Installed>)>,
    /// Changes of letters that were proposed.
    proposals: Vec<ListedProposal>,
}

#[derive(Template)]
#[template(path = "desk/admin/procedure.html")]
struct ProcedurePage {
    f: Frame,
    one: Installed,
    /// Its letters can be rewritten: no version comes after it.
    newest: bool,
}

impl ProcedurePage {
    fn confidence(&self, of: &Confidence) -> (&'static str, &'static str) {
        confidence(&self.f, *of)
    }

    /// `Điều 19 khoản 4`.
    fn place(&self, basis: &LegalBasis) -> String {
        let f = &self.f;
        let parts = [
            (f.say("Điều", "Article"), &basis.article),
            (f.say("khoản", "clause"), &basis.clause),
            (f.say("điểm", "point"), &basis.point),
        ];
        let said = parts.iter().filter_map(|(name, part)| Some(format!("{name} {}", part.as_ref()?)));
        said.collect::<Vec<_>>().join(" ")
    }
}

/// The versions of a procedure, newest first.
fn installed(ctx: &Ctx, key: ProcedureKey) -> Vec<Installed> {
    let (rules, today) = (ctx.app.rules(), ctx.today());
    let current = rules.in_force(key, today).map(|version| version.id);
    let mut successor: Option<NaiveDate> = None;
    let newest_first = rules.history(key).into_iter().rev();
    newest_first
        .map(|version| {
            // A successor ends its predecessor without changing it.
            let replaced = successor.replace(version.definition.effective_from);
            let before_next = replaced.and_then(|day| day.pred_opt());
            Installed {
                until: version.definition.effective_to.or(before_next),
                in_force: current == Some(version.id),
                version: Arc::clone(version),
            }
        })
        .collect()
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    administration::of(&visitor.ctx)?;
    let all = ProcedureKey::ALL.iter().map(|key| (*key, installed(&visitor.ctx, *key))).collect();
    let proposals = if visitor.frame.keeps_shared { versions::list(&visitor.ctx).await? } else { Vec::new() };
    visitor.page(&ProceduresPage { f: visitor.frame.clone(), all, proposals })
}

async fn show(path: Path<(String, String)>, desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    administration::of(&visitor.ctx)?;
    let (procedure, wanted) = path.into_inner();
    let key = procedure.parse().map_err(|_| Failure::from(ErrorCode::NotFound))?;
    let all = installed(&visitor.ctx, key);
    let newest = all.first().is_some_and(|newest| newest.version.definition.version == wanted);
    let one =
        all.into_iter().find(|one| one.version.definition.version == wanted).ok_or(ErrorCode::NotFound)?;
    visitor.page(&ProcedurePage { f: visitor.frame.clone(), one, newest })
}
