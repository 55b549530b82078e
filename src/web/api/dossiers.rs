//! Filing and reading dossiers.

use actix_web::{HttpResponse, delete, get, post, put};
use chrono::NaiveDate;
use motcua_app::filing::{self, Begin, Handing, Start};
use motcua_app::lists::{self, AuditView, EventView, LineView};
use motcua_app::looks::{self as opened, LookView};
use motcua_app::rekey::{self, NewKey};
use motcua_app::view::DossierView;
use motcua_domain::dossier::handed::HandedOver;
use motcua_domain::dossier::state::StateName;
use motcua_domain::dossier::{Channel, FilerMode};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{AgencyId, DossierId};
use motcua_domain::person::Contact;
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::text::Language;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{LARGEST_PAGE, PAGE, Paged};
use crate::body::{Body, Id, Params};
use crate::caller::{Caller, SignedIn};
use crate::precondition::{Conditions, created, dossier};
use crate::problem::Failure;

/// A new dossier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginBody {
    pub procedure: ProcedureKey,
    /// A version by name, such as `2026-07-01`; the one in force when absent.
    pub version: Option<String>,
    pub agency: AgencyId,
    /// Only staff at the counter choose one: `counter`, `oral` or `postal`.
    pub channel: Option<Channel>,
    /// Language of messages; the request's own when absent.
    pub language: Option<Language>,
    /// On whose behalf the filer acts; `own` when absent.
    pub mode: Option<FilerMode>,
    /// Name of the representative or helper.
    pub filled_in_by: Option<String>,
    pub contact: Contact,
    /// Answers of the procedure's form, as far as they are known.
    #[schema(value_type = Option<Object>)]
    pub answers: Option<serde_json::Map<String, serde_json::Value>>,
    /// Submit at once, in the same transaction.
    #[serde(default)]
    pub submit: bool,
    /// Postmark or minutes date, at the counter.
    pub requested_on: Option<NaiveDate>,
    /// At the counter: receive at once, in the same transaction.
    #[serde(default)]
    pub receive: bool,
    /// With `receive`: what came on paper.
    pub handed_over: Option<HandedOver>,
}

/// Begin a dossier; with `submit`, file it at once.
///
/// By anyone: a citizen with or without an account, a partner for its user, staff at the counter.
/// The answer carries the tracking key, once.
#[utoipa::path(tag = "filing", operation_id = "begin", request_body = BeginBody, params(("Idempotency-Key" = String, Header, description = "Unique per filing; repeat it to get the same answer. Without signing in: a UUID, or at least 32 random characters")), responses((status = 201, description = "The dossier, with its tracking key", body = DossierView)))]
#[post("/dossiers")]
pub async fn begin(
    caller: Caller,
    conditions: Conditions,
    body: Body<BeginBody>,
) -> Result<HttpResponse, Failure> {
    let ctx = caller.0;
    let ticket = conditions.create(&ctx, &body.raw)?;
    let input = body.value;
    let begin = Begin {
        procedure: input.procedure,
        version: input.version,
        start: Start {
            agency: input.agency,
            mode: input.mode.unwrap_or(FilerMode::Own),
            filled_in_by: input.filled_in_by,
            contact: input.contact,
        },
        channel: input.channel,
        language: input.language.unwrap_or(ctx.language),
        answers: serde_json::Value::Object(input.answers.unwrap_or_default()),
        submit: input.submit,
        handing: Handing {
            requested_on: input.requested_on,
            receive: input.receive,
            handed_over: input.handed_over,
        },
    };
    let view = filing::begin(&ctx, &ticket, begin).await?;
    Ok(created(&view))
}

/// How the applicant was known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RekeyBody {
    /// Which paper was shown at the counter.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Give a new tracking key at the counter, for one that was lost; the former one ends.
#[utoipa::path(tag = "dossiers", operation_id = "reissue_key", request_body = RekeyBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, description = "The key, told once", body = NewKey)))]
#[post("/dossiers/{id}/tracking-key")]
pub async fn reissue_key(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<RekeyBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    let key = rekey::reissue_key(&caller.0, id.0, &ticket, &body.value.reason).await?;
    Ok(HttpResponse::Ok().json(key))
}

/// The answers of a draft, whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersBody {
    #[schema(value_type = Object)]
    pub answers: serde_json::Map<String, serde_json::Value>,
}

/// Save the answers of a draft as they are given.
#[utoipa::path(tag = "filing", operation_id = "save_answers", request_body = AnswersBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[put("/dossiers/{id}/answers")]
pub async fn save_answers(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<AnswersBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    let view =
        filing::save_answers(&caller.0, id.0, &ticket, serde_json::Value::Object(body.value.answers)).await?;
    Ok(dossier(&view))
}

/// What was asked first about a draft, whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartBody {
    pub agency: AgencyId,
    /// On whose behalf the filer acts.
    pub mode: FilerMode,
    /// Name of the representative or helper.
    pub filled_in_by: Option<String>,
    pub contact: Contact,
}

/// Change to which agency a draft goes, on whose behalf, and how the applicant is reached.
#[utoipa::path(tag = "filing", operation_id = "change_start", request_body = StartBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[put("/dossiers/{id}/start")]
pub async fn change_start(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<StartBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    let StartBody { agency, mode, filled_in_by, contact } = body.value;
    let start = Start { agency, mode, filled_in_by, contact };
    Ok(dossier(&filing::change_start(&caller.0, id.0, &ticket, start).await?))
}

/// How a draft is submitted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionBody {
    /// Postmark or minutes date, at the counter.
    pub requested_on: Option<NaiveDate>,
    /// At the counter: receive at once.
    #[serde(default)]
    pub receive: bool,
    /// With `receive`: what came on paper.
    pub handed_over: Option<HandedOver>,
}

/// Submit a draft. The whole form is checked; all errors come at once.
#[utoipa::path(tag = "filing", operation_id = "submit", request_body = SubmissionBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/submission")]
pub async fn submit(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<SubmissionBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    let SubmissionBody { requested_on, receive, handed_over } = body.value;
    let handing = Handing { requested_on, receive, handed_over };
    let view = filing::submit(&caller.0, id.0, &ticket, handing).await?;
    Ok(dossier(&view))
}

/// Throw a draft away.
#[utoipa::path(tag = "filing", operation_id = "discard", params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 204, description = "Gone")))]
#[delete("/dossiers/{id}")]
pub async fn discard(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &[])?;
    filing::discard(&caller.0, id.0, &ticket).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// One dossier, with the acts open to the caller.
#[utoipa::path(tag = "dossiers", operation_id = "read", params(("id" = DossierId, Path)), responses((status = 200, body = DossierView), (status = 304, description = "Unchanged since If-None-Match")))]
#[get("/dossiers/{id}")]
pub async fn read(
    request: actix_web::HttpRequest,
    caller: Caller,
    id: Id<DossierId>,
) -> Result<HttpResponse, Failure> {
    let view = lists::read(&caller.0, id.0).await?;
    Ok(crate::precondition::tagged(&request, &view.version.to_string(), &view))
}

/// The timeline: all of it inside the agency, its public part for the filer.
#[utoipa::path(tag = "dossiers", operation_id = "timeline", params(("id" = DossierId, Path)), responses((status = 200, body = Vec<EventView>)))]
#[get("/dossiers/{id}/events")]
pub async fn timeline(caller: Caller, id: Id<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(lists::timeline(&caller.0, id.0).await?))
}

/// The audit chain of the dossier, verified, and who looked at it.
#[utoipa::path(tag = "dossiers", operation_id = "audit", params(("id" = DossierId, Path)), responses((status = 200, body = AuditView)))]
#[get("/dossiers/{id}/audit")]
pub async fn audit(caller: SignedIn, id: Id<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(lists::audit(&caller.0, id.0).await?))
}

/// Who opened the dossier: when, from which unit, in what role and what for; no names. For who filed it.
///
/// The newest 100. The filer's own looks are not recorded; staff have the audit chain instead.
#[utoipa::path(tag = "dossiers", operation_id = "looks", params(("id" = DossierId, Path)), responses((status = 200, body = Vec<LookView>)))]
#[get("/dossiers/{id}/looks")]
pub async fn looks(caller: Caller, id: Id<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(opened::looks(&caller.0, id.0).await?))
}

/// Which dossiers, and which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    pub procedure: Option<ProcedureKey>,
    pub state: Option<StateName>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<usize>,
}

/// Reads `after` and `limit`.
pub fn page(
    after: Option<&str>,
    limit: Option<usize>,
) -> Result<(Option<motcua_app::lists::Cursor>, usize), Failure> {
    let after = after
        .map(|text| text.parse().map_err(|_| Failure::from(ErrorCode::MalformedParameter)))
        .transpose()?;
    match limit.unwrap_or(PAGE) {
        limit @ 1..=LARGEST_PAGE => Ok((after, limit)),
        _ => Err(ErrorCode::MalformedParameter.into()),
    }
}

/// The caller's dossiers, newest first.
#[utoipa::path(tag = "dossiers", operation_id = "newest", params(ListParams), responses((status = 200, body = Paged<LineView>)))]
#[get("/dossiers")]
pub async fn newest(caller: SignedIn, params: Params<ListParams>) -> Result<HttpResponse, Failure> {
    let (after, limit) = page(params.0.after.as_deref(), params.0.limit)?;
    let filter =
        lists::Filter { procedure: params.0.procedure, state: params.0.state, ..lists::Filter::default() };
    Ok(HttpResponse::Ok().json(Paged::from(lists::newest(&caller.0, &filter, after, limit).await?)))
}
