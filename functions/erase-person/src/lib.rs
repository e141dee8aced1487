//! `DELETE /v1/users/{user_id}`: everything that is stored about a person is erased.

pub mod handler;

pub use handler::ErasePerson;
