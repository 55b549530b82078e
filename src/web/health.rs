//! Is it alive, is it ready, what does it measure. For machines; nothing personal in any of it.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::Web;
use crate::problem::Failure;

/// The process answers.
#[utoipa::path(tag = "health", operation_id = "live", responses((status = 200, description = "Alive", body = String, content_type = "text/plain")))]
#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live")
}

/// The database answers and the rules are installed.
#[utoipa::path(tag = "health", operation_id = "ready", responses((status = 200, description = "Ready", body = String, content_type = "text/plain")))]
#[get("/health/ready")]
pub async fn ready(web: Data<Web>) -> Result<HttpResponse, Failure> {
    web.app.ready().await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready"))
}

/// Prometheus text.
#[utoipa::path(tag = "health", operation_id = "metrics", responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub async fn metrics(web: Data<Web>) -> HttpResponse {
    let (open, most) = web.app.pool().size();
    let gauge = |value: usize| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    ::metrics::gauge!("motcua_db_connections").set(gauge(open));
    ::metrics::gauge!("motcua_db_connections_max").set(gauge(most));
    // Without the database the rest is still worth reading.
    if let Ok((dead, waiting_since)) = motcua_app::jobs::health(&web.app).await {
        ::metrics::gauge!("motcua_jobs_dead").set(gauge(usize::try_from(dead).unwrap_or_default()));
        let seconds =
            waiting_since.map_or(0, |since| web.app.now().signed_duration_since(since).num_seconds().max(0));
        ::metrics::gauge!("motcua_jobs_oldest_waiting_seconds")
            .set(gauge(usize::try_from(seconds).unwrap_or_default()));
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body((web.metrics)())
}
