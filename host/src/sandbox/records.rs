//! The import `records`: the operator's named statements. Linked only where a statement is granted.
//!
//! Lives here: values on their way to a statement and rows on their way back.
//! Never here: SQL, row caps, the journal.

use super::Row;
use super::state::{Ask, Fault, State, given, taken};
use super::wit::centralita::action::{call, records};
use centralita_engine::Value;

impl records::Host for State {
    async fn query(&mut self, statement: String, parameters: Vec<call::Value>) -> Result<Vec<records::Row>, Fault> {
        let parameters = self.checked(parameters)?;
        Ok(rows(self.host.query(&statement, parameters).await?))
    }

    async fn execute(&mut self, statement: String, parameters: Vec<call::Value>) -> Result<Vec<records::Row>, Fault> {
        let parameters = self.checked(parameters)?;
        Ok(rows(self.host.execute(&statement, parameters).await?))
    }
}

impl State {
    fn checked(&mut self, parameters: Vec<call::Value>) -> wasmtime::Result<Vec<Value>> {
        self.count_call(Ask::Statement)?;
        parameters.into_iter().map(taken).collect()
    }
}

fn rows(rows: Vec<Row>) -> Vec<records::Row> {
    let row = |row: Row| row.into_iter().map(|(column, value)| (column, given(value))).collect();
    rows.into_iter().map(row).collect()
}
