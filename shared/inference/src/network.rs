//! The model runtime: one graph, optimised for one number of rows.

use std::{fmt, sync::Arc};

use manifest::Bundle;
use tract_onnx::prelude::{
    Datum, Framework, InferenceFact, InferenceModel, InferenceModelExt, IntoRunnable, IntoTValue, Tensor, TractResult,
    TypedRunnableModel, tvec,
};

use crate::{layout::LABELS, machine::WIDTH};

/// One row of the model's output.
pub(crate) type Output = [f32; LABELS.len()];

/// Why the model gave no answer. Both are faults of ours: no accepted input may cause them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunError {
    /// The runtime failed.
    Runtime,
    /// The model answered with something that is not a number.
    NotANumber,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Runtime => "the model runtime failed",
            Self::NotANumber => "the model's answer is not a number",
        })
    }
}

impl std::error::Error for RunError {}

/// Reads the graph of a verified model.
pub(crate) fn read(bundle: &Bundle<'_>) -> TractResult<InferenceModel> {
    let (input, output) = (&bundle.manifest().input.name, &bundle.manifest().output.name);
    tract_onnx::onnx().model_for_read(&mut bundle.model())?.with_inputs_by_name([input])?.with_outputs_by_name([output])
}

/// Only a graph optimised for a fixed number of rows is fast, so there is one network per number of rows.
#[derive(Debug)]
pub(crate) struct Network {
    plan: Arc<TypedRunnableModel>,
    rows: usize,
}

impl Network {
    /// Optimises `graph` for `rows` rows at a time; fails when its input or output has another shape.
    ///
    /// `into_optimized` would simplify the graph before it selects kernels. That is two thirds of the time to
    /// load a graph of this size and buys nothing: one row runs as fast without, a batch even faster.
    pub(crate) fn optimise(graph: InferenceModel, rows: usize) -> TractResult<Self> {
        let shape = |width: usize| InferenceFact::dt_shape(f32::datum_type(), [rows, width]);
        let mut typed =
            graph.with_input_fact(0, shape(WIDTH))?.with_output_fact(0, shape(LABELS.len()))?.into_typed()?;
        typed.optimize()?;
        Ok(Self { plan: typed.into_runnable()?, rows })
    }

    /// Runs exactly as many rows as the network was optimised for.
    pub(crate) fn run(&self, input: &[[f32; WIDTH]]) -> Result<Vec<Output>, RunError> {
        let rows = self.try_run(input).map_err(|_| RunError::Runtime)?;
        if rows.len() == self.rows { Ok(rows) } else { Err(RunError::Runtime) }
    }

    fn try_run(&self, input: &[[f32; WIDTH]]) -> TractResult<Vec<Output>> {
        let input = Tensor::from_shape(&[self.rows, WIDTH], input.as_flattened())?;
        let mut rows = Vec::with_capacity(self.rows);
        for output in self.plan.run(tvec!(input.into_tvalue()))? {
            rows.extend_from_slice(output.try_as_plain_ram()?.as_slice::<f32>()?.as_chunks().0);
        }
        Ok(rows)
    }
}
