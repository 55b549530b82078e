//! Every form, set with what it would say: the text a reader and a search engine get is a reviewed
//! snapshot, the file is sound, and a reader other than the one that made it agrees.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use motcua_domain::paper::{Form, Forms, PaperKind, Said};
use motcua_domain::text::Language;
use motcua_paper::{Printed, Sheet, print};
use serde_json::{Value, json};

use crate::drawn;

/// A paper as the office composes it, in both languages: `tests/api/composed.rs` writes them.
struct Sample {
    /// The kind; `_second` for another procedure.
    name: String,
    said: Value,
}

impl Sample {
    fn form<'a>(&self, forms: &'a Forms) -> &'a Form {
        let kind: PaperKind = self.name.trim_end_matches("_second").parse().unwrap();
        let date = &self.said["vi"]["date"];
        let day = format!("{}-{}-{}", date["year"], date["month"], date["day"]).parse().unwrap();
        forms.in_force(kind, day).unwrap()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/papers")
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// All there are, of the last year first.
fn samples() -> Vec<Sample> {
    let within = |folder: &Path| {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let years = within(&folder()).into_iter().rev().filter(|path| path.is_dir());
    let sample = |path: PathBuf| Sample {
        name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        said: read(&path),
    };
    years.flat_map(|year| within(&year)).map(sample).collect()
}

/// The newest of a kind.
fn newest(samples: &[Sample], kind: PaperKind) -> &Value {
    &samples.iter().find(|sample| sample.name == kind.as_str()).unwrap().said
}

/// What a paper says of its form, as it is composed.
fn form_said(forms: &Forms, form: &Form, language: &str) -> Value {
    let language = if language == "en" { Language::En } else { Language::Vi };
    let act = form.basis.iter().find_map(|key| forms.acts.get(key)).map(|act| act.say(language));
    json!({
        "number": form.number,
        "title": form.title.say(language),
        "basis": form.number.as_ref().and(act),
    })
}

/// A form with one of the samples of its kind and time.
struct Page<'a> {
    name: String,
    form: &'a Form,
    sample: &'a Value,
}

/// Every form of both regimes, each with every procedure there is a sample of.
fn every<'a>(forms: &'a Forms, samples: &'a [Sample]) -> Vec<Page<'a>> {
    let mut pages = Vec::new();
    for form in &forms.forms {
        let name = format!("{}_{}", form.key, form.series.as_deref().unwrap_or(&form.from.to_string()));
        for more in ["", "_second"] {
            let called = format!("{}{more}", form.key);
            let mut of_it =
                samples.iter().filter(|sample| sample.name == called && sample.form(forms) == form);
            if let Some(sample) = of_it.next() {
                let name = format!("{}{more}", name.replace('-', "_"));
                pages.push(Page { name, form, sample: &sample.said });
            }
            assert!(of_it.next().is_none(), "{called}: two for one form");
        }
    }
    pages
}

/// Does something with each, on as many threads as there are processors; answers in their order.
fn each<T: Sync, U: Send>(all: &[T], work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let next = AtomicUsize::new(0);
    let mut done: Vec<(usize, U)> = std::thread::scope(|scope| {
        let some = || {
            let mut mine = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(one) = all.get(at) else { return mine };
                mine.push((at, work(one)));
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let working: Vec<_> = (0..threads).map(|_| scope.spawn(some)).collect();
        working.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, one)| one).collect()
}

/// Signs that are no letters: a break nobody sees, which a search does not find over, and what was lost.
fn assert_readable(name: &str, text: &str) {
    for (sign, what) in [('\u{200b}', "a hidden break"), ('\u{fffd}', "a sign that was lost")] {
        let line = text.lines().find(|line| line.contains(sign));
        assert!(line.is_none(), "{name}: {what} in {line:?}");
    }
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

/// All of them in Vietnamese, in the same order: set once for all tests.
static PRINTED: LazyLock<Vec<Printed>> = LazyLock::new(|| {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    each(&every(&forms, &samples), |page| set(&forms, page.form, &page.sample["vi"]))
});

fn current(forms: &Forms, kind: PaperKind) -> &Form {
    forms.forms.iter().find(|form| form.key == kind && form.until.is_none()).unwrap()
}

/// Each kind with the longest values its fields take, in the order of the kinds.
static EXTREME: LazyLock<Vec<(Value, Printed)>> = LazyLock::new(|| {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let extreme = read(&folder().join("extreme.json"));
    each(PaperKind::ALL, |kind| {
        let said = stretched(newest(&samples, *kind)["vi"].clone(), extreme.as_object().unwrap());
        let printed = set(&forms, current(&forms, *kind), &said);
        (said, printed)
    })
});

/// Papers with the block of whoever seals them, as the office puts it into them.
const SEALED: [PaperKind; 2] = [PaperKind::Receipt, PaperKind::EnforcementDecision];

#[test]
fn every_form_says_and_shows_what_was_reviewed() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let pages = every(&forms, &samples);
    let all: Vec<(&Page<'_>, &Printed)> = pages.iter().zip(PRINTED.iter()).collect();
    let set_pages = each(&all, |(page, printed)| (text(printed), drawn::differing(&page.name, &printed.pdf)));
    let mut differ = Vec::new();
    for (page, (text, drawn)) in pages.iter().zip(&set_pages) {
        insta::assert_snapshot!(page.name.clone(), text);
        differ.extend(drawn.clone());
    }
    let mut names: Vec<String> = pages.iter().map(|page| page.name.clone()).collect();
    names.extend(PaperKind::ALL.iter().map(|kind| format!("{kind}_extreme")));
    names.extend(SEALED.iter().map(|kind| format!("{kind}_sealed")));
    differ.extend(drawn::left_over(&names));
    assert!(differ.is_empty(), "drawn otherwise than reviewed: {differ:#?}");
    for form in &forms.forms {
        assert!(pages.iter().any(|page| page.form == form), "{} from {}", form.key, form.from);
    }
    for (page, (text, _)) in pages.iter().zip(&set_pages) {
        assert_readable(&page.name, text);
    }
}

#[test]
fn samples_name_the_form_of_their_day() {
    let forms = crate::embedded().unwrap().forms;
    for sample in samples() {
        let form = sample.form(&forms);
        for language in ["vi", "en"] {
            let said = &sample.said[language]["form"];
            assert_eq!(&form_said(&forms, form, language), said, "{} {language}", sample.name);
        }
    }
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

        let said = newest(&samples, *kind)["vi"].clone();
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
    let pages = every(&forms, &samples);
    each(&pages, |page| {
        let text = text(&set(&forms, page.form, &page.sample["en"]));
        assert!(text.contains("Working translation"), "{}: {text}", page.name);
        assert_readable(&page.name, &text);
    });
}

/// Lays the longest values a field takes over those of a sample.
fn stretched(mut said: Value, extreme: &serde_json::Map<String, Value>) -> Value {
    let all = said.as_object_mut().unwrap();
    for (key, longest) in extreme {
        match (all.get_mut(key), longest) {
            (Some(Value::Object(known)), Value::Object(longest)) => known.extend(longest.clone()),
            (Some(known), longest) => *known = longest.clone(),
            (None, _) => {}
        }
    }
    for row in
        all.get_mut("register").and_then(|register| register["rows"].as_array_mut()).into_iter().flatten()
    {
        row["applicant"] = extreme["applicant"]["name"].clone();
        row["address"] = extreme["applicant"]["address"].clone();
    }
    said
}

#[test]
fn a_hundred_signs_of_a_name_forty_parties_and_twenty_figures_still_fit() {
    let forms = crate::embedded().unwrap().forms;
    let extreme = read(&folder().join("extreme.json"));
    let all: Vec<(&PaperKind, &(Value, Printed))> = PaperKind::ALL.iter().zip(EXTREME.iter()).collect();
    let differ = each(&all, |(kind, (said, printed))| {
        let form = current(&forms, **kind);
        let text = text(printed);
        // A name may go over a line or a page.
        let flat = |text: &str| text.split_whitespace().collect::<String>();
        let whole = flat(&text);
        // Some name the applicant alone.
        if said["parties"].is_array() && forms.templates[&form.template].contains("parties()") {
            for party in extreme["parties"].as_array().unwrap() {
                let last = party["name"].as_str().unwrap().split_whitespace().last().unwrap();
                assert!(whole.contains(last), "{kind}: {last} is missing");
            }
            assert!(printed.pages > 1, "{kind}");
        }
        let name = format!("{kind}_extreme");
        let mut differ = drawn::differing(&name, &printed.pdf);
        differ.extend(text.contains('\u{fffd}').then(|| format!("{name}: a sign was lost")));
        differ
    });
    let differ: Vec<String> = differ.into_iter().flatten().collect();
    assert!(differ.is_empty(), "drawn otherwise than reviewed: {differ:#?}");
}

#[test]
fn a_sealed_paper_shows_by_whom_and_when() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let mut differ = Vec::new();
    for kind in SEALED {
        let mut said = newest(&samples, kind)["vi"].clone();
        let word = |word| forms.word("seal", word, Language::Vi);
        let agency = said["agency"]["name"].as_str().unwrap().to_owned();
        said["seal"]["lines"] = json!([
            format!("{}: VĂN THƯ {}", word("by"), agency.to_uppercase()),
            format!("{}: {agency}", word("agency")),
            format!("{}: 23/11/2026 10:40:00 +07:00", word("at")),
        ]);
        let printed = set(&forms, current(&forms, kind), &said);
        let name = format!("{kind}_sealed");
        insta::assert_snapshot!(name.clone(), text(&printed));
        differ.extend(drawn::differing(&name, &printed.pdf));
    }
    assert!(differ.is_empty(), "drawn otherwise than reviewed: {differ:#?}");
}

/// A word where it stands: left, top, right, bottom.
type Placed = ([f64; 4], String);

/// The pages of a file, each with its size and its words.
fn placed(pdf: &[u8]) -> Vec<([f64; 2], Vec<Placed>)> {
    let page_or_word = |line: &str| {
        let mut parts = line.trim().split('"');
        let tag = parts.next().unwrap().to_owned();
        let figures: Vec<f64> = parts.by_ref().step_by(2).filter_map(|figure| figure.parse().ok()).collect();
        (tag, figures)
    };
    let mut pages = Vec::new();
    for line in reader("pdftotext", &["-bbox", "-", "-"], pdf).lines() {
        let (tag, figures) = page_or_word(line);
        if tag.starts_with("<page") {
            pages.push(([figures[0], figures[1]], Vec::new()));
        } else if tag.starts_with("<word") {
            let said = line.split_once('>').unwrap().1.trim_end_matches("</word>").to_owned();
            let at = [figures[0], figures[1], figures[2], figures[3]];
            pages.last_mut().unwrap().1.push((at, said));
        }
    }
    pages
}

/// Words that leave the text area, or stand on one another.
fn misplaced(name: &str, pdf: &[u8]) -> Vec<String> {
    const MILLIMETRE: f64 = 72.0 / 25.4;
    let mut wrong = Vec::new();
    for (([width, height], words), number) in placed(pdf).iter().zip(1..) {
        let (left, right) = match (width > height, width.max(*height) > 600.0) {
            (false, true) => (30.0, 15.0),
            (true, true) => (14.0, 12.0),
            (_, false) => (14.0, 11.0),
        };
        let (left, right) = (left * MILLIMETRE - 1.0, width - right * MILLIMETRE + 1.0);
        let (top, bottom) = (5.0 * MILLIMETRE, height - 5.0 * MILLIMETRE);
        for (index, (at, said)) in words.iter().enumerate() {
            if at[0] < left || at[2] > right || at[1] < top || at[3] > bottom {
                wrong.push(format!("{name} {number}: {said} leaves the page at {at:?}"));
            }
            for (other, also) in &words[index + 1..] {
                let over = |from: usize, to: usize| at[to].min(other[to]) - at[from].max(other[from]);
                // Boxes of lines set closely touch; letters do not.
                let low = (at[3] - at[1]).min(other[3] - other[1]) * 0.6;
                if over(0, 2) > 1.0 && over(1, 3) > low {
                    wrong.push(format!("{name} {number}: {said} stands on {also} at {at:?}"));
                }
            }
        }
    }
    wrong
}

#[test]
fn no_word_leaves_its_page_or_stands_on_another() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let pages = every(&forms, &samples);
    let usual = pages.iter().map(|page| page.name.clone()).zip(PRINTED.iter());
    let extreme = PaperKind::ALL.iter().map(|kind| format!("{kind}_extreme"));
    let extreme = extreme.zip(EXTREME.iter().map(|(_, printed)| printed));
    let all: Vec<(String, &Printed)> = usual.chain(extreme).collect();
    let wrong: Vec<String> =
        each(&all, |(name, printed)| misplaced(name, &printed.pdf)).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_sound_and_carry_their_fonts() {
    let forms = crate::embedded().unwrap().forms;
    let samples = samples();
    let folder = tempfile::tempdir().unwrap();
    let pages = every(&forms, &samples);
    let all: Vec<(&Page<'_>, &Printed)> = pages.iter().zip(PRINTED.iter()).collect();
    each(&all, |(page, printed)| {
        let name = &page.name;
        let file = folder.path().join(format!("{name}.pdf"));
        std::fs::write(&file, &printed.pdf).unwrap();
        let path = file.to_str().unwrap();
        reader("qpdf", &["--check", path], b"");
        let fonts = reader("pdffonts", &[path], b"");
        assert!(fonts.lines().count() > 2, "{name}: no fonts");
        for font in fonts.lines().skip(2) {
            let columns: Vec<&str> = font.split_whitespace().collect();
            // …, encoding, embedded, subset, unicode, object, generation.
            assert_eq!(columns[columns.len() - 5], "yes", "{name}: not embedded: {font}");
            assert_eq!(columns[columns.len() - 3], "yes", "{name}: cannot be searched: {font}");
            assert!(font.contains("LiberationSerif"), "{name}: another typeface: {font}");
        }
        let plain = String::from_utf8_lossy(&printed.pdf);
        for said in ["<pdfaid:part>2</pdfaid:part>", "/StructTreeRoot", "/Lang"] {
            assert!(plain.contains(said), "{name}: {said} is missing");
        }
    });
}
