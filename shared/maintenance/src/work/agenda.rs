//! What a technician is booked for.

use jiff::Timestamp;
use kernel::Identifier;
use serde::{Deserialize, Serialize};

use super::Booking;

/// The bookings of one technician. Kept as one object, so that two plans made at once for the same technician
/// cannot both be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    /// Whose.
    pub technician_id: Identifier,
    /// The bookings that have not ended, in any order.
    pub bookings: Vec<Booking>,
}

impl Agenda {
    /// An agenda without a booking.
    #[must_use]
    pub const fn empty(technician_id: Identifier) -> Self {
        Self { technician_id, bookings: Vec::new() }
    }

    /// Adds a booking, and forgets those that have ended before `now`.
    pub fn book(&mut self, booking: Booking, now: Timestamp) {
        self.bookings.retain(|booked| booked.end > now);
        self.bookings.push(booking);
    }

    /// Takes back what is booked for a task; says whether anything was.
    pub fn free(&mut self, task_id: &Identifier) -> bool {
        let booked = self.bookings.len();
        self.bookings.retain(|booked| booked.task_id != *task_id);
        self.bookings.len() < booked
    }
}
