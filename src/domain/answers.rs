//! Changing answers at a JSON pointer: what a page of the form, or an item of a supplement, does.

use serde_json::{Map, Value};

/// Puts a value at a pointer, making the objects and lists on the way. A list takes an entry it has,
/// or the next one. False when the way leads through something that can hold nothing.
pub fn set(answers: &mut Value, pointer: &str, value: Value) -> bool {
    let mut here = answers;
    let mut names = names(pointer).peekable();
    if names.peek().is_none() {
        return false;
    }
    while let Some(name) = names.next() {
        let next = names.peek().map(|next| next.parse::<usize>().is_ok());
        let made = || match next {
            Some(true) => Value::Array(Vec::new()),
            Some(false) => Value::Object(Map::new()),
            None => Value::Null,
        };
        here = match here {
            Value::Object(map) => map.entry(name).or_insert_with(made),
            Value::Array(list) => {
                let Ok(at) = name.parse::<usize>() else { return false };
                if at == list.len() {
                    list.push(made());
                }
                let Some(place) = list.get_mut(at) else { return false };
                place
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return false,
        };
    }
    *here = value;
    true
}

/// Takes the value at a pointer away, and objects that hold nothing any more.
pub fn remove(answers: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    match answers.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.remove(&unescape(last));
            if map.is_empty() && !parent.is_empty() {
                remove(answers, parent);
            }
        }
        Some(Value::Array(list)) => {
            if let Ok(at) = last.parse::<usize>()
                && at < list.len()
            {
                list.remove(at);
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

fn names(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(unescape)
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_finds_its_place_and_makes_the_way_there() {
        let mut answers = json!({});
        assert!(set(&mut answers, "/judgment/number", json!("45/2026")));
        assert_eq!(answers, json!({ "judgment": { "number": "45/2026" } }));
        answers["parties"] = json!([{ "role": "debtor" }]);
        assert!(set(&mut answers, "/parties/0/full_name", json!("Lê Văn Thành")));
        assert!(set(&mut answers, "/parties/1/full_name", json!("Trần Thị Bích")));
        assert_eq!(answers["parties"][1], json!({ "full_name": "Trần Thị Bích" }));
        assert!(set(&mut answers, "/assets/0/kind", json!("land")));
        assert_eq!(answers["assets"], json!([{ "kind": "land" }]));
        assert!(!set(&mut answers, "/parties/7/full_name", json!("?")));
        assert!(!set(&mut answers, "/parties/first", json!("?")));
        assert!(!set(&mut answers, "/judgment/number/0", json!("?")));
        assert!(!set(&mut answers, "", json!("?")));
    }

    #[test]
    fn what_is_removed_leaves_no_empty_shell() {
        let mut answers = json!({ "payment": { "bank": { "name": "A" } }, "note": "x" });
        remove(&mut answers, "/payment/bank/name");
        remove(&mut answers, "/nothing/here");
        assert_eq!(answers, json!({ "note": "x" }));
        let mut list = json!({ "claims": [1, 2, 3] });
        remove(&mut list, "/claims/1");
        assert_eq!(list, json!({ "claims": [1, 3] }));
    }
}
