//! Every answer of every test is held against the contract, and noted as seen.
//!
//! What was seen (operation, status, error code) is written to `target/contract-seen`; the `seen`
//! test, which runs after this one, requires that nothing of the contract stayed unseen.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

pub struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, std::sync::Arc<Validator>>>,
}

pub static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract {
    document: serde_json::to_value(motcua::web::openapi::contract()).unwrap(),
    validators: Mutex::new(HashMap::new()),
});

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("contract-seen")
}

impl Contract {
    /// The template and the operation a request is for.
    fn operation(&self, method: &str, path: &str) -> Option<(String, &Value)> {
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let known: Vec<&str> = template.split('/').collect();
            known.len() == asked.len()
                && known.iter().zip(&asked).all(|(known, asked)| known.starts_with('{') || known == asked)
        };
        let mut found: Vec<_> = self.document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(template, _)| fits(template))
            .collect();
        // A fixed word is meant before a placeholder.
        found.sort_by_key(|(template, _)| template.matches('{').count());
        found.into_iter().find_map(|(template, item)| {
            item.get(method.to_lowercase()).map(|operation| (template.clone(), operation))
        })
    }

    /// Holds an answer against the contract.
    pub fn check(&self, method: &str, path: &str, status: u16, content_type: &str, body: &[u8]) {
        let Some((template, operation)) = self.operation(method, path) else {
            assert!(
                matches!(status, 404 | 405 | 429),
                "{method} {path} is not in the contract and answered {status}"
            );
            let problem: Value = serde_json::from_slice(body).unwrap_or_default();
            self.note("none", status, problem["code"].as_str().unwrap_or_default());
            return;
        };
        let id = operation["operationId"].as_str().unwrap();
        let media = content_type.split(';').next().unwrap_or_default();
        let answer = operation["responses"].get(status.to_string()).unwrap_or_else(|| {
            panic!(
                "{id} answered {status}, which the contract does not know: {}",
                String::from_utf8_lossy(body)
            )
        });
        let code = if media == "application/problem+json" {
            let problem: Value = serde_json::from_slice(body).unwrap();
            let fields = problem["errors"].as_array().into_iter().flatten();
            let codes: Vec<&str> =
                std::iter::once(&problem).chain(fields).filter_map(|each| each["code"].as_str()).collect();
            codes.join(" ")
        } else {
            String::new()
        };
        self.note(id, status, &code);
        let Some(content) = answer.get("content").and_then(|content| content.get(media)) else {
            assert!(body.is_empty(), "{id} {status} answered {media}, which the contract does not know");
            return;
        };
        if media.ends_with("json") {
            let key = format!("{template} {method} {status}");
            let validator = {
                let mut known = self.validators.lock().unwrap();
                known
                    .entry(key)
                    .or_insert_with(|| std::sync::Arc::new(self.compile(&content["schema"])))
                    .clone()
            };
            let value: Value = serde_json::from_slice(body).unwrap();
            let wrong: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{} at {}", error, error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{id} {status} does not fit the contract: {wrong:#?}\n{value:#}");
        }
    }

    fn compile(&self, schema: &Value) -> Validator {
        let mut root = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "components": self.document["components"] });
        root["allOf"] = json!([schema]);
        jsonschema::draft202012::options().build(&root).unwrap()
    }

    fn note(&self, operation: &str, status: u16, code: &str) {
        let folder = folder();
        std::fs::create_dir_all(&folder).unwrap();
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join(std::process::id().to_string()))
            .unwrap();
        file.write_all(format!("{operation} {status} {code}\n").as_bytes()).unwrap();
    }
}
