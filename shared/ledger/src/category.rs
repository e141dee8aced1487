//! What a payment was for.
//!
//! The surest knowledge is asked first: what the words of the message say, then whether the other side is a merchant
//! of the dictionary, a person, or calls itself by its trade. Only a name that none of them knows goes to the model,
//! and what the model says counts from [`SURE_ENOUGH`] on. Nothing here learns, and equal messages get equal answers.
//!
//! # Subcategories
//! - shopping: `online` `fashion` `footwear` `sports` `electronics` `home` `beauty` `jewellery`
//!   `books_and_gifts` `pets` `mall` `software`
//! - utilities: `electricity` `water` `gas` `mobile` `internet`
//! - food_dining: `food_delivery` `fast_food` `coffee` `restaurant` `sweets_and_bakery` `bar`
//! - groceries: `online` `supermarket` `grocery` `fresh` `liquor`
//! - transportation: `ride_hailing` `taxi` `rental` `fuel` `ev_charging` `tolls` `public_transport` `vehicle` `courier`
//! - entertainment: `streaming` `music` `cinema` `games` `leisure` `fitness` `news`
//! - healthcare: `pharmacy` `hospital` `consultation` `diagnostics` `dental` `eye_care`
//! - education: `school` `university` `coaching` `online` `fees`
//! - bills: `loan` `credit_card` `insurance` `rent` `television` `taxes`
//! - transfer: `person`
//! - investment: `broker` `mutual_funds` `deposits` `crypto` `dividend` `redemption`
//! - fee: `bank_charges` `interest_charged`
//! - interest: `deposit_interest`; cashback: `cashback` `reward`; salary: `salary` `pension`
//! - travel: `rail` `airlines` `bookings` `hotels`
//! - cash: `atm_withdrawal` `cash_deposit`
//! - other: `donation` `bank`
//!
//! A payment that came back has its merchant's category and, behind the merchant's, the subcategory `refund`.

mod decide;
mod name;
mod person;
mod phrases;
mod rules;
mod tables;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use decide::{SURE_ENOUGH, categorise};
pub use phrases::words;

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

impl Category {
    /// Every category.
    pub const ALL: [Self; 18] = [
        Self::Shopping,
        Self::Utilities,
        Self::FoodDining,
        Self::Groceries,
        Self::Transportation,
        Self::Entertainment,
        Self::Healthcare,
        Self::Education,
        Self::Bills,
        Self::Transfer,
        Self::Investment,
        Self::Fee,
        Self::Interest,
        Self::Cashback,
        Self::Salary,
        Self::Travel,
        Self::Cash,
        Self::Other,
    ];

    /// Its name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shopping => "shopping",
            Self::Utilities => "utilities",
            Self::FoodDining => "food_dining",
            Self::Groceries => "groceries",
            Self::Transportation => "transportation",
            Self::Entertainment => "entertainment",
            Self::Healthcare => "healthcare",
            Self::Education => "education",
            Self::Bills => "bills",
            Self::Transfer => "transfer",
            Self::Investment => "investment",
            Self::Fee => "fee",
            Self::Interest => "interest",
            Self::Cashback => "cashback",
            Self::Salary => "salary",
            Self::Travel => "travel",
            Self::Cash => "cash",
            Self::Other => "other",
        }
    }

    /// The category with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }
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
