//! Machine rows: predictions in the rows' order, and how good they are.

use std::fs;

use crate::{
    KEY,
    api::{Act, Api},
    replay, said,
};

const FILE: &str = "\
UDI,Type,Air temperature [K],Process temperature [K],Rotational speed [rpm],Torque [Nm],Tool wear [min],Machine failure
1,M,298.1,308.6,1551,90,0,1
2,L,298.2,308.7,1408,80,3,0
3,L,298.1,308.5,1498,40,5,1
4,H,298.2,308.6,1433,30,7,0
5,H,298.2,308.7,1408,20,9,0
";

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_predicted_in_order_and_judged() {
    let api = Api::start(&[Act::Answer, Act::Refuse(429, Some(0)), Act::Refuse(503, None)]).await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("machines.csv"), FILE).unwrap();
    let output = replay(
        folder.path(),
        &["predictions", "machines.csv", "--batch", "2", "--out", "out.csv", "--base", &api.base, "--key", KEY],
    );
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for line in [
        "model      some 1.2.3",
        "predicted  5 rows",
        "retries    2",
        "failed                 1             1",
        "did not                1             2",
        "precision  0.5000",
        "recall     0.5000",
        "F1         0.5000",
        // (.01 + .64 + .36 + .09 + .04) / 5 and (1 + 2/3) / 2.
        "Brier      0.22800",
        "PR-AUC     0.8333",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert_eq!(api.calls().len(), 5);
    assert!(api.calls().iter().all(|call| !call.body.contains("failure") && call.key.is_empty()));
    let out = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].ends_with("Machine failure,failure_probability,will_fail"));
    assert!(lines[1].ends_with(",1,0.9,1") && lines[5].ends_with(",0,0.2,0"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_truth_there_is_nothing_to_judge() {
    let api = Api::start(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<&str> = FILE.lines().filter_map(|line| line.rsplit_once(',')).map(|(row, _)| row).collect();
    fs::write(folder.path().join("machines.csv"), rows.join("\n")).unwrap();
    let output = replay(folder.path(), &["predictions", "machines.csv", "--base", &api.base, "--key", KEY]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("predicted  5 rows") && !said.contains("PR-AUC"), "{said}");
}
