//! Crimes that take more than their share: time, memory, room in the host.

use super::bed::Bed;
use super::crime::crime;
use crate::grants::Limits;
use crate::guard::Guard;
use crate::release::Release;
use crate::sandbox::Settings;
use centralita_engine::Ending::{Busy, Done, Failed, Timeout};
use std::time::Duration;

/// The limits of the plugin in this release.
pub(super) fn limits(release: &mut Release) -> &mut Limits {
    &mut release.plugins.get_mut("evil").expect("the plugin").effective.limits
}

/// Both clocks of a binding: its own, and the one of a host call that uses it.
fn binding_time(release: &mut Release, own: u64, host_call: u64) {
    release.bindings.get_mut("other").expect("a binding").timeout = Duration::from_millis(own);
    for spec in release.grants.bindings.values_mut() {
        spec.timeout = Duration::from_millis(host_call);
    }
    limits(release).host_call = Duration::from_millis(host_call);
}

/// The database's clock.
fn host_call(release: &mut Release, ms: u64) {
    binding_time(release, 200, ms);
}

#[tokio::test]
async fn a_loop_ends_by_its_computing_time_and_one_that_never_ends_by_the_clock_on_the_wall() {
    let short = |release: &mut Release| limits(release).cpu = Duration::from_millis(20);
    let long = |release: &mut Release| limits(release).cpu = Duration::from_secs(30);
    crime("evil_loop").with(short).ends(Timeout, "computed past its budget").unless(long).gets("time").await;
    // Behind the one stands the other; behind both it would still be running.
    let clock = |release: &mut Release| {
        limits(release).cpu = Duration::from_secs(30);
        limits(release).run = Duration::from_millis(100);
    };
    crime("evil_loop_for_ever").with(short).ends(Timeout, "computed past its budget").unless(clock).gets("ran past its time").await;
    crime("evil_loop").with(clock).ends(Timeout, "ran past its time").unless(|release| limits(release).run = Duration::from_secs(30)).gets("time").await;
}

#[tokio::test]
async fn recursion_ends_at_the_wall_of_the_stack() {
    let higher = || Settings { stack: 12 << 20, ..Settings::default() };
    crime("evil_recursion").told("30000").ends(Failed, "the stack is full").behind(higher).gets("the bottom").await;
}

#[tokio::test]
async fn memory_ends_at_its_limit() {
    crime("evil_memory").ends(Failed, "more memory").unless(|release| limits(release).memory_mib = 64).gets("20 MiB").await;
}

#[tokio::test]
async fn huge_texts_and_lists_do_not_come_into_the_host() {
    let roomy = |release: &mut Release| limits(release).memory_mib = 64;
    crime("evil_huge_text").with(roomy).ends(Failed, "fuel").without(Guard::Copies).gets("3145728").await;
    crime("evil_huge_list").with(roomy).ends(Failed, "fuel").without(Guard::Copies).gets("1 row").await;
}

#[tokio::test]
async fn huge_rows_do_not_come_into_the_guest_and_would_burst_it() {
    // Looking through megabytes for live values takes a build for tests its time.
    let roomy = |release: &mut Release| {
        limits(release).memory_mib = 64;
        limits(release).run = Duration::from_secs(100);
    };
    let narrow = |release: &mut Release| {
        limits(release).memory_mib = 4;
        limits(release).run = Duration::from_secs(100);
    };
    crime("evil_query").told("large").with(roomy).ends(Failed, "more than 1048576 bytes").without(Guard::Rows).gets("4194304 bytes").await;
    crime("evil_query").told("large").with(narrow).others(&[Guard::Rows]).ends(Failed, "more memory").unless(roomy).gets("4194304 bytes").await;
}

#[tokio::test]
async fn output_and_notes_have_an_end() {
    crime("evil_output").ends(Failed, "bytes than its limit").unless(|release| limits(release).output_bytes = 1 << 20).gets("160 KiB").await;
    // Notes are cut, which ends nothing: how many arrive is counted in `sandbox/tests/evil.rs`.
    crime("evil_log_flood").ends(Done, "5000 notes").always().await;
}

#[tokio::test]
async fn statements_and_requests_are_counted() {
    crime("evil_many_queries").ends(Failed, "more statements").unless(|release| limits(release).statements = 6).gets("6 statements").await;
    crime("evil_many_sends").ends(Failed, "more requests").unless(|release| limits(release).requests = 9).gets("9 requests").await;
    let many = |release: &mut Release| {
        limits(release).host_calls = 5;
        limits(release).statements = 6;
    };
    crime("evil_many_queries").with(many).ends(Failed, "more host calls").unless(|release| limits(release).host_calls = 6).gets("6 statements").await;
}

#[tokio::test]
async fn answers_a_plugin_keeps_are_counted_twice() {
    let many = |release: &mut Release| {
        limits(release).requests = 400;
        limits(release).host_calls = 400;
        limits(release).cpu = Duration::from_secs(10);
        limits(release).run = Duration::from_secs(30);
    };
    // By the host's table of what it lent, and by the engine's count of handles.
    crime("evil_handles").with(many).ends(Failed, "").always().await;
    let walls = || Settings { handles: 1000, ..Settings::default() };
    crime("evil_handles").with(many).others(&[Guard::Handles]).ends(Failed, "").behind(walls).gets("300 handles").await;
}

#[tokio::test]
async fn a_slow_answer_ends_by_the_clock_of_its_binding_and_behind_it_by_that_of_the_host_call() {
    let drip = crime("evil_send").told("/drip").at("other").ends(Timeout, "");
    drip.with(|release| binding_time(release, 100, 5000)).unless(|release| binding_time(release, 5000, 5000)).gets("metadata").await;
    drip.with(|release| binding_time(release, 5000, 100)).unless(|release| binding_time(release, 5000, 5000)).gets("metadata").await;
}

#[tokio::test]
async fn a_slow_statement_ends_by_the_clock_of_the_host_call() {
    let slow = crime("evil_query").told("slow").ends(Timeout, "the database took too long");
    slow.with(|release| host_call(release, 20)).unless(|release| host_call(release, 10_000)).gets("1 row").await;
}

#[tokio::test]
async fn a_write_that_waits_too_long_ends_in_doubt_and_nothing_follows_it() {
    async fn locked(bed: &Bed) -> sqlx::SqliteConnection {
        use sqlx::Connection as _;
        let mut held = sqlx::SqliteConnection::connect(&bed.database).await.expect("a connection");
        sqlx::query("begin immediate").execute(&mut held).await.expect("the lock");
        held
    }
    let mut bed = Bed::open(|release| host_call(release, 100)).await;
    assert!(bed.can_store().await, "the call is there");
    bed.tell("write", "desk");
    let held = locked(&bed).await;
    let end = bed.run("evil_execute").await;
    assert_eq!((end.ending, end.detail.as_str()), (Timeout, "the database took too long"));
    drop(held);
    assert!(!bed.can_store().await, "whether it was written is not known: no later claim of this turn may be stored");
    // With more time it is only slow.
    let mut bed = Bed::open(|release| host_call(release, 10_000)).await;
    assert!(bed.can_store().await);
    bed.tell("write", "desk");
    let held = locked(&bed).await;
    let (end, ()) = tokio::join!(bed.run("evil_execute"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(held);
    });
    assert_eq!((end.ending, end.loot.as_str()), (Done, "written"));
    assert!(bed.can_store().await);
}

#[tokio::test]
async fn who_finds_the_queue_full_is_busy_at_once() {
    /// One run holds the only place until its answer has dripped in; four others come meanwhile.
    async fn others(more: fn(&mut Release)) -> [centralita_engine::Ending; 4] {
        let one_place = |release: &mut Release| {
            binding_time(release, 5000, 5000);
            limits(release).concurrent = 1;
            limits(release).waiting = 1;
        };
        let mut bed = Bed::open_twice(one_place, more).await;
        bed.tell("/drip", "other");
        let (slow, a, b, c, d) = tokio::join!(bed.beside("evil_send"), bed.good(), bed.good(), bed.good(), bed.good());
        assert_eq!(slow, Done);
        [a, b, c, d]
    }
    assert_eq!(others(|_| {}).await, [Done, Busy, Busy, Busy], "one waits, and nobody behind it");
    assert_eq!(others(|release| limits(release).waiting = 10).await, [Done; 4]);
}

#[tokio::test]
async fn exits_traps_and_values_that_are_none_end_the_run_and_nothing_else() {
    // No guard of ours: the engine ends these, and there is no build in which it does not.
    crime("evil_exit").ends(Failed, "exit").always().await;
    crime("evil_trap").ends(Failed, "as intended").always().await;
    crime("evil_nested_json").ends(Failed, "not JSON").always().await;
    crime("evil_not_a_number").ends(Failed, "not finite").always().await;
}
