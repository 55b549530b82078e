//! The acts as forms: what each asks, with what is known filled in, and what was typed as the body
//! the API takes. Which acts there are, and what they do, the rules say; nothing is decided here.

use motcua_app::Ctx;
use motcua_app::assignment::Suggestion;
use motcua_app::desk::Whole;
use motcua_domain::calendar::vietnam;
use motcua_domain::dossier::ReturnWay;
use motcua_domain::dossier::allowed::Allowed;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::matter::Matter;
use motcua_domain::paper::PaperKind;
use motcua_domain::procedure::form::Widget;
use motcua_domain::procedure::{ProcedureKey, ProcedureVersion, ReasonUse};
use serde_json::{Value, json};

use super::handed::Handed;
use crate::pages::field::{field, optional};
use crate::pages::form::{ChoiceView, FieldView, Showing};
use crate::pages::frame::Frame;

/// How a moment is typed.
pub const MOMENT: &str = "%d/%m/%Y %H:%M";
/// One form of an act. Most acts have one; a decision has one to grant and one to refuse.
pub struct ActForm {
    pub kind: CommandKind,
    /// Names the form on its page; stands before the names of its fields.
    pub id: String,
    pub title: String,
    pub fields: Vec<FieldView>,
    /// What the form says without asking.
    pub fixed: Vec<(&'static str, Value)>,
    /// The step or the opinion it is about.
    pub about: String,
    /// What a supplement may ask for, in groups.
    pub places: Vec<Group>,
    /// Said before the fields.
    pub remarks: Vec<String>,
    /// What may be handed over on paper with it.
    pub handed: Option<Handed>,
}

/// A group of things that can be asked for.
pub struct Group {
    pub title: String,
    pub places: Vec<Place>,
    /// Something of it is asked for.
    pub open: bool,
}

/// A field or a paper a supplement can ask for.
pub struct Place {
    /// `field:/pointer` or `paper:key`.
    pub target: String,
    pub label: String,
    pub given: String,
    pub reasons: Vec<ChoiceView>,
    pub note: String,
}

impl Place {
    pub fn id(&self) -> String {
        self.target.replace([':', '/'], "-")
    }
}

/// What the forms are made from.
pub struct Forms<'a> {
    pub f: &'a Frame,
    pub ctx: &'a Ctx,
    pub whole: &'a Whole,
    pub definition: &'a ProcedureVersion,
    /// Matters found for a link.
    pub matters: &'a [Matter],
}

impl ActForm {
    /// The act leaves a paper that can be looked at before it is done.
    pub fn leaves_paper(&self, received: bool) -> bool {
        match self.kind {
            CommandKind::Number => true,
            // What was never received needs no notice that it is stopped.
            CommandKind::Withdraw if !received => false,
            kind => PaperKind::of_act(kind, None).is_some(),
        }
    }
}

impl Forms<'_> {
    /// The forms of one act.
    pub fn of(&self, allowed: &Allowed) -> Vec<ActForm> {
        let f = self.f;
        let kind = allowed.act;
        let form = |id: &str, title: &str, fields: Vec<FieldView>| ActForm {
            kind,
            id: id.to_owned(),
            title: title.to_owned(),
            fields: fields.into_iter().map(|field| within(id, field)).collect(),
            fixed: Vec::new(),
            about: String::new(),
            places: Vec::new(),
            remarks: Vec::new(),
            handed: None,
        };
        let id = kind.as_str();
        let name = f.text(&allowed.name).to_owned();
        let one = |fields| vec![form(id, &name, fields)];
        let reason = || long("reason", f.say("Lý do", "Reason"), true);
        let note = || long("note", f.say("Ghi chú", "Note"), false);
        match kind {
            CommandKind::Submit | CommandKind::Supply => Vec::new(),
            CommandKind::Receive => {
                let mut form = form(id, &name, Vec::new());
                form.handed = self.handed();
                vec![form]
            }
            CommandKind::Sign
            | CommandKind::Undo
            | CommandKind::Number
            | CommandKind::HandOver
            | CommandKind::Lapse => one(Vec::new()),
            CommandKind::RequestSupplement => {
                let mut form = form(
                    id,
                    &name,
                    vec![long(
                        "round_reason",
                        f.say(
                            "Lý do phải yêu cầu thêm lần nữa (lãnh đạo ghi)",
                            "Why a further round is needed (a leader's words)",
                        ),
                        false,
                    )],
                );
                if !self.whole.view.supplements.iter().any(|round| round.closed_at.is_some()) {
                    form.fields.clear();
                }
                form.places = self.places();
                vec![form]
            }
            CommandKind::Refuse => {
                let advice = f.say("Hướng dẫn nơi có thẩm quyền", "Which body is competent");
                one(vec![self.coded(ReasonUse::Refusal), note(), long("advice", advice, false)])
            }
            CommandKind::Assign => {
                let mut form = form(id, &name, vec![officers(f, "officer", &self.whole.officers), note()]);
                form.remarks = self.excluded(&self.whole.officers);
                vec![form]
            }
            CommandKind::Propose => one(self.checklist()),
            CommandKind::CompleteStep => self.completion(form(id, &name, Vec::new())),
            CommandKind::SendBack => one(vec![self.earlier_steps(), reason()]),
            CommandKind::RequestOpinion => one(vec![
                self.units(),
                long("question", f.say("Nội dung cần ý kiến", "Question"), true),
                field(Widget::Date, "due_on", f.say("Trả lời trước ngày", "Answer by")),
            ]),
            CommandKind::AnswerOpinion => {
                self.opinions(&|id| form(id, &name, vec![long("answer", f.say("Ý kiến", "Opinion"), true)]))
            }
            CommandKind::Draft => self.rulings(&|id, title, fields| form(id, title, fields), &name),
            CommandKind::Return => {
                let mut way = field(Widget::Choice, "way", f.say("Trả bằng cách nào", "How it is returned"));
                way.choices = ReturnWay::ALL
                    .iter()
                    .map(|way| option(way.as_str(), self.way(*way), *way == self.whole.view.return_way))
                    .collect();
                let mut to = field(Widget::Text, "to", f.say("Người nhận", "Who takes it"));
                if !self.whole.view.masked {
                    to.value.clone_from(&self.whole.view.contact.name);
                }
                one(vec![way, to])
            }
            CommandKind::Withdraw => {
                let words = f.say(
                    "Lời của người nộp, hoặc giấy tờ họ đưa",
                    "The applicant's words, or the paper he gave",
                );
                one(vec![long("reason", words, true)])
            }
            CommandKind::Stop => one(vec![self.coded(ReasonUse::Stop), note()]),
            CommandKind::Extend => {
                let mut day = field(Widget::Date, "new_due_on", f.say("Ngày hẹn mới", "New due date"));
                let mut apology = long("apology", f.say("Lời xin lỗi gửi người nộp", "Apology"), true);
                if let Some(suggested) = &allowed.suggestion {
                    day.value = f.date(&suggested.new_due_on);
                    suggested.apology.say(self.whole.view.language).clone_into(&mut apology.value);
                }
                one(vec![day, self.coded(ReasonUse::Extension), apology])
            }
            CommandKind::RequestPayment => {
                one(vec![field(Widget::Money, "amount", f.say("Số tiền (đồng)", "Amount in đồng")), reason()])
            }
            CommandKind::ConfirmPayment => {
                let mut paid = field(Widget::Text, "paid_at", f.say("Nộp lúc", "Paid at"));
                paid.hint = Some(f.say("Ngày/tháng/năm giờ:phút.", "day/month/year hour:minute.").to_owned());
                paid.value = self.ctx.now().with_timezone(&vietnam()).format(MOMENT).to_string();
                one(vec![paid])
            }
            CommandKind::Repin => one(vec![reason()]),
            CommandKind::LinkMatter => {
                let mut matter = field(Widget::Choice, "matter", f.say("Việc thi hành án", "Matter"));
                matter.choices = self
                    .matters
                    .iter()
                    .map(|found| {
                        option(&found.id.to_string(), &matter_name(f, found), self.matters.len() == 1)
                    })
                    .collect();
                one(if matter.choices.is_empty() { Vec::new() } else { vec![matter] })
            }
            CommandKind::AddNote => one(vec![long("text", f.say("Ghi chú nội bộ", "Internal note"), true)]),
        }
    }

    /// Asked by the rules of today, which a receipt goes by.
    fn handed(&self) -> Option<Handed> {
        let (view, rules) = (&self.whole.view, self.ctx.app.rules());
        let definition = &rules.in_force(view.procedure.key, self.ctx.today())?.definition;
        let (answers, by_staff) = (&view.answers, view.channel.by_staff());
        Some(Handed::of(self.f, &rules, definition, answers, &self.whole.papers, by_staff))
    }

    fn coded(&self, used_for: ReasonUse) -> FieldView {
        let mut field = field(Widget::Choice, "reason", self.f.say("Lý do", "Reason"));
        field.choices = self.reasons(used_for);
        field
    }

    fn reasons(&self, used_for: ReasonUse) -> Vec<ChoiceView> {
        let used = self.definition.reasons.iter().filter(|reason| reason.used_for == used_for);
        used.map(|reason| {
            let mut label = self.f.text(&reason.text).to_owned();
            if let Some(cap) = reason.cap_percent {
                label.push_str(&match self.f.lang() {
                    "en" => format!(" (at most {cap}%)"),
                    _ => format!(" (tối đa {cap}%)"),
                });
            }
            option(&reason.key, &label, false)
        })
        .collect()
    }

    fn excluded(&self, all: &[Suggestion]) -> Vec<String> {
        all.iter()
            .filter(|officer| officer.excluded)
            .map(|officer| {
                let why = officer.why.as_ref().map(|why| self.f.text(why)).unwrap_or_default();
                format!("{} ({}): {why}", officer.name, self.f.say("bị loại trừ", "excluded"))
            })
            .collect()
    }

    /// What the examiner ticks off; nothing at a step without a list.
    fn checklist(&self) -> Vec<FieldView> {
        let step = self.whole.view.state.step.as_ref().and_then(|step| self.definition.step(&step.key));
        let lines = step.map(|step| step.checklist.as_slice()).unwrap_or_default();
        let mut checked = optional(Widget::Choices, "checked", self.f.say("Đã kiểm tra", "What was checked"));
        checked.choices = lines
            .iter()
            .enumerate()
            .map(|(at, line)| option(&at.to_string(), self.f.text(line), false))
            .collect();
        if lines.is_empty() { Vec::new() } else { vec![checked] }
    }

    fn completion(&self, mut form: ActForm) -> Vec<ActForm> {
        let step = self.whole.view.state.step.as_ref().and_then(|step| self.definition.step(&step.key));
        let Some(step) = step else { return Vec::new() };
        let f = self.f;
        let mut outcome = field(Widget::Choice, "outcome", f.say("Kết quả của bước", "Outcome"));
        let plain = step.outcomes.iter().filter(|outcome| outcome.when.is_none());
        outcome.choices = plain
            .clone()
            .map(|each| option(&each.key, f.text(&each.name), plain.clone().count() == 1))
            .collect();
        let note = long("note", f.say("Ghi chú", "Note"), false);
        form.fields = [outcome, note].into_iter().map(|field| within(&form.id, field)).collect();
        form.about.clone_from(&step.key);
        form.remarks = step.checklist.iter().map(|line| f.text(line).to_owned()).collect();
        vec![form]
    }

    fn earlier_steps(&self) -> FieldView {
        let mut field = field(Widget::Choice, "to", self.f.say("Trả lại bước", "Back to"));
        let here = self.whole.view.state.step.as_ref().map(|step| step.key.as_str());
        field.choices = self
            .definition
            .route
            .iter()
            .take_while(|step| Some(step.key.as_str()) != here)
            .map(|step| option(&step.key, self.f.text(&step.name), false))
            .collect();
        field
    }

    fn units(&self) -> FieldView {
        let mut field = field(Widget::Choice, "unit", self.f.say("Đơn vị được hỏi", "Unit"));
        let rules = self.ctx.app.rules();
        let office = rules.find_office(self.whole.view.agency.id);
        field.choices = office
            .into_iter()
            .flat_map(|office| &office.units)
            .filter(|unit| unit.id != self.whole.view.owner_unit.id)
            .map(|unit| option(&unit.id.to_string(), self.f.text(&unit.name), false))
            .collect();
        field
    }

    /// One form for each question asked of a unit of this person.
    fn opinions(&self, form: &dyn Fn(&str) -> ActForm) -> Vec<ActForm> {
        let Some(internal) = &self.whole.view.internal else { return Vec::new() };
        let asked = internal.opinions.iter().filter(|opinion| internal.to_answer.contains(&opinion.id));
        asked
            .map(|opinion| {
                let mut form = form(&format!("answer_opinion-{}", opinion.id));
                form.about = opinion.id.to_string();
                form.remarks = vec![opinion.question.clone()];
                form
            })
            .collect()
    }

    fn rulings(&self, form: &dyn Fn(&str, &str, Vec<FieldView>) -> ActForm, name: &str) -> Vec<ActForm> {
        let f = self.f;
        let grounds = || {
            let mut field = field(Widget::Choices, "grounds", f.say("Căn cứ", "Grounds"));
            field.choices = self.reasons(ReasonUse::Ground);
            field
        };
        let percent = || field(Widget::Number, "percent", f.say("Mức miễn, giảm (%)", "Relief in per cent"));
        let (outcome, fields) = match self.definition.key {
            ProcedureKey::EnforcementDecision => (
                "enforcement_decision",
                vec![
                    officers(f, "officer", &self.whole.named),
                    long("obligations", f.say("Các khoản phải thi hành", "Obligations"), true),
                ],
            ),
            ProcedureKey::ResultConfirmation => ("result_confirmation", Vec::new()),
            ProcedureKey::OfficerReplacement => {
                ("officer_replacement", vec![officers(f, "new_officer", &self.whole.named), grounds()])
            }
            ProcedureKey::CoercionCostRelief => ("coercion_cost_relief", vec![grounds(), percent()]),
            ProcedureKey::EnforcementFeeRelief => ("enforcement_fee_relief", vec![grounds(), percent()]),
        };
        let grant = format!("{name}: {}", f.say("chấp nhận yêu cầu", "the request is granted"));
        let mut grant = form("draft", &grant, fields);
        grant.fixed = vec![("outcome", json!(outcome))];
        grant.remarks = self.excluded(&self.whole.named);
        let mut reasons = field(Widget::Choices, "reasons", f.say("Lý do", "Reasons"));
        reasons.choices = self.reasons(ReasonUse::Rejection);
        let explanation =
            long("explanation", f.say("Giải thích cho người nộp", "Explanation for the applicant"), true);
        let refuse = format!("{name}: {}", f.say("từ chối bằng văn bản", "a written refusal"));
        let mut refuse = form("draft-refusal", &refuse, vec![reasons, explanation]);
        refuse.fixed = vec![("outcome", json!("refusal"))];
        vec![grant, refuse]
    }

    pub fn way(&self, way: ReturnWay) -> &'static str {
        match way {
            ReturnWay::Counter => self.f.say("Tại Bộ phận Một cửa", "At the one-window unit"),
            ReturnWay::Post => self.f.say("Qua bưu chính", "By post"),
            ReturnWay::Online => self.f.say("Trực tuyến", "Online"),
        }
    }

    /// Everything a supplement may ask for: papers first, then the form page by page.
    fn places(&self) -> Vec<Group> {
        let f = self.f;
        let reasons = self.reasons(ReasonUse::Supplement);
        let place = |target: String, label: &str, given: String| Place {
            target,
            label: label.to_owned(),
            given,
            reasons: reasons.clone(),
            note: String::new(),
        };
        let on_paper = self.whole.view.handed_over.as_ref();
        let present = |key: &str| {
            self.whole.papers.iter().any(|paper| paper.requirement.as_deref() == Some(key))
                || on_paper.is_some_and(|handed| handed.keys().any(|known| known == key))
        };
        let papers = self
            .definition
            .requirements
            .iter()
            .map(|wanted| {
                let there = if present(&wanted.key) {
                    f.say("đã có", "given")
                } else {
                    f.say("chưa có", "not given")
                };
                place(format!("paper:{}", wanted.key), f.text(&wanted.name), there.to_owned())
            })
            .collect();
        let mut groups =
            vec![Group { title: f.say("Giấy tờ", "Papers").to_owned(), places: papers, open: true }];
        let answers = &self.whole.view.answers;
        let showing = Showing { frame: f, definition: self.definition, answers, errors: &[] };
        for page in &self.definition.layout.pages {
            let mut places = Vec::new();
            for field in showing.fields(page).into_iter().filter(|field| field.shown) {
                places.push(place(format!("field:{}", field.name), &field.label, field.words()));
                for (at, entry) in field.items.iter().enumerate() {
                    let number = at.saturating_add(1);
                    places.extend(entry.iter().map(|inner| {
                        let label = format!("{} {number}: {}", field.label, inner.label);
                        place(format!("field:{}", inner.name), &label, inner.words())
                    }));
                }
            }
            groups.push(Group { title: f.text(&page.title).to_owned(), places, open: false });
        }
        groups
    }
}

/// Officers as choices, with what each has in hand; the suggested one is chosen.
pub(super) fn officers(f: &Frame, name: &str, all: &[Suggestion]) -> FieldView {
    let mut field = field(Widget::Choice, name, f.say("Chấp hành viên", "Officer"));
    field.choices = all
        .iter()
        .filter(|officer| !officer.excluded)
        .map(|officer| {
            let mut label =
                format!("{} · {} {}", officer.name, officer.load, f.say("hồ sơ đang giữ", "open dossiers"));
            if let Some(until) = officer.absent_until {
                label.push_str(&format!(" · {} {}", f.say("vắng mặt đến", "absent until"), f.date(&until)));
            }
            if officer.suggested {
                label.push_str(&format!(" · {}", f.say("đề xuất", "suggested")));
            }
            option(&officer.account.to_string(), &label, officer.suggested)
        })
        .collect();
    field
}

/// What the register calls a matter.
pub fn matter_name(f: &Frame, matter: &Matter) -> String {
    let number = matter.decision_number.as_deref().unwrap_or(f.say("chưa cho số", "not numbered"));
    let parties: Vec<&str> = matter.parties.iter().map(|party| party.full_name.as_str()).collect();
    format!("{number} ({}): {}", f.date(&matter.decided_on), parties.join(", "))
}

fn option(value: &str, label: &str, chosen: bool) -> ChoiceView {
    ChoiceView { value: value.to_owned(), label: label.to_owned(), chosen }
}

pub(super) fn long(name: &str, label: &str, required: bool) -> FieldView {
    FieldView { required, ..field(Widget::LongText, name, label) }
}

/// Names are told apart on a page with many forms: `/form/name`.
pub(super) fn within(form: &str, field: FieldView) -> FieldView {
    FieldView { name: format!("/{form}/{}", field.name), ..field }
}

/// True when this person may supply for the applicant, at the counter.
pub fn may_supply(whole: &Whole) -> bool {
    whole.view.allowed_actions.iter().any(|allowed| allowed.act == CommandKind::Supply)
}
