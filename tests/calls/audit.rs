//! What was done can be shown, and a changed database cannot hide it.

use crate::house::{BOTH, Changes, House, KEY, On};
use crate::serving::program;
use centralita::audit::{Checkpoints, Head, Signer, verify};
use centralita::grants::PublicKey;
use centralita::seal::{Keys, hex};
use centralita::store::AuditRow;
use serde_json::Value;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

/// A whole report; the call's name.
async fn reported(house: &House, from: &str) -> String {
    let (mut caller, _) = house.ring(from).await;
    let call = caller.call_sid().to_owned();
    caller.say("me robaron la tarjeta").await.unwrap();
    caller.keys(&from[from.len() - 4..]).await.unwrap();
    assert!(caller.keys("1").await.unwrap().text().contains("quedó registrado"));
    caller.keys("2").await.unwrap();
    call
}

fn public() -> PublicKey {
    Signer::new(&Keys::from_variable(KEY).unwrap()).public()
}

async fn records(house: &House, call: &str) -> Vec<Value> {
    let rows = house.server.app.store.audit_chain(Some(call)).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(&row.record).unwrap()).collect()
}

/// Waits until a checkpoint names the end of this chain.
async fn sealed(house: &House, chain: &str) {
    let rows = house.server.app.store.audit_chain(Some(chain)).await.unwrap();
    let end = rows.last().map(|row| (row.n, hex(&row.hash))).unwrap();
    for _ in 0..400 {
        let text = std::fs::read_to_string(&house.audit_file).unwrap_or_default();
        let read = Checkpoints::read(&text, &public()).unwrap();
        if read.all.iter().any(|checkpoint| checkpoint.heads.get(chain) == Some(&end)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no checkpoint names the end of `{chain}` after ten seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_did_is_in_its_audit_which_holds_and_names_nobody() {
    for on in BOTH {
        let Some(house) = House::open(on, "audit_of_a_call").await else { continue };
        let call = reported(&house, "+525510000321").await;
        let records = records(&house, &call).await;
        let told = |record: &Value| {
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            match record["what"].as_str().unwrap() {
                "host call" => format!("{} {} {}: {}", text("kind"), text("name"), text("rule"), text("outcome")),
                "run" => format!("run {}: {}", text("action"), text("outcome")),
                other => format!("{other} {}", record["given"]),
            }
        };
        let told: Vec<String> = records.iter().map(told).collect();
        for expected in [
            "query client-by-phone granted: done",
            "query cards-by-digits granted: done",
            "run action_verify_card: done",
            "consent true",
            "execute open-requests granted: done",
            "http freshdesk POST /tickets: sent",
            "http freshdesk POST /tickets: done",
            "execute attach-ticket granted: done",
            "run action_create_ticket: done",
        ] {
            assert!(told.contains(&expected.to_owned()), "{on:?}: `{expected}` is not in {told:#?}");
        }
        let at = |what: &str| told.iter().position(|each| each == what).unwrap();
        assert!(at("consent true") < at("execute open-requests granted: done"), "the yes comes before what it allows");
        let run = records.iter().find(|record| record["action"] == "action_verify_card" && record["what"] == "run").unwrap();
        assert_eq!(run["component"].as_str().unwrap().len(), 64);
        assert!(run["memory"].as_u64().unwrap() > 0 && run["host_calls"] == 2, "{run}");
        // A value is there as a keyed hash: the same one in each record of this call, and no figure of it.
        let text = records.iter().map(Value::to_string).collect::<String>();
        for personal in ["+525510000321", "5510000321", "\"0321\""] {
            assert!(!text.contains(personal), "{on:?}: {personal} is in the audit");
        }
        sealed(&house, &call).await;
        let mut chains = BTreeMap::new();
        for name in house.server.app.store.audit_chains(None, 100).await.unwrap() {
            let rows = house.server.app.store.audit_chain(Some(&name)).await.unwrap();
            chains.insert(name, rows);
        }
        let checkpoints = Checkpoints::read(&std::fs::read_to_string(&house.audit_file).unwrap(), &public()).unwrap();
        assert_eq!(verify(&chains, &checkpoints.all).findings, Vec::new());
        // Erased, the call is gone, and its audit holds as before.
        assert!(house.server.app.store.erase(&call).await.unwrap());
        assert_eq!(house.server.app.store.audit_chain(Some(&call)).await.unwrap(), chains[&call]);
        house.server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_that_cannot_be_written_are_an_alarm_and_stop_no_call() {
    let nowhere = std::env::temp_dir().display().to_string();
    let changes = Changes { variables: vec![("CENTRALITA_AUDIT_FILE", nowhere)], ..Changes::default() };
    let house = House::with(On::Sqlite, "sealing_down", changes).await.unwrap();
    let call = reported(&house, "+525510000322").await;
    assert!(records(&house, &call).await.iter().any(|record| record["what"] == "consent"));
    let metrics = format!("http://{}/metrics", house.server.admin);
    for _ in 0..400 {
        let text = reqwest::get(&metrics).await.unwrap().text().await.unwrap();
        if text.contains("centralita_audit_sealing 0") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no alarm after ten seconds");
}

/// A copy of the house's database as it is now.
async fn copied(house: &House, to: &Path) -> PathBuf {
    let options = sqlx::sqlite::SqliteConnectOptions::from_str(&house.database).unwrap();
    let mut connection = options.connect().await.unwrap();
    let into = format!("vacuum into '{}'", to.display());
    sqlx::raw_sql(sqlx::AssertSqlSafe(into)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    to.to_owned()
}

/// Another copy with these statements run on it.
async fn changed(copy: &Path, name: &str, statements: &str) -> PathBuf {
    let to = copy.with_file_name(name);
    std::fs::copy(copy, &to).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&to);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    to
}

/// What `centralita audit verify` says of a database, and whether it ends well.
fn said(database: &Path, checkpoints: &Path) -> (bool, String) {
    let mut command = std::process::Command::new(program());
    command.args(["audit", "verify", "--checkpoints"]).arg(checkpoints);
    command.env("DATABASE_URL", format!("sqlite:{}", database.display())).env("ENCRYPTION_KEY", KEY);
    let output = command.current_dir(std::env::temp_dir()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

async fn rows(copy: &Path, call: &str) -> Vec<AuditRow> {
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new().filename(copy).connect().await.unwrap();
    let rows = sqlx::query("select n, at, record, previous, hash from audit where call = $1 order by n").bind(call).fetch_all(&mut connection).await.unwrap();
    let row = |row: &sqlx::sqlite::SqliteRow| AuditRow {
        n: row.get::<i64, _>(0).try_into().unwrap(),
        at_ms: row.get(1),
        record: row.get(2),
        previous: row.get(3),
        hash: row.get(4),
    };
    rows.iter().map(row).collect()
}

/// Statements that make the records of a call anew from `from` on, with another outcome, as somebody would who knows how.
fn made_anew(call: &str, rows: &[AuditRow], from: usize) -> String {
    let before = rows[..from].last().unwrap();
    let mut head = Head { n: before.n, hash: before.hash.clone() };
    let row = |row: &AuditRow| {
        let new = head.add(call, row.at_ms, row.record.replace("\"done\"", "\"refused\""));
        format!(
            "update audit set record = '{}', previous = x'{}', hash = x'{}' where call = '{call}' and n = {};",
            new.record,
            hex(&new.previous),
            hex(&new.hash),
            new.n
        )
    };
    rows[from..].iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_six_tamperings_is_found_by_the_command_and_named() {
    let house = House::open(On::Sqlite, "tampering").await.unwrap();
    let folder = house.audit_file.parent().unwrap().to_owned();
    let first = reported(&house, "+525510000331").await;
    sealed(&house, &first).await;
    let older = copied(&house, &folder.join("older.db")).await;
    let (second, third) = (reported(&house, "+525510000332").await, reported(&house, "+525510000333").await);
    sealed(&house, &second).await;
    sealed(&house, &third).await;
    let whole = copied(&house, &folder.join("whole.db")).await;
    let file = folder.join("kept.jsonl");
    std::fs::copy(&house.audit_file, &file).unwrap();
    house.server.stop();

    let (holds, words) = said(&whole, &file);
    assert!(holds && words.contains("The audit holds"), "{words}");
    let chain = rows(&whole, &second).await;
    let swap = format!(
        "update audit set record = 'kept' where call = '{second}' and n = 2;
         update audit set record = (select record from audit where call = '{second}' and n = 3) where call = '{second}' and n = 2;
         update audit set record = '{}' where call = '{second}' and n = 3;",
        chain[1].record
    );
    let tamperings = [
        (
            "edited",
            format!("update audit set record = replace(record, 'done', 'failed') where call = '{second}' and n = 2"),
            format!("call {second}: record 2 was edited"),
        ),
        (
            "lost",
            format!("delete from audit where call = '{second}'; delete from calls where id = '{second}'"),
            format!("call {second}: nothing is left of it"),
        ),
        ("cut", format!("delete from audit where call = '{second}' and n > 3"), format!("call {second}: it ends at record 3")),
        ("swap", swap, format!("call {second}: record 2 was edited")),
        ("anew", made_anew(&second, &chain, 2), format!("call {second}: the chain fits, but record")),
    ];
    for (name, statements, finding) in tamperings {
        let (holds, words) = said(&changed(&whole, &format!("{name}.db"), &statements).await, &file);
        assert!(!holds, "{name}: {words}");
        assert!(words.contains(&finding), "{name}: {words}");
        assert!(!words.contains(&first) && !words.contains(&third), "{name} names another call: {words}");
    }
    let (holds, words) = said(&older, &file);
    assert!(!holds && words.contains("an older copy was restored"), "{words}");
}
