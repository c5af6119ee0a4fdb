//! Bodies of the API: JSON of at most 64 KB, without what must never be stored.
//!
//! Lives here: reading them, and destroying card numbers in whatever they hold.
//! Never here: what they mean.

use super::refusal::Refusal;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::header;
use centralita_engine::Project;
use centralita_engine::answers::pan;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The largest body, in bytes.
const LARGEST: usize = 64 * 1024;

/// Reads a JSON body.
pub(super) async fn read<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Refusal> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|length| length > LARGEST) {
        return Err(Refusal::TooLarge);
    }
    let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|_| Refusal::TooLarge)?;
    // The parser's own message could repeat what the body holds.
    let wrong = |error: serde_json::Error| {
        Refusal::BadRequest(format!("the body is not the JSON this takes (line {}, column {}); see `docs/operating.md`", error.line(), error.column()))
    };
    serde_json::from_slice(&bytes).map_err(wrong)
}

/// Destroys card numbers, codes and PINs in every text of it.
pub(super) fn scrub(project: &Project, json: &mut Json) {
    match json {
        Json::String(text) => *text = pan::destroy(text, project.language()).text,
        Json::Array(items) => items.iter_mut().for_each(|item| scrub(project, item)),
        Json::Object(map) => map.values_mut().for_each(|value| scrub(project, value)),
        Json::Number(number) if number.to_string().len() >= 12 => {
            // A card number needs no quotes to be one.
            let text = number.to_string();
            let left = pan::destroy(&text, project.language());
            if left.found.is_some() {
                *json = left.text.into();
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
