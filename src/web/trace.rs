//! One span per request: method, route pattern, request id, status. No address that was asked, no
//! query, no header: those can hold personal data or secrets.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use actix_web::HttpMessage;

/// Builds the root span of a request.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().map(|id| id.to_string()).unwrap_or_default();
        tracing::info_span!("request", method = %request.method(), route = Empty, request_id = %id, status = Empty)
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let Ok(response) = outcome else { return };
        let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
        let status = response.status().as_u16();
        span.record("route", route.as_str());
        span.record("status", status);
        let method = response.request().method().to_string();
        metrics::counter!("motcua_requests_total", "method" => method, "route" => route, "status" => status.to_string()).increment(1);
    }
}
