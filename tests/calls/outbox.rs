//! What the desk refuses is given up with an alarm, stands in `centralita outbox`, and is delivered once it is made due again.

use crate::house::BOTH;
use crate::serving::outcome;
use crate::site::{Call, Site, text};
use std::time::Duration;

fn said(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_an_alarm_and_a_line_until_somebody_has_it_tried_again() {
    for on in BOTH {
        let Some((mut site, serving)) = Site::open(on, "given_up").await else { continue };
        serving.kill();
        site.more = vec![("FRESHDESK_API_KEY", "of-another-desk".to_owned())];
        let serving = site.serve();
        let mut call = Call::ring(&serving, 1, "+525510000042").await;
        call.reach_the_question(&serving).await;
        let reply = text(&call.turn(&serving, &[("Digits", "1")]).await);
        assert!(reply.contains("quedó registrado") && !reply.contains("número de ticket"), "{reply}");
        site.nothing_owed(Duration::from_secs(20)).await;
        let log = serving.kill();
        assert!(log.contains("ALARM: what is owed to a caller is given up") && log.contains(&call.sid), "{log}");

        site.more.clear();
        let variables = site.variables();
        let listed = said(&outcome(&["outbox"], &variables));
        let line = listed.lines().find(|line| line.starts_with("given up")).unwrap_or_else(|| panic!("{listed}"));
        assert!(line.contains(&call.sid) && line.contains("action_create_ticket  failed at attempt 1"), "{line}");
        assert!(listed.contains("0 due, 1 given up; to try again: centralita outbox redrive"), "{listed}");
        let run = line.split_once(" run ").and_then(|(_, rest)| rest.split_whitespace().next()).unwrap().to_owned();
        let json: serde_json::Value = serde_json::from_str(said(&outcome(&["outbox", "--json"], &variables)).trim()).unwrap();
        assert_eq!((json["state"].as_str(), json["run"].to_string()), (Some("dead"), run.clone()));

        let other = outcome(&["outbox", "redrive", &call.sid, "1"], &variables);
        assert!(!other.status.success() && said(&other).contains("is not given up; `centralita outbox` lists what is"), "{}", said(&other));
        let serving = site.serve();
        assert!(said(&outcome(&["outbox", "redrive", &call.sid, &run], &variables)).contains("1 due again"));
        site.one_row_one_ticket(&call, 1).await;
        assert_eq!(said(&outcome(&["outbox"], &variables)).trim(), "0 due, 0 given up");
        assert!(said(&outcome(&["audit", "show"], &variables)).contains(r#""what":"redriven""#));
        drop(serving);
    }
}
