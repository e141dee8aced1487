//! Writes tiny ONNX files by hand, so that tests can have any model they need.

/// `probabilities = op(features x weights)`; `weights` has one row for each of the `width` inputs.
pub(crate) fn dense(weights: &[Vec<f32>], op: &str) -> Vec<u8> {
    let (width, outputs) = (weights.len() as u64, weights[0].len() as u64);
    let graph = [
        bytes(1, &node("MatMul", &["features", "weights"], "product")),
        bytes(1, &node(op, &["product"], "probabilities")),
        bytes(2, b"graph"),
        bytes(5, &tensor("weights", &[width, outputs], &weights.concat())),
        bytes(11, &value("features", width)),
        bytes(12, &value("probabilities", outputs)),
    ]
    .concat();
    // ir_version, graph, opset_import
    [number(1, 8), bytes(7, &graph), bytes(8, &number(2, 13))].concat()
}

fn node(op: &str, inputs: &[&str], output: &str) -> Vec<u8> {
    let inputs: Vec<_> = inputs.iter().flat_map(|input| bytes(1, input.as_bytes())).collect();
    [inputs, bytes(2, output.as_bytes()), bytes(3, output.as_bytes()), bytes(4, op.as_bytes())].concat()
}

fn tensor(name: &str, dimensions: &[u64], data: &[f32]) -> Vec<u8> {
    let dimensions: Vec<_> = dimensions.iter().flat_map(|&dimension| number(1, dimension)).collect();
    let data: Vec<_> = data.iter().flat_map(|value| value.to_le_bytes()).collect();
    [dimensions, number(2, 1), bytes(8, name.as_bytes()), bytes(9, &data)].concat()
}

/// A tensor of any number of rows.
fn value(name: &str, width: u64) -> Vec<u8> {
    let shape = [bytes(1, &bytes(2, b"N")), bytes(1, &number(1, width))].concat();
    let tensor = [number(1, 1), bytes(2, &shape)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = vec![];
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
    out
}
