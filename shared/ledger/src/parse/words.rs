//! The words that banks use, by what they mean to the grammar.

use std::sync::LazyLock;

/// What a word means. Words that mean the same to the grammar are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names and the lists below say it")]
pub(super) enum Word {
    None,
    // What has happened to money.
    Debited,
    Spent,
    Paid,
    Sent,
    Withdrawn,
    Transferred,
    Charged,
    Used,
    Credited,
    Received,
    Deposited,
    Refunded,
    Reversed,
    Added,
    Cleared,
    Made,
    // What a movement is called.
    Debit,
    Credit,
    Dr,
    Cr,
    Purchase,
    Withdrawal,
    Txn,
    Payment,
    Transfer,
    Refund,
    Reversal,
    Cashback,
    Deposit,
    Fee,
    Interest,
    Salary,
    Dividend,
    Emi,
    // Whose, and with what.
    Your,
    You,
    My,
    Account,
    Card,
    Wallet,
    Fastag,
    Bank,
    BankName,
    Linked,
    Ending,
    Beneficiary,
    Mobile,
    // Where to and where from.
    To,
    From,
    By,
    At,
    On,
    For,
    Of,
    In,
    Via,
    Using,
    Towards,
    With,
    As,
    And,
    The,
    Is,
    // Whether it has happened.
    Will,
    Be,
    May,
    If,
    Not,
    Request,
    Declined,
    Unable,
    Initiated,
    Pending,
    Due,
    Get,
    Upto,
    Success,
    // What an amount is.
    Amount,
    Balance,
    Available,
    Limit,
    Total,
    Minimum,
    Statement,
    // References.
    Ref,
    Utr,
    Number,
    Upi,
    Neft,
    Imps,
    Rtgs,
    Ach,
    Cheque,
    Cash,
    Atm,
    Vpa,
    Info,
    P2,
    Mandate,
    Active,
    // What is no bank's business, or no movement.
    Otp,
    Password,
    Code,
    Share,
    Promo,
    Off,
    Invest,
    Receipt,
    Bill,
    Charges,
    Clearing,
    Auto,
    Fixed,
    Name,
    Merchant,
    Reminder,
    Mistake,
    // Where the message turns to what to do.
    Call,
    Sms,
    Click,
    Dispute,
    Visit,
    Never,
    // Forms of address and small talk.
    Dear,
    Update,
    Title,
    Mode,
}

use Word as W;

#[rustfmt::skip]
const LISTS: &[(Word, &str)] = &[
    (W::Debited, "debited deducted dr'd debitted"),
    (W::Spent, "spent purchased swiped"),
    (W::Paid, "paid"),
    (W::Sent, "sent"),
    (W::Withdrawn, "withdrawn withdrew"),
    (W::Transferred, "transferred transfered trfd trf'd"),
    (W::Charged, "charged levied recovered"),
    (W::Used, "used"),
    (W::Credited, "credited disbursed creditted cr'd"),
    (W::Received, "received recd recieved rcvd"),
    (W::Deposited, "deposited posted"),
    (W::Refunded, "refunded"),
    (W::Reversed, "reversed"),
    (W::Added, "added loaded"),
    (W::Cleared, "cleared realised realized"),
    (W::Made, "made done"),
    (W::Debit, "debit"),
    (W::Credit, "credit"),
    (W::Dr, "dr"),
    (W::Cr, "cr"),
    (W::Purchase, "purchase"),
    (W::Withdrawal, "withdrawal wdl wdrl wd withdrawl"),
    (W::Txn, "txn transaction trxn trans transactions txns tran tx trx"),
    (W::Payment, "payment pymt pmt payments"),
    (W::Transfer, "transfer trf tfr xfer tpt"),
    (W::Refund, "refund"),
    (W::Reversal, "reversal rvsl"),
    (W::Cashback, "cashback"),
    (W::Deposit, "deposit deposits"),
    (W::Fee, "fee fees charge"),
    (W::Charges, "charges chgs chrg chrgs chg gst penalty surcharge"),
    (W::Interest, "interest int"),
    (W::Salary, "salary sal"),
    (W::Dividend, "dividend"),
    (W::Emi, "emi"),
    (W::Your, "your ur yr"),
    (W::You, "you u you've you're"),
    (W::My, "i i've my we me"),
    (W::Account, "account acct acc ac acnt accnt"),
    (W::Card, "card cc creditcard debitcard onecard bobcard sbicard"),
    (W::Wallet, "wallet"),
    (W::Fastag, "fastag"),
    (W::Bank, "bank bk"),
    (W::BankName, "hdfc icici sbi axis kotak pnb bob boi canara union idfc indusind yes federal iob uco rbl au dbs \
        hsbc citi citibank amex stanchart idbi bandhan equitas ujjivan esaf jupiter slice ippb karnataka kbl \
        sib csb dcb kvb tmb cub cbi psb adcb fab enbd emirates mashreq chase barclays hsbcnet natwest lloyds monzo \
        revolut maybank cimb ocbc uob wells fargo fi niyo simplyclick scapia baroda maharashtra saraswat posb santander rakbank adib starling halifax discover tsb"),
    (W::Linked, "linked"),
    (W::Ending, "ending ends endg bearing"),
    (W::Beneficiary, "beneficiary payee benef"),
    (W::Mobile, "mobile mob phone"),
    (W::To, "to"),
    (W::From, "from frm"),
    (W::By, "by"),
    (W::At, "at"),
    (W::On, "on dt dated date"),
    (W::For, "for"),
    (W::Of, "of"),
    (W::In, "in into"),
    (W::Via, "via thru through"),
    (W::Using, "using"),
    (W::Towards, "towards toward twds"),
    (W::With, "with"),
    (W::As, "as"),
    (W::And, "and"),
    (W::The, "the a an this that"),
    (W::Is, "is was has been have had are were"),
    (W::Will, "will shall would you'll should must"),
    (W::Be, "be being"),
    (W::May, "may can could might"),
    (W::If, "if unless whether incase once when till until"),
    (W::Not, "not cannot couldn't didn't don't wasn't isn't can't hasn't yet"),
    (W::Request, "request requested requesting requests"),
    (W::Declined, "declined failed unsuccessful rejected dishonoured dishonored bounced failure unpaid \
        insufficient returned reported disputed"),
    (W::Unable, "unable unconfirmed suspicious unusual confirm"),
    (W::Initiated, "initiated initiate attempted attempt lodged raised"),
    (W::Pending, "pending scheduled upcoming process shortly soon tomorrow waiting expected"),
    (W::Due, "due overdue payable outstanding dues"),
    (W::Get, "get earn win want convert transact spend receive pay"),
    (W::Upto, "upto above worth flat over"),
    (W::Success, "successful successfully success processed completed complete"),
    (W::Amount, "amount amt rupees sum"),
    (W::Balance, "balance bal avlbal avbal availbal balances avblbal"),
    (W::Available, "available avl avbl avail aval aval. avlbl avlb ledger clr"),
    (W::Limit, "limit lmt limits avllmt"),
    (W::Total, "total tot updated new current closing revised net"),
    (W::Minimum, "minimum min"),
    (W::Statement, "summary statement stmt e-statement estatement"),
    (W::Ref, "ref refno reference rrn refid refnum"),
    (W::Utr, "utr utrno umrn"),
    (W::Number, "no number num nos id no."),
    (W::Upi, "upi"),
    (W::Neft, "neft"),
    (W::Imps, "imps mmt"),
    (W::Rtgs, "rtgs"),
    (W::Ach, "ach nach ecs"),
    (W::Cheque, "cheque chq cheq chqno"),
    (W::Cash, "cash"),
    (W::Atm, "atm"),
    (W::Vpa, "vpa"),
    (W::Info, "info remarks remark narration description particulars"),
    (W::P2, "p2p p2a p2m p2v"),
    (W::Mandate, "mandate emandate autopay"),
    (W::Active, "active activated registered created revoked cancelled canceled approved set setup enabled disabled \
        modified blocked unblocked paused"),
    (W::Otp, "otp"),
    (W::Password, "password passcode pin cvv"),
    (W::Code, "code"),
    (W::Share, "share disclose"),
    (W::Promo, "offer offers discount voucher points eligible apply hurry shop coupon exclusive sale free lucky congratulations \
        jackpot preapproved instant instantly enjoy play bonus join festival deal deals rewards reward t&c tnc grab \
        upgrade lowest limited unlock"),
    (W::Off, "off"),
    (W::Invest, "units shares nav folio pran demat ipo allotment passbook epf epfo uan nps securities nominee isin \
        cdsl nsdl sip redemption margin ucc"),
    (W::Receipt, "order booking invoice ticket recharge recharged flight pnr policy premium receipt trip subscription \
        delivery delivered shipped membership booked"),
    (W::Bill, "bill bills billdesk"),
    (W::Clearing, "clearing"),
    (W::Auto, "auto"),
    (W::Fixed, "fixed recurring term"),
    (W::Name, "name"),
    (W::Merchant, "merchant"),
    (W::Reminder, "reminder remind alert! upcoming"),
    (W::Mistake, "mistake mistakenly wrongly accidentally"),
    (W::Call, "call dial helpline contact chat whatsapp"),
    (W::Sms, "sms fwd forward"),
    (W::Click, "click download install login"),
    (W::Dispute, "dispute report block reissue stop"),
    (W::Visit, "visit know details ask query queries please pls kindly"),
    (W::Never, "never"),
    (W::Dear, "dear hi hello customer cardmember client cardholder user"),
    (W::Update, "update alert info!"),
    (W::Title, "mr mrs ms incl excl pvt ltd st m"),
    (W::Mode, "netbanking online banking internet app mode pos ecom ecommerce contactless mob"),
];

/// The longest word that is looked up.
const LONGEST: usize = 16;

static TABLE: LazyLock<Vec<(u128, Word)>> = LazyLock::new(|| {
    let words = LISTS.iter().flat_map(|(word, list)| list.split_whitespace().map(|text| (packed(text), *word)));
    let mut table: Vec<_> = words.collect();
    table.sort_by_key(|(text, _)| *text);
    table.dedup_by_key(|(text, _)| *text);
    table
});

/// A word as a number: its letters in lower case, which are at most sixteen.
fn packed(text: &str) -> u128 {
    text.bytes().take(LONGEST).fold(0, |packed, byte| packed << 8 | u128::from(byte.to_ascii_lowercase()))
}

/// What `text` means, whatever its case.
pub(super) fn meaning(text: &str) -> Word {
    if text.len() > LONGEST {
        return Word::None;
    }
    let key = packed(text);
    TABLE.binary_search_by_key(&key, |(text, _)| *text).ok().and_then(|at| TABLE.get(at)).map_or(W::None, |(_, w)| *w)
}

impl Word {
    /// Whether it says, as a verb in the past, that money has moved.
    pub(super) const fn moved(self) -> bool {
        matches!(
            self,
            W::Debited
                | W::Spent
                | W::Paid
                | W::Sent
                | W::Withdrawn
                | W::Transferred
                | W::Charged
                | W::Used
                | W::Credited
                | W::Received
                | W::Deposited
                | W::Refunded
                | W::Reversed
                | W::Added
                | W::Cleared
        )
    }

    /// Whether it names a movement.
    pub(super) const fn movement(self) -> bool {
        matches!(
            self,
            W::Debit
                | W::Credit
                | W::Dr
                | W::Cr
                | W::Purchase
                | W::Withdrawal
                | W::Txn
                | W::Payment
                | W::Transfer
                | W::Refund
                | W::Reversal
                | W::Cashback
                | W::Deposit
                | W::Fee
                | W::Charges
        )
    }

    /// Whether it names a system that carries payments.
    pub(super) const fn rail(self) -> bool {
        matches!(self, W::Upi | W::Neft | W::Imps | W::Rtgs | W::Ach)
    }

    /// Whether it says from where, to where or by what.
    pub(super) const fn preposition(self) -> bool {
        matches!(
            self,
            W::To | W::From | W::By | W::At | W::On | W::For | W::Of | W::In | W::Via | W::Using | W::Towards | W::With
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        for (text, word) in
            [("DEBITED", W::Debited), ("Acct", W::Account), ("You've", W::You), ("unsuccessful", W::Declined)]
        {
            assert_eq!(meaning(text), word, "{text}");
        }
        for text in ["", "starbucks", "averyveryverylongword", "\u{e9}"] {
            assert_eq!(meaning(text), W::None, "{text}");
        }
    }
}
