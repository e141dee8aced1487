//! What a payment was for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Parsed;

/// What a payment was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Category {
    Shopping,
    Utilities,
    FoodDining,
    Groceries,
    Transportation,
    Entertainment,
    Healthcare,
    Education,
    Bills,
    Transfer,
    Investment,
    Fee,
    Interest,
    Cashback,
    Salary,
    Travel,
    Cash,
    Other,
}

/// How a category was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The person has said so for this merchant.
    Correction,
    /// The words of the message say so.
    Rule,
    /// The merchant is in the dictionary.
    Dictionary,
    /// The other side is a person.
    Person,
    /// The model says so.
    Model,
    /// No money has moved.
    NoTransaction,
    /// Nothing says so surely enough.
    Unsure,
}

/// What the model says of a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    /// The likeliest category.
    pub category: Category,
    /// Its probability, from 0 to 1.
    pub confidence: f32,
}

/// A category, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Categorised {
    /// The category.
    pub category: Category,
    /// What kind of it, from the general to the particular.
    pub subcategories: Vec<&'static str>,
    /// From 0 to 1.
    pub confidence: f32,
    /// Why.
    pub reason: Reason,
}

/// What a payment was for: by the rules and the dictionary, else, for a merchant, by what `guess` says of its name.
pub fn categorise(text: &str, parsed: &Parsed, guess: impl FnOnce(&str) -> Option<Guess>) -> Categorised {
    let _ = (text, parsed, guess);
    Categorised { category: Category::Other, subcategories: Vec::new(), confidence: 0.0, reason: Reason::Unsure }
}
