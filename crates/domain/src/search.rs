//! Instant search over the portfolio (PRODUCT A2): names, codes, cities, invoice numbers and phone numbers, without accents
//! or case, and with a slip of the finger forgiven.

mod index;
mod typo;

use crate::fold::fold;
use crate::summary::Summary;
use index::{Kind, TokenIndex};
use std::borrow::Borrow;

/// Words of a query that count; what follows is ignored.
pub const QUERY_WORDS_MAX: usize = 8;

/// Letters of a query that count.
pub const QUERY_LETTERS_MAX: usize = 100;

/// Digits from which blanks between groups of digits are taken as those of a phone number: from as many on, digits are found
/// inside a number as well, so that nobody who types one group after another is told in between that there is no such client.
const PHONE_DIGITS_MIN: usize = 3;

/// How well a token matches a word. Sums over a query's words order the clients.
const EXACT: u16 = 60;
const PREFIX: u16 = 40;
const INSIDE: u16 = 20;
const TYPO: u16 = 10;

/// An index over summaries, built once and asked at every keystroke.
pub struct SearchIndex {
    clients: usize,
    tokens: TokenIndex,
}

impl SearchIndex {
    /// Reads what is searched of each summary; results are positions in `summaries`.
    pub fn build(summaries: &[impl Borrow<Summary>]) -> Self {
        let mut tokens = index::Builder::default();
        for (client, summary) in summaries.iter().enumerate() {
            let summary: &Summary = summary.borrow();
            add_words(&mut tokens, &summary.name, Kind::Name, client);
            add_words(&mut tokens, &summary.city, Kind::City, client);
            add_joined(&mut tokens, summary.code.as_str(), Kind::Code, client);
            for phone in summary.phone.split(['/', ',', ';']) {
                let digits = phone.chars().filter(char::is_ascii_digit);
                tokens.add(digits, Kind::Phone, client);
            }
            for item in &summary.items {
                add_joined(&mut tokens, item.number.as_str(), Kind::Invoice, client);
            }
        }
        Self {
            clients: summaries.len(),
            tokens: tokens.build(),
        }
    }

    /// Positions of at most `limit` clients, the best first, equals in their given order. Every word must be the beginning
    /// or, from three letters on, a part of something searched. Where that finds nothing, a word of four letters may hold
    /// one typo and a word of eight two. A query without words finds everybody.
    pub fn find(&self, query: &str, limit: usize) -> Vec<usize> {
        let query: String = fold(query).chars().take(QUERY_LETTERS_MAX).collect();
        if let Some(phone) = spaced_phone(&query) {
            let found = self.best(&[phone], Typos::Never, limit);
            if !found.is_empty() {
                return found;
            }
        }
        let words = self.words(&query);
        if words.is_empty() {
            return (0..self.clients.min(limit)).collect();
        }
        let found = self.best(&words, Typos::WhereNothingMatches, limit);
        if found.is_empty() {
            self.best(&words, Typos::Everywhere, limit)
        } else {
            found
        }
    }

    /// The query's words. « FA-2026/0731 » is one word where such a token exists, else its three parts.
    fn words(&self, query: &str) -> Vec<String> {
        let mut words = Vec::new();
        for written in query.split_whitespace() {
            let whole = joined(written);
            let parts: Vec<_> = parts(written).map(str::to_owned).collect();
            if parts.len() > 1 && !self.tokens.contains(&whole) {
                words.extend(parts);
            } else if !whole.is_empty() {
                words.push(whole);
            }
        }
        words.truncate(QUERY_WORDS_MAX);
        words
    }

    fn best(&self, words: &[String], typos: Typos, limit: usize) -> Vec<usize> {
        let mut totals = vec![0_u16; self.clients];
        let mut scores = vec![0_u16; self.clients];
        for (position, word) in words.iter().enumerate() {
            scores.fill(0);
            let mut matched = self.tokens.exact_prefix_inside(word, |token, how| {
                self.tokens.raise(token, how, &mut scores)
            });
            if typos == Typos::Everywhere || (typos == Typos::WhereNothingMatches && !matched) {
                matched |= self.tokens.with_typos(word, |token, how| {
                    self.tokens.raise(token, how, &mut scores)
                });
            }
            if !matched {
                return Vec::new();
            }
            for (total, score) in totals.iter_mut().zip(&scores) {
                let alive = *score > 0 && (position == 0 || *total > 0);
                *total = if alive { *total + *score } else { 0 };
            }
        }
        let mut found: Vec<usize> = (0..self.clients)
            .filter(|client| totals[*client] > 0)
            .collect();
        let order = |client: &usize| (std::cmp::Reverse(totals[*client]), *client);
        if limit > 0 && found.len() > limit {
            found.select_nth_unstable_by_key(limit - 1, order);
        }
        found.truncate(limit);
        crate::order::sort_by_key(&mut found, order);
        found
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Typos {
    Never,
    WhereNothingMatches,
    Everywhere,
}

/// The words of a name, and « l'oréal » also as « loreal ».
fn add_words(tokens: &mut index::Builder, text: &str, kind: Kind, client: usize) {
    for written in fold(text).split_whitespace() {
        let mut count = 0;
        for part in parts(written) {
            tokens.add(part.chars(), kind, client);
            count += 1;
        }
        if count > 1 {
            tokens.add(letters(written), kind, client);
        }
    }
}

/// A code or number as one word; most hold nothing to fold but capitals.
fn add_joined(tokens: &mut index::Builder, text: &str, kind: Kind, client: usize) {
    if text.is_ascii() {
        let lower = letters(text).map(|letter| letter.to_ascii_lowercase());
        tokens.add(lower, kind, client);
    } else {
        tokens.add(letters(&fold(text)), kind, client);
    }
}

fn parts(written: &str) -> impl Iterator<Item = &str> {
    written
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|part| !part.is_empty())
}

fn joined(written: &str) -> String {
    letters(written).collect()
}

fn letters(written: &str) -> impl Iterator<Item = char> {
    written.chars().filter(|letter| letter.is_alphanumeric())
}

/// The digits of « +227 88 44 64 30 », when the query is nothing but such groups.
fn spaced_phone(query: &str) -> Option<String> {
    let phone = query.trim();
    let only_phone = phone
        .chars()
        .all(|letter| letter.is_ascii_digit() || " +-./()".contains(letter));
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let international = digits.strip_prefix("00").unwrap_or(&digits);
    (only_phone && digits.len() >= PHONE_DIGITS_MIN && digits.len() < phone.len())
        .then(|| international.to_owned())
}

#[cfg(test)]
mod tests;
