//! JSON written as YAML.
//!
//! Lives here: maps and lists as blocks; every leaf stays JSON, which YAML 1.2 reads as it is.
//! Never here: reading YAML (the engine does).

use serde_json::Value;

/// A YAML document.
pub(super) fn block(json: &Value) -> String {
    let mut out = String::new();
    write(json, 0, &mut out);
    out
}

fn write(json: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match json {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                out.push_str(&indent);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                below(value, depth, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&indent);
                out.push('-');
                below(item, depth, out);
            }
        }
        leaf => {
            out.push_str(&indent);
            out.push_str(&leaf.to_string());
            out.push('\n');
        }
    }
}

fn below(value: &Value, depth: usize, out: &mut String) {
    let nested = value.as_object().is_some_and(|map| !map.is_empty()) || value.as_array().is_some_and(|items| !items.is_empty());
    if nested {
        out.push('\n');
        write(value, depth + 1, out);
    } else {
        out.push(' ');
        out.push_str(&value.to_string());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_engine::yaml::{Findings, read};

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let json = serde_json::json!({"a: b": ["x\ny", {"c": [], "d": {}, "e": null}, [1, true]], "f": "- no"});
        let mut mistakes = Vec::new();
        let mut findings = Findings::new("x.yml", &mut mistakes);
        let back = read(&block(&json), &mut findings).unwrap().to_json();
        let same = |json: &Value| serde_json::to_string(json).unwrap().replace("1.0", "1");
        assert_eq!(same(&back), same(&json));
    }
}
