//! The demonstration office: agencies, staff for every role, citizens, a partner and the register
//! of matters, all invented. Tests use the same people.
//!
//! What is there already is left alone, found by its key or login, so a second run adds nothing;
//! and in a database with any other agency it does nothing at all.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use motcua_domain::actor::Verb;
use motcua_domain::agency::{Agency, Officer, UnitKind};
use motcua_domain::calendar::OfficeHours;
use motcua_domain::ids::{AccountId, AgencyId, UnitId};
use motcua_domain::matter::{Claim, Due, Judgment, Matter, MatterState, Party};
use motcua_domain::policy::Role;
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::text::Text;
use motcua_store::account::{self, Account};
use motcua_store::agency::{self, Office, Unit};
use motcua_store::matter;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use crate::contracts::{self, NewContract};
use crate::staffing::{self, NewStaff, Post};
use crate::{Ctx, Error, Result, record};

/// Everyone's password in the demonstration office.
pub const PASSWORD: &str = "motcua-demo-2026";
/// Everyone's code secret, base32.
pub const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// The demonstration partner's secret.
pub const PARTNER_SECRET: &str = "motcua-demo-partner-2026";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoOffice {
    key: String,
    name: Text,
    address: String,
    phone: String,
    from: NaiveDate,
    until: Option<NaiveDate>,
    successor: Option<String>,
    superior: Option<String>,
    courts: Vec<String>,
    units: Vec<DemoUnit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoUnit {
    key: String,
    kind: UnitKind,
    name: Text,
    identifier: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPeople {
    staff: Vec<DemoStaff>,
    citizens: Vec<DemoCitizen>,
    partner: DemoPartner,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoStaff {
    user_name: String,
    name: String,
    posts: Vec<DemoPost>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPost {
    agency: String,
    unit: String,
    role: Role,
    #[serde(default)]
    head: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoCitizen {
    email: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPartner {
    client_id: String,
    name: String,
    contact_email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoMatter {
    agency: String,
    decision_number: String,
    decided_on: NaiveDate,
    judgment: Judgment,
    /// User name.
    officer: String,
    state: MatterState,
    parties: Vec<Party>,
    claims: Vec<Claim>,
    coercion_cost: Due,
    enforcement_fee: Due,
}

/// How much was added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    pub agencies: usize,
    pub staff: usize,
    pub citizens: usize,
    pub partners: usize,
    pub matters: usize,
    /// The database belongs to a real office: nothing was done.
    pub refused: bool,
}

/// Adds what is missing of the demonstration office.
///
/// # Errors
/// When the database is away. Parts already added stay; a further run adds the rest.
pub async fn demonstration(ctx: &Ctx) -> Result<Added> {
    let offices: Vec<DemoOffice> = serde_json::from_str(include_str!("seed/offices.json"))?;
    let people: DemoPeople = serde_json::from_str(include_str!("seed/people.json"))?;
    let matters: Vec<DemoMatter> = serde_json::from_str(include_str!("seed/matters.json"))?;
    ctx.app.refresh_rules().await?;
    let ours = |key: &str| offices.iter().any(|office| office.key == key);
    if ctx.app.rules().offices().iter().any(|office| !ours(&office.agency.key)) {
        return Ok(Added { refused: true, ..Added::default() });
    }
    let mut added = Added { agencies: add_agencies(ctx, &offices).await?, ..Added::default() };
    ctx.app.refresh_rules().await?;
    let known = Known::of(ctx, &offices)?;
    let mut units = HashMap::new();
    for one in people.staff {
        // The first post is today's: a matter of a predecessor is in the hands of the successor.
        if let Some(post) = one.posts.first() {
            units.insert(one.user_name.clone(), known.unit(&post.agency, &post.unit)?);
        }
        added.staff = added.staff.saturating_add(usize::from(add_staff(ctx, &known, one).await?));
    }
    added.citizens = add_citizens(ctx, people.citizens).await?;
    added.partners = usize::from(add_partner(ctx, people.partner).await?);
    for one in matters {
        let unit = units
            .get(&one.officer)
            .copied()
            .ok_or_else(|| Error::internal(format!("{} has no post", one.officer)))?;
        added.matters = added.matters.saturating_add(usize::from(add_matter(ctx, &known, unit, one).await?));
    }
    Ok(added)
}

async fn add_agencies(ctx: &Ctx, offices: &[DemoOffice]) -> Result<usize> {
    let rules = ctx.app.rules();
    let mut ids: HashMap<&str, AgencyId> = HashMap::new();
    for office in rules.offices() {
        ids.insert(office.agency.key.as_str(), office.agency.id);
    }
    let mut tx = ctx.app.begin("seed_agencies").await?;
    let mut added = 0_usize;
    // The file lists superiors and successors before those that name them.
    for office in offices {
        if ids.contains_key(office.key.as_str()) {
            continue;
        }
        let id: AgencyId = ctx.app.new_id();
        let named = |key: &Option<String>| key.as_deref().and_then(|key| ids.get(key).copied());
        let new = Agency {
            id,
            key: office.key.clone(),
            name: office.name.clone(),
            address: office.address.clone(),
            phone: office.phone.clone(),
            from: office.from,
            until: office.until,
            successor: named(&office.successor),
            superior: named(&office.superior),
            hours: OfficeHours::default(),
            courts: office.courts.clone(),
        };
        agency::insert(&mut tx, &new).await?;
        for unit in &office.units {
            let unit = Unit {
                id: ctx.app.new_id(),
                agency: id,
                kind: unit.kind,
                name: unit.name.clone(),
                identifier: unit.identifier.clone(),
            };
            agency::insert_unit(&mut tx, &unit).await?;
        }
        record::administration(
            ctx,
            &mut tx,
            &ctx.actor.doer(None),
            &id.to_string(),
            "agency.added",
            &office.key,
            &json!({ "name": office.name.vi }),
        )
        .await?;
        ids.insert(office.key.as_str(), id);
        added = added.saturating_add(1);
    }
    tx.commit().await?;
    Ok(added)
}

/// Agencies and units by the keys of the files.
struct Known<'a> {
    offices: HashMap<&'a str, (&'a DemoOffice, Arc<Office>)>,
}

impl<'a> Known<'a> {
    fn of(ctx: &Ctx, demo: &'a [DemoOffice]) -> Result<Self> {
        let rules = ctx.app.rules();
        let all = rules.offices();
        let find = |office: &'a DemoOffice| {
            let found = all
                .iter()
                .find(|known| known.agency.key == office.key)
                .ok_or_else(|| Error::internal(format!("agency {} is missing", office.key)))?;
            Ok((office.key.as_str(), (office, Arc::clone(found))))
        };
        Ok(Self { offices: demo.iter().map(find).collect::<Result<_>>()? })
    }

    fn office(&self, key: &str) -> Result<&(&'a DemoOffice, Arc<Office>)> {
        self.offices.get(key).ok_or_else(|| Error::internal(format!("no agency {key}")))
    }

    fn unit(&self, agency: &str, key: &str) -> Result<UnitId> {
        let (demo, office) = self.office(agency)?;
        let name = demo.units.iter().find(|unit| unit.key == key).map(|unit| &unit.name);
        let found = office.units.iter().find(|unit| Some(&unit.name) == name);
        found.map(|unit| unit.id).ok_or_else(|| Error::internal(format!("no unit {key} in {agency}")))
    }
}

async fn add_staff(ctx: &Ctx, known: &Known<'_>, one: DemoStaff) -> Result<bool> {
    if account::find(&mut *ctx.app.conn().await?, "staff", &one.user_name).await?.is_some() {
        return Ok(false);
    }
    let post = |post: &DemoPost| {
        let (demo, _) = known.office(&post.agency)?;
        Ok(Post {
            unit: known.unit(&post.agency, &post.unit)?,
            role: post.role,
            head: post.head,
            from: Some(demo.from),
            until: demo.until,
        })
    };
    let posts = one.posts.iter().map(post).collect::<Result<_>>()?;
    let new = NewStaff {
        user_name: one.user_name,
        name: one.name,
        email: None,
        posts,
        password: Some(PASSWORD.into()),
        totp_secret: Some(TOTP_SECRET.to_owned()),
    };
    staffing::add(ctx, new).await?;
    Ok(true)
}

async fn add_citizens(ctx: &Ctx, citizens: Vec<DemoCitizen>) -> Result<usize> {
    let hash = ctx.app.passwords().hash(&SecretString::from(PASSWORD)).await?;
    let mut tx = ctx.app.begin("seed_citizens").await?;
    let mut added = 0_usize;
    for one in citizens {
        let new = Account {
            id: ctx.app.new_id(),
            kind: "citizen".to_owned(),
            login: one.email.clone(),
            name: one.name,
            email: Some(one.email),
            language: "vi".to_owned(),
            password_hash: hash.clone(),
            totp_secret: None,
            totp_last_step: None,
            verified_at: Some(ctx.now()),
            disabled_at: None,
            created_at: ctx.now(),
        };
        added = added.saturating_add(usize::from(account::insert(&mut tx, &new).await?));
    }
    tx.commit().await?;
    Ok(added)
}

async fn add_partner(ctx: &Ctx, one: DemoPartner) -> Result<bool> {
    if motcua_store::partner::find(&mut *ctx.app.conn().await?, &one.client_id).await?.is_some() {
        return Ok(false);
    }
    let scopes = ProcedureKey::ALL
        .iter()
        .flat_map(|procedure| Verb::ALL.iter().map(move |verb| format!("{procedure}:{verb}")))
        .collect();
    let new = NewContract {
        client_id: Some(one.client_id),
        name: one.name,
        contact_email: one.contact_email,
        scopes,
        agencies: Vec::new(),
        networks: Vec::new(),
    };
    contracts::add_with_secret(ctx, new, PARTNER_SECRET.to_owned()).await?;
    Ok(true)
}

async fn add_matter(ctx: &Ctx, known: &Known<'_>, unit: UnitId, one: DemoMatter) -> Result<bool> {
    let (_, office) = known.office(&one.agency)?;
    let agency = office.agency.id;
    let mut tx = ctx.app.begin("seed_matter").await?;
    if matter::find_by_decision(tx.conn(), &[agency], &one.decision_number).await?.is_some() {
        return Ok(false);
    }
    let officer = account::find(tx.conn(), "staff", &one.officer)
        .await?
        .ok_or_else(|| Error::internal(format!("no officer {}", one.officer)))?;
    let matter = Matter {
        id: ctx.app.new_id(),
        version: 1,
        agency,
        decision_number: Some(one.decision_number),
        decided_on: one.decided_on,
        judgment: one.judgment,
        officer: Some(Officer { account: AccountId(officer.id), unit }),
        state: one.state,
        parties: one.parties,
        claims: one.claims,
        coercion_cost: one.coercion_cost,
        enforcement_fee: one.enforcement_fee,
        receipts: Vec::new(),
        opened_by: None,
    };
    matter::insert(&mut tx, &matter, ctx.now()).await?;
    let subject = matter.decision_number.clone().unwrap_or_default();
    record::administration(
        ctx,
        &mut tx,
        &ctx.actor.doer(None),
        &agency.to_string(),
        "matter.entered",
        &subject,
        &json!({ "matter": matter.id }),
    )
    .await?;
    tx.commit().await?;
    Ok(true)
}
