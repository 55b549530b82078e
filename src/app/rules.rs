//! The installed rules, read once and kept: versions with their compiled forms, calendars, fee
//! tables, agencies. A snapshot is never changed; a new one replaces it when others are installed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use motcua_domain::agency::Units;
use motcua_domain::calendar::{Calendar, CalendarYear};
use motcua_domain::dossier::facts;
use motcua_domain::fee::FeeTables;
use motcua_domain::ids::{AgencyId, ProcedureVersionId};
use motcua_domain::paper::Forms;
use motcua_domain::procedure::{Form, ProcedureKey, ProcedureVersion};
use motcua_store::agency::Office;
use motcua_store::{Pool, catalogue};
use serde_json::Value;

use crate::{Error, Result};

/// An installed version, with its form compiled.
#[derive(Debug)]
pub struct Version {
    pub id: ProcedureVersionId,
    pub definition: ProcedureVersion,
    pub form: Form,
    pub content_hash: String,
    /// Its form filled in, with invented names; absent in catalogues that bring none.
    pub sample: Option<Value>,
}

/// Everything acts are judged by.
#[derive(Debug)]
pub struct Rules {
    versions: HashMap<ProcedureVersionId, Arc<Version>>,
    pub calendar: Calendar,
    pub fees: FeeTables,
    /// Forms of papers, and the hash of their edition.
    pub forms: Forms,
    pub forms_hash: String,
    offices: HashMap<AgencyId, Arc<Office>>,
    stamp: String,
}

impl Rules {
    async fn load(pool: &Pool) -> Result<Self> {
        let mut conn = pool.get().await?;
        let stamp = motcua_store::catalogue::stamp(&mut conn).await?;
        let mut samples: HashMap<String, Value> =
            match catalogue::find_parameter(&mut conn, crate::catalogue::SAMPLES).await? {
                Some(content) => serde_json::from_str(&content)?,
                None => HashMap::new(),
            };
        let mut versions = HashMap::new();
        // A version that brings no sample has the form of the one before it.
        let mut former: Option<(ProcedureKey, Value)> = None;
        for installed in catalogue::versions(&mut conn).await? {
            let definition: ProcedureVersion = serde_json::from_str(&installed.content)?;
            let form = Form::compile(&definition.schema).map_err(Error::internal)?;
            let own = samples.remove(&format!("{}/{}", installed.key, installed.version));
            let before = former.take().filter(|(key, _)| *key == installed.key).map(|(_, sample)| sample);
            let sample = own.or(before);
            former = sample.clone().map(|sample| (installed.key, sample));
            versions.insert(
                installed.id,
                Arc::new(Version {
                    id: installed.id,
                    definition,
                    form,
                    content_hash: installed.content_hash,
                    sample,
                }),
            );
        }
        let years: Vec<CalendarYear> = catalogue::calendars(&mut conn)
            .await?
            .iter()
            .map(|content| serde_json::from_str(content))
            .collect::<Result<_, _>>()?;
        let fees = FeeTables {
            scale: serde_json::from_str(&catalogue::parameter(&mut conn, "fee_scale").await?)?,
            base_salaries: serde_json::from_str(&catalogue::parameter(&mut conn, "base_salaries").await?)?,
        };
        let (forms_hash, forms) = catalogue::newest_parameter(&mut conn, crate::catalogue::FORMS).await?;
        let forms = serde_json::from_str(&forms)?;
        let offices = motcua_store::agency::list(&mut conn)
            .await?
            .into_iter()
            .map(|office| (office.agency.id, Arc::new(office)))
            .collect();
        Ok(Self { versions, calendar: Calendar::new(years), fees, forms, forms_hash, offices, stamp })
    }

    pub fn version(&self, id: ProcedureVersionId) -> Result<&Arc<Version>> {
        self.versions.get(&id).ok_or_else(|| Error::internal(format!("procedure version {id} is not loaded")))
    }

    /// The version in force on a day.
    pub fn in_force(&self, key: ProcedureKey, day: NaiveDate) -> Option<&Arc<Version>> {
        // The newest that has begun: a successor ends its predecessor without changing it.
        self.versions
            .values()
            .filter(|version| version.definition.key == key && version.definition.in_force_on(day))
            .max_by_key(|version| version.definition.effective_from)
    }

    /// All versions of a procedure, oldest first.
    pub fn history(&self, key: ProcedureKey) -> Vec<&Arc<Version>> {
        let mut all: Vec<_> =
            self.versions.values().filter(|version| version.definition.key == key).collect();
        all.sort_by_key(|version| version.definition.effective_from);
        all
    }

    pub fn by_name(&self, key: ProcedureKey, version: &str) -> Option<&Arc<Version>> {
        self.versions
            .values()
            .find(|known| known.definition.key == key && known.definition.version == version)
    }

    /// Agencies by Vietnamese name.
    pub fn offices(&self) -> Vec<&Arc<Office>> {
        let mut all: Vec<_> = self.offices.values().collect();
        all.sort_by(|one, other| one.agency.name.vi.cmp(&other.agency.name.vi));
        all
    }

    pub fn find_office(&self, id: AgencyId) -> Option<&Arc<Office>> {
        self.offices.get(&id)
    }

    pub fn office(&self, id: AgencyId) -> Result<&Arc<Office>> {
        self.offices.get(&id).ok_or_else(|| Error::internal(format!("agency {id} is not loaded")))
    }

    /// Units of the superior agency, when there is one.
    pub fn superior(&self, id: AgencyId) -> Option<Units> {
        let superior = self.offices.get(&id)?.agency.superior?;
        self.offices.get(&superior)?.routing().ok()
    }

    /// The one open agency above all others; none where several have nobody above them.
    pub fn top(&self) -> Option<AgencyId> {
        let mut tops = self
            .offices
            .values()
            .filter(|office| office.agency.superior.is_none() && office.agency.until.is_none());
        let top = tops.next()?;
        tops.next().is_none().then_some(top.agency.id)
    }

    /// What the rules of one dossier read.
    pub fn office_of<'a>(&'a self, version: &'a Version, agency: AgencyId) -> Result<facts::Office<'a>> {
        Ok(facts::Office {
            definition: &version.definition,
            calendar: &self.calendar,
            hours: self.office(agency)?.agency.hours,
        })
    }
}

/// The snapshot in force in this process.
#[derive(Debug)]
pub struct SharedRules {
    current: RwLock<Arc<Rules>>,
}

impl SharedRules {
    pub(crate) async fn load(pool: &Pool) -> Result<Self> {
        Ok(Self { current: RwLock::new(Arc::new(Rules::load(pool).await?)) })
    }

    pub(crate) fn get(&self) -> Arc<Rules> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) async fn refresh(&self, pool: &Pool) -> Result<()> {
        let mut conn = pool.get().await?;
        let stamp = catalogue::stamp(&mut conn).await?;
        drop(conn);
        if self.get().stamp == stamp {
            return Ok(());
        }
        let fresh = Arc::new(Rules::load(pool).await?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}
