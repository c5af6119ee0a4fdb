//! A statement of `plugins.yml` with its values, and the one spelling both databases take.
//!
//! Lives here: `:name` parameters → `$n`, and the casts only `PostgreSQL` knows.
//! Never here: who may run which statement (grants), running it (the dialect files).
//!
//! The spelling: `:name` is a parameter; a list is one parameter, read with `select value from json_each(:name)`;
//! whatever `PostgreSQL` must not take as text is cast right behind the parameter (`:noticed_at::timestamptz`,
//! `:ticket::bigint`), and `SQLite` is given the bare parameter. Values never become SQL.

use serde_json::Value;

use super::error::StoreError;

/// A named statement, ready to run.
#[derive(Clone)]
pub struct Bound {
    /// The operator's SQL, with `:name` parameters.
    pub sql: String,
    /// A value for each parameter: null, text, number, truth, or a list of texts. One the statement does not use is ignored.
    pub values: Vec<(String, Value)>,
    /// Rows allowed in the answer.
    pub cap: usize,
}

/// Which database a statement is put into words for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement in a database's own words: parameter `$n` is `names[n - 1]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) sql: String,
    pub(super) names: Vec<String>,
}

/// The parameters a statement names, each once, in order.
///
/// # Errors
/// [`StoreError::Statement`] when the statement cannot be read: an open quote, two statements, `$` or `?` placeholders.
pub fn parameters(sql: &str) -> Result<Vec<String>, StoreError> {
    translate(sql, Dialect::Postgres).map(|translated| translated.names)
}

impl Bound {
    /// The SQL and, in the order of its `$n`, the values.
    pub(super) fn put_into(&self, dialect: Dialect) -> Result<(String, Vec<&Value>), StoreError> {
        let Translated { sql, names } = translate(&self.sql, dialect)?;
        let value = |name: &String| {
            let found = self.values.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value).ok_or_else(|| bad(format!("parameter `:{name}` has no value; pass one (null is one)")))
        };
        let values = names.iter().map(value).collect::<Result<_, _>>()?;
        Ok((sql, values))
    }
}

/// A value as text, the only type `PostgreSQL` is given, so that a statement is always prepared with the same types.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(value.to_string()),
    }
}

pub(super) fn translate(sql: &str, dialect: Dialect) -> Result<Translated, StoreError> {
    let mut out = String::with_capacity(sql.len());
    let mut names: Vec<String> = Vec::new();
    let mut rest = sql;
    let mut ended = false;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '\'' => {
                if out.ends_with(['e', 'E']) && !ends_in_longer_word(&out) {
                    return Err(bad("`E'…'` strings are PostgreSQL's alone; write a plain '…' string".to_owned()));
                }
                quoted(rest, '\'')?
            }
            '"' => quoted(rest, '"')?,
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map(|end| end + 2).ok_or_else(|| bad("a comment is not closed; write `*/`".to_owned()))?,
            ':' if rest.starts_with("::") => 2,
            ':' => {
                let name = word(&rest[1..]);
                if name.is_empty() {
                    return Err(bad("`:` stands alone; write `:name`".to_owned()));
                }
                let place = names.iter().position(|known| known == name).unwrap_or_else(|| {
                    names.push(name.to_owned());
                    names.len() - 1
                });
                out.push_str(&format!("${}", place + 1));
                rest = &rest[1 + name.len()..];
                if dialect == Dialect::Sqlite
                    && let Some(cast) = rest.strip_prefix("::")
                {
                    rest = &cast[word(cast).len()..];
                }
                if ended {
                    return Err(two_statements());
                }
                continue;
            }
            '$' | '?' => {
                return Err(bad(format!("`{first}` is no parameter here; write `:name`")));
            }
            ';' => {
                ended = true;
                rest = &rest[1..];
                continue;
            }
            other => other.len_utf8(),
        };
        let comment = matches!(first, '-' | '/') && skipped > 1;
        if ended && !comment && !first.is_whitespace() {
            return Err(two_statements());
        }
        out.push_str(&rest[..skipped]);
        rest = &rest[skipped..];
    }
    if out.trim().is_empty() {
        return Err(bad("it is empty; write one statement".to_owned()));
    }
    Ok(Translated { sql: out, names })
}

fn bad(reason: String) -> StoreError {
    StoreError::Statement { reason }
}

fn two_statements() -> StoreError {
    bad("it holds more than one statement; name each by itself".to_owned())
}

/// Length of a quoted piece, its quotes included; a doubled quote inside stands for itself.
fn quoted(rest: &str, quote: char) -> Result<usize, StoreError> {
    let mut from = 1;
    loop {
        let end = rest[from..].find(quote).ok_or_else(|| bad(format!("a {quote} is not closed; write another")))?;
        from += end + 1;
        if !rest[from..].starts_with(quote) {
            return Ok(from);
        }
        from += 1;
    }
}

fn word(rest: &str) -> &str {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    if rest.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &rest[..end] }
}

fn ends_in_longer_word(out: &str) -> bool {
    out.chars().rev().nth(1).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, postgres: &str, sqlite: &str, names: &[&str]) {
        for (dialect, expected) in [(Dialect::Postgres, postgres), (Dialect::Sqlite, sqlite)] {
            let got = translate(sql, dialect).expect(sql);
            assert_eq!((got.sql.as_str(), got.names), (expected, names.iter().map(|name| (*name).to_owned()).collect()));
        }
    }

    #[track_caller]
    fn refused(sql: &str, because: &str) {
        let reason = parameters(sql).expect_err(sql).to_string();
        assert!(reason.contains(because), "{reason}");
    }

    #[test]
    fn parameters_are_numbered_once_each() {
        check("select :a, :b_2, :a", "select $1, $2, $1", "select $1, $2, $1", &["a", "b_2"]);
    }

    #[test]
    fn a_cast_behind_a_parameter_is_for_postgresql_alone() {
        check("values (:at::timestamptz, :n::bigint)", "values ($1::timestamptz, $2::bigint)", "values ($1, $2)", &["at", "n"]);
        check("select x::text where y = :y", "select x::text where y = $1", "select x::text where y = $1", &["y"]);
    }

    #[test]
    fn strings_names_and_comments_are_left_alone() {
        for sql in ["select ':a'", "select 'it''s :a'", "select \"a:b\"", "select 1 -- :a\n", "select /* :a; ' */ 1", "select 'a;b', 'niño :x'"] {
            check(sql, sql, sql, &[]);
        }
        check("select ':a', :b -- :c\n, :d", "select ':a', $1 -- :c\n, $2", "select ':a', $1 -- :c\n, $2", &["b", "d"]);
    }

    #[test]
    fn one_closing_semicolon_is_dropped_and_a_second_statement_refused() {
        check("select :a; -- done\n", "select $1 -- done\n", "select $1 -- done\n", &["a"]);
        refused("select 1; delete from cards", "more than one statement");
        refused("select 1; :a", "more than one statement");
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_would_be_right() {
        refused("select 'open", "not closed");
        refused("select \"open", "not closed");
        refused("select /* open", "not closed");
        refused("select $1", "write `:name`");
        refused("select ?", "write `:name`");
        refused("select : a", "stands alone");
        refused("select :1", "stands alone");
        refused("select e'\\' :a'", "write a plain");
        refused("  ;  ", "is empty");
        refused("select $$ :a $$", "write `:name`");
    }

    #[test]
    fn every_parameter_needs_a_value_and_null_is_one() {
        let bound = Bound { sql: "select :a, :b".to_owned(), values: vec![("a".to_owned(), Value::Null)], cap: 1 };
        assert!(bound.put_into(Dialect::Sqlite).is_err_and(|refused| refused.to_string().contains("`:b` has no value")));
    }
}
