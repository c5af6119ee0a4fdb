//! Paths a plugin may ask for.
//!
//! Lives here: the alphabet of a path and its query, and the rules of a binding.
//! Never here: hosts and addresses. A plugin never writes a URL, only what comes after the base.

use crate::guard::{self, Guard};

/// The methods a rule may name.
pub(super) const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const LENGTH: usize = 2048;

/// Whether a method only reads.
pub fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

/// What may be asked of a binding: methods, a path, names in its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    methods: Vec<String>,
    path: Vec<Segment>,
    query: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Exactly(String),
    Any,
}

/// A rule that allows nothing sensible.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadRule {
    /// A method we do not send.
    #[error("`{0}` is no method; use GET, HEAD, POST, PUT, PATCH or DELETE, in capitals")]
    Method(String),
    /// A path outside the alphabet.
    #[error("`{0}` is no path; write `/tickets` or `/tickets/{{id}}`, with letters, digits, `-`, `_`, `.`, `~`")]
    Path(String),
}

impl Rule {
    /// A rule. `{name}` in the path stands for one segment; `query` lists the names a query may use.
    ///
    /// # Errors
    /// [`BadRule`] names the method or path that cannot be.
    pub fn new(methods: Vec<String>, path: &str, query: Vec<String>) -> Result<Self, BadRule> {
        if let Some(odd) = methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
            return Err(BadRule::Method(odd.clone()));
        }
        let bad = || BadRule::Path(path.to_owned());
        let segment = |text: &str| match text.strip_prefix('{').map(|rest| rest.strip_suffix('}')) {
            Some(Some(name)) if is_segment(name) => Ok(Segment::Any),
            None if is_segment(text) => Ok(Segment::Exactly(text.to_owned())),
            Some(_) | None => Err(bad()),
        };
        let path = path.strip_prefix('/').ok_or_else(bad)?.split('/').map(segment).collect::<Result<_, _>>()?;
        Ok(Self { methods, path, query })
    }

    /// The path as the operator wrote it, with `{}` for what stands for any segment.
    pub(super) fn pattern(&self) -> String {
        self.path
            .iter()
            .map(|segment| match segment {
                Segment::Exactly(text) => format!("/{text}"),
                Segment::Any => "/{}".to_owned(),
            })
            .collect()
    }

    /// Whether any method of this rule may change something.
    pub fn writes(&self) -> bool {
        self.methods.iter().any(|method| !is_safe(method))
    }

    /// Whether the rule covers a method, a path and the names in its query.
    pub(crate) fn allows(&self, method: &str, asked: &Checked<'_>) -> bool {
        let mut segments = asked.path.trim_start_matches('/').split('/');
        let path = self.path.iter().all(|rule| match (rule, segments.next()) {
            (Segment::Exactly(text), Some(segment)) => text == segment,
            (Segment::Any, Some(segment)) => !segment.is_empty(),
            (_, None) => false,
        });
        path && segments.next().is_none() && self.methods.iter().any(|known| known == method) && asked.query.iter().all(|name| self.query.contains(name))
    }
}

fn is_segment(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && text.bytes().all(is_unreserved)
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// A path and query within the alphabet.
#[derive(Debug)]
pub(crate) struct Checked<'a> {
    /// The path, from `/` to before `?`.
    pub(super) path: &'a str,
    /// The names of the query, decoded.
    pub(super) query: Vec<String>,
}

impl<'a> Checked<'a> {
    /// Checks what a plugin asks for. The path is plain segments without percent signs; the query may
    /// hold percent-encoded text without control characters.
    pub(crate) fn parse(asked: &'a str) -> Result<Self, String> {
        if !guard::stands(Guard::Alphabet) {
            return Ok(Self { path: asked, query: Vec::new() });
        }
        if asked.len() > LENGTH {
            return Err(format!("a path of more than {LENGTH} bytes"));
        }
        let (path, query) = asked.split_once('?').map_or((asked, None), |(path, query)| (path, Some(query)));
        let Some(rest) = path.strip_prefix('/') else {
            return Err("a path must begin with `/`".to_owned());
        };
        if !rest.split('/').all(is_segment) {
            return Err("a path is segments of letters, digits, `-`, `_`, `.`, `~`, none of them empty, `.` or `..`".to_owned());
        }
        let query = query.map_or(Ok(Vec::new()), names)?;
        Ok(Self { path, query })
    }
}

fn names(query: &str) -> Result<Vec<String>, String> {
    let plain = |byte: u8| is_unreserved(byte) || matches!(byte, b'=' | b'&' | b'%' | b'+' | b',' | b':');
    if query.is_empty() || !query.bytes().all(plain) {
        return Err("a query is `name=value` pairs, percent-encoded".to_owned());
    }
    let mut rest = query.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let pair = rest.get(at + 1..at + 3).filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        if pair.is_none() {
            return Err("a `%` in the query must be followed by two hexadecimal digits".to_owned());
        }
        rest = &rest[at + 3..];
    }
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    if pairs.iter().any(|(name, value)| name.is_empty() || name.chars().chain(value.chars()).any(|c| c.is_control() || c == '\u{fffd}')) {
        return Err("a query holds names and text, no control characters".to_owned());
    }
    Ok(pairs.into_iter().map(|(name, _)| name.into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_pass() {
        for good in ["/tickets", "/tickets/12", "/tickets?unique_external_id=100001&order_by=created_at", "/t?q=a%20b%40c", "/a.b/~c"] {
            assert!(Checked::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "tickets",
            "//host/x",
            "/..",
            "/a/../b",
            "/./a",
            "/a//b",
            "/a/",
            "/",
            "/%2e%2e/x",
            "/a%2fb",
            "/a@host",
            "/a b",
            "/a\r\nHost: x",
            "/a#b",
            "/a\\b",
            "https://evil/",
            "/a?b=@c",
            "/a?x=%0d%0aHost:y",
            "/a?x=%",
            "/a?x=%zz",
            "/a?x=%ff",
            "/a?",
            "/a?=b",
            "/a;b",
            "/é",
            "/a?x=#",
        ] {
            assert!(Checked::parse(bad).is_err(), "{bad}");
        }
        assert!(Checked::parse(&format!("/{}", "a".repeat(3000))).is_err());
    }

    #[test]
    fn a_rule_covers_its_methods_path_and_query_and_nothing_else() {
        let rule = Rule::new(vec!["GET".into()], "/tickets/{id}", vec!["include".into()]).unwrap();
        let allows = |method: &str, path: &str| rule.allows(method, &Checked::parse(path).unwrap());
        assert!(allows("GET", "/tickets/12"));
        assert!(allows("GET", "/tickets/12?include=stats"));
        assert!(!allows("DELETE", "/tickets/12"));
        assert!(!allows("get", "/tickets/12"));
        assert!(!allows("GET", "/tickets"));
        assert!(!allows("GET", "/tickets/12/notes"));
        assert!(!allows("GET", "/tickets/12?per_page=100"));
        assert!(!rule.writes());
    }

    #[test]
    fn a_rule_that_cannot_be_is_named() {
        assert_eq!(Rule::new(vec!["BREW".into()], "/a", vec![]), Err(BadRule::Method("BREW".into())));
        for path in ["tickets", "/{}", "/a*", "/..", "/a/{b"] {
            assert_eq!(Rule::new(vec!["GET".into()], path, vec![]), Err(BadRule::Path(path.into())), "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_passes_stays_below_its_base(path in "\\PC{0,60}") {
            let base = url::Url::parse("https://desk.example/api/v2").unwrap();
            if Checked::parse(&path).is_ok() {
                let url = url::Url::parse(&format!("{base}{path}")).unwrap();
                proptest::prop_assert_eq!(url.host_str(), Some("desk.example"));
                proptest::prop_assert!(url.path().starts_with("/api/v2/"));
            }
        }
    }
}
