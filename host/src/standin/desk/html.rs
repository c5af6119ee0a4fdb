//! The little HTML the desk needs: text out of a description, and text into a page.

/// Text made safe inside an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A description without scripts, as the desk stores it.
pub(super) fn sanitised(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = find(rest, "<script") {
        kept.push_str(&rest[..at]);
        rest = find(&rest[at..], "</script>").map_or("", |end| &rest[at + end + "</script>".len()..]);
    }
    kept.push_str(rest);
    kept
}

/// Where an ASCII needle stands, in either case.
fn find(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes().windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// The text of a description: tags become spaces, the usual entities their characters.
pub(super) fn text(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    let plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&nbsp;", " ").replace("&amp;", "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_loses_scripts_and_its_text_loses_tags() {
        assert_eq!(sanitised("<p>a</p><SCRIPT>x</Script>b<script>"), "<p>a</p>b");
        assert_eq!(text("<p>Tarjeta &amp; m\u{e1}s</p><ul><li>1 &lt; 2</li></ul>"), "Tarjeta & m\u{e1}s 1 < 2");
        assert_eq!(escape("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    }
}
