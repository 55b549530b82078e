//! A table on its way into a file, row by row: XLSX in constant memory, or CSV that Excel reads as UTF-8.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::calendar::vietnam;
use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, RowNum, Workbook,
};

use crate::{Error, Result};

/// The longest text a cell of a workbook takes, in UTF-16 units.
const LONGEST: usize = 32_767;
const CUT: &str = "…";

/// One value, of the type it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(i32),
    Day(NaiveDate),
    Moment(DateTime<Utc>),
}

impl From<Option<DateTime<Utc>>> for Cell {
    fn from(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::Empty, Self::Moment)
    }
}

impl From<Option<NaiveDate>> for Cell {
    fn from(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Empty, Self::Day)
    }
}

impl From<Option<i32>> for Cell {
    fn from(number: Option<i32>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// What stands above the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub title: String,
    /// Lines under the title: agency, period, who asked and when.
    pub about: Vec<String>,
    /// Names of the columns, with their widths in characters.
    pub columns: Vec<(String, f64)>,
    /// Columns are numbered under their names, as in a book whose columns the law orders.
    pub numbered: bool,
    /// The moment it was asked for; the file says it as its own.
    pub at: DateTime<Utc>,
}

/// A table being written.
pub enum Table {
    Xlsx(Box<Sheet>),
    Csv(Box<csv::Writer<File>>),
}

/// A workbook of one sheet.
pub struct Sheet {
    book: Workbook,
    next: RowNum,
    text: Format,
    day: Format,
    moment: Format,
}

fn failed(error: &dyn std::error::Error) -> Error {
    Error::internal(format!("a table could not be written: {error}"))
}

fn column(at: usize) -> Result<ColNum> {
    ColNum::try_from(at).map_err(|error| failed(&error))
}

impl Table {
    /// A workbook.
    ///
    /// # Errors
    /// When it cannot be written; the same for all below.
    pub fn xlsx(head: &Head) -> Result<Self> {
        let xlsx = |error| failed(&error);
        let mut book = Workbook::new();
        let at = head.at.with_timezone(&vietnam());
        let made = ExcelDateTime::from_timestamp(at.timestamp()).map_err(xlsx)?;
        book.set_properties(&DocProperties::new().set_title(&head.title).set_creation_datetime(&made));
        let sheet = book.add_worksheet_with_constant_memory().map_err(xlsx)?;
        let bold = Format::new().set_bold();
        let name = bold
            .clone()
            .set_border(FormatBorder::Thin)
            .set_text_wrap()
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter);
        let mut next: RowNum = 0;
        for (at, (_, width)) in head.columns.iter().enumerate() {
            sheet.set_column_width(column(at)?, *width).map_err(xlsx)?;
        }
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.write_with_format(next, 0, &head.title, &bold.set_font_size(14)).map_err(xlsx)?;
        for line in &head.about {
            next = next.saturating_add(1);
            sheet.write(next, 0, line).map_err(xlsx)?;
        }
        next = next.saturating_add(2);
        let names = next;
        for (at, (text, _)) in head.columns.iter().enumerate() {
            sheet.write_with_format(next, column(at)?, text, &name).map_err(xlsx)?;
        }
        if head.numbered {
            next = next.saturating_add(1);
            for at in 0..head.columns.len() {
                let number = format!("({})", at.saturating_add(1));
                sheet.write_with_format(next, column(at)?, number, &name).map_err(xlsx)?;
            }
        }
        next = next.saturating_add(1);
        sheet.set_freeze_panes(next, 0).map_err(xlsx)?;
        sheet.set_repeat_rows(names, next.saturating_sub(1)).map_err(xlsx)?;
        let plain = Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        Ok(Self::Xlsx(Box::new(Sheet {
            book,
            next,
            text: plain.clone().set_text_wrap(),
            day: plain.clone().set_num_format("dd/mm/yyyy"),
            moment: plain.set_num_format("hh:mm dd/mm/yyyy"),
        })))
    }

    /// Comma-separated values with a mark that they are UTF-8. Names of columns stand in the first line, and
    /// nothing above them: other programs read it.
    ///
    /// # Errors
    /// When the file cannot be written; the same for all below.
    pub fn csv(head: &Head, mut file: File) -> Result<Self> {
        file.write_all("\u{feff}".as_bytes()).map_err(|error| failed(&error))?;
        let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
        rows.write_record(head.columns.iter().map(|(name, _)| name)).map_err(|error| failed(&error))?;
        Ok(Self::Csv(Box::new(rows)))
    }

    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match self {
            Self::Xlsx(sheet) => sheet.row(cells),
            Self::Csv(rows) => rows.write_record(cells.iter().map(plain)).map_err(|error| failed(&error)),
        }
    }

    /// Writes what is left to the file, and leaves it at its beginning. It must not be asked on a thread
    /// that serves.
    pub fn finish(self, mut file: File) -> Result<File> {
        match self {
            Self::Xlsx(mut sheet) => {
                sheet.book.save_to_writer(&mut file).map_err(|error| failed(&error))?;
            }
            Self::Csv(mut rows) => rows.flush().map_err(|error| failed(&error))?,
        }
        file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
        Ok(file)
    }
}

impl Sheet {
    fn row(&mut self, cells: &[Cell]) -> Result<()> {
        let xlsx = |error| failed(&error);
        let sheet = self.book.worksheet_from_index(0).map_err(xlsx)?;
        for (at, cell) in cells.iter().enumerate() {
            let (row, at) = (self.next, column(at)?);
            match cell {
                Cell::Empty => sheet.write_blank(row, at, &self.text),
                Cell::Text(text) => sheet.write_string_with_format(row, at, fitting(text), &self.text),
                Cell::Number(number) => sheet.write_number_with_format(row, at, *number, &self.text),
                Cell::Day(day) => sheet.write_date_with_format(row, at, day, &self.day),
                Cell::Moment(moment) => {
                    let local = moment.with_timezone(&vietnam()).naive_local();
                    sheet.write_datetime_with_format(row, at, local, &self.moment)
                }
            }
            .map_err(xlsx)?;
        }
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}

/// As much of a text as a cell takes; that it was cut is seen.
fn fitting(text: &str) -> String {
    let mut units = 0_usize;
    if text.encode_utf16().count() <= LONGEST {
        return text.to_owned();
    }
    let most = LONGEST.saturating_sub(CUT.encode_utf16().count());
    let kept: String = text
        .chars()
        .take_while(|c| {
            units = units.saturating_add(c.len_utf16());
            units <= most
        })
        .collect();
    kept + CUT
}

/// As CSV says it. A text that a spreadsheet would take for a formula is marked as text.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Day(day) => day.format("%d/%m/%Y").to_string(),
        Cell::Moment(at) => at.with_timezone(&vietnam()).format("%d/%m/%Y %H:%M").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn head() -> Head {
        Head {
            title: "Sổ theo dõi hồ sơ".to_owned(),
            about: vec!["Thi hành án dân sự".to_owned()],
            columns: vec![("STT".to_owned(), 6.0), ("Tên".to_owned(), 30.0), ("Nhận lúc".to_owned(), 18.0)],
            numbered: true,
            at: "2026-11-27T02:00:00Z".parse().unwrap(),
        }
    }

    fn row(number: i32) -> [Cell; 3] {
        let at = head().at;
        [Cell::Number(number), Cell::from(format!("Nguyễn Thị Ưỡn {number}")), Cell::Moment(at)]
    }

    fn written(mut table: Table, file: File, rows: i32) -> Vec<u8> {
        for number in 0..rows {
            table.row(&row(number)).unwrap();
        }
        let mut bytes = Vec::new();
        table.finish(file).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_same_rows_give_the_same_bytes() {
        let once = || written(Table::xlsx(&head()).unwrap(), tempfile::tempfile().unwrap(), 3);
        let bytes = once();
        assert!(bytes.starts_with(b"PK"), "it is a package");
        assert_eq!(bytes, once());
    }

    #[test]
    fn csv_is_marked_as_utf8_and_carries_no_formula() {
        let file = tempfile::tempfile().unwrap();
        let mut table = Table::csv(&head(), file.try_clone().unwrap()).unwrap();
        let at = Cell::Moment(head().at);
        table.row(&[Cell::Empty, Cell::from("=HYPERLINK(\"x\"), \"y\""), at]).unwrap();
        let mut text = String::new();
        table.finish(file).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(
            text,
            "\u{feff}STT,Tên,Nhận lúc\r\n,\"'=HYPERLINK(\"\"x\"\"), \"\"y\"\"\",27/11/2026 09:00\r\n"
        );
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_and_the_file_is_made() {
        let mut table = Table::xlsx(&head()).unwrap();
        table.row(&[Cell::from("ư".repeat(LONGEST + 1))]).unwrap();
        table.finish(tempfile::tempfile().unwrap()).unwrap();
        assert_eq!(fitting(&"ư".repeat(LONGEST)).chars().count(), LONGEST);
        let cut = fitting(&"ư".repeat(LONGEST + 1));
        assert!(cut.ends_with("ư…") && cut.chars().count() == LONGEST);
    }

    /// The most memory this process ever had, in megabytes.
    fn peak_mb() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024
    }

    #[test]
    fn a_hundred_thousand_rows_take_less_than_200_mb() {
        const ALONE: &str = "MOTCUA_TEST_ALONE";
        #[expect(clippy::disallowed_methods, reason = "says that this is the process alone")]
        let alone = std::env::var_os(ALONE).is_some();
        if alone {
            written(Table::xlsx(&head()).unwrap(), tempfile::tempfile().unwrap(), 100_000);
            println!("peak {} MB", peak_mb());
            assert!(peak_mb() < 200, "{} MB", peak_mb());
            return;
        }
        // In a process of its own: others run beside this test.
        let name = "exports::table::tests::a_hundred_thousand_rows_take_less_than_200_mb";
        let alone = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&alone.stdout);
        assert!(alone.status.success() && said.contains("1 passed"), "{said}");
    }
}
