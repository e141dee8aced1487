//! The rotation of the pepper: Secrets Manager asks for each step again until it is done.

use crate::fault_matrix::calls::Site;
use crate::fault_matrix::report::Line;
use crate::world::{STAGE, World};
use palisade_local::Fault;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const FUNCTION: &str = "rotate-pepper";
const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/// Each rotation is a new one.
struct Rotations {
    secret: String,
    begun: u32,
}

impl Rotations {
    async fn step(&self, world: &World, step: &str) -> Result<(), String> {
        let token = format!("00000000-0000-4000-8000-{:012x}", self.begun);
        let event = json!({"Step": step, "SecretId": self.secret, "ClientRequestToken": token});
        world.function(FUNCTION).invoke(event.to_string()).await.map(|_| ()).map_err(|failure| failure.to_string())
    }

    /// Begins a rotation and does these steps of it.
    async fn begin(&mut self, world: &World, steps: &[&str]) {
        self.begun += 1;
        self.go_on(world, steps).await;
    }

    async fn go_on(&self, world: &World, steps: &[&str]) {
        for step in steps {
            self.step(world, step).await.unwrap();
        }
    }
}

async fn peppers(world: &World) -> (String, BTreeMap<u32, String>) {
    let secrets = aws_sdk_secretsmanager::Client::new(&world.cloud.sdk_config());
    let answer = secrets.get_secret_value().secret_id(format!("palisade/{STAGE}/pepper")).send().await.unwrap();
    (answer.arn().unwrap().to_owned(), serde_json::from_str(answer.secret_string().unwrap()).unwrap())
}

/// Makes every call of every step fail.
pub async fn every_call_fails(world: &World) -> Vec<Line> {
    let mut rotations = Rotations { secret: peppers(world).await.0, begun: 0 };
    let (mut lines, mut seen) = (Vec::new(), BTreeSet::new());
    for (place, step) in STEPS.into_iter().enumerate() {
        rotations.begin(world, &STEPS[..place]).await;
        world.function(FUNCTION).restart();
        world.cloud.faults().listen();
        rotations.step(world, step).await.unwrap();
        let sites = Site::all(&world.cloud.faults().heard());
        rotations.go_on(world, &STEPS[place + 1..]).await;
        for site in sites {
            let mut faults = site.faults();
            if seen.insert(site.operation.clone()) {
                faults.push(Fault::Timeout);
            }
            for fault in faults {
                let before = peppers(world).await.1;
                rotations.begin(world, &STEPS[..place]).await;
                let (told, took, mut wrong) = fail(world, &rotations, step, &site, fault).await;
                rotations.go_on(world, &STEPS[place + 1..]).await;
                let after = peppers(world).await.1;
                if after.len() != before.len() + 1
                    || before.iter().any(|(version, key)| after.get(version) != Some(key))
                {
                    wrong.push(format!("{} versions became {}", before.len(), after.len()));
                }
                let subject = format!("{FUNCTION}, {step}");
                lines.push(Line { subject, site: site.clone(), fault, told, took, wrong });
            }
        }
    }
    lines
}

async fn fail(
    world: &World,
    rotations: &Rotations,
    step: &str,
    site: &Site,
    fault: Fault,
) -> (String, Duration, Vec<String>) {
    let mut wrong = Vec::new();
    world.function(FUNCTION).restart();
    let rule = site.fail(world, fault);
    let began = Instant::now();
    let first = rotations.step(world, step).await;
    let took = began.elapsed();
    if rule.fired() == 0 {
        wrong.push("the call was never made".to_owned());
    }
    rule.stop();
    if let Err(failure) = &first
        && !failure.starts_with("RoutineIncomplete")
    {
        wrong.push(failure.clone());
    }
    world.function(FUNCTION).restart();
    if let Err(failure) = rotations.step(world, step).await {
        wrong.push(format!("invoked again: {failure}"));
    }
    (format!("{}, done", if first.is_ok() { "done" } else { "invoked again" }), took, wrong)
}
