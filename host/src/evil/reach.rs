//! Crimes that reach for another path, another header, another machine.

use super::crime::crime;
use crate::guard::Guard;
use centralita_engine::Ending::{Done, Failed, Refused};

#[tokio::test]
async fn a_path_is_spelled_in_its_alphabet() {
    // Behind the alphabet stand the rules, and behind those the look at the finished address.
    let behind: &[Guard] = &[Guard::Rules, Guard::Base];
    for (path, gets) in [
        ("/tickets/../../admin", "/admin"),
        ("/tickets/%2e%2e/%2e%2e/admin", "/admin"),
        ("/tickets/..", "/api/"),
        ("/tickets//1", "/api/tickets//1"),
        ("/tickets/1\\..\\2", "/api/tickets/2"),
        ("/tickets/1#fragment", "/api/tickets/1"),
        ("/tickets/1;admin", "/api/tickets/1;admin"),
        ("/tickets/\t1", "/api/tickets/1"),
        ("/tickets/1\r\nHost: evil", "/api/tickets/1Host:%20evil"),
    ] {
        crime("evil_send").told(path).others(behind).ends(Refused, "a path is segments").without(Guard::Alphabet).gets(gets).await;
    }
    for path in ["https://evil.test/tickets/1", "//evil.test/tickets/1"] {
        let word = if path.starts_with('/') { "a path is segments" } else { "begin with `/`" };
        crime("evil_send").told(path).others(behind).ends(Refused, word).without(Guard::Alphabet).gets("heard").await;
    }
}

#[tokio::test]
async fn what_stands_before_a_path_is_no_host() {
    // The user of another host, if the address is only put together.
    let behind: &[Guard] = &[Guard::Rules, Guard::Base];
    let host = "@localhost.evil.test/tickets/1";
    crime("evil_send").told(host).at("bare").others(behind).ends(Refused, "begin with `/`").without(Guard::Alphabet).gets("no connection").await;
}

#[tokio::test]
async fn a_path_is_one_that_a_rule_names() {
    crime("evil_send").told("/admin/users").ends(Refused, "no rule of binding").without(Guard::Rules).gets("/api/admin/users").await;
    crime("evil_send").told("/tickets/1?all=yes").ends(Refused, "no rule of binding").without(Guard::Rules).gets("heard").await;
    // With the alphabet gone, a rule still counts segments.
    let others: &[Guard] = &[Guard::Alphabet, Guard::Base];
    crime("evil_send").told("/tickets/../../admin").others(others).ends(Refused, "no rule of binding").without(Guard::Rules).gets("/admin").await;
}

#[tokio::test]
async fn a_finished_address_stays_below_its_base() {
    let others: &[Guard] = &[Guard::Alphabet, Guard::Rules];
    for (path, gets) in [("/tickets/../../admin", "/admin"), ("/tickets/%2e%2e/%2e%2e/admin", "/admin"), ("/\t/tickets/1", "/api//tickets/1")] {
        crime("evil_send").told(path).others(others).ends(Refused, "leaves the base URL").without(Guard::Base).gets(gets).await;
    }
    let host = "@localhost.evil.test/tickets/1";
    crime("evil_send").told(host).at("bare").others(others).ends(Refused, "leaves the base URL").without(Guard::Base).gets("no connection").await;
}

#[tokio::test]
async fn a_header_is_one_of_the_list() {
    let cookie = crime("evil_header").told("Cookie|session=stolen").ends(Refused, "does not send that header");
    cookie.without(Guard::Headers).gets("session=stolen").await;
    for told in ["Authorization|Basic eA==", "Host|evil.test", "Transfer-Encoding|chunked", "Proxy-Authorization|x", "X-Forwarded-For|10.0.0.1"] {
        crime("evil_header").told(told).ends(Refused, "does not send that header").always().await;
    }
    // A line's end in a value: behind the list stands the type of a header, which cannot hold one.
    crime("evil_header").told("x-request-id|1\r\nCookie: session=stolen").ends(Refused, "printable ASCII").always().await;
    crime("evil_header").told("x\r\nCookie|session=stolen").ends(Refused, "does not send that header").always().await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    crime("evil_send").told("/redirect").ends(Done, "307").without(Guard::Redirects).gets("metadata of the machine").await;
}

#[tokio::test]
async fn a_name_that_leads_inside_leads_nowhere() {
    // What comes off is the connection: there is nobody behind it who could prove a name.
    crime("evil_send").told("/latest").at("inside").ends(Refused, "loopback address").without(Guard::Addresses).gets("reached 1").await;
}

#[tokio::test]
async fn an_answer_has_a_size_and_a_type() {
    let larger = |release: &mut crate::release::Release| release.bindings.get_mut("desk").expect("a binding").max_response = 1 << 20;
    crime("evil_send").told("/giant").ends(Refused, "more than 2000 bytes").unless(larger).gets("xxxx").await;
    let any = |release: &mut crate::release::Release| release.bindings.get_mut("desk").expect("a binding").content_types.push("text/html".into());
    crime("evil_send").told("/html").ends(Refused, "content type").unless(any).gets("<h1>hello").await;
}

#[tokio::test]
async fn text_for_a_statement_is_never_sql() {
    crime("evil_sql").ends(Done, "0 rows").without(Guard::Bound).gets("2 rows").await;
}

#[tokio::test]
async fn ten_thousand_guesses_find_no_card() {
    let many = |release: &mut crate::release::Release| {
        let limits = super::hog::limits(release);
        (limits.statements, limits.host_calls) = (10_000, 10_000);
        (limits.cpu, limits.run) = (std::time::Duration::from_secs(100), std::time::Duration::from_secs(100));
    };
    // Five statements a run come first; behind them, digits are no token.
    crime("evil_guess").ends(Failed, "more statements").unless(many).gets("refused: 10000").await;
    crime("evil_guess").with(many).ends(Done, "known: ; refused: 10000").without(Guard::TokensOnly).gets("4521").await;
    crime("evil_guess_numbers").with(many).ends(Done, "known: ; refused: 100").without(Guard::TokensOnly).gets("4521").await;
}
