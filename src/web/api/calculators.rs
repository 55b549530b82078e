//! The legal calculators, for anyone, always with the reckoning that led to the answer.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::calendar::OfficeHours;
use motcua_domain::deadline::{self, DueDate, Limit};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::fee::{Fees, NoFee};
use motcua_domain::ids::AgencyId;
use motcua_domain::limitation::{BadLimitation, Excluded, Limitation, reckon};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Web;
use crate::body::Params;
use crate::problem::Failure;
use motcua_app::Error;
use motcua_app::rules::Rules;

/// From when, and how long.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DueDateParams {
    /// An instant with offset, such as `2025-04-24T09:30:00+07:00`.
    pub received_at: DateTime<Utc>,
    /// `5wd` (working days) or `15cd` (calendar days), 1 to 730.
    #[param(pattern = "^[1-9][0-9]{0,2}(wd|cd)$")]
    pub limit: String,
    /// Whose office hours; 07:30-17:00 when absent.
    pub agency: Option<AgencyId>,
}

/// A due date that explains itself.
#[utoipa::path(tag = "public", operation_id = "due_date", params(DueDateParams), responses((status = 200, body = DueDate)))]
#[get("/calculators/due-date")]
pub async fn due_date(web: Data<Web>, params: Params<DueDateParams>) -> Result<HttpResponse, Failure> {
    let rules = web.app.rules();
    let asked = params.0;
    let limit: Limit = asked.limit.parse().map_err(|_| Error::field("/limit", ErrorCode::FieldFormat))?;
    let hours = match asked.agency {
        Some(agency) => {
            rules
                .find_office(agency)
                .ok_or_else(|| Error::field("/agency", ErrorCode::FieldChoice))?
                .agency
                .hours
        }
        None => OfficeHours::default(),
    };
    Ok(HttpResponse::Ok().json(due(&rules, &hours, asked.received_at, limit)?))
}

/// The due date, or which field was wrong.
///
/// # Errors
/// Outside the years the calendar knows.
pub fn due(rules: &Rules, hours: &OfficeHours, from: DateTime<Utc>, limit: Limit) -> Result<DueDate, Error> {
    deadline::reckon(&rules.calendar, hours, from, limit, &[])
        .map_err(|_| Error::field("/received_at", ErrorCode::FieldInvalid))
}

/// Receipts, and the day whose base salary holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeeParams {
    pub on: NaiveDate,
    /// Whole đồng, in the order received, separated by commas.
    #[param(pattern = "^[0-9]+(,[0-9]+)*$")]
    pub receipts: String,
}

/// The enforcement fee of each receipt.
#[utoipa::path(tag = "public", operation_id = "enforcement_fee", params(FeeParams), responses((status = 200, body = Fees)))]
#[get("/calculators/enforcement-fee")]
pub async fn enforcement_fee(web: Data<Web>, params: Params<FeeParams>) -> Result<HttpResponse, Failure> {
    let whole = |text: &str| {
        text.parse::<u64>().map_err(|_| Failure(Error::field("/receipts", ErrorCode::FieldFormat)))
    };
    let receipts: Vec<u64> = params.0.receipts.split(',').map(whole).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(fees(&web.app.rules(), params.0.on, &receipts)?))
}

/// The fees, or which field was wrong.
///
/// # Errors
/// Before the scale is known, and for receipts too many or too large.
pub fn fees(rules: &Rules, on: NaiveDate, receipts: &[u64]) -> Result<Fees, Error> {
    rules.fees.reckon(on, receipts).map_err(|why| match why {
        NoFee::BeforeScale(_) => Error::field("/on", ErrorCode::FieldTooSmall),
        NoFee::ReceiptCount => Error::field("/receipts", ErrorCode::FieldTooMany),
        NoFee::ReceiptTooLarge => Error::field("/receipts", ErrorCode::FieldTooLarge),
    })
}

/// From the judgment to the request.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LimitationParams {
    /// The day the judgment took effect, or the obligation fell due.
    pub effective: NaiveDate,
    pub requested: NaiveDate,
    /// Excluded periods, such as `2021-01-01..2021-01-31`, separated by commas.
    pub exclude: Option<String>,
}

/// The limitation period, less excluded periods.
#[utoipa::path(tag = "public", operation_id = "limitation", params(LimitationParams), responses((status = 200, body = Limitation)))]
#[get("/calculators/limitation")]
pub async fn limitation(web: Data<Web>, params: Params<LimitationParams>) -> Result<HttpResponse, Failure> {
    let bad = || Failure(Error::field("/exclude", ErrorCode::FieldFormat));
    let period = |text: &str| {
        let (from, to) = text.split_once("..").ok_or_else(bad)?;
        Ok(Excluded { from: from.parse().map_err(|_| bad())?, to: to.parse().map_err(|_| bad())? })
    };
    let text = params.0.exclude.unwrap_or_default();
    let excluded: Vec<Excluded> =
        text.split(',').filter(|part| !part.is_empty()).map(period).collect::<Result<_, Failure>>()?;
    let found = period_of_limitation(&web.app.rules(), params.0.effective, params.0.requested, &excluded)?;
    Ok(HttpResponse::Ok().json(found))
}

/// The limitation period, or which field was wrong.
///
/// # Errors
/// For periods that end before they begin, and days out of range.
pub fn period_of_limitation(
    rules: &Rules,
    effective: NaiveDate,
    requested: NaiveDate,
    excluded: &[Excluded],
) -> Result<Limitation, Error> {
    reckon(&rules.calendar, effective, requested, excluded).map_err(|why| match why {
        BadLimitation::PeriodReversed => Error::field("/exclude", ErrorCode::FieldInvalid),
        BadLimitation::OutOfRange => Error::field("/effective", ErrorCode::FieldInvalid),
    })
}
