use maintenance::{Bucket, Resolution, Sample, aggregate, merge};
use proptest::prelude::*;

use crate::some::{SECOND, at, time, value};

fn sample(nanoseconds: i64, value: f64) -> Sample {
    Sample { timestamp: at(nanoseconds), value, quality: None }
}

const RESOLUTIONS: [Resolution; 4] = [Resolution::Raw, Resolution::Minute, Resolution::Hour, Resolution::Day];

proptest! {
    #[test]
    fn buckets_cover_every_sample_once_and_keep_their_mean_between_their_ends(
        samples in prop::collection::vec((time(), value()), 0..200),
    ) {
        let samples = samples.into_iter().map(|(timestamp, value)| Sample { timestamp, value, quality: None });
        let samples = merge([(0, samples.collect())]);
        for resolution in RESOLUTIONS {
            let buckets = aggregate(&samples, resolution);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), samples.len() as u64);
            prop_assert!(buckets.windows(2).all(|pair| pair[0].timestamp < pair[1].timestamp));
            for bucket in buckets {
                prop_assert!(bucket.min <= bucket.mean && bucket.mean <= bucket.max, "{:?}", bucket);
                prop_assert_eq!(resolution.start(bucket.timestamp), bucket.timestamp);
                let end = resolution.next(bucket.timestamp);
                let inside: Vec<f64> = samples
                    .iter()
                    .filter(|sample| bucket.timestamp <= sample.timestamp && sample.timestamp < end)
                    .map(|sample| sample.value)
                    .collect();
                prop_assert_eq!(inside.len() as u64, bucket.count);
                prop_assert_eq!(inside.iter().copied().reduce(f64::min), Some(bucket.min));
                prop_assert_eq!(inside.iter().copied().reduce(f64::max), Some(bucket.max));
            }
        }
    }
}

#[test]
fn a_minute_starts_at_its_minute_and_an_empty_one_is_left_out() {
    let samples = [sample(0, 1.0), sample(60 * SECOND - 1, 2.0), sample(180 * SECOND, 7.0)];
    let expected = [
        Bucket { timestamp: at(0), min: 1.0, max: 2.0, mean: 1.5, count: 2 },
        Bucket { timestamp: at(180 * SECOND), min: 7.0, max: 7.0, mean: 7.0, count: 1 },
    ];
    assert_eq!(aggregate(&samples, Resolution::Minute), expected);
    assert_eq!(aggregate(&samples, Resolution::Day).len(), 1);
    assert_eq!(aggregate(&samples, Resolution::Day)[0].timestamp.to_string(), "2026-03-01T00:00:00Z");
    assert_eq!(aggregate(&samples, Resolution::Raw).len(), 3);
}

#[test]
fn the_mean_survives_values_whose_sum_does_not() {
    let means = |values: &[f64]| {
        let samples: Vec<_> = (0..).zip(values).map(|(time, value)| sample(time, *value)).collect();
        aggregate(&samples, Resolution::Hour)[0].mean
    };
    assert_eq!(means(&[f64::MAX; 3]), f64::MAX);
    assert_eq!(means(&[f64::MAX, f64::MAX, f64::MIN, f64::MIN]), 0.0);
    assert_eq!(means(&[f64::MAX, f64::MIN]), 0.0);
    assert_eq!(means(&[1e100, 1.0, -1e100]), 1.0 / 3.0);
    assert_eq!(means(&[0.1; 10]), 0.1);
}

#[test]
fn a_resolution_has_its_short_name() {
    for (resolution, name) in RESOLUTIONS.into_iter().zip(["raw", "1m", "1h", "1d"]) {
        assert_eq!(serde_json::to_value(resolution).unwrap(), name);
        assert_eq!(serde_json::from_value::<Resolution>(name.into()).unwrap(), resolution);
    }
    assert!(serde_json::from_str::<Resolution>("\"1M\"").is_err());
}
