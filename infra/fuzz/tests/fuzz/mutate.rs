//! Changes at random, the same in every run.

/// What parsers are often wrong about.
const AWKWARD: [&[u8]; 24] = [
    b"\0",
    b"\xFF",
    b"\n",
    b"\r\n",
    b" ",
    b"\"",
    b"\\",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"%00",
    b"-1",
    b"0.1e309",
    b"18446744073709551616",
    b"9999-12-31T23:59:60Z",
    b"../",
    b"\xEF\xBB\xBF",
    b"\xE2\x80\x8B",
    b"\xF0\x9F\x9A\x80",
    b"\xED\xA0\x80",
];
/// Longer inputs try nothing that shorter ones do not.
const LONGEST: usize = 8 * 1024;

/// An endless row of changed examples.
pub(crate) struct Mutator {
    seeds: Vec<Vec<u8>>,
    state: u64,
}

impl Mutator {
    pub(crate) fn new(seeds: Vec<Vec<u8>>) -> Self {
        Self { seeds, state: 20_260_101 }
    }

    /// The next one: an example with one to six changes.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.seed().clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = at + self.below((input.len() - at).min(24) + 1);
        match self.below(8) {
            0 => drop(input.drain(at..end)),
            1 => {
                let again = input[at..end].to_vec();
                drop(input.splice(at..at, again));
            }
            2 | 3 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            4 => {
                let byte = u8::try_from(self.below(256)).unwrap();
                input.insert(at, byte);
            }
            5 => {
                let awkward = AWKWARD[self.below(AWKWARD.len())];
                drop(input.splice(at..end, awkward.iter().copied()));
            }
            6 => {
                // Digits are changed to digits, so that numbers stay numbers.
                let digits: Vec<usize> = (0..input.len()).filter(|at| input[*at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    let digit = digits[self.below(digits.len())];
                    input[digit] = b'0' + u8::try_from(self.below(10)).unwrap();
                }
            }
            _ => {
                let other = self.seed().clone();
                let from = self.below(other.len() + 1);
                let to = from + self.below((other.len() - from).min(64) + 1);
                drop(input.splice(at..end, other[from..to].iter().copied()));
            }
        }
    }

    fn seed(&mut self) -> &Vec<u8> {
        let place = self.below(self.seeds.len());
        &self.seeds[place]
    }

    /// A number below `limit` (`SplitMix64`, Steele, Lea and Flood 2014).
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ mixed >> 31) % limit as u64).unwrap()
    }
}
