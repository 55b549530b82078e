//! What anyone may read: procedures, agencies, calendars.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use motcua_domain::agency::{Agency, UnitKind};
use motcua_domain::calendar::CalendarYear;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::UnitId;
use motcua_domain::procedure::{Confidence, ProcedureKey, ProcedureVersion};
use motcua_domain::text::Text;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Web;
use crate::body::Params;
use crate::precondition::tagged;
use crate::problem::Failure;

/// A procedure in a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ProcedureLine {
    pub key: ProcedureKey,
    pub version: String,
    pub name: Text,
    pub summary: Text,
    pub effective_from: NaiveDate,
    pub confidence: Confidence,
    /// The statutory time limit, such as `5wd`.
    pub limit: String,
    /// Every version there is, oldest first.
    pub versions: Vec<String>,
}

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OnParams {
    /// The rules of this day; today when absent.
    pub on: Option<NaiveDate>,
}

/// The procedures in force.
#[utoipa::path(tag = "public", operation_id = "procedures", params(OnParams), responses((status = 200, body = Vec<ProcedureLine>), (status = 304, description = "Unchanged since If-None-Match")))]
#[get("/procedures")]
pub async fn procedures(
    request: HttpRequest,
    web: Data<Web>,
    params: Params<OnParams>,
) -> Result<HttpResponse, Failure> {
    let rules = web.app.rules();
    let day = params.0.on.unwrap_or_else(|| web.app.today());
    let mut tag = String::new();
    let mut lines = Vec::new();
    for key in ProcedureKey::ALL {
        let Some(version) = rules.in_force(*key, day) else { continue };
        tag.push_str(version.content_hash.get(..12).unwrap_or_default());
        let definition = &version.definition;
        lines.push(ProcedureLine {
            key: *key,
            version: definition.version.clone(),
            name: definition.name.clone(),
            summary: definition.summary.clone(),
            effective_from: definition.effective_from,
            confidence: definition.confidence,
            limit: definition.clocks.processing.limit.to_string(),
            versions: rules.history(*key).iter().map(|version| version.definition.version.clone()).collect(),
        });
    }
    Ok(tagged(&request, &tag, &lines))
}

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionParams {
    /// By name, such as `2026-07-01`; the one in force when absent.
    pub version: Option<String>,
}

/// One procedure, whole: form, papers, route, clocks, reasons, letters, legal basis.
#[utoipa::path(tag = "public", operation_id = "procedure", params(("key" = ProcedureKey, Path), VersionParams), responses((status = 200, body = ProcedureVersion), (status = 304, description = "Unchanged since If-None-Match")))]
#[get("/procedures/{key}")]
pub async fn procedure(
    request: HttpRequest,
    web: Data<Web>,
    params: Params<VersionParams>,
) -> Result<HttpResponse, Failure> {
    let key: ProcedureKey =
        request.match_info().get("key").and_then(|text| text.parse().ok()).ok_or(ErrorCode::NotFound)?;
    let rules = web.app.rules();
    let version = match &params.0.version {
        Some(name) => rules.by_name(key, name),
        None => rules.in_force(key, web.app.today()),
    };
    let version = version.ok_or(ErrorCode::NotFound)?;
    Ok(tagged(&request, &version.content_hash, &version.definition))
}

/// A unit of an agency.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UnitLine {
    pub id: UnitId,
    pub kind: UnitKind,
    pub name: Text,
}

/// An agency with its units.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AgencyLine {
    #[serde(flatten)]
    pub agency: Agency,
    pub units: Vec<UnitLine>,
}

/// Every agency, with address, hours, units and successor.
#[utoipa::path(tag = "public", operation_id = "agencies", responses((status = 200, body = Vec<AgencyLine>)))]
#[get("/agencies")]
pub async fn agencies(web: Data<Web>) -> HttpResponse {
    let rules = web.app.rules();
    let lines: Vec<AgencyLine> = rules
        .offices()
        .into_iter()
        .map(|office| AgencyLine {
            agency: office.agency.clone(),
            units: office
                .units
                .iter()
                .map(|unit| UnitLine { id: unit.id, kind: unit.kind, name: unit.name.clone() })
                .collect(),
        })
        .collect();
    HttpResponse::Ok().json(lines)
}

/// The days of a year that differ from the plain week, with their source.
#[utoipa::path(tag = "public", operation_id = "calendar", params(("year" = i32, Path)), responses((status = 200, body = CalendarYear), (status = 304, description = "Unchanged since If-None-Match")))]
#[get("/calendars/{year}")]
pub async fn calendar(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, Failure> {
    let year: i32 =
        request.match_info().get("year").and_then(|text| text.parse().ok()).ok_or(ErrorCode::NotFound)?;
    let rules = web.app.rules();
    let found = rules.calendar.year(year).ok_or(ErrorCode::NotFound)?;
    Ok(tagged(&request, &found.version, found))
}
