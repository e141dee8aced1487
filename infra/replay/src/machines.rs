//! A file of machine rows, with the columns of AI4I 2020.

use std::path::Path;

use csv::StringRecord;
use serde::Serialize;

use crate::{
    error::ReplayError,
    telemetry::{column, parse_value},
};

/// The columns that are sent. The failure columns are the truth and never are.
const COLUMNS: [&str; 6] = [
    "Type",
    "Air temperature [K]",
    "Process temperature [K]",
    "Rotational speed [rpm]",
    "Torque [Nm]",
    "Tool wear [min]",
];
/// What happened.
const LABEL: &str = "Machine failure";

/// A machine as the API takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Machine {
    machine_type: String,
    air_temperature_k: f64,
    process_temperature_k: f64,
    rotational_speed_rpm: f64,
    torque_nm: f64,
    tool_wear_min: f64,
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) machine: Machine,
    /// Whether it failed, where the file says so.
    pub(crate) failed: Option<bool>,
    pub(crate) record: StringRecord,
}

/// The header and the rows.
#[derive(Debug)]
pub(crate) struct Machines {
    pub(crate) headers: StringRecord,
    pub(crate) rows: Vec<Row>,
}

/// Reads every row, or says which one cannot be read.
pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Machines, ReplayError> {
    let csv = |error| ReplayError::Csv { path: path.to_owned(), error };
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().map_err(csv)?.clone();
    let mut columns = [0; 6];
    for (place, name) in columns.iter_mut().zip(COLUMNS) {
        *place = column(path, &headers, name)?;
    }
    let label = column(path, &headers, LABEL).ok();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(csv)?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what| ReplayError::Row { path: path.to_owned(), line, what };
        let machine = machine(&record, columns).ok_or_else(|| wrong("a number is not a finite number"))?;
        let failed = match label.map(|label| record.get(label).unwrap_or_default().trim()) {
            None => None,
            Some("0") => Some(false),
            Some("1") => Some(true),
            Some(_) => return Err(wrong("Machine failure is neither 0 nor 1")),
        };
        rows.push(Row { machine, failed, record });
    }
    if rows.is_empty() {
        return Err(ReplayError::NoRows { path: path.to_owned() });
    }
    Ok(Machines { headers, rows })
}

fn machine(record: &StringRecord, columns: [usize; 6]) -> Option<Machine> {
    let [kind, air, process, speed, torque, wear] = columns;
    let number = |place| parse_value(record.get(place)?);
    Some(Machine {
        machine_type: record.get(kind)?.trim().to_owned(),
        air_temperature_k: number(air)?,
        process_temperature_k: number(process)?,
        rotational_speed_rpm: number(speed)?,
        torque_nm: number(torque)?,
        tool_wear_min: number(wear)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const HEADER: &str = "UDI,Product ID,Type,Air temperature [K],Process temperature [K],Rotational speed [rpm],Torque [Nm],Tool wear [min],Machine failure,TWF";

    #[test]
    fn only_the_state_of_a_machine_is_sent() {
        let file = format!("{HEADER}\n1,M14860,M,298.1,308.6,1551,42.8,0,1,1\n");
        let machines = read(Path::new("f"), file.as_bytes()).unwrap();
        assert_eq!(machines.rows[0].failed, Some(true));
        assert_eq!(
            serde_json::to_value(&machines.rows[0].machine).unwrap(),
            serde_json::json!({
                "machine_type": "M",
                "air_temperature_k": 298.1,
                "process_temperature_k": 308.6,
                "rotational_speed_rpm": 1551.0,
                "torque_nm": 42.8,
                "tool_wear_min": 0.0,
            })
        );
    }

    #[test]
    fn a_file_may_lack_the_truth_but_not_an_input() {
        let header = COLUMNS.join(",");
        let machines = read(Path::new("f"), format!("{header}\nL,300,310,1500,40,5\n").as_bytes()).unwrap();
        assert_eq!(machines.rows[0].failed, None);
        let error = read(Path::new("f"), header.replace("Torque [Nm]", "Torque").as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "f: there is no column \"Torque [Nm]\"");
        let error = read(Path::new("f"), format!("{header}\nL,300,warm,1500,40,5\n").as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "f, line 2: a number is not a finite number");
    }
}
