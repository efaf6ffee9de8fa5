//! How a client can be reached: what the ledger says, as links.

use tournee_domain::dossier::Client;

/// A number has at least so many digits; fewer are a post box or an extension.
const PHONE_DIGITS_MIN: usize = 8;

/// Beginnings of words of a heading that announce a number, in lower case: accounts and registers have as many digits.
const PHONE_HEADINGS: &[&str] = &[
    "cell", "contact", "fixe", "gsm", "mobile", "phone", "portable", "tel", "tél", "whatsapp",
];

/// A way to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As written.
    Phone(String),
    Mail(String),
}

impl Reach {
    /// What a text under a heading of the ledger gives, when nothing else stands in it. Digits are a number to call only
    /// when they begin as an international one or their heading says so.
    pub fn of(heading: &str, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains('@') && !text.contains(char::is_whitespace) {
            return Some(Self::Mail(text.to_owned()));
        }
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let is_number = digits >= PHONE_DIGITS_MIN
            && text
                .chars()
                .all(|letter| letter.is_ascii_digit() || "+ .-()/\u{a0}\u{202f}".contains(letter));
        let is_phone = text.starts_with('+') || text.starts_with("00") || announces_phone(heading);
        (is_number && is_phone).then(|| Self::Phone(text.to_owned()))
    }

    /// Address of the link.
    pub fn href(&self) -> String {
        match self {
            Self::Phone(number) => ["tel:", &dialled(number)].concat(),
            Self::Mail(address) => ["mailto:", address].concat(),
        }
    }
}

fn announces_phone(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    let mut words = heading.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| PHONE_HEADINGS.iter().any(|start| word.starts_with(start)))
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
        .filter_map(|detail| Some((detail.name.clone(), Reach::of(&detail.name, &detail.value)?)));
    company.chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn numbers_are_called_only_where_they_are_numbers_to_call() {
        let cases = [
            ("Tél. portable", "90 12 34 56", true),
            ("TÉLÉPHONE 2", "90123456", true),
            ("Contact magasin", "20.73.11.22", true),
            ("WhatsApp", "(227) 90-12-34-56", true),
            ("Gérant", "+227 90 12 34 56", true),
            ("Gérant", "0022790123456", true),
            ("Date d’entrée", "2009-02-01", false),
            ("SIREN", "732 829 320", false),
            ("Compte", "00 11", false),
            ("Compte bancaire", "21001 00012345678", false),
            ("Téléphone", "poste 12", false),
            ("Tél.", "12 34", false),
            ("Hôtel", "12345678", false),
        ];
        for (heading, text, is_phone) in cases {
            let found = Reach::of(heading, text);
            let expected = is_phone.then(|| Reach::Phone(text.to_owned()));
            assert_eq!(found, expected, "{heading}: {text}");
        }
        assert_eq!(
            Reach::of("Note", "compta@c1.example"),
            Some(Reach::Mail("compta@c1.example".to_owned()))
        );
        assert_eq!(Reach::of("Note", "voir compta@c1.example"), None);
    }
}
