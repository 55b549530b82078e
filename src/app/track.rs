//! Following a dossier: by its code and secret key, progress only, or as its applicant, whole.
//! Law: C01V a.16 c.2 p.d (public lookup shows code and progress).

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::deadline::DueDate;
use motcua_domain::document::Document;
use motcua_domain::dossier::Supplement;
use motcua_domain::dossier::code::normalise_key;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::state::StateName;
use motcua_domain::ids::DossierId;
use motcua_domain::policy::Permission;
use motcua_domain::text::Text;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::lists::{self, EventView};
use crate::papers::{self, PaperView};
use crate::view::{self, DossierView};
use crate::{Ctx, Error, Result, access, documents, record, words};

/// SHA-256 of a tracking key as people may type it.
pub fn key_hash(key: &str) -> Vec<u8> {
    Sha256::digest(normalise_key(key).as_bytes()).to_vec()
}

/// Compares in constant time.
pub fn key_fits(key: &str, hash: &[u8]) -> bool {
    key_hash(key).ct_eq(hash).into()
}

/// One public line of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TrackedEvent {
    pub at: DateTime<Utc>,
    pub kind: String,
}

/// Where a dossier stands, for whoever has its code and key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Tracked {
    /// For acts with the same key: supply, withdraw.
    pub id: DossierId,
    pub version: i64,
    pub reference: String,
    pub code: Option<String>,
    pub procedure: Text,
    pub agency: Text,
    /// The unit that has it now; never a person.
    pub held_by: Text,
    pub state: StateName,
    pub label: Text,
    pub national_code: Option<u8>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
    pub due_on: Option<NaiveDate>,
    /// How the due date came about.
    pub explanation: Option<DueDate>,
    /// What the applicant must do now, with each item.
    pub to_supply: Option<Supplement>,
    pub timeline: Vec<TrackedEvent>,
}

/// # Errors
/// Not found for an unknown code and for a wrong key alike; too many after repeated wrong keys.
pub async fn track(ctx: &Ctx, code: &str, key: &SecretString) -> Result<Tracked> {
    let code = code.trim().to_uppercase();
    let now = ctx.now();
    ctx.app.wrong_keys().check(&ctx.address, &code, now)?;
    let mut conn = ctx.app.conn().await?;
    let found = motcua_store::dossier::find_by_code(&mut conn, &code).await?;
    // An unknown code costs the same comparison as a wrong key.
    let hash = found.as_ref().map_or_else(|| vec![0; 32], |(_, hash, _)| hash.clone());
    let fits = key_fits(key.expose_secret(), &hash);
    let Some((dossier, _, events)) = found.filter(|_| fits) else {
        ctx.app.wrong_keys().note(&ctx.address, &code, now);
        return Err(Error::not_found());
    };
    let rules = ctx.app.rules();
    let version = rules.version(dossier.procedure_version)?;
    let house = rules.office(dossier.agency)?;
    let office = rules.office_of(version, dossier.agency)?;
    Ok(Tracked {
        id: dossier.id,
        version: dossier.version,
        reference: dossier.reference.clone(),
        code: dossier.code.clone(),
        procedure: version.definition.name.clone(),
        agency: house.agency.name.clone(),
        held_by: house.unit(dossier.owner_unit).map(|unit| unit.name.clone()).unwrap_or_default(),
        state: dossier.state.name(),
        label: words::state(dossier.state.name()),
        national_code: dossier.state.name().national_code(),
        submitted_at: dossier.submitted_at,
        received_at: dossier.received_at,
        due_on: dossier.clock.as_ref().map(|clock| clock.due_on),
        explanation: dossier.clock.as_ref().and_then(|clock| clock.explain(&office).ok()),
        to_supply: dossier.open_supplement().cloned(),
        timeline: events
            .into_iter()
            .filter(|line| line.event.is_public())
            .map(|line| TrackedEvent { at: line.at, kind: Event::kind(&line.event).to_owned() })
            .collect(),
    })
}

/// A dossier as its applicant follows it, with all that stands on his page.
#[derive(Debug, Clone)]
pub struct Followed {
    pub view: DossierView,
    /// What happened, as far as he may know.
    pub events: Vec<EventView>,
    /// Papers he filed.
    pub papers: Vec<Document>,
    /// Papers the office made.
    pub made: Vec<PaperView>,
}

/// All of it at once, so that it is loaded and judged once.
///
/// # Errors
/// Not found when it is hidden from the caller.
pub async fn follow(ctx: &Ctx, id: DossierId) -> Result<Followed> {
    let mut conn = ctx.app.conn().await?;
    let opened = access::open(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::View)?;
    record::view(ctx, &mut conn, &opened, "dossier.viewed", Value::Null).await?;
    let papers = access::documents(&mut conn, &opened).await?.to_vec();
    let made = papers::shown(ctx, &opened, &motcua_store::paper::list(&mut conn, id).await?);
    Ok(Followed {
        events: lists::events(ctx, &mut conn, &opened).await?,
        papers: papers.into_iter().map(|paper| documents::shown(ctx, &opened, paper)).collect(),
        made,
        view: view::build(ctx, &mut conn, &opened).await?,
    })
}
