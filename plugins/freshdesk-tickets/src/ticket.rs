//! The ticket an executive reads.
//!
//! Lives here: its subject, its HTML, its priority, as Freshdesk wants them.
//! Never here: real digits, names or numbers. Tokens stand in their place, and the host puts the values back
//! into the fields where the operator allows it.

use centralita_plugin::Row;
use serde_json::{Value, json};

const OPEN: u8 = 2;
const HIGH: u8 = 3;
const URGENT: u8 = 4;
const BY_PHONE: u8 = 3;

/// A reported card: the token of its last four digits, and its kind in Spanish.
pub(crate) struct Card {
    last4: String,
    kind: &'static str,
}

impl Card {
    /// Reads a row of `cards-of-request`.
    pub(crate) fn read(row: &Row) -> Self {
        let kind = match row.text("kind") {
            Some("debit") => "de débito",
            Some("credit") => "de crédito",
            Some("prepaid") => "prepagada",
            _ => "bancaria",
        };
        Self { last4: row.text("last4").unwrap_or("(sin dato)").to_owned(), kind }
    }

    fn spoken(&self) -> String {
        format!("tarjeta {} terminada en {}", self.kind, self.last4)
    }
}

/// Everything a ticket says. `client`, `name` and `phone` are tokens.
pub(crate) struct Report {
    pub(crate) client: String,
    pub(crate) name: String,
    pub(crate) cards: Vec<Card>,
    pub(crate) loss_kind: String,
    /// Day and time of the notice, as they were said to the caller.
    pub(crate) noticed: Option<(String, String)>,
    pub(crate) phone: Option<String>,
    pub(crate) call: Option<String>,
    pub(crate) code: String,
}

impl Report {
    /// The body of `POST /tickets`.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "unique_external_id": self.client,
            "name": self.name,
            "subject": self.subject(),
            "description": self.description(),
            "status": OPEN,
            "priority": if matches!(self.loss_kind.as_str(), "stolen" | "fraud") { URGENT } else { HIGH },
            "source": BY_PHONE,
            "type": "Incident",
            "tags": ["centralita", "bloqueo"],
        })
    }

    fn subject(&self) -> String {
        match self.cards.as_slice() {
            [card] => format!("Bloquear {} (folio {})", card.spoken(), self.code),
            cards => format!("Bloquear {} tarjetas (folio {})", cards.len(), self.code),
        }
    }

    fn description(&self) -> String {
        let reason = match self.loss_kind.as_str() {
            "stolen" => "robada",
            "lost" => "extraviada",
            "fraud" => "con cargos que el cliente no reconoce",
            _ => "sin precisar el motivo",
        };
        let noticed = self.noticed.as_ref().map_or_else(|| "sin dato".to_owned(), |(day, time)| format!("{day}, {time}"));
        let cards: String = self.cards.iter().map(|card| format!("<li>{}</li>", escaped(&card.spoken()))).collect();
        let facts = [
            ("Reportada como", reason),
            ("Aviso recibido", &noticed),
            ("Folio", &self.code),
            ("Número para devolver la llamada", self.phone.as_deref().unwrap_or("no identificado")),
            ("Llamada", self.call.as_deref().unwrap_or("sin dato")),
        ];
        let facts: String = facts.iter().map(|(name, text)| format!("<li>{name}: {}</li>", escaped(text))).collect();
        format!(
            "<p>El cliente reportó por teléfono y pide bloquear:</p><ul>{cards}</ul><ul>{facts}</ul>\
             <p>Las tarjetas todavía no están bloqueadas: un ejecutivo debe hacerlo.</p>"
        )
    }
}

/// Text that HTML shows as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
