//! Wires the rotation of the pepper.

use rotate_pepper::RotatePepper;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let pepper = RotatePepper { secrets: context.secrets().clone(), pepper: variable("PEPPER_SECRET")? };
    gate::run_unattended("rotate-pepper", |rotation, _, _| pepper.run(rotation)).await
}
