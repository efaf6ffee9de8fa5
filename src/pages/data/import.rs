//! A ledger export goes in: files, what was found in them, every bad row, then one tap (PRODUCT L1, L2).

use super::import_options::{FileCards, FileErrorHelp, StatementOptions};
use super::import_preview::{Counts, Preview};
use crate::components::{
    ErrorSummary, FieldError, FileDrop, Icon, Meter, Notice, Page, Sign, back_to,
};
use crate::locales::{Texts, use_texts};
use crate::state::{OfficeError, ProblemDetails, use_app};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use tournee_documents::ledger::{FILE_BYTES_MAX, ImportOptions, ImportPreview};
use web_sys::File;

/// A preview is asked for once the typing has paused this long.
const TYPING_PAUSE_MS: u32 = 350;

/// What the browser offers to choose.
const LEDGERS: &str = ".csv,.txt,.tsv,text/csv,text/plain";

/// Where an import stands.
#[derive(Clone)]
enum Stage {
    Choose,
    Uploading,
    Preview {
        id: String,
        preview: Arc<ImportPreview>,
    },
    Done {
        preview: Arc<ImportPreview>,
        changed: bool,
    },
}

/// The two files, which cannot leave the page's thread.
#[derive(Clone, Copy)]
struct Files {
    clients: RwSignal<Option<File>, LocalStorage>,
    invoices: RwSignal<Option<File>, LocalStorage>,
}

#[component]
pub fn ImportPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let guard = StoredValue::new(Some(app.form_open()));
    on_cleanup(move || guard.set_value(None));
    let files = Files {
        clients: RwSignal::new_local(None),
        invoices: RwSignal::new_local(None),
    };
    let options = RwSignal::new(ImportOptions::default());
    let stage = RwSignal::new(Stage::Choose);
    let percent = RwSignal::new(0_u32);
    let working = RwSignal::new(false);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let problem = RwSignal::new(None::<ProblemDetails>);

    let fail = move |error: OfficeError, at: &'static str| {
        let message = import_error(t, &error);
        let id = match &error {
            OfficeError::Refused(refused) => match refused.field.as_deref() {
                Some("clients") => "import-clients",
                Some("invoices") => "import-invoices",
                _ => at,
            },
            _ => at,
        };
        errors.try_set(vec![FieldError::new(id, message)]);
        problem.try_set(match error {
            OfficeError::Refused(refused) => Some(refused),
            _ => None,
        });
    };
    let upload = Callback::new(move |()| {
        let (clients, invoices) = (
            files.clients.get_untracked(),
            files.invoices.get_untracked(),
        );
        let found = file_errors(t, clients.as_ref(), invoices.as_ref());
        let ready = found.is_empty();
        errors.set(found);
        problem.set(None);
        if !ready {
            return;
        }
        percent.set(0);
        stage.set(Stage::Uploading);
        spawn_local(async move {
            let chosen = options.get_untracked();
            let progress = move |done: u8| {
                percent.try_set(u32::from(done));
            };
            match app
                .import_upload(clients, invoices, &chosen, progress)
                .await
            {
                Ok((id, preview)) => {
                    stage.try_set(Stage::Preview {
                        id,
                        preview: Arc::new(preview),
                    });
                }
                Err(error) => {
                    stage.try_set(Stage::Choose);
                    fail(error, "import-upload");
                }
            }
        });
    });
    // Every change of an option asks the office for the preview again; the last question's answer counts.
    let asked = StoredValue::new(0_u64);
    let again = Callback::new(move |()| {
        let Stage::Preview { id, .. } = stage.get_untracked() else {
            return;
        };
        asked.update_value(|asked| *asked += 1);
        let question = asked.get_value();
        working.set(true);
        spawn_local(async move {
            // A date is typed digit by digit.
            TimeoutFuture::new(TYPING_PAUSE_MS).await;
            let latest = move || asked.try_get_value() == Some(question);
            if !latest() {
                return;
            }
            let chosen = options.get_untracked();
            let answer = app.import_preview(&id, &chosen).await;
            if !latest() {
                return;
            }
            let focused = document()
                .active_element()
                .map(|element| element.id())
                .unwrap_or_default();
            match answer {
                Ok(preview) => {
                    errors.try_set(Vec::new());
                    problem.try_set(None);
                    stage.try_set(Stage::Preview {
                        id,
                        preview: Arc::new(preview),
                    });
                    // The card was drawn anew: the keyboard goes on where it was.
                    request_animation_frame(move || keep_focus(&focused));
                }
                Err(error) => fail(error, "import-commit"),
            }
            working.try_set(false);
        });
    });
    let commit = Callback::new(move |()| {
        let Stage::Preview { id, .. } = stage.get_untracked() else {
            return;
        };
        if working.get_untracked() {
            return;
        }
        working.set(true);
        spawn_local(async move {
            let chosen = options.get_untracked();
            match app.import_commit(&id, &chosen).await {
                Ok((fact, preview)) => {
                    stage.try_set(Stage::Done {
                        preview: Arc::new(preview),
                        changed: fact.is_some(),
                    });
                    app.sync_now();
                }
                Err(error) => fail(error, "import-commit"),
            }
            working.try_set(false);
        });
    });
    let discard = Callback::new(move |()| {
        if let Stage::Preview { id, .. } = stage.get_untracked() {
            spawn_local(async move {
                // The office forgets an upload by itself when this does not reach it.
                let _ = app.import_discard(&id).await;
            });
        }
        errors.set(Vec::new());
        problem.set(None);
        options.set(ImportOptions::default());
        stage.set(Stage::Choose);
    });
    let step = Memo::new(move |_| {
        stage.with(|stage| match stage {
            Stage::Choose => 0,
            Stage::Uploading => 1,
            Stage::Preview { .. } => 2,
            Stage::Done { .. } => 3,
        })
    });
    let shown = Signal::derive(move || match stage.get() {
        Stage::Preview { preview, .. } => Some(preview),
        _ => None,
    });
    let unfolded = [RwSignal::new(false), RwSignal::new(false)];
    view! {
        <Page title=t.data_import() back=back_to("/data") wide=true>
            <ErrorSummary errors=errors />
            {move || match step.get() {
                0 => view! {
                    <Choose files=files errors=errors on_upload=upload />
                    {move || problem.get().map(|problem| view! { <FileErrorHelp problem=problem options=options on_change=upload /> }.into_any())}
                }.into_any(),
                1 => view! {
                    <section class="card stack" data-testid="import-uploading">
                        <p class="strong" role="status">{move || if percent.get() < 100 { t.import_uploading(&percent.get().to_string()) } else { t.import_reading().to_owned() }}</p>
                        <Meter label=t.import_uploading("") percent=percent />
                    </section>
                }.into_any(),
                2 => view! {
                    {move || problem.get().map(|problem| view! { <FileErrorHelp problem=problem options=options on_change=again /> }.into_any())}
                    <StatementOptions preview=shown options=options on_change=again working=working />
                    {move || match stage.get() {
                        Stage::Preview { preview, .. } => view! {
                            <Counts preview=preview.clone() />
                            <FileCards preview=preview.clone() options=options on_change=again unfolded=unfolded />
                            <Preview preview=preview options=options on_change=again />
                        }.into_any(),
                        _ => ().into_any(),
                    }}
                    <section class="card stack">
                        <p class="small muted">{t.import_commit_explained()}</p>
                        <div class="row start flow">
                            <button type="button" id="import-commit" class="btn primary tall" data-testid="import-commit" aria-disabled=move || working.get().then_some("true") on:click=move |_| commit.run(())>
                                {move || working.get().then(|| view! { <span class="spinner"></span> }.into_any())}
                                {t.import_commit()}
                            </button>
                            <button type="button" class="btn" data-testid="import-discard" on:click=move |_| discard.run(())>{t.import_discard()}</button>
                        </div>
                    </section>
                }.into_any(),
                _ => view! {
                    {move || match stage.get() {
                        Stage::Done { preview, changed } => view! { <Done preview=preview changed=changed /> }.into_any(),
                        _ => ().into_any(),
                    }}
                    <div class="row start flow">
                        <a class="btn primary" href="/balance">{t.balance_title()}</a>
                        <a class="btn" href="/data">{t.nav_data()}</a>
                        <button type="button" class="btn" on:click=move |_| discard.run(())>{t.import_another()}</button>
                    </div>
                }.into_any(),
            }}
        </Page>
    }
}

/// Gives the focus back to the element of the same id, unless the reader has moved on.
fn keep_focus(id: &str) {
    let lost = document()
        .active_element()
        .is_none_or(|element| element.tag_name() == "BODY");
    if lost && !id.is_empty() {
        crate::components::focus_id(id);
    }
}

/// What the page can see before anything is sent.
fn file_errors(t: Texts, clients: Option<&File>, invoices: Option<&File>) -> Vec<FieldError> {
    let mut found = Vec::new();
    if clients.is_none() && invoices.is_none() {
        found.push(FieldError::new("import-clients", t.import_no_file()));
    }
    for (id, file) in [("import-clients", clients), ("import-invoices", invoices)] {
        let Some(file) = file else { continue };
        let blob: &web_sys::Blob = file;
        // A size is a whole number below 2^53: the comparison is exact.
        if blob.size() > FILE_BYTES_MAX as f64 {
            let megabytes = (FILE_BYTES_MAX / (1024 * 1024)).to_string();
            found.push(FieldError::new(
                id,
                t.import_too_large(&file.name(), &megabytes),
            ));
        } else if blob.size() == 0.0 {
            found.push(FieldError::new(id, t.import_empty(&file.name())));
        }
    }
    found
}

#[component]
fn Choose(
    files: Files,
    errors: RwSignal<Vec<FieldError>>,
    on_upload: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    view! {
        <p class="muted prose">{t.import_explained()}</p>
        <div class="import-files">
            <FileDrop id="import-clients" label=t.import_clients() hint=t.import_clients_hint() chosen=t.import_chosen() accept=LEDGERS file=files.clients errors=errors />
            <FileDrop id="import-invoices" label=t.import_invoices() hint=t.import_invoices_hint() chosen=t.import_chosen() accept=LEDGERS file=files.invoices errors=errors />
        </div>
        <div>
            <button type="button" id="import-upload" class="btn primary tall" data-testid="import-upload" on:click=move |_| on_upload.run(())>
                <Icon sign=Sign::Upload />{t.import_preview()}
            </button>
        </div>
    }
}

#[component]
fn Done(preview: Arc<ImportPreview>, changed: bool) -> impl IntoView {
    let t = use_texts();
    let currency = crate::pages::common::use_currency();
    let count = move |n: u32| t.integer(n as usize);
    view! {
        <Notice tone="ok" testid="import-done">
            <p class="strong">{if changed { t.import_done() } else { t.import_unchanged() }}</p>
            <p>{t.import_done_counts(&count(preview.created), &count(preview.updated), &count(preview.unchanged))}</p>
            <p>{t.import_done_clients(&count(preview.clients_created), &count(preview.clients_updated))}</p>
            <p class="num">{t.import_open_total()}" "<span data-testid="import-open-total" data-amount=preview.open_total.to_string()>{t.money(preview.open_total, currency)}</span></p>
            {(!preview.flagged_possible_double.is_empty()).then(|| view! {
                <p><a href="/data/doubles">{t.import_doubles(preview.flagged_possible_double.len())}</a></p>
            }.into_any())}
        </Notice>
    }
}

/// The office's refusal in the screen's own words, by its code.
fn import_error(t: Texts, error: &OfficeError) -> String {
    let OfficeError::Refused(problem) = error else {
        let (what, advice) = crate::pages::activity::office_texts(t, error);
        return [what, " ", &advice].concat();
    };
    let file = match problem.field.as_deref() {
        Some("clients") => t.import_clients(),
        Some("invoices") => t.import_invoices(),
        _ => t.import_file(),
    };
    let said = match problem.code.as_deref() {
        _ if problem.status == 413 => t.import_refused_too_large(),
        Some("empty") => t.import_refused_empty(),
        Some("not_text") => t.import_refused_not_text(),
        Some("undecodable") => t.import_refused_undecodable(),
        Some("no_heading") => t.import_refused_no_heading(),
        Some("missing_column" | "no_such_column") => t.import_refused_missing_column(),
        Some("ambiguous_numbers") => t.import_refused_ambiguous(),
        Some("too_many_rows" | "too_large") => t.import_refused_too_large(),
        Some("older_than_latest") => t.import_refused_older(),
        Some("future_statement") => t.import_refused_future(),
        Some("nothing_listed") => t.import_refused_nothing_listed(),
        _ => {
            return [
                t.office_refused(),
                " ",
                &problem.title,
                " ",
                &problem.detail,
            ]
            .concat();
        }
    };
    [file, " : ", said].concat()
}
