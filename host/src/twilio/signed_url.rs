//! The spellings of one URL that Twilio's signer may have signed.
//!
//! Lives here: ports there or not, `'` or `%27`, and the query that names a body's digest.
//! Never here: keys, digests, comparison.

/// A URL taken apart without normalising it: a parser would change `//`, `%2F` or `España`.
pub(super) struct SignedUrl<'a> {
    scheme: &'a str,
    userinfo: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> SignedUrl<'a> {
    /// Splits `url`; `None` if it has no `scheme://`. A fragment is not part of what is signed.
    pub(super) fn split(url: &'a str) -> Option<Self> {
        let url = url.split_once('#').map_or(url, |(before, _)| before);
        let (scheme, rest) = url.split_once("://")?;
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (userinfo, place) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let after_host = place.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match place[after_host..].find(':') {
            Some(colon) => (&place[..after_host + colon], Some(&place[after_host + colon + 1..])),
            None => (place, None),
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Some(Self { scheme, userinfo, host, port, path, query })
    }

    /// The same URL for a WebSocket: `https` becomes `wss`, `http` becomes `ws`.
    pub(super) fn upgraded(self) -> Self {
        let scheme = match self.scheme {
            "https" => "wss",
            "http" => "ws",
            other => other,
        };
        Self { scheme, ..self }
    }

    /// The same URL without its query.
    pub(super) fn without_query(&self) -> Self {
        Self { query: None, ..*self }
    }

    /// The query's pairs, decoded; of a key that comes twice only the first.
    pub(super) fn query_pairs(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (key, value) in form_urlencoded::parse(self.query.unwrap_or_default().as_bytes()) {
            if pairs.iter().all(|(known, _)| *known != key) {
                pairs.push((key.into_owned(), value.into_owned()));
            }
        }
        pairs
    }

    /// The digest of the body as the query names it (`bodySHA256`).
    pub(super) fn body_sha256(&self) -> Option<&'a str> {
        self.query?.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="))
    }

    /// Every spelling to try: first as given with the port removed, then with a port (the given
    /// one, or the scheme's), each with the query as it is, then with `'` and `%27` exchanged.
    pub(super) fn spellings(&self) -> Vec<String> {
        let usual = if matches!(self.scheme, "https" | "wss") { "443" } else { "80" };
        let mut queries = vec![self.query.map(str::to_owned)];
        if let Some(query) = self.query {
            for other in [query.replace('\'', "%27"), query.replace("%27", "'")] {
                if other != query {
                    queries.push(Some(other));
                }
            }
        }
        let mut spellings = Vec::with_capacity(queries.len() * 2);
        for query in &queries {
            for port in [None, Some(self.port.unwrap_or(usual))] {
                let mut url = format!("{}://{}{}", self.scheme, self.userinfo, self.host);
                if let Some(port) = port {
                    url.push(':');
                    url.push_str(port);
                }
                url.push_str(self.path);
                if let Some(query) = query {
                    url.push('?');
                    url.push_str(query);
                }
                spellings.push(url);
            }
        }
        spellings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, spellings: &[&str]) {
        assert_eq!(SignedUrl::split(url).map(|url| url.spellings()).unwrap_or_default(), spellings);
    }

    #[test]
    fn a_port_is_tried_without_and_with() {
        check("https://a.mx/p", &["https://a.mx/p", "https://a.mx:443/p"]);
        check("http://a.mx:5005/p", &["http://a.mx/p", "http://a.mx:5005/p"]);
    }

    #[test]
    fn ipv6_hosts_and_credentials_keep_their_colons() {
        check("https://u:p@[::1]:5005/p", &["https://u:p@[::1]/p", "https://u:p@[::1]:5005/p"]);
        check("https://[::1]/p", &["https://[::1]/p", "https://[::1]:443/p"]);
    }

    #[test]
    fn an_empty_path_a_bare_question_mark_and_a_fragment_are_told_apart() {
        check("https://a.mx?x=1", &["https://a.mx?x=1", "https://a.mx:443?x=1"]);
        check("https://a.mx/p?", &["https://a.mx/p?", "https://a.mx:443/p?"]);
        check("https://a.mx/p#rc=2", &["https://a.mx/p", "https://a.mx:443/p"]);
    }

    #[test]
    fn only_the_query_has_its_apostrophes_exchanged() {
        check("wss://a.mx/d'or?q='", &["wss://a.mx/d'or?q='", "wss://a.mx:443/d'or?q='", "wss://a.mx/d'or?q=%27", "wss://a.mx:443/d'or?q=%27"]);
    }

    #[test]
    fn what_is_no_url_has_no_spelling() {
        check("a.mx/p", &[]);
    }
}
