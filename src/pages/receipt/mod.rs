//! One receipt on the screen (PRODUCT C8), the signature of who paid, printing it and taking it back.

mod correct;
mod paper;
mod reallocate;
mod sign;
mod view;

use super::act::ActView;
use super::activity::Attachments;
use super::common::{StoreTrouble, Waiting, client_path, param, pay_path, use_me, visit_path};
use super::settle::attest;
use crate::components::{Empty, Notice, Page, Sign, back_to};
use crate::locales::use_texts;
use crate::state::{OwnState, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use paper::Paper;
use reallocate::{Movable, Reallocate};
use sign::SignStep;
use tournee_domain::{ClientCode, FactBody, FactId};
use tournee_sync::enrol::Role;
use view::{Printed, ReceiptView, find};

#[component]
pub fn ReceiptPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let fact = param("fact");
    let query = use_query_map();
    let role = use_me().user.role;
    let me = use_me().user.name.clone();
    let receipt = super::common::loaded(move || {
        app.revision().track();
        let payment = fact.get().parse::<FactId>().ok();
        let client = query
            .with(|query| query.get("client"))
            .map(|code| ClientCode::new(&code));
        let me = me.clone();
        async move {
            match payment {
                Some(payment) => find(app, t, payment, client, me).await,
                None => Ok(None),
            }
        }
    });
    let fresh = query.with_untracked(|query| query.get("new").is_some());
    let title = Signal::derive(move || {
        if fresh {
            t.receipt_done().to_owned()
        } else {
            t.receipt().to_owned()
        }
    });
    let back = query
        .with_untracked(|query| query.get("client"))
        .map_or_else(
            || "/cash".to_owned(),
            |code| client_path(&ClientCode::new(&code)),
        );
    // What the payer is doing on the glass outlives every change of what is shown above it.
    let unsigned = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if receipt.is_to_be_signed() => Some((
                receipt.client.clone(),
                receipt.payment,
                receipt.number.clone(),
            )),
            _ => None,
        })
    });
    let client = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) => Some(receipt.client.clone()),
            _ => None,
        })
    });
    let printed = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) => Some(receipt.printed()),
            _ => None,
        })
    });
    // Collectors take back what they took themselves; the office also says when something was taken.
    let correctable = move |may: fn(Role, bool) -> bool| {
        Memo::new(move |_| {
            receipt.with(|receipt| match receipt {
                Some(Ok(Some(receipt))) if may(role, receipt.own.is_some()) => {
                    receipt.correctable()
                }
                _ => None,
            })
        })
    };
    let reversible = correctable(|role, own| role.records() && (own || role.sees_all()));
    let redatable = correctable(|role, _| role.records() && role.keeps_ledger());
    let returned = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if role.records() && role.keeps_ledger() => {
                let cheque = receipt.correctable().filter(|of| of.is_cheque)?;
                Some((cheque, receipt.invoices()))
            }
            _ => None,
        })
    });
    let movable = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if role.records() => {
                let dossier = receipt.dossier.as_deref()?;
                Movable::of(dossier, receipt.payment, role.keeps_ledger())
            }
            _ => None,
        })
    });
    // Taxes kept back with this payment, whose paper may come any day. By value: an acknowledgement closes no open form.
    let unattested = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if role.records() => receipt.unattested(),
            _ => Vec::new(),
        })
    });
    let attest = move || {
        let acts = unattested
            .get()
            .into_iter()
            .filter_map(|(client, invoice, kept)| {
                let act = attest(t, &client, &invoice, &kept, app.today())?;
                Some(view! { <ActView act=act /> }.into_any())
            });
        acts.collect_view()
    };
    let today = app.today();
    view! {
        <Page title=title back=back_to(back)>
            {move || match receipt.get() {
                None => view! { <Waiting /> }.into_any(),
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(None)) => view! {
                    <Empty sign=Sign::Paper title=t.receipt_absent() advice=t.receipt_absent_advice()>
                        <a class="btn" href="/cash">{t.nav_till()}</a>
                    </Empty>
                }.into_any(),
                Some(Ok(Some(receipt))) => view! { <Body receipt=receipt fresh=fresh /> }.into_any(),
            }}
            {move || unsigned.get().map(|(client, payment, number)| view! { <SignStep client=client payment=payment number=number /> }.into_any())}
            {move || client.get().map(|client| view! { <Onwards client=client printed=printed /> }.into_any())}
            {attest}
            {move || movable.get().map(|of| view! { <Reallocate of=of /> }.into_any())}
            {move || returned.get().map(|(of, invoices)| view! { <ActView act=of.bounce(t, today, &invoices) /> }.into_any())}
            {move || redatable.get().map(|of| view! { <ActView act=of.redate(t, today) /> }.into_any())}
            {move || reversible.get().map(|of| view! { <ActView act=of.reverse(t, today) /> }.into_any())}
        </Page>
    }
}

#[component]
fn Body(receipt: ReceiptView, fresh: bool) -> impl IntoView {
    let t = use_texts();
    let own = receipt.own.clone();
    let waiting = own == Some(OwnState::Waiting);
    let signed = receipt.signed.clone();
    let photos = receipt.photos.clone();
    let state = own.map(|state| t.own_state(&state));
    let reversed = receipt.reversed.clone();
    let bounced = receipt.bounced.clone();
    view! {
        {fresh.then(|| view! { <Notice tone="ok" testid="receipt-saved"><p class="strong">{if waiting { t.receipt_saved() } else { t.receipt_saved_and_sent() }}</p></Notice> }.into_any())}
        {reversed.map(|reversed| view! {
            <Notice tone="warn" testid="receipt-reversed"><p class="strong">{t.reversed_by(&reversed.receipt.to_string(), &reversed.reason)}</p></Notice>
        }.into_any())}
        {bounced.map(|bounced| view! {
            <Notice tone="warn" testid="receipt-bounced"><p class="strong">{t.bounced_on(&t.date(bounced.date), &bounced.reason)}</p></Notice>
        }.into_any())}
        <div class="chips" role="status">
            {state.map(|(tone, words)| view! { <span class=["chip ", tone].concat() data-testid="receipt-state">{words}</span> }.into_any())}
            {signed.map(|signed| match signed.refusal {
                None => view! { <span class="chip ok" data-testid="receipt-signed">{t.receipt_signed()}</span> }.into_any(),
                Some(reason) => view! { <span class="chip warn" data-testid="receipt-refused">{t.receipt_unsigned_because(&reason)}</span> }.into_any(),
            })}
        </div>
        <Paper receipt=receipt />
        <Attachments attachments=photos />
    }
}

/// Where to go from a receipt.
#[component]
fn Onwards(client: ClientCode, printed: Memo<Option<Printed>>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let records = use_me().user.role.records();
    // Printed once the screen shows that it was: the second time it says that it is a duplicate.
    let awaited = RwSignal::new(None::<usize>);
    Effect::new(move |_| {
        let times = printed.with(|printed| printed.as_ref().map(|printed| printed.times));
        if awaited.get().is_some_and(|awaited| times >= Some(awaited)) {
            awaited.set(None);
            request_animation_frame(|| {
                // A browser without printing does nothing.
                let _ = window().print();
            });
        }
    });
    let print = move |_| {
        let Some(Printed { fact, times }) = printed.get_untracked() else {
            return;
        };
        if !records {
            awaited.set(Some(times));
            return;
        }
        let body = FactBody::ReceiptPrinted(fact);
        spawn_local(async move {
            let recorded = app.record(app.new_fact_id(), body, Vec::new(), None).await;
            // A receipt that cannot be noted as printed is printed all the same.
            let more = usize::from(recorded.is_ok());
            awaited.try_set(Some(times + more));
        });
    };
    view! {
        <div class="row start flow no-print">
            <a class="btn" href=client_path(&client) data-testid="receipt-to-client">{t.receipt_to_client()}</a>
            <a class="btn" href=visit_path(&client)>{t.visit()}</a>
            <a class="btn" href=pay_path(&client)>{t.receipt_another()}</a>
            <button type="button" class="btn" data-testid="receipt-print" on:click=print>{t.print()}</button>
        </div>
    }
}
