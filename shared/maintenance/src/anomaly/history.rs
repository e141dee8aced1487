//! What the level of a sensor was while it was normal.

use serde::{Deserialize, Serialize};

use super::robust::{median, trimmed_square};

/// Readings of one block.
pub(super) const BLOCK: usize = 10;
/// Blocks that are remembered singly.
const FINE: usize = 48;
/// Blocks of one condensed block, and how many of those are remembered.
const CONDENSED: u32 = 8;
const COARSE: usize = 40;
/// Blocks of an unsettled level that are remembered until it is accepted or given up.
const PENDING: usize = 16;
/// Blocks after which an unsettled level is the normal one.
const ACCEPTED_AFTER: u32 = 60;
/// Of how many blocks of an excursion that ended one is remembered.
const ONE_OF: usize = 8;
/// Least condensed blocks that say how far the level moves in the long run.
const LEAST_COARSE: usize = 6;
/// The part of the variance of the level over thousands of readings that is expected within hundreds.
const LONG_RUN: f64 = 0.5;
/// A gap counts as no more blocks than this, and so much of it remains after each block that is learned.
const LONGEST_AGE: f64 = 1e6;
const REMAINS: f64 = 0.9;
/// How much wider a spread is taken to be for each time fewer blocks are known.
const FEW: f64 = 6.0;

/// Ten readings: their trimmed mean, and the mean step from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Block(pub(super) f64, pub(super) f64);

/// The blocks of normal readings, recent ones singly, older ones condensed, and those of a level not yet accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct History {
    fine: Vec<Block>,
    coarse: Vec<f64>,
    /// Blocks since the last condensed one.
    since: u32,
    pending: Vec<Block>,
    /// Blocks since the level became unsettled.
    unsettled: u32,
    /// Blocks since the last one that was learned, with those that are missing.
    age: f64,
    /// Blocks missing in gaps, forgotten as blocks are learned after them.
    missing: f64,
}

fn push<T>(values: &mut Vec<T>, value: T, most: usize) {
    if values.len() >= most {
        values.remove(0);
    }
    values.push(value);
}

impl History {
    pub(super) fn is_unsettled(&self) -> bool {
        self.unsettled > 0
    }

    /// Time passed without readings for this many blocks.
    pub(super) fn skip(&mut self, blocks: f64) {
        self.age = (self.age + blocks).min(LONGEST_AGE);
        self.missing = (self.missing + blocks).min(LONGEST_AGE);
    }

    /// Takes a block that is normal.
    ///
    /// An excursion that ended happened nevertheless: some of it is remembered, so that what keeps happening becomes
    /// normal, while what happens once is trimmed away.
    pub(super) fn learn(&mut self, block: Block) {
        for past in std::mem::take(&mut self.pending).into_iter().skip(ONE_OF / 2).step_by(ONE_OF) {
            push(&mut self.fine, past, FINE);
        }
        self.unsettled = 0;
        self.age = 0.0;
        self.missing = if self.missing < 1.0 { 0.0 } else { (self.missing * REMAINS).round() };
        push(&mut self.fine, block, FINE);
        self.since += 1;
        if self.since >= CONDENSED {
            self.since = 0;
            push(
                &mut self.coarse,
                median(self.fine.iter().rev().take(CONDENSED as usize).map(|block| block.0)),
                COARSE,
            );
        }
    }

    /// Takes a block that is not. Says whether its level is accepted now.
    pub(super) fn suspend(&mut self, block: Block) -> bool {
        self.age += 1.0;
        self.unsettled += 1;
        push(&mut self.pending, block, PENDING);
        let accepted = self.unsettled >= ACCEPTED_AFTER;
        if accepted {
            *self = Self { fine: std::mem::take(&mut self.pending), ..Self::default() };
        }
        accepted
    }

    /// What is known, when `floor` is the least standard deviation of a block's mean; `None` when there are no blocks.
    pub(super) fn reference(&self, floor: f64) -> Option<Reference> {
        let means: Vec<f64> = self.fine.iter().map(|block| block.0).collect();
        let blocks = means.len();
        let latest = median(means.iter().rev().take(3).copied());
        let few = 1.0 + FEW / blocks as f64;
        let mut variance = spread(&means).max(floor * floor);
        if self.coarse.len() >= LEAST_COARSE {
            variance = variance.max(LONG_RUN * spread(&self.coarse));
        }
        let mut growth: Vec<f64> = Vec::new();
        for lag in [1, 2, 4, 8, 16].into_iter().take_while(|lag| lag * 3 <= blocks) {
            let steps = means.iter().zip(means.iter().skip(lag)).map(|(one, other)| other - one);
            let square = trimmed_square(steps).max(2.0 * floor * floor) * few * few;
            // Levels a longer time apart do not differ less.
            growth.push(growth.last().map_or(square, |shorter| square.max(*shorter)));
        }
        let roughs: Vec<f64> = self.fine.iter().map(|block| (block.1 + 6.0 * floor).ln()).collect();
        let roughness = median(roughs.iter().copied());
        let rough_spread = spread(&roughs).sqrt() * few;
        let center = median(means);
        let mut reference = Reference {
            blocks,
            center,
            spread: variance.sqrt() * few,
            latest,
            age: self.age,
            growth,
            roughness,
            rough_spread,
        };
        if self.missing > 0.0 && blocks > 1 {
            // What the level may have wandered unseen.
            let unseen = reference.wander(self.missing).powi(2) - reference.wander(0.0).powi(2);
            reference.spread = (reference.spread.powi(2) + unseen.max(0.0)).sqrt();
        }
        (blocks > 0).then_some(reference)
    }
}

/// The variance of the values about their median.
fn spread(values: &[f64]) -> f64 {
    let middle = median(values.iter().copied());
    trimmed_square(values.iter().map(|value| value - middle))
}

/// A summary of a [`History`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    /// How many blocks it summarises.
    pub(super) blocks: usize,
    /// The usual level, and the standard deviation of the means of blocks about it.
    pub(super) center: f64,
    pub(super) spread: f64,
    /// The latest level, and how many blocks ago that was.
    pub(super) latest: f64,
    age: f64,
    /// Variances of differences between the means of blocks 1, 2, 4, ... apart, never falling.
    growth: Vec<f64>,
    /// The usual logarithm of the roughness, and its standard deviation.
    pub(super) roughness: f64,
    pub(super) rough_spread: f64,
}

impl Reference {
    /// The standard deviation that the next block's mean should have about the latest level.
    pub(super) fn lately(&self) -> f64 {
        self.wander(self.age)
    }

    /// The standard deviation that a block's mean should have about a level `age` blocks older: what the variogram of
    /// the past says of two blocks as far apart, without the noise of one of the two. Beyond the longest known lag
    /// the variogram goes on to grow as it last did, at most as a straight drift would make it.
    fn wander(&self, age: f64) -> f64 {
        let lag = age + 1.5;
        let (Some(first), Some(last)) = (self.growth.first(), self.growth.last()) else { return f64::INFINITY };
        let mut reach = 1.0;
        let mut exponent = 0.0;
        for pair in self.growth.windows(2) {
            let [near, far] = pair else { break };
            if lag < 2.0 * reach {
                let variance = near + (far - near) * (lag / reach).log2();
                return (variance - first / 2.0).sqrt();
            }
            exponent = (far / near).log2().clamp(0.0, 2.0);
            reach *= 2.0;
        }
        let variance = last * (lag / reach).powf(exponent);
        (variance - first / 2.0).sqrt()
    }
}
