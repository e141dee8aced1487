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

/// Rows of one run. Only a graph optimised for a fixed number of rows is fast. More rows make an explanation faster,
/// which runs thousands, and a single prediction slower, which fills the rest with zeros; at this number both meet
/// their targets, and one optimised graph serves both.
const ROWS: usize = 128;

/// A graph, optimised.
#[derive(Debug)]
pub(crate) struct Network {
    plan: Arc<TypedRunnableModel>,
}

impl Network {
    /// Optimises `graph`; fails when its input or output has another shape.
    ///
    /// `into_optimized` would simplify the graph before it selects kernels. That is two thirds of the time to
    /// load a graph of this size and buys nothing: it runs as fast without.
    pub(crate) fn optimise(graph: InferenceModel) -> TractResult<Self> {
        let shape = |width: usize| InferenceFact::dt_shape(f32::datum_type(), [ROWS, width]);
        let mut typed =
            graph.with_input_fact(0, shape(WIDTH))?.with_output_fact(0, shape(LABELS.len()))?.into_typed()?;
        typed.optimize()?;
        Ok(Self { plan: typed.into_runnable()? })
    }

    /// One output for each row of `input`, however many.
    pub(crate) fn run(&self, input: &[[f32; WIDTH]]) -> Result<Vec<Output>, RunError> {
        let mut outputs = Vec::with_capacity(input.len().next_multiple_of(ROWS));
        for rows in input.chunks(ROWS) {
            self.run_once(rows, &mut outputs).map_err(|_| RunError::Runtime)?;
        }
        outputs.truncate(input.len());
        if outputs.len() == input.len() { Ok(outputs) } else { Err(RunError::Runtime) }
    }

    fn run_once(&self, rows: &[[f32; WIDTH]], outputs: &mut Vec<Output>) -> TractResult<()> {
        let mut input = Tensor::zero::<f32>(&[ROWS, WIDTH])?;
        for (place, number) in input.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?.iter_mut().zip(rows.as_flattened())
        {
            *place = *number;
        }
        for output in self.plan.run(tvec!(input.into_tvalue()))? {
            outputs.extend_from_slice(output.try_as_plain_ram()?.as_slice::<f32>()?.as_chunks().0);
        }
        Ok(())
    }
}
