//! Lists people take away as files: which there are, as what, and how far one is.

use crate::words::words;

words! {
    /// What a list is of.
    ExportList {
        /// The register of dossiers, in the order of receipt. Law: C01V a.10 form 06; C03 form 07.
        Register => "register",
        /// Every dossier that was open in a period, and whether it was in time.
        Period => "period",
        /// A view of the queue.
        Queue => "queue",
        /// The receipts and slips of a day, one after the other, to print.
        DayPapers => "day_papers",
    }
}

words! {
    /// What a list is written as.
    ExportFormat {
        Xlsx => "xlsx",
        Csv => "csv",
        Pdf => "pdf",
    }
}

words! {
    /// How far it is.
    ExportState {
        Waiting => "waiting",
        Running => "running",
        Done => "done",
        Failed => "failed",
        Cancelled => "cancelled",
    }
}

impl ExportList {
    /// What it can be written as.
    pub fn formats(self) -> &'static [ExportFormat] {
        match self {
            Self::Register => &[ExportFormat::Xlsx, ExportFormat::Csv, ExportFormat::Pdf],
            Self::Period | Self::Queue => &[ExportFormat::Xlsx, ExportFormat::Csv],
            Self::DayPapers => &[ExportFormat::Pdf],
        }
    }
}

impl ExportState {
    /// Nothing more comes of it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

impl ExportFormat {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }
}
