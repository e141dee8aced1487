//! Who sends a message: a bank, somebody else, or a person.

use std::sync::LazyLock;

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

/// Parts of the headers and domains of banks, which are looked for within a name.
const BANKS: &str = "\
    BNK BANK SBI HDFC ICICI ICIC AXIS KOTAK BOB PNB CANB UBOI UNION IDFC INDUS YES FEDB FEDF FEDER INDB IOB CENT \
    CBOI BOI UCO SIB KVB KBL KARB RBL DBS SCB STANC SCISMS HSBC CITI AMEX ONECRD ONECARD SLICE SLCEIT JUPIT JTEDGE \
    FIMONY PAYTMB PPBL AIRBNK IPB IPPB DCB CUB TMB BANDHN BDN JKB MAHAB MAHB PSB IDBI EQUITA UJJIVN ESAF SURYOD \
    FINO CSB DHAN SVC SARASW COSMOS ADCB FAB ENBD MASHRQ MASHREQ CHASE WELLS BOFA DISCOVER CAPITALONE BARCL LLOYDS \
    NATWEST MONZO REVOLUT NIYO SCAPIA AUSFB AUCARD JANA UTKRSH NKGSB MAYBANK JIOPB NSDLPB CIMB OCBC UOB N26 INGB \
    AMERICANEXPRESS";

/// Parts of the names of those that tell of payments and are no banks.
const APPS: &str = "\
    PAYTM PHONPE PHONEPE GPAY AMZN AMAZON FLPKRT FLIPKART CRED MOBIKW FRECHG SIMPL SMPL LAZYP AIRTEL JIO VODAFN \
    ZOMATO SWIGGY UBER OLACAB CDSL NSDL NSE BSE EPFO NPS MUTUAL AMC MF ZERODH GROWW UPSTOX ANGEL LIC INSUR IRCTC \
    MMTRIP WALLET BAJAJF CAMS KFIN POLICY BLINKT ZEPTO BIGBSK MYNTRA BESCOM NAVI";

/// The least letters of a part that is looked for in a domain, where there is more room for chance.
const DOMAIN_PART: usize = 4;

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
    let named = core.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| meaning(part) == Word::BankName);
    if named || domain.is_none() && core.ends_with("BK") {
        return Sender::Bank;
    }
    // `PAYTMB` is a bank, `PAYTM` is not: the longest part counts.
    let mut longest = (0, false);
    for (at, first) in core.bytes().enumerate() {
        let (Some(parts), Some(rest)) = (PARTS.get(usize::from(first)), core.get(at..)) else { continue };
        for (part, bank) in parts {
            let long = domain.is_none() || part.len() >= DOMAIN_PART;
            if long && (part.len(), *bank) > longest && rest.starts_with(part) {
                longest = (part.len(), *bank);
            }
        }
    }
    match longest {
        (0, _) => Sender::Other,
        (_, true) => Sender::Bank,
        (_, false) => Sender::App,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_are_known_by_their_headers_and_domains() {
        let names =
            ["AM-HDFCBK", "JK-CBSSBI-S", "alerts@hdfcbank.net", "Chase <no-reply@alerts.chase.com>", "XX-NEWBNK"];
        for name in names.into_iter().chain(["VM-PAYTMB", "JX-SLCEIT", "BobCard"]) {
            assert_eq!(sender(Some(name)), Sender::Bank, "{name}");
        }
        for name in ["VM-Paytm", "VM-CDSL", "BP-SmplPL", "VM-AIRTEL"] {
            assert_eq!(sender(Some(name)), Sender::App, "{name}");
        }
        for name in ["VM-BKMYSH", "jobs@workbkiob.example", "shop@example.com"] {
            assert_eq!(sender(Some(name)), Sender::Other, "{name}");
        }
        assert_eq!(sender(Some("+919800000000")), Sender::Person);
        assert_eq!(sender(Some(" ")), Sender::Unknown);
        assert_eq!(sender(None), Sender::Unknown);
    }
}
