//! Slips of the finger: a letter wrong, missing, too many, or two swapped.

/// Letters from which one typo is forgiven, and from which two are.
const ONE_TYPO_FROM: usize = 4;
const TWO_TYPOS_FROM: usize = 8;

/// How many typos a word of the query may hold. None in words with digits: a digit off is another number.
pub fn allowed(word: &str) -> usize {
    match word.len() {
        _ if word.bytes().any(|byte| byte.is_ascii_digit()) => 0,
        TWO_TYPOS_FROM.. => 2,
        ONE_TYPO_FROM.. => 1,
        _ => 0,
    }
}

/// The least typos that turn `word` into a beginning of `token`, if they are at most `allowed`. A swap of neighbours counts
/// as one (optimal string alignment).
pub fn distance_to_prefix(word: &str, token: &str, allowed: usize) -> Option<usize> {
    let (word, token) = (word.as_bytes(), token.as_bytes());
    if token.len() + allowed < word.len() {
        return None;
    }
    // Longer beginnings cannot be nearer.
    let token = &token[..token.len().min(word.len() + allowed)];
    let mut before: [u8; COLUMNS] = [0; COLUMNS];
    let mut last: [u8; COLUMNS] = std::array::from_fn(|column| column as u8);
    let mut row: [u8; COLUMNS] = [0; COLUMNS];
    if token.len() >= COLUMNS {
        return None;
    }
    for (i, letter) in word.iter().enumerate() {
        row[0] = (i + 1) as u8;
        let mut least = row[0];
        for (j, other) in token.iter().enumerate() {
            let mut cost = (last[j] + u8::from(letter != other))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *letter == token[j - 1] && word[i - 1] == *other {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
            least = least.min(cost);
        }
        if least as usize > allowed {
            return None;
        }
        (before, last, row) = (last, row, before);
    }
    let nearest = last[..=token.len()]
        .iter()
        .copied()
        .min()
        .map(usize::from)?;
    (nearest <= allowed).then_some(nearest)
}

/// Letters of a token compared, and one.
const COLUMNS: usize = 65;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_counted() {
        for (word, token, expected) in [
            ("azaouagh", "azaouagh", Some(0)),
            ("azaouga", "azaouagh", Some(1)),
            ("azaouahg", "azaouagh", Some(1)),
            ("zaaouagh", "azaouagh", Some(1)),
            ("azouagh", "azaouagh", Some(1)),
            ("azzaouagh", "azaouagh", Some(1)),
            ("asaouag", "azaouagh", Some(1)),
            ("ezouagh", "azaouagh", Some(2)),
            ("zinder", "azaouagh", None),
            ("tillaberi", "till", None),
        ] {
            assert_eq!(
                distance_to_prefix(word, token, 2),
                expected,
                "{word} {token}"
            );
        }
    }

    #[test]
    fn short_words_and_numbers_hold_no_typos() {
        for (word, expected) in [("abc", 0), ("abcd", 1), ("abcdefgh", 2), ("c00095", 0)] {
            assert_eq!(allowed(word), expected, "{word}");
        }
    }
}
