//! What each name in a letter stands for, in the language of the dossier.
//!
//! A name that has nothing to say for a dossier says so in a plain sentence, never as a blank.

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::calendar::{local_date, vietnam};
use motcua_domain::document::Document;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::dossier::{Dossier, ReturnWay, SupplementItem};
use motcua_domain::fee::dong;
use motcua_domain::procedure::form::Field;
use motcua_domain::procedure::requirement::missing;
use motcua_domain::procedure::{ProcedureVersion, ReasonUse};
use motcua_domain::text::{Language, Text};
use motcua_store::Conn;
use motcua_store::agency::Office;

use crate::access::Opened;
use crate::{Ctx, Result};

/// Everything a letter may tell about one act.
pub(super) struct Words<'a> {
    dossier: &'a Dossier,
    pub(super) language: Language,
    /// Who names are and what people wrote is left out: read by somebody who is no part of the dossier.
    veiled: bool,
    definition: &'a ProcedureVersion,
    answers: &'a serde_json::Value,
    office: std::sync::Arc<Office>,
    kind: CommandKind,
    /// What the act did, for the acts whose words stand only there.
    events: Vec<Event>,
    papers: Vec<Document>,
    today: NaiveDate,
    public_url: &'a str,
}

impl<'a> Words<'a> {
    pub(super) async fn gather(
        ctx: &'a Ctx,
        conn: &mut Conn,
        opened: &'a Opened,
        kind: CommandKind,
        veiled: bool,
    ) -> Result<Self> {
        let dossier = opened.dossier();
        let mut events = Vec::new();
        if matches!(kind, CommandKind::Stop | CommandKind::Lapse | CommandKind::Repin | CommandKind::Return) {
            let all = motcua_store::dossier::events(conn, dossier.id).await?;
            events = all
                .into_iter()
                .filter(|entry| entry.version == dossier.version)
                .map(|entry| entry.event)
                .collect();
        }
        let papers = if kind == CommandKind::Receive {
            crate::access::documents(conn, opened).await?.to_vec()
        } else {
            Vec::new()
        };
        Ok(Self {
            dossier,
            language: dossier.language,
            veiled,
            definition: &opened.version.definition,
            answers: &opened.filed.answers,
            office: std::sync::Arc::clone(opened.rules.office(dossier.agency)?),
            kind,
            events,
            papers: papers.into_iter().filter(|paper| paper.stored_at.is_some()).collect(),
            today: ctx.today(),
            public_url: &ctx.app.settings().public_url,
        })
    }

    pub(super) fn say(&self, name: &str) -> String {
        let dossier = self.dossier;
        let clock = dossier.clock.as_ref();
        let extension = clock.and_then(|clock| clock.extension.as_ref());
        let decision = dossier.decision.as_ref();
        let due_on = clock.map(|clock| clock.due_on).or_else(|| dossier.next_due_at.map(local_date));
        match name {
            "agency" => self.text(&self.office.agency.name),
            "unit" => self.unit(),
            "address" => self.office.agency.address.clone(),
            "phone" => self.office.agency.phone.clone(),
            "reference" => dossier.known_as().to_owned(),
            "applicant" => self.typed(&dossier.contact.name),
            "procedure" => self.text(&self.definition.name),
            "submitted_at" => self.moment(dossier.submitted_at),
            "received_at" => self.moment(dossier.received_at),
            "due_at" => self.moment(clock.map(|clock| clock.due_at).or(dossier.next_due_at)),
            "due_on" => self.day(due_on),
            "original_due_on" => self.day(extension.map(|extension| extension.former_due_on)),
            "new_due_on" => self.day(extension.map(|extension| extension.new_due_on)),
            "items" => self.items(),
            "missing_papers" => self.missing_papers(),
            "reason" => self.reason(),
            "advice" => self.advice(),
            "result" => match decision.map(|decision| &decision.ruling) {
                Some(Ruling::Refusal { .. }) => self.pick(
                    "Văn bản từ chối giải quyết yêu cầu, có nêu lý do",
                    "A written refusal of the request, with its reasons",
                ),
                Some(_) | None => self.text(&self.definition.result),
            },
            "number" => {
                decision.and_then(|decision| decision.number.clone()).unwrap_or_else(|| self.not_yet())
            }
            "signed_on" => self.day(decision.and_then(|decision| decision.signed_at).map(local_date)),
            "amount" => dossier.payment.as_ref().map_or_else(
                || self.not_yet(),
                |payment| format!("{} {}", dong(payment.amount), self.pick("đ", "đồng")),
            ),
            "supply_by" => self.day(dossier.supplements.last().map(|supplement| supplement.supply_by)),
            "pay_by" => self.day(dossier.payment.as_ref().map(|payment| payment.pay_by)),
            "return_way" => self.return_way(),
            "track_url" => format!("{}/tra-cuu?ma={}", self.public_url, dossier.known_as()),
            "date" => self.day(Some(self.today)),
            // The linter lets no other name into a letter.
            _ => String::new(),
        }
    }

    fn pick(&self, vi: &str, en: &str) -> String {
        match self.language {
            Language::Vi => vi.to_owned(),
            Language::En => en.to_owned(),
        }
    }

    /// What somebody wrote.
    fn typed(&self, text: &str) -> String {
        if self.veiled { "[…]".to_owned() } else { text.to_owned() }
    }

    fn text(&self, text: &Text) -> String {
        text.say(self.language).to_owned()
    }

    fn not_yet(&self) -> String {
        self.pick("chưa có", "not yet known")
    }

    fn day(&self, day: Option<NaiveDate>) -> String {
        day.map_or_else(|| self.not_yet(), |day| day.format("%d/%m/%Y").to_string())
    }

    fn moment(&self, at: Option<DateTime<Utc>>) -> String {
        let format = self.pick("%H:%M ngày %d/%m/%Y", "%H:%M on %d/%m/%Y");
        at.map_or_else(|| self.not_yet(), |at| at.with_timezone(&vietnam()).format(&format).to_string())
    }

    /// Whom to ask: the one-window unit, wherever the dossier is.
    fn unit(&self) -> String {
        let one_window = self.office.routing().ok().and_then(|units| self.office.unit(units.one_window));
        one_window
            .map_or_else(|| self.pick("Bộ phận Một cửa", "the one-window unit"), |unit| self.text(&unit.name))
    }

    fn return_way(&self) -> String {
        let given = self
            .events
            .iter()
            .find_map(|event| if let Event::Returned { way, .. } = event { Some(*way) } else { None });
        match given.unwrap_or(self.dossier.return_way) {
            ReturnWay::Counter => self.pick("tại Bộ phận Một cửa", "at the one-window unit"),
            ReturnWay::Post => self.pick("qua bưu chính", "by post"),
            ReturnWay::Online => self.pick("trực tuyến", "online"),
        }
    }

    fn items(&self) -> String {
        let lines: Vec<String> = match self.kind {
            CommandKind::RequestSupplement => self
                .dossier
                .documents_wanted()
                .zip(1..)
                .map(|(item, number)| self.wanted(item, number))
                .collect(),
            CommandKind::Supply => {
                let items = self.dossier.supplements.last().map_or(&[][..], |supplement| &supplement.items);
                let latest = items.iter().filter_map(|item| item.supplied_at).max();
                items
                    .iter()
                    .filter(|item| item.supplied_at.is_some() && item.supplied_at == latest)
                    .map(|item| format!("- {}", self.label(item)))
                    .collect()
            }
            _ => self.papers.iter().map(|paper| format!("- {}", self.paper(paper))).collect(),
        };
        if lines.is_empty() { self.pick("Không có.", "None.") } else { lines.join("\n") }
    }

    /// One item of a request: what, why, how it should be. Law: D61 a.15.
    fn wanted(&self, item: &SupplementItem, number: u16) -> String {
        let reason = self.definition.reason(ReasonUse::Supplement, &item.reason);
        let why = reason.map_or_else(|| item.reason.clone(), |reason| self.text(&reason.text));
        let mut lines = vec![format!("{number}. {}: {why}", self.label(item))];
        if let Some(note) = item.note.as_deref().filter(|note| !note.trim().is_empty()) {
            lines.push(format!("   {}: {}", self.pick("Ghi chú", "Note"), self.typed(note)));
        }
        if let Some(right) = self.definition.right_for(item) {
            lines.push(format!("   {}: {}", self.pick("Thế nào là đúng", "What is right"), self.text(right)));
        }
        lines.join("\n")
    }

    fn label(&self, item: &SupplementItem) -> String {
        label_of(self.definition, item, self.language)
    }

    fn paper(&self, paper: &Document) -> String {
        let known = paper
            .requirement
            .as_deref()
            .and_then(|key| self.definition.requirements.iter().find(|each| each.key == key));
        known.map_or_else(
            || self.typed(&paper.name),
            |requirement| format!("{} ({})", self.text(&requirement.name), self.typed(&paper.name)),
        )
    }

    fn missing_papers(&self) -> String {
        let scanned = self.papers.iter().filter_map(|paper| paper.requirement.clone());
        let present: Vec<String> = scanned.chain(self.dossier.handed().map(str::to_owned)).collect();
        let wanted = missing(&self.definition.requirements, self.answers, &present);
        if wanted.is_empty() {
            return self.pick("Không thiếu giấy tờ nào theo danh mục.", "No required paper is missing.");
        }
        let mut lines = vec![self.pick("Giấy tờ còn thiếu:", "Papers still missing:")];
        lines.extend(wanted.iter().map(|requirement| format!("- {}", self.text(&requirement.name))));
        lines.join("\n")
    }

    fn reason(&self) -> String {
        let coded = |used_for, key: &str| {
            self.definition
                .reason(used_for, key)
                .map_or_else(|| key.to_owned(), |reason| self.text(&reason.text))
        };
        let mut lines = Vec::new();
        match self.kind {
            CommandKind::Refuse => {
                if let Some(refusal) = &self.dossier.refusal {
                    lines.push(coded(ReasonUse::Refusal, &refusal.reason));
                    lines.extend(refusal.note.as_deref().map(|note| self.typed(note)));
                }
            }
            CommandKind::Extend => {
                if let Some(extension) =
                    self.dossier.clock.as_ref().and_then(|clock| clock.extension.as_ref())
                {
                    lines.push(coded(ReasonUse::Extension, &extension.reason));
                    lines.push(self.typed(&extension.apology));
                }
            }
            CommandKind::RequestPayment => {
                lines.extend(self.dossier.payment.as_ref().map(|payment| self.typed(&payment.reason)))
            }
            _ => {
                for event in &self.events {
                    if let Event::Stopped { reason, note, .. } = event {
                        lines.push(coded(ReasonUse::Stop, reason));
                        lines.extend(note.as_deref().map(|note| self.typed(note)));
                    } else if let Event::Lapsed { reason, .. } = event {
                        lines.push(coded(ReasonUse::Stop, reason));
                    } else if let Event::Repinned { reason, .. } = event {
                        lines.push(self.typed(reason));
                    }
                }
            }
        }
        lines.retain(|line| !line.trim().is_empty());
        if lines.is_empty() { self.pick("Không nêu.", "None given.") } else { lines.join("\n") }
    }

    /// What the officer advised, else what the coded reason advises. Law: D61 a.17 c.1.
    fn advice(&self) -> String {
        let refusal = self.dossier.refusal.as_ref();
        let own =
            refusal.and_then(|refusal| refusal.advice.clone()).filter(|advice| !advice.trim().is_empty());
        let coded = || {
            refusal
                .and_then(|refusal| self.definition.reason(ReasonUse::Refusal, &refusal.reason))
                .and_then(|reason| reason.advice.as_ref())
                .map(|advice| self.text(advice))
        };
        own.map(|own| self.typed(&own)).or_else(coded).unwrap_or_else(|| {
            self.pick(
                "Xin liên hệ Bộ phận Một cửa để được hướng dẫn.",
                "Please ask the one-window unit for guidance.",
            )
        })
    }
}

/// What is asked for, by the name of its paper or its field.
pub(crate) fn label_of(definition: &ProcedureVersion, item: &SupplementItem, language: Language) -> String {
    let key = item.requirement.as_deref();
    let paper = definition.requirements.iter().find(|each| Some(each.key.as_str()) == key);
    let field = || item.field.as_deref().and_then(|pointer| field_label(definition, pointer, language));
    paper
        .map(|paper| paper.name.say(language).to_owned())
        .or_else(field)
        .or_else(|| item.field.clone())
        .or_else(|| item.requirement.clone())
        .unwrap_or_default()
}

/// The label of a field by its pointer; for a field of a list also which entry.
fn field_label(definition: &ProcedureVersion, pointer: &str, language: Language) -> Option<String> {
    let fields: Vec<&Field> = definition.layout.pages.iter().flat_map(|page| &page.fields).collect();
    if let Some(field) = fields.iter().find(|field| field.pointer == pointer) {
        return Some(field.label.say(language).to_owned());
    }
    fields.iter().find_map(|list| {
        let inside = pointer.strip_prefix(&list.pointer)?.strip_prefix('/')?;
        let (number, rest) = inside.split_once('/').unwrap_or((inside, ""));
        let number = number.parse::<usize>().ok()?.checked_add(1)?;
        let entry = format!("{} {number}", list.label.say(language));
        let field = list.fields.iter().find(|field| field.pointer.trim_start_matches('/') == rest);
        Some(field.map_or(entry.clone(), |field| format!("{entry}, {}", field.label.say(language))))
    })
}
