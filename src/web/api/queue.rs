//! The officers' queue: open dossiers, most urgent first.

use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use motcua_app::lists::{self, Filter, LineView};
use motcua_domain::dossier::Channel;
use motcua_domain::dossier::state::StateName;
use motcua_domain::ids::{AccountId, UnitId};
use motcua_domain::procedure::ProcedureKey;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Paged;
use super::dossiers::page;
use crate::body::Params;
use crate::caller::SignedIn;
use crate::problem::Failure;

/// Which part of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueParams {
    /// Only what is assigned to this person.
    pub assignee: Option<AccountId>,
    /// Only what this unit holds.
    pub unit: Option<UnitId>,
    pub procedure: Option<ProcedureKey>,
    pub state: Option<StateName>,
    pub step: Option<String>,
    pub channel: Option<Channel>,
    pub due_before: Option<DateTime<Utc>>,
    pub after: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<usize>,
}

/// Open dossiers in the caller's scope, most urgent first.
#[utoipa::path(tag = "office", operation_id = "open_queue", params(QueueParams), responses((status = 200, body = Paged<LineView>)))]
#[get("/queue")]
pub async fn open_queue(caller: SignedIn, params: Params<QueueParams>) -> Result<HttpResponse, Failure> {
    let asked = params.0;
    let (after, limit) = page(asked.after.as_deref(), asked.limit)?;
    let filter = Filter {
        assignee: asked.assignee,
        unit: asked.unit,
        procedure: asked.procedure,
        state: asked.state,
        step: asked.step,
        channel: asked.channel,
        due_before: asked.due_before,
        sent_on: None,
        search: None,
        ended: false,
    };
    Ok(HttpResponse::Ok().json(Paged::from(lists::open_queue(&caller.0, &filter, after, limit).await?)))
}
