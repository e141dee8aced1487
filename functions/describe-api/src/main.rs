//! Wires `GET /openapi.json` and `GET /docs`.

use describe_api::DescribeApi;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gate::serve_page(DescribeApi).await
}
