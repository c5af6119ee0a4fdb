//! JSON written as YAML.
//!
//! Lives here: which YAML value each JSON value is; the library writes it.
//! Never here: reading YAML (the engine does).

use saphyr::{Scalar, Yaml, YamlEmitter};
use serde_json::Value;

/// A YAML document.
pub(super) fn block(json: &Value) -> String {
    let mut out = String::new();
    // Writing into a text cannot fail.
    let _ = YamlEmitter::new(&mut out).dump(&node(json));
    out + "\n"
}

fn node(json: &Value) -> Yaml<'_> {
    match json {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(yes) => Yaml::Value(Scalar::Boolean(*yes)),
        Value::Number(number) => Yaml::Value(match number.as_i64() {
            Some(whole) => Scalar::Integer(whole),
            None => Scalar::FloatingPoint(number.as_f64().unwrap_or(f64::NAN).into()),
        }),
        Value::String(text) => string(text),
        Value::Array(items) => Yaml::Sequence(items.iter().map(node).collect()),
        Value::Object(map) => Yaml::Mapping(map.iter().map(|(key, value)| (string(key), node(value))).collect()),
    }
}

fn string(text: &str) -> Yaml<'_> {
    Yaml::Value(Scalar::String(text.into()))
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
