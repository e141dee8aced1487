//! Wires the signing of the audit chains' heads.

use checkpoint_audit::CheckpointAudit;
use serde::de::IgnoredAny;
use store::AuditLog;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let checkpoints = CheckpointAudit {
        stage: variable("PALISADE_STAGE")?,
        log: AuditLog::new(context.dynamo().clone(), variable("AUDIT_TABLE")?),
        kms: aws_sdk_kms::Client::new(context.config()),
        signing_key: variable("AUDIT_SIGNING_KEY")?,
        s3: aws_sdk_s3::Client::new(context.config()),
        bucket: variable("CHECKPOINTS_BUCKET")?,
    };
    gate::run_unattended("checkpoint-audit", |_: IgnoredAny, now, deadline| checkpoints.run(now, deadline)).await
}
