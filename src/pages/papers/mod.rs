//! Papers signed at the client's: the discharge of an invoice, the delivery slip brought back (PRODUCT D1, D2, D4).

mod discharge;
mod evidence;
mod slip;

pub use discharge::DischargePage;
pub use slip::SlipPage;

use super::common::{StoreTrouble, Waiting, client_path, paper_draft_key, param, visit_path};
use crate::components::{Empty, Page, Sign, back_to};
use crate::locales::use_texts;
use crate::state::{StoreError, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::dossier::Invoice;
use tournee_domain::{ClientCode, FactId, InvoiceNumber};

/// What a paper's form starts from.
#[derive(Clone)]
struct Start {
    code: ClientCode,
    client: String,
    invoice: Invoice,
    visit: Option<FactId>,
    draft: Option<String>,
    key: String,
}

type Loaded = Result<Option<Start>, StoreError>;

/// Reads the invoice, the visit going on and the draft, once.
fn start(paper: &'static str) -> RwSignal<Option<Loaded>> {
    let app = use_app();
    let code = ClientCode::new(&param("code").get_untracked());
    let number = InvoiceNumber::new(&param("invoice").get_untracked());
    let found = RwSignal::new(None);
    spawn_local(async move {
        let start = match app.dossier(&code).await {
            Err(error) => Err(error),
            Ok(None) => Ok(None),
            Ok(Some(dossier)) => {
                let key = paper_draft_key(&code, &number, paper);
                let invoice = dossier
                    .invoices
                    .iter()
                    .find(|invoice| invoice.number == number)
                    .cloned();
                let visit = super::visit::current_visit(app, &code).await;
                let draft = app.load_draft(&key).await;
                Ok(invoice.map(|invoice| Start {
                    code,
                    client: dossier.client.name.clone(),
                    invoice,
                    visit,
                    draft,
                    key,
                }))
            }
        };
        found.try_set(Some(start));
    });
    found
}

impl Start {
    /// Where the collector came from: the visit when one is going on.
    fn back(&self) -> String {
        if self.visit.is_some() {
            visit_path(&self.code)
        } else {
            client_path(&self.code)
        }
    }
}

/// The page while its start is being read, or when there is no such invoice.
#[component]
fn NotReady(title: &'static str, start: Option<Loaded>) -> impl IntoView {
    let t = use_texts();
    view! {
        <Page title=title back=back_to("/clients")>
            {match start {
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(_)) => view! {
                    <Empty sign=Sign::Paper title=t.invoice_absent() advice=t.dossier_absent_advice()><a class="btn" href="/clients">{t.nav_clients()}</a></Empty>
                }.into_any(),
                None => view! { <Waiting /> }.into_any(),
            }}
        </Page>
    }
}
