//! Agencies and units: few rows, read often, changed by administrators only.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::agency::{Agency, UnitKind, Units};
use motcua_domain::calendar::OfficeHours;
use motcua_domain::ids::{AgencyId, UnitId};
use motcua_domain::text::Text;
use uuid::Uuid;

use crate::schema::{agencies, memberships, units};
use crate::{Conn, Result, StoreError, Tx};

#[derive(Debug, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = agencies, treat_none_as_null = true)]
struct AgencyRow {
    id: Uuid,
    key: String,
    name_vi: String,
    name_en: String,
    address: String,
    phone: String,
    since: NaiveDate,
    until: Option<NaiveDate>,
    successor_id: Option<Uuid>,
    superior_id: Option<Uuid>,
    opens: i16,
    noon: i16,
    afternoon: i16,
    closes: i16,
    courts: Vec<String>,
}

fn minutes(value: i16) -> u16 {
    u16::try_from(value).unwrap_or_default()
}

fn small(value: u16) -> i16 {
    i16::try_from(value).unwrap_or(i16::MAX)
}

impl From<AgencyRow> for Agency {
    fn from(row: AgencyRow) -> Self {
        Self {
            id: AgencyId(row.id),
            key: row.key,
            name: Text::new(row.name_vi, row.name_en),
            address: row.address,
            phone: row.phone,
            from: row.since,
            until: row.until,
            successor: row.successor_id.map(AgencyId),
            superior: row.superior_id.map(AgencyId),
            hours: OfficeHours {
                opens: minutes(row.opens),
                noon: minutes(row.noon),
                afternoon: minutes(row.afternoon),
                closes: minutes(row.closes),
            },
            courts: row.courts,
        }
    }
}

/// A unit as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub id: UnitId,
    pub agency: AgencyId,
    pub kind: UnitKind,
    pub name: Text,
    /// Left part of dossier codes; only the one-window unit has one.
    pub identifier: Option<String>,
}

#[derive(Debug, HasQuery, Insertable)]
#[diesel(table_name = units)]
struct UnitRow {
    id: Uuid,
    agency_id: Uuid,
    kind: String,
    name_vi: String,
    name_en: String,
    identifier: Option<String>,
    identifier_format: Option<String>,
}

impl TryFrom<UnitRow> for Unit {
    type Error = StoreError;

    fn try_from(row: UnitRow) -> Result<Self> {
        Ok(Self {
            id: UnitId(row.id),
            agency: AgencyId(row.agency_id),
            kind: row.kind.parse().map_err(|_| StoreError::Bug(format!("unit kind {}", row.kind)))?,
            name: Text::new(row.name_vi, row.name_en),
            identifier: row.identifier,
        })
    }
}

/// An agency with all its units.
#[derive(Debug, Clone)]
pub struct Office {
    pub agency: Agency,
    pub units: Vec<Unit>,
}

impl Office {
    /// The units routing needs.
    ///
    /// # Errors
    /// `Bug` when the agency has no counter, head or clerk.
    pub fn routing(&self) -> Result<Units> {
        let one = |kind| {
            self.units
                .iter()
                .find(|unit| unit.kind == kind)
                .map(|unit| unit.id)
                .ok_or_else(|| StoreError::Bug(format!("agency {} has no {kind} unit", self.agency.key)))
        };
        Ok(Units {
            agency: self.agency.id,
            one_window: one(UnitKind::OneWindow)?,
            head: one(UnitKind::Head)?,
            clerk: one(UnitKind::Clerk)?,
        })
    }

    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// Identifier of the one-window unit.
    pub fn identifier(&self) -> Option<&str> {
        self.units
            .iter()
            .find(|unit| unit.kind == UnitKind::OneWindow)
            .and_then(|unit| unit.identifier.as_deref())
    }
}

/// All agencies with their units, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Office>> {
    let rows = AgencyRow::query().order(agencies::name_vi).load(conn).await?;
    let unit_rows = UnitRow::query().order((units::kind, units::name_vi)).load(conn).await?;
    let all: Vec<Unit> = unit_rows.into_iter().map(Unit::try_from).collect::<Result<_>>()?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let agency = Agency::from(row);
            let units = all.iter().filter(|unit| unit.agency == agency.id).cloned().collect();
            Office { agency, units }
        })
        .collect())
}

fn row(agency: &Agency) -> AgencyRow {
    AgencyRow {
        id: agency.id.0,
        key: agency.key.clone(),
        name_vi: agency.name.vi.clone(),
        name_en: agency.name.en.clone(),
        address: agency.address.clone(),
        phone: agency.phone.clone(),
        since: agency.from,
        until: agency.until,
        successor_id: agency.successor.map(|id| id.0),
        superior_id: agency.superior.map(|id| id.0),
        opens: small(agency.hours.opens),
        noon: small(agency.hours.noon),
        afternoon: small(agency.hours.afternoon),
        closes: small(agency.hours.closes),
        courts: agency.courts.clone(),
    }
}

pub async fn insert(tx: &mut Tx, agency: &Agency) -> Result<()> {
    diesel::insert_into(agencies::table).values(row(agency)).execute(tx.conn()).await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, key: &str) -> Result<Option<Agency>> {
    let found = AgencyRow::query().filter(agencies::key.eq(key)).first(conn).await.optional()?;
    Ok(found.map(Agency::from))
}

/// By key, held for change.
pub async fn lock(tx: &mut Tx, key: &str) -> Result<Agency> {
    let found = agencies::table
        .filter(agencies::key.eq(key))
        .select(AgencyRow::as_select())
        .for_no_key_update()
        .first(tx.conn())
        .await?;
    Ok(found.into())
}

pub async fn update(tx: &mut Tx, agency: &Agency) -> Result<()> {
    diesel::update(agencies::table.find(agency.id.0)).set(row(agency)).execute(tx.conn()).await?;
    Ok(())
}

/// Roles in the agency last no longer than it does. How many were cut.
pub async fn end_memberships(tx: &mut Tx, agency: AgencyId, last: NaiveDate) -> Result<usize> {
    let beyond = memberships::until.is_null().or(memberships::until.gt(last));
    let begun = memberships::agency_id.eq(agency.0).and(memberships::since.le(last));
    Ok(diesel::update(memberships::table.filter(begun).filter(beyond))
        .set(memberships::until.eq(last))
        .execute(tx.conn())
        .await?)
}

pub async fn insert_unit(tx: &mut Tx, unit: &Unit) -> Result<()> {
    let row = UnitRow {
        id: unit.id.0,
        agency_id: unit.agency.0,
        kind: unit.kind.to_string(),
        name_vi: unit.name.vi.clone(),
        name_en: unit.name.en.clone(),
        identifier: unit.identifier.clone(),
        identifier_format: unit.identifier.as_ref().map(|_| "c01v-2018".to_owned()),
    };
    diesel::insert_into(units::table).values(row).execute(tx.conn()).await?;
    Ok(())
}
