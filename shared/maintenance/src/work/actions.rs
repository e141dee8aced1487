//! What to do about an alert.

use super::{AlertKind, Severity};
use crate::SensorType;

/// What an operator should do about an alert, most useful first.
///
/// The list has up to four entries, each from its own column:
///
/// | severity | first |
/// |---|---|
/// | 5 | stop the machine if that is safe |
/// | 4 | reduce the load until it has been inspected |
/// | 1 to 3 | nothing |
///
/// | kind | then |
/// |---|---|
/// | spike | compare with what the machine did at that moment |
/// | level shift | look for a change of load, product or setting |
/// | drift | look for wear and deposits, plan work before the limit |
/// | flatline | check power, cable and transmitter of the sensor |
/// | multivariate | compare the sensors of the machine with each other |
/// | distribution drift | decide whether this is the new normal, then renew the baseline and check the models |
///
/// | sensor | then, unless the sensor itself is in doubt (flatline) |
/// |---|---|
/// | temperature | cooling, lubrication, airflow |
/// | vibration | bearings, balance, alignment, mounting |
/// | pressure | leaks, blocked filters, valves |
/// | humidity | seals, drains, enclosure |
/// | current | motor load, windings, connections |
/// | voltage | supply and terminals |
/// | rotational speed | drive, belt, speed control |
/// | torque | mechanical resistance, coupling |
/// | flow | pump, filters, valves |
/// | level | inflow, outflow, leaks |
/// | other | the machine at the sensor |
///
/// | severity | last |
/// |---|---|
/// | 1 or 2 | watch it |
/// | 3 to 5 | of a level shift or a drift of either sort: check the calibration of the sensor |
/// | 3 to 5 | of a flatline: treat the machine as unwatched |
#[must_use]
pub fn recommended_actions(kind: AlertKind, sensor_type: SensorType, severity: Severity) -> Vec<String> {
    let place = (kind != AlertKind::Flatline).then(|| at_the_machine(sensor_type));
    let actions = [at_once(severity), Some(about(kind)), place, afterwards(kind, severity)];
    actions.into_iter().flatten().map(str::to_owned).collect()
}

const fn at_once(severity: Severity) -> Option<&'static str> {
    match severity.get() {
        5 => Some("Stop the machine if that is safe, and keep it stopped until it has been inspected."),
        4 => Some("Reduce the load until the machine has been inspected."),
        _ => None,
    }
}

const fn about(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Spike => "Compare the time of the spike with what the machine did at that moment.",
        AlertKind::LevelShift => "Look for a change of load, product or setting at the time of the shift.",
        AlertKind::Drift => "Look for wear and deposits, and plan the work before the limit is reached.",
        AlertKind::Flatline => "Check the power, the cable and the transmitter of the sensor.",
        AlertKind::Multivariate => {
            "Compare the sensors of the machine with each other to find the one that does not fit."
        }
        AlertKind::DistributionDrift => {
            "Decide whether this is the new normal. If so, renew the baseline and check the models that read this sensor."
        }
    }
}

const fn at_the_machine(sensor_type: SensorType) -> &'static str {
    match sensor_type {
        SensorType::Temperature => "Inspect cooling, lubrication and airflow.",
        SensorType::Vibration => "Inspect bearings, balance, alignment and mounting.",
        SensorType::Pressure => "Inspect for leaks, blocked filters and valves that stick.",
        SensorType::Humidity => "Inspect seals, drains and the enclosure.",
        SensorType::Current => "Inspect the load of the motor, its windings and its connections.",
        SensorType::Voltage => "Inspect the supply and the terminals.",
        SensorType::RotationalSpeed => "Inspect the drive, the belt and the speed control.",
        SensorType::Torque => "Inspect the coupling and look for mechanical resistance.",
        SensorType::Flow => "Inspect the pump, the filters and the valves.",
        SensorType::Level => "Inspect inflow and outflow, and look for leaks.",
        SensorType::Other => "Inspect the machine where the sensor is mounted.",
    }
}

const fn afterwards(kind: AlertKind, severity: Severity) -> Option<&'static str> {
    match (kind, severity.get()) {
        (_, 1 | 2) => Some("Watch the sensor; act when it happens again."),
        (AlertKind::LevelShift | AlertKind::Drift | AlertKind::DistributionDrift, _) => {
            Some("Check the calibration of the sensor before parts are replaced.")
        }
        (AlertKind::Flatline, _) => Some("Treat the machine as unwatched until the sensor works again."),
        (AlertKind::Spike | AlertKind::Multivariate, _) => None,
    }
}
