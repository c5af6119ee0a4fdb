//! `bindings:` of `plugins.yml`: places requests may go to.
//!
//! Lives here: reading a binding, where values may be put into its requests, and the
//! [`egress::Binding`] once variables are known.
//! Never here: sending (`egress`), tokens (`values.rs`).

use super::base::Base;
use super::class::Class;
use super::once::Once;
use super::strict::{class, needed, only, whole};
use super::template::Template;
use crate::egress::{self, Auth, Rule, Secret};
use centralita_engine::yaml::{At, Findings, Node};
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

/// A binding as the operator wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct BindingSpec {
    /// The name plugins use.
    pub name: String,
    base: Base,
    auth: Option<AuthSpec>,
    /// How bodies leave as forms, where they do.
    form: Option<FormSpec>,
    /// Whether it is off, and no mistake, while its variables are not set.
    pub optional: bool,
    rules: Vec<Rule>,
    /// Where values may be put back, and which.
    pub places: Vec<Place>,
    /// How a request is recognised when it may have been executed.
    pub once: Option<Once>,
    /// Time for one request.
    pub timeout: Duration,
    /// Time for a run of an action that is granted this binding; longer than its own limit on purpose.
    pub run: Option<Duration>,
    /// Bytes of a request body, at most.
    pub max_request: usize,
    /// Bytes of an answer, at most.
    pub max_response: usize,
    content_types: Vec<String>,
    rate_per_hour: Option<NonZeroU32>,
    retries: u8,
}

/// A field of the request's JSON and the classes of values it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// JSON pointer; a `*` segment stands for any item.
    pub at: String,
    /// Allowed classes.
    pub classes: BTreeSet<Class>,
    /// Whether the field is HTML, so that values are escaped on their way in.
    pub html: bool,
    /// Whether it holds one such value and nothing else: no text of a plugin's own.
    pub only: bool,
}

/// Fields that a plugin may fill in, and those the host adds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FormSpec {
    fields: Vec<String>,
    added: Vec<(String, Template)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum AuthSpec {
    /// User and password; whether the password is a list while it is rotated, of which the first counts.
    Basic(Template, Template, bool),
    Bearer(Template),
}

/// A variable that is missing or wrong. Values of credentials are never shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// Nothing says where the binding leads, or with what credential.
    #[error("{variables} is not set; binding `{binding}` of plugins.yml needs it")]
    Missing {
        /// The binding.
        binding: String,
        /// The variables, any of which would do.
        variables: String,
    },
    /// The URL is not one a binding may have.
    #[error("{variable} is `{shown}`, but {what} (binding `{binding}` of plugins.yml)")]
    WrongUrl {
        /// The binding.
        binding: String,
        /// The variable.
        variable: String,
        /// What was read, without user and query.
        shown: String,
        /// What is wrong and what would be right.
        what: String,
    },
    /// A credential with characters no header may hold.
    #[error("{variable} holds {length} characters, some of which no header can carry; copy it again (binding `{binding}` of plugins.yml)")]
    WrongSecret {
        /// The binding.
        binding: String,
        /// The variable.
        variable: String,
        /// How long the value is.
        length: usize,
    },
}

const KEYS: [&str; 16] = [
    "base",
    "base_path",
    "auth",
    "form",
    "optional",
    "allow",
    "values",
    "once",
    "timeout_ms",
    "run_ms",
    "max_request",
    "max_response",
    "content_types",
    "rate_per_hour",
    "retries",
    "why",
];

impl BindingSpec {
    /// Whether one of its rules allows a request.
    pub(crate) fn allows(&self, method: &str, asked: &egress::Checked<'_>) -> bool {
        self.rules.iter().any(|rule| rule.allows(method, asked))
    }

    pub(super) fn read(name: &str, node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let what = format!("binding `{name}`");
        only(node, &what, &KEYS, findings);
        let base = needed(node, &what, "base", findings).map(|base| Base::read(base, node.get("base_path"), findings));
        let allow = needed(node, &what, "allow", findings);
        let rules: Vec<Rule> = allow.map(|allow| allow.items().iter().filter_map(|item| rule(item, findings)).collect()).unwrap_or_default();
        if let Some(allow) = allow.filter(|allow| allow.items().is_empty()) {
            findings.error(allow.at, format!("`allow` of {what} must list what may be asked, such as `- {{methods: [GET], path: /tickets}}`"));
        }
        let places = node.get("values").map(|values| values.items().iter().filter_map(|item| place(item, findings)).collect()).unwrap_or_default();
        let once = node.get("once").and_then(|once| Once::read(once, &rules, findings));
        let mut number =
            |key: &str, least, most, default| node.get(key).and_then(|node| whole(node, &format!("`{key}`"), least, most, findings)).unwrap_or(default);
        let timeout = Duration::from_millis(number("timeout_ms", 1, 12_000, 2500));
        let run = Some(number("run_ms", 0, 15_000, 0)).filter(|ms| *ms > 0).map(Duration::from_millis);
        let bytes = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let max_request = bytes(number("max_request", 0, 10 << 20, 64 << 10));
        let max_response = bytes(number("max_response", 0, 10 << 20, 256 << 10));
        let rate_per_hour = NonZeroU32::new(u32::try_from(number("rate_per_hour", 1, 1_000_000, 0)).unwrap_or(0));
        let retries = u8::try_from(number("retries", 0, 5, 1)).unwrap_or(0);
        if let (Some(run), Some(at)) = (run.filter(|run| *run < timeout), node.get("run_ms").map(|node| node.at)) {
            findings.error(at, format!("`run_ms` ({}) must not be shorter than `timeout_ms` ({})", run.as_millis(), timeout.as_millis()));
        }
        let content_types = node.get("content_types").map_or_else(|| vec!["application/json".to_owned()], |types| types.texts("`content_types`", findings));
        let auth = node.get("auth").and_then(|auth| AuthSpec::read(auth, findings));
        let form = node.get("form").and_then(|form| FormSpec::read(form, findings));
        if let (Some(_), Some(at)) = (&form, node.get("once").map(|once| once.at)) {
            findings.error(at, format!("{what} sends forms, and `once` needs a list in the body; take one of the two out"));
        }
        let optional = node.get("optional").and_then(|node| node.truth("`optional`", findings)).unwrap_or(false);
        let name = name.to_owned();
        let base = base?;
        Some(Self { name, base, auth, form, optional, rules, places, once, timeout, run, max_request, max_response, content_types, rate_per_hour, retries })
    }

    /// Whether a request of this binding may change anything.
    pub fn writes(&self) -> bool {
        self.rules.iter().any(Rule::writes)
    }

    /// The variables it needs: groups of which one must be set.
    pub fn variables(&self) -> Vec<Vec<&str>> {
        let secrets = self.auth.iter().flat_map(|auth| match auth {
            AuthSpec::Basic(user, password, _) => user.variables().chain(password.variables()).collect::<Vec<_>>(),
            AuthSpec::Bearer(token) => token.variables().collect(),
        });
        let fields = self.form.iter().flat_map(|form| &form.added).flat_map(|(_, value)| value.variables());
        Some(self.base.variables()).filter(|any| !any.is_empty()).into_iter().chain(secrets.chain(fields).map(|one| vec![one])).collect()
    }

    /// The binding with its variables filled in.
    ///
    /// # Errors
    /// [`VariableError`] names the variable, what was read (masked) and what would be right.
    pub fn resolve(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<egress::Binding, VariableError> {
        Ok(egress::Binding {
            name: self.name.clone(),
            base: self.base.resolve(&self.name, variable)?,
            auth: self.auth.as_ref().map(|auth| auth.resolve(&self.name, variable)).transpose()?,
            rules: self.rules.clone(),
            max_request: self.max_request,
            max_response: self.max_response,
            content_types: self.content_types.clone(),
            timeout: self.timeout,
            rate_per_hour: self.rate_per_hour,
            retries: self.retries,
            form: self.form.as_ref().map(|form| self.filled(form, variable)).transpose()?,
        })
    }

    fn filled(&self, form: &FormSpec, variable: &dyn Fn(&str) -> Option<String>) -> Result<egress::Form, VariableError> {
        let fill = |(name, value): &(String, Template)| {
            let missing = || VariableError::Missing { binding: self.name.clone(), variables: value.variables().collect::<Vec<_>>().join(" and ") };
            Ok((name.clone(), value.fill(variable).ok_or_else(missing)?))
        };
        Ok(egress::Form { fields: form.fields.clone(), added: form.added.iter().map(fill).collect::<Result<_, _>>()? })
    }
}

impl FormSpec {
    fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        only(node, "`form`", &["fields", "add"], findings);
        let fields = needed(node, "`form`", "fields", findings)?.texts("`fields`", findings);
        let mut added = Vec::new();
        for (name, value) in node.get("add").map(Node::pairs).unwrap_or_default() {
            let Some(text) = value.text("a field of `add`", findings) else { continue };
            if fields.contains(&name.text) {
                findings.error(name.at, format!("`{}` is filled in either by a plugin or by you", name.text));
            }
            match Template::parse(&text) {
                Ok(template) => added.push((name.text.clone(), template)),
                Err(what) => findings.error(value.at, what),
            }
        }
        Some(Self { fields, added })
    }
}

impl AuthSpec {
    fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        only(node, "`auth`", &["basic", "bearer"], findings);
        let auth = match (node.get("basic"), node.get("bearer")) {
            (Some(basic), None) => {
                only(basic, "`basic`", &["user", "password", "rotates"], findings);
                let rotates = basic.get("rotates").and_then(|node| node.truth("`rotates`", findings)).unwrap_or(false);
                let user = needed(basic, "`basic`", "user", findings).and_then(|node| template(node, findings));
                let password = needed(basic, "`basic`", "password", findings).and_then(|node| template(node, findings));
                Self::Basic(user?, password?, rotates)
            }
            (None, Some(bearer)) => Self::Bearer(template(bearer, findings)?),
            (Some(_), Some(_)) | (None, None) => {
                findings.error(node.at, "`auth` is either `basic` (user and password) or `bearer`");
                return None;
            }
        };
        let from_variable = match &auth {
            Self::Basic(user, password, _) => user.variables().chain(password.variables()).next().is_some(),
            Self::Bearer(token) => token.variables().next().is_some(),
        };
        if !from_variable {
            findings.error(node.at, "a credential does not stand in this file; write \"${VARIABLE}\" and set that variable");
        }
        Some(auth)
    }

    fn resolve(&self, binding: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Auth, VariableError> {
        let fill = |template: &Template, rotates: bool| {
            let name = || template.variables().next().unwrap_or_default().to_owned();
            let text = template.fill(variable).ok_or_else(|| VariableError::Missing { binding: binding.to_owned(), variables: name() })?;
            let text = if rotates { text.split(',').map(str::trim).find(|one| !one.is_empty()).unwrap_or_default().to_owned() } else { text };
            if !text.is_empty() && text.chars().all(|c| matches!(c, '!'..='~')) {
                Ok(Secret::new(text))
            } else {
                Err(VariableError::WrongSecret { binding: binding.to_owned(), variable: name(), length: text.chars().count() })
            }
        };
        Ok(match self {
            Self::Basic(user, password, rotates) => Auth::Basic { user: fill(user, false)?, password: fill(password, *rotates)? },
            Self::Bearer(token) => Auth::Bearer(fill(token, false)?),
        })
    }
}

fn template(node: &Node, findings: &mut Findings<'_>) -> Option<Template> {
    let text = node.text("a credential", findings)?;
    Template::parse(&text).map_err(|what| findings.error(node.at, what)).ok()
}

fn rule(node: &Node, findings: &mut Findings<'_>) -> Option<Rule> {
    only(node, "a rule of `allow`", &["methods", "path", "query"], findings);
    let methods = needed(node, "a rule of `allow`", "methods", findings)?.texts("`methods`", findings);
    let path = needed(node, "a rule of `allow`", "path", findings)?;
    let query = node.get("query").map(|query| query.texts("`query`", findings)).unwrap_or_default();
    Rule::new(methods, &path.text("`path`", findings)?, query).map_err(|error| findings.error(node.at, error.to_string())).ok()
}

fn place(node: &Node, findings: &mut Findings<'_>) -> Option<Place> {
    only(node, "an item of `values`", &["at", "classes", "as", "only"], findings);
    let at = needed(node, "an item of `values`", "at", findings)?;
    let pointer = at.text("`at`", findings)?;
    check_pointer(&pointer, at.at, findings);
    let classes = needed(node, "an item of `values`", "classes", findings)?;
    let classes: BTreeSet<Class> = match classes.items() {
        [] => class(classes, findings).into_iter().collect(),
        items => items.iter().filter_map(|item| class(item, findings)).collect(),
    };
    let html = match node.get("as").map(|node| (node.at, node.scalar())) {
        None => false,
        Some((_, Some(word))) if word == "html" || word == "text" => word == "html",
        Some((at, _)) => {
            findings.error(at, "`as` is `html` (values are escaped) or `text`");
            false
        }
    };
    let only = node.get("only").and_then(|node| node.truth("`only`", findings)).unwrap_or(false);
    Some(Place { at: pointer, classes, html, only })
}

pub(super) fn check_pointer(pointer: &str, at: At, findings: &mut Findings<'_>) {
    if !pointer.starts_with('/') || pointer.len() == 1 {
        findings.error(at, format!("`{pointer}` is no JSON pointer; write it as `/field` or `/field/*`"));
    }
}
