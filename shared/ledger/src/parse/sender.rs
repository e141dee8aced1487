//! Who sends a message: a bank, somebody else, or a person.

use super::words::{Word, meaning};

/// Who a sender is, as far as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// Nothing is said.
    Unknown,
    Bank,
    /// An app or shop that tells of payments that the bank tells of too.
    App,
    /// Anybody else.
    Other,
    /// A telephone number.
    Person,
}

/// Parts of the headers and domains of banks. They are looked for within the name.
const BANKS: &[&str] = &[
    "BK",
    "BNK",
    "BANK",
    "SBI",
    "HDFC",
    "ICICI",
    "ICIC",
    "AXIS",
    "KOTAK",
    "BOB",
    "PNB",
    "CANB",
    "UBOI",
    "UNION",
    "IDFC",
    "INDUS",
    "YES",
    "FEDB",
    "FEDF",
    "FEDER",
    "INDB",
    "IOB",
    "CENT",
    "CBOI",
    "BOI",
    "UCO",
    "SIB",
    "KVB",
    "KBL",
    "KARB",
    "RBL",
    "DBS",
    "SCB",
    "STANC",
    "SCISMS",
    "HSBC",
    "CITI",
    "AMEX",
    "ONECRD",
    "ONECARD",
    "SLICE",
    "SLCEIT",
    "JUPIT",
    "JTEDGE",
    "FIMONY",
    "PAYTMB",
    "PPBL",
    "AIRBNK",
    "IPB",
    "IPPB",
    "DCB",
    "CUB",
    "TMB",
    "BANDHN",
    "BDN",
    "JKB",
    "MAHAB",
    "MAHB",
    "PSB",
    "IDBI",
    "EQUITA",
    "UJJIVN",
    "ESAF",
    "SURYOD",
    "FINO",
    "CSB",
    "DHAN",
    "SVC",
    "SARASW",
    "COSMOS",
    "ADCB",
    "FAB",
    "ENBD",
    "MASHRQ",
    "MASHREQ",
    "CHASE",
    "WELLS",
    "BOFA",
    "DISCOVER",
    "CAPITALONE",
    "BARCL",
    "LLOYDS",
    "NATWEST",
    "MONZO",
    "REVOLUT",
    "NIYO",
    "SCAPIA",
    "AUSFB",
    "AUCARD",
    "JANA",
    "UTKRSH",
    "NKGSB",
    "MAYBANK",
    "JIOPB",
    "CIMB",
    "OCBC",
    "UOB",
    "N26",
    "INGB",
    "AMERICANEXPRESS",
];

/// Parts of the names of those that tell of payments and are no banks.
const APPS: &[&str] = &[
    "PAYTM", "PHONPE", "PHONEPE", "GPAY", "AMZN", "AMAZON", "FLPKRT", "FLIPKART", "CRED", "MOBIKW", "FRECHG", "SIMPL",
    "SMPL", "LAZYP", "AIRTEL", "JIO", "VODAFN", "ZOMATO", "SWIGGY", "UBER", "OLACAB", "CDSL", "NSDL", "NSE", "BSE",
    "EPFO", "NPS", "MUTUAL", "AMC", "MF", "ZERODH", "GROWW", "UPSTOX", "ANGEL", "LIC", "INSUR", "IRCTC", "MMTRIP",
    "WALLET", "BAJAJF", "CAMS", "KFIN", "POLICY", "BLINKT", "ZEPTO", "BIGBSK", "MYNTRA", "BESCOM", "NAVI",
];

/// Who `name` is: a header such as `AD-BANKNM-S`, an address or a number.
pub(super) fn sender(name: Option<&str>) -> Sender {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else { return Sender::Unknown };
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 8 && !name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return Sender::Person;
    }
    let name: String = name.chars().take(80).collect::<String>().to_ascii_uppercase();
    let domain = name.rsplit_once('@').map(|(_, domain)| domain);
    let header = name.split('-').find(|part| part.len() > 2).unwrap_or(&name);
    let core = domain.unwrap_or(header);
    // `PAYTMB` is a bank, `PAYTM` is not.
    let named = core.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| meaning(part) == Word::BankName);
    let longest = |parts: &[&str]| parts.iter().filter(|part| core.contains(**part)).map(|part| part.len()).max();
    match (longest(BANKS), longest(APPS)) {
        _ if named => Sender::Bank,
        (None, None) => Sender::Other,
        (bank, app) if bank >= app => Sender::Bank,
        _ => Sender::App,
    }
}
