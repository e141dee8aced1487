//! Every message is read and categorised; nothing is stored.

use gate::{
    Body, Call, Demand, Endpoint, Incoming, Json, Method, Route,
    json::{OneOrMany, one_or_many},
};
use intake::Reader;
use kernel::{Fault, Scope, Violation};
use ledger::{Message, RawMessage, read};
use store::UnitOfWork;

use crate::contract::{
    ClassifiedMessage, ClassifiedMessages, ClassifyAnswer, ClassifyOneAnswer, MOST_MESSAGES, ManyMessages,
};

/// `POST /v1/transactions/classify`.
pub struct ClassifyTransactions {
    reader: Reader,
}

impl ClassifyTransactions {
    /// Reads messages with `reader`.
    #[must_use]
    pub const fn new(reader: Reader) -> Self {
        Self { reader }
    }
}

/// What was asked for.
pub enum Asked {
    /// One message.
    One(Message),
    /// Several.
    Many(Vec<Message>),
}

impl Endpoint for ClassifyTransactions {
    const ROUTE: Route = Route {
        name: "classify-transactions",
        method: Method::Post,
        path: "/v1/transactions/classify",
        siblings: &[],
        demand: Demand::Scope(Scope::TransactionsRead),
        body: Body::BULK,
        stores: false,
    };
    type Input = Asked;
    type Output = Json<ClassifyAnswer>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Asked, Fault> {
        incoming.no_query()?;
        let body = incoming.body().unwrap_or_default();
        match one_or_many::<RawMessage, ManyMessages>(body, "messages")? {
            OneOrMany::One(raw) => Ok(Asked::One(raw.accept(call.now.wall).map_err(Fault::validation)?)),
            OneOrMany::Many(ManyMessages { messages }) => {
                if !(1..=MOST_MESSAGES).contains(&messages.len()) {
                    let rule = Violation::new("/messages", "invalid_length", "must have 1 to 100 messages");
                    return Err(Fault::validation(vec![rule]));
                }
                let (mut accepted, mut broken) = (Vec::with_capacity(messages.len()), Vec::new());
                for (index, raw) in messages.into_iter().enumerate() {
                    match raw.accept(call.now.wall) {
                        Ok(message) => accepted.push(message),
                        Err(rules) => {
                            broken.extend(rules.into_iter().map(|rule| rule.under(&format!("/messages/{index}"))));
                        }
                    }
                }
                if broken.is_empty() { Ok(Asked::Many(accepted)) } else { Err(Fault::validation(broken)) }
            }
        }
    }

    async fn act(&self, call: &Call, asked: Asked, _: &mut UnitOfWork) -> Result<Json<ClassifyAnswer>, Fault> {
        let zone = self.reader.zone(&call.principal.tenant, call.now).await?;
        let classify = |message: &Message| {
            let reading = read(message, call.now.wall, &zone);
            let categorised = reading.parsed.as_ref().map(|parsed| self.reader.categorise(message, parsed));
            ClassifiedMessage::new(&reading, categorised)
        };
        Ok(Json::ok(match asked {
            Asked::One(message) => ClassifyAnswer::One(Box::new(ClassifyOneAnswer { message: classify(&message) })),
            Asked::Many(messages) => {
                ClassifyAnswer::Many(ClassifiedMessages { results: messages.iter().map(classify).collect() })
            }
        }))
    }
}
