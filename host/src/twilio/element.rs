//! The elements of a `TwiML` document, before anybody asks what they mean.
//!
//! Lives here: a strict XML reader into a small tree.
//! Never here: which verbs there are and what they may hold (`read.rs`).

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use super::read::BadTwiml;

/// Twilio takes no document over 64 kB.
const LARGEST: usize = 64 * 1024;
/// Deeper than any document can be: `Response`, `Gather`, `Say`, `say-as`.
const DEEPEST: usize = 8;

/// One element with what it holds, in order.
#[derive(Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Child>,
}

/// Text or an element. Adjacent text is one child.
pub(super) enum Child {
    Text(String),
    Element(Element),
}

impl Element {
    fn open(tag: &BytesStart<'_>) -> Result<Self, BadTwiml> {
        let mut element = Self { name: tag.name().into_inner().to_owned(), ..Self::default() };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| BadTwiml::malformed(&error))?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| BadTwiml::malformed(&error))?;
            element.attributes.push((attribute.key.into_inner().to_owned(), value.into_owned()));
        }
        Ok(element)
    }

    fn push_text(&mut self, more: &str) {
        match self.children.last_mut() {
            Some(Child::Text(text)) => text.push_str(more),
            Some(Child::Element(_)) | None => self.children.push(Child::Text(more.to_owned())),
        }
    }
}

/// Reads the one root element of `xml`.
pub(super) fn parse(xml: &str) -> Result<Element, BadTwiml> {
    if xml.len() > LARGEST {
        return Err(BadTwiml::TooLarge);
    }
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<Element> = vec![Element::default()]; // the document itself
    loop {
        let event = reader.read_event().map_err(|error| BadTwiml::malformed(&error))?;
        let depth = open.len();
        let Some(inside) = open.last_mut() else {
            return Err(BadTwiml::NotOneRoot);
        };
        match event {
            Event::Start(tag) if depth <= DEEPEST => open.push(Element::open(&tag)?),
            Event::Start(_) => {
                return Err(BadTwiml::Malformed("elements are nested too deep".to_owned()));
            }
            Event::Empty(tag) => inside.children.push(Child::Element(Element::open(&tag)?)),
            Event::End(_) => {
                if let (Some(closed), Some(parent)) = (open.pop(), open.last_mut()) {
                    parent.children.push(Child::Element(closed));
                }
            }
            Event::Text(text) => inside.push_text(&text.xml10_content()),
            Event::CData(text) => inside.push_text(&text.xml10_content()),
            Event::GeneralRef(reference) => inside.push_text(&resolve(&reference)?),
            Event::Decl(_) | Event::Comment(_) => {}
            Event::PI(_) | Event::DocType(_) => {
                return Err(BadTwiml::Malformed("a DOCTYPE or processing instruction has no place in TwiML".to_owned()));
            }
            Event::Eof => return root(open),
        }
    }
}

/// The only element of a document whose elements are all closed.
fn root(mut open: Vec<Element>) -> Result<Element, BadTwiml> {
    let (Some(document), true) = (open.pop(), open.is_empty()) else {
        return Err(BadTwiml::NotOneRoot);
    };
    let mut found = None;
    for child in document.children {
        match child {
            Child::Text(text) if text.trim().is_empty() => {}
            Child::Element(element) if found.is_none() => found = Some(element),
            Child::Text(_) | Child::Element(_) => return Err(BadTwiml::NotOneRoot),
        }
    }
    found.ok_or(BadTwiml::NotOneRoot)
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, BadTwiml> {
    let character = reference.resolve_char_ref().map_err(|error| BadTwiml::malformed(&error))?;
    if let Some(character) = character {
        return Ok(character.to_string());
    }
    let known = resolve_xml_entity(&reference.xml10_content()).map(str::to_owned);
    known.ok_or_else(|| BadTwiml::Malformed("an entity is not one of XML's five".to_owned()))
}
