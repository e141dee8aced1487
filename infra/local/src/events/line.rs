//! How whoever waits for the delivery of everything learns of it.

use tokio::sync::watch;

/// What the owner of an event source mapping and the one that works on it say to each other.
#[derive(Default)]
pub(super) struct Line {
    /// How often the owner asked whether everything is delivered.
    asked: watch::Sender<u64>,
    /// Up to which of these questions it was.
    answered: watch::Sender<u64>,
}

impl Line {
    pub(super) fn ask(&self) -> u64 {
        self.asked.send_modify(|count| *count += 1);
        *self.asked.borrow()
    }

    pub(super) async fn answer(&self, question: u64) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.answered.subscribe().wait_for(|answered| *answered >= question).await;
    }

    pub(super) fn questions(&self) -> watch::Receiver<u64> {
        self.asked.subscribe()
    }

    pub(super) fn is_open(&self, question: u64) -> bool {
        question > *self.answered.borrow()
    }

    /// Says that everything was delivered when this was the last question.
    pub(super) fn delivered(&self, question: u64) {
        self.answered.send_replace(question);
    }
}
