//! Guests that loop, grow, crash, flood or hang: each is stopped, named, and leaves the others alone.

use super::guests::{QUERY, WIT, component, guest, module};
use super::*;
use std::time::Duration;

const OK: &str = "i32.const 1024";

async fn end(items: &str, body: &str) -> Finished {
    ran(&guest(items, body), &Limits::default(), Statements::Answer).await.0
}

#[track_caller]
fn trapped(finished: &Finished, words: &str) {
    assert!(matches!(finished, Finished::Trap { detail } if detail.contains(words)), "{finished:?}");
}

#[tokio::test]
async fn a_loop_runs_out_of_cpu_while_a_good_action_answers() {
    let looping = SANDBOX.load("loop", &guest("", "(loop $l (br $l)) unreachable"), &ALL).expect("it loads");
    let good = SANDBOX.load("good", &guest("", OK), &ALL).expect("it loads");
    let limits = Limits::default();
    let (evil, host) = (Host::noting(Statements::Answer).0, Host::noting(Statements::Answer).0);
    let (stopped, answered) =
        tokio::join!(SANDBOX.run(&looping, "a", &limits, evil), tokio::time::timeout(Duration::from_secs(2), SANDBOX.run(&good, "a", &limits, host)),);
    assert_eq!(stopped.0, Finished::Cpu);
    assert_eq!(answered.expect("in time").0, Finished::Done);
}

#[tokio::test]
async fn a_loop_before_the_action_is_stopped_too() {
    let start = "(func $start (loop $l (br $l))) (start $start)";
    assert_eq!(end(start, OK).await, Finished::Cpu);
    let component = SANDBOX.load("guest", &guest(start, OK), &ALL).expect("it loads");
    let host = Host::noting(Statements::Answer).0;
    assert_eq!(SANDBOX.smoke(&component, &Limits::default(), host).await, Finished::Cpu);
}

#[tokio::test]
async fn memory_is_counted_over_all_memories() {
    let grow = "(loop $l (br_if $l (i32.ne (memory.grow 0 (i32.const 16)) (i32.const -1)))) unreachable";
    assert_eq!(end("", grow).await, Finished::Memory);
    // Two memories of 9 MiB each: either alone would fit into 16.
    let both = "(if (i32.eq (memory.grow 0 (i32.const 142)) (i32.const -1)) (then unreachable))
                (if (i32.eq (memory.grow 1 (i32.const 144)) (i32.const -1)) (then unreachable)) i32.const 1024";
    let two = module("0.1.0", "", both).replace("(memory (export \"memory\") 2)", "(memory (export \"memory\") 2) (memory 0)");
    let two = component(WIT, "action", &two);
    assert_eq!(ran(&two, &Limits::default(), Statements::Answer).await.0, Finished::Memory);
    let more = Limits { memory: 32 << 20, ..Limits::default() };
    assert_eq!(ran(&two, &more, Statements::Answer).await.0, Finished::Done);
}

#[tokio::test]
async fn a_crash_says_where_and_a_full_stack_says_so() {
    trapped(&end("", "unreachable").await, "unreachable");
    trapped(&end("(func $f (call $f))", "call $f i32.const 1024").await, "stack");
}

#[tokio::test]
async fn the_guests_own_failure_is_passed_on_without_control_characters() {
    let body = r"
        (i32.store8 (i32.const 1024) (i32.const 1))
        (i32.store (i32.const 1028) (i32.const 100)) (i32.store (i32.const 1032) (i32.const 7))
        (i32.store (i32.const 1036) (i32.const 100)) (i32.store (i32.const 1040) (i32.const 12))
        i32.const 1024";
    assert_eq!(end("", body).await, Finished::Failed { kind: "clients".into(), detail: "clients  [2J".into() });
}

const LOG: &str = r#"
    (import "centralita:action/log@0.1.0" "write" (func $write (param i32 i32 i32 i32 i32 i32)))
    (func $log (call $write (i32.const 100) (i32.const 7) (i32.const 100) (i32.const 12) (i32.const 0) (i32.const 0)))"#;

#[tokio::test]
async fn a_flood_of_notes_is_cut_and_counted() {
    let body = "(local $n i32) (loop $l (call $log) (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $l (i32.lt_u (local.get $n) (i32.const 5000)))) i32.const 1024";
    let (finished, seen) = ran(&guest(LOG, body), &Limits::default(), Statements::Answer).await;
    assert_eq!(finished, Finished::Done);
    assert!(seen.len() < 500, "{} notes", seen.len());
    assert_eq!(seen[0], "clients clients  [2J []");
    let last = seen.last().expect("a note");
    assert_eq!(*last, format!("warn log_limit [(\"dropped\", \"{}\")]", 5000 - (seen.len() - 1)));
    let more = Limits { log_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(ran(&guest(LOG, body), &more, Statements::Answer).await.1.len(), 5000, "without the budget all of them arrive");
}

const SET: &str = r#"
    (import "centralita:action/call@0.1.0" "set-slot" (func $set (param i32 i32 i32 i64 i32)))
    (func $text (param $bytes i32)
        (call $set (i32.const 100) (i32.const 7) (i32.const 1) (i64.const 0) (local.get $bytes)))"#;

#[tokio::test]
async fn output_handles_and_copies_have_an_end() {
    let flood = "(loop $l (call $text (i32.const 4096)) (br $l)) unreachable";
    trapped(&end(SET, flood).await, "bytes than its limit");
    let huge = "(drop (memory.grow (i32.const 60))) (call $text (i32.const 3000000)) i32.const 1024";
    trapped(&end(SET, huge).await, "fuel");
    let beyond = "(call $text (i32.const 0x7fffffff)) i32.const 1024";
    trapped(&end(SET, beyond).await, "");
    let nan = "(call $set (i32.const 100) (i32.const 7) (i32.const 2) (i64.const 0x7ff8000000000000) (i32.const 0)) i32.const 1024";
    trapped(&end(SET, nan).await, "not finite");
}

#[tokio::test]
async fn host_calls_are_counted_and_the_host_can_end_the_run() {
    let (finished, seen) = ran(&guest(QUERY, "(loop $l (call $ask) (br $l)) unreachable"), &Limits::default(), Statements::Answer).await;
    trapped(&finished, "more statements");
    assert_eq!(seen.len(), 5);
    let more = Limits { statements: 100, ..Limits::default() };
    let (finished, seen) = ran(&guest(QUERY, "(loop $l (call $ask) (br $l)) unreachable"), &more, Statements::Answer).await;
    trapped(&finished, "more host calls");
    assert_eq!(seen.len(), 16);
    let (finished, seen) = ran(&guest(QUERY, "call $ask i32.const 1024"), &Limits::default(), Statements::Stop).await;
    assert_eq!(finished, Finished::HostStop { reason: "another request than recorded".into() });
    assert_eq!(seen, ["query clients 0"]);
}

#[tokio::test]
async fn a_host_call_that_hangs_ends_by_the_wall_clock() {
    let limits = Limits { run: Duration::from_millis(50), ..Limits::default() };
    let (finished, seen) = ran(&guest(QUERY, "call $ask i32.const 1024"), &limits, Statements::Hang).await;
    assert_eq!(finished, Finished::Timeout);
    assert_eq!(seen, ["query clients 0"]);
}

#[tokio::test]
async fn a_full_component_is_busy_and_the_next_is_not() {
    let limits = Limits { concurrent: 1, run: Duration::from_secs(3), ..Limits::default() };
    let slow = SANDBOX.load("slow", &guest(QUERY, "call $ask i32.const 1024"), &ALL).expect("it loads");
    let good = SANDBOX.load("good", &guest("", OK), &ALL).expect("it loads");
    let host = || Host::noting(Statements::Hang).0;
    let ((first, _), (second, _), (other, _)) =
        tokio::join!(SANDBOX.run(&slow, "a", &limits, host()), SANDBOX.run(&slow, "a", &limits, host()), SANDBOX.run(&good, "a", &limits, host()),);
    assert_eq!((first, second, other), (Finished::Timeout, Finished::Busy, Finished::Done));
    assert_eq!(SANDBOX.run(&slow, "a", &limits, host()).await.0, Finished::Timeout, "the place is free again");
}

#[tokio::test]
async fn nothing_of_a_run_is_seen_by_the_next() {
    let body = "(if (i32.load8_u (i32.const 70000)) (then unreachable)) (i32.store8 (i32.const 70000) (i32.const 1)) i32.const 1024";
    let component = SANDBOX.load("guest", &guest("", body), &ALL).expect("it loads");
    for _ in 0..300 {
        let host = Host::noting(Statements::Answer).0;
        assert_eq!(SANDBOX.run(&component, "a", &Limits::default(), host).await.0, Finished::Done);
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_leaves_no_place_taken() {
    let limits = Limits { concurrent: 1, ..Limits::default() };
    let slow = SANDBOX.load("slow", &guest(QUERY, "call $ask i32.const 1024"), &ALL).expect("it loads");
    for _ in 0..20 {
        let (host, seen) = Host::noting(Statements::Hang);
        let mut run = Box::pin(SANDBOX.run(&slow, "a", &limits, host));
        // A guest gives way at each tick of the clock: it may take more than one poll to reach its host call.
        while seen.lock().expect("not poisoned").is_empty() {
            assert!(futures_poll(&mut run).await, "it hangs");
        }
        drop(run);
    }
}

/// Polls a future once; whether it is still pending.
async fn futures_poll<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|context| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())).await
}
