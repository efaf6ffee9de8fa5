//! One client's file: what is owed, what to do, invoices, papers, history.

mod balance;
mod edit;
mod history;
mod infos;
mod invoice;
mod papers;
mod reach;

use super::common::{
    StoreTrouble, Waiting, loaded, own_facts, param, pay_path, use_portfolio, visit_draft_key,
    visit_path, waiting_ids,
};
use crate::components::{Empty, Icon, Page, Sheet, Sign, TabPanel, Tabs, back_to, live};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use balance::BalanceCard;
use edit::{EditForm, Editing};
pub use history::EventDetail;
use history::History;
use infos::Infos;
use invoice::{InvoiceLine, InvoiceSheet};
use leptos::prelude::*;
use leptos::task::spawn_local;
use papers::Papers;
use reach::{Reach, contacts, dialled};
use std::collections::BTreeSet;
use std::sync::Arc;
use tournee_domain::dossier::{Client, Invoice};
use tournee_domain::order;
use tournee_domain::{ClientCode, Currency, Dossier, FactId};

#[component]
pub fn DossierPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let code = param("code");
    let portfolio = use_portfolio();
    let dossier = loaded(move || {
        app.revision().track();
        let code = ClientCode::new(&code.get());
        async move { app.dossier(&code).await }
    });
    let facts = own_facts();
    let pending = Memo::new(move |_| {
        facts.with(|facts| match facts {
            Some(Ok(facts)) => waiting_ids(facts),
            _ => BTreeSet::new(),
        })
    });
    live(move || {
        code.track();
        let open = Open::default();
        let editing = RwSignal::new(None::<Editing>);
        let shown = move || match dossier.get() {
            Some(Ok(Some(dossier))) if dossier.client.code.as_str() == code.get() => {
                Some(Ok(dossier))
            }
            Some(Ok(Some(_))) | None => None,
            Some(Ok(None)) => Some(Err(None)),
            Some(Err(error)) => Some(Err(Some(error))),
        };
        let on_edit = Callback::new(move |()| {
            let Some(Ok(dossier)) = untrack(shown) else {
                return;
            };
            let client = dossier.client.clone();
            spawn_local(async move {
                let begun = edit::begin(app, client).await;
                editing.try_set(Some(begun));
            });
        });
        // Once it is in the file among the proposals, it is recorded.
        Effect::new(move |_| {
            let typed = editing.with(|editing| editing.as_ref().map(|editing| editing.fact_id));
            if let (Some(id), Some(Ok(dossier))) = (typed, shown())
                && dossier.proposals.iter().any(|kept| kept.id == id)
            {
                editing.set(None);
            }
        });
        let title = Signal::derive(move || match shown() {
            Some(Ok(dossier)) => dossier.client.name.clone(),
            // The list knows the name before the file has been read.
            _ => portfolio.name_of(&ClientCode::new(&code.get())),
        });
        let subtitle = Signal::derive(move || match shown() {
            Some(Ok(dossier)) => headline(t, &dossier.client),
            _ => String::new(),
        });
        let shown_dossier = Signal::derive(move || shown().and_then(Result::ok));
        view! {
            <Page title=title subtitle=subtitle back=back_to("/clients")>
                {move || match shown() {
                    None => view! { <Waiting /> }.into_any(),
                    Some(Err(Some(error))) => view! { <StoreTrouble error=error /> }.into_any(),
                    Some(Err(None)) => view! {
                        <Empty sign=Sign::Clients title=t.dossier_absent() advice=t.dossier_absent_advice()>
                            <a class="btn" href="/clients">{t.nav_clients()}</a>
                        </Empty>
                    }.into_any(),
                    Some(Ok(dossier)) => view! { <Body dossier=dossier open=open pending=pending on_edit=on_edit /> }.into_any(),
                }}
                <Sheets dossier=shown_dossier open=open pending=pending />
                {move || editing.get().filter(|_| open.tab.get() == "infos").map(|editing| view! { <EditForm editing=editing /> }.into_any())}
            </Page>
        }
    })
}

/// What is open of a client's file: it outlives a change of the file, not a change of client.
#[derive(Clone, Copy)]
struct Open {
    tab: RwSignal<&'static str>,
    /// The number of the invoice that was opened last.
    chosen: RwSignal<String>,
    invoice: RwSignal<bool>,
    contact: RwSignal<bool>,
    settled: RwSignal<bool>,
}

impl Default for Open {
    fn default() -> Self {
        Self {
            tab: RwSignal::new("invoices"),
            chosen: RwSignal::default(),
            invoice: RwSignal::default(),
            contact: RwSignal::default(),
            settled: RwSignal::default(),
        }
    }
}

/// What lies over the page. It is drawn anew when what it shows has changed, not whenever the file has: a form that is open in it
/// stays open.
#[component]
fn Sheets(
    dossier: Signal<Option<Arc<Dossier>>>,
    open: Open,
    pending: Memo<BTreeSet<FactId>>,
) -> impl IntoView {
    let t = use_texts();
    let invoice = Memo::new(move |_| {
        let (number, dossier) = (open.chosen.get(), dossier.get()?);
        let mut invoices = dossier.invoices.iter();
        let invoice = invoices.find(|invoice| invoice.number.as_str() == number)?;
        Some((dossier.client.code.clone(), invoice.clone()))
    });
    let reached = Memo::new(move |_| {
        let client = |dossier: &Arc<Dossier>| contacts(&dossier.client);
        dossier.with(|dossier| dossier.as_ref().map(client).unwrap_or_default())
    });
    // Nothing lies over a page that says the file is gone or cannot be read.
    Effect::new(move |_| {
        if dossier.with(Option::is_none) {
            open.invoice.set(false);
            open.contact.set(false);
        }
    });
    view! {
        <Sheet title=open.chosen open=open.invoice>
            {move || invoice.get().map(|(code, invoice)| view! { <InvoiceSheet code=code invoice=invoice pending=pending /> }.into_any())}
        </Sheet>
        <Sheet title=t.contact_title() open=open.contact>
            {move || reached.get().into_iter().map(|(who, reach)| view! { <Contact who=who reach=reach /> }.into_any()).collect_view()}
        </Sheet>
    }
}

fn headline(t: Texts, client: &Client) -> String {
    let mut parts = vec![client.code.to_string()];
    if !client.tax_id.is_empty() {
        parts.push(t.tax_id_short(&client.tax_id));
    }
    if let Some(terms) = client.terms {
        parts.push(terms.label(t.language()));
    }
    parts.join(" · ")
}

#[component]
fn Body(
    dossier: Arc<Dossier>,
    open: Open,
    pending: Memo<BTreeSet<FactId>>,
    on_edit: Callback<()>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let today = app.today();
    let currency = super::common::use_currency();
    let balances = dossier.balances(today);
    let mut currencies: Vec<Currency> = balances.keys().copied().collect();
    if currencies.is_empty() {
        currencies.push(currency);
    }
    // The organisation's own currency first.
    order::sort_by_key(&mut currencies, |known| *known != currency);
    let unpaid: Vec<Invoice> = dossier
        .invoices
        .iter()
        .filter(|invoice| !invoice.open().is_zero())
        .cloned()
        .collect();
    let settled: Vec<Invoice> = dossier
        .invoices
        .iter()
        .filter(|invoice| invoice.open().is_zero())
        .cloned()
        .collect();
    let missing = super::dossier::papers::missing(&dossier);
    let tabs = vec![
        ("invoices", t.tab_invoices(&unpaid.len().to_string())),
        (
            "papers",
            if missing == 0 {
                t.tab_papers_none().to_owned()
            } else {
                t.tab_papers(&missing.to_string())
            },
        ),
        ("history", t.tab_history().to_owned()),
        ("infos", t.tab_infos().to_owned()),
    ];
    let choose = Callback::new(move |number: String| {
        open.chosen.set(number);
        open.invoice.set(true);
    });
    let (unpaid, settled) = (Arc::new(unpaid), Arc::new(settled));
    let (for_papers, for_history, for_infos) = (dossier.clone(), dossier.clone(), dossier.clone());
    view! {
        {currencies
            .into_iter()
            .map(|currency| {
                let balance = balances.get(&currency).cloned();
                view! { <BalanceCard dossier=dossier.clone() currency=currency balance=balance /> }
            })
            .collect_view()}
        <Actions client=dossier.client.clone() calling=open.contact />
        <Tabs label=t.dossier_tabs() tabs=tabs chosen=open.tab />
        <TabPanel name="invoices" chosen=open.tab>
            <InvoiceList open=unpaid.clone() settled=settled.clone() all=open.settled pending=pending choose=choose />
        </TabPanel>
        <TabPanel name="papers" chosen=open.tab>
            <Papers dossier=for_papers.clone() choose=choose />
        </TabPanel>
        <TabPanel name="history" chosen=open.tab>
            <History dossier=for_history.clone() pending=pending />
        </TabPanel>
        <TabPanel name="infos" chosen=open.tab>
            <Infos dossier=for_infos.clone() on_edit=on_edit />
        </TabPanel>
    }
}

#[component]
fn Actions(client: Client, calling: RwSignal<bool>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let records = super::common::use_me().user.role.records();
    let code = client.code.clone();
    let visiting = {
        let key = visit_draft_key(&code);
        loaded(move || {
            app.revision().track();
            let key = key.clone();
            async move { app.load_draft(&key).await.is_some() }
        })
    };
    let reachable = !contacts(&client).is_empty();
    view! {
        <div class="actions">
            {records.then(|| view! {
                <a class="btn primary" href=visit_path(&code) data-testid="visit-open">
                    {move || if visiting.get() == Some(true) { t.visit_continue() } else { t.visit_do() }}
                </a>
                <a class="btn" href=pay_path(&code) data-testid="pay-open">{t.nav_pay()}</a>
            }.into_any())}
            <button type="button" class="btn" aria-haspopup="dialog" data-testid="contact-open" disabled=!reachable on:click=move |_| calling.set(true)>{t.contact()}</button>
        </div>
    }
}

/// Somebody to reach, by the means the ledger gives; `who` is empty for the company itself.
#[component]
fn Contact(who: String, reach: Reach) -> impl IntoView {
    let t = use_texts();
    let href = reach.href();
    view! {
        {(!who.is_empty()).then(|| view! { <p class="small muted">{who}</p> }.into_any())}
        {match reach {
            Reach::Phone(number) => {
                let whatsapp = dialled(&number).replace('+', "");
                view! {
                    <a class="btn wide" href=href><Icon sign=Sign::Phone />{t.call(&number)}</a>
                    <a class="btn wide" href=["https://wa.me/", &whatsapp].concat() target="_blank" rel="noopener noreferrer"><Icon sign=Sign::Chat />{t.whatsapp(&number)}</a>
                }
                .into_any()
            }
            Reach::Mail(address) => view! { <a class="btn wide" href=href><Icon sign=Sign::Mail />{address}</a> }.into_any(),
        }}
    }
}

#[component]
fn InvoiceList(
    open: Arc<Vec<Invoice>>,
    settled: Arc<Vec<Invoice>>,
    all: RwSignal<bool>,
    pending: Memo<BTreeSet<FactId>>,
    choose: Callback<String>,
) -> impl IntoView {
    let t = use_texts();
    let count = settled.len();
    let none = open.is_empty();
    view! {
        {none.then(|| view! { <Empty sign=Sign::Check title=t.invoices_none() advice=t.invoices_none_advice() /> }.into_any())}
        {(!none).then(|| view! {
            <section class="card card-list" aria-label=t.open_invoices()>
                {open.iter().map(|invoice| view! { <InvoiceLine invoice=invoice.clone() pending=pending choose=choose /> }.into_any()).collect_view()}
            </section>
        }.into_any())}
        {(count > 0).then(|| view! {
            <button type="button" class="btn quiet" aria-expanded=move || if all.get() { "true" } else { "false" } on:click=move |_| all.update(|all| *all = !*all)>
                {move || if all.get() { t.settled_hide() } else { t.settled_show() }}" ("{count}")"
            </button>
        }.into_any())}
        {move || all.get().then(|| view! {
            <section class="card card-list" aria-label=t.settled_invoices()>
                {settled.iter().map(|invoice| view! { <InvoiceLine invoice=invoice.clone() pending=pending choose=choose /> }.into_any()).collect_view()}
            </section>
        }.into_any())}
    }
}
