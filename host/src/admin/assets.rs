//! The files the pages load, built into the binary.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Name, content type, content.
const FILES: [(&str, &str, &str); 9] = [
    ("phone.css", STYLE, include_str!("assets/phone.css")),
    ("panel.css", STYLE, include_str!("assets/panel.css")),
    ("desk.css", STYLE, include_str!("assets/desk.css")),
    ("phone.js", SCRIPT, include_str!("assets/phone.js")),
    ("line.js", SCRIPT, include_str!("assets/line.js")),
    ("voice.js", SCRIPT, include_str!("assets/voice.js")),
    ("keypad.js", SCRIPT, include_str!("assets/keypad.js")),
    ("panel.js", SCRIPT, include_str!("assets/panel.js")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// `/assets/{name}`.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, media, content)) => ([(header::CONTENT_TYPE, *media)], *content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
