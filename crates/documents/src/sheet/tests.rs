use super::{Cell, Sheet};
use calamine::{Data, DataType, Reader, Xlsx};
use std::io::Cursor;
use tournee_domain::format::Language;

fn sheet(currency: &str) -> Sheet {
    Sheet {
        name: "Balance âgée : 31/10".to_owned(),
        currency: currency.parse().unwrap(),
        head: ["Client", "Total", "Délai", "Jour"]
            .map(str::to_owned)
            .to_vec(),
        rows: vec![
            vec![
                Cell::from("=Zinder & « Fils » <SA>; \"Nord\""),
                Cell::Amount("1234567.5".parse().unwrap()),
                Cell::Number("12.35".parse().unwrap()),
                Cell::Date("2026-10-31".parse().unwrap()),
            ],
            vec![
                Cell::from("Arlit\u{1}"),
                Cell::Amount("-40".parse().unwrap()),
                Cell::Empty,
                Cell::Empty,
            ],
        ],
        total: vec![
            Cell::from("Total"),
            Cell::Amount("1234527.5".parse().unwrap()),
            Cell::Empty,
            Cell::Empty,
        ],
    }
}

#[test]
fn csv_is_as_the_languages_spreadsheets_read_it() {
    let lines = |language| {
        let text = sheet("EUR").csv(language);
        let text = text.strip_prefix('\u{feff}').expect("a mark").to_owned();
        text.split("\r\n").map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        lines(Language::Fr),
        [
            "\"Client\";\"Total\";\"Délai\";\"Jour\"",
            "\"'=Zinder & « Fils » <SA>; \"\"Nord\"\"\";1234567,50;12,35;31/10/2026",
            "\"Arlit\u{1}\";-40,00;;",
            "\"Total\";1234527,50;;",
            "",
        ]
    );
    assert_eq!(
        lines(Language::En)[1],
        "\"'=Zinder & « Fils » <SA>; \"\"Nord\"\"\",1234567.50,12.35,2026-10-31"
    );
    // Nothing is rounded away, and a currency without subunit has no decimals.
    assert!(sheet("XOF").csv(Language::En).contains("-40,,\r\n"));
}

/// calamine reads what is written, numbers as numbers.
#[test]
fn a_workbook_opens_in_another_programme() {
    let bytes = sheet("EUR").xlsx();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    assert_eq!(book.sheet_names(), ["Balance âgée  3110"]);
    let page = book.worksheet_range("Balance âgée  3110").expect("a page");
    let rows: Vec<Vec<Data>> = page.rows().map(<[Data]>::to_vec).collect();
    let text = |text: &str| Data::String(text.to_owned());
    let day = rows[1][3].clone();
    assert_eq!(day.as_date().expect("a day").to_string(), "2026-10-31");
    assert_eq!(
        rows,
        [
            vec![text("Client"), text("Total"), text("Délai"), text("Jour")],
            vec![
                text("=Zinder & « Fils » <SA>; \"Nord\""),
                Data::Float(1_234_567.5),
                Data::Float(12.35),
                day
            ],
            vec![text("Arlit"), Data::Float(-40.0), Data::Empty, Data::Empty],
            vec![
                text("Total"),
                Data::Float(1_234_527.5),
                Data::Empty,
                Data::Empty
            ],
        ]
    );
}
