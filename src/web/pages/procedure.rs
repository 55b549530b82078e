//! What a procedure is: who may ask, what to bring, how long it takes and why, what comes out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use motcua_domain::calendar::OfficeHours;
use motcua_domain::deadline::{self, DueDate};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::procedure::form::Widget;
use motcua_domain::procedure::legal_basis::Confidence;
use motcua_domain::procedure::{Condition, ProcedureKey, ProcedureVersion};

use super::form::{Answered, Showing, layout_field};
use super::frame::Frame;
use super::tools::{self, Asked, Found, Tool};
use super::visitor::Visitor;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/thu-tuc/{key}", web::get().to(show)).route("/thu-tuc/{key}/mau", web::get().to(sample));
}

#[derive(Template)]
#[template(path = "procedure.html")]
struct ProcedurePage {
    f: Frame,
    definition: ProcedureVersion,
    /// If it were received now.
    due: Option<DueDate>,
    has_sample: bool,
    tools: Vec<Tool>,
    mistakes: Vec<(String, String)>,
}

impl ProcedurePage {
    fn bases(&self, keys: &[String]) -> String {
        let mut cited: Vec<String> =
            self.definition.bases(keys).iter().map(|basis| self.f.cite(basis)).collect();
        cited.dedup();
        cited.join("; ")
    }

    /// When a paper is needed, from its condition: `“Đại diện theo” là “Văn bản ủy quyền”`.
    fn when(&self, pointer: &str, values: &[String]) -> Option<String> {
        let (_, field) = layout_field(&self.definition, pointer)?;
        let chosen: Vec<&str> = field
            .choices
            .iter()
            .filter(|choice| values.contains(&choice.value))
            .map(|choice| self.f.text(&choice.label).trim_end_matches('.'))
            .collect();
        let (is, or) = (self.f.say("là", "is"), self.f.say("” hoặc “", "” or “"));
        let label = self.f.text(&field.label);
        (!chosen.is_empty()).then(|| format!("“{label}” {is} “{}”", chosen.join(or)))
    }

    /// Where a calculator asks: this page, at its own place.
    fn action(&self, tool: &Tool) -> String {
        format!("/thu-tuc/{}#{}", self.definition.key, tool.key)
    }

    fn settled(&self) -> bool {
        self.definition.confidence != Confidence::Unverified
    }
}

async fn show(visitor: Visitor, path: Path<String>, asked: Asked) -> Result<HttpResponse, Failure> {
    let key: ProcedureKey = path.parse().map_err(|_| Failure::from(ErrorCode::NotFound))?;
    let app = &visitor.ctx.app;
    let rules = app.rules();
    let version = rules.in_force(key, app.today()).ok_or(ErrorCode::NotFound)?;
    let definition = version.definition.clone();
    let limit = definition.clocks.processing.limit;
    let due = deadline::reckon(&rules.calendar, &OfficeHours::default(), app.now(), limit, &[]).ok();
    let has_sample = version.sample.is_some();
    let mut tools = vec![tools::due_date(&visitor, &asked, limit)?];
    match key {
        ProcedureKey::EnforcementDecision => {
            tools.extend([tools::limitation(&visitor, &asked)?, tools::fee(&visitor, &asked)?]);
        }
        ProcedureKey::EnforcementFeeRelief => tools.push(tools::fee(&visitor, &asked)?),
        ProcedureKey::ResultConfirmation
        | ProcedureKey::OfficerReplacement
        | ProcedureKey::CoercionCostRelief => {}
    }
    let mistakes: Vec<_> = tools.iter().flat_map(|tool| tool.mistakes.clone()).collect();
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let f = visitor.frame.clone();
    visitor.page_as(status, &ProcedurePage { f, definition, due, has_sample, tools, mistakes })
}

#[derive(Template)]
#[template(path = "sample.html")]
struct SamplePage {
    f: Frame,
    definition: ProcedureVersion,
    answered: Vec<Answered>,
}

/// The form filled in, as the catalogue's first example has it.
async fn sample(visitor: Visitor, path: Path<String>) -> Result<HttpResponse, Failure> {
    let key: ProcedureKey = path.parse().map_err(|_| Failure::from(ErrorCode::NotFound))?;
    let rules = visitor.ctx.app.rules();
    let version = rules.in_force(key, visitor.ctx.app.today()).ok_or(ErrorCode::NotFound)?;
    let answers = version.sample.as_ref().ok_or(ErrorCode::NotFound)?;
    let showing = Showing { frame: &visitor.frame, definition: &version.definition, answers, errors: &[] };
    let (f, definition) = (visitor.frame.clone(), version.definition.clone());
    visitor.page(&SamplePage { f, definition, answered: showing.read_back() })
}
