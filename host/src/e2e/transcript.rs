//! What happened in a conversation, as a person reads it below a failure.
//!
//! Lives here: one line for each event worth a line, and events as lines of JSON to compare runs by.
//! Never here: real calls; what a test's caller says is nobody's secret.

use centralita_engine::Event;

/// A line for each event that says something.
pub fn lines(events: &[Event]) -> Vec<String> {
    events.iter().filter_map(line).collect()
}

fn line(event: &Event) -> Option<String> {
    let at = |step: &Option<centralita_engine::StepId>| step.as_ref().map(|step| format!(" at {step}")).unwrap_or_default();
    Some(match event {
        Event::Began { opening, .. } => format!("----  a session begins on {}", opening.channel),
        Event::Heard { text, .. } => format!("user  {}", text.reveal()),
        Event::Silent { .. } => "user  (says nothing)".to_owned(),
        Event::Understood { by, commands, dropped } => {
            let commands: Vec<String> = commands.iter().map(centralita_engine::Command::summary).collect();
            let dropped = if *dropped == 0 { String::new() } else { format!(", {dropped} dropped") };
            format!("      {by:?}: {}{dropped}", commands.join("; "))
        }
        Event::Slot { name, value } => format!("      slot {name} = {}", value.to_json()),
        Event::FlowStarted { flow } => format!("      flow {flow} started"),
        Event::FlowCompleted { flow, step } => format!("      flow {flow} completed{}", at(step)),
        Event::FlowCancelled { flow, step } => format!("      flow {flow} cancelled{}", at(step)),
        Event::FlowInterrupted { flow, step } => format!("      flow {flow} interrupted{}", at(step)),
        Event::FlowResumed { flow, step } => format!("      flow {flow} resumed{}", at(step)),
        Event::Acted { action } if !action.as_str().starts_with("utter_") => format!("      action {action}"),
        Event::ActionStarted { action, .. } => format!("      action {action}"),
        Event::ActionEnded { ending, detail, .. } => format!("      ended {} {detail}", ending.word()),
        Event::Said { response, text, buttons, .. } => {
            let response = response.as_ref().map(|response| format!("[{response}] ")).unwrap_or_default();
            let buttons: String = buttons.iter().map(|(title, payload)| format!(" [{title}|{payload}]")).collect();
            format!("bot   {response}{}{buttons}", text.reveal())
        }
        Event::Transferred { reason } => format!("----  goes to a person ({reason})"),
        Event::PersonMissed { .. } => "----  no person could be reached".to_owned(),
        Event::HungUp => "----  we hung up".to_owned(),
        Event::Restarted => "----  the conversation starts over".to_owned(),
        Event::SessionEnded => "----  the session ended".to_owned(),
        Event::Faulted { fault } => format!("!!!!  {fault}"),
        Event::Interrupted { heard } => format!("user  (speaks after «{}»)", heard.reveal()),
        Event::Kept { .. }
        | Event::Missed
        | Event::Pushed { .. }
        | Event::Moved { .. }
        | Event::Returned { .. }
        | Event::Noted { .. }
        | Event::Asking { .. }
        | Event::Popped { .. }
        | Event::Acted { .. }
        | Event::Delivered { .. }
        | Event::Listened { .. }
        | Event::CallerLeft { .. }
        | Event::Foreign { .. } => return None,
    })
}

/// Each event as a line of JSON, keys in order, without the moment it happened at: two runs of one conversation give the
/// same lines.
pub fn canonical(case: &str, events: &[Event]) -> Vec<String> {
    let line = |(position, event): (usize, &Event)| {
        let mut json = serde_json::to_value(event).ok()?;
        json.as_object_mut()?.remove("at");
        Some(serde_json::json!({ "case": case, "position": position + 1, "event": json }).to_string())
    };
    events.iter().enumerate().filter_map(line).collect()
}
