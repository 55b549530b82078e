//! What the office composes for its papers, kept in `tests/papers` in a folder for each year of dossiers: the
//! forms are set and looked at with these samples.

use std::collections::BTreeMap;
use std::path::PathBuf;

use motcua::app::Clock;
use motcua::app::catalogue::install;
use motcua::domain::paper::{Forms, PaperKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::browser::unescape;
use super::server::TestServer;

/// Forms of what is printed on demand, whose data is kept nowhere: a template of this test writes it into the
/// description of the file, which stands there in the clear.
const ON_DEMAND: [PaperKind; 3] = [PaperKind::CoverSheet, PaperKind::ControlSlip, PaperKind::DossierRegister];
const TELLS_ITS_DATA: &str = r#"#let data = json("/data.json")
#set document(title: "said", description: json.encode(data, pretty: false))
#set text(font: "Liberation Serif", lang: "vi")
said"#;

const ADDRESS: &str = "https://motcua.example.vn";
const CHECK: &str = "K7QM-2F9D-XW";
const REFERENCE: &str = "YC-7H2K-94MN";
const MANIFEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Papers by the name of their sample, in both languages.
pub type Samples = BTreeMap<String, Value>;

pub fn forms() -> Forms {
    motcua::catalogue::embedded().unwrap().forms
}

/// From now on the papers printed on demand tell their data.
pub async fn tell_their_data(server: &TestServer) {
    let mut bundle = motcua::install::bundle().unwrap();
    let (_, content, hash) = bundle.parameters.iter_mut().find(|(name, ..)| *name == "forms").unwrap();
    let mut forms: Forms = serde_json::from_str(content).unwrap();
    forms.templates.insert("said.typ".to_owned(), TELLS_ITS_DATA.to_owned());
    for form in forms.forms.iter_mut().filter(|form| ON_DEMAND.contains(&form.key)) {
        form.template = "said.typ".to_owned();
    }
    *content = serde_json::to_string(&forms).unwrap();
    *hash = hex::encode(Sha256::digest(&*content));
    install(server.app().pool(), &Clock::Real, &bundle).await.unwrap();
    server.app().refresh_rules().await.unwrap();
}

/// What the template above wrote into the file.
pub fn told(pdf: &[u8]) -> Value {
    let file = String::from_utf8_lossy(pdf);
    let (_, rest) = file.split_once("<dc:description>").expect("a description");
    let (_, rest) = rest.split_once("<rdf:li").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let (text, _) = rest.split_once("</rdf:li>").unwrap();
    serde_json::from_str(&unescape(text)).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Values of this run alone, replaced by others of the same shape.
pub fn steady(server: &TestServer, mut said: Value) -> Value {
    let mut put = |at: &str, value: String| {
        if let Some(place) = said.pointer_mut(at).filter(|place| !place.is_null()) {
            *place = json!(value);
        }
    };
    put("/reference", REFERENCE.to_owned());
    put("/manifest", MANIFEST.to_owned());
    put("/check/url", format!("{ADDRESS}/xac-thuc/{CHECK}"));
    put("/check/code", CHECK.to_owned());
    let text = said.to_string().replace(&server.base(), ADDRESS);
    serde_json::from_str(&text).unwrap()
}

/// Where the kept samples of a year differ from these. `INSTA_UPDATE=always` keeps these instead.
pub fn differing(year: &str, samples: &Samples) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/papers").join(year);
    let anew = std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always");
    if anew {
        std::fs::create_dir_all(&folder).unwrap();
    }
    let mut differ = Vec::new();
    for (name, said) in samples {
        let path = folder.join(format!("{name}.json"));
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let now = format!("{}\n", serde_json::to_string_pretty(said).unwrap());
        if kept == now {
            continue;
        }
        if anew {
            std::fs::write(&path, now).unwrap();
            continue;
        }
        let changed = kept.lines().zip(now.lines()).find(|(kept, now)| kept != now);
        let (kept, now) = changed.unwrap_or(("(shorter or longer)", ""));
        differ.push(format!("{name}: kept {} is composed {}", kept.trim(), now.trim()));
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        match (samples.contains_key(name), anew) {
            (true, _) => {}
            (false, true) => std::fs::remove_file(&path).unwrap(),
            (false, false) => differ.push(format!("{name}: no paper is composed so")),
        }
    }
    differ
}
