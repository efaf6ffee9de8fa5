//! Text without case and accents, so that « Ténéré », « TENERE » and « tenere » are the same word.

/// `text` in lower case, each accented letter replaced by its base letter, ligatures spelt out, combining marks dropped
/// and every blank (U+00A0, U+202F…) made a space. Letters of Hausa and Zarma (ɓ, ɗ, ƙ, ŋ…) fold to their neighbours.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else {
            letter
                .to_lowercase()
                .for_each(|lower| push_folded(&mut folded, lower));
        }
    }
    folded
}

fn push_folded(folded: &mut String, lower: char) {
    let base = match lower {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ɓ' => "b",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' | 'ɗ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ɛ' | 'ǝ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' | 'ƙ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ŋ' | 'ɲ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ɔ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ƴ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        // French texts write the sign of *numéro* in either form.
        'º' | '°' => "°",
        '’' | '‘' | 'ʼ' => "'",
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => "",
        blank if blank.is_whitespace() => " ",
        other => {
            folded.push(other);
            return;
        }
    };
    folded.push_str(base);
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_accents_and_blanks_fold_away() {
        for (text, expected) in [
            ("Société TÉNÉRÉ", "societe tenere"),
            ("Te\u{301}ne\u{301}re\u{301}", "tenere"),
            ("Œuvre\u{a0}Ægir\u{202f}ß", "oeuvre aegir ss"),
            ("Ɗan Ƙasa", "dan kasa"),
            ("N° pièce", "n° piece"),
            ("L’Ancre", "l'ancre"),
            ("شركة 12", "شركة 12"),
        ] {
            assert_eq!(fold(text), expected);
        }
    }
}
