//! Letters: what an act tells the applicant, filled from the definition and queued in the act's own
//! transaction. Sending is a job, so a mail server that is away never holds up an act.
//!
//! A letter is filled in one pass over closed names; what people wrote is never read as a template.

pub(crate) mod digest;
pub(crate) mod wording;

use chrono::NaiveDate;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::ids::{AccountId, DossierId, MessageId};
use motcua_domain::policy::Permission;
use motcua_domain::text::Language;
use motcua_store::Tx;
use motcua_store::account::Account;
use motcua_store::message::{self, About, NewMessage};
use serde::{Deserialize, Serialize};

use crate::access::{self, Opened};
use crate::jobs::Work;
use crate::{Ctx, Result, record};

/// Queues the letters that go out with these acts. Without a mail address there is nothing to do.
///
/// # Errors
/// When the letter cannot be queued; the act fails with it.
pub async fn send(ctx: &Ctx, tx: &mut Tx, opened: &Opened, kinds: &[CommandKind]) -> Result<()> {
    let dossier = opened.dossier();
    let Some(recipient) = dossier.contact.email.as_deref().filter(|email| !email.is_empty()) else {
        return Ok(());
    };
    for kind in kinds {
        // Filed and received at once at the counter: the receipt says it all.
        if *kind == CommandKind::Submit && kinds.contains(&CommandKind::Receive) {
            continue;
        }
        let Some(letter) = compose(ctx, tx, opened, *kind).await? else { continue };
        let new = New {
            about: About::Dossier(dossier.id),
            letter: &letter.key,
            language: dossier.language,
            recipient,
            subject: &letter.subject,
            body: &letter.body,
        };
        post(ctx, tx, new, None).await?;
    }
    Ok(())
}

/// A letter as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// Key of the letter in the definition.
    pub key: String,
    pub subject: String,
    pub body: String,
}

/// The letter of an act that was done, filled; none when the procedure has none for it.
pub(crate) async fn compose(
    ctx: &Ctx,
    tx: &mut Tx,
    opened: &Opened,
    kind: CommandKind,
) -> Result<Option<Composed>> {
    let (dossier, definition) = (opened.dossier(), &opened.version.definition);
    let key = definition.act(kind).and_then(|rule| rule.letter.as_deref());
    let Some(letter) = key.and_then(|key| definition.letter(key)) else { return Ok(None) };
    let words = wording::Words::gather(ctx, tx.conn(), opened, kind, false).await?;
    Ok(Some(filled(letter, &words, dossier)))
}

fn filled(
    letter: &motcua_domain::procedure::Letter,
    words: &wording::Words<'_>,
    dossier: &Dossier,
) -> Composed {
    Composed {
        key: letter.key.clone(),
        subject: format!("{} ({})", letter.name.say(words.language), dossier.known_as()),
        body: fill(letter.body.say(words.language), |name| words.say(name)),
    }
}

/// How a letter would read for a recorded dossier, in Vietnamese and in English: without names and without
/// what people wrote.
pub(crate) async fn rehearse(
    ctx: &Ctx,
    conn: &mut motcua_store::Conn,
    opened: &Opened,
    kind: CommandKind,
    letter: &motcua_domain::procedure::Letter,
) -> Result<[(Language, Composed); 2]> {
    let mut words = wording::Words::gather(ctx, conn, opened, kind, true).await?;
    words.language = Language::Vi;
    let vi = filled(letter, &words, opened.dossier());
    words.language = Language::En;
    Ok([(Language::Vi, vi), (Language::En, filled(letter, &words, opened.dossier()))])
}

/// Letters about an account, each with a link that works once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountLetter {
    /// Proves that the address is the account holder's.
    Verify,
    /// Lets the holder choose a new password.
    Reset,
    /// Someone tried to open an account with an address that has one.
    Exists,
}

/// Queues a letter about an account. Once it has left, its text is no longer kept.
///
/// # Errors
/// When the letter cannot be queued.
pub async fn account_letter(
    ctx: &Ctx,
    tx: &mut Tx,
    account: &Account,
    letter: AccountLetter,
    link: &str,
    token: &str,
) -> Result<()> {
    let language = Language::read(&account.language);
    let (key, text) = match (letter, language) {
        (AccountLetter::Verify, Language::Vi) => ("account_verify", include_str!("letters/verify.vi.txt")),
        (AccountLetter::Verify, Language::En) => ("account_verify", include_str!("letters/verify.en.txt")),
        (AccountLetter::Reset, Language::Vi) => ("account_reset", include_str!("letters/reset.vi.txt")),
        (AccountLetter::Reset, Language::En) => ("account_reset", include_str!("letters/reset.en.txt")),
        (AccountLetter::Exists, Language::Vi) => ("account_exists", include_str!("letters/exists.vi.txt")),
        (AccountLetter::Exists, Language::En) => ("account_exists", include_str!("letters/exists.en.txt")),
    };
    // The first line is the subject.
    let (subject, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let body = fill(body, |name| match name {
        "name" => account.name.clone(),
        "link" => link.to_owned(),
        "token" => token.to_owned(),
        _ => ctx.app.settings().public_url.clone(),
    });
    let recipient = account.email.as_deref().unwrap_or(&account.login);
    let new = New {
        about: About::Account(AccountId(account.id)),
        letter: key,
        language,
        recipient,
        subject,
        body: &body,
    };
    post(ctx, tx, new, None).await
}

struct New<'a> {
    about: About,
    letter: &'a str,
    language: Language,
    recipient: &'a str,
    subject: &'a str,
    body: &'a str,
}

impl<'a> New<'a> {
    fn to_staff(person: &'a Account, letter: &'a str, subject: &'a str, body: &'a str) -> Self {
        Self {
            about: About::Account(AccountId(person.id)),
            letter,
            language: Language::read(&person.language),
            recipient: person.email.as_deref().unwrap_or_default(),
            subject,
            body,
        }
    }
}

/// Queues a letter; a second one with the same key is not written.
async fn post(ctx: &Ctx, tx: &mut Tx, new: New<'_>, dedupe_key: Option<&str>) -> Result<()> {
    let id: MessageId = ctx.app.new_id();
    let New { about, letter, language, recipient, subject, body } = new;
    let created_at = ctx.now();
    let new = NewMessage { id, about, letter, language, recipient, subject, body, dedupe_key, created_at };
    if message::insert(tx, &new).await? {
        Work::SendMail { message: id }.enqueue(&ctx.app, tx).await?;
    }
    Ok(())
}

/// Tells one inspector or administrator that the audit record does not hold; once per person and day.
///
/// # Errors
/// When the letter cannot be queued.
pub(crate) async fn audit_broken(
    ctx: &Ctx,
    tx: &mut Tx,
    person: &Account,
    on: NaiveDate,
    broken: &[String],
) -> Result<()> {
    let text = match Language::read(&person.language) {
        Language::Vi => include_str!("letters/audit_broken.vi.txt"),
        Language::En => include_str!("letters/audit_broken.en.txt"),
    };
    let (subject, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let body = fill(body, |name| match name {
        "name" => person.name.clone(),
        "date" => on.format("%d/%m/%Y").to_string(),
        "lists" => broken.iter().map(|place| format!("- {place}")).collect::<Vec<_>>().join("\n"),
        _ => ctx.app.settings().public_url.clone(),
    });
    let key = format!("audit_broken:{}:{on}", person.id);
    post(ctx, tx, New::to_staff(person, "audit_broken", subject, &body), Some(&key)).await
}

/// Tells the applicant that the appointment is on another day: the count of days moved it, so there is
/// nothing to apologise for and no extension is used.
///
/// # Errors
/// When the letter cannot be queued; the date stays then.
pub(crate) async fn due_date_moved(
    ctx: &Ctx,
    tx: &mut Tx,
    dossier: &Dossier,
    former: NaiveDate,
    due_on: NaiveDate,
) -> Result<()> {
    let Some(recipient) = dossier.contact.email.as_deref().filter(|email| !email.is_empty()) else {
        return Ok(());
    };
    let text = match dossier.language {
        Language::Vi => include_str!("letters/due_date_moved.vi.txt"),
        Language::En => include_str!("letters/due_date_moved.en.txt"),
    };
    let (subject, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let say = |day: NaiveDate| day.format("%d/%m/%Y").to_string();
    let value = |name: &str| match name {
        "code" => dossier.known_as().to_owned(),
        "name" => dossier.contact.name.clone(),
        "former" => say(former),
        "date" => say(due_on),
        _ => ctx.app.settings().public_url.clone(),
    };
    let new = New {
        about: About::Dossier(dossier.id),
        letter: "due_date_moved",
        language: dossier.language,
        recipient,
        subject: &fill(subject, value),
        body: &fill(body, value),
    };
    post(ctx, tx, new, None).await
}

/// Puts values in for `{{name}}`, once each, left to right; values are not looked into.
fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        filled.push_str(before);
        filled.push_str(&value(name.trim()));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// A letter with its delivery state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MessageView {
    pub id: MessageId,
    /// Key of the letter in the definition.
    pub letter: String,
    pub language: Language,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    /// `queued`, `sent` or `failed`.
    pub state: Delivery,
    pub attempts: u16,
    /// What the mail server said last; for staff only.
    pub last_error: Option<String>,
    pub created_at: chrono::DateTime<chrono::Utc>,
    pub sent_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// How far a letter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Queued,
    Sent,
    Failed,
}

/// The letters about a dossier, newest first: for the filer, and for those who work on it.
///
/// # Errors
/// Not found or forbidden.
pub async fn messages(ctx: &Ctx, id: DossierId) -> Result<Vec<MessageView>> {
    let mut conn = ctx.app.conn().await?;
    let opened = access::open(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::View)?;
    if !opened.may(ctx, Permission::ViewInternal) {
        opened.permit(ctx, Permission::ViewPersonal)?;
    }
    record::view(ctx, &mut conn, &opened, "messages.viewed", serde_json::Value::Null).await?;
    let found = message::list(&mut conn, id).await?;
    Ok(shown(ctx, &opened, found))
}

/// Letters about an opened dossier, as far as the caller may read them; none for who may not.
pub(crate) fn shown(ctx: &Ctx, opened: &Opened, found: Vec<message::Message>) -> Vec<MessageView> {
    let inside = opened.may(ctx, Permission::ViewInternal);
    let personal = opened.may(ctx, Permission::ViewPersonal);
    if !inside && !personal {
        return Vec::new();
    }
    found
        .into_iter()
        .map(|one| MessageView {
            id: MessageId(one.id),
            letter: one.letter,
            language: Language::read(&one.language),
            recipient: if personal { one.recipient } else { motcua_domain::person::mask(&one.recipient) },
            subject: one.subject,
            // A letter tells what the dossier tells; who sees it masked does not read it here.
            body: if personal { one.body } else { String::new() },
            state: match one.state.as_str() {
                "sent" => Delivery::Sent,
                "failed" => Delivery::Failed,
                _ => Delivery::Queued,
            },
            attempts: u16::try_from(one.attempts).unwrap_or_default(),
            last_error: one.last_error.filter(|_| inside),
            created_at: one.created_at,
            sent_at: one.sent_at,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_never_a_template() {
        let say = |name: &str| match name {
            "applicant" => "{{reason}}".to_owned(),
            "reason" => "secret".to_owned(),
            other => format!("<{other}>"),
        };
        assert_eq!(fill("Kính gửi {{applicant}}, {{date}}.", say), "Kính gửi {{reason}}, <date>.");
        assert_eq!(fill("{{ reason }}{{", say), "secret{{");
        assert_eq!(fill("no names", say), "no names");
    }

    #[test]
    fn every_name_a_letter_may_use_is_answered() {
        let wording = include_str!("letters/wording.rs");
        for name in motcua_domain::procedure::lint::PLACEHOLDERS {
            assert!(wording.contains(&format!("\"{name}\" => ")), "{name}");
        }
    }

    #[test]
    fn account_letters_have_a_subject_and_use_known_names_only() {
        for text in [
            include_str!("letters/verify.vi.txt"),
            include_str!("letters/verify.en.txt"),
            include_str!("letters/reset.vi.txt"),
            include_str!("letters/reset.en.txt"),
            include_str!("letters/exists.vi.txt"),
            include_str!("letters/exists.en.txt"),
        ] {
            let (subject, body) = text.split_once("\n\n").unwrap();
            assert!(!subject.contains(['\n', '{']), "{subject}");
            fill(body, |name| {
                assert!(["name", "link", "token", "public_url"].contains(&name), "{name}");
                String::new()
            });
        }
    }
}
