//! Writing a list, in the background. A run that was cut off is begun anew from the first row.

use std::fs::File;
use std::io::Read as _;
use std::time::{Duration, Instant};

use chrono::{Datelike, TimeDelta};
use motcua_domain::actor::Actor;
use motcua_domain::calendar::{local_date, vietnam};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::export::{ExportFormat, ExportList};
use motcua_domain::fee::dong;
use motcua_domain::ids::{AccountId, ExportId, PaperId};
use motcua_domain::paper::PaperKind;
use motcua_domain::policy::Scope;
use motcua_domain::text::{Language, Text};
use motcua_store::export::{self as store, Export, Written};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::lists::{Row, columns};
use super::table::{Head, Table};
use super::{Asked, DAY_PAPERS};
use crate::file::Bytes;
use crate::jobs::Work;
use crate::{App, Ctx, Error, Result, access, papers};

/// Rows read at once.
const PART: usize = 500;
/// Rows of a workbook, and of any list.
const MOST_ROWS: i64 = 1_000_000;
/// Rows of a printed register, and papers printed together.
const MOST_PRINTED: i64 = 2_000;
const MOST_PAPERS: i64 = 500;
/// A run must end inside its lease.
const LONGEST: Duration = Duration::from_secs(200);
/// A file that was begun and never noted is removed after so long.
const ORPHANED_AFTER: TimeDelta = TimeDelta::hours(1);
const BLOCK: usize = 64 * 1024;

/// Why nothing was written.
enum Ended {
    /// Somebody cancelled it.
    Cancelled,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Writes a list. What cannot be had is noted with its reason; what may work next time is an error.
///
/// # Errors
/// When the database or the file store is away, and this was not the last try.
pub(crate) async fn run(app: &App, id: ExportId, last: bool) -> Result<()> {
    let (export, actor) = {
        let mut conn = app.conn().await?;
        let export = store::load(&mut conn, id).await?;
        if export.finished_at.is_some() {
            return Ok(());
        }
        let actor = access::staff_by_now(app, &mut conn, AccountId(export.account_id)).await;
        (export, actor)
    };
    let written = match actor {
        Ok(actor) => write(app, &export, actor).await,
        Err(error) => Err(error.into()),
    };
    match written {
        Ok(()) | Err(Ended::Cancelled) => Ok(()),
        Err(Ended::Failed(error)) if error.private().is_some() && !last => Err(error),
        Err(Ended::Failed(error)) => {
            if let Some(why) = error.private() {
                tracing::error!(export = %id, why, "a list could not be written");
            }
            let mut tx = app.begin("give_up_export").await?;
            store::give_up(&mut tx, id, Some(serde_json::to_value(&error.text)?), app.now()).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// A list under way.
struct Writing<'a> {
    ctx: Ctx,
    id: ExportId,
    asked: &'a Asked,
    scope: Scope,
    begun: Instant,
}

async fn write(app: &App, export: &Export, actor: Actor) -> Result<(), Ended> {
    let asked: Asked = serde_json::from_value(export.asked.clone()).map_err(Error::from)?;
    let id = ExportId(export.id);
    let ctx = Ctx { actor, language: asked.language, ..Ctx::system(app.clone(), format!("export-{id}")) };
    let scope = Scope::of(&ctx.actor, ctx.today());
    let writing = Writing { ctx, id, asked: &asked, scope, begun: Instant::now() };
    let (file, rows) = match (asked.list, asked.format) {
        (ExportList::DayPapers, _) => writing.day_papers().await?,
        (_, ExportFormat::Pdf) => writing.printed(export).await?,
        _ => writing.table(export).await?,
    };
    writing.keep(file, rows).await
}

fn too_many(most: i64) -> Error {
    let most = dong(u64::try_from(most).unwrap_or_default());
    Error::saying(
        ErrorCode::FieldTooMany,
        Text::new(
            format!("Danh sách có hơn {most} dòng; hãy chọn khoảng ngày ngắn hơn hoặc lọc hẹp hơn."),
            format!("The list has more than {most} rows; choose a shorter period or a narrower filter."),
        ),
    )
}

impl Writing<'_> {
    /// Notes how far it is.
    async fn reached(&self, rows: usize) -> Result<(), Ended> {
        if self.begun.elapsed() > LONGEST {
            let text = Text::new(
                "Danh sách quá dài nên không kịp lập; hãy chọn khoảng ngày ngắn hơn hoặc lọc hẹp hơn.",
                "The list is too long to be written in time; choose a shorter period or a narrower filter.",
            );
            return Err(Error::saying(ErrorCode::FieldTooLarge, text).into());
        }
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let mut conn = self.ctx.app.conn().await?;
        if store::advance(&mut conn, self.id, rows).await? { Ok(()) } else { Err(Ended::Cancelled) }
    }

    async fn started(&self, total: usize, most: i64) -> Result<(), Ended> {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        if total > most {
            return Err(too_many(most).into());
        }
        let mut tx = self.ctx.app.begin("start_export").await?;
        let started = store::start(&mut tx, self.id, total).await?;
        tx.commit().await?;
        if started { Ok(()) } else { Err(Ended::Cancelled) }
    }

    /// The dossiers it has, in their order.
    async fn keys(&self, most: i64) -> Result<Vec<uuid::Uuid>, Ended> {
        let mut conn = self.ctx.app.conn().await?;
        let ask = most.saturating_add(1);
        let keys = match (&self.asked.list, &self.asked.filter) {
            (ExportList::Queue, Some(filter)) => {
                store::queue_keys(&mut conn, &self.scope, filter, ask).await?
            }
            (list, _) => {
                let period = self.asked.period()?;
                let open_in_it = *list == ExportList::Period;
                store::register_keys(&mut conn, &self.scope, period.agency, period.span, open_in_it, ask)
                    .await?
            }
        };
        drop(conn);
        self.started(keys.len(), most).await?;
        Ok(keys)
    }

    async fn entries(&self, keys: &[uuid::Uuid]) -> Result<Vec<store::Entry>, Ended> {
        let mut conn = self.ctx.app.conn().await?;
        Ok(store::entries(&mut conn, &self.scope, keys, self.ctx.now()).await?)
    }

    async fn table(&self, export: &Export) -> Result<(File, usize), Ended> {
        let rules = self.ctx.app.rules();
        let head = self.head(export)?;
        let keys = self.keys(MOST_ROWS).await?;
        let file = temporary()?;
        let mut table = match self.asked.format {
            ExportFormat::Csv => Table::csv(&head, file.try_clone().map_err(|error| lost(&error))?)?,
            _ => Table::xlsx(&head)?,
        };
        let mut rows = 0_usize;
        for part in keys.chunks(PART) {
            for entry in self.entries(part).await? {
                table.row(&Row::of(&self.ctx, &rules, self.asked.language, &entry).cells(self.asked.list))?;
                rows = rows.saturating_add(1);
            }
            self.reached(rows).await?;
        }
        let finished = tokio::task::spawn_blocking(move || table.finish(file)).await;
        Ok((finished.map_err(|error| Error::internal(error.to_string()))??, rows))
    }

    /// What stands above a table.
    fn head(&self, export: &Export) -> Result<Head> {
        let (rules, language) = (self.ctx.app.rules(), self.asked.language);
        let (forms, list) = (&rules.forms, self.asked.list);
        let word = |group, word| forms.word(group, word, language);
        let mut about = Vec::new();
        let title = match list {
            ExportList::Register => papers::form(forms, PaperKind::DossierRegister, self.ctx.today())?
                .title
                .say(language)
                .to_owned(),
            _ => word("export", list.as_str()),
        };
        if list != ExportList::Queue {
            let period = self.asked.period()?;
            about.push(rules.office(period.agency)?.agency.name.say(language).to_owned());
            about.push(format!(
                "{} {} {} {}",
                word("export", "from"),
                period.since.format("%d/%m/%Y"),
                word("export", "to"),
                period.until.format("%d/%m/%Y")
            ));
        }
        let at = export.created_at.with_timezone(&vietnam()).format("%H:%M %d/%m/%Y");
        let name = self.ctx.actor.staff().map(|staff| staff.name.as_str()).unwrap_or_default();
        about.push(format!("{} {at} {} {name}", word("export", "made_at"), word("export", "made_by")));
        Ok(Head {
            title,
            about,
            columns: columns(list).iter().map(|(name, width)| (word("column", name), *width)).collect(),
            numbered: list == ExportList::Register,
            at: export.created_at,
        })
    }

    /// The register as the form has it, to be printed and kept; sealed where the agency has a key.
    /// Law: C01V a.10.
    async fn printed(&self, export: &Export) -> Result<(File, usize), Ended> {
        let (rules, language) = (self.ctx.app.rules(), self.asked.language);
        let period = self.asked.period()?;
        let keys = self.keys(MOST_PRINTED).await?;
        let mut rows: Vec<Value> = Vec::new();
        for part in keys.chunks(PART) {
            let entries = self.entries(part).await?;
            rows.extend(entries.iter().map(|entry| Row::of(&self.ctx, &rules, language, entry).printed()));
            self.reached(rows.len()).await?;
        }
        let form = papers::form(&rules.forms, PaperKind::DossierRegister, self.ctx.today())?.clone();
        let office = rules.office(period.agency)?;
        let unit = office.routing().ok().and_then(|units| office.unit(units.one_window));
        let superior = office.agency.superior.and_then(|id| rules.find_office(id));
        let today = local_date(export.created_at);
        let whole =
            period.since.ordinal() == 1 && period.until.succ_opt().is_some_and(|day| day.ordinal() == 1);
        let count = rows.len();
        let sealer = match language {
            Language::Vi => papers::sealer(&self.ctx.app, office.agency.key.clone()).await?,
            Language::En => None,
        };
        let name = office.agency.name.say(language);
        let seal = |sealer| papers::seal_said(&rules.forms, sealer, name, export.created_at);
        let said = json!({
            "seal": sealer.as_ref().map(seal),
            "language": language.as_str(),
            "form": papers::form_said(&rules.forms, &form, language),
            "agency": papers::agency_said(&office.agency, superior.map(|office| &office.agency), unit, language),
            "date": { "day": today.day(), "month": today.month(), "year": today.year() },
            "officer": { "name": self.ctx.actor.staff().map(|staff| staff.name.clone()) },
            "register": {
                "year": Some(period.since.year().to_string()).filter(|_| whole),
                "from": Some(period.since.format("%d/%m/%Y").to_string()).filter(|_| !whole),
                "to": Some(period.until.format("%d/%m/%Y").to_string()).filter(|_| !whole),
                "rows": rows,
            },
        });
        let data = serde_json::to_string(&said).map_err(Error::from)?;
        let link = format!("{}/desk/ket-xuat/{}", self.ctx.app.settings().public_url, self.id);
        let id = self.id.to_string();
        let mut printed = papers::set(rules.forms.clone(), form, data, export.created_at, id, link).await?;
        if let Some(sealer) = sealer {
            printed = papers::seal(sealer, printed, export.created_at).await?;
        }
        Ok((filled(&printed.pdf)?, count))
    }

    /// The papers of a day, in the order they were made, as one file to print.
    async fn day_papers(&self) -> Result<(File, usize), Ended> {
        let period = self.asked.period()?;
        let wanted = DAY_PAPERS.iter().filter(|kind| self.asked.kind.is_none_or(|only| only == **kind));
        let kinds: Vec<&'static str> = wanted.map(|kind| kind.as_str()).collect();
        let most = MOST_PAPERS.saturating_add(1);
        let found = {
            let mut conn = self.ctx.app.conn().await?;
            store::papers(&mut conn, &self.scope, period.agency, period.span, &kinds, most).await?
        };
        self.started(found.len(), MOST_PAPERS).await?;
        let nothing = || {
            let text = Text::new(
                "Không có giấy tờ nào được lập trong những ngày này.",
                "No paper was made in these days.",
            );
            Ended::from(Error::saying(ErrorCode::FieldTooFew, text))
        };
        let mut files = Vec::new();
        for paper in found {
            match papers::fetch(&self.ctx, PaperId(paper.id), Language::Vi).await {
                Ok(file) => files.push((file.bytes, file.pages)),
                // What the list has is seen by its people's reader only.
                Err(error) if [ErrorCode::NotFound, ErrorCode::NotPermitted].contains(&error.code) => {}
                Err(error) => return Err(error.into()),
            }
            self.reached(files.len()).await?;
        }
        if files.is_empty() {
            return Err(nothing());
        }
        let count = files.len();
        let bound = tokio::task::spawn_blocking(move || motcua_paper::bind(files)).await;
        let bound = bound.map_err(|error| Error::internal(error.to_string()))?;
        let bound = bound.map_err(|error| Error::internal(error.to_string()))?;
        Ok((filled(&bound.pdf)?, count))
    }

    /// Keeps the file and notes it; one that was cancelled meanwhile leaves none.
    async fn keep(&self, mut file: File, rows: usize) -> Result<(), Ended> {
        let app = &self.ctx.app;
        let object_key = format!("exports/{}/{}", self.id, app.new_id::<uuid::Uuid>());
        let mut tx = app.begin("begin_export_file").await?;
        let remove = Work::RemoveFile { object_key: object_key.clone() };
        remove.enqueue_for(app, &mut tx, app.after(ORPHANED_AFTER)).await?;
        tx.commit().await?;
        let mut upload = app.files().begin(&object_key).await?;
        let (mut hash, mut size, mut block) = (Sha256::new(), 0_i64, vec![0_u8; BLOCK]);
        loop {
            let read = file.read(&mut block).map_err(|error| lost(&error))?;
            let part = block.get(..read).unwrap_or_default();
            if part.is_empty() {
                break;
            }
            hash.update(part);
            size = size.saturating_add(i64::try_from(read).unwrap_or(i64::MAX));
            upload.write(Bytes::copy_from_slice(part)).await?;
        }
        upload.finish().await?;
        let written = Written {
            sha256: hex::encode(hash.finalize()),
            size,
            object_key: object_key.clone(),
            written: i64::try_from(rows).unwrap_or(i64::MAX),
        };
        let mut tx = app.begin("finish_export").await?;
        if !store::finish(&mut tx, self.id, &written, app.now()).await? {
            Work::RemoveFile { object_key }.enqueue(app, &mut tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn lost(error: &std::io::Error) -> Error {
    Error::internal(format!("a temporary file: {error}"))
}

/// A file without a name, gone with its handle.
fn temporary() -> Result<File> {
    tempfile::tempfile().map_err(|error| lost(&error))
}

fn filled(bytes: &[u8]) -> Result<File> {
    use std::io::{Seek as _, Write as _};
    let mut file = temporary()?;
    file.write_all(bytes).and_then(|()| file.rewind()).map_err(|error| lost(&error))?;
    Ok(file)
}
