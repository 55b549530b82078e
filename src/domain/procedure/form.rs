//! The form: a JSON Schema checked as a whole, and a layout that says how to ask.
//!
//! All errors come back at once, each with its JSON pointer, a code and a sentence in both
//! languages. A `Checked` can only come from `Form::check`, so unchecked answers cannot be filed.

use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::requirement::Condition;
use crate::error_code::{ErrorCode, FieldError};
use crate::text::Text;
use crate::words::words;

/// More errors than this help nobody; the list is cut here.
const MOST_ERRORS: usize = 100;

words! {
    /// How a field is asked.
    Widget {
        Text => "text",
        LongText => "long_text",
        Date => "date",
        Choice => "choice",
        Choices => "choices",
        Money => "money",
        Number => "number",
        Checkbox => "checkbox",
        Email => "email",
        Phone => "phone",
        /// A list with add, change, remove.
        List => "list",
    }
}

/// One choice of a choice field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub value: String,
    pub label: Text,
}

/// One field of the layout. Fields of a list have pointers relative to its item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub pointer: String,
    pub label: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    pub widget: Widget,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Condition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    pub fields: Vec<Field>,
}

/// One page of the form: one thing asked at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub key: String,
    pub title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    pub fields: Vec<Field>,
}

/// Order, groups, labels and hints of the form.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Layout {
    pub pages: Vec<Page>,
}

impl Layout {
    /// The field of a pointer into the answers, also one in an entry of a list.
    pub fn find(&self, pointer: &str) -> Option<&Field> {
        let mut fields = self.pages.iter().flat_map(|page| &page.fields);
        fields.find_map(|field| {
            if field.pointer == pointer {
                return Some(field);
            }
            let (_, rest) = pointer.strip_prefix(&field.pointer)?.strip_prefix('/')?.split_once('/')?;
            field.fields.iter().find(|inner| inner.pointer.trim_start_matches('/') == rest)
        })
    }
}

/// A compiled form schema.
#[derive(Debug)]
pub struct Form {
    validator: Validator,
}

/// Answers that passed the form of one procedure version.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked(Value);

impl Checked {
    pub fn answers(&self) -> &Value {
        &self.0
    }

    pub fn into_answers(self) -> Value {
        self.0
    }
}

impl Form {
    /// # Errors
    /// When the schema itself is not valid JSON Schema.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .with_format("safe-text", crate::person::is_safe_text)
            .build(schema)
            .map_err(|error| error.to_string())?;
        Ok(Self { validator })
    }

    /// # Errors
    /// All field errors at once, by name of the field.
    pub fn check(&self, answers: Value) -> Result<Checked, Vec<FieldError>> {
        let mut errors: Vec<FieldError> = Vec::new();
        for error in self.validator.iter_errors(&answers) {
            for field_error in field_errors(&error) {
                if !errors.contains(&field_error) {
                    errors.push(field_error);
                }
            }
            if errors.len() >= MOST_ERRORS {
                break;
            }
        }
        if errors.is_empty() { Ok(Checked(answers)) } else { Err(errors) }
    }
}

fn field_errors(error: &jsonschema::ValidationError<'_>) -> Vec<FieldError> {
    let at = error.instance_path().to_string();
    let one = |code, text| vec![FieldError::new(at.clone(), code, text)];
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError::new(
                format!("{at}/{}", escape(name)),
                ErrorCode::FieldRequired,
                Text::new("Mục này bắt buộc phải khai.", "This field is required."),
            )]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|name| {
                FieldError::new(
                    format!("{at}/{}", escape(name)),
                    ErrorCode::FieldUnknown,
                    Text::new("Biểu mẫu không có mục này.", "The form has no such field."),
                )
            })
            .collect(),
        ValidationErrorKind::Type { kind } => {
            let (vi, en) = match kind {
                TypeKind::Single(kind) => type_name(&kind.to_string()),
                TypeKind::Multiple(_) => ("giá trị đúng kiểu", "a value of the right type"),
            };
            one(ErrorCode::FieldType, Text::new(format!("Cần nhập {vi}."), format!("This must be {en}.")))
        }
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => one(
            ErrorCode::FieldChoice,
            Text::new("Hãy chọn một trong các giá trị cho sẵn.", "Choose one of the given values."),
        ),
        ValidationErrorKind::Format { format } => one(ErrorCode::FieldFormat, format_text(format)),
        ValidationErrorKind::Pattern { .. } => one(
            ErrorCode::FieldFormat,
            Text::new(
                "Giá trị không đúng dạng quy định; xem phần hướng dẫn của mục này.",
                "The value does not have the required form; see the hint of this field.",
            ),
        ),
        ValidationErrorKind::MinLength { limit } if *limit <= 1 => one(
            ErrorCode::FieldRequired,
            Text::new("Mục này không được để trống.", "This field must not be empty."),
        ),
        ValidationErrorKind::MinLength { limit } => one(
            ErrorCode::FieldTooShort,
            Text::new(
                format!("Cần ít nhất {limit} ký tự."),
                format!("At least {limit} characters are needed."),
            ),
        ),
        ValidationErrorKind::MaxLength { limit } => one(
            ErrorCode::FieldTooLong,
            Text::new(format!("Tối đa {limit} ký tự."), format!("At most {limit} characters.")),
        ),
        ValidationErrorKind::MinItems { limit } => one(
            ErrorCode::FieldTooFew,
            Text::new(
                format!("Cần khai ít nhất {limit} mục."),
                format!("At least {limit} entries are needed."),
            ),
        ),
        ValidationErrorKind::MaxItems { limit } => one(
            ErrorCode::FieldTooMany,
            Text::new(format!("Tối đa {limit} mục."), format!("At most {limit} entries.")),
        ),
        ValidationErrorKind::UniqueItems => {
            one(ErrorCode::FieldDuplicate, Text::new("Có mục bị khai trùng.", "An entry is repeated."))
        }
        ValidationErrorKind::Minimum { limit } | ValidationErrorKind::ExclusiveMinimum { limit } => one(
            ErrorCode::FieldTooSmall,
            Text::new(format!("Giá trị nhỏ nhất là {limit}."), format!("The smallest value is {limit}.")),
        ),
        ValidationErrorKind::Maximum { limit } | ValidationErrorKind::ExclusiveMaximum { limit } => one(
            ErrorCode::FieldTooLarge,
            Text::new(format!("Giá trị lớn nhất là {limit}."), format!("The largest value is {limit}.")),
        ),
        // The rest of JSON Schema is not used by catalogue forms (the linter says so).
        _ => one(ErrorCode::FieldInvalid, Text::new("Giá trị không hợp lệ.", "The value is not valid.")),
    }
}

fn type_name(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "string" => ("chữ", "text"),
        "integer" => ("số nguyên", "a whole number"),
        "number" => ("số", "a number"),
        "boolean" => ("có hoặc không", "true or false"),
        "array" => ("một danh sách", "a list"),
        "object" => ("một nhóm mục", "an object"),
        _ => ("giá trị đúng kiểu", "a value of the right type"),
    }
}

fn format_text(format: &str) -> Text {
    match format {
        "date" => Text::new(
            "Ngày không có thật; nhập theo dạng năm-tháng-ngày, ví dụ 2026-03-31.",
            "No such date; write year-month-day, for example 2026-03-31.",
        ),
        "email" => Text::new("Địa chỉ thư điện tử không đúng.", "The e-mail address is not valid."),
        "safe-text" => Text::new(
            "Có ký tự ẩn hoặc ký tự điều khiển không được phép.",
            "It contains hidden or control characters that are not allowed.",
        ),
        _ => Text::new("Giá trị không đúng dạng quy định.", "The value does not have the required form."),
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
