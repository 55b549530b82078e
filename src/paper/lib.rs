//! Papers: a template and its data become a PDF/A-2b file, tagged, with its fonts in it.
//!
//! The same template and data give the same bytes: nothing here reads a clock, a folder or the network.
//! A template sees the other templates of its set, its data as `/data.json` and a code as `/qr.svg`, and
//! nothing else. It must not be asked on a thread that serves requests: it computes for milliseconds.

mod press;
mod world;

pub use press::{Place, PressError, Printed, Sheet, bind, print};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn set(template: &str, data: &str) -> Result<Printed, PressError> {
        let templates = BTreeMap::from([("it.typ".to_owned(), template.to_owned())]);
        let at = "2026-11-25T09:00:00+07:00".parse().unwrap();
        print(&Sheet { templates: &templates, template: "it.typ", data, code: None, at, id: "x" })
    }

    const PLAIN: &str = r#"#set document(title: "Thử")
#set text(font: "Liberation Serif", lang: "vi", fallback: false)
#json("/data.json").name #box(width: 1cm)[]<signature>"#;

    #[test]
    fn the_same_data_gives_the_same_bytes_and_the_file_says_it_is_archival() {
        let one = set(PLAIN, r#"{ "name": "Ưỡn ngực: ắ ẳ ẵ ặ ộ ỡ ỷ" }"#).unwrap();
        assert_eq!(one, set(PLAIN, r#"{ "name": "Ưỡn ngực: ắ ẳ ẵ ặ ộ ỡ ỷ" }"#).unwrap());
        let file = String::from_utf8_lossy(&one.pdf);
        assert!(file.contains("<pdfaid:part>2</pdfaid:part>"), "PDF/A-2");
        assert!(file.contains("/Lang"), "its language is set");
        assert!(file.contains("/MarkInfo"), "it is tagged");
        let signature = one.signature.unwrap();
        assert_eq!((signature.page, one.pages), (0, 1));
        assert!(signature.y > 700.0, "{signature:?} is near the top");
    }

    #[test]
    fn papers_are_bound_page_by_page() {
        let sheet = |size: &str| {
            let text = format!(
                "#set page(paper: \"{size}\")\n#set text(font: \"Liberation Serif\")\nMột#pagebreak()Hai"
            );
            set(&text, "{}").unwrap().pdf
        };
        let bound = bind(vec![(sheet("a4"), 2), (sheet("a5"), 1)]).unwrap();
        assert_eq!(bound.pages, 3);
        assert!(bound.pdf.starts_with(b"%PDF"));
        assert!(bind(vec![(b"no paper".to_vec(), 1)]).is_err());
        assert!(bind(vec![(sheet("a4"), 3)]).is_err(), "there is no third page");
    }

    #[test]
    fn a_sign_the_typeface_has_not_does_not_stop_a_paper() {
        set(PLAIN, r#"{ "name": "Chợ 🐟 漢" }"#).unwrap();
    }

    #[test]
    fn a_mistake_of_a_template_is_told_with_its_line() {
        let PressError::Template(wrong) = set("#set text(lang: \"vi\")\n\n#nothing", "{}").unwrap_err()
        else {
            panic!("the name is right")
        };
        assert!(wrong[0].starts_with("it.typ 3: "), "{wrong:?}");
        assert!(set(r#"#read("/../Cargo.toml")"#, "{}").is_err(), "it sees nothing of the machine");
    }
}
