//! What people put around an answer that changes nothing of it.
//!
//! Lives here: how callers address whoever they talk to, courtesy, sounds of thinking, oaths and tags, country by country.
//! Never here: what decides an answer, or makes it doubtful (the readers).

use super::phrases::{Lexicon, longest};
use super::words::Word;
use std::sync::LazyLock;

/// How a stranger on the telephone is addressed.
pub(super) const ADDRESS: &str = "senor|senora|senorita|senito|seno|joven|jovencito|jovencita|caballero|don|dona|usted|amigo|amiga|amiguito|amiguita|estimado|estimada|mi estimado|mi estimada|hermano|hermana|hermanito|mano|manito|maestro|maestra\
|jefe|jefa|jefecito|jefecita|patron|compadre|comadre|compa|carnal|cuate|guey|wey|we|bato|vato|chavo|chava|parce|parcero|llave|llavecita|doc|doctor|doctora|doctorcito|licenciado|licenciada|lic|ingeniero|ingeniera|inge|profe\
|sumerce|su merced|mi senora|mi senor|linda|lindo|reina|mi reina|mi rey|rey|mi nina|mi nino|causa|causita|pata|choche|bateria|tio|che|boludo|boluda|loco|loca|flaco|flaca|gordo|gorda|capo|genio|genia|maquina|pibe|chabon\
|gallo|huevon|weon|hueon|cabro|cabra|hombre|mujer|varon|bolu|bolud|gancho|maestra|querida|querido|mi dama|mi lic|mi jefe|mi doc";

/// How somebody in the same room is addressed, too.
pub(super) const ENDEARMENTS: &str = "madre|padre|nena|nene|viejo|vecino|vecina|veci|muchacho|muchacha|chula|chica|chico|mi amor|amor|mi vida|mi cielo|cielo|corazon|mi corazon|carino|mi carino|hijo|hija|mi hijo|mi hija|mijo|mija|mijito|mijita|mami|mamita|papi|papito|vieja|mi vieja|gordi|bebe|nino|nina|ninos";

/// Courtesy.
pub(super) const COURTESY: &str = "por favor|porfavor|porfa|porfis|porfi|por fis|por favorcito|porfavorcito|plis|favor|hagame el favor|hagame favor|hazme el favor|hagame ese favor|hazme ese favor|haga el favor|me hace el favor|si me hace el favor|si me haces el favor|si me hace favor|si es tan amable|si fuera tan amable|si eres tan amable|si no es molestia\
|gracias|muchas gracias|mil gracias|muchisimas gracias|gracias muy amable|muy amable|muy amable gracias|que amable|es usted muy amable|te lo agradezco|se lo agradezco|se lo agradezco mucho|se lo agradeceria|te lo agradeceria|se lo voy a agradecer|te lo voy a agradecer|le agradezco|le agradezco mucho|te agradezco|agradecido|agradecida|le agradeceria|te agradeceria\
|se lo pido|se lo ruego|te lo pido|por favor se lo pido|se lo encargo|te lo encargo|le encargo|te encargo|que pena|que pena con usted|que pena contigo|que pena molestar|perdon la molestia|disculpe la molestia|con gusto|con mucho gusto|con todo gusto|dios lo bendiga|dios la bendiga|dios le pague|bendiciones|con permiso|dios se lo pague|que dios se lo pague|que dios la bendiga|que dios lo bendiga|que dios te bendiga|gracias por la atencion|gracias por su atencion|gracias por todo|gracias por la ayuda|gracias por su ayuda|de favor|y gracias|y gracias por la atencion|y que dios la bendiga|y que dios lo bendiga|hagame ese favorcito|hazme ese favorcito|hagame el favorcito|si me hace ese favorcito|haz favor|haga favor|te pido|le pido|y muchas gracias|disculpe la molestia|perdone la molestia|si me hace ese favor|si me hace favor";

/// How callers greet before they answer.
pub(super) const GREETINGS: &str = "hola|buenas|buen dia|buenos dias|buenas tardes|buenas noches|que tal|alo";

/// Sounds of thinking and words of starting to speak.
pub(super) const SOUNDS: &str = "en realidad|asu|asu mare|ala|uyuyuy|ay dios|ay diosito|diosito|ay senorita|eeh|ehh|este|esteh|e|ee|em|ehm|emm|mm|m|hm|hum|uh|uf|ei|ora|hijole|ijole|chuta|pucha|puchica|caray|chispas|a ver|veamos|a ver a ver|vera|pos|pus|o sea|osea|digamos|mire|mira|mire usted|vea|ve|fijate|fijese|fijate que|fijese que|le cuento|te cuento|oiga|oye|oigame|bueno|bueno pues|entonces|la verdad|la verdad es que|la neta|es que|sabe que|sabes que|mire que|asi que";

/// Little words that stand at either end.
pub(super) const LITTLE: &str = "po|poh|pu|pe|pes|pue|pues|che|eh|ah|ay|uy|oh|ya|pa|hombre|nomas|no mas";

/// Oaths and tags that end a sentence.
pub(super) const TAGS: &str = "carajo|caramba|por dios|dios mio|dios santo|ay dios|por el amor de dios|por lo que mas quiera|chingado|caray|diablos|mierda|la puta madre|puta|pucha|que horror|que susto|que bronca|que coraje\
|nomas|nada mas|no mas|eso po|po|pe|cachai|viste|ponele|sabes|sabe|vio|pues|eh|ah|oh|tranquilo|tranquila|fresco|fresca|relajado|de una|andele|andale|dale|ok|okay|okey|oquei|vale|perfecto|muy bien|excelente|joya|buenisimo|barbaro|genial|chevere|bacan|chido|listo|eso es|eso|eso nomas|asi nomas|asi no mas";

static ALL: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::of(&[ADDRESS, ENDEARMENTS, COURTESY, GREETINGS, SOUNDS, LITTLE, TAGS].map(|list| ((), list))));

/// How many words of chatter the words begin with.
pub(super) fn length(words: &[Word]) -> usize {
    longest(words, &ALL).map_or(0, |((), length)| length)
}
