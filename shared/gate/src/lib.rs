//! The front door. Every request to every function walks the same hallway, in this order:
//!
//! | step | where | refuses with |
//! |---|---|---|
//! | 1 envelope: size, encoding, content type, where the key stands | [`envelope`] | 401, 413, 415 |
//! | 2 correlation: request id, trace | [`incoming`] | |
//! | 3 authenticate the key | [`Door`] | 401, 503 |
//! | 4 authorise the scope | [`Door`] | 403 |
//! | 5 limit the rate, where the route asks for it | [`Door`] | 429, 503 |
//! | 6 parse strict JSON | [`json`] | 400 |
//! | 7 validate | the endpoint's `parse` | 422 |
//! | 8 claim the idempotency key, where the route stores | [`hallway`] | 409, 422 |
//! | 9 act | the endpoint's `act` | |
//! | 10 commit and answer | [`hallway`], [`reply`] | 503 |
//!
//! A function brings an [`Endpoint`] (or a [`Page`], which anyone may read) and [`serve`]s it; it
//! adds only what is its own. An endpoint without a declared [`Demand`] does not build. Panics end
//! in a 500 and the process lives on. One log line a request carries its metrics too ([`log`]);
//! no body, key or personal datum reaches it, and what looks like one on the way is masked ([`scrub`]).
//!
//! Functions that nobody calls have no hallway: what follows the table's stream is a [`Follower`], what works off a
//! queue a [`Consumer`], what is done by the clock a [`Routine`].

mod consume;
mod context;
pub mod cursor;
mod door;
mod endpoint;
mod envelope;
mod follow;
mod hallway;
mod incoming;
pub mod json;
mod log;
mod objects;
mod problem;
mod recogniser;
mod reply;
mod routine;
mod runtime;
mod scrub;
mod shape;
mod span;
mod unattended;

pub use consume::{Consumer, consume};
pub use context::{Context, ContextError};
pub use cursor::Cursors;
pub use door::Door;
pub use endpoint::{Body, Call, Demand, Endpoint, Method, Page, Route};
pub use follow::{Follower, follow};
pub use incoming::{Event, Incoming, Precondition};
pub use objects::{Change, LARGEST_PAGE, PageRequest, Revised};
pub use problem::Problem;
pub use recogniser::Recogniser;
pub use reply::{IntoReply, Json, Reply};
pub use routine::{Routine, run_routine, run_unattended};
pub use runtime::{Served, serve, serve_page};
pub use scrub::line as scrubbed_line;
pub use span::span;
pub use unattended::{Deadline, again, commit_by_itself, commit_part, commit_unattended};
