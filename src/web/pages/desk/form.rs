//! A form of the desk that is no act on a dossier: its fields, what was typed into them, what is wrong.
//! Every field is named `/form/field`, so that a page may carry many forms.

use chrono::NaiveDate;
use motcua_app::{Ctx, Error, Result};
use motcua_domain::error_code::{ErrorCode, FieldError};

use crate::pages::form::FieldView;
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;

/// One form.
#[derive(Debug, Clone)]
pub struct DeskForm {
    pub id: &'static str,
    /// Where it is sent.
    pub action: String,
    pub title: String,
    pub button: String,
    /// What it does, said before it is done.
    pub about: String,
    pub fields: Vec<FieldView>,
    /// Sent twice with the same content, it is done once; where doing it twice would matter.
    pub key: String,
    /// Stands in the way of the page until it is opened.
    pub folded: bool,
}

impl DeskForm {
    pub fn new(id: &'static str, action: impl Into<String>, title: &str, fields: Vec<FieldView>) -> Self {
        let fields = fields
            .into_iter()
            .map(|field| FieldView { name: format!("/{id}/{}", field.name), ..field })
            .collect();
        Self {
            id,
            action: action.into(),
            title: title.to_owned(),
            button: title.to_owned(),
            about: String::new(),
            key: String::new(),
            fields,
            folded: true,
        }
    }

    #[must_use]
    pub fn about(self, about: &str) -> Self {
        Self { about: about.to_owned(), ..self }
    }

    #[must_use]
    pub fn once(self, ctx: &Ctx) -> Self {
        Self { key: ctx.app.new_id::<uuid::Uuid>().to_string(), ..self }
    }

    #[must_use]
    pub fn unfolded(self) -> Self {
        Self { folded: false, ..self }
    }

    /// What was typed, put back; and what is wrong with it, at its field.
    pub fn refill(&mut self, f: &Frame, sent: &Submitted, error: &Error) {
        self.folded = false;
        for field in &mut self.fields {
            let typed: Vec<&str> = sent.all(&field.name).collect();
            for choice in &mut field.choices {
                choice.chosen = typed.contains(&choice.value.as_str());
            }
            typed.first().copied().unwrap_or_default().clone_into(&mut field.value);
            let name = field.name.rsplit('/').next();
            field.mistake = error
                .errors
                .iter()
                .find(|wrong| wrong.pointer.split('/').nth(1) == name)
                .map(|wrong| f.text(&wrong.text).to_owned());
        }
    }

    /// Where each mistake is, and what it is, for the summary on top.
    pub fn mistakes(&self, f: &Frame, error: &Error) -> Vec<(String, String)> {
        let at = |wrong: &FieldError| {
            let name = wrong.pointer.split('/').nth(1).unwrap_or_default();
            let field = self.fields.iter().find(|field| field.name.rsplit('/').next() == Some(name));
            field.map_or_else(|| format!("form-{}", self.id), FieldView::id)
        };
        let said = |wrong: &FieldError| {
            let name = wrong.pointer.split('/').nth(1).unwrap_or_default();
            let field = self.fields.iter().find(|field| field.name.rsplit('/').next() == Some(name));
            let label = field.map_or(self.title.as_str(), |field| field.label.as_str());
            format!("{label}: {}", f.text(&wrong.text))
        };
        error.errors.iter().map(|wrong| (at(wrong), said(wrong))).collect()
    }
}

/// What was typed into one form.
pub struct Typed<'a> {
    pub form: &'static str,
    pub sent: &'a Submitted,
}

impl Typed<'_> {
    fn name(&self, name: &str) -> String {
        format!("/{}/{name}", self.form)
    }

    pub fn given(&self, name: &str) -> Option<String> {
        self.sent.given(&self.name(name))
    }

    pub fn text(&self, name: &str) -> String {
        self.given(name).unwrap_or_default()
    }

    pub fn ticked(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    pub fn all(&self, name: &str) -> Vec<String> {
        self.sent.all(&self.name(name)).map(str::to_owned).collect()
    }

    /// One line each, empty ones left out.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = self.text(name);
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// A choice, or a text with a shape.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn read<T: std::str::FromStr>(&self, name: &str) -> Result<T> {
        self.text(name).parse().map_err(|_| Error::field(&format!("/{name}"), ErrorCode::FieldChoice))
    }

    /// A day as people write it; none when nothing was typed.
    ///
    /// # Errors
    /// When it is no day.
    pub fn day(&self, name: &str) -> Result<Option<NaiveDate>> {
        let Some(text) = self.given(name) else { return Ok(None) };
        let day = NaiveDate::parse_from_str(&text, "%d/%m/%Y");
        day.map(Some).map_err(|_| Error::field(&format!("/{name}"), ErrorCode::FieldFormat))
    }

    /// The same where a day must be given.
    ///
    /// # Errors
    /// When there is none, or it is no day.
    pub fn the_day(&self, name: &str) -> Result<NaiveDate> {
        self.day(name)?.ok_or_else(|| Error::field(&format!("/{name}"), ErrorCode::FieldRequired))
    }
}

/// All that is wrong with several parts at once, or all parts.
///
/// # Errors
/// Every wrong field, or the first failure that is none.
pub fn together<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(mut one), Err(other)) if !one.errors.is_empty() => {
            one.errors.extend(other.errors);
            Err(one)
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}
