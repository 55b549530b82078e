//! Absences of staff, with a deputy between two dates.

use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use motcua_app::absences::{self, AbsenceView, NewAbsence};
use motcua_domain::ids::AccountId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::body::{Body, Id};
use crate::caller::SignedIn;
use crate::precondition::Conditions;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig<'_>) {
    config.service(list_absences).service(arrange_absence).service(end_absence);
}

/// An absence to arrange.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceBody {
    /// Who is away; the caller when absent. Leaders arrange for others.
    pub account: Option<AccountId>,
    /// A colleague in the same agency, who acts meanwhile.
    pub deputy: AccountId,
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    #[serde(default)]
    pub reason: String,
}

/// Absences that run or will: one's own, those one is deputy for, and of agencies one leads all.
#[utoipa::path(tag = "office", operation_id = "list_absences", responses((status = 200, body = Vec<AbsenceView>)))]
#[get("/absences")]
pub async fn list_absences(caller: SignedIn) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(absences::list_absences(&caller.0).await?))
}

/// Arrange an absence with a deputy.
#[utoipa::path(tag = "office", operation_id = "arrange_absence", request_body = AbsenceBody, params(("Idempotency-Key" = String, Header, description = "Unique per absence; repeat it to get the same answer")), responses((status = 201, body = AbsenceView)))]
#[post("/absences")]
pub async fn arrange_absence(
    caller: SignedIn,
    conditions: Conditions,
    body: Body<AbsenceBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.create(&caller.0, &body.raw)?;
    let given = body.value;
    let input = NewAbsence {
        account: given.account,
        deputy: given.deputy,
        from: given.from,
        until: given.until,
        reason: given.reason,
    };
    Ok(HttpResponse::Created().json(absences::arrange_absence(&caller.0, &ticket, input).await?))
}

/// End an absence now: its deputy acts for nobody any more.
#[utoipa::path(tag = "office", operation_id = "end_absence", params(("id" = Uuid, Path)), responses((status = 200, body = AbsenceView)))]
#[post("/absences/{id}/end")]
pub async fn end_absence(caller: SignedIn, id: Id<Uuid>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(absences::end_absence(&caller.0, id.0).await?))
}
