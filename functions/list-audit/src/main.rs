//! Wires `GET /v1/audit`.

use list_audit::ListAudit;
use store::AuditLog;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let log = AuditLog::new(context.dynamo().clone(), variable("AUDIT_TABLE")?);
    gate::serve(ListAudit { log, keys: context.audit_keys()?, cursors: context.cursors()? }, context.door()?).await
}
