//! Rewriting a paper: proposed by one person, read on a recorded dossier, published by another. What was made
//! before stays as it is: each paper keeps the edition it was drawn up under.

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AccountId, DossierId};
use motcua_domain::paper::{Form, Forms, PaperKind, Said};
use motcua_domain::text::{Language, Text};
use motcua_store::catalogue;
use motcua_store::proposal::{self as store, PAPERS, Proposal};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::catalogue::FORMS;
use crate::file::Bytes;
use crate::versions::{LONGEST_WHY, Outcome, keep, outcome, told};
use crate::{Ctx, Error, Result, access, administration, papers, record};

/// A template with all it says is far shorter.
const LONGEST_TEMPLATE: usize = 60_000;

/// The form of a paper that can be rewritten: the one that is, or will be, in force for good.
#[derive(Debug, Clone)]
pub struct Written {
    pub form: Form,
    /// Its template, whole.
    pub template: String,
    /// The edition it stands in.
    pub edition: String,
}

/// A paper as it would be, and from when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperChange {
    pub kind: PaperKind,
    /// The edition it was written from.
    pub based_on: String,
    pub template: String,
    /// After today, and after the form it is written from.
    pub effective_from: NaiveDate,
    pub why: String,
}

/// What a change would do.
#[derive(Debug, Clone)]
pub struct Preview {
    pub title: Text,
    pub before: String,
    pub after: String,
    /// The dossier it was read on, and the paper as it would be; none while no such paper was ever made.
    pub read_on: Option<(String, Bytes)>,
}

/// A proposal as those who decide it see it.
#[derive(Debug, Clone)]
pub struct ProposalView {
    pub id: Uuid,
    pub change: PaperChange,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub outcome: Outcome,
    pub decided_at: Option<DateTime<Utc>>,
    /// The caller is another person, and may publish it.
    pub may_publish: bool,
}

/// The papers that can be rewritten.
///
/// # Errors
/// Not found for whoever does not keep what agencies share.
pub fn all(ctx: &Ctx) -> Result<Vec<Form>> {
    administration::shared(ctx)?;
    let rules = ctx.app.rules();
    Ok(PaperKind::ALL.iter().filter_map(|kind| newest(&rules.forms, *kind).cloned()).collect())
}

fn newest(forms: &Forms, kind: PaperKind) -> Option<&Form> {
    forms.forms.iter().filter(|form| form.key == kind).max_by_key(|form| form.from)
}

/// One of them, whole.
///
/// # Errors
/// As [`all`].
pub fn written(ctx: &Ctx, kind: PaperKind) -> Result<Written> {
    administration::shared(ctx)?;
    let rules = ctx.app.rules();
    let form = newest(&rules.forms, kind).cloned().ok_or_else(Error::not_found)?;
    let template = rules.forms.templates.get(&form.template).cloned().ok_or_else(Error::not_found)?;
    Ok(Written { form, template, edition: rules.forms_hash.clone() })
}

/// What the change would say, beside what is said now, and as a recorded dossier would have got it: the one
/// with this code, or else the newest that has such a paper. Nothing is kept.
///
/// # Errors
/// Not found for whoever does not keep what agencies share; all wrong fields at once.
pub async fn preview(ctx: &Ctx, change: &PaperChange, code: Option<&str>) -> Result<Preview> {
    let (before, forms) = draft(ctx, change)?;
    read_on(ctx, change, before, forms, code).await
}

async fn read_on(
    ctx: &Ctx,
    change: &PaperChange,
    before: Written,
    forms: Forms,
    code: Option<&str>,
) -> Result<Preview> {
    let mut conn = ctx.app.conn().await?;
    let code = code.map(str::to_uppercase);
    let found = store::paper_made(&mut conn, change.kind.as_str(), code.as_deref()).await?;
    let mut read = None;
    if let Some((dossier, said)) = found {
        let opened = access::open(ctx, &mut conn, DossierId(dossier)).await?;
        let walled = ctx.actor.account().is_some_and(|me| opened.dossier().challenged.contains(&me));
        if !walled {
            record::rehearsal(ctx, &mut conn, &opened, json!({ "paper": change.kind })).await?;
            let said: Said = serde_json::from_str(&said)?;
            read = Some((opened.dossier().known_as().to_owned(), said.masked()));
        }
    }
    drop(conn);
    if code.is_some() && read.is_none() {
        return Err(Error::field("/dossier", ErrorCode::FieldInvalid));
    }
    let (known_as, data) = match read {
        Some((known_as, said)) => (Some(known_as), said.say(Language::Vi).to_string()),
        // At least it must be a template.
        None => (None, json!({ "language": Language::Vi.as_str() }).to_string()),
    };
    let form = papers::form(&forms, change.kind, change.effective_from)?.clone();
    let template = form.template.clone();
    let printed = papers::set(forms, form, data, ctx.now(), "XXXX".to_owned(), "XXXX".to_owned()).await;
    let printed = printed.map_err(|error| {
        // What the setter says may be about what was typed: `receipt-2030-07-01.typ 57: unclosed delimiter`.
        let why = error.private().unwrap_or_default();
        let here = why.split_once(&format!("{template} ")).and_then(|(_, rest)| rest.split_once(':'));
        let vi = match here {
            Some((line, _)) => format!("Không dựng được văn bản; xem từ dòng {line} của mẫu."),
            None => "Không dựng được văn bản: phần dùng chung của các mẫu không nhận điều mẫu này viết."
                .to_owned(),
        };
        let text = Text::new(vi, format!("It cannot be set: {why}"));
        Error::fields(vec![FieldError::new("/template", ErrorCode::FieldInvalid, text)])
    })?;
    let read_on = known_as.map(|known_as| (known_as, Bytes::from(printed.pdf)));
    let after = change.template.clone();
    Ok(Preview { title: before.form.title, before: before.template, after, read_on })
}

/// Keeps a proposal for another person to decide.
///
/// # Errors
/// As [`preview`].
pub async fn propose(ctx: &Ctx, change: &PaperChange) -> Result<Uuid> {
    preview(ctx, change, None).await?;
    let about = (PAPERS, change.kind.as_str());
    let (based_on, from) = (change.based_on.as_str(), change.effective_from);
    keep(ctx, "paper.proposed", about, based_on, from, change.template.clone(), &change.why).await
}

/// A proposal with what it would change, read on a recorded dossier.
///
/// # Errors
/// Not found for whoever does not keep what agencies share; a code that is none.
pub async fn read(ctx: &Ctx, id: Uuid, code: Option<&str>) -> Result<(ProposalView, Preview)> {
    let kept = administration::shared(ctx)?;
    let mut conn = ctx.app.conn().await?;
    let (proposal, by) = store::find(&mut conn, id).await?;
    let change = change(&proposal)?;
    let edition = catalogue::edition(&mut conn, FORMS, &proposal.based_on).await?;
    drop(conn);
    let forms: Forms = serde_json::from_str(&edition)?;
    let form = newest(&forms, change.kind).cloned().ok_or_else(Error::not_found)?;
    let template = forms.templates.get(&form.template).cloned().unwrap_or_default();
    let before = Written { form, template, edition: proposal.based_on.clone() };
    let forms = forms.rewritten(change.kind, change.effective_from, &change.template);
    let forms = forms.ok_or_else(meanwhile)?;
    let preview = read_on(ctx, &change, before, forms, code).await?;
    let outcome = outcome(proposal.outcome.as_deref());
    let view = ProposalView {
        id,
        change,
        proposed_by: by,
        proposed_at: proposal.proposed_at,
        outcome,
        decided_at: proposal.decided_at,
        may_publish: outcome == Outcome::Waiting && kept.seconds(AccountId(proposal.proposed_by)),
    };
    Ok((view, preview))
}

fn change(proposal: &Proposal) -> Result<PaperChange> {
    if proposal.procedure != PAPERS {
        return Err(Error::not_found());
    }
    Ok(PaperChange {
        kind: proposal.letter.parse().map_err(|_| Error::not_found())?,
        based_on: proposal.based_on.clone(),
        template: proposal.content.clone(),
        effective_from: proposal.effective_from,
        why: proposal.why.clone(),
    })
}

/// Installs what somebody else proposed, as a new edition of all forms.
///
/// # Errors
/// Not found for whoever does not keep what agencies share; not permitted for who proposed it; decided
/// already; a day that has come, or an edition installed meanwhile.
pub async fn publish(ctx: &Ctx, id: Uuid) -> Result<()> {
    let kept = administration::shared(ctx)?;
    let mut tx = ctx.app.begin("publish_paper").await?;
    let (proposal, _) = store::find(tx.conn(), id).await?;
    let change = change(&proposal)?;
    if !kept.seconds(AccountId(proposal.proposed_by)) {
        return Err(Error::of(ErrorCode::FourEyes));
    }
    let newest = catalogue::hold_parameter(&mut tx, FORMS).await?;
    if newest != proposal.based_on {
        return Err(meanwhile());
    }
    let (_, forms) = draft(ctx, &change)?;
    if !store::decide(&mut tx, id, "published", ctx.actor.account(), ctx.now()).await? {
        return Err(Error::of(ErrorCode::AlreadyDone));
    }
    let content = serde_json::to_string(&forms)?;
    let hash = hex::encode(Sha256::digest(&content));
    if !catalogue::install_parameter(&mut tx, FORMS, &hash, &content, ctx.now()).await? {
        return Err(meanwhile());
    }
    told(ctx, &mut tx, "paper.published", &proposal).await?;
    tx.commit().await?;
    ctx.app.refresh_rules().await
}

fn meanwhile() -> Error {
    let text = Text::new(
        "Mẫu văn bản vừa có bản mới hơn. Hãy viết lại từ bản đó.",
        "The forms have a newer edition by now. Write the change from that one.",
    );
    Error::fields(vec![FieldError::new("/effective_from", ErrorCode::FieldInvalid, text)])
}

/// The paper as it is, and the edition as it would be.
fn draft(ctx: &Ctx, change: &PaperChange) -> Result<(Written, Forms)> {
    let before = written(ctx, change.kind)?;
    if before.edition != change.based_on {
        return Err(meanwhile());
    }
    let mut wrong = Vec::new();
    let mut want = |holds: bool, at: &str, vi: &str, en: &str| {
        if !holds {
            wrong.push(FieldError::new(at, ErrorCode::FieldInvalid, Text::new(vi, en)));
        }
    };
    want(
        change.effective_from > ctx.today() && change.effective_from > before.form.from,
        "/effective_from",
        "Ngày áp dụng phải sau hôm nay và sau ngày bắt đầu của mẫu hiện có.",
        "It comes into force after today, and after the form there is.",
    );
    want(
        (1..=LONGEST_WHY).contains(&change.why.trim().chars().count()),
        "/why",
        "Ghi lý do, không quá 2.000 chữ.",
        "Say why, in no more than 2,000 characters.",
    );
    want(
        change.template.chars().count() <= LONGEST_TEMPLATE,
        "/template",
        "Mẫu dài quá 60.000 chữ.",
        "The template is too long.",
    );
    want(
        change.template.trim_end() != before.template.trim_end(),
        "/template",
        "Mẫu chưa có gì khác.",
        "The template says what it said.",
    );
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let forms = ctx.app.rules().forms.rewritten(change.kind, change.effective_from, &change.template);
    Ok((before, forms.ok_or_else(meanwhile)?))
}
