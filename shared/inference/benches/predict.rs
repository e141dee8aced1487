//! What a prediction costs, alone and explained, and what a cold start pays for the model.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use inference::{FailureModel, MachineType, RawCycle, RawMachineState, RulModel};
use manifest::{Bundle, Digest, Policy};

const MODEL: &[u8] = include_bytes!("../../../infra/models/failure/model.onnx");
const MANIFEST: &[u8] = include_bytes!("../../../infra/models/failure/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../infra/models/failure/manifest.sig");
const KEY: &str = include_str!("../../../infra/models/release.pub");

fn bundle(policy: &Policy) -> Bundle<'static> {
    Bundle::verify(MANIFEST, SIGNATURE, MODEL, policy).unwrap()
}

fn predict(criterion: &mut Criterion) {
    let policy = Policy::parse(KEY, "1.0.0", &Digest::of(MODEL).to_string()).unwrap();
    let model = FailureModel::load(bundle(&policy)).unwrap();
    let raw = RawMachineState {
        machine_type: MachineType::L,
        air_temperature_k: 300.0,
        process_temperature_k: 310.0,
        rotational_speed_rpm: 1400.0,
        torque_nm: 55.0,
        tool_wear_min: 190.0,
    };
    let mut group = criterion.benchmark_group("failure model");
    group.bench_function("accept and predict", |bench| {
        bench.iter(|| model.predict(&model.accept(black_box(&raw)).unwrap()));
    });
    let state = model.accept(&raw).unwrap();
    group.bench_function("explain", |bench| bench.iter(|| model.explain(black_box(&state))));
    group.bench_function("verify", |bench| bench.iter(|| bundle(black_box(&policy))));
    group.bench_function("verify, load and optimise", |bench| {
        bench.iter(|| FailureModel::load(bundle(black_box(&policy))));
    });
    group.finish();
}

const RUL_MODEL: &[u8] = include_bytes!("../../../infra/models/rul/model.onnx");
const RUL_MANIFEST: &[u8] = include_bytes!("../../../infra/models/rul/manifest.json");
const RUL_SIGNATURE: &[u8] = include_bytes!("../../../infra/models/rul/manifest.sig");

fn remaining_life(criterion: &mut Criterion) {
    let policy = Policy::parse(KEY, "1.0.0", &Digest::of(RUL_MODEL).to_string()).unwrap();
    let load = || RulModel::load(Bundle::verify(RUL_MANIFEST, RUL_SIGNATURE, RUL_MODEL, &policy).unwrap()).unwrap();
    let model = load();
    let settings = [0.0, 0.0, 100.0];
    let sensors = std::array::from_fn(|sensor| model.manifest().features.get(4 + sensor).unwrap().quantiles[5]);
    let cycles: Vec<_> = (101..=150_u8).map(|cycle| RawCycle { cycle: f64::from(cycle), settings, sensors }).collect();
    let mut group = criterion.benchmark_group("remaining-life model");
    group.bench_function("accept 50 cycles", |bench| bench.iter(|| model.accept(black_box(&cycles))));
    let window = model.accept(&cycles).unwrap();
    group.bench_function("predict", |bench| bench.iter(|| model.predict(black_box(&window))));
    group.bench_function("verify, load and optimise", |bench| bench.iter(load));
    group.finish();
}

criterion_group!(benches, predict, remaining_life);
criterion_main!(benches);
