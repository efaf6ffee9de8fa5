//! A table of a report, the same cells as its files: sorted by a tap on a heading, long ones cut until asked for.

use super::live;
use crate::locales::{Texts, use_texts};
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_documents::sheet::{Cell, Sheet};
use tournee_domain::order;

/// Rows of one page: more of them, each with cells that stay in sight, are slower to scroll than a slow phone draws.
const ROWS_PAGE: usize = 100;

/// `from` columns are in the file only. `open` is told the place of the row that was tapped.
#[component]
pub fn SheetTable(
    sheet: Arc<Sheet>,
    #[prop(optional)] from: usize,
    /// The column sorted at first, largest on top; the sheet's own order without.
    #[prop(optional_no_strip)]
    sort: Option<usize>,
    /// The last column is the total of its row: it stays in sight while the others scroll.
    #[prop(optional)]
    totalled: bool,
    #[prop(optional_no_strip)] open: Option<Callback<usize>>,
) -> impl IntoView {
    let t = use_texts();
    let by = RwSignal::new(sort.map(|column| (column, true)));
    let page = RwSignal::new(0);
    let table = NodeRef::<Div>::new();
    let last = sheet.head.len().saturating_sub(1);
    let class = move |column: usize| {
        if totalled && column == last {
            "total"
        } else {
            ""
        }
    };
    let head = sheet.head.iter().enumerate().skip(from);
    let head = head.map(|(column, name)| {
        let sorted = move || by.get().filter(|(known, _)| *known == column).map(|(_, descending)| descending);
        let sort = move || sorted().map(|descending| if descending { "descending" } else { "ascending" });
        let arrow = move || sorted().map_or("", |descending| if descending { " ↓" } else { " ↑" });
        let tap = move |_| by.update(|by| {
            *by = Some((column, match by {
                Some((known, descending)) if *known == column => !*descending,
                _ => column != from,
            }));
            page.set(0);
        });
        view! {
            <th scope="col" aria-sort=sort class=class(column)><button type="button" on:click=tap>{name.clone()}{arrow}</button></th>
        }.into_any()
    }).collect_view();
    let foot = (!sheet.total.is_empty()).then(|| {
        let cells = sheet.total.iter().enumerate().skip(from + 1);
        let cells = cells.map(|(column, cell)| view! { <td class=class(column)>{t.cell(cell, &sheet)}</td> }.into_any());
        view! { <tfoot><tr><th scope="row">{t.cell(&sheet.total[from], &sheet)}</th>{cells.collect_view()}</tr></tfoot> }.into_any()
    });
    let count = sheet.rows.len();
    let caption = [&sheet.name, " · ", t.symbol(sheet.currency)].concat();
    let region = caption.clone();
    let rows = move || {
        let mut order: Vec<usize> = (0..count).collect();
        if let Some((column, descending)) = by.get() {
            order::sort_by(&mut order, |a, b| {
                sheet.rows[*a][column].cmp(&sheet.rows[*b][column])
            });
            if descending {
                order.reverse();
            }
        }
        order.into_iter().skip(page.get() * ROWS_PAGE).take(ROWS_PAGE).map(|place| {
            let row = &sheet.rows[place];
            let name = t.cell(&row[from], &sheet);
            let name = match open {
                Some(open) => view! { <button type="button" class="link" on:click=move |_| open.run(place)>{name}</button> }.into_any(),
                None => name.into_any(),
            };
            let cells = row.iter().enumerate().skip(from + 1);
            let cells = cells.map(|(column, cell)| {
                view! { <td class=class(column)>{t.cell(cell, &sheet)}</td> }.into_any()
            });
            view! {
                <tr data-testid="report-row" data-code=t.cell(&row[0], &sheet)><th scope="row">{name}</th>{cells.collect_view()}</tr>
            }.into_any()
        }).collect_view().into_any()
    };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=region node_ref=table>
            <table>
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{live(rows)}</tbody>
                {foot}
            </table>
        </div>
        {(count > ROWS_PAGE).then(|| view! { <Pager page=page count=count table=table /> }.into_any())}
    }
}

/// From one page of rows to the next.
#[component]
fn Pager(page: RwSignal<usize>, count: usize, table: NodeRef<Div>) -> impl IntoView {
    let t = use_texts();
    let last = (count - 1) / ROWS_PAGE;
    let shown = move || {
        let first = page.get() * ROWS_PAGE;
        let (from, to) = (first + 1, (first + ROWS_PAGE).min(count));
        t.report_rows_of(&t.integer(from), &t.integer(to), &t.integer(count))
    };
    let turn = move |to: usize| {
        page.set(to.min(last));
        if let Some(table) = table.get_untracked() {
            table.scroll_into_view();
        }
    };
    let before = move |_| turn(page.get_untracked().saturating_sub(1));
    let after = move |_| turn(page.get_untracked() + 1);
    view! {
        <div class="pager" role="group" aria-label=t.report_pages()>
            <button type="button" class="btn" data-testid="report-before" disabled=move || page.get() == 0 on:click=before>{t.report_before()}</button>
            <span class="small muted num" role="status" data-testid="report-rows">{shown}</span>
            <button type="button" class="btn" data-testid="report-after" disabled=move || page.get() == last on:click=after>{t.report_after()}</button>
        </div>
    }
}

impl Texts {
    /// A cell as it is read on the screen; a dash for an amount of nothing.
    fn cell(self, cell: &Cell, sheet: &Sheet) -> String {
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Amount(amount) if amount.is_zero() => "–".to_owned(),
            Cell::Amount(amount) => self.amount(*amount, sheet.currency),
            Cell::Number(number) => self.decimal(*number),
            Cell::Date(day) => self.date(*day),
        }
    }
}
