//! That the person is to be erased is stored first; then the key is destroyed, then the rest removed.

use aws_sdk_dynamodb::Client;
use erasure::Eraser;
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route, commit_part};
use kernel::{Fault, Identifier, Scope};
use ledger::{Erasure, ErasureStatus};
use store::{AuditTrail, CommitError, Entities, Listed, Stored, Subject, Tenants, UnitOfWork};

/// How many erasures are listed at once.
const PAGE: u16 = 100;

/// `DELETE /v1/users/{user_id}`.
pub struct ErasePerson {
    /// What erases.
    pub eraser: Eraser,
    /// What is known of erasures.
    pub erasures: Entities<Erasure>,
    /// For whom erasures are finished by the clock.
    pub tenants: Tenants,
    /// What commits.
    pub client: Client,
    /// Where the beginning is entered.
    pub audit: AuditTrail,
}

impl Endpoint for ErasePerson {
    const ROUTE: Route = Route {
        name: "erase-person",
        method: Method::Delete,
        path: "/v1/users/{user_id}",
        siblings: &[],
        demand: Demand::Scope(Scope::PrivacyErase),
        body: Body::None,
        stores: true,
    };
    type Input = Identifier;
    type Output = Json<Erasure>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Identifier, Fault> {
        incoming.no_query()?;
        incoming.identifier("user_id")
    }

    /// Two may erase the same person at once: the later one finds what the other one left, or nobody.
    fn again(&self, user: &Identifier) -> Option<Identifier> {
        Some(user.clone())
    }

    async fn act(&self, call: &Call, user: Identifier, work: &mut UnitOfWork) -> Result<Json<Erasure>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.start(call, &user).await?;
        // What came to be since it was asked for first is meant as well.
        let mut erasure = Erasure { requested_at: call.now.wall, ..read.value.clone() };
        self.eraser.advance(Self::ROUTE.name, tenant, &mut erasure, (call.now, call.deadline)).await?;
        self.erasures.replace(work, tenant, &read, &erasure, None)?;
        work.touch(format!("person/{user}"));
        let done = erasure.status != ErasureStatus::Erasing;
        Ok(if done { Json::ok(erasure).counting("erasures", 1) } else { Json::accepted(erasure) })
    }
}

impl ErasePerson {
    /// The erasure, begun now or before.
    async fn start(&self, call: &Call, user: &Identifier) -> Result<Stored<Erasure>, Fault> {
        let tenant = &call.principal.tenant;
        if let Some(key) = self.eraser.subject_keys.find(tenant, user).await? {
            return self.begin(call, user, key.id).await;
        }
        if let Some(read) = self.begun(call, user).await? {
            return Ok(read);
        }
        // Nothing was sealed yet, but files may wait to be read. Only when nobody reads them is there surely no key.
        let subject = Subject { tenant: tenant.clone(), user: user.clone() };
        let files = self.eraser.stop_imports(Self::ROUTE.name, &subject, call.now.wall, call.now).await?;
        if files.is_empty() {
            return Err(Fault::not_found());
        }
        let key = self.eraser.subject_keys.find(tenant, user).await?.map(|key| key.id);
        let id = key.map_or_else(|| Identifier::parse(&call.write.to_string()).map_err(Fault::internal), Ok)?;
        self.begin(call, user, id).await
    }

    /// Stores that the person is to be erased.
    async fn begin(&self, call: &Call, user: &Identifier, key: Identifier) -> Result<Stored<Erasure>, Fault> {
        let tenant = &call.principal.tenant;
        if let Some(read) = self.erasures.get(tenant, &key).await? {
            return Ok(read);
        }
        // Whoever finishes what stops halfway must know the tenant before there is anything to finish.
        self.tenants.enrol(tenant).await?;
        let erasure = Erasure::new(user.clone(), key.clone(), call.now.wall);
        let mut work = UnitOfWork::default();
        self.erasures.create(&mut work, tenant, &erasure, None)?;
        match commit_part(&Self::ROUTE, call, work, (&self.client, &self.audit)).await {
            Ok(()) | Err(CommitError::Conflict) => {}
            Err(error) => return Err(gate::again(error)),
        }
        self.erasures
            .get(tenant, &key)
            .await?
            .ok_or_else(|| Fault::unavailable("an erasure was stored and is not there"))
    }

    /// The erasure of a person whose key is destroyed already, if it is not at its end.
    async fn begun(&self, call: &Call, user: &Identifier) -> Result<Option<Stored<Erasure>>, Fault> {
        let erasing = Some(ErasureStatus::Erasing.as_str());
        let mut after: Option<Identifier> = None;
        loop {
            let tenant = &call.principal.tenant;
            let Listed { objects, next } = self.erasures.list(tenant, erasing, after.as_ref(), PAGE).await?;
            if let Some(found) = objects.into_iter().find(|erasure| erasure.value.user_id == *user) {
                return Ok(Some(found));
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(None),
            }
        }
    }
}
