//! What a paper says, put together from the dossier and the catalogue when its act is done. Each sentence
//! is a template's; here are only its data, named as the templates read them, in both languages.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use motcua_domain::agency::Agency;
use motcua_domain::calendar::{OfficeHours, local_date, vietnam};
use motcua_domain::document::Document;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::{Dossier, FilerMode};
use motcua_domain::fee::dong;
use motcua_domain::matter::Matter;
use motcua_domain::paper::{Form, Forms, PaperKind};
use motcua_domain::procedure::requirement::missing;
use motcua_domain::procedure::{Confidence, LegalBasis, ProcedureVersion, ReasonUse};
use motcua_domain::text::{Language, Text};
use motcua_store::agency::{Office, Unit};
use motcua_store::dossier::TimelineEvent;
use serde_json::{Map, Value, json};

use super::result;
use super::sent::Addressee;

/// Everything a paper may tell about.
pub(super) struct Source<'a> {
    pub dossier: &'a Dossier,
    pub definition: &'a ProcedureVersion,
    pub answers: &'a Value,
    pub office: &'a Office,
    pub superior: Option<&'a Office>,
    pub forms: &'a Forms,
    pub matter: Option<&'a Matter>,
    pub documents: &'a [Document],
    /// The timeline, for papers whose words stand only there.
    pub events: &'a [TimelineEvent],
    /// Whom it is sent to.
    pub addressee: Option<Addressee>,
    /// The officer who acts, and his title's word.
    pub officer: (&'a str, &'a str),
    /// Who signs for the agency: name, and whether he is its head.
    pub signer: Option<(String, bool)>,
    /// Names of the officers a result names.
    pub named: &'a [(motcua_domain::ids::AccountId, String)],
    pub at: DateTime<Utc>,
    pub check: &'a str,
    pub public_url: &'a str,
    /// SHA-256 of what was filed, for papers that carry it.
    pub manifest: Option<String>,
}

pub(crate) fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.trim().is_empty())
}

pub(super) fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

pub(super) fn amount(amount: u64) -> String {
    format!("{} đ", dong(amount))
}

pub(super) fn moment(at: DateTime<Utc>) -> Value {
    let at = at.with_timezone(&vietnam());
    json!({ "time": at.format("%H:%M").to_string(), "date": at.format("%d/%m/%Y").to_string() })
}

impl Source<'_> {
    /// What the paper says in one language.
    pub(super) fn said(&self, kind: PaperKind, form: &Form, language: Language) -> Value {
        let mut said = self.common(form, language);
        let more = match kind {
            PaperKind::Receipt => self.receipt(language),
            PaperKind::SupplementRequest => self.supplement(language),
            PaperKind::Refusal => self.refusal(language),
            PaperKind::Apology => self.apology(language),
            PaperKind::StopNotice => self.stopped(language),
            PaperKind::FiledCopy => self.filed(language),
            PaperKind::CoverSheet => self.cover(language),
            PaperKind::OralRequestMinutes => self.minutes(language),
            PaperKind::EnforcementDecision
            | PaperKind::ResultConfirmation
            | PaperKind::OfficerReplacement
            | PaperKind::CoercionCostRelief
            | PaperKind::EnforcementFeeRelief
            | PaperKind::WrittenRefusal => result::said(self, language),
            PaperKind::ControlSlip => self.slip(language),
            PaperKind::TransferNotice => self.transferred(language),
            PaperKind::ProcuracyTransmittal => self.transmittal(form, language),
            PaperKind::PartyNotice => self.notice(language),
            // Of many dossiers: it is put together where lists are.
            PaperKind::DossierRegister => json!({}),
        };
        if let Value::Object(more) = more {
            said.extend(more);
        }
        // What there is nothing to say of is absent: the template leaves it out or leaves a blank.
        said.retain(|_, value| !value.is_null());
        Value::Object(said)
    }

    pub(super) fn word(&self, group: &str, word: &str, language: Language) -> String {
        self.forms.word(group, word, language)
    }

    fn common(&self, form: &Form, language: Language) -> Map<String, Value> {
        let (dossier, agency) = (self.dossier, &self.office.agency);
        let today = local_date(self.at);
        let say = |text: &Text| text.say(language).to_owned();
        let one_window = self.office.routing().ok().and_then(|units| self.office.unit(units.one_window));
        let mut said = Map::new();
        let mut put = |key: &str, value: Value| said.insert(key.to_owned(), value);
        put("language", json!(language.as_str()));
        put("form", form_said(self.forms, form, language));
        let superior = self.superior.map(|office| &office.agency);
        put("agency", agency_said(agency, superior, one_window, language));
        put("code", json!(dossier.code));
        put("reference", json!(dossier.reference));
        put("serial", json!(dossier.book_serial.map(|serial| serial.to_string())));
        put("date", json!({ "day": today.day(), "month": today.month(), "year": today.year() }));
        put(
            "procedure",
            json!({ "name": say(&self.definition.name), "code": self.definition.national_code }),
        );
        put("applicant", self.applicant());
        put(
            "officer",
            json!({ "name": self.officer.0, "title": self.word("signer", self.officer.1, language) }),
        );
        put("channel", json!(self.word("channel", dossier.channel.as_str(), language)));
        put(
            "check",
            json!({ "code": self.check, "url": format!("{}/xac-thuc/{}", self.public_url, self.check) }),
        );
        put("manifest", json!(self.manifest));
        put("tracking", json!({ "url": format!("{}/tra-cuu", self.public_url) }));
        put("submitted", dossier.submitted_at.map(moment).unwrap_or_default());
        put("received", dossier.received_at.map(moment).unwrap_or_default());
        put("requested_on", json!(dossier.requested_on.map(date)));
        said
    }

    pub(super) fn applicant_name(&self) -> String {
        text(self.answers, "/applicant/full_name").unwrap_or_else(|| self.dossier.contact.name.clone())
    }

    pub(super) fn applicant(&self) -> Value {
        let (answers, contact) = (self.answers, &self.dossier.contact);
        json!({
            "name": self.applicant_name(),
            "identity": text(answers, "/applicant/identity_number")
                .or_else(|| text(answers, "/applicant/organisation_code")),
            "address": text(answers, "/applicant/address"),
            "phone": text(answers, "/applicant/phone").or_else(|| contact.phone.clone()),
            "email": contact.email,
            "hands_in": self.hands_in().map(|(name, _)| name),
            "position": self.hands_in().and_then(|(_, position)| position),
            "on_behalf_of": text(answers, "/representation/principal_name"),
        })
    }

    pub(super) fn missing(&self, language: Language) -> Vec<String> {
        let scanned = self.documents.iter().filter_map(Document::counts_as);
        let present: Vec<String> = scanned.chain(self.dossier.handed()).map(str::to_owned).collect();
        let wanted = missing(&self.definition.requirements, self.answers, &present);
        wanted.iter().map(|requirement| requirement.name.say(language).to_owned()).collect()
    }

    pub(super) fn bases(&self, keys: &[String], language: Language) -> Vec<String> {
        // A choice of this service is no legal ground.
        let law = |basis: &LegalBasis| basis.confidence != Confidence::HouseRule;
        let mut said: Vec<String> = Vec::new();
        for basis in self.definition.bases(keys).iter().filter(|basis| law(basis)) {
            let words = basis.in_words(language);
            if !said.contains(&words) {
                said.push(words);
            }
        }
        said
    }

    fn reason(&self, used_for: ReasonUse, key: &str, language: Language) -> (String, Vec<String>) {
        match self.definition.reason(used_for, key) {
            Some(reason) => (reason.text.say(language).to_owned(), self.bases(&reason.basis, language)),
            None => (key.to_owned(), Vec::new()),
        }
    }

    fn supplement(&self, language: Language) -> Value {
        let Some(supplement) = self.dossier.supplements.last() else { return json!({}) };
        let items: Vec<Value> = supplement
            .items
            .iter()
            .map(|item| {
                let (reason, basis) = self.reason(ReasonUse::Supplement, &item.reason, language);
                let right = self.definition.right_for(item);
                json!({
                    "name": crate::letters::wording::label_of(self.definition, item, language),
                    "reason": reason,
                    "basis": basis.first(),
                    "note": item.note,
                    "right": right.map(|right| right.say(language)),
                })
            })
            .collect();
        json!({
            "items": items,
            "stage": self.word("stage", supplement.stage.as_str(), language),
            "round": supplement.round.to_string(),
            "supply_by": date(supplement.supply_by),
        })
    }

    fn refusal(&self, language: Language) -> Value {
        let Some(refusal) = &self.dossier.refusal else { return json!({}) };
        let (reason, basis) = self.reason(ReasonUse::Refusal, &refusal.reason, language);
        let coded = self.definition.reason(ReasonUse::Refusal, &refusal.reason);
        let coded =
            coded.and_then(|reason| reason.advice.as_ref()).map(|advice| advice.say(language).to_owned());
        let reasons: Vec<String> = std::iter::once(reason).chain(refusal.note.clone()).collect();
        json!({ "reasons": reasons, "basis": basis, "advice": refusal.advice.clone().or(coded) })
    }

    fn apology(&self, language: Language) -> Value {
        let extension = self.dossier.clock.as_ref().and_then(|clock| clock.extension.as_ref());
        let Some(extension) = extension else { return json!({}) };
        let (reason, basis) = self.reason(ReasonUse::Extension, &extension.reason, language);
        let mut said = json!({
            "reasons": [reason],
            "basis": basis,
            "former_due": self.appointment(extension.former_due_on),
            "new_due": self.appointment(extension.new_due_on),
            "apology": extension.apology,
        });
        self.sign(&mut said, language);
        said
    }

    /// What is due on a day is due when the office closes.
    fn appointment(&self, day: NaiveDate) -> Value {
        let closing = self.office.agency.hours.closing();
        json!({ "time": closing.format("%H:%M").to_string(), "date": date(day) })
    }

    /// The dossier ended without a result: stopped by the office, or given up by who filed it.
    fn stopped(&self, language: Language) -> Value {
        let mut said = json!({});
        let mut step = None;
        for entry in self.events {
            if let Event::Routed { step: key, .. } = &entry.event {
                step = self.definition.step(key);
            }
            if entry.version != self.dossier.version {
                continue;
            }
            let (reason, basis, note, asked_on) = match &entry.event {
                Event::Stopped { reason, note, .. } => {
                    let (reason, basis) = self.reason(ReasonUse::Stop, reason, language);
                    (reason, basis, note.clone(), None)
                }
                Event::Lapsed { reason, .. } => {
                    let (reason, basis) = self.reason(ReasonUse::Stop, reason, language);
                    (reason, basis, None, None)
                }
                Event::Withdrawn { at, reason } => {
                    let basis = self.definition.act(CommandKind::Withdraw).map(|rule| rule.basis.as_slice());
                    let basis = self.bases(basis.unwrap_or_default(), language);
                    let said = self.word("stopped", "withdrawn", language);
                    (said, basis, reason.clone(), Some(date(local_date(*at))))
                }
                _ => continue,
            };
            let paid = self.dossier.payment.as_ref().filter(|payment| payment.paid_at.is_some());
            let paid = paid.map_or_else(|| self.word("fee", "none", language), |paid| amount(paid.amount));
            said = json!({
                "stopped": { "reason": reason, "note": note, "consequence": paid },
                "basis": basis,
                "stage": step.map(|step| step.name.say(language)),
                // Not the day of the request it was about.
                "requested_on": asked_on,
            });
            match entry.event {
                // Nobody of the office did it.
                Event::Withdrawn { .. } => self.sign_as(&mut said, None, true, language),
                _ => self.sign(&mut said, language),
            }
        }
        said
    }

    /// Who signs for the agency. A deputy signs for its head.
    pub(super) fn sign(&self, said: &mut Value, language: Language) {
        let Some((name, head)) = &self.signer else { return };
        self.sign_as(said, Some(name), *head, language);
    }

    /// The same with room for a name that is not known yet.
    pub(super) fn sign_as(&self, said: &mut Value, name: Option<&str>, head: bool, language: Language) {
        let Value::Object(said) = said else { return };
        let titles = self.forms.signers(&self.office.agency.name);
        let word = |word| self.word(titles, word, language);
        let signer = match head {
            true => json!({ "title": word("head"), "name": name }),
            false => json!({ "mode": word("for_head"), "title": word("deputy"), "name": name }),
        };
        said.insert("signer".to_owned(), signer);
    }

    /// The applicant's own copy: what was asked and answered, and the files with their digests.
    pub(super) fn filed(&self, language: Language) -> Value {
        let answers = super::answers::pages(self, language, |_| false);
        let files: Vec<Value> = self
            .documents
            .iter()
            .filter(|document| document.stored_at.is_some())
            .map(|document| {
                json!({
                    "name": document.name,
                    "size": document.size.map(|size| format!("{} KB", size.div_ceil(1024))),
                    "sha256": document.sha256,
                })
            })
            .collect();
        let filer = &self.dossier.filer;
        let by = (filer.mode != FilerMode::Own).then(|| {
            json!({
                "as": self.word("filer", filer.mode.as_str(), language),
                "name": filer.filled_in_by,
            })
        });
        json!({ "answers": answers, "files": files, "filled_in": by })
    }

    fn cover(&self, language: Language) -> Value {
        let agency = &self.office.agency;
        let present: Vec<String> =
            self.documents.iter().filter_map(Document::counts_as).map(str::to_owned).collect();
        let mut wanted = missing(&self.definition.requirements, self.answers, &present);
        // Where a file of each is there, the papers themselves are sent.
        if wanted.is_empty() {
            wanted = missing(&self.definition.requirements, self.answers, &[]);
        }
        let enclosed: Vec<Value> = wanted
            .iter()
            .map(|wanted| {
                json!({
                    "name": wanted.name.say(language),
                    "kind": self.word("copy", wanted.form.as_str(), language),
                    "quantity": wanted.quantity.to_string(),
                })
            })
            .collect();
        json!({
            // Whoever has it scans its reference; there is nothing to check on it.
            "check": null,
            "recipient": { "name": agency.name.say(language), "address": agency.address },
            "components": enclosed,
        })
    }
}

/// What a paper says of its form.
pub(crate) fn form_said(forms: &Forms, form: &Form, language: Language) -> Value {
    let acts: Vec<&str> = form
        .basis
        .iter()
        .filter_map(|key| forms.acts.get(key))
        .map(|act| act.say(language))
        .take(1)
        .collect();
    let basis = form.number.as_ref().and(acts.first());
    json!({ "number": form.number, "title": form.title.say(language), "basis": basis })
}

/// What a paper says of the agency it comes from.
pub(crate) fn agency_said(
    agency: &Agency,
    superior: Option<&Agency>,
    one_window: Option<&Unit>,
    language: Language,
) -> Value {
    json!({
        // Not printed: whose key it is sealed with.
        "key": agency.key,
        "superior": superior.map(|superior| superior.name.say(language)),
        "name": agency.name.say(language),
        "unit": one_window.map(|unit| unit.name.say(language)),
        "address": agency.address,
        "phone": agency.phone,
        "hours": hours(&agency.hours),
        "place": place(&agency.address),
    })
}

/// Where an act is dated: the province of the agency's address.
fn place(address: &str) -> String {
    let last = address.rsplit(',').next().unwrap_or(address).trim();
    last.strip_prefix("tỉnh ").unwrap_or(last).to_owned()
}

/// `07:30 - 11:30, 13:00 - 17:00`.
fn hours(hours: &OfficeHours) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let OfficeHours { opens, noon, afternoon, closes } = *hours;
    format!("{} - {}, {} - {}", clock(opens), clock(noon), clock(afternoon), clock(closes))
}
