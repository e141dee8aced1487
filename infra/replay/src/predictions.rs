//! Machine rows into the API, and how good the answers are.

use std::{fs, path::Path, time::Instant};

use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;

use crate::{
    arguments::Predictions,
    client::{Answer, Client},
    error::ReplayError,
    machines::{self, Machine, Machines},
    metrics::{Judged, Metrics},
    readings::progress,
    report::{Rate, count},
    target::Target,
};

#[derive(Serialize)]
struct Batch<'a> {
    instances: Vec<&'a Machine>,
    explain: bool,
}

#[derive(Deserialize)]
struct Predicted {
    predictions: Vec<Prediction>,
    model: Model,
}

#[derive(Clone, Copy, Deserialize)]
struct Prediction {
    failure_probability: f64,
    will_fail: bool,
}

#[derive(Clone, Deserialize)]
struct Model {
    name: String,
    version: String,
}

/// Asks for every row, reports, and writes the answers down where that is wanted.
pub(crate) async fn run(arguments: &Predictions) -> Result<bool, ReplayError> {
    let Predictions { file, target, batch, out } = arguments;
    let target = Target::find(target)?;
    let bytes = fs::read(file).map_err(|error| ReplayError::File { path: file.clone(), error })?;
    let machines = machines::read(file, &bytes)?;
    let mut client = Client::new(&target)?;
    let began = Instant::now();
    let (predictions, model) = ask(&mut client, &machines, usize::from(*batch)).await?;
    let rate = Rate { rows: predictions.len(), took: began.elapsed() };
    if let Some(out) = out {
        write(out, &machines, &predictions).map_err(|error| ReplayError::Csv { path: out.clone(), error })?;
    }
    println!("model      {} {}", model.name, model.version);
    println!("predicted  {} rows, {rate}", count(predictions.len()));
    println!("retries    {}", count(client.retries));
    let judged: Option<Vec<Judged>> = machines
        .rows
        .iter()
        .zip(&predictions)
        .map(|(row, prediction)| {
            Some(Judged {
                probability: prediction.failure_probability,
                predicted: prediction.will_fail,
                actual: row.failed?,
            })
        })
        .collect();
    if let Some(judged) = judged {
        report(&Metrics::of(&judged));
    }
    Ok(true)
}

async fn ask(client: &mut Client, machines: &Machines, batch: usize) -> Result<(Vec<Prediction>, Model), ReplayError> {
    let url = client.url(&["v1", "predict"]);
    let bar = progress(machines.rows.len(), 0);
    let mut predictions = Vec::with_capacity(machines.rows.len());
    let mut answered_by = None;
    for rows in machines.rows.chunks(batch) {
        let instances = rows.iter().map(|row| &row.machine).collect();
        let body = to_raw_value(&Batch { instances, explain: false }).map_err(ReplayError::Body)?;
        let Answer { value: Predicted { predictions: some, model }, .. } =
            client.post(url.clone(), &body, None).await.inspect_err(|_| bar.abandon())?;
        if some.len() != rows.len() {
            return Err(ReplayError::Answer { status: 200 });
        }
        predictions.extend(some);
        answered_by = Some(model);
        bar.inc(rows.len() as u64);
    }
    bar.finish_and_clear();
    answered_by.map(|model| (predictions, model)).ok_or(ReplayError::Answer { status: 200 })
}

/// The rows as they were, and two columns more.
fn write(path: &Path, machines: &Machines, predictions: &[Prediction]) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(machines.headers.iter().chain(["failure_probability", "will_fail"]))?;
    for (row, prediction) in machines.rows.iter().zip(predictions) {
        let probability = prediction.failure_probability.to_string();
        let will_fail = if prediction.will_fail { "1" } else { "0" };
        writer.write_record(row.record.iter().chain([probability.as_str(), will_fail]))?;
    }
    writer.flush()?;
    Ok(())
}

fn report(metrics: &Metrics) {
    let Metrics { true_positives, false_positives, false_negatives, true_negatives, .. } = *metrics;
    println!();
    println!("                 predicted");
    println!("                 failure    no failure");
    println!("failed      {:>12}  {:>12}", count(true_positives), count(false_negatives));
    println!("did not     {:>12}  {:>12}", count(false_positives), count(true_negatives));
    println!();
    println!("precision  {:.4}", metrics.precision);
    println!("recall     {:.4}", metrics.recall);
    println!("F1         {:.4}", metrics.f1);
    println!("Brier      {:.5}", metrics.brier);
    println!("PR-AUC     {:.4}", metrics.pr_auc);
}
