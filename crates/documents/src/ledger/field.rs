//! What a column may hold, and the headings that say so in French and English.

use serde::{Deserialize, Serialize};
use std::fmt;
use tournee_domain::fold::fold;

/// A field of the clients' or the invoices' table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The client's code in the clients' table.
    Code,
    Name,
    TaxId,
    City,
    Phone,
    Email,
    Terms,
    CreditLimit,
    Portfolio,
    /// The invoice's number.
    Number,
    /// Invoice or credit note.
    Kind,
    /// The client's code in the invoices' table.
    Client,
    Activity,
    Currency,
    InvoiceDate,
    DueDate,
    Net,
    Vat,
    Gross,
    Settled,
    /// What is left to pay, where the ledger gives that instead of what was settled.
    Open,
    PurchaseOrder,
    Slip,
    Discharge,
    /// Numbers of the field's receipts that *settled* contains.
    Receipts,
}

impl fmt::Display for Field {
    /// The English name, for logs and errors.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code => "client code",
            Self::Name => "name",
            Self::TaxId => "tax number",
            Self::City => "city",
            Self::Phone => "phone",
            Self::Email => "e-mail",
            Self::Terms => "payment terms",
            Self::CreditLimit => "credit limit",
            Self::Portfolio => "collector",
            Self::Number => "invoice number",
            Self::Kind => "type",
            Self::Client => "client code of the invoice",
            Self::Activity => "activity",
            Self::Currency => "currency",
            Self::InvoiceDate => "invoice date",
            Self::DueDate => "due date",
            Self::Net => "net amount",
            Self::Vat => "VAT",
            Self::Gross => "gross amount",
            Self::Settled => "settled amount",
            Self::Open => "open amount",
            Self::PurchaseOrder => "purchase order",
            Self::Slip => "delivery slip",
            Self::Discharge => "discharge",
            Self::Receipts => "receipts",
        })
    }
}

/// Fields of one kind of table with their headings, the surest first, separated by commas and written as [`heading_key`]
/// gives them.
pub type Headings = [(Field, &'static str)];

/// The single headings of a list.
pub fn synonyms(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(", ")
}

pub const CLIENT_HEADINGS: &Headings = &[
    (
        Field::Code,
        "code client, n client, client code, customer code, customer id, client id, \
         customer n, code tiers, n tiers, tiers, compte client, n compte, account code, \
         account n, account, compte, code, id, n, reference, client, customer",
    ),
    (
        Field::Name,
        "raison sociale, nom client, nom du client, client name, customer name, \
         company name, nom, name, intitule, denomination, societe, company, libelle, client, \
         customer",
    ),
    (
        Field::TaxId,
        "nif, n nif, n d identification fiscale, ifu, ncc, siret, siren, n tva, \
         n tva intracommunautaire, tva intracommunautaire, tax id, tax n, vat n, vat id, \
         tin, identifiant fiscal",
    ),
    (Field::City, "ville, city, town, localite, commune"),
    (
        Field::Phone,
        "telephone, tel, n telephone, portable, mobile, gsm, phone, phone n, telephone n, \
         contact",
    ),
    (
        Field::Email,
        "e mail, email, mail, courriel, adresse e mail, adresse email, adresse mail, \
         email address, e mail address",
    ),
    (
        Field::Terms,
        "conditions de reglement, condition de reglement, conditions de paiement, \
         condition de paiement, mode de reglement, delai de reglement, delai de paiement, \
         delai, conditions, payment terms, terms of payment, terms, echeance, \
         modalites de reglement, modalites de paiement",
    ),
    (
        Field::CreditLimit,
        "plafond credit, plafond de credit, plafond, limite de credit, limite credit, \
         encours autorise, encours max, encours maximum, credit limit, credit max",
    ),
    (
        Field::Portfolio,
        "charge de recouvrement, code charge de recouvrement, recouvreur, code recouvreur, \
         agent de recouvrement, portefeuille, collecteur, encaisseur, collector, \
         collector code, collection officer, portfolio",
    ),
];

pub const INVOICE_HEADINGS: &Headings = &[
    (
        Field::Number,
        "n piece, n facture, n de piece, n de facture, n document, n de document, invoice n, \
         document n, invoice id, doc n, piece, facture, invoice, n, document, \
         reference piece, reference facture, reference, id",
    ),
    (
        Field::Kind,
        "type, type de piece, type piece, type de document, type document, type de facture, \
         type facture, nature, nature piece, document type, doc type, invoice type, kind",
    ),
    (
        Field::Client,
        "code client, n client, client code, customer code, customer id, client id, \
         customer n, code tiers, n tiers, tiers, compte client, compte tiers, \
         compte auxiliaire, account code, account n, account, compte, client, customer",
    ),
    (
        Field::Activity,
        "activite, activity, secteur, service, departement, department, business line, \
         branche, famille, business unit",
    ),
    (
        Field::Currency,
        "devise, code devise, monnaie, currency, currency code, iso currency",
    ),
    (
        Field::InvoiceDate,
        "date facture, date de facture, date de la facture, date piece, date de piece, \
         date de facturation, date facturation, date document, invoice date, document date, \
         doc date, date d emission, date emission, issue date, date",
    ),
    (
        Field::DueDate,
        "date echeance, date d echeance, date de l echeance, echeance, echeance le, \
         due date, date due, due, payable le, date limite de paiement, \
         date de paiement prevue",
    ),
    (
        Field::Net,
        "montant ht, total ht, ht, net ht, net, net amount, amount excl vat, \
         amount excluding vat, amount excl tax, subtotal, hors taxe, hors taxes, \
         montant hors taxe, montant hors taxes, base ht",
    ),
    (
        Field::Vat,
        "tva, montant tva, total tva, vat, vat amount, tax, tax amount, taxe, taxes, \
         montant taxe, montant taxes, sales tax",
    ),
    (
        Field::Gross,
        "montant ttc, total ttc, ttc, net a payer, gross, gross amount, total, total amount, \
         amount incl vat, amount including vat, amount incl tax, invoice amount, \
         invoice total, montant total, montant facture, montant de la facture, montant, \
         amount, toutes taxes comprises",
    ),
    (
        Field::Settled,
        "regle, montant regle, deja regle, total regle, paye, montant paye, deja paye, \
         encaisse, montant encaisse, montant reglement, reglements, regle ttc, paid, \
         amount paid, paid amount, settled, amount settled, settled amount, paid to date, \
         payments, acquitte",
    ),
    (
        Field::Open,
        "solde, reste a payer, reste du, restant du, montant du, solde du, solde restant, \
         reste, balance, balance due, open, open amount, open balance, outstanding, \
         amount due, outstanding amount, remaining",
    ),
    (
        Field::PurchaseOrder,
        "bon de commande, n bon de commande, n bc, bc, commande, n commande, \
         reference commande, purchase order, purchase order n, po, po n, order n, order, \
         customer order",
    ),
    (
        Field::Slip,
        "bon de livraison, n bon de livraison, n bl, bl, livraison, delivery slip, \
         delivery note, delivery note n, delivery slip n, packing slip, dn",
    ),
    (
        Field::Discharge,
        "decharge, decharge obtenue, dechargee, decharge facture, decharge de facture, \
         discharge, discharged, signed copy, acknowledged",
    ),
    (
        Field::Receipts,
        "recus, recu, n recu, n recus, n de recu, ns de recus, ns recus, receipt, receipts, \
         receipt n, receipt ns, quittances, quittance",
    ),
];

/// A heading as the lists write it: folded, words only, « N° », « No », « Numéro », « Number » all as `n`.
pub fn heading_key(heading: &str) -> String {
    let folded = fold(heading);
    // « Montant TTC (F CFA) », « TVA [18 %] »: what is in brackets explains.
    let plain = folded.split(['(', '[']).next().unwrap_or_default();
    let words = plain
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut key = String::with_capacity(plain.len());
    for word in words {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(match word {
            "no" | "nr" | "num" | "numero" | "number" | "nbr" => "n",
            "numeros" | "numbers" | "nos" => "ns",
            "ref" => "reference",
            "mt" | "mnt" | "mtt" => "montant",
            other => other,
        });
    }
    for currency in [
        " xof", " xaf", " fcfa", " cfa", " f cfa", " eur", " euros", " usd",
    ] {
        if let Some(without) = key.strip_suffix(currency) {
            key.truncate(without.len());
            break;
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_compared_without_accents_signs_and_units() {
        for (heading, key) in [
            ("N° pièce", "n piece"),
            ("Numéro", "n"),
            ("Invoice number", "invoice n"),
            ("MONTANT  T.T.C.", "montant t t c"),
            ("Montant TTC (F CFA)", "montant ttc"),
            ("Réglé XOF", "regle"),
            ("Date d'échéance", "date d echeance"),
            ("E-mail", "e mail"),
            ("", ""),
        ] {
            assert_eq!(heading_key(heading), key, "{heading}");
        }
    }

    /// A synonym the key never produces would never be found.
    #[test]
    fn every_synonym_is_written_as_its_key() {
        for (field, list) in CLIENT_HEADINGS.iter().chain(INVOICE_HEADINGS) {
            for synonym in synonyms(list) {
                assert_eq!(heading_key(synonym), synonym, "{field}");
            }
        }
    }
}
