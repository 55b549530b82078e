//! Papers: what may be sent in, judged by content and never by name, and what a name may look like.
//!
//! Pure checks over the first and last bytes; the streaming is in `app::documents`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error_code::ErrorCode;
use crate::ids::{DocumentId, DossierId};
use crate::person::is_safe_text;
use crate::words::words;

/// Longest name kept, in characters.
pub const NAME_MOST: usize = 200;

/// So many bytes from the start decide the kind; for office files also as many from the end.
pub const HEAD_BYTES: usize = 1024;
pub const TAIL_BYTES: usize = 256 * 1024;

words! {
    /// The kinds of file that are accepted, by media type.
    FileKind {
        Pdf => "application/pdf",
        Jpeg => "image/jpeg",
        Png => "image/png",
        Tiff => "image/tiff",
        Webp => "image/webp",
        Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Odt => "application/vnd.oasis.opendocument.text",
    }
}

words! {
    /// How far a paper has come.
    DocumentState {
        /// Named; its content is not here yet.
        Announced => "announced",
        /// The virus scanner has not answered; nobody can open it.
        Scanning => "scanning",
        Ready => "ready",
        /// The scanner found something; the content is gone.
        Infected => "infected",
        /// The scanner does not look at anything that large; the content is gone.
        Rejected => "rejected",
    }
}

words! {
    /// What the virus scanner said.
    Scan {
        /// No scanner is configured.
        Unscanned => "unscanned",
        Clean => "clean",
        Infected => "infected",
        /// More than the scanner takes.
        TooLarge => "too_large",
    }
}

/// A paper of a dossier, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Document {
    pub id: DocumentId,
    pub dossier: DossierId,
    /// Key of the required paper it is; none for other papers.
    pub requirement: Option<String>,
    pub name: String,
    pub state: DocumentState,
    /// By content, not by name.
    pub media_type: Option<FileKind>,
    pub size: Option<u64>,
    /// In hex.
    pub sha256: Option<String>,
    pub scan: Option<Scan>,
    pub created_at: DateTime<Utc>,
    pub stored_at: Option<DateTime<Utc>>,
}

impl Document {
    /// The required paper it stands for, when it is there. One still being scanned counts: it was brought.
    pub fn counts_as(&self) -> Option<&str> {
        let there = matches!(self.state, DocumentState::Ready | DocumentState::Scanning);
        self.requirement.as_deref().filter(|_| there)
    }

    /// The name to save it under: its ending fits the content, whatever the sender called it.
    pub fn download_name(&self) -> String {
        let Some(kind) = self.media_type else { return self.name.clone() };
        let ending = self.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        if ending.is_some_and(|ending| kind.endings().contains(&ending.as_str())) {
            self.name.clone()
        } else {
            let plain = kind.endings().first().copied().unwrap_or_default();
            format!("{}.{plain}", self.name)
        }
    }
}

impl FileKind {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Tiff => &["tif", "tiff"],
            Self::Webp => &["webp"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Odt => &["odt"],
        }
    }

    /// The kind of a file, by its first and its last bytes; they overlap in a short file.
    /// None for anything that is not accepted: office files with macros included.
    pub fn of(head: &[u8], tail: &[u8]) -> Option<Self> {
        if head.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
            return Some(Self::Jpeg);
        }
        if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if head.starts_with(b"II*\0") || head.starts_with(b"MM\0*") {
            return Some(Self::Tiff);
        }
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            return Some(Self::Webp);
        }
        if head.starts_with(b"PK\x03\x04") { Self::of_zip(head, tail) } else { None }
    }

    /// Office files are zip archives; the list of their parts is at the end.
    fn of_zip(head: &[u8], tail: &[u8]) -> Option<Self> {
        // The first entry of an OpenDocument file is `mimetype`, stored as it is.
        const ODT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.text";
        let parts = zip_parts(tail);
        let has = |part: &[u8]| parts.contains(&part);
        let macros =
            parts.iter().any(|part| part.ends_with(b"vbaProject.bin") || part.starts_with(b"Basic/"));
        if macros {
            None
        } else if head.get(30..30 + ODT.len()) == Some(ODT) && has(b"content.xml") {
            // What follows would name a template or a master document.
            (head.get(30 + ODT.len()).copied() != Some(b'-')).then_some(Self::Odt)
        } else if !has(b"[Content_Types].xml") {
            None
        } else if has(b"word/document.xml") {
            Some(Self::Docx)
        } else if has(b"xl/workbook.xml") {
            Some(Self::Xlsx)
        } else {
            None
        }
    }
}

/// Names in the central directory, as far as it lies in these last bytes.
fn zip_parts(tail: &[u8]) -> Vec<&[u8]> {
    const HEADER: usize = 46;
    let mut parts = Vec::new();
    let mut rest = tail;
    while let Some(at) = rest.windows(4).position(|four| four == b"PK\x01\x02") {
        let Some(entry) = rest.get(at..) else { break };
        let length = match entry.get(28..30) {
            Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
            _ => break,
        };
        let Some(name) = entry.get(HEADER..HEADER.saturating_add(length)) else { break };
        parts.push(name);
        rest = entry.get(HEADER.saturating_add(length)..).unwrap_or_default();
    }
    parts
}

/// Cleans a name given by a sender: folders before it are dropped, the rest stays as written.
///
/// # Errors
/// `FieldRequired` when nothing is left, `FieldTooLong`, `FieldInvalid` for control characters and
/// those that reorder or hide text.
pub fn clean_name(given: &str) -> Result<String, ErrorCode> {
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.is_empty() || name.chars().all(|c| c == '.') {
        return Err(ErrorCode::FieldRequired);
    }
    if name.chars().count() > NAME_MOST {
        return Err(ErrorCode::FieldTooLong);
    }
    if !is_safe_text(name) || name.contains(char::is_control) {
        return Err(ErrorCode::FieldInvalid);
    }
    Ok(name.to_owned())
}

/// A SHA-256 in hex, in lower case.
///
/// # Errors
/// `FieldFormat` when it is not 64 hex digits.
pub fn clean_sha256(given: &str) -> Result<String, ErrorCode> {
    if given.len() == 64 && given.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(given.to_ascii_lowercase())
    } else {
        Err(ErrorCode::FieldFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip as far as the check looks: local header of the first part, central directory.
    fn zip(first: &[u8], parts: &[&str]) -> Vec<u8> {
        let mut file = b"PK\x03\x04".to_vec();
        file.extend([0; 26]);
        file.extend(first);
        for part in parts {
            let mut header = b"PK\x01\x02".to_vec();
            header.extend([0; 42]);
            header[28] = u8::try_from(part.len()).unwrap();
            file.extend(header);
            file.extend(part.as_bytes());
        }
        file
    }

    fn kind(file: &[u8]) -> Option<FileKind> {
        FileKind::of(file, file)
    }

    #[test]
    fn content_decides_the_kind() {
        assert_eq!(kind(b"%PDF-1.7\n"), Some(FileKind::Pdf));
        assert_eq!(kind(&[0xFF, 0xD8, 0xFF, 0xE0]), Some(FileKind::Jpeg));
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n\0"), Some(FileKind::Png));
        assert_eq!(kind(b"II*\0"), Some(FileKind::Tiff));
        assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 "), Some(FileKind::Webp));
        for refused in [&b""[..], b"MZ\x90\0", b"\x7fELF", b"<html>", b"GIF89a", b"RIFF\0\0\0\0AVI "] {
            assert_eq!(kind(refused), None);
        }
    }

    #[test]
    fn a_zip_is_accepted_only_as_an_office_file_without_macros() {
        let types = "[Content_Types].xml";
        assert_eq!(
            kind(&zip(b"_rels/.rels", &["_rels/.rels", types, "word/document.xml"])),
            Some(FileKind::Docx)
        );
        assert_eq!(kind(&zip(b"", &[types, "xl/workbook.xml"])), Some(FileKind::Xlsx));
        assert_eq!(
            kind(&zip(b"mimetypeapplication/vnd.oasis.opendocument.textPK", &["mimetype", "content.xml"])),
            Some(FileKind::Odt)
        );
        assert_eq!(
            kind(&zip(
                b"mimetypeapplication/vnd.oasis.opendocument.text-templatePK",
                &["mimetype", "content.xml"]
            )),
            None
        );
        assert_eq!(kind(&zip(b"", &[types, "word/document.xml", "word/vbaProject.bin"])), None);
        assert_eq!(kind(&zip(b"", &["word/document.xml"])), None);
        assert_eq!(kind(&zip(b"", &["run.exe"])), None);
        assert_eq!(kind(&zip(b"", &[])), None);
    }

    #[test]
    fn names_lose_folders_and_refuse_tricks() {
        assert_eq!(clean_name("đơn yêu cầu.pdf"), Ok("đơn yêu cầu.pdf".to_owned()));
        assert_eq!(clean_name("../../etc/passwd"), Ok("passwd".to_owned()));
        assert_eq!(clean_name(r"C:\giấy tờ\bản án.pdf"), Ok("bản án.pdf".to_owned()));
        for empty in ["", " ", "..", "a/", "\\"] {
            assert_eq!(clean_name(empty), Err(ErrorCode::FieldRequired), "{empty:?}");
        }
        assert_eq!(clean_name("invoice\u{202E}fdp.exe"), Err(ErrorCode::FieldInvalid));
        assert_eq!(clean_name("a\nb.pdf"), Err(ErrorCode::FieldInvalid));
        assert_eq!(clean_name("a\0.pdf"), Err(ErrorCode::FieldInvalid));
        assert!(clean_name(&"ă".repeat(200)).is_ok());
        assert_eq!(clean_name(&"ă".repeat(201)), Err(ErrorCode::FieldTooLong));
    }

    #[test]
    fn a_download_is_named_by_its_content() {
        let mut document = Document {
            id: DocumentId(uuid::Uuid::nil()),
            dossier: DossierId(uuid::Uuid::nil()),
            requirement: None,
            name: "bản án.pdf".to_owned(),
            state: DocumentState::Ready,
            media_type: Some(FileKind::Pdf),
            size: Some(1),
            sha256: None,
            scan: None,
            created_at: DateTime::UNIX_EPOCH,
            stored_at: None,
        };
        assert_eq!(document.download_name(), "bản án.pdf");
        document.media_type = Some(FileKind::Png);
        assert_eq!(document.download_name(), "bản án.pdf.png");
        document.name = "ảnh.JPEG".to_owned();
        document.media_type = Some(FileKind::Jpeg);
        assert_eq!(document.download_name(), "ảnh.JPEG");
    }
}
