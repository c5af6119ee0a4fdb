//! The pages: the telephone, the stand-in desk, and what is said at a locked door.
//!
//! Lives here: which text goes into which page; everything put in is escaped.
//! Never here: looks and behaviour (`assets/`).

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::Admin;
use crate::standin::network::Posted;

pub(super) const FOREIGN_HOST: &str = "403: esta página solo contesta a 127.0.0.1, a localhost o a la dirección de CENTRALITA_ADMIN_BIND\n";
pub(super) const FOREIGN_ORIGIN: &str = "403: la petición viene de otra página\n";
const NO_DESK: &str = "404: aquí no hay mesa de tickets simulada; los tickets están en la mesa configurada\n";

/// For whom comes without the token.
pub(super) fn locked() -> String {
    "<!doctype html><html lang=\"es\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
     <title>Centralita: falta el token</title><h1>Falta el token</h1>\
     <p>Abre la dirección que imprimió <code>centralita dev</code> al arrancar: lleva el token de esta vez.</p></html>"
        .to_owned()
}

/// `/`: the telephone, and the call beside it.
pub(super) async fn phone(State(admin): State<Arc<Admin>>) -> Html<String> {
    let (label, tickets) = match admin.parts.desk {
        Some(_) => ("Teléfono simulado; mesa de tickets simulada", "<a id=\"to-desk\" href=\"/desk\">Tickets</a>"),
        None => ("Teléfono simulado", ""),
    };
    let page =
        include_str!("assets/phone.html").replace("{label}", label).replace("{tickets}", tickets).replace("{project}", &escape(&admin.parts.project_name));
    Html(page)
}

/// `/desk`: the stand-in's tickets, and the text messages that were sent to nobody. Its own page brings its style along; here it wears ours, as a file.
pub(super) async fn desk(State(admin): State<Arc<Admin>>) -> Response {
    let Some(desk) = &admin.parts.desk else {
        return (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], NO_DESK).into_response();
    };
    let page = desk.page();
    let styled = page.split_once("<style>").and_then(|(head, rest)| Some((head, rest.split_once("</style>")?.1)));
    let page =
        match styled {
            Some((head, rest)) => format!("{head}<link rel=\"stylesheet\" href=\"/assets/desk.css\"><link rel=\"icon\" href=\"/assets/icon.svg\">{rest}")
                .replacen("<main>", "<main><p class=\"back\"><a href=\"/\">← Teléfono</a></p>", 1),
            None => page,
        };
    let messages = admin.parts.network.as_ref().map(|network| messages(&network.messages())).unwrap_or_default();
    Html(page.replacen("</main>", &format!("{messages}</main>"), 1)).into_response()
}

/// The pretended network's text messages, newest first.
fn messages(taken: &[Posted]) -> String {
    let field = |message: &Posted, name: &str| escape(message.field(name).unwrap_or_default());
    let row = |message: &Posted| format!("<tr><td class=\"id\">{}</td><td>{}</td></tr>", field(message, "To"), field(message, "Body"));
    let rows: String = taken.iter().rev().map(row).collect();
    let none =
        if rows.is_empty() { "<tr><td class=\"none\" colspan=\"2\">Ninguno. Quien cuelga antes de oír su código lo recibe así.</td></tr>" } else { "" };
    format!(
        "<h2>Mensajes de texto simulados</h2><p class=\"note\">No se envían: solo existen en esta máquina</p>\
         <table id=\"messages\"><thead><tr><th>A</th><th>Texto</th></tr></thead><tbody>{rows}{none}</tbody></table>"
    )
}

/// `/metrics`.
pub(super) async fn metrics(State(admin): State<Arc<Admin>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], admin.parts.view.metrics())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('{', "&#123;")
}
