//! Reading an answer of a chat server, streamed or whole, byte by byte.
//!
//! Lives here: events, the fields that matter, when to stop listening.
//! Never here: the connection (`ask.rs`), what a command means (the engine).

use super::usage::Usage;
use centralita_engine::command::{self, Syntax};
use serde_json::Value as Json;

/// The most bytes and the most text an answer may have.
const MOST_BYTES: usize = 256 * 1024;
/// See [`MOST_BYTES`].
const MOST_TEXT: usize = 4 * 1024;
/// Complete commands that are enough; the prompt asks for no more.
const ENOUGH: usize = 4;

/// An answer that came to its end.
pub(super) struct Answer {
    /// What the model wrote.
    pub(super) text: String,
    /// Tokens by the server's count.
    pub(super) usage: Usage,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// The server said in the answer that it failed.
    Refused,
    /// The connection ended in the middle.
    Cut,
    /// Not an answer of a chat server, too long, or cut off by the server's own limit.
    Unreadable,
}

/// An answer as it arrives.
#[derive(Default)]
pub(super) struct Reader {
    bytes: Vec<u8>,
    read: usize,
    seen: usize,
    text: String,
    usage: Usage,
    events: usize,
    done: bool,
    /// Whether nothing follows.
    over: bool,
}

impl Reader {
    /// Takes what arrived. True: no more is needed.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<bool, Bad> {
        self.seen += bytes.len();
        if self.seen > MOST_BYTES {
            return Err(Bad::Unreadable);
        }
        self.bytes.extend_from_slice(bytes);
        if self.is_whole() {
            return Ok(false);
        }
        while let Some(length) = self.bytes[self.read..].iter().position(|byte| *byte == b'\n') {
            let line = self.bytes[self.read..self.read + length].to_vec();
            self.read += length + 1;
            self.line(&line)?;
        }
        // All that came is looked at even when the text is complete: the count comes last.
        Ok(self.done || self.text.len() > MOST_TEXT || self.complete_commands() >= ENOUGH)
    }

    /// The answer, once no more is needed or the connection has ended.
    pub(super) fn finish(mut self) -> Result<Answer, Bad> {
        if self.is_whole() {
            let body: Json = serde_json::from_slice(&self.bytes).map_err(|_| if self.bytes.ends_with(b"}") { Bad::Unreadable } else { Bad::Cut })?;
            self.body(&body)?;
            if self.events == 0 {
                return Err(Bad::Unreadable);
            }
            self.done = true;
        }
        if !self.done && self.text.len() <= MOST_TEXT && self.complete_commands() < ENOUGH {
            return Err(if self.events == 0 { Bad::Unreadable } else { Bad::Cut });
        }
        Ok(Answer { text: said(&self.text).to_owned(), usage: self.usage })
    }

    /// Whether the server answers with one JSON object although a stream was asked for.
    fn is_whole(&self) -> bool {
        self.events == 0 && self.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
    }

    /// Whether a word of the answer has come.
    pub(super) const fn has_words(&self) -> bool {
        !self.text.is_empty()
    }

    /// Whether the answer is whole and its tokens are not counted yet.
    pub(super) const fn awaits_count(&self) -> bool {
        self.done && !self.over && self.usage.prompt.is_none()
    }

    fn complete_commands(&self) -> usize {
        let complete = self.text.rfind('\n').map_or("", |end| &self.text[..end]);
        command::read(Syntax::Compact, said(complete)).len()
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Bad> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(data) = line.strip_prefix(b"data:").map(<[u8]>::trim_ascii) else { return Ok(()) };
        if data == b"[DONE]" {
            self.events += 1;
            self.done = true;
            self.over = true;
            return Ok(());
        }
        match serde_json::from_slice::<Json>(data) {
            Ok(body) => self.body(&body),
            Err(_) => Ok(()),
        }
    }

    fn body(&mut self, body: &Json) -> Result<(), Bad> {
        if body.get("error").is_some_and(|error| !error.is_null()) {
            return Err(Bad::Refused);
        }
        let tokens = |path: &str| body.pointer(path).and_then(Json::as_u64);
        self.usage.prompt = tokens("/usage/prompt_tokens").or(self.usage.prompt);
        self.usage.cached = tokens("/usage/prompt_tokens_details/cached_tokens").or(tokens("/timings/cache_n")).or(self.usage.cached);
        self.usage.written = tokens("/usage/completion_tokens").or(self.usage.written);
        let Some(choice) = body.pointer("/choices/0") else { return Ok(()) };
        let part = choice.get("delta").or_else(|| choice.get("message"));
        if part.is_none() && choice.get("finish_reason").is_none() {
            return Ok(());
        }
        self.events += 1;
        if let Some(text) = part.and_then(|part| part.get("content")).and_then(Json::as_str) {
            self.text.push_str(text);
        }
        // A tool that has to be called takes the commands as its input.
        let tool = part.and_then(|part| part.pointer("/tool_calls/0"));
        if let Some(text) = tool.and_then(|tool| tool.pointer("/custom/input").or_else(|| tool.pointer("/function/arguments"))).and_then(Json::as_str) {
            self.text.push_str(text);
        }
        match choice.get("finish_reason").and_then(Json::as_str) {
            None => {}
            // The last command may lack its end, or all of it.
            Some("length" | "content_filter") => return Err(Bad::Unreadable),
            Some(_) => self.done = true,
        }
        Ok(())
    }
}

/// What a model wrote after it thought aloud; nothing while it still does.
fn said(text: &str) -> &str {
    match (text.rsplit_once("</think>"), text.trim_start().starts_with("<think>")) {
        (Some((_, said)), _) => said,
        (None, true) => "",
        (None, false) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pieces: &[&[u8]]) -> Result<(String, Option<u64>), Bad> {
        let mut reader = Reader::default();
        for piece in pieces {
            if reader.take(piece)? {
                break;
            }
        }
        reader.finish().map(|answer| (answer.text, answer.usage.prompt))
    }

    fn data(text: &str) -> String {
        format!("data: {}\r\n\r\n", serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}], "usage": null}))
    }

    #[test]
    fn a_stream_may_be_torn_at_any_byte() {
        let stream =
            format!(": hello\n\n{}{}data: {{\"choices\":[],\"usage\":{{\"prompt_tokens\":7}}}}\n\ndata: [DONE]\n\n", data("set slot a "), data("⟨d1⟩"));
        for at in 0..stream.len() {
            let (one, other) = stream.as_bytes().split_at(at);
            assert_eq!(all(&[one, other]), Ok(("set slot a ⟨d1⟩".into(), Some(7))), "torn at {at}");
        }
    }

    #[test]
    fn tokens_are_counted_with_those_from_a_cache() {
        let whole = br#"{"choices":[{"message":{"content":"hand over"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":8}}}"#;
        let mut reader = Reader::default();
        reader.take(whole).unwrap();
        assert_eq!(reader.finish().unwrap().usage, Usage { prompt: Some(9), cached: Some(8), written: Some(2) });
    }

    #[test]
    fn enough_complete_commands_end_the_listening() {
        let lines = data("hand over\nhand over\nhand over\nhand over\nhand ");
        let mut reader = Reader::default();
        assert_eq!(reader.take(lines.as_bytes()), Ok(true));
    }

    #[test]
    fn what_ends_too_early_is_no_answer() {
        assert_eq!(all(&[data("start flow a\n").as_bytes()]), Err(Bad::Cut));
        assert_eq!(all(&[b"{\"choices\":[{\"message\":{\"content\":\"start"]), Err(Bad::Cut));
        assert_eq!(all(&[br#"{"choices":[{"message":{"content":"start flow a"},"finish_reason":"length"}]}"#]), Err(Bad::Unreadable));
    }

    #[test]
    fn the_input_of_a_tool_is_the_answer() {
        let whole = br#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c","type":"custom","custom":{"name":"commands","input":"hand over"}}]},"finish_reason":"tool_calls"}]}"#;
        assert_eq!(all(&[whole]), Ok(("hand over".into(), None)));
        let piece = |text: &str| {
            let call = serde_json::json!({"index": 0, "custom": {"input": text}});
            format!("data: {}\n\n", serde_json::json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": null}]}))
        };
        assert_eq!(all(&[piece("hand").as_bytes(), piece(" over").as_bytes(), b"data: [DONE]\n\n"]), Ok(("hand over".into(), None)));
    }

    #[test]
    fn thinking_aloud_is_no_answer() {
        let whole = br#"{"choices":[{"message":{"content":"<think>\ncancel flow\n</think>hand over"},"finish_reason":"stop"}]}"#;
        assert_eq!(all(&[whole]), Ok(("hand over".into(), None)));
    }

    #[test]
    fn other_shapes_are_unreadable_and_errors_are_refusals() {
        assert_eq!(all(&[b"<html></html>"]), Err(Bad::Unreadable));
        assert_eq!(all(&[b"{\"answer\": 42}"]), Err(Bad::Unreadable));
        assert_eq!(all(&[b"[1, 2]"]), Err(Bad::Unreadable));
        assert_eq!(all(&[b"data: {\"error\":{\"message\":\"overloaded\"}}\n\n"]), Err(Bad::Refused));
        assert_eq!(all(&[&vec![b' '; MOST_BYTES + 1]]), Err(Bad::Unreadable));
    }
}
