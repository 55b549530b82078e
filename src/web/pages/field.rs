//! Fields that no catalogue describes, made where a page asks for them.

use motcua_domain::procedure::form::Widget;

use super::form::{ChoiceView, FieldView};

/// A list longer than this is a list to open, not radio buttons.
const FEW: usize = 6;

/// True for a field whose choices open as a list.
pub fn opens(field: &FieldView) -> bool {
    field.widget == Widget::Choice && field.choices.len() > FEW
}

pub fn option(value: impl ToString, label: impl Into<String>) -> ChoiceView {
    ChoiceView { value: value.to_string(), label: label.into(), chosen: false }
}

pub fn field(widget: Widget, name: &str, label: &str) -> FieldView {
    FieldView {
        name: name.to_owned(),
        label: label.to_owned(),
        hint: None,
        widget,
        value: String::new(),
        choices: Vec::new(),
        required: true,
        mistake: None,
        depends: None,
        shown: true,
        items: Vec::new(),
    }
}

pub fn optional(widget: Widget, name: &str, label: &str) -> FieldView {
    FieldView { required: false, ..field(widget, name, label) }
}

pub fn choice(name: &str, label: &str, choices: Vec<ChoiceView>) -> FieldView {
    FieldView { choices, ..field(Widget::Choice, name, label) }
}

/// One box to tick.
pub fn tick(name: &str, label: &str) -> FieldView {
    FieldView { choices: vec![option("true", label)], ..optional(Widget::Checkbox, name, label) }
}

pub fn hinted(field: FieldView, hint: &str) -> FieldView {
    FieldView { hint: Some(hint.to_owned()), ..field }
}

pub fn holding(field: FieldView, value: String) -> FieldView {
    FieldView { value, ..field }
}
