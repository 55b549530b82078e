//! The embedded catalogue on its way into a database: `migrate`, `dev` and the tests install it
//! through the same act.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::app::catalogue::{Bundle, FORMS, Installed, SAMPLES};
use crate::app::{self, Clock};
use crate::catalogue::{self, Catalogue};
use crate::store::Pool;

/// The embedded catalogue as exact texts.
///
/// # Errors
/// Every problem in the embedded files; a build that passes its tests has none.
pub fn bundle() -> Result<Bundle, Vec<String>> {
    let Catalogue { procedures, calendars, fee_tables, forms } = catalogue::embedded()?;
    let text = |value: serde_json::Result<String>| value.map_err(|error| vec![error.to_string()]);
    let parameter = |name, content: String| {
        let hash = Sha256::digest(content.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        (name, content, hash)
    };
    // Of each version the first of its examples: the filled-in form people may look at.
    let samples: BTreeMap<String, &Value> = procedures
        .iter()
        .filter_map(|one| {
            let (_, answers) = one.valid_examples.first()?;
            Some((format!("{}/{}", one.version.key, one.version.version), answers))
        })
        .collect();
    let parameters = vec![
        parameter(SAMPLES, text(serde_json::to_string(&samples))?),
        parameter(FORMS, text(serde_json::to_string(&forms))?),
        parameter("fee_scale", text(serde_json::to_string(&fee_tables.scale))?),
        parameter("base_salaries", text(serde_json::to_string(&fee_tables.base_salaries))?),
    ];
    let versions = procedures.into_iter().map(|one| (one.version, one.content, one.hash)).collect();
    let calendars = calendars
        .into_iter()
        .map(|year| Ok((year.clone(), text(serde_json::to_string(&year))?)))
        .collect::<Result<_, Vec<String>>>()?;
    Ok(Bundle { versions, calendars, parameters })
}

/// Installs what is new of the embedded catalogue.
///
/// # Errors
/// In words for the person who runs it.
pub async fn catalogue(url: &str) -> Result<Installed, String> {
    let bundle = bundle().map_err(|problems| problems.join("\n"))?;
    let pool = Pool::connect(url, 2).await.map_err(|error| error.to_string())?;
    let installed = app::catalogue::install(&pool, &Clock::Real, &bundle).await.map_err(|error| said(&error));
    pool.close();
    installed
}

/// An error of the application for the person at the terminal: they may read the private half.
pub fn said(error: &app::Error) -> String {
    let mut lines = vec![error.private().unwrap_or(&error.text.en).to_owned()];
    lines.extend(error.errors.iter().map(|field| format!("  {}: {}", field.pointer, field.text.en)));
    lines.join("\n")
}
