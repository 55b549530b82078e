//! A few questions before filing, so that nobody fills in a form that is not his: each answer that
//! leads out says where to instead. Texts and their bases are data, dated like the rules they come
//! from. Nothing is kept of the answers, and no request is refused here: that is the agency's to do.

use std::collections::HashMap;
use std::sync::OnceLock;

use chrono::NaiveDate;
use motcua_domain::procedure::legal_basis::{Confidence, in_words};
use motcua_domain::procedure::{ProcedureKey, ProcedureVersion};
use motcua_domain::text::Text;
use serde::Deserialize;

use super::frame::Frame;

const TEXTS: &str = include_str!("eligibility.json");

/// Where somebody is sent instead.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub address: String,
    pub text: Text,
}

/// One question, answered `yes` or `no`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub key: String,
    pub ask: Text,
    leads_out: String,
    pub then: Text,
    /// Keys of the catalogue, or compact citations of what it does not use.
    basis: Vec<String>,
    pub link: Option<Link>,
    /// False where the law itself gives others no such right.
    go_on: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    procedure: ProcedureKey,
    from: NaiveDate,
    until: Option<NaiveDate>,
    questions: Vec<Question>,
}

fn all() -> &'static [Asked] {
    static ALL: OnceLock<Vec<Asked>> = OnceLock::new();
    // A test reads the same text: what cannot be read never gets here.
    ALL.get_or_init(|| serde_json::from_str(TEXTS).unwrap_or_default())
}

/// The questions of a procedure on a day; none is no reason to stop anybody.
pub fn questions(procedure: ProcedureKey, day: NaiveDate) -> &'static [Question] {
    let asked = all().iter().find(|each| {
        each.procedure == procedure && each.from <= day && each.until.is_none_or(|until| day <= until)
    });
    asked.map_or(&[], |asked| asked.questions.as_slice())
}

/// A question as it is shown, with what was answered before.
pub struct QuestionView {
    pub question: &'static Question,
    pub answer: Option<String>,
    /// Sent without an answer.
    pub missing: bool,
}

impl QuestionView {
    pub fn is(&self, answer: &str) -> bool {
        self.answer.as_deref() == Some(answer)
    }

    pub fn leads_out(&self) -> bool {
        self.is(&self.question.leads_out)
    }
}

/// The questions with the answers an address carries.
pub fn answered(
    questions: &'static [Question],
    given: &HashMap<String, String>,
) -> (Vec<QuestionView>, bool) {
    let begun =
        questions.iter().any(|question| given.contains_key(&question.key)) || given.contains_key("xem");
    let views = questions
        .iter()
        .map(|question| {
            let answer = given.get(&question.key).filter(|answer| matches!(answer.as_str(), "yes" | "no"));
            QuestionView { question, missing: begun && answer.is_none(), answer: answer.cloned() }
        })
        .collect();
    (views, begun)
}

/// True where one may file all the same and leave it to the agency.
pub fn may_go_on(views: &[QuestionView]) -> bool {
    views.iter().filter(|view| view.leads_out()).all(|view| view.question.go_on)
}

impl Question {
    /// Its basis in words, and whether all of it was read in its source.
    pub fn basis(&self, f: &Frame, definition: &ProcedureVersion) -> (String, bool) {
        let mut read = true;
        let said: Vec<String> = self
            .basis
            .iter()
            .map(|key| match definition.legal_basis.get(key) {
                Some(basis) => {
                    read &= basis.confidence == Confidence::Read;
                    f.cite(basis)
                }
                None => in_words(key, f.language),
            })
            .collect();
        (said.join("; "), read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::text::Language;

    #[test]
    fn every_procedure_asks_two_to_four_questions_on_every_day() {
        let read: Vec<Asked> = serde_json::from_str(TEXTS).unwrap();
        assert_eq!(read.len(), 10);
        for key in ProcedureKey::ALL {
            for day in ["2018-06-21", "2026-06-30", "2026-07-01", "2030-01-01"] {
                let asked = questions(*key, day.parse().unwrap());
                assert!((2..=4).contains(&asked.len()), "{key} {day}");
                for question in asked {
                    assert!(matches!(question.leads_out.as_str(), "yes" | "no"), "{}", question.key);
                    assert!(!question.basis.is_empty() && !question.then.en.is_empty());
                }
            }
        }
    }

    #[test]
    fn a_basis_that_is_no_key_is_a_citation() {
        for question in all().iter().flat_map(|asked| &asked.questions) {
            for cited in question.basis.iter().filter(|basis| basis.contains(' ')) {
                assert_ne!(in_words(cited, Language::Vi), *cited);
            }
        }
    }

    #[test]
    fn an_answer_that_leads_out_is_told_from_one_that_is_missing() {
        let asked = questions(ProcedureKey::OfficerReplacement, "2026-11-25".parse().unwrap());
        let given = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let (fresh, begun) = answered(asked, &given(&[]));
        assert!(!begun && fresh.iter().all(|view| !view.missing && !view.leads_out()));
        let (views, begun) = answered(asked, &given(&[("nguoi", "no")]));
        assert!(begun && views[0].leads_out() && views[1].missing && !may_go_on(&views));
        let (views, _) = answered(asked, &given(&[("nguoi", "yes"), ("ly-do", "no")]));
        assert!(views[1].leads_out() && may_go_on(&views));
    }
}
