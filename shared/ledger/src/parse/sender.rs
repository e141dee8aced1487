//! Who sends a message: a bank, somebody else, or a person.

use std::sync::LazyLock;

use super::{
    token::{Kind, Tokens},
    words::{Word, meaning},
};

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

/// Parts of the headers and domains of banks, which are looked for within a name.
const BANKS: &str = "\
    BNK BANK SBI HDFC ICICI ICIC AXIS KOTAK BOB PNB CANB UBOI UNION IDFC INDUS YES FEDB FEDF FEDER INDB IOB CENT \
    CBOI BOI UCO SIB KVB KBL KARB RBL DBS SCB STANC SCISMS HSBC CITI AMEX ONECRD ONECARD SLICE SLCEIT JUPIT JTEDGE \
    FIMONY PAYTMB PPBL AIRBNK IPB IPPB DCB CUB TMB BANDHN BDN JKB MAHAB MAHB PSB IDBI EQUITA UJJIVN ESAF SURYOD \
    FINO CSB DLXB DHANL SVC SARASW COSMOS ADCB FAB ENBD MASHRQ MASHREQ CHASE WELLS BOFA DISCOVER CAPITALONE BARCL LLOYDS \
    NATWEST MONZO REVOLUT NIYO SCAPIA AUSFB AUCARD JANA UTKRSH NKGSB MAYBANK JIOPB NSDLPB CIMB OCBC UOB N26 INGB \
    AMERICANEXPRESS SANTANDER TSB POSB RAKBNK ADIB STARLING HALIFAX TRUIST SCHWAB TJSB";

/// Parts of the names of those that tell of payments and are no banks.
const APPS: &str = "\
    PAYTM PYTM PAYPAL VENMO BHIM PHONPE PHONEPE GPAY GOOGLE AMZN AMAZON FLPKRT FLIPKART CRED MOBIKW FRECHG SIMPL SMPL LAZYP AIRTEL JIO VODAFN \
    ZOMATO SWIGGY UBER OLACAB CDSL NSDL NSE BSE EPFO NPS MUTUAL AMC MF ZERODH GROWW UPSTOX ANGEL LIC INSUR IRCTC \
    MMTRIP WALLET BAJAJF CAMS KFIN POLICY BLINKT ZEPTO BIGBSK MYNTRA BESCOM NAVI DREAM11 JUSPAY RAZORP CASHFR PAYU BILLDK BILLDESK";

/// What follows a bank's name in the headers of the insurers, funds and brokers of its house.
const HOUSES: [&str; 12] = ["MF", "LIF", "LI", "SEC", "ER", "PR", "LOM", "GI", "GEN", "AMC", "DIR", "INS"];

/// The least letters of a part that is looked for in a domain, where there is more room for chance.
const DOMAIN_PART: usize = 4;

/// How many words a signature has.
const SIGNATURE: usize = 4;

/// The parts that begin with a letter, and whether each is a bank's.
type Parts = Vec<(&'static str, bool)>;

static PARTS: LazyLock<Vec<Parts>> = LazyLock::new(|| {
    let mut table = vec![Parts::new(); 128];
    let all =
        BANKS.split_whitespace().map(|part| (part, true)).chain(APPS.split_whitespace().map(|part| (part, false)));
    for (part, bank) in all {
        let first = part.bytes().next().map(usize::from);
        if let Some(parts) = first.and_then(|first| table.get_mut(first)) {
            parts.push((part, bank));
        }
    }
    table
});

/// Who sends `tokens` by the name `name`: a header such as `AD-BANKNM-S`, an address or a number. An app that signs is
/// one under any other name than a bank's.
pub(super) fn sender(name: Option<&str>, tokens: &Tokens<'_>) -> Sender {
    match named(name) {
        Sender::Bank => Sender::Bank,
        _ if signed_by_app(tokens) => Sender::App,
        named => named,
    }
}

fn named(name: Option<&str>) -> Sender {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else { return Sender::Unknown };
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 8 && !name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return Sender::Person;
    }
    let name: String = name.chars().take(80).collect::<String>().to_ascii_uppercase();
    let domain = name.rsplit_once('@').map(|(_, domain)| domain);
    let header = name.split('-').find(|part| part.len() > 2).unwrap_or(&name);
    let core = domain.unwrap_or(header);
    let known = core.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| meaning(part) == Word::BankName);
    if known || domain.is_none() && core.ends_with("BK") {
        return Sender::Bank;
    }
    // `PAYTMB` is a bank, `PAYTM` is not: the longest part counts.
    let mut longest = (0, false);
    for (at, first) in core.bytes().enumerate() {
        let (Some(parts), Some(rest)) = (PARTS.get(usize::from(first)), core.get(at..)) else { continue };
        for (part, bank) in parts {
            let long = domain.is_none() || part.len() >= DOMAIN_PART;
            if long && (part.len(), *bank) > longest && rest.starts_with(part) {
                let house =
                    rest.get(part.len()..).is_some_and(|rest| HOUSES.iter().any(|house| rest.starts_with(house)));
                longest = (part.len(), *bank && !house);
            }
        }
    }
    match longest {
        (0, _) => Sender::Other,
        (_, true) => Sender::Bank,
        (_, false) => Sender::App,
    }
}

/// Whether an app's name stands where a message is signed: before a colon at its beginning, or in the few words after
/// the last dash or the end of the last sentence.
fn signed_by_app(tokens: &Tokens<'_>) -> bool {
    let colon = (1..=SIGNATURE).find(|&at| tokens.mark(at, b':')).map_or(0..0, |at| 0..at);
    let end = (1..=2).fold(tokens.len(), |end, _| match end.checked_sub(1) {
        Some(last) if matches!(tokens.kind(last), Kind::Mark(_)) => last,
        _ => end,
    });
    let dash = (end.saturating_sub(SIGNATURE + 1)..end).rev().find(|&at| {
        tokens.mark(at, b'-') && !tokens.glued(at) || at + 1 < end && (tokens.ends_sentence(at) || tokens.line(at + 1))
    });
    let last = dash.map_or(0..0, |at| at + 1..end);
    [colon, last].into_iter().any(|words| {
        let bank = words.clone().any(|at| matches!(tokens.word(at), Word::Bank | Word::BankName));
        !bank && words.into_iter().any(|at| app(tokens.str(at)))
    })
}

/// Whether a word is an app's name, or begins with one that is not short.
pub(super) fn app(word: &str) -> bool {
    let Some(parts) = word.bytes().next().and_then(|first| PARTS.get(usize::from(first.to_ascii_uppercase()))) else {
        return false;
    };
    parts.iter().any(|(part, bank)| {
        let begins = word.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part));
        !bank && begins && (part.len() == word.len() || part.len() >= DOMAIN_PART)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_are_known_by_their_headers_and_domains() {
        let names =
            ["AM-HDFCBK", "JK-CBSSBI-S", "alerts@hdfcbank.net", "Chase <no-reply@alerts.chase.com>", "XX-NEWBNK"];
        for name in names.into_iter().chain(["VM-PAYTMB", "JX-SLCEIT", "BobCard"]) {
            assert_eq!(named(Some(name)), Sender::Bank, "{name}");
        }
        for name in ["VM-Paytm", "VM-CDSL", "BP-SmplPL", "VM-AIRTEL"] {
            assert_eq!(named(Some(name)), Sender::App, "{name}");
        }
        for name in ["VM-BKMYSH", "jobs@workbkiob.example", "shop@example.com"] {
            assert_eq!(named(Some(name)), Sender::Other, "{name}");
        }
        assert_eq!(named(Some("+919800000000")), Sender::Person);
        assert_eq!(named(Some(" ")), Sender::Unknown);
        assert_eq!(named(None), Sender::Unknown);
    }
}
