//! Papers signed at the client's: the discharge of an invoice, the delivery slip brought back (PRODUCT D1, D2, D4).

mod discharge;
mod evidence;
mod slip;

pub use discharge::DischargePage;
pub use slip::SlipPage;

use super::common::{StoreTrouble, Waiting, client_path, paper_draft_key, param, visit_path};
use super::form::{self, Typed};
use crate::components::{Empty, Page, Sign, back_to};
use crate::locales::use_texts;
use crate::state::{StoreError, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::dossier::Invoice;
use tournee_domain::fact::Person;
use tournee_domain::{ClientCode, FactId, InvoiceNumber};

/// What a paper's form starts from.
#[derive(Clone)]
struct Start {
    code: ClientCode,
    client: String,
    invoice: Invoice,
    visit: Option<FactId>,
    /// The name of its draft.
    key: String,
}

/// A paper's start and what was kept of its form; `None` when there is no such invoice.
type Loaded<F> = Result<Option<(Start, Option<F>)>, StoreError>;

/// Reads the invoice, the visit going on and what was kept of the form, once.
fn start<F: Typed + Clone>(paper: &'static str) -> RwSignal<Option<Loaded<F>>> {
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
                let kept = form::kept(app, &key).await;
                Ok(invoice.map(|invoice| {
                    let start = Start {
                        code,
                        client: dossier.client.name.clone(),
                        invoice,
                        visit,
                        key,
                    };
                    (start, kept)
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

fn person(name: &str, function: &str) -> Person {
    Person {
        name: name.trim().to_owned(),
        function: function.trim().to_owned(),
    }
}

/// The page while its start is being read, or when there is no such invoice.
#[component]
fn NotReady(title: &'static str, start: Option<Result<(), StoreError>>) -> impl IntoView {
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
