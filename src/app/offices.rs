//! Agencies and their units, kept by the person who runs the server: open, change, close.
//! An agency is never without counter, head's office and clerk's office: routing needs all three.
//! Every change stands in the agency's audit chain; running programs take it up within ten seconds.

use std::sync::Arc;

use chrono::NaiveDate;
use motcua_domain::agency::{Agency, UnitKind};
use motcua_domain::calendar::OfficeHours;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AgencyId, UnitId};
use motcua_domain::person::is_safe_text;
use motcua_domain::text::Text;
pub use motcua_store::agency::Office;
use motcua_store::agency::{self as store, Unit};
use motcua_store::{StoreError, Tx};
use serde_json::{Value, json};

use crate::{Ctx, Error, Result, administration, record};

const LONGEST: usize = 300;

/// What may change of an agency; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    pub name_en: Option<String>,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub hours: Option<OfficeHours>,
    /// As named on judgments; they replace the ones there are.
    pub courts: Option<Vec<String>>,
    /// Key of the agency that decides when the head is challenged. Law: D62 a.10 c.2.
    pub superior: Option<String>,
}

/// An agency to open.
#[derive(Debug, Clone)]
pub struct NewAgency {
    pub key: String,
    /// First day; today when absent.
    pub from: Option<NaiveDate>,
    /// Left part of its dossier codes.
    pub identifier: String,
    pub parts: Change,
}

/// Opens an agency with its counter, head's office and clerk's office.
///
/// # Errors
/// All wrong fields at once; the key is taken.
pub async fn add_agency(ctx: &Ctx, new: NewAgency) -> Result<AgencyId> {
    let mut errors = Vec::new();
    let mut want = |pointer: &str, holds: bool, code| {
        if !holds {
            errors.push(FieldError::plain(pointer, code));
        }
    };
    let shaped = |text: &str, also: fn(char) -> bool| {
        (3..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit() || also(c))
    };
    want("/key", shaped(&new.key, |c| c.is_ascii_lowercase() || c == '-'), ErrorCode::FieldFormat);
    want(
        "/identifier",
        shaped(&new.identifier, |c| c.is_ascii_uppercase() || c == '.'),
        ErrorCode::FieldFormat,
    );
    want("/name", new.parts.name.is_some(), ErrorCode::FieldRequired);
    want("/address", new.parts.address.is_some(), ErrorCode::FieldRequired);
    let mut agency = Agency {
        id: ctx.app.new_id(),
        key: new.key,
        name: Text::default(),
        address: String::new(),
        phone: String::new(),
        from: new.from.unwrap_or_else(|| ctx.today()),
        until: None,
        successor: None,
        superior: None,
        hours: OfficeHours::default(),
        courts: Vec::new(),
    };
    let mut tx = ctx.app.begin("add_agency").await?;
    errors.extend(apply(&mut tx, &mut agency, new.parts).await?);
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    if agency.name.en.is_empty() {
        agency.name.en.clone_from(&agency.name.vi);
    }
    store::insert(&mut tx, &agency).await.map_err(|error| taken(error, "/key"))?;
    let mut units = Vec::new();
    for (kind, vi, en) in [
        (UnitKind::OneWindow, "Bộ phận Một cửa", "One-window unit"),
        (UnitKind::Head, "Lãnh đạo cơ quan", "Head's office"),
        (UnitKind::Clerk, "Văn thư", "Clerk's office"),
    ] {
        let identifier = (kind == UnitKind::OneWindow).then(|| new.identifier.clone());
        let unit =
            Unit { id: ctx.app.new_id(), agency: agency.id, kind, name: Text::new(vi, en), identifier };
        store::insert_unit(&mut tx, &unit).await?;
        units.push(unit.id);
    }
    let body = json!({ "agency": agency, "identifier": new.identifier, "units": units });
    audit(ctx, &mut tx, &agency, "agency.added", &body).await?;
    tx.commit().await?;
    ctx.app.refresh_rules().await?;
    Ok(agency.id)
}

/// Adds a regional office or a professional section.
///
/// # Errors
/// Not found; a name that cannot be used.
pub async fn add_unit(ctx: &Ctx, key: &str, name: &str, name_en: Option<&str>) -> Result<UnitId> {
    let name = Text::new(name.trim(), name_en.unwrap_or(name).trim());
    if let Some(error) = wrong("/name", &name.vi).or_else(|| wrong("/name_en", &name.en)) {
        return Err(Error::fields(vec![error]));
    }
    let kept = administration::of(ctx)?;
    let mut tx = ctx.app.begin("add_unit").await?;
    let agency = store::lock(&mut tx, key).await?;
    if !kept.keeps(agency.id) {
        return Err(Error::not_found());
    }
    let unit =
        Unit { id: ctx.app.new_id(), agency: agency.id, kind: UnitKind::Office, name, identifier: None };
    store::insert_unit(&mut tx, &unit).await?;
    audit(ctx, &mut tx, &agency, "unit.added", &json!({ "unit": unit.id, "name": unit.name })).await?;
    tx.commit().await?;
    ctx.app.refresh_rules().await?;
    Ok(unit.id)
}

/// Changes an agency. What was done under the former entry stays as it was.
///
/// # Errors
/// Not found; all wrong fields at once.
pub async fn change_agency(ctx: &Ctx, key: &str, parts: Change) -> Result<()> {
    let mut tx = ctx.app.begin("change_agency").await?;
    let mut agency = store::lock(&mut tx, key).await?;
    let before = agency.clone();
    let errors = apply(&mut tx, &mut agency, parts).await?;
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    store::update(&mut tx, &agency).await?;
    audit(ctx, &mut tx, &agency, "agency.changed", &json!({ "before": before, "after": agency })).await?;
    tx.commit().await?;
    ctx.app.refresh_rules().await
}

/// Closes an agency after its last day. Its open dossiers are its successor's; roles in it end.
///
/// # Errors
/// Not found; a successor that is not open, or is the agency itself.
pub async fn close_agency(ctx: &Ctx, key: &str, successor: &str, last: Option<NaiveDate>) -> Result<u64> {
    let mut tx = ctx.app.begin("close_agency").await?;
    let mut agency = store::lock(&mut tx, key).await?;
    let last = last.unwrap_or_else(|| ctx.today());
    let heir =
        store::find(tx.conn(), successor).await?.filter(|heir| heir.id != agency.id && heir.until.is_none());
    let Some(heir) = heir else { return Err(Error::field("/successor", ErrorCode::FieldChoice)) };
    if last < agency.from {
        return Err(Error::field("/on", ErrorCode::FieldTooSmall));
    }
    agency.until = Some(last);
    agency.successor = Some(heir.id);
    store::update(&mut tx, &agency).await?;
    let ended = store::end_memberships(&mut tx, agency.id, last).await?;
    let body = json!({ "until": last, "successor": heir.id, "roles_ended": ended });
    audit(ctx, &mut tx, &agency, "agency.closed", &body).await?;
    tx.commit().await?;
    ctx.app.refresh_rules().await?;
    Ok(u64::try_from(ended).unwrap_or(u64::MAX))
}

/// All agencies with their units, by name.
pub async fn list(ctx: &Ctx) -> Result<Vec<Arc<Office>>> {
    ctx.app.refresh_rules().await?;
    Ok(ctx.app.rules().offices().into_iter().cloned().collect())
}

async fn audit(ctx: &Ctx, tx: &mut Tx, agency: &Agency, act: &str, body: &Value) -> Result<()> {
    let (doer, chain) = (ctx.actor.doer(None), agency.id.to_string());
    record::administration(ctx, tx, &doer, &chain, act, &agency.key, body).await
}

fn taken(error: StoreError, pointer: &str) -> Error {
    match error {
        StoreError::Conflict(_) => Error::field(pointer, ErrorCode::FieldDuplicate),
        other => other.into(),
    }
}

fn wrong(pointer: &str, text: &str) -> Option<FieldError> {
    let code = if text.trim().is_empty() {
        ErrorCode::FieldRequired
    } else if text.chars().count() > LONGEST {
        ErrorCode::FieldTooLong
    } else if !is_safe_text(text) {
        ErrorCode::FieldFormat
    } else {
        return None;
    };
    Some(FieldError::plain(pointer, code))
}

/// Puts the parts in; what is wrong with them.
async fn apply(tx: &mut Tx, agency: &mut Agency, parts: Change) -> Result<Vec<FieldError>> {
    let Change { name, name_en, address, phone, hours, courts, superior } = parts;
    let mut errors = Vec::new();
    for (pointer, given, place) in [
        ("/name", name, &mut agency.name.vi),
        ("/name_en", name_en, &mut agency.name.en),
        ("/address", address, &mut agency.address),
        ("/phone", phone, &mut agency.phone),
    ] {
        if let Some(given) = given {
            errors.extend(wrong(pointer, &given));
            given.trim().clone_into(place);
        }
    }
    if let Some(courts) = courts {
        errors.extend(courts.iter().find_map(|court| wrong("/courts", court)));
        agency.courts = courts;
    }
    if let Some(hours) = hours {
        let OfficeHours { opens, noon, afternoon, closes } = hours;
        if !(opens < noon && noon <= afternoon && afternoon < closes && closes < 24 * 60) {
            errors.push(FieldError::plain("/hours", ErrorCode::FieldInvalid));
        }
        agency.hours = hours;
    }
    if let Some(key) = superior {
        match store::find(tx.conn(), &key).await?.filter(|known| known.id != agency.id) {
            Some(known) => agency.superior = Some(known.id),
            None => errors.push(FieldError::plain("/superior", ErrorCode::FieldChoice)),
        }
    }
    Ok(errors)
}
