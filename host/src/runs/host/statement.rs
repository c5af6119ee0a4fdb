//! Statements of a run.
//!
//! Lives here: values bound for tokens, the journal, rows as the plugin may see them.
//! Never here: SQL and databases (`store`), requests.

use super::super::asked::Asked;
use super::super::journal::Known;
use super::{Host, in_time, short, stop, tell};
use crate::grants::{Column, Fact, Statement, StatementKind};
use crate::guard::{self, Guard};
use crate::release::Release;
use crate::sandbox::{Refusal, Row};
use crate::store::{Bound, EffectState, Rows};
use centralita_engine::Value;
use serde_json::Value as Json;

/// Bytes of the rows of a statement that reads.
const MOST_ROWS: usize = 1 << 20;

impl Host {
    pub(super) async fn queried(&mut self, statement: &str, parameters: Vec<Value>, asked: &mut Asked) -> Result<Vec<Row>, Refusal> {
        let release = self.release.clone();
        let (statement, bound, digest) = self.bind(&release, statement, StatementKind::Read, &parameters, asked)?;
        let (entry, known) = self.journal.call("query", &statement.name, &[&digest]).map_err(|error| stop(&error))?;
        asked.ordinal = entry.ordinal;
        let rows = if let Known::Answered(recorded) = known {
            asked.outcome = Some("recorded");
            serde_json::from_slice(&recorded).map_err(|error| stop(&error))?
        } else {
            // In a box: it is large, and would be moved again with every future around it.
            let reading = Box::pin(self.store.query(&bound));
            let rows = asked.wait(in_time(self.host_call, reading)).await?;
            let answer = serde_json::to_vec(&rows).map_err(|error| stop(&error))?;
            if answer.len() > MOST_ROWS && guard::stands(Guard::Rows) {
                return Err(tell("failed", format!("the statement answers with more than {MOST_ROWS} bytes; narrow it")));
            }
            asked.bytes_in = answer.len();
            self.draft.lock().await.note(entry.row(EffectState::Done, Some(answer)));
            rows
        };
        Ok(self.shown(statement, &bound, rows))
    }

    pub(super) async fn executed(&mut self, statement: &str, parameters: Vec<Value>, asked: &mut Asked) -> Result<Vec<Row>, Refusal> {
        let release = self.release.clone();
        let (statement, bound, digest) = self.bind(&release, statement, StatementKind::Write, &parameters, asked)?;
        let (entry, known) = self.journal.call("execute", &statement.name, &[&digest]).map_err(|error| stop(&error))?;
        asked.ordinal = entry.ordinal;
        let rows = if let Known::Answered(recorded) = known {
            asked.outcome = Some("recorded");
            serde_json::from_slice(&recorded).map_err(|error| stop(&error))?
        } else {
            let mut draft = self.draft.lock().await;
            let record = asked.record(&draft, self.run, &self.action, &self.component, None);
            let rows = asked.wait(in_time(self.host_call, draft.commit_statement(entry.row(EffectState::Done, None), record, &bound))).await?;
            asked.stored = true;
            rows
        };
        Ok(self.shown(statement, &bound, rows))
    }

    /// A granted statement with its values bound, and the bytes that tell this request from another.
    fn bind<'a>(
        &self,
        release: &'a Release,
        name: &str,
        kind: StatementKind,
        given: &[Value],
        asked: &mut Asked,
    ) -> Result<(&'a Statement, Bound, Vec<u8>), Refusal> {
        let granted = self.authority.statements.contains(name) || !guard::stands(Guard::Statement);
        let Some(statement) = release.grants.statements.get(name).filter(|statement| granted && statement.kind == kind) else {
            self.note(format!("statement `{}` is not granted", short(name)));
            return Err(tell("refused", "this statement is not granted"));
        };
        let given: Vec<Json> = given.iter().map(Value::to_json).collect();
        let digest = serde_json::to_vec(&given).map_err(|error| stop(&error))?;
        asked.of(&digest, &self.tokens);
        asked.rule = "granted".to_owned();
        let fact = |fact: Fact| match fact {
            Fact::Call => Json::from(self.call.clone()),
            Fact::Number => self.number.as_ref().map_or(Json::Null, |number| number.reveal().clone().into()),
            Fact::Now { minus_minutes: 0 } => Json::from(self.now.clone()),
            Fact::Now { minus_minutes } => release.local_time(self.at_ms - i64::from(minus_minutes) * 60_000).into(),
        };
        let values = statement.bind(&given, &|token| self.tokens.find(token), &fact).map_err(|error| tell("refused", error.to_string()))?;
        let bound = Bound { sql: statement.sql.clone(), values, cap: statement.rows };
        #[cfg(test)]
        let bound = if guard::stands(Guard::Bound) { bound } else { spliced(bound) };
        Ok((statement, bound, digest))
    }

    /// Rows as the plugin sees them: the columns of the statement, sensitive ones as tokens. A value the call knows to
    /// be sensitive comes as a token in a plain column too, however the statement put it there.
    fn shown(&mut self, statement: &Statement, bound: &Bound, rows: Rows) -> Vec<Row> {
        self.watch();
        let given = statement.given(&bound.values);
        let mut shown: Vec<Vec<Json>> = Vec::with_capacity(rows.len());
        for mut row in rows {
            let column = |column: &Column| {
                let value = row.iter_mut().find(|(name, _)| *name == column.name).map(|(_, value)| std::mem::take(value)).unwrap_or_default();
                let moment = column.local_time.then(|| value.as_str()?.parse::<jiff::Timestamp>().ok()).flatten();
                moment.map_or(value, |moment| self.release.local_time(moment.as_millisecond()).into())
            };
            shown.push(statement.columns.iter().map(column).collect());
        }
        // Sensitive columns are known before plain ones are looked through.
        let sensitive = |column: &Column| column.class.is_sensitive();
        let mut hidden: Vec<Row> = Vec::with_capacity(shown.len());
        for row in &mut shown {
            let value = |(column, value): (&Column, &mut Json)| {
                let value = if sensitive(column) { self.tokens.hide_value(column.class, Value::from_json(std::mem::take(value))) } else { Value::None };
                (column.name.clone(), value)
            };
            hidden.push(statement.columns.iter().zip(row).map(value).collect());
        }
        if guard::stands(Guard::Echoes) {
            let plain = shown.iter_mut().flat_map(|row| statement.columns.iter().zip(row)).filter(|(column, _)| !sensitive(column));
            self.tokens.scrub_columns(plain.map(|(_, value)| value), &given);
        }
        for (row, values) in hidden.iter_mut().zip(shown) {
            for ((column, shown), value) in statement.columns.iter().zip(row).zip(values) {
                if !sensitive(column) {
                    shown.1 = Value::from_json(value);
                }
            }
        }
        hidden
    }
}

/// What a statement without bound values would be: its crime is in `evil/values.rs`.
#[cfg(test)]
fn spliced(mut bound: Bound) -> Bound {
    for (name, value) in std::mem::take(&mut bound.values) {
        let text = value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"));
        bound.sql = bound.sql.replace(&format!(":{name}"), &text);
    }
    bound
}
