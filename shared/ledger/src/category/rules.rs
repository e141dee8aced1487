//! What the words of a message say a payment was for, whoever got it.

use std::sync::LazyLock;

use super::{Category, phrases::Phrases, tables::Label};

/// Which way the money must have moved for a phrase to mean this.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
    Either,
}

use Category::{Bills, Cash, Cashback, Education, Fee, Interest, Investment, Salary, Transportation, Utilities};
use Way::{Either, In, Out};

/// Phrases that decide, the stronger kinds first. Of several in a message, the first of this table counts.
const RULES: &[(Way, Option<Label>, &[&str])] = &[
    // What looks like one of the phrases below and says nothing: how cards and accounts are called, and offers.
    (
        Either,
        None,
        &[
            "atm card",
            "atm debit card",
            "atm cum debit",
            "atm pin",
            "cash credit",
            "convert to emi",
            "convert into emi",
            "converted to emi",
            "emi options",
            "in emi",
            "into emi",
            "into emis",
            "to emi",
            "smart emi",
            "interest free",
            "interest rate",
            "no cost emi",
            "pre approved loan",
            "instant loan",
            "loan offer",
            "salary account",
            "salary a c",
            "salary ac",
            "salary savings",
            "reward points",
            "surcharge waiver",
            "fuel surcharge",
            "subject to clearing",
            "pay your credit card bill",
            "toll free",
            "tollfree",
            "prepaid card",
            "premium account",
            "premium banking",
            "premium savings",
            "pension account",
            "mutual fund investments are subject",
        ],
    ),
    (
        Out,
        Some((Fee, "bank_charges")),
        &[
            "annual fee",
            "annual charges",
            "annual maintenance charges",
            "amc charges",
            "amc chgs",
            "atm charges",
            "atm decline",
            "bank charges",
            "bounce charges",
            "cheque book charges",
            "cheque return charges",
            "chq return",
            "chrg",
            "chrgs",
            "consolidated charges",
            "dc amc",
            "debit card amc",
            "debit card charges",
            "debit card fee",
            "dcardfee",
            "ecs return",
            "ach return",
            "nach return",
            "finance charges",
            "foreclosure charges",
            "forex markup",
            "markup fee",
            "cross currency",
            "igst",
            "gst on",
            "inspection charges",
            "issuance fee",
            "joining fee",
            "late fee",
            "late payment charges",
            "late payment fee",
            "ledger folio",
            "locker rent",
            "locker charges",
            "min bal charges",
            "minimum balance charges",
            "mab charges",
            "amb charges",
            "non maintenance",
            "overlimit",
            "over limit fee",
            "penal",
            "penalty",
            "processing charges",
            "processing fee",
            "renewal fee",
            "replacement fee",
            "return charges",
            "service charge",
            "service charges",
            "sms alert charges",
            "sms charges",
            "sms chgs",
            "sms chrg",
            "stamp charges",
            "transaction charges",
            "transaction fee",
            "txn charges",
        ],
    ),
    (
        Out,
        Some((Fee, "interest_charged")),
        &[
            "interest charged",
            "interest debited",
            "debit interest",
            "od interest",
            "int coll",
            "int collected",
            "int debit",
        ],
    ),
    (In, Some((Cashback, "cashback")), &["cashback", "cash back", "cbk", "promo credit", "scratch card"]),
    (
        In,
        Some((Cashback, "reward")),
        &["reward", "rewards", "reward redemption", "reward points redeemed", "referral bonus"],
    ),
    (
        Out,
        Some((Cash, "atm_withdrawal")),
        &[
            "atm cash",
            "atm wd",
            "atm wdl",
            "atm withdrawal",
            "atm withdrawl",
            "at atm",
            "atw",
            "cardless cash",
            "cash wdl",
            "cash withdrawal",
            "cash withdrawl",
            "cash withdrawn",
            "cash at atm",
            "eaw",
            "from atm",
            "micro atm",
            "nfs cash",
            "nwd",
            "withdrawn",
            "cash advance",
            "self cheque",
            "cash paid",
        ],
    ),
    (
        In,
        Some((Cash, "cash_deposit")),
        &[
            "by cash",
            "cash dep",
            "cash deposit",
            "cash deposited",
            "cash deposit machine",
            "cash received",
            "cdm",
            "deposited in cash",
        ],
    ),
    (
        In,
        Some((Salary, "salary")),
        &["payroll", "sal cr", "sal credit", "sal for", "sal", "salary", "salaries", "stipend", "wages"],
    ),
    (In, Some((Salary, "pension")), &["pension", "family pension"]),
    (
        In,
        Some((Investment, "redemption")),
        &[
            "closure proceeds",
            "fd closure",
            "fd maturity",
            "fd proceeds",
            "maturity amount",
            "maturity proceeds",
            "mf redemption",
            "redemption",
            "redemption payout",
            "mutual fund redemption",
            "rd maturity",
        ],
    ),
    (
        In,
        Some((Investment, "dividend")),
        &["dividend", "dividends", "int div", "interim dividend", "final dividend", "div"],
    ),
    (
        In,
        Some((Interest, "deposit_interest")),
        &[
            "credit interest",
            "fd int",
            "fd interest",
            "int cr",
            "int credit",
            "int credited",
            "int paid",
            "int payout",
            "int pd",
            "interest",
            "interest credit",
            "interest credited",
            "interest paid",
            "interest pd",
            "rd interest",
            "sb int",
            "sbint",
            "savings interest",
        ],
    ),
    (
        Either,
        Some((Investment, "mutual_funds")),
        &[
            "mf purchase",
            "mutual fund",
            "mutual funds",
            "sip",
            "sip installment",
            "sip instalment",
            "systematic investment",
        ],
    ),
    (
        Out,
        Some((Investment, "deposits")),
        &[
            "fd booked",
            "fd booking",
            "fd opening",
            "fixed deposit",
            "nps contribution",
            "ppf",
            "rd installment",
            "rd instalment",
            "recurring deposit",
            "sovereign gold",
            "sovereign gold bond",
            "sukanya samriddhi",
            "term deposit",
            "to fd",
            "to rd",
        ],
    ),
    (
        Out,
        Some((Bills, "loan")),
        &[
            "emi",
            "emi debit",
            "emi due",
            "emi payment",
            "loan emi",
            "loan installment",
            "loan instalment",
            "loan payment",
            "loan repayment",
            "home loan",
            "car loan",
            "auto loan",
            "personal loan",
            "gold loan",
            "loan a c",
            "loan ac",
            "loan account",
            "towards loan",
            "towards your loan",
        ],
    ),
    (
        Either,
        Some((Bills, "credit_card")),
        &[
            "cc bill",
            "cc payment",
            "card bill",
            "credit card bill",
            "credit card dues",
            "credit card payment",
            "payment of credit card",
            "received on your credit card",
            "towards credit card",
            "towards your credit card",
            "credit card outstanding",
        ],
    ),
    (
        Out,
        Some((Bills, "insurance")),
        &[
            "insurance premium",
            "insurance",
            "life insurance",
            "policy premium",
            "premium",
            "pmjjby",
            "pmsby",
            "renewal premium",
        ],
    ),
    (
        Out,
        Some((Bills, "rent")),
        &["for rent", "house rent", "monthly rent", "rent for", "rent payment", "towards rent"],
    ),
    (Out, Some((Bills, "television")), &["cable tv", "dth", "dth recharge"]),
    (
        Out,
        Some((Bills, "taxes")),
        &[
            "advance tax",
            "direct tax",
            "gst challan",
            "house tax",
            "income tax",
            "property tax",
            "road tax",
            "self assessment tax",
        ],
    ),
    (Out, Some((Transportation, "tolls")), &["fastag", "fastag recharge", "toll", "toll plaza"]),
    (
        Out,
        Some((Utilities, "mobile")),
        &[
            "mobile bill",
            "mobile prepaid",
            "mobile recharge",
            "phone bill",
            "postpaid",
            "postpaid bill",
            "prepaid",
            "prepaid recharge",
            "recharge",
            "telephone bill",
        ],
    ),
    (
        Out,
        Some((Utilities, "internet")),
        &["broadband", "broadband bill", "internet bill", "landline", "landline bill"],
    ),
    (Out, Some((Utilities, "electricity")), &["electricity", "electricity bill", "power bill"]),
    (Out, Some((Utilities, "water")), &["water bill", "water charges", "water tax"]),
    (Out, Some((Utilities, "gas")), &["cylinder", "cylinder booking", "gas bill", "gas booking", "lpg", "piped gas"]),
    (
        Out,
        Some((Education, "fees")),
        &[
            "college fee",
            "college fees",
            "exam fee",
            "exam fees",
            "school fee",
            "school fees",
            "tuition fee",
            "tuition fees",
        ],
    ),
];

/// The phrases of all rules, each with the place of its rule.
static PHRASES: LazyLock<Phrases<usize>> = LazyLock::new(|| {
    let phrases = |(place, (_, _, phrases)): (usize, &'static (Way, Option<Label>, &'static [&'static str]))| {
        phrases.iter().map(move |phrase| (*phrase, place))
    };
    Phrases::new(RULES.iter().enumerate().flat_map(phrases))
});

/// What `words`, those of a whole message, say of money that has come in (`inward`) or gone out.
pub(super) fn of_message(words: &str, inward: bool) -> Option<Label> {
    let fits = |way: Way| way == Either || (way == In) == inward;
    let rules = PHRASES.among(words).filter_map(|found| RULES.get(found.value).map(|rule| (found.value, rule)));
    let decisive = rules.filter(|(_, (way, label, _))| label.is_some() && fits(*way));
    decisive.min_by_key(|(place, _)| *place).and_then(|(_, (_, label, _))| *label)
}

static REFUNDS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let words = ["chargeback", "refund", "refunded", "refunds", "reversal", "reversed", "returned"];
    Phrases::new(words.map(|word| (word, ())))
});

/// Whether the message tells of money that comes back.
pub(super) fn is_refund(words: &str) -> bool {
    REFUNDS.among(words).next().is_some()
}

static TRANSFERS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let words = [
        "by transfer",
        "funds transfer",
        "fund transfer",
        "ib funds transfer",
        "money sent",
        "money transfer",
        "own account",
        "own a c",
        "p 2 a",
        "p 2 p",
        "self",
        "self transfer",
        "to self",
        "tpt",
        "transfer",
        "transferred",
    ];
    Phrases::new(words.map(|word| (word, ())))
});

/// Whether the words tell of a transfer.
pub(super) fn is_transfer(words: &str) -> bool {
    TRANSFERS.among(words).next().is_some()
}

/// All labels of the rules.
#[cfg(test)]
pub(super) fn labels() -> impl Iterator<Item = Label> {
    RULES.iter().filter_map(|(_, label, _)| *label)
}

/// All phrases of the rules.
#[cfg(test)]
pub(super) fn phrases() -> impl Iterator<Item = &'static str> {
    RULES.iter().flat_map(|(_, _, phrases)| phrases.iter().copied())
}
