use super::*;
use crate::answers::words::folded;
use proptest::prelude::*;
use std::sync::LazyLock;

/// The project's own examples, by line: the loader has tests of its own.
static EXAMPLES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let (mut intent, mut all) = (String::new(), Vec::new());
    for line in include_str!("../../../../flows/sctbnk/data/nlu.yml").lines() {
        if let Some(name) = line.strip_prefix("- intent: ") {
            name.clone_into(&mut intent);
        } else if let Some(text) = line.strip_prefix("    - ") {
            all.push((intent.clone(), text.to_owned()));
        }
    }
    all
});
static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::train(&EXAMPLES));

fn best(text: &str) -> Guess {
    MATCHER.rank(text).into_iter().next().unwrap_or(Guess { intent: String::new(), score: 0.0 })
}

/// How sure the matcher is that the card is to be blocked, whatever the reason.
fn block(text: &str) -> f32 {
    MATCHER.rank(text).into_iter().filter(|guess| guess.intent.starts_with("block_card")).map(|guess| guess.score).sum()
}

/// Utterances that are not among the examples, by what they want.
const BLOCK: &[(&str, &str)] = &[
    (
        "block_card",
        "oiga necesito que me bloqueen la tarjeta|quisiera bloquear mi plástico por favor|hola quiero bloquear mi tarjeta de débito|me bloquea la tarjeta si es tan amable|ocupo bloquear una tarjeta|hay que cancelar la tarjeta de mi esposo|quiero reportar mi tarjeta de crédito|bloquéenme las tarjetas ya\
         |necesito suspender mi tarjeta|quiero que den de baja mi tarjeta de débito|podrías bloquear la tarjeta de mi hija|necesito inhabilitar la tarjeta|bloquear mi tarjeta terminada en 4521|buenas noches para reportar una tarjeta|me urge que cancelen mi tarjeta|se puede bloquear la tarjeta por aquí\
         |bloquea la tarjeta ahora mismo carajo|hágame el favor de bloquear mi tarjeta|quiero pedir el bloqueo de la tarjeta|necesito que bloqueen mi tarjeta de crédito urgente",
    ),
    (
        "block_card_stolen",
        "me acaban de robar mi bolsa y ahí venía la tarjeta|me asaltaron en el camión|unos tipos me quitaron la cartera|me asaltaron hace una hora|se robaron mi cartera del coche|me robaron la billetera en el metro|me han robado el bolso con la tarjeta adentro|ayuda me asaltaron con pistola|me sacaron la billetera del bolsillo\
         |me cogotearon en el paradero|me robaron pues señorita|tengo que reportar un robo de mi tarjeta|me robaron mis tarjetas en el mercado|un motochorro se llevó mi cartera|a mi hija le robaron la tarjeta|me quitaron todo en un asalto|se metieron a robar a mi casa y se llevaron la tarjeta|me chorearon la tarjeta po|me afanaron la cartera|me atracaron y se llevaron la billetera",
    ),
    (
        "block_card_lost",
        "no encuentro mi tarjeta por ningún lado|creo que perdí la tarjeta en el taxi|se me perdió la cartera|la tarjeta se la tragó el cajero automático|dejé mi tarjeta en el restaurante|extravié mi plástico|no sé dónde quedó mi débito|el cajero se quedó mi tarjeta y no la devuelve|perdí mi monedero con la tarjeta\
         |se me extravió mi tarjeta de débito|mi tarjeta no aparece|olvidé la tarjeta en la tienda|se me cayó la tarjeta|dejé olvidada la billetera en el bus|mi tarjeta se me perdió ayer|perdí las dos tarjetas|ando sin tarjeta la perdí en la calle|el cajero se comió mi tarjeta|no encuentro mi tarjeta de crédito|busqué mi tarjeta y no está",
    ),
    (
        "block_card_fraud",
        "me clonaron mi tarjeta de crédito|hay cargos que no reconozco en mi tarjeta|alguien está comprando con mi tarjeta en internet|me hicieron una compra que yo no hice|creo que me hackearon la tarjeta|hicieron un retiro que no reconozco|me llegó un mensaje de un cargo que no hice|aparecen unas compras que no son mías\
         |están usando mi tarjeta y no soy yo|me están vaciando la cuenta|caí en un fraude y di los datos de mi tarjeta|me cobraron algo que yo no compré|tengo movimientos que no reconozco|le di mi número de tarjeta a un estafador|veo un cargo de amazon que yo no hice|me clonaron la tarjeta en un restaurante|alguien retiró dinero con mi tarjeta\
         |no reconozco ese cargo|me sacaron dinero sin mi permiso|compraron con mi tarjeta y no fui yo",
    ),
];

/// What only looks like a block, by what it is.
const LOOK_ALIKES: &[(&str, &str)] = &[
    (
        "unblock_card",
        "necesito que desbloqueen mi tarjeta de débito|ya apareció mi tarjeta quiero desbloquearla|cómo activo mi tarjeta nueva por favor|quisiera desbloquear la tarjeta|puede desbloquear mi tarjeta de crédito|quiero que le quiten el bloqueo a mi tarjeta",
    ),
    (
        "why_blocked",
        "¿por qué está bloqueada mi tarjeta de débito?|¿por qué me bloquearon mi tarjeta?|mi tarjeta no pasa en la tienda|me rechazaron la tarjeta en el cajero|¿mi tarjeta sigue bloqueada?|por qué me sale bloqueada la tarjeta",
    ),
    (
        "balance",
        "cuál es el saldo de mi tarjeta|cuánto debo en mi tarjeta de crédito|cuál es la fecha de corte de mi tarjeta|dígame mi saldo por favor|cuánto es el saldo de mi cuenta|cuánto tengo que pagar de mi tarjeta",
    ),
    (
        "card_replacement",
        "cuándo me llega mi tarjeta nueva|quiero reponer mi tarjeta|necesito una reposición de tarjeta|se me rompió la tarjeta|mi tarjeta está vencida|quiero pedir una tarjeta nueva",
    ),
];

/// What has nothing to do with a card to be blocked.
const OFF_TOPIC: &str = "quiero sacar una tarjeta de crédito|quiero cambiar el nip de mi tarjeta|quiero un préstamo personal|necesito un crédito hipotecario|quiero abrir una cuenta de nómina|cancelar mi seguro de auto|necesito bloquear mi celular|perdí las llaves de mi casa|qué tiempo hace en Lima|cuéntame un cuento|quién ganó ayer el clásico\
|cómo se hace el mole|necesito hablar con una persona|gracias por todo señorita|hola buenas tardes señorita|adiós que esté muy bien|la capital de Francia|el perro come carne|me duele la cabeza|vendo zapatos usados|dónde queda la sucursal del centro|siete ocho siete ocho|no no|sí claro|tarará tarará|mañana es mi boda|supercalifragilístico|asdf qwer";

#[test]
fn unseen_means_unseen() {
    let known: BTreeSet<String> = EXAMPLES.iter().map(|(_, text)| folded(text)).collect();
    let sets = BLOCK.iter().chain(LOOK_ALIKES).map(|(_, all)| *all).chain([OFF_TOPIC]);
    let repeated: Vec<&str> = sets.flat_map(|all| all.split('|')).filter(|text| known.contains(&folded(text))).collect();
    assert_eq!(repeated, Vec::<&str>::new());
    assert_eq!(known.len(), EXAMPLES.len(), "an example stands twice");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads the labelled utterances from disk; the engine does not")]
fn no_labelled_utterance_of_the_project_is_among_its_examples() {
    let known: BTreeSet<String> = EXAMPLES.iter().map(|(_, text)| folded(text)).collect();
    let (mut all, mut mistakes) = (0, Vec::new());
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../flows/sctbnk/eval")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "yml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let root = crate::yaml::read(&text, &mut crate::yaml::Findings::new("eval", &mut mistakes)).unwrap();
        // Answers to a question are no wishes: "sí" is an example of what stands alone.
        for group in root.items().iter().filter(|group| group.get("asks").is_none() && group.get("obeys").is_none()) {
            let said = group.get("says").unwrap();
            let lines = said.scalar().map_or_else(
                || said.items().iter().filter_map(crate::yaml::Node::scalar).collect(),
                |text| text.lines().map(str::to_owned).collect::<Vec<_>>(),
            );
            for line in lines {
                let said = folded(line.trim_start_matches(['-', ' ']));
                assert!(!known.contains(&said), "{}: {said}", path.display());
                all += 1;
            }
        }
    }
    assert!(all >= 600, "{all}");
}

#[test]
fn a_wish_to_block_is_recognised_in_unseen_words() {
    let (mut all, mut found, mut sure, mut right) = (0, 0, 0, 0);
    let mut missed = Vec::new();
    for (intent, said) in BLOCK {
        for text in said.split('|') {
            let score = block(text);
            all += 1;
            found += usize::from(score >= 0.6);
            sure += usize::from(score >= 0.75);
            right += usize::from(best(text).intent == *intent);
            if score < 0.75 || best(text).intent != *intent {
                missed.push(format!("{text}: {score:.2} {}", best(text).intent));
            }
        }
    }
    assert!(found * 100 >= all * 95, "{found} of {all}: {missed:#?}");
    assert!(sure * 100 >= all * 85, "{sure} of {all}: {missed:#?}");
    assert!(right * 100 >= all * 90, "{right} of {all}: {missed:#?}");
}

#[test]
fn what_only_looks_like_a_block_is_none() {
    let (mut named, mut all) = (0, 0);
    for (intent, said) in LOOK_ALIKES {
        for text in said.split('|') {
            assert!(block(text) < 0.6, "{text}: {:?}", best(text));
            named += usize::from(best(text).intent == *intent);
            all += 1;
        }
    }
    assert!(named * 100 >= all * 90, "{named} of {all}");
    for text in OFF_TOPIC.split('|') {
        assert!(block(text) < 0.6, "{text}: {:?}", best(text));
    }
}

#[test]
fn what_is_like_no_example_is_unlikely_for_all() {
    for text in ["supercalifragilístico", "asdf qwer", "lorem ipsum dolor sit amet", "Schadenfreude und Weltschmerz", "", "¿?", "🙂"] {
        let wanted = best(text);
        assert!(wanted.score < 0.5 || wanted.intent == "off_topic", "{text}: {wanted:?}");
    }
}

#[test]
fn a_long_story_tells_its_wish_in_one_of_its_parts() {
    let story = "fíjese que el sábado salimos con mis compadres a celebrar el santo de Chabela, hubo mariachi y todo, y de regreso me asaltaron y me quitaron la tarjeta";
    let sum = |guesses: Vec<Guess>| guesses.into_iter().filter(|guess| guess.intent.starts_with("block_card")).map(|guess| guess.score).sum::<f32>();
    let parts: Vec<f32> = MATCHER.parts(story).into_iter().map(sum).collect();
    assert!(parts.iter().any(|score| *score >= 0.7), "{parts:?}");
    assert_eq!(MATCHER.parts("me asaltaron y me quitaron la tarjeta"), Vec::<Vec<Guess>>::new());
}

#[test]
fn everyday_wishes_are_none_of_the_lines_own() {
    let said = "quiero apartar cancha para el sábado|necesito hora con el oculista|perdí mi sombrero en la feria|me robaron la pelota los vecinos|cuánto cuesta la docena de huevos\
        |se cayó la señal de la tele|quiero devolver un vestido|a qué hora abre la panadería|por qué llueve tanto en julio|busco una señora que cuide niños";
    let started: Vec<&str> = said.split('|').filter(|text| best(text).score >= 0.5 && best(text).intent != "off_topic").collect();
    assert!(started.len() <= 1, "{started:?}");
}

#[test]
fn training_is_the_same_every_time() {
    let again = Matcher::train(&EXAMPLES);
    for text in ["me robaron la tarjeta", "cuál es mi saldo", "¿qué?"] {
        assert_eq!(again.rank(text), MATCHER.rank(text), "{text}");
    }
}

#[test]
fn without_examples_there_is_no_guess() {
    assert_eq!(Matcher::train(&[]).rank("me robaron la tarjeta"), []);
}

proptest! {
    #[test]
    fn no_text_panics_the_matcher(text in "\\PC{0,80}|([a-zñáé ]{0,9}[0-9#*., ]{0,9}){0,8}") {
        for guess in MATCHER.rank(&text) {
            prop_assert!((0.0..=1.0).contains(&guess.score), "{}", guess.score);
        }
    }
}
