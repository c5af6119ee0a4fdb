//! Text in pictures: how wide it is, and where it breaks.
//!
//! Lives here: widths of a common sans-serif, wrapping, escaping.
//! Never here: what is written.

/// About how wide a text is, in pixels, at this size. Nobody knows which font a reader has, so it errs on the wide side.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'í' | '.' | ',' | ':' | ';' | '\'' | '!' | '¡' | '|' => 0.3,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '-' | '/' | '{' | '}' => 0.37,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.9,
        c if c.is_uppercase() => 0.69,
        c if (c as u32) >= 0x2E80 => 1.0,
        _ => 0.59,
    }
}

/// A text in lines no wider than `most` pixels, at most `lines` of them; what does not fit ends in an ellipsis. A word
/// wider than a line is broken after a `_`, a `.` or wherever it has to be.
pub(super) fn wrap(text: &str, size: f64, most: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, size, most)) {
        let (space, word) = word;
        let joined = if line.is_empty() || !space { format!("{line}{word}") } else { format!("{line} {word}") };
        if width(&joined, size) <= most || line.is_empty() {
            line = joined;
        } else {
            wrapped.push(std::mem::replace(&mut line, word));
        }
    }
    if !line.is_empty() {
        wrapped.push(line);
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            while !last.is_empty() && width(&format!("{last}…"), size) > most {
                last.pop();
            }
            last.truncate(last.trim_end().len());
            last.push('…');
        }
    }
    wrapped
}

/// A word in pieces that fit on a line, each with whether a space stands before it.
fn pieces(word: &str, size: f64, most: f64) -> Vec<(bool, String)> {
    if width(word, size) <= most {
        return vec![(true, word.to_owned())];
    }
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for c in word.chars() {
        if width(&format!("{piece}{c}"), size) > most {
            let at = piece.rfind(['_', '.', '-']).map_or(piece.len(), |at| at + 1);
            let rest = piece.split_off(at);
            pieces.push((pieces.is_empty(), std::mem::replace(&mut piece, rest)));
        }
        piece.push(c);
    }
    pieces.push((pieces.is_empty(), piece));
    pieces
}

/// A text between tags or in an attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{width, wrap};

    #[test]
    fn no_line_is_wider_than_asked() {
        let text =
            "Voy a reportar tu tarjeta de débito terminada en {card_last4} para que la bloqueen. ¿Es correcto? action_open_request_with_a_very_long_name";
        for line in wrap(text, 12.0, 150.0, 99) {
            assert!(width(&line, 12.0) <= 150.0, "{line}");
        }
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let lines = wrap("uno dos tres cuatro cinco seis siete ocho nueve diez once doce", 12.0, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
    }
}
