//! Every form, set with what it would say: the text a reader and a search engine get is a reviewed
//! snapshot, the file is sound, and a reader other than the one that made it agrees.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use motcua_domain::paper::{Form, Forms, PaperKind, Said};
use motcua_paper::{Printed, Sheet, print};
use serde_json::{Value, json};

use crate::drawn;

fn samples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/papers");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    };
    std::fs::read_dir(folder).unwrap().map(read).collect()
}

/// What a form says in the sample of its kind, under its own number and name.
fn said(form: &Form, samples: &BTreeMap<String, Value>, language: &str) -> Value {
    let mut said = samples[form.key.as_str()].clone();
    let title = if language == "en" { &form.title.en } else { &form.title.vi };
    said["form"] = json!({ "number": form.number, "title": title, "basis": form.series });
    said["language"] = language.into();
    said
}

fn set(forms: &Forms, form: &Form, said: &Value) -> Printed {
    let code = fast_qr::QRBuilder::new("https://motcua.example/xac-thuc/K7QM-2F9D-XW").build().unwrap();
    let code = <fast_qr::convert::svg::SvgBuilder as Default>::default().to_str(&code);
    let data = said.to_string();
    let at = "2026-04-24T09:05:00+07:00".parse().unwrap();
    let sheet = Sheet {
        templates: &forms.templates,
        template: &form.template,
        data: &data,
        code: Some(&code),
        at,
        id: "K7QM-2F9D-XW",
    };
    print(&sheet).unwrap_or_else(|error| panic!("{} {:?}: {error}", form.key, form.series))
}

/// Runs a reader of PDF files (poppler-utils, qpdf: `.ci/readers` puts them in place).
fn reader(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; .ci/readers installs it"));
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let answer = child.wait_with_output().unwrap();
    assert!(answer.status.success(), "{program}: {}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8(answer.stdout).unwrap()
}

fn text(printed: &Printed) -> String {
    let text = reader("pdftotext", &["-layout", "-", "-"], &printed.pdf);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Papers of an act, which every procedure has. Results belong to theirs; requests are spoken, and handed
/// to another agency, in the first procedure alone.
fn of_any_procedure(kind: PaperKind) -> bool {
    matches!(
        kind,
        PaperKind::Receipt
            | PaperKind::SupplementRequest
            | PaperKind::Refusal
            | PaperKind::Apology
            | PaperKind::StopNotice
            | PaperKind::ControlSlip
            | PaperKind::CoverSheet
            | PaperKind::FiledCopy
    )
}

#[test]
fn every_form_says_and_shows_what_was_reviewed() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let mut set_forms = 0;
    let mut differ = Vec::new();
    for form in &forms.forms {
        let name = format!("{}_{}", form.key, form.series.as_deref().unwrap_or(&form.from.to_string()));
        let name = name.replace('-', "_");
        let first = said(form, &samples, "vi");
        let printed = set(&forms, form, &first);
        insta::assert_snapshot!(name.clone(), text(&printed));
        differ.extend(drawn::differing(&name, &printed.pdf));
        set_forms += 1;
        if of_any_procedure(form.key) {
            let mut second = first;
            second.as_object_mut().unwrap().extend(samples["second_procedure"].as_object().unwrap().clone());
            let printed = set(&forms, form, &second);
            let name = format!("{name}_second");
            insta::assert_snapshot!(name.clone(), text(&printed));
            differ.extend(drawn::differing(&name, &printed.pdf));
        }
    }
    assert!(set_forms >= PaperKind::ALL.len(), "each kind of paper has a form");
    assert!(differ.is_empty(), "drawn otherwise than reviewed: {differ:#?}");
}

#[test]
fn the_form_of_the_day_is_taken_and_numbers_are_not_mixed_up() {
    let forms = crate::embedded().unwrap().forms;
    let on = |kind, day: &str| {
        let form = forms.in_force(kind, day.parse().unwrap()).unwrap();
        (form.series.clone().unwrap(), form.number.clone().unwrap())
    };
    let is = |series: &str, number: &str| (series.to_owned(), number.to_owned());
    assert_eq!(on(PaperKind::ControlSlip, "2025-06-30"), is("2018", "Mẫu số 05"));
    assert_eq!(on(PaperKind::ControlSlip, "2025-07-01"), is("2025", "Mẫu số 06"));
    assert_eq!(on(PaperKind::DossierRegister, "2025-06-30"), is("2018", "Mẫu số 06"));
    assert_eq!(on(PaperKind::StopNotice, "2025-07-01"), is("2025", "Mẫu số 05"));
}

#[test]
fn a_rewritten_paper_takes_its_place_and_is_read_without_telling_of_anybody() {
    let mut forms = crate::embedded().unwrap().forms;
    let day = "2035-07-01".parse().unwrap();
    let samples = samples();
    for kind in PaperKind::ALL {
        let former = forms.in_force(*kind, day).unwrap().clone();
        let template = format!("{}\n// Viết lại.\n", forms.templates[&former.template]);
        forms = forms.rewritten(*kind, day, &template).unwrap();
        let form = forms.in_force(*kind, day).unwrap().clone();
        assert_eq!(forms.templates[&form.template], template);
        assert_eq!(
            forms.in_force(*kind, day.pred_opt().unwrap()).map(|form| &form.template),
            Some(&former.template)
        );
        assert!(forms.rewritten(*kind, day, &template).is_none(), "{kind}: twice on one day");

        let said = said(&form, &samples, "vi");
        let masked = Said { vi: said.clone(), en: Value::Null, manifest: Some(String::new()) }.masked();
        assert_eq!(masked.manifest, None);
        let text = text(&set(&forms, &form, &masked.vi));
        let people = ["/applicant/name", "/applicant/identity", "/applicant/phone", "/applicant/address"];
        for told in people.iter().filter_map(|at| said.pointer(at)?.as_str()) {
            let first: String = told.split(' ').take(2).collect::<Vec<_>>().join(" ");
            assert!(!text.contains(&first), "{kind} tells {told}");
        }
    }
    assert_eq!(forms.lint(), Vec::<String>::new());
}

#[test]
fn a_working_translation_says_that_it_is_one() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    for form in forms.forms.iter().filter(|form| form.until.is_none()) {
        let text = text(&set(&forms, form, &said(form, &samples, "en")));
        assert!(text.contains("Working translation"), "{}: {text}", form.key);
    }
}

#[test]
fn a_hundred_signs_of_a_name_forty_parties_and_twenty_figures_still_fit() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let extreme = samples["extreme"].as_object().unwrap();
    for kind in [PaperKind::EnforcementDecision, PaperKind::Receipt, PaperKind::ResultConfirmation] {
        let form = forms.forms.iter().find(|form| form.key == kind && form.until.is_none()).unwrap();
        let mut said = said(form, &samples, "vi");
        said.as_object_mut().unwrap().extend(extreme.clone());
        let printed = set(&forms, form, &said);
        let flat: String = text(&printed).split_whitespace().collect::<Vec<_>>().join(" ");
        for party in extreme["parties"].as_array().unwrap().iter().filter(|_| kind != PaperKind::Receipt) {
            // A name may go over a line or a page.
            let last = party["name"].as_str().unwrap().split_whitespace().last().unwrap().to_owned();
            assert!(flat.contains(&last), "{kind}: {last} is missing");
        }
        assert!(printed.pages > 1 || kind == PaperKind::Receipt, "{kind}");
        let differ = drawn::differing(&format!("{kind}_extreme"), &printed.pdf);
        assert!(differ.is_empty(), "drawn otherwise than reviewed: {differ:#?}");
    }
}

#[test]
fn files_are_sound_and_carry_their_fonts() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let folder = tempfile::tempdir().unwrap();
    for form in forms.forms.iter().filter(|form| form.until.is_none()) {
        let printed = set(&forms, form, &said(form, &samples, "vi"));
        let file = folder.path().join(format!("{}.pdf", form.key));
        std::fs::write(&file, &printed.pdf).unwrap();
        let path = file.to_str().unwrap();
        reader("qpdf", &["--check", path], b"");
        let fonts = reader("pdffonts", &[path], b"");
        for font in fonts.lines().skip(2) {
            let columns: Vec<&str> = font.split_whitespace().collect();
            // …, encoding, embedded, subset, unicode, object, generation.
            assert_eq!(columns[columns.len() - 5], "yes", "{}: not embedded: {font}", form.key);
            assert!(font.contains("LiberationSerif"), "{}: another typeface: {font}", form.key);
        }
        assert!(
            String::from_utf8_lossy(&printed.pdf).contains("<pdfaid:part>2</pdfaid:part>"),
            "{}",
            form.key
        );
    }
}
