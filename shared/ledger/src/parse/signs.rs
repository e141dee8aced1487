//! What tells a message that is no transaction, or what else it may be.

use super::{
    amount::{Amount, Role},
    sender::app,
    token::{Kind, Tokens},
    words::Word,
};

/// What a message shows besides its fields.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(super) struct Signs {
    /// A one-time password is told.
    pub(super) otp: bool,
    /// A one-time password is spoken of.
    pub(super) otp_named: bool,
    /// Something failed or was refused.
    pub(super) declined: bool,
    /// Somebody asks for money.
    pub(super) request: bool,
    /// Something is not certain, not finished or not begun.
    pub(super) open: bool,
    /// Something has to be paid or will be taken.
    pub(super) due: bool,
    /// How many words of offers there are.
    pub(super) promotion: usize,
    /// Something other than money of a bank is spoken of: units, orders, policies.
    pub(super) foreign: usize,
    /// A wallet is spoken of.
    pub(super) wallet: bool,
    /// The account of another is credited.
    pub(super) beneficiary: bool,
    /// A mandate is set up or ended.
    pub(super) mandate: bool,
    /// A cheque is on its way.
    pub(super) clearing: bool,
    /// A statement is told of.
    pub(super) statement: bool,
    /// A bank is named.
    pub(super) bank: bool,
    /// An account is `your bank account`, as nobody says whose bank it is.
    pub(super) any_bank: bool,
    /// There is a link to follow.
    pub(super) link: bool,
    /// A payment is told of that was made on an app.
    pub(super) on_app: bool,
    /// Something happened by mistake, as a swindler tells.
    pub(super) mistake: bool,
    /// The person's account or card is spoken of.
    pub(super) yours: bool,
    /// The person is spoken to.
    pub(super) you: bool,
    /// What an account holds is told.
    pub(super) balance: bool,
    /// Money goes by a rail that is named.
    pub(super) rail: bool,
    /// A bill is spoken of.
    pub(super) bill: bool,
}

/// The signs of a message.
pub(super) fn signs(tokens: &Tokens<'_>, amounts: &[Amount]) -> Signs {
    let mut signs = Signs::default();
    for at in 0..tokens.len() {
        let (word, next) = (tokens.word(at), tokens.word(at + 1));
        match word {
            Word::Otp | Word::Password | Word::Code => one_time(tokens, at, &mut signs),
            Word::Declined => signs.declined |= failed(tokens, at),
            Word::Not if matches!(next, Word::Success | Word::Be) || tokens.word(at + 2) == Word::Success => {
                signs.declined |= tokens.before(at, 1) != Word::If;
            }
            Word::Request => request(tokens, at, &mut signs),
            Word::Unable => signs.open = true,
            // `Cheques are subject to clearing` is a footer.
            Word::Clearing => signs.clearing |= tokens.before(at, 1) != Word::To,
            Word::Initiated => signs.open |= !conditional(tokens, at),
            Word::Pending => signs.due |= tokens.before(at, 1) == Word::Is,
            Word::Due | Word::Minimum | Word::Reminder => signs.due = true,
            Word::Will => signs.due |= (1..6).any(|ahead| is_debit(tokens.word(at + ahead))),
            Word::Promo | Word::Off | Word::Upto | Word::Get => {
                signs.promotion += usize::from(word != Word::Get || tokens.line(at) || at == 0);
            }
            Word::Invest | Word::Receipt => signs.foreign += 1,
            Word::Wallet => signs.wallet = true,
            Word::Beneficiary => signs.beneficiary |= beneficiary(tokens, at),
            Word::Mandate | Word::Active => signs.mandate |= mandate(tokens, at),
            Word::Statement => signs.statement |= tokens.word(at + 1) != Word::Of,
            Word::Bank | Word::BankName => {
                let any = word == Word::Bank && next == Word::Account && any_bank(tokens, at);
                signs.any_bank |= any;
                signs.bank |= !any && (word == Word::BankName || next != Word::Ref);
            }
            Word::On => signs.on_app |= app(tokens.str(at + 1)),
            Word::Mistake => signs.mistake = true,
            Word::None if matches!(tokens.kind(at), Kind::Link) => signs.link = true,
            Word::Your | Word::My => {
                signs.yours |= (1..7).any(|ahead| matches!(tokens.word(at + ahead), Word::Account | Word::Card));
            }
            Word::You => signs.you |= next.moved() || tokens.word(at + 2).moved(),
            Word::Bill => signs.bill = true,
            _ => signs.rail |= word.rail(),
        }
    }
    signs.balance = amounts.iter().any(|amount| matches!(amount.role, Role::Balance | Role::Limit));
    signs
}

/// Whether no name stands before the word for a bank at `at`: `your bank account`, `the registered bank a/c`.
fn any_bank(tokens: &Tokens<'_>, at: usize) -> bool {
    let before = tokens.before(at, 1);
    let told = at.checked_sub(1).is_some_and(|at| tokens.str(at).starts_with(|first: char| first.is_uppercase()));
    before != Word::BankName && (!told || matches!(before, Word::Your | Word::My | Word::The))
}

fn is_debit(word: Word) -> bool {
    matches!(word, Word::Debited | Word::Charged | Word::Transferred | Word::Debit | Word::Paid)
}

/// `123456 is the OTP`, `OTP is 123456`, `code: 1234`.
fn one_time(tokens: &Tokens<'_>, at: usize, signs: &mut Signs) {
    let code = |at: usize| match tokens.kind(at) {
        Kind::Number | Kind::Code => {
            let text = tokens.str(at);
            (4..=8).contains(&text.len()) && text.bytes().filter(u8::is_ascii_digit).count() >= 4 && !text.contains('.')
        }
        _ => false,
    };
    let warned = (1..=6).any(|back| matches!(tokens.before(at, back), Word::Share | Word::Never | Word::Not));
    if warned {
        return;
    }
    signs.otp_named |= tokens.word(at) == Word::Otp;
    let told = (at + 1..at + 5).any(|ahead| {
        code(ahead)
            && (at + 1..ahead).all(|at| matches!(tokens.kind(at), Kind::Mark(_) | Kind::Word(_)))
            && !(at + 1..ahead).any(|at| tokens.word(at).preposition() && tokens.word(at) != Word::For)
    });
    let before = (1..=10).filter_map(|back| at.checked_sub(back)).find(|&at| code(at));
    let is = before.is_some_and(|before| {
        tokens.word(before + 1) == Word::Is
            || tokens.word(before + 1) == Word::As
            || tokens.word(before + 1) == Word::For
    });
    let used = before
        .is_some_and(|before| before + 1 == at || tokens.str(before.saturating_sub(1)).eq_ignore_ascii_case("use"));
    let yours = before.is_some_and(|before| matches!(tokens.word(before + 2), Word::Your | Word::The));
    let named = tokens.word(at) != Word::Code || told || yours;
    signs.otp |= named && (told || is || used);
}

/// Whether a word of failure says that it happened, not what to do if it does.
fn failed(tokens: &Tokens<'_>, at: usize) -> bool {
    let charged = (at + 1..at + 4)
        .take_while(|&at| !tokens.ends_sentence(at))
        .any(|at| matches!(tokens.word(at), Word::Charges | Word::Fee));
    !conditional(tokens, at) && !charged
}

fn conditional(tokens: &Tokens<'_>, at: usize) -> bool {
    (1..=6).any(|back| {
        at.checked_sub(back).is_some_and(|at| matches!(tokens.word(at), Word::If | Word::Not))
            && at.checked_sub(back).is_some_and(|from| (from..at).all(|at| !tokens.ends_sentence(at)))
    })
}

/// `has requested`, `collect request`, `requesting payment`; not `your request is processed`.
fn request(tokens: &Tokens<'_>, at: usize, signs: &mut Signs) {
    let text = tokens.str(at);
    let asks = text.eq_ignore_ascii_case("requested") && tokens.before(at, 1) == Word::Is
        || text.eq_ignore_ascii_case("requesting")
        || text.eq_ignore_ascii_case("requests")
        || at.checked_sub(1).is_some_and(|at| tokens.str(at).eq_ignore_ascii_case("collect"))
        || matches!(tokens.before(at, 1), Word::Payment | Word::Upi)
        || tokens.word(at + 1) == Word::From;
    signs.request |= asks;
    signs.open |= !asks && !conditional(tokens, at);
}

/// `credited to the beneficiary`, `payee added`; not `to beneficiary NAME` of a debit.
fn beneficiary(tokens: &Tokens<'_>, at: usize) -> bool {
    let credited = |at: usize| {
        matches!(tokens.word(at), Word::Credited | Word::Deposited | Word::Received | Word::Added | Word::Active)
    };
    (at.saturating_sub(4)..at).any(credited) || (at + 1..at + 14).any(credited)
}

fn mandate(tokens: &Tokens<'_>, at: usize) -> bool {
    let other = if tokens.word(at) == Word::Mandate { Word::Active } else { Word::Mandate };
    (1..=8).any(|step| tokens.before(at, step) == other || tokens.word(at + step) == other)
}
