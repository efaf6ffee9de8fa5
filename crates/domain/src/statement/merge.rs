//! A whole statement goes in, or nothing of it.

use super::{InvoiceRow, MergeError, MergeReport, Statement, StatementRows};
use crate::dossier::{Client, Dossier, Event, EventKind, Invoice};
use crate::{ClientCode, InvoiceNumber};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Merges a dated statement of the ledger into the dossiers, by the rules of DOMAIN §2.6. The same rows again change
/// nothing.
///
/// `dossiers` are all of the organisation's: an invoice is found wherever it lies, and an invoice whose client changed
/// moves with its allocations. Time grows with invoices and rows together, not with their product.
///
/// # Errors
/// [`MergeError`]; the dossiers are then as they were.
pub fn merge(
    dossiers: &mut BTreeMap<ClientCode, Dossier>,
    rows: &StatementRows,
    statement: &Statement,
) -> Result<MergeReport, MergeError> {
    let by_number = check(dossiers, rows, statement)?;
    let mut merge = Merge {
        statement,
        report: MergeReport::default(),
        changes: BTreeMap::new(),
    };
    for client in &rows.clients {
        merge.client(dossiers, client);
    }
    let known = merge.known_invoices(dossiers, &by_number, &rows.unread);
    for row in rows
        .invoices
        .iter()
        .filter(|row| !known.contains(&row.number))
    {
        merge.report.created += 1;
        merge.arrive(dossiers, row, Invoice::from_row(row, statement.date));
    }
    let named = rows
        .clients
        .iter()
        .map(|client| &client.code)
        .chain(rows.invoices.iter().map(|row| &row.client));
    Ok(merge.finish(dossiers, &named.collect()))
}

/// Rows by number, after everything that could refuse the statement.
fn check<'r>(
    dossiers: &BTreeMap<ClientCode, Dossier>,
    rows: &'r StatementRows,
    statement: &Statement,
) -> Result<HashMap<&'r InvoiceNumber, &'r InvoiceRow>, MergeError> {
    if let Some(latest) = dossiers
        .values()
        .filter_map(|dossier| dossier.statement_date)
        .max()
        && statement.date < latest
    {
        return Err(MergeError::OlderThanLatest { latest });
    }
    let mut clients = HashSet::with_capacity(rows.clients.len());
    for client in &rows.clients {
        if !clients.insert(&client.code) {
            return Err(MergeError::RepeatedClient {
                client: client.code.clone(),
            });
        }
    }
    let mut by_number = HashMap::with_capacity(rows.invoices.len());
    for row in &rows.invoices {
        if by_number.insert(&row.number, row).is_some() {
            return Err(MergeError::RepeatedInvoice {
                invoice: row.number.clone(),
            });
        }
        if !clients.contains(&row.client) && !dossiers.contains_key(&row.client) {
            return Err(MergeError::UnknownClient {
                invoice: row.number.clone(),
                client: row.client.clone(),
            });
        }
    }
    for invoice in dossiers.values().flat_map(|dossier| &dossier.invoices) {
        if let Some(row) = by_number.get(&invoice.number)
            && row.currency != invoice.currency
            && !invoice.allocations.is_empty()
        {
            let (from, to) = (invoice.currency, row.currency);
            return Err(MergeError::CurrencyChanged {
                invoice: invoice.number.clone(),
                from,
                to,
            });
        }
    }
    Ok(by_number)
}

struct Merge<'a> {
    statement: &'a Statement<'a>,
    report: MergeReport,
    /// How many invoices of a client this statement created or changed.
    changes: BTreeMap<ClientCode, u32>,
}

impl Merge<'_> {
    /// A client row updates what is known of the client, never its invoices.
    fn client(&mut self, dossiers: &mut BTreeMap<ClientCode, Dossier>, row: &Client) {
        let mut client = row.clone();
        if let Some(portfolio) = &mut client.portfolio
            && let Some(mapped) = self.statement.portfolio_map.get(portfolio)
        {
            portfolio.clone_from(mapped);
        }
        match dossiers.get_mut(&client.code) {
            Some(dossier) => {
                let client = client.with_corrections_of(&dossier.client);
                if dossier.client == client {
                    self.report.clients_unchanged += 1;
                    return;
                }
                self.report.clients_updated += 1;
                dossier.client = client;
            }
            None => {
                self.report.clients_created += 1;
                dossiers.insert(client.code.clone(), Dossier::new(client));
            }
        }
        self.report.changed.insert(row.code.clone());
    }

    /// Updates every known invoice where it lies, and moves those that now belong to another client. Returns the rows'
    /// numbers that were known.
    fn known_invoices<'r>(
        &mut self,
        dossiers: &mut BTreeMap<ClientCode, Dossier>,
        by_number: &HashMap<&'r InvoiceNumber, &'r InvoiceRow>,
        unread: &BTreeSet<InvoiceNumber>,
    ) -> HashSet<&'r InvoiceNumber> {
        let mut known = HashSet::with_capacity(by_number.len());
        let mut moved: Vec<(Invoice, &InvoiceRow)> = Vec::new();
        for (code, dossier) in dossiers.iter_mut() {
            let row_of = |invoice: &Invoice| by_number.get(&invoice.number).copied();
            let left =
                |invoice: &mut Invoice| row_of(invoice).is_some_and(|row| row.client != *code);
            for invoice in dossier.invoices.extract_if(.., left) {
                let row = by_number[&invoice.number];
                known.insert(&row.number);
                moved.push((invoice, row));
                self.report.changed.insert(code.clone());
            }
            for invoice in &mut dossier.invoices {
                match by_number.get(&invoice.number) {
                    Some(row) => {
                        known.insert(&row.number);
                        self.update(invoice, row);
                    }
                    None if self.statement.complete && !unread.contains(&invoice.number) => {
                        self.settle_missing(invoice, code);
                    }
                    None => {}
                }
            }
        }
        for (mut invoice, row) in moved {
            self.take(&mut invoice, row);
            self.report.updated += 1;
            self.arrive(dossiers, row, invoice);
        }
        known
    }

    fn update(&mut self, invoice: &mut Invoice, row: &InvoiceRow) {
        if self.take(invoice, row) {
            self.report.updated += 1;
            self.count_change(&row.client);
        } else {
            self.report.unchanged += 1;
        }
    }

    /// Returns whether the row changed anything but the date of what is known.
    fn take(&mut self, invoice: &mut Invoice, row: &InvoiceRow) -> bool {
        let carried = invoice.settled_on != self.statement.date;
        let updated = invoice.update(row, self.statement.date);
        if updated.flagged {
            self.report
                .flagged_possible_double
                .push(invoice.number.clone());
        }
        self.report.changed_gross.extend(updated.changed_gross);
        if carried {
            self.report.changed.insert(row.client.clone());
        }
        updated.changed
    }

    /// Not on a complete list of open items: the ledger side is closed.
    fn settle_missing(&mut self, invoice: &mut Invoice, client: &ClientCode) {
        if invoice.settled == invoice.gross {
            return;
        }
        if invoice.settle(invoice.gross, &[]) {
            self.report
                .flagged_possible_double
                .push(invoice.number.clone());
        }
        invoice.settled_on = self.statement.date;
        self.report.settled_missing += 1;
        self.count_change(client);
    }

    fn arrive(
        &mut self,
        dossiers: &mut BTreeMap<ClientCode, Dossier>,
        row: &InvoiceRow,
        invoice: Invoice,
    ) {
        let dossier = dossiers
            .get_mut(&row.client)
            .expect("every row's client was found before the first change");
        dossier.invoices.push(invoice);
        self.count_change(&row.client);
    }

    fn count_change(&mut self, client: &ClientCode) {
        self.report.changed.insert(client.clone());
        *self.changes.entry(client.clone()).or_default() += 1;
    }

    /// Dates every dossier the statement covers, and writes its line into the timelines of those it changed.
    fn finish(
        mut self,
        dossiers: &mut BTreeMap<ClientCode, Dossier>,
        named: &HashSet<&ClientCode>,
    ) -> MergeReport {
        let date = self.statement.date;
        for (code, dossier) in dossiers.iter_mut() {
            if (self.statement.complete || named.contains(code))
                && dossier.statement_date != Some(date)
            {
                dossier.statement_date = Some(date);
                self.report.changed.insert(code.clone());
            }
            if let Some(invoices) = self.changes.get(code).copied() {
                dossier
                    .invoices
                    .sort_by(|a, b| (a.due_date, &a.number).cmp(&(b.due_date, &b.number)));
                let what = EventKind::Statement { date, invoices };
                dossier.log(Event::new(self.statement.authored, what, Vec::new()));
            }
        }
        self.report.flagged_possible_double.sort();
        self.report
            .changed_gross
            .sort_by(|a, b| a.invoice.cmp(&b.invoice));
        self.report
    }
}
