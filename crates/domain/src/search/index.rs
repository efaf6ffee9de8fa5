//! The distinct searched words, sorted, with the clients of each; beginnings are found by bisection, parts by a table of
//! three-letter runs.

use super::{EXACT, INSIDE, PREFIX, TYPO, typo};

/// Where a word was found. The discriminant is added to the score: a name before a phone number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Phone = 1,
    City = 2,
    Invoice = 4,
    Name = 6,
    Code = 8,
}

/// Bytes of a token that are searched: an offset fits in a byte.
const TOKEN_BYTES_MAX: usize = 64;

/// Distinct tokens an index holds: their number fits beside the offset in 32 bits.
const TOKENS_MAX: usize = 1 << 24;

/// Letters from which a part of a word is searched, not only its beginning.
const RUN: usize = 3;

/// a–z, 0–9, and everything else.
const LETTERS: usize = 37;

/// Collects tokens before they are sorted: their text lies in one string, so that a hundred thousand of them cost few
/// allocations.
#[derive(Default)]
pub struct Builder {
    text: String,
    entries: Vec<Entry>,
}

struct Entry {
    start: u32,
    len: u8,
    kind: Kind,
    client: u32,
}

impl Builder {
    /// Notes that `client` carries the token of these letters; an empty token is ignored, a long one cut.
    pub fn add(&mut self, letters: impl Iterator<Item = char>, kind: Kind, client: usize) {
        let (Ok(start), Ok(client)) = (u32::try_from(self.text.len()), u32::try_from(client))
        else {
            return;
        };
        if self.entries.len() >= TOKENS_MAX {
            return;
        }
        let from = self.text.len();
        for letter in letters {
            if self.text.len() - from + letter.len_utf8() > TOKEN_BYTES_MAX {
                break;
            }
            self.text.push(letter);
        }
        let len = u8::try_from(self.text.len() - from).unwrap_or(0);
        if len > 0 {
            self.entries.push(Entry {
                start,
                len,
                kind,
                client,
            });
        }
    }

    pub fn build(self) -> TokenIndex {
        let Self { text, mut entries } = self;
        let token = |entry: &Entry| &text[entry.start as usize..][..usize::from(entry.len)];
        entries.sort_unstable_by(|a, b| {
            (token(a), a.kind, a.client).cmp(&(token(b), b.kind, b.client))
        });
        let mut index = TokenIndex::default();
        for same in entries.chunk_by(|a, b| (token(a), a.kind) == (token(b), b.kind)) {
            index.text.push_str(token(&same[0]));
            index.ends.push(index.text.len() as u32);
            index.kinds.push(same[0].kind);
            for each in same.chunk_by(|a, b| a.client == b.client) {
                index.clients.push(each[0].client);
            }
            index.clients_ends.push(index.clients.len() as u32);
        }
        index.runs = Runs::of(&index);
        index
    }
}

#[derive(Default)]
pub struct TokenIndex {
    /// All tokens one after the other, in order.
    text: String,
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    clients: Vec<u32>,
    clients_ends: Vec<u32>,
    runs: Runs,
}

impl TokenIndex {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn token(&self, token: usize) -> &str {
        let start = if token == 0 {
            0
        } else {
            self.ends[token - 1] as usize
        };
        &self.text[start..self.ends[token] as usize]
    }

    /// Gives the clients of `token` at least the score of a match `how`.
    pub fn raise(&self, token: usize, how: u16, scores: &mut [u16]) {
        let start = if token == 0 {
            0
        } else {
            self.clients_ends[token - 1] as usize
        };
        let score = how + self.kinds[token] as u16;
        for client in &self.clients[start..self.clients_ends[token] as usize] {
            let known = &mut scores[*client as usize];
            *known = score.max(*known);
        }
    }

    /// Whether any token begins with or holds `word`.
    pub fn contains(&self, word: &str) -> bool {
        self.exact_prefix_inside(word, |_, _| {})
    }

    /// Calls `found` with every token that is, begins with or holds `word`; returns whether there was one.
    pub fn exact_prefix_inside(&self, word: &str, mut found: impl FnMut(usize, u16)) -> bool {
        let from = self.first(|token| token >= word);
        let longer = self.first(|token| token > word);
        let to = self.first(|token| token > word && !token.starts_with(word));
        (from..longer).for_each(|token| found(token, EXACT));
        (longer..to).for_each(|token| found(token, PREFIX));
        let mut any = from < to;
        // A run stands for itself alone unless a letter outside a–z and 0–9 shares its number.
        let certain = word.len() == RUN && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let holds = |token: usize, offset: usize| {
            certain || self.token(token).as_bytes()[offset..].starts_with(word.as_bytes())
        };
        for (token, offset) in self.runs.candidates(word, to - from) {
            if offset > 0 && holds(token, offset) {
                found(token, INSIDE);
                any = true;
            }
        }
        any
    }

    /// Calls `found` with every name and city whose beginning is `word` but for a typo or two.
    pub fn with_typos(&self, word: &str, mut found: impl FnMut(usize, u16)) -> bool {
        let allowed = typo::allowed(word);
        let mut any = false;
        if allowed == 0 {
            return false;
        }
        for token in 0..self.len() {
            if matches!(self.kinds[token], Kind::Name | Kind::City)
                && let Some(typos) = typo::distance_to_prefix(word, self.token(token), allowed)
            {
                found(token, TYPO - 2 * typos as u16);
                any = true;
            }
        }
        any
    }

    /// The first token of which `reached` is true; it is true of all after it.
    fn first(&self, reached: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if reached(self.token(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

/// For every run of three letters the places where it stands: token × 256 + offset.
#[derive(Default)]
struct Runs {
    ends: Vec<u32>,
    places: Vec<u32>,
}

impl Runs {
    /// A counting sort of all runs of all tokens.
    fn of(index: &TokenIndex) -> Self {
        let mut counts = vec![0_u32; LETTERS * LETTERS * LETTERS];
        for token in 0..index.len() {
            for run in index.token(token).as_bytes().windows(RUN) {
                counts[number(run)] += 1;
            }
        }
        let mut total = 0;
        let mut next: Vec<u32> = Vec::with_capacity(counts.len());
        for count in &mut counts {
            next.push(total);
            total += *count;
            *count = total;
        }
        let mut places = vec![0; total as usize];
        for token in 0..index.len() {
            for (offset, run) in index.token(token).as_bytes().windows(RUN).enumerate() {
                let place = &mut next[number(run)];
                places[*place as usize] = (token as u32) << 8 | offset as u32;
                *place += 1;
            }
        }
        Self {
            ends: counts,
            places,
        }
    }

    /// Tokens and offsets where `word` may stand: those of its rarest run. Nothing for shorter words, nor where that run
    /// stands only at the beginning of the tokens that begin with `word`, `beginning` in number.
    fn candidates(&self, word: &str, beginning: usize) -> impl Iterator<Item = (usize, usize)> {
        let rarest = word
            .as_bytes()
            .windows(RUN)
            .enumerate()
            .map(|(at, run)| (at, self.places_of(run)));
        let (at, places) = rarest
            .min_by_key(|(_, places)| places.len())
            .filter(|(at, places)| *at > 0 || places.len() > beginning)
            .unwrap_or((0, &[]));
        places.iter().filter_map(move |place| {
            let (token, offset) = ((place >> 8) as usize, (place & 0xff) as usize);
            Some((token, offset.checked_sub(at)?))
        })
    }

    fn places_of(&self, run: &[u8]) -> &[u32] {
        let number = number(run);
        let Some(end) = self.ends.get(number) else {
            return &[];
        };
        let start = if number == 0 {
            0
        } else {
            self.ends[number - 1]
        };
        &self.places[start as usize..*end as usize]
    }
}

fn number(run: &[u8]) -> usize {
    run.iter().fold(0, |number, byte| {
        let letter = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => byte - b'0' + 26,
            _ => 36,
        };
        number * LETTERS + letter as usize
    })
}
