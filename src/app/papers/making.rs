//! Making the file of a paper: set, sealed, stored, once.

use chrono::{DateTime, Utc};
use motcua_domain::calendar::vietnam;
use motcua_domain::ids::PaperId;
use motcua_domain::paper::{Form, Forms, PaperKind, Said};
use motcua_domain::text::Language;
use motcua_paper::{Printed, Sheet};
use motcua_store::paper::{self as store, Paper};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{is_sealed, text};
use crate::file::Bytes;
use crate::jobs::Work;
use crate::sealing::Sealer;
use crate::{App, Error, Result};

/// The form of a paper in force on a day.
///
/// # Errors
/// When there is none.
pub(crate) fn form(forms: &Forms, kind: PaperKind, day: chrono::NaiveDate) -> Result<&Form> {
    forms
        .in_force(kind, day)
        .ok_or_else(|| Error::internal(format!("no form of {kind} is in force on {day}")))
}

/// Sets a paper, away from the threads that serve.
pub(crate) async fn set(
    forms: Forms,
    form: Form,
    data: String,
    at: DateTime<Utc>,
    id: String,
    link: String,
) -> Result<Printed> {
    let set = move || -> Result<Printed> {
        let code =
            fast_qr::QRBuilder::new(link).build().map_err(|error| Error::internal(error.to_string()))?;
        let code = <fast_qr::convert::svg::SvgBuilder as fast_qr::convert::Builder>::margin(
            &mut fast_qr::convert::svg::SvgBuilder::default(),
            0,
        )
        .to_str(&code);
        let sheet = Sheet {
            templates: &forms.templates,
            template: &form.template,
            data: &data,
            code: Some(&code),
            at: at.with_timezone(&vietnam()),
            id: &id,
        };
        motcua_paper::print(&sheet).map_err(|error| Error::internal(error.to_string()))
    };
    tokio::task::spawn_blocking(set).await.map_err(|error| Error::internal(error.to_string()))?
}

/// Makes the file of a paper, when it was not made yet. Two at once do no harm: the first one counts, and
/// both would be the same.
///
/// # Errors
/// When a template fails, or the database or the file store is away.
pub(crate) async fn make(app: &App, id: PaperId) -> Result<Paper> {
    let mut conn = app.conn().await?;
    let paper = store::find(&mut conn, id).await?.ok_or_else(Error::not_found)?;
    if paper.stored_at.is_some() {
        return Ok(paper);
    }
    drop(conn);
    let forms = forms(app, &paper).await?;
    let kind: PaperKind = paper.kind.parse().map_err(|_| Error::internal(paper.kind.clone()))?;
    let sealer = match is_sealed(kind) {
        true => {
            let said: Said = serde_json::from_str(&paper.said)?;
            sealer(app, text(&said.vi, "/agency/key").unwrap_or_default()).await?
        }
        false => None,
    };
    let sealed_by = sealer.as_ref().map(|sealer| sealer.holder().to_owned());
    let mut printed = print(app, &paper, forms, Language::Vi, sealer.as_ref()).await?;
    if let Some(sealer) = sealer {
        printed = seal(sealer, printed, paper.made_at).await?;
    }
    let object_key = format!("papers/{id}/{}", app.new_id::<PaperId>());
    let mut upload = app.files().begin(&object_key).await?;
    let sha256 = hex::encode(Sha256::digest(&printed.pdf));
    let size = i64::try_from(printed.pdf.len()).unwrap_or(i64::MAX);
    upload.write(Bytes::from(printed.pdf)).await?;
    upload.finish().await?;
    let stored = store::Stored {
        sha256,
        size,
        pages: i32::try_from(printed.pages).unwrap_or(i32::MAX),
        object_key: object_key.clone(),
        stored_at: app.now(),
        sealed_by,
    };
    let mut tx = app.begin("store_paper").await?;
    if !store::store(&mut tx, id, &stored).await? {
        // Somebody else was first.
        Work::RemoveFile { object_key }.enqueue(app, &mut tx).await?;
    }
    let paper = store::find(tx.conn(), id).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    Ok(paper)
}

/// The forms a paper was drawn up with.
pub(super) async fn forms(app: &App, paper: &Paper) -> Result<Forms> {
    let rules = app.rules();
    if rules.forms_hash == paper.forms_hash {
        return Ok(rules.forms.clone());
    }
    let mut conn = app.conn().await?;
    let edition =
        motcua_store::catalogue::edition(&mut conn, crate::catalogue::FORMS, &paper.forms_hash).await?;
    Ok(serde_json::from_str(&edition)?)
}

/// What papers of this agency are sealed with, when it has a key.
///
/// # Errors
/// When its key cannot be opened.
pub(crate) async fn sealer(app: &App, agency: String) -> Result<Option<Sealer>> {
    let Some(seals) = app.settings().seals.clone() else { return Ok(None) };
    // A token takes its time.
    let open = tokio::task::spawn_blocking(move || seals.of(&agency));
    open.await.map_err(|error| Error::internal(error.to_string()))?
}

/// Seals a finished paper, away from the threads that serve.
///
/// # Errors
/// When the token is away.
pub(crate) async fn seal(sealer: Sealer, printed: Printed, at: DateTime<Utc>) -> Result<Printed> {
    let seal = move || sealer.seal(&printed, at).map(|pdf| Printed { pdf, ..printed });
    tokio::task::spawn_blocking(seal).await.map_err(|error| Error::internal(error.to_string()))?
}

/// The visible block of a signature: whose it is, for which agency, and when.
pub(crate) fn seal_said(forms: &Forms, sealer: &Sealer, agency: &str, at: DateTime<Utc>) -> Value {
    let word = |word| forms.word("seal", word, Language::Vi);
    let at = at.with_timezone(&vietnam()).format("%d/%m/%Y %H:%M:%S %:z");
    let mut lines = vec![format!("{}: {}", word("by"), sealer.holder())];
    if sealer.holder() != agency {
        lines.push(format!("{}: {agency}", word("agency")));
    }
    lines.push(format!("{}: {at}", word("at")));
    json!({ "lines": lines })
}

/// Sets a paper that was drawn up; with the block of who will seal it.
pub(super) async fn print(
    app: &App,
    paper: &Paper,
    forms: Forms,
    language: Language,
    sealer: Option<&Sealer>,
) -> Result<Printed> {
    let kind: PaperKind = paper.kind.parse().map_err(|_| Error::internal(paper.kind.clone()))?;
    let mut said: Said = serde_json::from_str(&paper.said)?;
    let agency = text(&said.vi, "/agency/name").unwrap_or_default();
    if let (Value::Object(said), Some(sealer)) = (&mut said.vi, sealer) {
        said.insert("seal".to_owned(), seal_said(&forms, sealer, &agency, paper.made_at));
    }
    let day = motcua_domain::calendar::local_date(paper.made_at);
    let form = form(&forms, kind, day)?.clone();
    let data = serde_json::to_string(said.say(language))?;
    let link = format!("{}/xac-thuc/{}", app.settings().public_url, paper.check_code);
    let id = format!("{}/{}", paper.check_code, language.as_str());
    set(forms, form, data, paper.made_at, id, link).await
}
