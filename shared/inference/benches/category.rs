//! What a guess from a name costs, and what a cold start pays for the model.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use inference::CategoryModel;
use manifest::{Bundle, Digest, Policy};

const MODEL: &[u8] = include_bytes!("../../../infra/models/category/model.onnx");
const MANIFEST: &[u8] = include_bytes!("../../../infra/models/category/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../infra/models/category/manifest.sig");
const KEY: &str = include_str!("../../../infra/models/release.pub");

fn category(criterion: &mut Criterion) {
    let policy = Policy::parse(KEY, "1.0.0", &Digest::of(MODEL).to_string()).unwrap();
    let load = || CategoryModel::load(Bundle::verify(MANIFEST, SIGNATURE, MODEL, &policy).unwrap()).unwrap();
    let model = load();
    let mut group = criterion.benchmark_group("category model");
    group.bench_function("guess", |bench| bench.iter(|| model.guess(black_box("zylofresh eateri"))));
    group.bench_function("guess from a long name", |bench| {
        bench.iter(|| model.guess(black_box("international zylofresh eateries hospitality privat")));
    });
    group.bench_function("verify, load and optimise", |bench| bench.iter(load));
    group.finish();
}

criterion_group!(benches, category);
criterion_main!(benches);
