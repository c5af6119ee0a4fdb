//! The desk as people see it: one table of tickets.

use super::LABEL;
use super::html::escape;
use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f5f6f8;color:#1d2733}\
main{max-width:72rem;margin:2rem auto;padding:0 1.5rem}h1{font-size:1.5rem;margin:0}\
.note{display:inline-block;margin:.5rem 0 1.5rem;padding:.2rem .7rem;border-radius:1rem;background:#fff3cd;color:#6b4e00;font-size:.85rem}\
table{width:100%;border-collapse:collapse;background:#fff;border-radius:.6rem;overflow:hidden;box-shadow:0 1px 4px #0002}\
th,td{padding:.7rem .9rem;text-align:left;vertical-align:top;border-bottom:1px solid #e6e9ee}th{font-size:.8rem;color:#5a6878;background:#fafbfc}\
tr:last-child td{border-bottom:0}.id{font-variant-numeric:tabular-nums;font-weight:600}.text{color:#4a5664;font-size:.9rem}\
.tag{display:inline-block;margin:0 .3rem .2rem 0;padding:0 .5rem;border-radius:.4rem;background:#eef1f5;font-size:.8rem}\
.p4{color:#b3261e;font-weight:600}.p3{color:#9a5b00;font-weight:600}.none{padding:2.5rem;text-align:center;color:#5a6878}";

/// The page; newest ticket first.
pub(super) fn page(tickets: &[Value]) -> String {
    let mut rows = String::new();
    for ticket in tickets.iter().rev() {
        row(&mut rows, ticket);
    }
    if rows.is_empty() {
        rows.push_str("<tr><td class=\"none\" colspan=\"6\">Todavía no hay tickets. Llama y reporta una tarjeta: aquí aparecerá el suyo.</td></tr>");
    }
    format!(
        "<!doctype html><html lang=\"es\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{LABEL}</title>\
         <style>{STYLE}</style></head><body><main><h1>{LABEL}</h1><p class=\"note\">No es Freshdesk: estos tickets solo existen en esta máquina</p>\
         <table><thead><tr><th>Ticket</th><th>Asunto</th><th>Prioridad</th><th>Estado</th><th>Etiquetas</th><th>Creado</th></tr></thead>\
         <tbody>{rows}</tbody></table></main></body></html>"
    )
}

fn row(rows: &mut String, ticket: &Value) {
    let text = |field: &str| escape(ticket[field].as_str().unwrap_or_default());
    let tags: String = ticket["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).fold(String::new(), |mut tags, tag| {
        let _ = write!(tags, "<span class=\"tag\">{}</span>", escape(tag));
        tags
    });
    let priority = ticket["priority"].as_u64().unwrap_or_default();
    let _ = write!(
        rows,
        "<tr><td class=\"id\">{}</td><td><strong>{}</strong><div class=\"text\">{}</div></td><td class=\"p{priority}\">{}</td><td>{}</td><td>{tags}</td><td>{}</td></tr>",
        ticket["id"].as_u64().unwrap_or_default(),
        text("subject"),
        text("description_text"),
        named(priority, &[(1, "Baja"), (2, "Media"), (3, "Alta"), (4, "Urgente")]),
        named(ticket["status"].as_u64().unwrap_or_default(), &[(2, "Abierto"), (3, "Pendiente"), (4, "Resuelto"), (5, "Cerrado")]),
        text("created_at"),
    );
}

fn named(number: u64, names: &[(u64, &'static str)]) -> &'static str {
    names.iter().find(|(known, _)| *known == number).map_or("Otro", |(_, name)| name)
}
