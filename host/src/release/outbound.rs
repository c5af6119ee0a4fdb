//! `outbound` of `credentials.yml`: whom the line may call, and how often.
//!
//! Lives here: reading the section, and whether the statements it names can say what they are asked.
//! Never here: calling anybody (`twilio::outbound`). Without the section nobody is called.

use super::Package;
use crate::grants::{Class, Grants, Statement, StatementKind};
use centralita_engine::yaml::{self, Findings, Mistake, Node};

/// What a project without the section is told to write.
pub const EXAMPLE: &str = "twilio_voice:
  outbound:
    prefixes: [\"+52\"]           # numbers that may be called begin with one of these
    per_day: 50                 # calls a day, in the project's time zone
    on_file: client-by-phone    # a read statement of plugins.yml with one parameter of class phone
    call_backs: call-backs-due  # a read statement without parameters, with a column of class phone";

/// Calls a day, at most.
const MOST: f64 = 10_000.0;

/// Whom the line may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// What a number begins with that may be called; never empty.
    pub prefixes: Vec<String>,
    /// How many calls a day of the project's time zone.
    pub per_day: u32,
    /// The statement that returns a row for a number the project knows.
    pub on_file: Option<Statement>,
    /// The statement whose rows are numbers to call back, and the column they are in.
    pub call_backs: Option<(Statement, String)>,
}

impl Outbound {
    /// Reads the section; none if there is none, or if it is wrong.
    pub(super) fn read(package: &Package, grants: &Grants, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let text = package.files.get("credentials.yml")?;
        // What cannot be read at all is reported where the line's voice is.
        let root = yaml::read(text, &mut Findings::new("credentials.yml", &mut Vec::new()))?;
        let node = root.get("twilio_voice")?.get("outbound")?;
        let mut findings = Findings::new("credentials.yml", mistakes);
        node.only("`outbound`", &["prefixes", "per_day", "on_file", "call_backs"], &mut findings);
        let on_file = node.get("on_file").map(|named| on_file(named, grants, &mut findings));
        let call_backs = node.get("call_backs").map(|named| call_backs(named, grants, &mut findings));
        Some(Self {
            prefixes: prefixes(node, &mut findings)?,
            per_day: per_day(node, &mut findings)?,
            // One that is wrong is no reason to ask less.
            on_file: on_file.map_or(Some(None), |found| found.map(Some))?,
            call_backs: call_backs.map_or(Some(None), |found| found.map(Some))?,
        })
    }
}

fn prefixes(outbound: &Node, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    const RIGHT: &str = "`prefixes` is a list of what numbers begin with, such as [\"+52\"]";
    let Some(node) = outbound.get("prefixes") else {
        findings.error(outbound.at, RIGHT);
        return None;
    };
    let prefixes = node.texts("`prefixes`", findings);
    let fits =
        |prefix: &String| prefix.strip_prefix('+').is_some_and(|digits| (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if prefixes.is_empty() || !prefixes.iter().all(fits) {
        findings.error(node.at, RIGHT);
        return None;
    }
    Some(prefixes)
}

fn per_day(outbound: &Node, findings: &mut Findings<'_>) -> Option<u32> {
    const RIGHT: &str = "`per_day` is how many calls a day, a whole number of 0 to 10000";
    let Some(node) = outbound.get("per_day") else {
        findings.error(outbound.at, RIGHT);
        return None;
    };
    let number = node.number("`per_day`", findings)?;
    if !(0.0..=MOST).contains(&number) || number.fract() != 0.0 {
        findings.error(node.at, RIGHT);
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of 0 to 10,000")]
    let whole = number as u32;
    Some(whole)
}

fn on_file(node: &Node, grants: &Grants, findings: &mut Findings<'_>) -> Option<Statement> {
    let statement = reading("on_file", node, grants, findings)?;
    let takes_a_number = matches!(&statement.parameters[..], [only] if only.class == Class::Phone && only.fact.is_none());
    if !takes_a_number {
        findings.error(node.at, format!("statement `{}` cannot be `on_file`: it needs one parameter, of class phone", statement.name));
        return None;
    }
    Some(statement.clone())
}

fn call_backs(node: &Node, grants: &Grants, findings: &mut Findings<'_>) -> Option<(Statement, String)> {
    let statement = reading("call_backs", node, grants, findings)?;
    let column = statement.columns.iter().find(|column| column.class == Class::Phone);
    match column {
        Some(column) if statement.parameters.is_empty() => Some((statement.clone(), column.name.clone())),
        _ => {
            findings.error(node.at, format!("statement `{}` cannot be `call_backs`: it needs a column of class phone and no parameters", statement.name));
            None
        }
    }
}

fn reading<'a>(key: &str, node: &Node, grants: &'a Grants, findings: &mut Findings<'_>) -> Option<&'a Statement> {
    let name = node.text(&format!("`{key}`"), findings)?;
    let found = grants.statements.get(&name).filter(|statement| statement.kind == StatementKind::Read);
    if found.is_none() {
        findings.error(node.at, format!("`{key}` names `{name}`, which is no read statement of plugins.yml"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLUGINS: &str = "statements:
  known: {kind: read, sql: select 1 as n where :phone is not null, parameters: [{name: phone, class: phone}], columns: [{name: n, class: plain}]}
  due: {kind: read, sql: select phone from clients, columns: [{name: phone, class: phone}], rows: 10}
  note: {kind: write, sql: insert into request_numbers default values returning number as n, columns: [{name: n, class: plain}]}
";

    fn read(outbound: &str) -> (Option<Outbound>, Vec<String>) {
        let mut package = Package::default();
        package.files.insert("credentials.yml".into(), format!("twilio_voice:\n  language: es-MX\n{outbound}"));
        let grants = Grants::parse("plugins.yml", PLUGINS).unwrap();
        let mut mistakes = Vec::new();
        let read = Outbound::read(&package, &grants, &mut mistakes);
        (read, mistakes.into_iter().map(|mistake| mistake.message).collect())
    }

    #[test]
    fn without_the_section_nobody_may_be_called() {
        assert_eq!(read(""), (None, Vec::new()));
    }

    #[test]
    fn a_section_names_who_may_be_called_and_how_often() {
        let (outbound, mistakes) = read("  outbound: {prefixes: [\"+52\"], per_day: 50, on_file: known, call_backs: due}");
        let outbound = outbound.unwrap();
        assert_eq!((outbound.prefixes, outbound.per_day, mistakes), (vec!["+52".to_owned()], 50, Vec::new()));
        assert_eq!(outbound.on_file.unwrap().name, "known");
        assert_eq!(outbound.call_backs.unwrap().1, "phone");
    }

    #[test]
    fn what_is_wrong_is_named_and_then_nobody_may_be_called() {
        for (section, said) in [
            ("{per_day: 5}", "`prefixes` is a list"),
            ("{prefixes: [], per_day: 5}", "`prefixes` is a list"),
            ("{prefixes: [\"52\"], per_day: 5}", "`prefixes` is a list"),
            ("{prefixes: [\"+\"], per_day: 5}", "`prefixes` is a list"),
            ("{prefixes: [\"+52\"]}", "`per_day` is how many"),
            ("{prefixes: [\"+52\"], per_day: 2.5}", "`per_day` is how many"),
            ("{prefixes: [\"+52\"], per_day: 5, on_file: nowhere}", "`on_file` names `nowhere`"),
            ("{prefixes: [\"+52\"], per_day: 5, on_file: note}", "`on_file` names `note`"),
            ("{prefixes: [\"+52\"], per_day: 5, on_file: due}", "cannot be `on_file`"),
            ("{prefixes: [\"+52\"], per_day: 5, call_backs: known}", "cannot be `call_backs`"),
        ] {
            let (outbound, mistakes) = read(&format!("  outbound: {section}"));
            assert!(outbound.is_none(), "{section}");
            assert!(mistakes.iter().any(|message| message.contains(said)), "{section}: {mistakes:?}");
        }
    }
}
