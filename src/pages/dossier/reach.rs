//! How a client can be reached: what the ledger says, as links.

use tournee_domain::dossier::Client;

/// A number has at least so many digits; fewer are a date, a post box or a register.
const PHONE_DIGITS_MIN: usize = 8;

/// A way to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As written.
    Phone(String),
    Mail(String),
}

impl Reach {
    /// What a text gives, when nothing else stands in it.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_mail = text.contains('@') && !text.contains(char::is_whitespace);
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let is_phone = text
            .chars()
            .all(|letter| letter.is_ascii_digit() || "+ .-()\u{a0}\u{202f}".contains(letter));
        if is_mail {
            Some(Self::Mail(text.to_owned()))
        } else if is_phone && digits >= PHONE_DIGITS_MIN {
            Some(Self::Phone(text.to_owned()))
        } else {
            None
        }
    }

    /// Address of the link.
    pub fn href(&self) -> String {
        match self {
            Self::Phone(number) => ["tel:", &dialled(number)].concat(),
            Self::Mail(address) => ["mailto:", address].concat(),
        }
    }
}

/// The digits of a number, with its leading plus.
pub fn dialled(number: &str) -> String {
    number
        .chars()
        .filter(|letter| letter.is_ascii_digit() || *letter == '+')
        .collect()
}

/// Everybody the ledger names for this client: the company first, then others by the ledger's heading.
pub fn contacts(client: &Client) -> Vec<(String, Reach)> {
    let numbers = client.phone.split(['/', ',', ';']).map(str::trim);
    let numbers = numbers
        .filter(|number| !number.is_empty())
        .map(|number| Reach::Phone(number.to_owned()));
    let mail = (!client.email.is_empty()).then(|| Reach::Mail(client.email.clone()));
    let company = numbers.chain(mail).map(|reach| (String::new(), reach));
    let others = client
        .details
        .iter()
        .filter_map(|detail| Some((detail.name.clone(), Reach::of(&detail.value)?)));
    company.chain(others).collect()
}
