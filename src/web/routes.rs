//! Every route on one screen.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use motcua_app::Error;
use motcua_domain::error_code::ErrorCode;
use utoipa::openapi::{HttpMethod, OpenApi};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::api::acts::{finish, intake, process};
use crate::api::{
    absences, accounts, calculators, documents, dossiers, matters, messages, papers, procedures, queue,
    sessions, tokens, tracking,
};
use crate::problem::Failure;
use crate::{health, problem_page};

/// Where the documentation page and the contract are served.
pub const DOCS: &str = "/api/docs";
pub const CONTRACT: &str = "/api/openapi.json";

/// Mounts everything.
pub fn mount(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope("/api/v1")
                // asked most, so tried first
                .service(tracking::track)
                .service(dossiers::read)
                .service(queue::open_queue)
                // public
                .service(procedures::procedures)
                .service(procedures::procedure)
                .service(procedures::agencies)
                .service(procedures::calendar)
                .service(calculators::due_date)
                .service(calculators::enforcement_fee)
                .service(calculators::limitation)
                .service(tracking::track_by_form)
                // accounts and sessions
                .configure(accounts::mount)
                .configure(sessions::mount)
                .configure(absences::mount)
                // filing
                .service(dossiers::begin)
                .service(dossiers::newest)
                .service(dossiers::discard)
                .service(dossiers::save_answers)
                .service(dossiers::change_start)
                .service(dossiers::reissue_key)
                .service(dossiers::submit)
                .service(dossiers::timeline)
                .service(dossiers::audit)
                .service(dossiers::looks)
                .configure(documents::mount)
                .configure(messages::mount)
                .configure(papers::mount)
                // at the counter
                .service(intake::receive)
                .service(intake::request_supplement)
                .service(intake::supply)
                .service(intake::refuse)
                .service(intake::withdraw)
                .service(intake::link_matter)
                .service(intake::add_note)
                .service(process::undo)
                // inside the agency
                .service(process::suggest)
                .service(process::assign)
                .service(process::complete_step)
                .service(process::send_back)
                .service(process::request_opinion)
                .service(process::answer_opinion)
                .service(process::draft)
                .service(process::propose)
                .service(process::request_payment)
                .service(process::confirm_payment)
                // to the end
                .service(finish::sign)
                .service(finish::number)
                .service(finish::hand_over)
                .service(finish::return_result)
                .service(finish::stop)
                .service(finish::extend)
                .service(finish::lapse)
                .service(finish::repin)
                // register
                .service(matters::matters)
                .service(matters::matter)
                .service(matters::record_performance)
                .service(matters::set_costs)
                .service(matters::set_fees),
        )
        .configure(tokens::mount)
        .service(problem_page::explain)
        .service(health::live)
        .service(health::ready)
        .service(health::metrics);
}

/// Which methods each path of the contract takes: tells a wrong method from a wrong address.
#[derive(Debug, Default)]
pub struct Methods(Vec<(Vec<String>, Vec<Method>)>);

impl Methods {
    pub fn of(contract: &OpenApi) -> Self {
        let method = |method: &HttpMethod| match method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
            HttpMethod::Delete => Method::DELETE,
            HttpMethod::Options => Method::OPTIONS,
            HttpMethod::Head => Method::HEAD,
            HttpMethod::Patch => Method::PATCH,
            HttpMethod::Trace => Method::TRACE,
        };
        let taken = |item: &utoipa::openapi::PathItem| {
            crate::openapi::operations(item).iter().map(|(verb, _)| method(verb)).collect()
        };
        Self(
            contract
                .paths
                .paths
                .iter()
                .map(|(path, item)| (path.split('/').map(str::to_owned).collect(), taken(item)))
                .collect(),
        )
    }

    fn at(&self, path: &str) -> Vec<&Method> {
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |known: &[String]| {
            known.len() == asked.len()
                && known
                    .iter()
                    .zip(&asked)
                    .all(|(known, asked)| (known.starts_with('{') && !asked.is_empty()) || known == asked)
        };
        self.0.iter().filter(|(known, _)| fits(known)).flat_map(|(_, methods)| methods).collect()
    }
}

/// What no route takes: a wrong method on a known path, or nothing at all.
pub async fn otherwise(request: HttpRequest, methods: Data<Methods>) -> HttpResponse {
    let known = methods.at(request.path());
    if known.is_empty() {
        return Failure(Error::not_found()).error_response();
    }
    let mut response = Failure(Error::of(ErrorCode::MethodNotAllowed)).error_response();
    let allow: Vec<&str> = known.into_iter().map(Method::as_str).collect();
    if let Ok(allow) = allow.join(", ").parse() {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}
