//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};
use reqwest::Url;

/// Sends recorded files through the Palisade API.
#[derive(Debug, Parser)]
#[command(name = "palisade-replay", version)]
pub struct Arguments {
    /// What to send.
    #[command(subcommand)]
    pub command: Command,
}

/// What to send.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Store the telemetry of one sensor. An interrupted run goes on where it ended.
    Readings(Readings),
    /// Ask for the failure predictions of machine rows in the format of AI4I 2020.
    Predictions(Predictions),
}

/// Where to send.
#[derive(Debug, Args)]
pub struct Target {
    /// Address of the API [default: `base` of .local/dev.json]
    #[arg(long, value_name = "URL", env = "PALISADE_BASE")]
    pub base: Option<Url>,
    /// API key [default: `keys.all` of .local/dev.json]
    #[arg(long, env = "PALISADE_KEY", hide_env_values = true)]
    pub key: Option<String>,
}

/// How to store telemetry.
#[derive(Debug, Args)]
pub struct Readings {
    /// CSV file with a header line; a time and a value in every row
    pub file: PathBuf,
    /// The sensor's id
    #[arg(long)]
    pub sensor: String,
    /// What the sensor measures, such as temperature
    #[arg(long)]
    pub sensor_type: String,
    /// The unit of the values
    #[arg(long)]
    pub unit: String,
    /// Column with the time; without an offset it is read as UTC
    #[arg(long, default_value = "timestamp")]
    pub time_column: String,
    /// Column with the value
    #[arg(long, default_value = "value")]
    pub value_column: String,
    /// Where to send
    #[command(flatten)]
    pub target: Target,
    /// Rows in a request
    #[arg(long, default_value_t = 500, value_parser = value_parser!(u16).range(1..=500))]
    pub batch: u16,
    /// Read everything back and compare it bit by bit
    #[arg(long)]
    pub verify: bool,
    /// Begin with the first row, even if an earlier run was interrupted
    #[arg(long)]
    pub restart: bool,
    /// Folder in which interrupted runs are remembered
    #[arg(long, default_value = ".local/replay")]
    pub state_dir: PathBuf,
}

/// How to ask for predictions.
#[derive(Debug, Args)]
pub struct Predictions {
    /// CSV file with the columns of AI4I 2020; `Machine failure` may be missing
    pub file: PathBuf,
    /// Where to send
    #[command(flatten)]
    pub target: Target,
    /// Rows in a request
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u16).range(1..=100))]
    pub batch: u16,
    /// Write the rows with `failure_probability` and `will_fail` to this CSV file
    #[arg(long)]
    pub out: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
