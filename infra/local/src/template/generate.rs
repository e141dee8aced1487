//! `GenerateSecretString`: what CloudFormation puts into a new secret.

use crate::error::CloudError;
use crate::random;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Asked {
    #[serde(default = "thirty_two")]
    password_length: usize,
    secret_string_template: Option<String>,
    generate_string_key: Option<String>,
    #[serde(default)]
    exclude_characters: String,
    #[serde(default)]
    exclude_lowercase: bool,
    #[serde(default)]
    exclude_uppercase: bool,
    #[serde(default)]
    exclude_numbers: bool,
    #[serde(default)]
    exclude_punctuation: bool,
    #[serde(default)]
    include_space: bool,
    #[serde(default = "yes")]
    require_each_included_type: bool,
}

fn thirty_two() -> usize {
    32
}

fn yes() -> bool {
    true
}

/// The secret's first text: a random one, or the template's object with the random one as one more member.
pub(crate) fn secret_string(place: &str, property: Json) -> Result<String, CloudError> {
    let wrong = |problem: String| CloudError::template(place, problem);
    let asked: Asked = serde_json::from_value(property).map_err(|error| wrong(error.to_string()))?;
    let password = password(&asked).map_err(|error| wrong(error.to_string()))?;
    match (&asked.secret_string_template, asked.generate_string_key) {
        (None, None) => Ok(password),
        (Some(template), Some(key)) => {
            let mut object: Map<String, Json> = serde_json::from_str(template)
                .map_err(|_| wrong("SecretStringTemplate is not a JSON object".to_owned()))?;
            object.insert(key, Json::String(password));
            Ok(Json::Object(object).to_string())
        }
        _ => Err(wrong("SecretStringTemplate and GenerateStringKey go together".to_owned())),
    }
}

fn password(asked: &Asked) -> std::io::Result<String> {
    let included = [
        (LOWER, !asked.exclude_lowercase),
        (UPPER, !asked.exclude_uppercase),
        (NUMBERS, !asked.exclude_numbers),
        (PUNCTUATION, !asked.exclude_punctuation),
        (" ", asked.include_space),
    ];
    let types: Vec<String> = included
        .into_iter()
        .filter(|(_, included)| *included)
        .map(|(letters, _)| letters.chars().filter(|letter| !asked.exclude_characters.contains(*letter)).collect())
        .filter(|letters: &String| !letters.is_empty())
        .collect();
    let alphabet = types.concat();
    let impossible = alphabet.is_empty()
        || asked.password_length == 0
        || asked.password_length > 4096
        || (asked.require_each_included_type && types.len() > asked.password_length);
    if impossible {
        return Err(std::io::Error::other("no password can be made this way"));
    }
    // Drawing again keeps every permitted password equally likely.
    loop {
        let password = random::text(alphabet.as_bytes(), asked.password_length)?;
        let has_each = types.iter().all(|letters| password.contains(|c| letters.contains(c)));
        if has_each || !asked.require_each_included_type {
            return Ok(password);
        }
    }
}
