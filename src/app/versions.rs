//! New versions of a procedure from the desk: a lawyer rewrites a letter, reads it as a recorded dossier
//! would have got it, and proposes it; another person publishes it. An installed version never changes,
//! so what is published is a version of its own, in force from a day to come.

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AccountId, DossierId};
use motcua_domain::procedure::{Letter, ProcedureKey, ProcedureVersion, lint};
use motcua_domain::text::{Language, Text};
use motcua_store::proposal::{self as store, Proposal};
use motcua_store::{Conn, StoreError, catalogue};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::letters::{self, Composed};
use crate::{Ctx, Error, Result, access, administration, record};

const MOST_LISTED: i64 = 50;
pub(crate) const LONGEST_WHY: usize = 2_000;
const LONGEST_BODY: usize = 20_000;

/// A letter as it would be, and from when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterChange {
    pub procedure: ProcedureKey,
    /// The version it was written from.
    pub based_on: String,
    /// Key of the letter.
    pub letter: String,
    pub name: Text,
    pub body: Text,
    /// After today, and after the version it is written from.
    pub effective_from: NaiveDate,
    pub why: String,
}

/// A letter as the applicant of a recorded dossier would read it. Nobody's name stands in it, and nothing
/// that people wrote.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// Code of the dossier.
    pub code: String,
    pub letters: [(Language, Composed); 2],
}

/// What a change would do.
#[derive(Debug, Clone)]
pub struct Preview {
    pub before: Letter,
    pub after: Letter,
    /// None while no such letter was ever sent.
    pub rehearsal: Option<Rehearsal>,
}

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Waiting,
    Published,
    Rejected,
}

/// A proposal in the list of them.
#[derive(Debug, Clone)]
pub struct ListedProposal {
    pub id: Uuid,
    /// It is about a paper; none of one procedure then.
    pub paper: bool,
    pub procedure_name: Text,
    /// What the letter or the paper was called before.
    pub letter_name: Text,
    pub effective_from: NaiveDate,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub outcome: Outcome,
}

/// A proposal as those who decide it see it.
#[derive(Debug, Clone)]
pub struct ProposalView {
    pub id: Uuid,
    pub change: LetterChange,
    pub procedure_name: Text,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub outcome: Outcome,
    pub decided_at: Option<DateTime<Utc>>,
    /// The caller is another person, and may publish it.
    pub may_publish: bool,
}

/// The letter of the newest version of a procedure: the one that can be rewritten.
///
/// # Errors
/// Not found for whoever does not keep what agencies share, and for other letters.
pub fn letter(ctx: &Ctx, procedure: ProcedureKey, version: &str, letter: &str) -> Result<Letter> {
    administration::shared(ctx)?;
    let base = newest(ctx, procedure).filter(|base| base.version == version);
    base.and_then(|base| base.letter(letter).cloned()).ok_or_else(Error::not_found)
}

fn newest(ctx: &Ctx, procedure: ProcedureKey) -> Option<ProcedureVersion> {
    ctx.app.rules().history(procedure).last().map(|version| version.definition.clone())
}

/// What the change would say, beside what is said now, and as a recorded dossier would have got it: the one
/// with this code, or else the newest it was sent to. Nothing is kept.
///
/// # Errors
/// Not found for whoever does not keep what agencies share; all wrong fields at once.
pub async fn preview(ctx: &Ctx, change: &LetterChange, code: Option<&str>) -> Result<Preview> {
    let (before, version) = draft(ctx, change)?;
    let after = version.letter(&change.letter).cloned().ok_or_else(Error::not_found)?;
    shown(ctx, change.procedure, before, after, code).await
}

async fn shown(
    ctx: &Ctx,
    procedure: ProcedureKey,
    before: Letter,
    after: Letter,
    code: Option<&str>,
) -> Result<Preview> {
    let mut conn = ctx.app.conn().await?;
    let found = match code {
        Some(code) => store::by_code(&mut conn, &code.to_uppercase()).await?,
        None => store::told_by(&mut conn, procedure, &after.key).await?,
    };
    let rehearsal = match found {
        Some(dossier) => rehearse(ctx, &mut conn, dossier, procedure, &after).await?,
        None => None,
    };
    if code.is_some() && rehearsal.is_none() {
        return Err(Error::field("/dossier", ErrorCode::FieldInvalid));
    }
    Ok(Preview { before, after, rehearsal })
}

/// The dossier is read for its dates and its coded reasons alone, and that it was read is recorded. None when
/// it is of another procedure, or against the very person who reads.
async fn rehearse(
    ctx: &Ctx,
    conn: &mut Conn,
    id: DossierId,
    procedure: ProcedureKey,
    letter: &Letter,
) -> Result<Option<Rehearsal>> {
    let opened = access::open(ctx, conn, id).await?;
    let walled = ctx.actor.account().is_some_and(|me| opened.dossier().challenged.contains(&me));
    if walled || opened.dossier().procedure != procedure {
        return Ok(None);
    }
    let sent_by = |kind: &&CommandKind| {
        let rule = opened.version.definition.act(**kind);
        rule.and_then(|rule| rule.letter.as_deref()) == Some(letter.key.as_str())
    };
    let Some(act) = CommandKind::ALL.iter().find(sent_by).copied() else { return Ok(None) };
    record::rehearsal(ctx, conn, &opened, json!({ "letter": letter.key })).await?;
    let letters = letters::rehearse(ctx, conn, &opened, act, letter).await?;
    Ok(Some(Rehearsal { code: opened.dossier().known_as().to_owned(), letters }))
}

/// Keeps a proposal for another person to decide.
///
/// # Errors
/// As [`preview`].
pub async fn propose(ctx: &Ctx, change: &LetterChange) -> Result<Uuid> {
    let (_, version) = draft(ctx, change)?;
    let content = serde_json::to_string(&version)?;
    let about = (change.procedure.as_str(), change.letter.as_str());
    let (based_on, from) = (change.based_on.as_str(), change.effective_from);
    keep(ctx, "version.proposed", about, based_on, from, content, &change.why).await
}

/// Keeps a proposal about a letter of a procedure, or about a paper, and records that it was made.
pub(crate) async fn keep(
    ctx: &Ctx,
    act: &str,
    (procedure, letter): (&str, &str),
    based_on: &str,
    effective_from: NaiveDate,
    content: String,
    why: &str,
) -> Result<Uuid> {
    let me = ctx.actor.account().ok_or_else(|| Error::of(ErrorCode::NotPermitted))?;
    let id: Uuid = ctx.app.new_id();
    let proposal = Proposal {
        id,
        procedure: procedure.to_owned(),
        based_on: based_on.to_owned(),
        letter: letter.to_owned(),
        effective_from,
        content,
        why: why.trim().to_owned(),
        proposed_by: me.0,
        proposed_at: ctx.now(),
        outcome: None,
        decided_by: None,
        decided_at: None,
    };
    let mut tx = ctx.app.begin("propose").await?;
    store::insert(&mut tx, &proposal).await?;
    told(ctx, &mut tx, act, &proposal).await?;
    tx.commit().await?;
    Ok(id)
}

/// The newest proposals, those that wait first.
///
/// # Errors
/// Not found for whoever does not keep what agencies share.
pub async fn list(ctx: &Ctx) -> Result<Vec<ListedProposal>> {
    administration::shared(ctx)?;
    let all = store::list(&mut *ctx.app.conn().await?, MOST_LISTED).await?;
    let rules = ctx.app.rules();
    let listed = |one: store::Listed| {
        let base = one.procedure.parse().ok().and_then(|key| rules.by_name(key, &one.based_on));
        let letter = base.and_then(|base| base.definition.letter(&one.letter)).map(|letter| &letter.name);
        let paper = one.procedure == store::PAPERS;
        let form = rules.forms.forms.iter().find(|form| paper && form.key.as_str() == one.letter);
        let procedure = base.map(|base| base.definition.name.clone());
        ListedProposal {
            id: one.id,
            paper,
            procedure_name: procedure.unwrap_or_else(|| Text::new("Văn bản", "Paper")),
            letter_name: letter.or(form.map(|form| &form.title)).cloned().unwrap_or_default(),
            effective_from: one.effective_from,
            proposed_by: one.proposed_by,
            proposed_at: one.proposed_at,
            outcome: outcome(one.outcome.as_deref()),
        }
    };
    Ok(all.into_iter().map(listed).collect())
}

pub(crate) fn outcome(word: Option<&str>) -> Outcome {
    match word {
        None => Outcome::Waiting,
        Some("published") => Outcome::Published,
        Some(_) => Outcome::Rejected,
    }
}

/// A proposal with what it would change, read on a recorded dossier.
///
/// # Errors
/// Not found for whoever does not keep what agencies share; a code that is none.
pub async fn read(ctx: &Ctx, id: Uuid, code: Option<&str>) -> Result<(ProposalView, Preview)> {
    administration::shared(ctx)?;
    let (proposal, by) = store::find(&mut *ctx.app.conn().await?, id).await?;
    let (view, version) = view(ctx, &proposal, by)?;
    let after = version.letter(&proposal.letter).cloned().ok_or_else(Error::not_found)?;
    let rules = ctx.app.rules();
    let base = rules.by_name(view.change.procedure, &proposal.based_on);
    let before = base.and_then(|base| base.definition.letter(&proposal.letter)).cloned();
    let preview =
        shown(ctx, view.change.procedure, before.unwrap_or_else(|| after.clone()), after, code).await?;
    Ok((view, preview))
}

/// Installs what somebody else proposed. Dossiers of former versions keep their letters.
///
/// # Errors
/// Not found for whoever does not keep what agencies share; not permitted for who proposed it; decided
/// already; a day that has come, or a version installed meanwhile.
pub async fn publish(ctx: &Ctx, id: Uuid) -> Result<()> {
    let kept = administration::shared(ctx)?;
    let mut tx = ctx.app.begin("publish_version").await?;
    let (proposal, by) = store::find(tx.conn(), id).await?;
    if !kept.seconds(AccountId(proposal.proposed_by)) {
        return Err(Error::of(ErrorCode::FourEyes));
    }
    let (view, version) = view(ctx, &proposal, by)?;
    draft(ctx, &view.change)?;
    // Another process may have published one that this one has not read yet.
    if catalogue::hold_newest(&mut tx, view.change.procedure).await? != proposal.based_on {
        return Err(meanwhile());
    }
    let now = ctx.now();
    if !store::decide(&mut tx, id, "published", ctx.actor.account(), now).await? {
        return Err(Error::of(ErrorCode::AlreadyDone));
    }
    let new = catalogue::NewVersion {
        id: ctx.app.new_id(),
        key: &proposal.procedure,
        version: &version.version,
        effective_from: version.effective_from,
        effective_to: version.effective_to,
        content: &proposal.content,
        content_hash: &hex::encode(Sha256::digest(&proposal.content)),
        installed_at: now,
    };
    match catalogue::install_version(&mut tx, &new).await {
        Ok(true) => {}
        Ok(false) | Err(StoreError::Conflict(_)) => return Err(meanwhile()),
        Err(error) => return Err(error.into()),
    }
    told(ctx, &mut tx, "version.published", &proposal).await?;
    tx.commit().await?;
    ctx.app.refresh_rules().await
}

/// Turns a proposal down, or takes one's own back.
///
/// # Errors
/// Not found for whoever does not keep what agencies share; decided already.
pub async fn reject(ctx: &Ctx, id: Uuid) -> Result<()> {
    administration::shared(ctx)?;
    let mut tx = ctx.app.begin("reject_version").await?;
    let (proposal, _) = store::find(tx.conn(), id).await?;
    if !store::decide(&mut tx, id, "rejected", ctx.actor.account(), ctx.now()).await? {
        return Err(Error::of(ErrorCode::AlreadyDone));
    }
    told(ctx, &mut tx, "version.rejected", &proposal).await?;
    Ok(tx.commit().await?)
}

/// One step of a proposal, in the record of the service.
pub(crate) async fn told(ctx: &Ctx, tx: &mut motcua_store::Tx, act: &str, proposal: &Proposal) -> Result<()> {
    let body = json!({
        "procedure": proposal.procedure, "based_on": proposal.based_on, "letter": proposal.letter,
        "effective_from": proposal.effective_from, "why": proposal.why,
        "content_hash": hex::encode(Sha256::digest(&proposal.content)),
    });
    let (doer, subject) = (ctx.actor.doer(None), proposal.id.to_string());
    record::administration(ctx, tx, &doer, "service", act, &subject, &body).await
}

fn view(ctx: &Ctx, proposal: &Proposal, by: String) -> Result<(ProposalView, ProcedureVersion)> {
    if proposal.procedure == store::PAPERS {
        return Err(Error::not_found());
    }
    let version: ProcedureVersion = serde_json::from_str(&proposal.content)?;
    let letter = version.letter(&proposal.letter).ok_or_else(Error::not_found)?;
    let kept = administration::shared(ctx)?;
    let outcome = outcome(proposal.outcome.as_deref());
    let change = LetterChange {
        procedure: version.key,
        based_on: proposal.based_on.clone(),
        letter: proposal.letter.clone(),
        name: letter.name.clone(),
        body: letter.body.clone(),
        effective_from: proposal.effective_from,
        why: proposal.why.clone(),
    };
    let proposer = AccountId(proposal.proposed_by);
    let view = ProposalView {
        id: proposal.id,
        change,
        procedure_name: version.name.clone(),
        proposed_by: by,
        proposed_at: proposal.proposed_at,
        outcome,
        decided_at: proposal.decided_at,
        may_publish: outcome == Outcome::Waiting && kept.seconds(proposer),
    };
    Ok((view, version))
}

fn meanwhile() -> Error {
    let text = Text::new(
        "Thủ tục này vừa có phiên bản mới hơn. Hãy viết lại từ phiên bản đó.",
        "This procedure has a newer version by now. Write the change from that one.",
    );
    Error::fields(vec![FieldError::new("/effective_from", ErrorCode::FieldInvalid, text)])
}

/// The letter as it is, and the version as it would be.
fn draft(ctx: &Ctx, change: &LetterChange) -> Result<(Letter, ProcedureVersion)> {
    administration::shared(ctx)?;
    let base = newest(ctx, change.procedure).ok_or_else(Error::not_found)?;
    if base.version != change.based_on {
        return Err(meanwhile());
    }
    let before = base.letter(&change.letter).cloned().ok_or_else(Error::not_found)?;
    let mut wrong = Vec::new();
    let mut want = |holds: bool, at: &str, vi: &str, en: &str| {
        if !holds {
            wrong.push(FieldError::new(at, ErrorCode::FieldInvalid, Text::new(vi, en)));
        }
    };
    want(
        change.effective_from > ctx.today() && change.effective_from > base.effective_from,
        "/effective_from",
        "Ngày áp dụng phải sau hôm nay và sau ngày bắt đầu của phiên bản hiện có.",
        "It comes into force after today, and after the version there is.",
    );
    let length = change.why.trim().chars().count();
    want(
        (1..=LONGEST_WHY).contains(&length),
        "/why",
        "Ghi lý do, không quá 2.000 chữ.",
        "Say why, in no more than 2,000 characters.",
    );
    let longest = change.body.vi.chars().count().max(change.body.en.chars().count());
    want(longest <= LONGEST_BODY, "/body_vi", "Thư dài quá 20.000 chữ.", "The letter is too long.");
    want(
        change.name != before.name || change.body != before.body,
        "/body_vi",
        "Lời thư chưa có gì khác.",
        "The letter says what it said.",
    );
    let mut version = base;
    version.version = change.effective_from.to_string();
    version.effective_from = change.effective_from;
    for letter in version.letters.iter_mut().filter(|letter| letter.key == change.letter) {
        letter.name.clone_from(&change.name);
        letter.body.clone_from(&change.body);
    }
    let own = format!("letters/{}", change.letter);
    for finding in lint::lint(&version) {
        let at = match finding.at.strip_prefix(&own) {
            Some(at) if at.contains("name") => {
                if at.ends_with("en") {
                    "/name_en"
                } else {
                    "/name_vi"
                }
            }
            Some(at) if at.ends_with("en") => "/body_en",
            Some(_) if finding.text.starts_with("the name ") => "/name_vi",
            _ => "/body_vi",
        };
        wrong.push(FieldError::new(at, ErrorCode::FieldInvalid, said(&finding.text)));
    }
    if wrong.is_empty() { Ok((before, version)) } else { Err(Error::fields(wrong)) }
}

/// What the linter finds, for those who write letters.
fn said(finding: &str) -> Text {
    let vi = match finding {
        "says nothing" => "Không được để trống.".to_owned(),
        "has hidden or control characters" => "Có ký tự ẩn hoặc ký tự điều khiển.".to_owned(),
        "has an unfinished {{name}}" => "Có chỗ điền {{tên}} viết dở.".to_owned(),
        "the two languages tell different things" => {
            "Bản tiếng Việt và bản tiếng Anh dùng các chỗ điền khác nhau.".to_owned()
        }
        "the name is the subject of the mail: one line, nothing to fill in" => {
            "Tên thư là tiêu đề của thư điện tử: một dòng, không có chỗ điền.".to_owned()
        }
        other => match other.strip_suffix(" is not a known name") {
            Some(name) => format!("Không có chỗ điền nào tên {name}."),
            None => format!("Bộ kiểm tra báo: {other}"),
        },
    };
    Text::new(vi, finding.to_owned())
}

/// The names that can be filled in, as a letter writes them.
pub fn names() -> Vec<String> {
    lint::PLACEHOLDERS.iter().map(|name| format!("{{{{{name}}}}}")).collect()
}
