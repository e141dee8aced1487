//! Wires `GET /health`.

use health::Health;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gate::serve_page(Health).await
}
