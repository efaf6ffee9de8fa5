//! What somebody found wrong in the client file, proposed to the office (SYNC 31, PRODUCT A6).

use super::super::form::{self as forms, Form, Reading, SaveButton, Typed};
use crate::components::{ErrorSummary, FieldError, TextArea, TextField};
use crate::locales::{Texts, use_texts};
use crate::state::App;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tournee_domain::dossier::Client;
use tournee_domain::fact::{ClientEditProposed, ClientField, FieldChange};
use tournee_domain::{ClientCode, FactBody, FactId};

/// A proposal being typed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Editing {
    pub fact_id: FactId,
    client: ClientCode,
    fields: Vec<FieldChange>,
    comment: String,
}

impl Typed for Editing {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Editing {
    fn new(fact_id: FactId, client: &Client) -> Self {
        use ClientField::{City, Detail, Email, Name, Phone, TaxId};
        let details = client
            .details
            .iter()
            .map(|detail| Detail(detail.name.clone()));
        let fields = [Name, TaxId, City, Phone, Email].into_iter().chain(details);
        let unchanged = |field: ClientField| {
            let from = client.field(&field).to_owned();
            FieldChange {
                to: from.clone(),
                from,
                field,
            }
        };
        Self {
            fact_id,
            client: client.code.clone(),
            fields: fields.map(unchanged).collect(),
            comment: String::new(),
        }
    }

    fn read(&self, t: Texts) -> Reading {
        let trimmed = self.fields.iter().map(|change| FieldChange {
            to: change.to.trim().to_owned(),
            ..change.clone()
        });
        let changes: Vec<FieldChange> = trimmed.filter(|change| change.to != change.from).collect();
        if changes.is_empty() {
            return Err(vec![FieldError::new("edit-save", t.edit_none())]);
        }
        let body = FactBody::ClientEditProposed(ClientEditProposed {
            client: self.client.clone(),
            changes,
            comment: self.comment.trim().to_owned(),
        });
        Ok((body, Vec::new()))
    }
}

/// The form as it was left, or a new one.
pub async fn begin(app: App, client: Client) -> Editing {
    let kept = forms::kept(app, &draft_key(&client.code)).await;
    kept.unwrap_or_else(|| Editing::new(app.new_fact_id(), &client))
}

fn draft_key(client: &ClientCode) -> String {
    ["editing:", client.as_str()].concat()
}

#[component]
pub fn EditForm(editing: Editing) -> impl IntoView {
    let t = use_texts();
    let labels: Vec<String> = editing
        .fields
        .iter()
        .map(|change| t.client_field(&change.field))
        .collect();
    let form = Form::open(draft_key(&editing.client), editing);
    let (typed, errors) = (form.typed, form.errors);
    let record = Callback::new(move |()| form.record("edit-save", None, |typed| typed.read(t)));
    let fields = labels.into_iter().enumerate().map(|(at, label)| {
        let value = Signal::derive(move || typed.with(|typed| typed.fields[at].to.clone()));
        let set = SignalSetter::map(move |text: String| {
            typed.update(|typed| typed.fields[at].to = text);
        });
        view! { <TextField id=["edit-", &at.to_string()].concat() label=label bind=(value, set) /> }
    });
    view! {
        <section class="card stack" aria-labelledby="edit-title">
            <h2 id="edit-title">{t.edit_begin()}</h2>
            <p class="muted prose">{t.edit_explained()}</p>
            <ErrorSummary errors=errors />
            {fields.collect_view()}
            <TextArea id="edit-comment" label=t.edit_comment() bind=slice!(typed.comment) />
            <SaveButton id="edit-save" form=form label=t.edit_save() on_save=record />
        </section>
    }
}

impl Texts {
    /// A field of the client file, as the screens call it.
    pub fn client_field(self, field: &ClientField) -> String {
        match field {
            ClientField::Name => self.client_name().to_owned(),
            ClientField::TaxId => self.client_tax_id().to_owned(),
            ClientField::City => self.city().to_owned(),
            ClientField::Phone => self.phone().to_owned(),
            ClientField::Email => self.email().to_owned(),
            ClientField::Detail(name) => name.clone(),
        }
    }
}
