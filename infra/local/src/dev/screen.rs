//! The one screen that a developer sees.

use super::keys::Keys;
use super::{FACTS, LOG};
use std::path::Path;

pub(super) fn text(base: &str, cloud: &str, data: Option<&Path>, keys: &Keys, token: &str) -> String {
    let Keys { all, read_only, other_tenant } = keys;
    let kept = match data {
        Some(folder) => format!("kept in {}, with the keys", folder.display()),
        None => "in memory, gone at the end (keep it with DATA=.local/data)".to_owned(),
    };
    format!(
        r#"
Palisade is ready.

  API           {base}   described at {base}/docs
  local cloud   {cloud}   is what AWS_ENDPOINT_URL names
  data          {kept}

  key with all scopes    {all}
  key that only reads    {read_only}
  key of another tenant  {other_tenant}

  token of a person who may read, good for twelve hours, from the demo issuer of tenant demo:
  {token}

Send a reading, read it back, ask whether a machine will fail; store what a bank's message tells:

  curl -s {base}/v1/ingest -H 'X-API-Key: {all}' -H 'Content-Type: application/json' -d '{{"sensor_id":"pump-7","sensor_type":"temperature","unit":"C","value":71.5}}'

  curl -s {base}/v1/sensors/pump-7/readings -H 'X-API-Key: {all}'

  curl -s {base}/v1/sensors -H 'Authorization: Bearer {token}'

  curl -s {base}/v1/predict -H 'X-API-Key: {all}' -H 'Content-Type: application/json' -d '{{"machine_type":"L","air_temperature_k":303.1,"process_temperature_k":311.2,"rotational_speed_rpm":1290,"torque_nm":61.5,"tool_wear_min":190}}'

  curl -s {base}/v1/transactions -H 'X-API-Key: {all}' -H 'Content-Type: application/json' -d '{{"user_id":"user-17","channel":"sms","sender":"AD-HDFCBK","message":"Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012."}}'

Base and keys are in {FACTS} for scripts. What the functions print is in {LOG}. A change to the code
restarts them. Ctrl-C ends everything.
"#
    )
}
