use super::{Picture, page, pictures};
use centralita_engine::Project;
use centralita_engine::project::{ActionFacts, Actions, Source, Writes};

const CONFIG: &str = "language: es\npipeline: [{name: CompactLLMCommandGenerator}]\npolicies: [{name: FlowPolicy}]\n";
const DOMAIN: &str = "
slots:
  amount: {type: float}
  agreed: {type: bool, centralita: {consent: true}}
responses:
  utter_ask_amount: [{text: '¿Cuánto «dinero» & a quién <quieres> mandar?'}]
  utter_ask_agreed: [{text: ¿Lo hago?}]
  utter_too_much: [{text: Es demasiado.}]
  utter_one: [{text: Uno.}]
  utter_two: [{text: Dos.}]
";
const FLOWS: &str = "
flows:
  pay:
    name: pagar \"algo\"
    description: Paga
    nlu_trigger: [{intent: pay}]
    steps:
    - id: ask
      collect: amount
      rejections: [{if: slots.amount > 100, utter: utter_too_much}]
      centralita: {give_up: {after: 2, next: away}}
    - collect: agreed
      next:
      - if: slots.agreed is true
        then:
        - action: action_pay
        - action: utter_one
        - action: utter_two
          next: END
      - if: slots.amount > 50
        then: ask
      - else: away
    - id: away
      link: other
  other:
    name: otra cosa
    description: Otra
    if: false
    steps: [{action: utter_one}]
";

fn project() -> Project {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = [source("config.yml", CONFIG), source("domain.yml", DOMAIN), source("data/flows.yml", FLOWS)];
    let facts = ActionFacts { writes: Writes::Effect, ..ActionFacts::default() };
    let actions = Actions::from([(centralita_engine::ActionName::parse("action_pay").unwrap(), facts)]);
    let (project, mistakes) = Project::load(&sources, actions);
    project.unwrap_or_else(|| panic!("{mistakes:?}"))
}

fn pay() -> Picture {
    pictures(&project()).into_iter().find(|picture| picture.flow == "pay").unwrap()
}

/// Every text of a picture, in the order in which it is written.
fn texts(svg: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(svg);
    let mut texts = Vec::new();
    let mut inside = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(tag) if tag.name().as_ref() == "text" => {
                inside += 1;
                texts.push(String::new());
            }
            quick_xml::events::Event::End(tag) if tag.name().as_ref() == "text" => inside -= 1,
            quick_xml::events::Event::Text(text) if inside > 0 => {
                texts.last_mut().unwrap().push_str(&text);
            }
            quick_xml::events::Event::Eof => return texts,
            _ => {}
        }
    }
}

#[test]
fn only_flows_the_project_wrote_are_drawn() {
    let drawn: Vec<String> = pictures(&project()).into_iter().map(|picture| picture.flow).collect();
    assert_eq!(drawn, ["other", "pay"]);
}

#[test]
fn a_picture_is_well_formed_whatever_people_write() {
    let picture = pay();
    assert!(!texts(&picture.svg).is_empty());
    assert!(picture.svg.contains("&amp;") && picture.svg.contains("&lt;quieres&gt;"), "{}", picture.svg);
}

#[test]
fn the_consent_and_the_write_are_marked() {
    let texts = texts(&pay().svg);
    assert!(texts.contains(&"consent".to_owned()) && texts.contains(&"writes".to_owned()), "{texts:?}");
    assert_eq!(pay().svg.matches("marked\"").count(), 2);
}

#[test]
fn branches_are_diamonds_with_their_conditions_on_the_arrows() {
    let picture = pay();
    assert_eq!(picture.svg.matches("node branch").count(), 1);
    let texts = texts(&picture.svg);
    for label in ["agreed = yes", "else", "after 2 misses"] {
        assert!(texts.iter().any(|text| text == label), "{label}: {texts:?}");
    }
}

#[test]
fn responses_in_a_row_share_a_box_and_every_link_has_its_own() {
    let mermaid = pay().mermaid;
    assert!(mermaid.contains("says one, two<br/>Uno.<br/>Dos."), "{mermaid}");
    assert_eq!(mermaid.matches("goes on in otra cosa").count(), 2, "{mermaid}");
}

#[test]
fn mermaid_gets_no_quotes_and_no_tags_of_ours() {
    let mermaid = pay().mermaid;
    assert!(mermaid.starts_with("flowchart TD\n") && mermaid.contains("pagar #quot;algo#quot;") && mermaid.contains("#lt;quieres#gt;"), "{mermaid}");
    assert!(mermaid.contains("-.->|\"after 2 misses\"|"), "{mermaid}");
}

#[test]
fn the_same_project_gives_the_same_pictures() {
    let once: Vec<(String, String)> = pictures(&project()).into_iter().map(|picture| (picture.svg, picture.mermaid)).collect();
    let again: Vec<(String, String)> = pictures(&project()).into_iter().map(|picture| (picture.svg, picture.mermaid)).collect();
    assert_eq!(once, again);
}

#[test]
fn the_page_shows_every_flow_without_a_script() {
    let page = page("casa & banco", &pictures(&project()));
    assert!(page.contains("src=\"pay.svg\"") && page.contains("src=\"other.svg\"") && page.contains("casa &amp; banco"), "{page}");
    assert!(!page.contains("<script"), "{page}");
}
