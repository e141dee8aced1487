//! The name of the other side, without what banks, gateways and payment addresses put around it.

use super::phrases::{without, words};

/// Before an asterisk: who took the payment, or how, and not who got it.
const GATEWAYS: [&str; 30] = [
    "ach", "bd", "billdesk", "cas", "cca", "ccavenue", "cf", "cashfree", "ecom", "ecs", "ind", "inf", "infoach",
    "inst", "juspay", "nach", "paypal", "payu", "paytm", "phonepe", "pos", "ppsl", "ptm", "pyu", "raz", "razorpay",
    "rzp", "sq", "tst", "upi",
];

/// Words that say nothing of who it is.
const NOISE: [&str; 41] = [
    "ach",
    "at",
    "bharatpe",
    "boism",
    "co",
    "com",
    "eazypay",
    "ecom",
    "gpay",
    "in",
    "ind",
    "india",
    "inf",
    "info",
    "limited",
    "llp",
    "ltd",
    "m",
    "mab",
    "nach",
    "neft",
    "imps",
    "okbizaxis",
    "paytmqr",
    "payu",
    "phonepe",
    "pos",
    "private",
    "pvt",
    "q",
    "qr",
    "razorpay",
    "rtgs",
    "rzp",
    "s",
    "to",
    "tpt",
    "upi",
    "vpa",
    "vyapar",
    "www",
];

/// Where the name ends with one of these, it is where the shop is.
const PLACES: [&str; 56] = [
    "agra",
    "ahmedabad",
    "amritsar",
    "aurangabad",
    "bangalore",
    "bengaluru",
    "bhopal",
    "bhubaneswar",
    "blr",
    "chandigarh",
    "chennai",
    "cochin",
    "coimbatore",
    "dehradun",
    "delhi",
    "faridabad",
    "ghaziabad",
    "goa",
    "gurgaon",
    "gurugram",
    "guwahati",
    "hyd",
    "hyderabad",
    "indore",
    "jaipur",
    "kanpur",
    "karnataka",
    "kochi",
    "kolkata",
    "lucknow",
    "ludhiana",
    "madurai",
    "mangalore",
    "mohali",
    "mum",
    "mumbai",
    "mysore",
    "mysuru",
    "nagpur",
    "nashik",
    "navi",
    "noida",
    "patna",
    "pune",
    "raipur",
    "rajkot",
    "ranchi",
    "secunderabad",
    "surat",
    "thane",
    "trivandrum",
    "udaipur",
    "vadodara",
    "varanasi",
    "vijayawada",
    "visakhapatnam",
];

/// A name in the spelling of [`words`].
pub(super) struct Name {
    /// All its words, to look for known phrases in.
    pub(super) words: String,
    /// Only those that say who it is.
    pub(super) core: String,
    /// Whether it begins with the digits of a telephone, as payment addresses do.
    pub(super) telephone: bool,
    /// Whether it is the digits of an account, shown or masked, and no name.
    pub(super) account: bool,
}

impl Name {
    pub(super) fn of(raw: &str) -> Self {
        let address = raw.split_once('@').filter(|(local, _)| !local.trim().contains(' '));
        let words = words(behind_gateways(address.map_or(raw, |(local, _)| local)));
        let words = words.trim_end().to_owned();
        let core =
            without(&words, |word| !word.starts_with(char::is_alphabetic) || NOISE.contains(&word) || is_mask(word));
        let mut core = core.as_ref();
        while let Some((before, last)) = core.rsplit_once(' ')
            && PLACES.contains(&last)
        {
            core = before;
        }
        let telephone = words
            .split(' ')
            .next()
            .is_some_and(|first| (10..=12).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_digit()));
        Self { core: core.to_owned(), telephone, account: is_account(&words), words }
    }
}

fn behind_gateways(mut raw: &str) -> &str {
    while let Some((before, after)) = raw.split_once('*')
        && words(before).trim_end().split(' ').all(|word| GATEWAYS.contains(&word) || word.is_empty())
    {
        raw = after;
    }
    raw
}

fn is_mask(word: &str) -> bool {
    word.bytes().all(|byte| byte == b'x')
}

fn is_account(words: &str) -> bool {
    let masked = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x');
    let spoken = |word: &str| matches!(word, "a" | "c" | "ac" | "acct" | "account" | "no" | "ending");
    words.bytes().any(|byte| byte.is_ascii_digit()) && words.split(' ').all(|word| masked(word) || spoken(word))
}
