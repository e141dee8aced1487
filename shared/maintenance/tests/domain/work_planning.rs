use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use maintenance::work::{Booking, Calendar, NoFitCode, Task, Technician, plan};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::work_some::{approved, id, minutes, monday, new_task, office, staffed, time};

fn work(duration: i64, skill: Option<&str>) -> Task {
    let task = json!({"title": "x", "priority": 3, "duration_minutes": duration, "skill": skill});
    approved(new_task(&task.to_string()))
}

fn planned(task: &Task, calendar: &Calendar, bookings: &[Booking], now: Timestamp) -> (String, String, String) {
    let assignment = plan(&task.approved().unwrap(), calendar, bookings, now).unwrap_or_else(|none| panic!("{none:?}"));
    (assignment.technician_id.to_string(), assignment.start.to_string(), assignment.end.to_string())
}

fn refused(task: &Task, calendar: &Calendar, bookings: &[Booking]) -> (NoFitCode, String) {
    let no_fit = plan(&task.approved().unwrap(), calendar, bookings, monday()).unwrap_err();
    (no_fit.code, no_fit.message)
}

fn booking(technician: &str, start: &str, end: &str) -> Booking {
    Booking { technician_id: id(technician), task_id: id("other"), start: time(start), end: time(end) }
}

/// A technician who works on every day of the week in these intervals.
fn daily(technician: &str, zone: &str, intervals: &[(&str, &str)]) -> Value {
    let day: Value = intervals.iter().map(|(start, end)| json!({"start": start, "end": end})).collect();
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: serde_json::Map<String, Value> = days.into_iter().map(|name| (name.to_owned(), day.clone())).collect();
    json!({"id": technician, "time_zone": zone, "skills": [], "working_hours": week})
}

fn answer(technician: &str, start: &str, end: &str) -> (String, String, String) {
    (technician.to_owned(), start.to_owned(), end.to_owned())
}

#[test]
fn work_starts_as_soon_as_the_lead_time_the_hours_and_the_bookings_allow() {
    let mut calendar = staffed(&[office("ann", "Europe/Berlin", &[])]);
    let task = work(90, None);
    assert_eq!(planned(&task, &calendar, &[], monday()), answer("ann", "2026-03-02T09:00:00Z", "2026-03-02T10:30:00Z"));
    calendar.lead_minutes = 0;
    let odd = monday() + SignedDuration::from_nanos(1);
    assert_eq!(planned(&task, &calendar, &[], odd), answer("ann", "2026-03-02T08:05:00Z", "2026-03-02T09:35:00Z"));
    let booked = [
        booking("ann", "2026-03-02T09:20:00Z", "2026-03-02T09:47:00Z"),
        booking("ann", "2026-03-02T07:00:00Z", "2026-03-02T08:00:00Z"),
        booking("bob", "2026-03-02T08:00:00Z", "2026-03-02T15:00:00Z"),
        booking("ann", "2026-03-02T11:20:00Z", "2026-03-02T13:25:00Z"),
    ];
    assert_eq!(
        planned(&task, &calendar, &booked, monday()),
        answer("ann", "2026-03-02T09:50:00Z", "2026-03-02T11:20:00Z")
    );
    let longer = work(91, None);
    assert_eq!(
        planned(&longer, &calendar, &booked, monday()),
        answer("ann", "2026-03-02T13:25:00Z", "2026-03-02T14:56:00Z")
    );
    let day = work(480, None);
    assert_eq!(
        planned(&day, &calendar, &booked, monday()),
        answer("ann", "2026-03-03T07:00:00Z", "2026-03-03T15:00:00Z")
    );
}

#[test]
fn nobody_works_on_a_weekend_or_a_day_off() {
    let mut ann = office("ann", "Europe/Berlin", &[]);
    ann["days_off"] = json!(["2026-03-09", "2026-03-11"]);
    let calendar = staffed(&[ann]);
    let friday_evening = time("2026-03-06T20:00:00Z");
    let first = answer("ann", "2026-03-10T07:00:00Z", "2026-03-10T08:00:00Z");
    assert_eq!(planned(&work(60, None), &calendar, &[], friday_evening), first);
}

#[test]
fn of_two_who_are_free_the_less_booked_goes_and_then_the_first_by_id() {
    let calendar = staffed(&[office("bob", "UTC", &[]), office("ann", "UTC", &[])]);
    let first = |technician| answer(technician, "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z");
    assert_eq!(planned(&work(60, None), &calendar, &[], monday()), first("ann"));
    let later = [booking("ann", "2026-03-05T09:00:00Z", "2026-03-05T09:30:00Z")];
    assert_eq!(planned(&work(60, None), &calendar, &later, monday()), first("bob"));
    let past = [booking("ann", "2026-03-01T09:00:00Z", "2026-03-01T12:30:00Z")];
    assert_eq!(planned(&work(60, None), &calendar, &past, monday()), first("ann"));
}

#[test]
fn who_lacks_the_skill_is_not_sent() {
    let calendar = staffed(&[office("ann", "UTC", &["oil"]), office("bob", "UTC", &["oil", "power"])]);
    assert_eq!(planned(&work(60, Some("power")), &calendar, &[], monday()).0, "bob");
    assert_eq!(planned(&work(60, Some("oil")), &calendar, &[], monday()).0, "ann");
    assert_eq!(refused(&work(60, Some("Oil")), &calendar, &[]).0, NoFitCode::NoSkill);
}

#[test]
fn when_nobody_fits_the_reason_is_said() {
    let task = work(240, Some("oil"));
    let nobody = Calendar::default();
    assert_eq!(refused(&task, &nobody, &[]), (NoFitCode::NoTechnician, "The calendar has no technician.".to_owned()));
    let unskilled = staffed(&[office("ann", "UTC", &[])]);
    let text = "There is no technician with the skill oil.";
    assert_eq!(refused(&task, &unskilled, &[]), (NoFitCode::NoSkill, text.to_owned()));
    let idle = staffed(&[json!({"id": "ann", "time_zone": "UTC", "skills": ["oil"], "working_hours": {}})]);
    let text = "No technician with the skill oil works within the next 60 days.";
    assert_eq!(refused(&task, &idle, &[]), (NoFitCode::NoWorkingTime, text.to_owned()));

    let mut halves = daily("ann", "UTC", &[("08:03", "12:00"), ("13:00", "16:30")]);
    halves["skills"] = json!(["oil"]);
    let halves = staffed(&[halves]);
    let text = "The work takes 240 minutes and is not split; technicians with the skill oil work at most 235 minutes \
        at a stretch.";
    assert_eq!(refused(&task, &halves, &[]), (NoFitCode::TooLong, text.to_owned()));
    let all = [booking("ann", "2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z")];
    let text = "No technician with the skill oil has 235 minutes at a stretch free until 2026-05-01T08:00:00Z.";
    assert_eq!(refused(&work(235, Some("oil")), &halves, &all), (NoFitCode::FullyBooked, text.to_owned()));
}

#[test]
fn a_night_shift_is_two_days_and_work_is_not_split_between_them() {
    let night = staffed(&[daily("ann", "UTC", &[("00:00", "06:00"), ("22:00", "24:00")])]);
    let evening = time("2026-03-02T20:00:00Z");
    assert_eq!(planned(&work(120, None), &night, &[], evening).1, "2026-03-02T22:00:00Z");
    assert_eq!(planned(&work(125, None), &night, &[], evening).1, "2026-03-03T00:00:00Z");
    assert_eq!(refused(&work(361, None), &night, &[]).0, NoFitCode::TooLong);
}

#[test]
fn hours_follow_the_wall_clock_through_both_changes() {
    let calendar = staffed(&[office("ann", "Europe/Berlin", &[])]);
    for (now, start) in [
        ("2026-03-27T20:00:00Z", "2026-03-30T06:00:00Z"), // 08:00 is one hour earlier in UTC after the last of March
        ("2026-10-23T20:00:00Z", "2026-10-26T07:00:00Z"), // and later again after the last of October
    ] {
        assert_eq!(planned(&work(480, None), &calendar, &[], time(now)).1, start);
    }
}

#[test]
fn an_hour_that_is_skipped_is_no_working_time() {
    // On 2026-03-29 in Berlin 02:00 is followed by 03:00, at 01:00 UTC.
    let calendar = staffed(&[daily("ann", "Europe/Berlin", &[("01:30", "03:30")])]);
    let now = time("2026-03-28T12:00:00Z");
    assert_eq!(
        planned(&work(60, None), &calendar, &[], now),
        answer("ann", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z")
    );
    assert_eq!(planned(&work(61, None), &calendar, &[], now).1, "2026-03-29T23:30:00Z");
    let within = staffed(&[daily("ann", "Europe/Berlin", &[("02:10", "02:50")])]);
    assert_eq!(planned(&work(30, None), &within, &[], now).1, "2026-03-30T00:10:00Z");
    let into = staffed(&[daily("ann", "Europe/Berlin", &[("02:30", "04:00")])]);
    assert_eq!(planned(&work(60, None), &into, &[], now).1, "2026-03-29T01:00:00Z");
}

#[test]
fn an_hour_that_is_repeated_is_working_time_twice() {
    // On 2026-10-25 in Berlin 03:00 is followed by 02:00, at 01:00 UTC.
    let now = time("2026-10-24T12:00:00Z");
    let through = staffed(&[daily("ann", "Europe/Berlin", &[("01:00", "04:00")])]);
    assert_eq!(
        planned(&work(240, None), &through, &[], now),
        answer("ann", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z")
    );
    // The clocks show 02:10 to 02:50 at 00:10 UTC, and again at 01:10 UTC.
    let within = staffed(&[daily("ann", "Europe/Berlin", &[("02:10", "02:50")])]);
    let first = [booking("ann", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z")];
    assert_eq!(planned(&work(40, None), &within, &[], now).1, "2026-10-25T00:10:00Z");
    assert_eq!(planned(&work(40, None), &within, &first, now).1, "2026-10-25T01:10:00Z");
    // From 02:30 on for the first time means back before 02:30 half an hour later.
    let into = staffed(&[daily("ann", "Europe/Berlin", &[("02:30", "05:00")])]);
    assert_eq!(planned(&work(30, None), &into, &[], now).1, "2026-10-25T00:30:00Z");
    assert_eq!(planned(&work(31, None), &into, &[], now).1, "2026-10-25T01:30:00Z");
}

#[test]
fn other_zones_keep_their_own_clocks() {
    for (zone, now, start) in [
        ("America/New_York", "2026-03-07T23:00:00Z", "2026-03-09T12:00:00Z"),
        ("America/New_York", "2026-10-31T23:00:00Z", "2026-11-02T13:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T23:00:00Z", "2026-04-05T21:30:00Z"),
        ("Asia/Kolkata", "2026-03-07T23:00:00Z", "2026-03-09T02:30:00Z"),
        ("Asia/Kathmandu", "2026-03-07T23:00:00Z", "2026-03-09T02:15:00Z"),
        ("Pacific/Kiritimati", "2026-03-07T23:00:00Z", "2026-03-08T18:00:00Z"),
    ] {
        let calendar = staffed(&[office("ann", zone, &[])]);
        assert_eq!(planned(&work(60, None), &calendar, &[], time(now)).1, start, "{zone}");
    }
}

#[test]
fn the_ends_of_time_are_no_reason_to_panic() {
    let calendar = staffed(&[daily("ann", "Pacific/Kiritimati", &[("00:00", "24:00")])]);
    let task = work(60, None);
    for now in [Timestamp::MIN, Timestamp::MAX, Timestamp::MAX - minutes(100), Timestamp::UNIX_EPOCH] {
        let _ = plan(&task.approved().unwrap(), &calendar, &[], now);
    }
    let endless = [Booking { technician_id: id("ann"), task_id: id("x"), start: Timestamp::MIN, end: Timestamp::MAX }];
    assert_eq!(refused(&task, &calendar, &[endless.clone(), endless].concat()).0, NoFitCode::FullyBooked);
}

const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

prop_compose! {
    /// A technician with a few short intervals a day, so that gaps matter.
    fn technician(name: &'static str)(
        zone in prop::sample::select(&ZONES[..]),
        skilled in any::<bool>(),
        days in prop::collection::vec(prop::collection::btree_set(0..48_u16, 0..=4), 7),
        day_off in prop::option::of(0..3_i8),
    ) -> (Value, Option<i8>) {
        let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let clock = |half: u16| format!("{:02}:{:02}", half / 2, half % 2 * 30);
        let week: serde_json::Map<String, Value> = names.into_iter().zip(days).map(|(name, halves)| {
            let halves: Vec<u16> = halves.into_iter().collect();
            let intervals: Value = halves
                .chunks_exact(2)
                .map(|pair| json!({"start": clock(pair[0]), "end": clock(pair[1])}))
                .collect();
            (name.to_owned(), intervals)
        }).collect();
        let skills: Vec<&str> = skilled.then_some("oil").into_iter().collect();
        (json!({"id": name, "time_zone": zone, "skills": skills, "working_hours": week}), day_off)
    }
}

/// Whether the technician's wall clock shows a working hour, minute by minute.
fn works(technician: &Technician, from: Timestamp, to: Timestamp) -> bool {
    let zone = TimeZone::get(technician.time_zone.name()).unwrap();
    let mut instant = from;
    let day = zone.to_datetime(from).date();
    while instant < to {
        let clock = zone.to_datetime(instant);
        let minute = u16::try_from(clock.hour()).unwrap() * 60 + u16::try_from(clock.minute()).unwrap();
        let intervals = technician.working_hours.on(clock.weekday());
        let on = intervals.iter().any(|one| one.start.minutes() <= minute && minute < one.end.minutes());
        if !on || clock.date() != day || technician.days_off.contains(&clock.date()) {
            return false;
        }
        instant += minutes(1);
    }
    true
}

/// The technician's first free start on the grid, found by trying each.
fn first(
    technician: &Technician,
    bookings: &[Booking],
    duration: i64,
    from: Timestamp,
    to: Timestamp,
) -> Option<Timestamp> {
    let mut start = Timestamp::from_second((from.as_second() + 299) / 300 * 300).unwrap();
    while start + minutes(duration) <= to {
        let end = start + minutes(duration);
        let free =
            bookings.iter().all(|one| one.technician_id != technician.id || one.end <= start || end <= one.start);
        if free && works(technician, start, end) {
            return Some(start);
        }
        start += minutes(5);
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_answer_is_the_earliest_there_is_and_never_outside_hours_or_over_a_booking(
        staff in (technician("ann"), technician("bob"), technician("cyd")),
        duration in prop_oneof![Just(30_i64), 5..300_i64],
        skill in prop::option::of(Just("oil")),
        booked in prop::collection::vec((prop::sample::select(vec!["ann", "bob", "cyd", "eve"]), 0..4000_i64, 0..600_i64), 0..25),
        now in prop::sample::select(vec!["2026-03-28T17:03:11Z", "2026-03-07T22:00:00Z", "2026-10-24T20:30:00Z", "2026-10-31T23:59:59.5Z",
            "2026-04-04T02:00:00Z"]),
        lead in 0..300_u32,
        rotation in 0..3_usize,
    ) {
        let now = time(now);
        let today = now.to_zoned(TimeZone::UTC).date();
        let staff: Vec<Value> = [staff.0, staff.1, staff.2].into_iter().map(|(mut technician, off)| {
            let off = off.map(|days| today.saturating_add(jiff::Span::new().days(days)));
            technician["days_off"] = off.iter().map(Date::to_string).collect();
            technician
        }).collect();
        let mut calendar = staffed(&staff);
        calendar.lead_minutes = lead;
        let bookings: Vec<Booking> = booked.into_iter().map(|(technician, start, length)| {
            let start = now + minutes(start - 200);
            Booking { technician_id: id(technician), task_id: id("x"), start, end: start + minutes(length) }
        }).collect();

        let task = work(duration, skill);
        let answer = plan(&task.approved().unwrap(), &calendar, &bookings, now);
        let (from, to) = (now + minutes(lead.into()), now + SignedDuration::from_hours(60 * 24));
        let load = |technician: &Technician| -> SignedDuration {
            let own = bookings.iter().filter(|one| one.technician_id == technician.id && one.end > now);
            own.map(|one| one.end.duration_since(one.start)).sum()
        };
        // The search by hand goes only as far as the answer, else ten days: nobody has an earlier time.
        let reach = answer.as_ref().map_or(now + SignedDuration::from_hours(240), |answer| answer.end).min(to);
        let skilled = calendar.technicians.iter().filter(|one| skill.is_none_or(|skill| one.skills.contains(&id(skill))));
        let best = skilled
            .filter_map(|one| Some((first(one, &bookings, duration, from, reach)?, load(one), one.id.clone())))
            .min();
        prop_assert_eq!(
            answer.as_ref().ok().map(|answer| (answer.start, answer.technician_id.clone())),
            best.map(|(start, _, technician)| (start, technician)),
        );
        if let Ok(answer) = &answer {
            prop_assert_eq!(answer.end, answer.start + minutes(duration));
        }

        let mut shuffled = calendar.clone();
        shuffled.technicians.rotate_left(rotation);
        let mut reversed = bookings.clone();
        reversed.reverse();
        prop_assert_eq!(plan(&task.approved().unwrap(), &shuffled, &reversed, now), answer);
    }
}

#[test]
fn a_full_calendar_fills_up_without_a_clash_and_then_says_that_it_is_full() {
    let staff: Vec<Value> =
        (0..6).map(|n| daily(&format!("t{n}"), ZONES[n % 4], &[("08:00", "12:00"), ("13:00", "17:00")])).collect();
    let calendar = staffed(&staff);
    let task = work(240, None);
    let mut bookings: Vec<Booking> = Vec::new();
    while let Ok(assignment) = plan(&task.approved().unwrap(), &calendar, &bookings, monday()) {
        let (technician_id, start, end) = (assignment.technician_id, assignment.start, assignment.end);
        assert!(bookings.last().is_none_or(|last| last.start <= start), "each is the earliest that was left");
        let clash = bookings.iter().any(|one| one.technician_id == technician_id && one.start < end && start < one.end);
        assert!(!clash);
        bookings.push(Booking { technician_id, task_id: id("x"), start, end });
    }
    assert_eq!(refused(&task, &calendar, &bookings).0, NoFitCode::FullyBooked);
    // Two a day for sixty days and each of six, less what the first and the last day cut off.
    assert!((708..=720).contains(&bookings.len()), "{}", bookings.len());
}
