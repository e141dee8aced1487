//! The key's usage identifier at API Gateway, by which a usage plan throttles it. It is derived from the kid, so API
//! Gateway never holds a secret of ours, and knowing it admits nobody.

use aws_sdk_apigateway::{Client, types::ApiKey as Registered};
use kernel::KeyId;
use vault::usage_identifier;

use crate::Error;

/// The usage identifier of one key.
pub(crate) struct Registration<'a> {
    client: &'a Client,
    pub(crate) name: String,
    value: String,
}

impl<'a> Registration<'a> {
    pub(crate) fn new(client: &'a Client, stage: &str, kid: &KeyId) -> Self {
        Self { client, name: format!("palisade-{stage}-{kid}"), value: usage_identifier(kid) }
    }

    /// Registers the identifier and puts it into the plan. When the plan does not take it, nothing stays registered.
    pub(crate) async fn join(&self, plan: &str) -> Result<(), Error> {
        let id = self.register().await?;
        let call = self.client.create_usage_plan_key().usage_plan_id(plan).key_id(id).key_type("API_KEY");
        let Err(error) = call.send().await else { return Ok(()) };
        let refusal = error.as_service_error();
        if refusal.is_some_and(|refusal| refusal.is_conflict_exception()) {
            return Ok(());
        }
        let cause = if refusal.is_some_and(|refusal| refusal.is_not_found_exception()) {
            Error::UnknownPlan(plan.to_owned())
        } else {
            Error::of_call(format!("joining usage plan {plan}"), &error)
        };
        Err(self.after(cause).await)
    }

    /// `cause`, once the identifier is taken back.
    pub(crate) async fn after(&self, cause: Error) -> Error {
        match self.remove().await {
            Ok(_) => cause,
            Err(_) => Error::LeftRegistered { name: self.name.clone(), cause: Box::new(cause) },
        }
    }

    /// Removes the identifier from API Gateway, and with it from its plans. Whether there was one.
    pub(crate) async fn remove(&self) -> Result<bool, Error> {
        let Some(id) = self.find().await?.and_then(|key| key.id) else { return Ok(false) };
        match self.client.delete_api_key().api_key(id).send().await {
            Ok(_) => Ok(true),
            // A repetition of a call that had succeeded.
            Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found_exception()) => Ok(true),
            Err(error) => Err(Error::of_call(format!("deleting API key {}", self.name), &error)),
        }
    }

    async fn register(&self) -> Result<String, Error> {
        let doing = || format!("creating API key {}", self.name);
        let call = self.client.create_api_key().name(&self.name).value(&self.value).enabled(true);
        let registered = match call.send().await {
            Ok(answer) => answer.id,
            // A repetition of a call that had succeeded.
            Err(error) if error.as_service_error().is_some_and(|error| error.is_conflict_exception()) => {
                self.find().await?.and_then(|key| key.id)
            }
            Err(error) => return Err(Error::of_call(doing(), &error)),
        };
        registered.ok_or_else(|| Error::Refused { doing: doing(), cause: "the answer names no id".to_owned() })
    }

    async fn find(&self) -> Result<Option<Registered>, Error> {
        let call = self.client.get_api_keys().name_query(&self.name).include_values(true);
        let answer = call.send().await.map_err(|error| Error::of_call("looking for API keys", &error))?;
        Ok(answer.items.unwrap_or_default().into_iter().find(|key| key.value.as_ref() == Some(&self.value)))
    }
}
