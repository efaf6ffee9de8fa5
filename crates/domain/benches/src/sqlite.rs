//! The aged balance as a query of SQLite in memory.

use crate::book::{AS_OF, Book};
use crate::samples::{Row, Sampler};
use chrono::{Datelike, NaiveDate};
use sqlx::{Connection, SqliteConnection};
use tournee_domain::report::aged::AgedLine;

const SCHEMA: &str = "
    CREATE TABLE invoices (id INTEGER PRIMARY KEY, client INTEGER, issued INTEGER, due INTEGER, gross INTEGER);
    CREATE TABLE payments (invoice INTEGER, day INTEGER, amount INTEGER);
    CREATE INDEX payments_by_invoice ON payments (invoice, day, amount);";

/// By client: the five default buckets, and the credits.
const QUERY: &str = "
    WITH open AS (
        SELECT client, ?1 - due AS days,
               gross - coalesce((SELECT sum(amount) FROM payments WHERE invoice = id AND day <= ?1), 0) AS open
        FROM invoices WHERE issued <= ?1)
    SELECT client,
        sum(CASE WHEN open > 0 AND days <= 0 THEN open ELSE 0 END),
        sum(CASE WHEN open > 0 AND days BETWEEN 1 AND 30 THEN open ELSE 0 END),
        sum(CASE WHEN open > 0 AND days BETWEEN 31 AND 60 THEN open ELSE 0 END),
        sum(CASE WHEN open > 0 AND days BETWEEN 61 AND 90 THEN open ELSE 0 END),
        sum(CASE WHEN open > 0 AND days > 90 THEN open ELSE 0 END),
        -sum(CASE WHEN open < 0 THEN open ELSE 0 END)
    FROM open GROUP BY client";

type Sums = (i64, i64, i64, i64, i64, i64, i64);

/// Measures the query. Its sums have to be those of `expected`.
pub fn measure(sampler: &mut Sampler, book: &Book, expected: &AgedLine) -> Row {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut sqlite = runtime.block_on(async {
        let mut sqlite = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        fill(&mut sqlite, book).await;
        sqlite
    });
    let as_of = AS_OF.parse::<NaiveDate>().unwrap().num_days_from_ce();
    let mut ask = || -> Vec<Sums> {
        let query = sqlx::query_as(QUERY).bind(as_of);
        runtime.block_on(query.fetch_all(&mut sqlite)).unwrap()
    };
    let rows = ask();
    let sum = |of: fn(&Sums) -> i64| rows.iter().map(of).sum::<i64>().into();
    let buckets = [
        sum(|it| it.1),
        sum(|it| it.2),
        sum(|it| it.3),
        sum(|it| it.4),
        sum(|it| it.5),
    ];
    assert_eq!(
        (buckets.as_slice(), sum(|it| it.6)),
        (expected.buckets.as_slice(), expected.credits)
    );
    sampler.measure("the same by client in SQLite, in memory", None, ask)
}

async fn fill(sqlite: &mut SqliteConnection, book: &Book) {
    sqlx::raw_sql(SCHEMA).execute(&mut *sqlite).await.unwrap();
    let mut all = sqlite.begin().await.unwrap();
    for (id, invoice) in book.0.iter().enumerate() {
        let id = i64::try_from(id).unwrap();
        sqlx::query("INSERT INTO invoices VALUES (?, ?, ?, ?, ?)")
            .bind(id)
            .bind(i64::try_from(invoice.client).unwrap())
            .bind(invoice.issued.num_days_from_ce())
            .bind(invoice.due.num_days_from_ce())
            .bind(invoice.gross)
            .execute(&mut *all)
            .await
            .unwrap();
        for (day, amount) in &invoice.payments {
            sqlx::query("INSERT INTO payments VALUES (?, ?, ?)")
                .bind(id)
                .bind(day.num_days_from_ce())
                .bind(amount)
                .execute(&mut *all)
                .await
                .unwrap();
        }
    }
    all.commit().await.unwrap();
}
