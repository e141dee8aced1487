//! Cursors, with their key from a cloud.

use gate::Cursors;
use kernel::{Code, Tenant};
use vault::{Moment, SecretCache};

use crate::world::World;

#[tokio::test]
async fn a_cursor_opens_to_what_was_sealed_and_for_nobody_else() {
    let world = World::start().await;
    let secrets = aws_sdk_secretsmanager::Client::new(&world.cloud.sdk_config());
    let cursors = Cursors::new(SecretCache::key_set(secrets, "palisade/dev/cursor"));
    let (mine, other, now) = (Tenant::parse("acme").unwrap(), Tenant::parse("other").unwrap(), Moment::now());
    let cursor = cursors.seal(&mine, "limit=3", "place", now).await.unwrap();
    assert_eq!(cursors.open(&mine, "limit=3", &cursor, now).await.unwrap(), "place");
    for (tenant, query) in [(&other, "limit=3"), (&mine, "limit=4")] {
        assert_eq!(cursors.open(tenant, query, &cursor, now).await.unwrap_err().code, Code::InvalidRequest);
    }
}
