//! What of the contract the API tests saw. Runs after them (`cargo test` runs test programs by name)
//! and requires that every operation was answered, and every error code given, at least once.

use std::collections::BTreeSet;
use std::path::Path;

use motcua::domain::error_code::ErrorCode;

/// Codes that asking alone does not bring about: a bug, a database that is away, ten thousand
/// receipts in one day, a scanner that finds something (`papers` proves that one below HTTP).
const NOT_ASKED_FOR: [ErrorCode; 4] =
    [ErrorCode::Internal, ErrorCode::Unavailable, ErrorCode::DailySerialExhausted, ErrorCode::FileInfected];

#[test]
fn every_operation_and_every_error_code_was_seen() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract-seen");
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).expect("the API tests run first: make test") {
        for line in std::fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            seen.insert(line.to_owned());
        }
    }
    let words: BTreeSet<&str> = seen.iter().flat_map(|line| line.split(' ')).collect();
    let contract = serde_json::to_value(motcua::web::openapi::contract()).unwrap();
    let operations = contract
        .get("paths")
        .and_then(|paths| paths.as_object())
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation.get("operationId")?.as_str());
    let unseen: Vec<&str> = operations
        .chain(ErrorCode::ALL.iter().filter(|code| !NOT_ASKED_FOR.contains(code)).map(|code| code.as_str()))
        .filter(|word| !words.contains(word))
        .collect();
    assert!(unseen.is_empty(), "never seen: {unseen:?}");
}
