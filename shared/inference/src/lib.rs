//! Runs the signed models and explains their answers.
//!
//! [`FailureModel`] holds one verified model, optimised once at start. A request's [`RawMachineState`] becomes a
//! [`MachineState`] only inside the ranges that were signed with the model; from a state come a [`Prediction`]
//! and, on demand, an [`Explanation`]. [`shapley()`] is the arithmetic of explanations and knows no model.
//! [`RulModel`] is the same for the remaining life of an engine: [`RawCycle`]s become a [`Window`], and from it
//! comes a [`RemainingLife`]. [`CategoryModel`] guesses from a merchant's name what a payment was for.
//!
//! The functions that predict or classify, and `ready`, may depend on this crate. It links the model runtime, so nothing
//! else should. It opens no file, learns nothing from requests, and its runtime reads no byte that
//! [`manifest::Bundle::verify`] has not admitted.

mod category;
mod category_features;
mod failure;
mod familiarity;
mod layout;
mod machine;
mod network;
mod rul;
mod rul_layout;
mod rul_window;
mod shapley;

pub use category::CategoryModel;
pub use failure::{Contributions, Explanation, FailureModel, FailureModes, Prediction};
pub use layout::LoadError;
pub use machine::{MachineState, MachineType, RawMachineState};
pub use network::RunError;
pub use rul::{RemainingLife, RulModel};
pub use rul_window::{MOST_CYCLES, RawCycle, Window};
pub use shapley::shapley;
