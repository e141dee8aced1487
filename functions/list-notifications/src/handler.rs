//! One page of the list, of one status or of all.

use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, Json, Method, PageRequest, Route};
use kernel::{Fault, Scope};
use maintenance::work::NotificationRecord;
use store::{Entities, UnitOfWork};

use crate::contract::{NotificationPage, NotificationQuery};

/// `GET /v1/notifications`.
pub struct ListNotifications {
    notifications: Entities<NotificationRecord>,
    cursors: Cursors,
}

impl ListNotifications {
    /// Reads notifications.
    #[must_use]
    pub const fn new(notifications: Entities<NotificationRecord>, cursors: Cursors) -> Self {
        Self { notifications, cursors }
    }
}

impl Endpoint for ListNotifications {
    const ROUTE: Route = Route {
        name: "list-notifications",
        method: Method::Get,
        path: "/v1/notifications",
        siblings: &[],
        demand: Demand::Scope(Scope::MaintenanceRead),
        body: Body::None,
        stores: false,
    };
    type Input = PageRequest;
    type Output = Json<NotificationPage>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<PageRequest, Fault> {
        let NotificationQuery { status, limit, cursor } = incoming.query()?;
        PageRequest::new(status.map(|status| status.as_str()), limit, cursor)
    }

    async fn act(&self, call: &Call, page: PageRequest, _: &mut UnitOfWork) -> Result<Json<NotificationPage>, Fault> {
        let (notifications, next_cursor) = page.read(&self.notifications, &self.cursors, call).await?;
        Ok(Json::ok(NotificationPage { notifications, next_cursor }))
    }
}
