//! The model runtime: graphs, each optimised for one number of rows.

use std::{fmt, marker::PhantomData, sync::Arc};

use manifest::{Bundle, Contents};
use tract_onnx::prelude::{
    Datum, Framework, InferenceFact, InferenceModel, InferenceModelExt, IntoRunnable, IntoTValue, Tensor, TractResult,
    TypedRunnableModel, tvec,
};

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
pub(crate) fn read<M: Contents>(bundle: &Bundle<'_, M>) -> TractResult<InferenceModel> {
    let (input, output) = (&bundle.manifest().input().name, &bundle.manifest().output().name);
    tract_onnx::onnx().model_for_read(&mut bundle.model())?.with_inputs_by_name([input])?.with_outputs_by_name([output])
}

/// A graph from rows of `INPUTS` numbers (`I`, usually floats) to rows of `OUTPUTS`, optimised. Only a graph optimised for a fixed number
/// of rows is fast: a run takes `ROWS` of them, and fewer are filled up with zeros.
#[derive(Debug)]
pub(crate) struct Network<const ROWS: usize, const INPUTS: usize, const OUTPUTS: usize, I = f32> {
    plan: Arc<TypedRunnableModel>,
    input: PhantomData<fn(I)>,
}

impl<const ROWS: usize, const INPUTS: usize, const OUTPUTS: usize, I: Datum + Copy> Network<ROWS, INPUTS, OUTPUTS, I> {
    /// Optimises `graph`; fails when its input or output has another shape.
    ///
    /// `into_optimized` would simplify the graph before it selects kernels. That is two thirds of the time to
    /// load a graph of this size and buys nothing: it runs as fast without.
    pub(crate) fn optimise(graph: InferenceModel) -> TractResult<Self> {
        let input = InferenceFact::dt_shape(I::datum_type(), [ROWS, INPUTS]);
        let output = InferenceFact::dt_shape(f32::datum_type(), [ROWS, OUTPUTS]);
        let mut typed = graph.with_input_fact(0, input)?.with_output_fact(0, output)?.into_typed()?;
        typed.optimize()?;
        Ok(Self { plan: typed.into_runnable()?, input: PhantomData })
    }

    /// One output for each row of `input`, however many.
    pub(crate) fn run(&self, input: &[[I; INPUTS]]) -> Result<Vec<[f32; OUTPUTS]>, RunError> {
        let mut outputs = Vec::with_capacity(input.len().next_multiple_of(ROWS));
        for rows in input.chunks(ROWS) {
            self.run_once(rows, &mut outputs).map_err(|_| RunError::Runtime)?;
        }
        outputs.truncate(input.len());
        if outputs.len() == input.len() { Ok(outputs) } else { Err(RunError::Runtime) }
    }

    fn run_once(&self, rows: &[[I; INPUTS]], outputs: &mut Vec<[f32; OUTPUTS]>) -> TractResult<()> {
        let mut input = Tensor::zero_dt(I::datum_type(), &[ROWS, INPUTS])?;
        for (place, number) in input.try_as_plain_ram_mut()?.as_slice_mut::<I>()?.iter_mut().zip(rows.as_flattened()) {
            *place = *number;
        }
        for output in self.plan.run(tvec!(input.into_tvalue()))? {
            outputs.extend_from_slice(output.try_as_plain_ram()?.as_slice::<f32>()?.as_chunks().0);
        }
        Ok(())
    }
}
