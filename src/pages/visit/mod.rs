//! A guided visit: begun with a tap, filled by what is done, ended with a report that wrote itself (PRODUCT B3–B6).

mod draft;
mod report;

use super::common::{
    StoreTrouble, Waiting, client_path, loaded, own_facts, paper_path, param, pay_path,
    reversed_ids, use_portfolio, visit_draft_key,
};
use super::form::{self, Form, Reading, SaveButton, Typed};
use super::labels::{OUTCOMES, discharge_missing, slip_missing};
use super::word::word_of;
use crate::components::{
    Check, Choices, DateField, Empty, ErrorSummary, FieldError, Folded, Icon, Page, Sign, TextArea,
    TextField, back_to, error_of, live,
};
use crate::locales::{Texts, use_texts};
use crate::state::{OwnFact, use_app};
use chrono::{DateTime, FixedOffset};
use draft::VisitDraft;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use tournee_domain::dossier::Invoice;
use tournee_domain::fact::{InvoiceComment, NextAction, Person, Visit};
use tournee_domain::order;
use tournee_domain::{ClientCode, Dossier, FactBody, FactId, InvoiceNumber};

#[component]
pub fn VisitPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let code = ClientCode::new(&param("code").get_untracked());
    let name = use_portfolio().name_of(&code);
    let back = back_to(client_path(&code));
    let draft = RwSignal::new(None::<VisitDraft>);
    let opened = RwSignal::new(false);
    {
        let key = visit_draft_key(&code);
        spawn_local(async move {
            if let Some(kept) = form::kept(app, &key).await {
                draft.try_set(Some(kept));
            }
            opened.try_set(true);
        });
    }
    let begun = Memo::new(move |_| draft.with(Option::is_some));
    live(move || {
        let (code, name, back) = (code.clone(), name.clone(), back.clone());
        match (opened.get(), begun.get()) {
            (false, _) => {
                view! { <Page title=t.visit() subtitle=name back=back><Waiting /></Page> }
                    .into_any()
            }
            (true, false) => {
                view! { <Begin code=code name=name back=back draft=draft /> }.into_any()
            }
            (true, true) => {
                view! { <Running code=code name=name back=back draft=draft /> }.into_any()
            }
        }
    })
}

/// Before the visit: one tap notes the time, and the place if the collector agrees.
#[component]
fn Begin(
    code: ClientCode,
    name: String,
    back: Option<String>,
    draft: RwSignal<Option<VisitDraft>>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let with_position = RwSignal::new(false);
    let locating = RwSignal::new(false);
    let start = move |_| {
        if locating.get_untracked() {
            return;
        }
        let key = visit_draft_key(&code);
        let (id, started_at) = (app.new_fact_id(), app.now());
        let wanted = with_position.get_untracked();
        locating.set(wanted);
        spawn_local(async move {
            let position = if wanted {
                crate::browser::position::current().await
            } else {
                None
            };
            let begun = VisitDraft::new(id, started_at, position, wanted);
            if let Ok(json) = serde_json::to_string(&begun) {
                app.save_draft(&key, json).await;
            }
            locating.try_set(false);
            draft.try_set(Some(begun));
        });
    };
    let foot = move || {
        view! {
            <button type="button" class="btn primary wide tall" data-testid="visit-start" on:click=start>
                {move || if locating.get() { view! { <span class="spinner"></span>{t.position_finding()} }.into_any() } else { t.visit_start().into_any() }}
            </button>
        }
    };
    view! {
        <Page title=t.visit() subtitle=name back=back foot=foot>
            <section class="card stack">
                <h2>{t.visit_begin_title()}</h2>
                <p class="muted">{t.visit_begin_advice()}</p>
                <Check id="visit-position" label=t.visit_position() checked=with_position on_change=Callback::new(move |on| with_position.set(on)) />
                <p class="small muted">{t.visit_position_hint()}</p>
            </section>
        </Page>
    }
}

#[component]
fn Running(
    code: ClientCode,
    name: String,
    back: Option<String>,
    draft: RwSignal<Option<VisitDraft>>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let dossier = {
        let code = code.clone();
        loaded(move || {
            app.revision().track();
            let code = code.clone();
            async move { app.dossier(&code).await }
        })
    };
    let ready = Memo::new(move |_| dossier.with(|dossier| matches!(dossier, Some(Ok(Some(_))))));
    live(move || {
        let (code, name, back) = (code.clone(), name.clone(), back.clone());
        if ready.get() {
            // The form outlives changes of the dossier: it reads them by itself.
            return view! { <VisitForm code=code name=name back=back draft=draft dossier=dossier /> }
                .into_any();
        }
        match dossier.get() {
            Some(Err(error)) => view! { <Page title=t.visit() subtitle=name back=back><StoreTrouble error=error /></Page> }.into_any(),
            Some(Ok(None)) => view! {
                <Page title=t.visit() subtitle=name back=back><Empty sign=Sign::Clients title=t.dossier_absent() advice=t.dossier_absent_advice() /></Page>
            }.into_any(),
            _ => view! { <Page title=t.visit() subtitle=name back=back><Waiting /></Page> }.into_any(),
        }
    })
}

type LoadedDossier = RwSignal<Option<Result<Option<Arc<Dossier>>, crate::state::StoreError>>>;

/// Facts of this very visit, oldest first.
fn done_during(
    facts: &[OwnFact],
    visit: FactId,
    client: &ClientCode,
    since: DateTime<FixedOffset>,
) -> Vec<OwnFact> {
    let reversed = reversed_ids(facts);
    let belongs = |fact: &&OwnFact| match &fact.body {
        Ok(FactBody::Payment(payment)) => {
            payment.visit == Some(visit) && !reversed.contains(&fact.fact_id)
        }
        Ok(FactBody::Discharge(discharge)) => discharge.visit == Some(visit),
        Ok(FactBody::SlipReturn(slip)) => slip.visit == Some(visit),
        Ok(FactBody::ReceiptSigned(signed)) => {
            signed.client == *client && fact.recorded_at >= since
        }
        _ => false,
    };
    let mut done: Vec<OwnFact> = facts.iter().filter(belongs).cloned().collect();
    order::sort_by_key(&mut done, |fact| (fact.epoch, fact.seq));
    done
}

#[component]
fn VisitForm(
    code: ClientCode,
    name: String,
    back: Option<String>,
    draft: RwSignal<Option<VisitDraft>>,
    dossier: LoadedDossier,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let Some(begun) = draft.get_untracked() else {
        return ().into_any();
    };
    let form = Form::open(visit_draft_key(&code), begun.clone());
    let (typed, errors) = (form.typed, form.errors);

    let facts = own_facts();
    let done = {
        let code = code.clone();
        let begun = begun.clone();
        Memo::new(move |_| {
            facts.with(|facts| match facts {
                Some(Ok(facts)) => done_during(facts, begun.fact_id, &code, begun.started_at),
                _ => Vec::new(),
            })
        })
    };
    // The report follows what is done until the collector edits it.
    let client_name = name.clone();
    let proposed = Memo::new(move |_| {
        let now = app.now();
        typed.with(|typed| done.with(|done| report::write(t, typed, done, &client_name, now)))
    });
    let report_text = Signal::derive(move || {
        typed
            .with(|typed| typed.report.clone())
            .unwrap_or_else(|| proposed.get())
    });
    let report_bind = (
        report_text,
        SignalSetter::map(move |text: String| typed.update(|typed| typed.report = Some(text))),
    );

    let client = StoredValue::new(code.clone());
    let end = Callback::new(move |()| {
        let client = client.get_value();
        let report = report_text.get_untracked();
        form.record("visit-end", Some(client_path(&client)), |typed| {
            typed.read(t, client, app.now(), report)
        });
    });
    let foot =
        move || view! { <SaveButton id="visit-end" form=form label=t.visit_end() on_save=end /> };
    let started = begun.started_at;
    let located = begun
        .position
        .as_ref()
        .map(|position| t.position_noted(&position.accuracy_m.to_string()));
    let unlocated = begun.position_wanted && begun.position.is_none();
    let invoices = move || match dossier.get_untracked() {
        Some(Ok(Some(dossier))) => dossier
            .invoices
            .iter()
            .filter(|invoice| invoice.open().is_positive())
            .cloned()
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    // The list of invoices is drawn once: comments being typed must not lose the focus when a payment arrives.
    let invoices = invoices();
    let papers: Vec<Invoice> = invoices
        .iter()
        .filter(|invoice| discharge_missing(invoice) || slip_missing(invoice))
        .cloned()
        .collect();
    let outcomes = OUTCOMES
        .into_iter()
        .map(|outcome| (word_of(&outcome), t.outcome(outcome).to_owned()))
        .collect::<Vec<_>>();
    let (code_for_pay, code_for_papers) = (code.clone(), code);
    view! {
        <Page title=t.visit() subtitle=name back=back foot=foot>
            <ErrorSummary errors=errors />
            <section class="card stack tight">
                <p class="strong" data-testid="visit-started">{t.visit_since(&t.time(started))}</p>
                <p class="small muted">{t.visit_keeps()}</p>
                {located.map(|text| view! { <p class="small muted">{text}</p> }.into_any())}
                {unlocated.then(|| view! { <p class="small muted">{t.position_unknown()}</p> }.into_any())}
            </section>

            <section class="card stack" aria-labelledby="visit-done">
                <h2 id="visit-done">{t.visit_done()}</h2>
                {move || {
                    let done = done.get();
                    if done.is_empty() {
                        view! { <p class="small muted">{t.visit_done_nothing()}</p> }.into_any()
                    } else {
                        view! {
                            <ul class="stack" data-testid="visit-done">
                                {done.into_iter().filter_map(|fact| fact.body.ok()).map(|body| view! {
                                    <li class="row start center"><Icon sign=Sign::Check small=true /><span>{t.fact_line(&body)}</span></li>
                                }.into_any()).collect_view()}
                            </ul>
                        }.into_any()
                    }
                }}
                <div class="row start flow">
                    <a class="btn" href=pay_path(&code_for_pay) data-testid="visit-pay"><Icon sign=Sign::Cash small=true />{t.nav_pay()}</a>
                </div>
                {(!papers.is_empty()).then(|| view! {
                    <Folded summary=view! { <summary class="btn" data-testid="visit-papers"><Icon sign=Sign::Paper small=true />{t.visit_papers(papers.len())}</summary> }.into_any()>
                        <ul class="stack">
                            {papers.into_iter().map(|invoice| {
                                let code = code_for_papers.clone();
                                let slip = slip_missing(&invoice);
                                let discharge = discharge_missing(&invoice);
                                view! {
                                    <li class="stack tight">
                                        <span class="strong">{invoice.number.to_string()}</span>
                                        <span class="row start flow">
                                            {discharge.then(|| view! { <a class="btn" href=paper_path(&code, &invoice.number, "discharge")>{t.discharge_get()}</a> }.into_any())}
                                            {slip.then(|| view! { <a class="btn" href=paper_path(&code, &invoice.number, "slip")>{t.slip_get()}</a> }.into_any())}
                                        </span>
                                    </li>
                                }
                            }).collect_view()}
                        </ul>
                    </Folded>
                }.into_any())}
            </section>

            <section class="card stack" aria-labelledby="visit-person-title">
                <h2 id="visit-person-title">{t.visit_person()}</h2>
                <div class="pair">
                    <TextField id="visit-person-name" label=t.person_name() bind=slice!(typed.person_name) autocomplete="off" />
                    <TextField id="visit-person-function" label=t.person_function() bind=slice!(typed.person_function) suggestions=t.functions() />
                </div>
            </section>

            <section class="card">
                <Choices name="visit-outcome" legend=t.visit_outcome() options=outcomes bind=slice!(typed.outcome) error=error_of(errors, "visit-outcome") two_columns=true />
            </section>

            {(!invoices.is_empty()).then(|| view! {
                <section class="card stack" aria-labelledby="visit-comments-title">
                    <h2 id="visit-comments-title">{t.visit_comments()}</h2>
                    {invoices.into_iter().map(|invoice| view! { <CommentLine invoice=invoice typed=typed /> }.into_any()).collect_view()}
                </section>
            }.into_any())}

            <section class="card stack">
                <TextArea id="visit-report" label=t.visit_report() hint=t.visit_report_hint() bind=report_bind rows=7 />
                {move || typed.with(|typed| typed.report.is_some()).then(|| view! {
                    <button type="button" class="btn quiet" data-testid="visit-report-reset" on:click=move |_| typed.update(|typed| typed.report = None)>{t.visit_report_reset()}</button>
                }.into_any())}
            </section>

            <section class="card stack" aria-labelledby="visit-next-title">
                <h2 id="visit-next-title">{t.visit_next()}</h2>
                <TextField id="visit-next" label=t.visit_next_text() bind=slice!(typed.next_text) error=error_of(errors, "visit-next") suggestions=t.next_actions() />
                <DateField id="visit-next-date" label=t.visit_next_date() bind=slice!(typed.next_date) />
            </section>
            <VisitCancel form=form draft=draft empty=Signal::derive(move || done.with(Vec::is_empty)) />
        </Page>
    }
    .into_any()
}

/// A visit begun by mistake is dropped, as long as nothing was recorded during it.
#[component]
fn VisitCancel(
    form: Form<VisitDraft>,
    draft: RwSignal<Option<VisitDraft>>,
    empty: Signal<bool>,
) -> impl IntoView {
    let t = use_texts();
    let cancel = move |_| form.discard(move |_| draft.set(None));
    live(move || {
        empty.get().then(|| view! { <button type="button" class="btn quiet" data-testid="visit-cancel" on:click=cancel>{t.visit_cancel()}</button> }.into_any())
    })
}

#[component]
fn CommentLine(invoice: Invoice, typed: RwSignal<VisitDraft>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let number = invoice.number.clone();
    let id = ["visit-comment-", number.as_str()].concat();
    let meta = [
        t.due(&invoice, app.today()).as_str(),
        " · ",
        &t.money(invoice.open(), invoice.currency),
    ]
    .concat();
    let read = {
        let number = number.clone();
        Signal::derive(move || {
            typed.with(|typed| typed.comments.get(&number).cloned().unwrap_or_default())
        })
    };
    let write = {
        let number = number.clone();
        SignalSetter::map(move |text: String| {
            typed.update(|typed| {
                typed.comments.insert(number.clone(), text);
            });
        })
    };
    let begun = read.with_untracked(|text| !text.is_empty());
    let said = move || {
        if read.with(|text| text.trim().is_empty()) {
            meta.clone()
        } else {
            t.commented().to_owned()
        }
    };
    let summary = view! {
        <summary class="item row"><span class="strong">{number.to_string()}</span><span class="small muted">{said}</span></summary>
    }.into_any();
    view! {
        <Folded begun=begun summary=summary>
            <TextArea id=id label=t.comment_on(number.as_str()) bind=(read, write) rows=2 />
        </Folded>
    }
}

impl Typed for VisitDraft {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl VisitDraft {
    fn person(&self) -> Option<Person> {
        let name = self.person_name.trim();
        (!name.is_empty()).then(|| Person {
            name: name.to_owned(),
            function: self.person_function.trim().to_owned(),
        })
    }

    fn comments(&self) -> Vec<InvoiceComment> {
        let written = self
            .comments
            .iter()
            .filter(|(_, text)| !text.trim().is_empty());
        let comment = |(invoice, text): (&InvoiceNumber, &String)| InvoiceComment {
            invoice: invoice.clone(),
            text: text.trim().to_owned(),
        };
        written.map(comment).collect()
    }

    fn next_action(&self) -> Option<NextAction> {
        let text = self.next_text.trim();
        (!text.is_empty()).then(|| NextAction {
            text: text.to_owned(),
            due_date: self.next_date.parse().ok(),
        })
    }

    /// The visit as it ends at `now`, with the report as it is shown.
    fn read(
        &self,
        t: Texts,
        client: ClientCode,
        now: DateTime<FixedOffset>,
        report: String,
    ) -> Reading {
        let mut found = Vec::new();
        let outcome = self.outcome();
        if outcome.is_none() {
            found.push(FieldError::new("visit-outcome", t.visit_outcome_missing()));
        }
        if !self.next_date.is_empty() && self.next_text.trim().is_empty() {
            found.push(FieldError::new("visit-next", t.visit_next_missing()));
        }
        let (Some(outcome), true) = (outcome, found.is_empty()) else {
            return Err(found);
        };
        let body = FactBody::Visit(Visit {
            client,
            started_at: self.started_at,
            ended_at: now,
            position: self.position.clone(),
            person_met: self.person(),
            outcome,
            comments: self.comments(),
            report,
            next_action: self.next_action(),
        });
        Ok((body, Vec::new()))
    }
}

/// For other screens: the visit going on at this client.
pub async fn current_visit(app: crate::state::App, code: &ClientCode) -> Option<FactId> {
    let draft = form::kept::<VisitDraft>(app, &visit_draft_key(code)).await?;
    Some(draft.fact_id)
}
