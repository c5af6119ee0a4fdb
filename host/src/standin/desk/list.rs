//! `GET /tickets`: filters, order, pages.
//!
//! Lives here: which tickets a list shows, and its `Link` to the next page.
//! Never here: a ticket's own fields.

use super::reply::{Reply, Wrong};
use super::routes::Asked;
use super::tickets::Tickets;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const KNOWN: [&str; 11] =
    ["filter", "requester_id", "email", "unique_external_id", "company_id", "updated_since", "order_by", "order_type", "include", "page", "per_page"];
const ORDERS: [&str; 4] = ["created_at", "due_by", "updated_at", "status"];

pub(super) fn list(asked: &Asked, tickets: &Tickets) -> Result<Reply, Reply> {
    let mut wrong: Vec<Wrong> = Vec::new();
    for (name, _) in asked.query() {
        if !KNOWN.contains(&name.as_str()) {
            wrong.push(Wrong::new(name, "invalid_field", "Unexpected/invalid field in request"));
        }
    }
    let page = number(asked, "page", 1, usize::MAX, &mut wrong);
    let per_page = number(asked, "per_page", 30, 100, &mut wrong);
    if page > 300 {
        wrong.push(Wrong::new("page", "invalid_value", "You cannot access tickets beyond the 300th page. Please provide a smaller page number."));
    }
    let order = one_of(asked, "order_by", &ORDERS, &mut wrong);
    let ascending = one_of(asked, "order_type", &["desc", "asc"], &mut wrong) == "asc";
    one_of(asked, "filter", &["", "new_and_my_open", "watching", "spam", "deleted"], &mut wrong);
    let since = asked.parameter("updated_since").map(|text| text.parse::<Timestamp>().or_else(|_| format!("{text}T00:00:00Z").parse()));
    if matches!(since, Some(Err(_))) {
        wrong.push(Wrong::new("updated_since", "invalid_date", "It should be in the 'combined date and time ISO8601' format"));
    }
    if !wrong.is_empty() {
        return Err(Reply::invalid(&wrong));
    }
    let moment = |ticket: &Value, field: &str| ticket[field].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let month_ago = Timestamp::now() - SignedDuration::from_hours(30 * 24);
    let recent = |ticket: &Value| match &since {
        Some(Ok(since)) => moment(ticket, "updated_at") >= Some(*since),
        Some(Err(_)) | None => moment(ticket, "created_at") >= Some(month_ago),
    };
    let mut found: Vec<Value> = tickets.matching(asked.parameter("filter") == Some("deleted"), &|name| asked.parameter(name).map(str::to_owned));
    found.retain(recent);
    // Tickets come in the order of their ids, which breaks ties of the same second.
    found.sort_by_key(|ticket| key(ticket, order));
    if !ascending {
        found.reverse();
    }
    let more = found.len() > page.saturating_mul(per_page);
    let includes = asked.includes();
    let shown: Vec<Value> = found.into_iter().skip((page - 1) * per_page).take(per_page).map(|ticket| tickets.row(ticket, &includes)).collect();
    let reply = Reply::json(200, shown.into());
    Ok(if more { reply.with("link", format!("<{}>; rel=\"next\"", next(asked, page, per_page))) } else { reply })
}

/// Times of ISO 8601 in UTC order as text; the status is one digit.
fn key(ticket: &Value, order: &str) -> (String, u64) {
    let value = &ticket[order];
    (value.as_str().map_or_else(|| value.to_string(), str::to_owned), ticket["id"].as_u64().unwrap_or_default())
}

fn next(asked: &Asked, page: usize, per_page: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked.query().iter().filter(|(name, _)| name != "page" && name != "per_page"));
    query.append_pair("page", &(page + 1).to_string()).append_pair("per_page", &per_page.to_string());
    format!("{}?{}", asked.address(), query.finish())
}

fn number(asked: &Asked, name: &str, default: usize, most: usize, wrong: &mut Vec<Wrong>) -> usize {
    let Some(text) = asked.parameter(name) else {
        return default;
    };
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => number,
        Ok(_) | Err(_) => {
            let limit = if most == usize::MAX { String::new() } else { format!(" and less than or equal to {most}") };
            wrong.push(Wrong::new(name, "invalid_value", format!("It should be a Positive Integer{limit}")));
            default
        }
    }
}

fn one_of<'a>(asked: &'a Asked, name: &str, known: &[&'a str], wrong: &mut Vec<Wrong>) -> &'a str {
    match asked.parameter(name) {
        None => known[0],
        Some(value) if known.contains(&value) => value,
        Some(_) => {
            wrong.push(Wrong::new(name, "invalid_value", format!("It should be one of these values: '{}'", known.join(",").trim_start_matches(','))));
            known[0]
        }
    }
}
