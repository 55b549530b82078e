//! Places in the answers that a form has: which JSON pointers its schema can hold.
//!
//! Reads what the linter lets a form use: objects, lists, `$defs` one level away. Entries of a list
//! are named by an index that is there, or by the next one.

use serde_json::Value;

/// The parts of a pointer, read back from their escaped form; none for what is no pointer.
fn parts(pointer: &str) -> Option<impl Iterator<Item = String>> {
    let parts = pointer.strip_prefix('/')?;
    Some(parts.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")))
}

/// An index as pointers write it: digits, without a zero in front.
fn index(part: &str) -> Option<usize> {
    let plain = part == "0" || (!part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit()));
    part.parse().ok().filter(|_| plain)
}

/// True when a form with this schema can hold something there, beside these answers.
pub fn exists(schema: &Value, answers: &Value, pointer: &str) -> bool {
    let Some(parts) = parts(pointer) else { return false };
    let (mut here, mut there) = (schema, Some(answers));
    for part in parts {
        let next = match resolve(schema, here).get("type").and_then(Value::as_str) {
            Some("object") => {
                there = there.and_then(|there| there.get(&part));
                resolve(schema, here).pointer("/properties").and_then(|fields| fields.get(&part))
            }
            Some("array") => {
                let list = resolve(schema, here);
                let held = there.and_then(Value::as_array);
                let most = list.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
                let fits = |at: &usize| {
                    *at <= held.map_or(0, Vec::len) && u64::try_from(*at).is_ok_and(|at| at < most)
                };
                let at = index(&part).filter(fits);
                there = at.and_then(|at| held?.get(at));
                at.and(list.get("items"))
            }
            Some(_) | None => None,
        };
        match next {
            Some(next) => here = next,
            None => return false,
        }
    }
    true
}

/// The part itself, or what it refers to.
fn resolve<'a>(schema: &'a Value, part: &'a Value) -> &'a Value {
    if part.get("properties").is_some() {
        return part;
    }
    part.get("$ref")
        .and_then(Value::as_str)
        .and_then(|to| schema.pointer(to.strip_prefix('#')?))
        .unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_is_what_the_schema_holds_beside_the_answers() {
        let schema = json!({
            "type": "object",
            "$defs": { "name": { "type": "string" }, "party": { "type": "object", "properties": { "a/b": { "$ref": "#/$defs/name" } } } },
            "properties": {
                "applicant": { "type": "object", "properties": { "phone": { "type": "string" } } },
                "parties": { "type": "array", "maxItems": 3, "items": { "$ref": "#/$defs/party" } },
            },
        });
        let answers = json!({ "parties": [{}, {}] });
        for there in
            ["/applicant", "/applicant/phone", "/parties", "/parties/0", "/parties/1/a~1b", "/parties/2/a~1b"]
        {
            assert!(exists(&schema, &answers, there), "{there}");
        }
        let full = json!({ "parties": [{}, {}, {}] });
        assert!(!exists(&schema, &full, "/parties/3"));
        assert!(exists(&schema, &json!({}), "/parties/0/a~1b"));
        for nowhere in [
            "",
            "applicant",
            "/",
            "/other",
            "/applicant/phone/0",
            "/applicant/",
            "/parties/3",
            "/parties/-",
            "/parties/00",
            "/parties/01",
            "/parties/+1",
            "/parties/x",
        ] {
            assert!(!exists(&schema, &answers, nowhere), "{nowhere}");
        }
    }
}
