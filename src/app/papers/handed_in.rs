//! What a receipt says: which papers came, by whose hand, and when their result is due.

use motcua_domain::document::Document;
use motcua_domain::dossier::FilerMode;
use motcua_domain::text::Language;
use serde_json::{Value, json};

use super::compose::{Source, amount, moment, text};

/// The paper every procedure calls the request itself.
const REQUEST: &str = "request";

impl Source<'_> {
    /// Who hands in: for an organisation a person, with his position where it was said; none when nobody was
    /// named.
    pub(super) fn hands_in(&self) -> Option<(String, Option<String>)> {
        let (answers, filer) = (self.answers, &self.dossier.filer);
        let representative = text(answers, "/applicant/representative_name");
        let position = text(answers, "/applicant/representative_title");
        if let (FilerMode::Representative, Some(name)) = (filer.mode, &filer.filled_in_by) {
            let position = position.filter(|_| representative.as_ref() == Some(name));
            return Some((name.clone(), position));
        }
        let applicant = self.applicant_name();
        match text(answers, "/applicant/kind").as_deref() {
            Some("organisation") => {
                let contact = &self.dossier.contact.name;
                let contact = || (*contact != applicant).then(|| (contact.clone(), None));
                representative.map(|name| (name, position)).or_else(contact)
            }
            _ => Some((applicant, None)),
        }
    }

    /// One that another was sent in place of, after it was found faulty.
    fn is_superseded(&self, document: &Document) -> bool {
        let Some(key) = document.requirement.as_deref() else { return false };
        self.dossier.supplements.iter().any(|supplement| {
            let asked = supplement.items.iter().any(|item| item.requirement.as_deref() == Some(key));
            let later = |other: &Document| {
                other.counts_as() == Some(key) && other.created_at >= supplement.requested_at
            };
            asked && document.created_at < supplement.requested_at && self.documents.iter().any(later)
        })
    }

    /// The papers that came with the request, one line each and as the definition calls them: those recorded
    /// as handed over, then the files of others. Where nothing was recorded, a scan tells what was brought.
    pub(super) fn components(&self, language: Language) -> Vec<Value> {
        let recorded = self.dossier.handed_over.as_ref();
        let known = |key: &str| self.definition.requirements.iter().find(|each| each.key == key);
        let handed = recorded.into_iter().flat_map(|recorded| &recorded.papers).map(|paper| {
            let key = paper.requirement.as_str();
            let name = known(key).map_or(key, |known| known.name.say(language));
            self.line(name, paper.form.as_str(), usize::from(paper.quantity), language)
        });
        let brought = recorded.is_none() && self.dossier.channel.by_staff();
        // One that is there no more does not count.
        let counts = |document: &&Document| {
            document.stored_at.is_some()
                && document.requirement.as_deref() == document.counts_as()
                && !self.is_superseded(document)
        };
        let told = |document: &&Document| {
            document.requirement.as_deref().is_some_and(|key| self.dossier.handed().any(|told| told == key))
        };
        let mut scanned: Vec<(&Document, usize)> = Vec::new();
        for document in self.documents.iter().filter(|document| counts(document) && !told(document)) {
            let same = |one: &Document| one.requirement.is_some() && one.requirement == document.requirement;
            match scanned.iter_mut().find(|(one, _)| same(one)) {
                Some((_, files)) => *files = files.saturating_add(1),
                None => scanned.push((document, 1)),
            }
        }
        let scanned = scanned.into_iter().map(|(document, files)| {
            match (document.requirement.as_deref().and_then(known), brought) {
                (Some(known), true) => {
                    let quantity = usize::from(known.quantity).max(files);
                    self.line(known.name.say(language), known.form.as_str(), quantity, language)
                }
                (Some(known), false) => self.line(known.name.say(language), "file", files, language),
                (None, _) => self.line(&document.name, "file", files, language),
            }
        });
        handed.chain(scanned).collect()
    }

    fn line(&self, name: &str, copy: &str, quantity: usize, language: Language) -> Value {
        let kind = self.word("copy", copy, language);
        json!({ "name": name, "kind": kind, "quantity": quantity.to_string() })
    }

    /// The same for a receipt: a form that was filled in online is the request, also without a file of it.
    fn received(&self, language: Language) -> Vec<Value> {
        let mut all = self.components(language);
        let given = self.documents.iter().filter_map(Document::counts_as).chain(self.dossier.handed());
        if !self.dossier.channel.by_staff() && !given.into_iter().any(|key| key == REQUEST) {
            let request = self.definition.requirements.iter().find(|each| each.key == REQUEST);
            let name = request.map_or(&self.definition.name, |request| &request.name);
            all.insert(0, self.line(name.say(language), "file", 1, language));
        }
        all
    }

    pub(super) fn receipt(&self, language: Language) -> Value {
        let clock = self.dossier.clock.as_ref();
        let limit = &self.definition.clocks.processing;
        // The time counts again from then.
        let supplied = self.dossier.supplements.last().and_then(|asked| asked.closed_at);
        let supplied = supplied.filter(|_| clock.is_some_and(|clock| clock.restarts > 0));
        let unit = self.word("limit", limit.limit.unit.as_str(), language);
        json!({
            "components": self.received(language),
            "missing_papers": self.missing(language),
            "sets": format!("{:02}", self.dossier.handed_over.as_ref().map_or(1, |handed| handed.sets)),
            "fee": match self.definition.filing_fee {
                0 => self.word("fee", "none", language),
                fee => amount(fee),
            },
            "time_limit": format!("{} {unit}", limit.limit.days),
            "time_limit_basis": self.bases(&limit.basis, language).first(),
            "supplied": supplied.map(moment),
            "due": clock.map(|clock| moment(clock.due_at)),
            "return_way": self.word("return_way", self.dossier.return_way.as_str(), language),
        })
    }
}
