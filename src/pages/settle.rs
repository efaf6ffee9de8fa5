//! What ends a debt beside money, on one invoice: a small difference let go, a withheld tax proven (DOMAIN §1.2, §3).

use super::act::{Act, ActView, AskedDay, AskedText, ids};
use super::common::use_me;
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_domain::discount::SmallDifference;
use tournee_domain::dossier::{Invoice, Reduction, ReductionKind};
use tournee_domain::fact::{AmountWaived, Waiver, WithholdingAttested};
use tournee_domain::{Amount, ClientCode, FactBody};

/// What reduces an invoice beside payments, and what the person may do about it.
#[component]
pub fn Reductions(code: ClientCode, invoice: Invoice) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let role = use_me().user.role;
    let today = app.today();
    let currency = invoice.currency;
    let lines = invoice.reductions.iter().map(|kept| {
        view! {
            <div class="row" data-testid="reduction">
                <span class="stack tight"><span class="small wrap">{t.reduction(kept)}</span><span class="small muted">{t.date(kept.date)}</span></span>
                <span class="num strong">{t.money(kept.amount, currency)}</span>
            </div>
        }.into_any()
    });
    let lines = lines.collect_view();
    let mut acts = Vec::new();
    if role.records() {
        let pending = invoice
            .reductions
            .iter()
            .filter_map(|kept| attest(t, &code, &invoice, kept, today));
        acts.extend(pending);
    }
    if role.keeps_ledger() {
        let policy = app.rules(|rules| rules.small_difference(today)).flatten();
        acts.extend(policy.and_then(|policy| let_go(t, &code, &invoice, policy, today)));
        acts.extend(take_back(t, &code, &invoice, today));
    }
    let acts = acts
        .into_iter()
        .map(|act| view! { <ActView act=act /> }.into_any());
    let acts = acts.collect_view();
    view! {
        {(!invoice.reductions.is_empty()).then(|| view! {
            <section class="card card-list" aria-label=t.reductions_title()>
                <div class="head">{t.reductions_title()}</div>
                {lines}
            </section>
        }.into_any())}
        {acts}
    }
}

/// The paper for a tax the client kept back; nothing where it is there or nothing was kept back.
pub fn attest(
    t: Texts,
    code: &ClientCode,
    invoice: &Invoice,
    kept: &Reduction,
    today: NaiveDate,
) -> Option<Act> {
    let ReductionKind::Withheld {
        tax,
        attestation: None,
    } = &kept.what
    else {
        return None;
    };
    let (client, number, tax) = (code.clone(), invoice.number.clone(), tax.clone());
    let (payment, taken) = (kept.fact, kept.date);
    let draft = [
        "attesting:",
        &payment.to_string(),
        ":",
        &tax,
        ":",
        number.as_str(),
    ]
    .concat();
    let left = (invoice.open() - kept.amount).max(Amount::ZERO);
    let money = |amount| t.money(amount, invoice.currency);
    Some(Act {
        ids: ids!("attest"),
        draft,
        title: t.attest_begin(),
        explained: t.attest_explained(&tax, &money(kept.amount), number.as_str(), &money(left)),
        day: Some(AskedDay {
            label: t.attest_date(),
            proposed: today,
            accepts: Arc::new(move |day| day <= today && day >= taken),
            wrong: t.attest_wrong(),
        }),
        text: AskedText {
            label: t.attest_number(),
            suggestions: "",
            missing: Some(t.attest_number_missing()),
        },
        save: t.attest_save(),
        body: Arc::new(move |date, number_of_paper| {
            FactBody::WithholdingAttested(WithholdingAttested {
                client: client.clone(),
                payment,
                invoice: number.clone(),
                tax: tax.clone(),
                number: number_of_paper,
                date,
            })
        }),
    })
}

/// What is left of the invoice is let go, where the office's policy calls it small.
fn let_go(
    t: Texts,
    code: &ClientCode,
    invoice: &Invoice,
    policy: SmallDifference,
    today: NaiveDate,
) -> Option<Act> {
    let amount = policy.lets_go(invoice.open(), invoice.gross)?;
    // A tax whose attestation is awaited is no difference.
    if !amount.is_positive() || !invoice.withheld_unattested(today).is_zero() {
        return None;
    }
    let money = |amount| t.money(amount, invoice.currency);
    let share = t.rate(policy.share_at_most);
    Some(Act {
        ids: ids!("waive"),
        draft: ["waiving:", code.as_str(), ":", invoice.number.as_str()].concat(),
        title: t.waive_begin(),
        explained: t.waive_explained(
            &money(amount),
            invoice.number.as_str(),
            &money(policy.at_most),
            &share,
        ),
        day: None,
        text: AskedText {
            label: t.waive_comment(),
            suggestions: t.waive_comments_list(),
            missing: None,
        },
        save: t.waive_save(),
        body: waiver(code, invoice, amount, today),
    })
}

/// Small differences that were let go are owed again.
fn take_back(t: Texts, code: &ClientCode, invoice: &Invoice, today: NaiveDate) -> Option<Act> {
    let small = |kept: &&Reduction| {
        matches!(
            kept.what,
            ReductionKind::Waived {
                why: Waiver::SmallDifference,
                ..
            }
        )
    };
    let waived: Amount = invoice
        .reductions
        .iter()
        .filter(small)
        .map(|kept| kept.amount)
        .sum();
    waived.is_positive().then(|| Act {
        ids: ids!("unwaive"),
        draft: ["unwaiving:", code.as_str(), ":", invoice.number.as_str()].concat(),
        title: t.unwaive_begin(),
        explained: t.unwaive_explained(&t.money(waived, invoice.currency), invoice.number.as_str()),
        day: None,
        text: AskedText {
            label: t.reverse_reason(),
            suggestions: "",
            missing: Some(t.reverse_reason_missing()),
        },
        save: t.unwaive_save(),
        body: waiver(code, invoice, -waived, today),
    })
}

type Body = Arc<dyn Fn(NaiveDate, String) -> FactBody + Send + Sync>;

fn waiver(code: &ClientCode, invoice: &Invoice, amount: Amount, today: NaiveDate) -> Body {
    let (client, invoice) = (code.clone(), invoice.number.clone());
    Arc::new(move |_, comment| {
        FactBody::AmountWaived(AmountWaived {
            client: client.clone(),
            invoice: invoice.clone(),
            date: today,
            why: Waiver::SmallDifference,
            amount,
            vat: Amount::ZERO,
            comment,
        })
    })
}

impl Texts {
    fn reduction(self, kept: &Reduction) -> String {
        match &kept.what {
            ReductionKind::Waived {
                why: Waiver::SmallDifference,
                ..
            } => self.reduction_small().to_owned(),
            ReductionKind::Waived {
                why: Waiver::EarlyPayment,
                ..
            } => self.reduction_early().to_owned(),
            ReductionKind::Withheld {
                tax,
                attestation: Some(paper),
            } => self.reduction_attested(tax, &paper.number),
            ReductionKind::Withheld {
                tax,
                attestation: None,
            } => self.reduction_withheld(tax),
            ReductionKind::Offset { with } => self.reduction_offset(with.as_str()),
        }
    }
}
