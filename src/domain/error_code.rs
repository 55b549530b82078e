//! The table of public error codes: stable name, kind, and what to say in both languages.
//!
//! Codes are part of the contract. HTTP statuses are decided in `web::problem` alone.

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What kind of failure a code is; `web::problem` maps each kind to one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    WrongState,
    StaleVersion,
    TooLarge,
    WrongType,
    Invalid,
    MissingPrecondition,
    TooMany,
    Internal,
    Unavailable,
}

macro_rules! codes {
    ($($variant:ident $code:tt $kind:ident $vi:tt $en:tt;)+) => {
        /// A stable, public error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum ErrorCode {
            $(#[serde(rename = $code)] $variant,)+
        }

        impl ErrorCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind),+ }
            }

            /// What to tell the caller when nothing more exact is known.
            pub fn text(self) -> Text {
                match self { $(Self::$variant => Text::new($vi, $en)),+ }
            }
        }
    };
}

codes! {
    MalformedBody "malformed_body" Malformed "Nội dung gửi lên không đọc được: không đúng định dạng JSON hoặc có mục lạ." "The body cannot be read: it is not valid JSON or has unknown fields.";
    MalformedParameter "malformed_parameter" Malformed "Tham số trong địa chỉ không hợp lệ." "A parameter in the address is not valid.";
    MalformedHeader "malformed_header" Malformed "Một tiêu đề của yêu cầu không hợp lệ." "A header of the request is not valid.";
    NotSignedIn "not_signed_in" Unauthenticated "Bạn cần đăng nhập để dùng chức năng này." "Sign in to use this.";
    SignInFailed "sign_in_failed" Unauthenticated "Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng." "The name, password or code is wrong.";
    TokenInvalid "token_invalid" Unauthenticated "Mã truy cập không hợp lệ hoặc đã hết hạn." "The access token is not valid or has expired.";
    MailNotVerified "mail_not_verified" Forbidden "Địa chỉ thư điện tử chưa được xác nhận." "The e-mail address has not been verified.";
    NotPermitted "not_permitted" Forbidden "Bạn không có quyền làm việc này." "You may not do this.";
    NotYourStep "not_your_step" Forbidden "Bước xử lý này do người khác phụ trách." "This step belongs to someone else.";
    FourEyes "four_eyes" Forbidden "Người đã dự thảo không được ký." "The person who drafted may not sign.";
    OutsideScope "outside_scope" Forbidden "Việc này ngoài phạm vi hợp đồng kết nối của bạn." "This is outside the scope of your contract.";
    NotFound "not_found" NotFound "Không tìm thấy." "Not found.";
    MethodNotAllowed "method_not_allowed" MethodNotAllowed "Địa chỉ này không nhận phương thức đó." "This address does not take that method.";
    ActNotAllowed "act_not_allowed" WrongState "Ở trạng thái hiện tại của hồ sơ, không thể làm việc này." "The dossier's present state does not allow this.";
    StepMismatch "step_mismatch" WrongState "Hồ sơ không còn ở bước này." "The dossier is no longer at this step.";
    AlreadyExtended "already_extended" WrongState "Hồ sơ đã được hẹn lại một lần; không được hẹn lại lần nữa." "The due date was already put off once; it cannot be put off again.";
    ExtensionTooLate "extension_too_late" WrongState "Phải xin lỗi và hẹn lại chậm nhất một ngày trước khi hết hạn." "The apology and new date must come at least one day before the time limit ends.";
    SupplementTooLate "supplement_too_late" WrongState "Đã quá thời hạn thông báo yêu cầu bổ sung." "The time for asking for a supplement has passed.";
    SecondSupplement "second_supplement" WrongState "Chỉ được yêu cầu bổ sung một lần ở giai đoạn này; lần nữa phải có lý do của lãnh đạo." "A supplement may be asked for once at this stage; a further round needs a leader's reason.";
    GuardFailed "guard_failed" WrongState "Chưa đủ điều kiện theo quy định để làm việc này." "A legal condition for this act is not met.";
    NothingDrafted "nothing_drafted" WrongState "Chưa có dự thảo kết quả." "There is no draft yet.";
    DraftOutdated "draft_outdated" WrongState "Sổ thụ lý đã thay đổi sau khi dự thảo: hãy dự thảo lại." "The register changed after the draft was made: draft again.";
    OfficerExcluded "officer_excluded" WrongState "Người được chọn không được xử lý hồ sơ này." "The chosen person may not handle this dossier.";
    OpinionsOpen "opinions_open" WrongState "Còn ý kiến của đơn vị khác chưa trả lời." "An opinion asked of another unit is still open.";
    OpinionClosed "opinion_closed" WrongState "Ý kiến này đã được trả lời." "This opinion has been answered already.";
    NotLapsed "not_lapsed" WrongState "Thời hạn của người nộp chưa hết." "The applicant's time has not run out.";
    AlreadyDone "already_done" WrongState "Việc này đã được làm." "This has been done already.";
    DailySerialExhausted "daily_serial_exhausted" WrongState "Sổ trong ngày đã hết số." "The day's serial numbers are used up.";
    StaleVersion "stale_version" StaleVersion "Hồ sơ đã được người khác thay đổi; hãy tải lại và thử lại." "Someone else changed it; reload and try again.";
    BodyTooLarge "body_too_large" TooLarge "Nội dung gửi lên quá lớn." "The body is too large.";
    FileTooLarge "file_too_large" TooLarge "Tệp quá lớn." "The file is too large.";
    WrongMediaType "wrong_media_type" WrongType "Kiểu nội dung không được hỗ trợ." "The content type is not supported.";
    FileKindRefused "file_kind_refused" WrongType "Loại tệp không được nhận; hãy gửi PDF, JPEG, PNG, TIFF, WebP, DOCX, XLSX hoặc ODT." "This kind of file is not accepted; send PDF, JPEG, PNG, TIFF, WebP, DOCX, XLSX or ODT.";
    FieldsInvalid "fields_invalid" Invalid "Có mục khai chưa đúng; xem danh sách lỗi." "Some fields are not right; see the list of errors.";
    FieldRequired "field_required" Invalid "Mục này bắt buộc phải khai." "This field is required.";
    FieldUnknown "field_unknown" Invalid "Biểu mẫu không có mục này." "The form has no such field.";
    FieldType "field_type" Invalid "Giá trị không đúng kiểu." "The value has the wrong type.";
    FieldFormat "field_format" Invalid "Giá trị không đúng dạng quy định." "The value does not have the required form.";
    FieldChoice "field_choice" Invalid "Hãy chọn một trong các giá trị cho sẵn." "Choose one of the given values.";
    FieldTooShort "field_too_short" Invalid "Giá trị quá ngắn." "The value is too short.";
    FieldTooLong "field_too_long" Invalid "Giá trị quá dài." "The value is too long.";
    FieldTooFew "field_too_few" Invalid "Danh sách có quá ít mục." "The list has too few entries.";
    FieldTooMany "field_too_many" Invalid "Danh sách có quá nhiều mục." "The list has too many entries.";
    FieldTooSmall "field_too_small" Invalid "Giá trị quá nhỏ." "The value is too small.";
    FieldTooLarge "field_too_large" Invalid "Giá trị quá lớn." "The value is too large.";
    FieldDuplicate "field_duplicate" Invalid "Có mục bị khai trùng." "An entry is repeated.";
    FieldInvalid "field_invalid" Invalid "Giá trị không hợp lệ." "The value is not valid.";
    UnknownReason "unknown_reason" Invalid "Không có mã lý do này trong thủ tục." "The procedure has no such reason code.";
    ProcedureNotInForce "procedure_not_in_force" Invalid "Thủ tục không có hiệu lực vào ngày này." "The procedure is not in force on this day.";
    FileEmpty "file_empty" Invalid "Tệp rỗng." "The file is empty.";
    FileInfected "file_infected" Invalid "Tệp có mã độc và đã bị loại bỏ." "The file is infected and was removed.";
    ChecksumMismatch "checksum_mismatch" Invalid "Tệp nhận được không khớp mã kiểm tra." "The received file does not match its checksum.";
    KeyReused "key_reused" Invalid "Khóa chống gửi trùng đã dùng cho một nội dung khác." "The idempotency key was used with another body.";
    LinkExpired "link_expired" Invalid "Liên kết đã hết hạn hoặc đã dùng." "The link has expired or was used.";
    IfMatchRequired "if_match_required" MissingPrecondition "Thiếu tiêu đề If-Match với phiên bản hiện tại." "The If-Match header with the current version is missing.";
    IdempotencyKeyRequired "idempotency_key_required" MissingPrecondition "Thiếu tiêu đề Idempotency-Key." "The Idempotency-Key header is missing.";
    TooManyRequests "too_many_requests" TooMany "Quá nhiều yêu cầu; hãy thử lại sau." "Too many requests; try again later.";
    Internal "internal" Internal "Có lỗi của hệ thống; chúng tôi đã ghi nhận. Không có gì bị mất." "Something went wrong on our side and was recorded. Nothing was lost.";
    Unavailable "unavailable" Unavailable "Hệ thống tạm thời bận; hãy thử lại sau giây lát." "The service is busy; try again in a moment.";
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with one field: JSON pointer, code, sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer into the body or the answers.
    pub pointer: String,
    pub code: ErrorCode,
    pub text: Text,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: ErrorCode, text: Text) -> Self {
        Self { pointer: pointer.into(), code, text }
    }

    /// With the code's own sentence.
    pub fn plain(pointer: impl Into<String>, code: ErrorCode) -> Self {
        Self::new(pointer, code, code.text())
    }
}

/// Why the rules say no to an act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Rejection {
    pub code: ErrorCode,
    /// More exact than the code's own text, when there is more to say.
    pub text: Text,
    /// Fields of the command that are wrong.
    pub errors: Vec<FieldError>,
    /// Legal basis, as cited.
    pub basis: Vec<String>,
}

impl Rejection {
    pub fn of(code: ErrorCode) -> Self {
        Self { code, text: code.text(), errors: Vec::new(), basis: Vec::new() }
    }

    pub fn saying(code: ErrorCode, text: Text) -> Self {
        Self { code, text, errors: Vec::new(), basis: Vec::new() }
    }

    pub fn field(error: FieldError) -> Self {
        Self { errors: vec![error], ..Self::of(ErrorCode::FieldsInvalid) }
    }

    #[must_use]
    pub fn citing(mut self, basis: Vec<String>) -> Self {
        self.basis = basis;
        self
    }
}
