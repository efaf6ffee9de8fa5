//! What every form that records a fact does alike (DESIGN §6): nothing typed is lost, one tap records once, and who
//! leaves while the device writes is left in peace.

use crate::components::FieldError;
use crate::locales::{Texts, use_texts};
use crate::state::{App, BlobRecord, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tournee_domain::{FactBody, FactId};

/// A record takes a few hundredths of a second; the button turns when it takes longer.
const SLOW_AFTER: Duration = Duration::from_millis(150);

/// What is typed in one form, as it lies in the device's drafts.
pub trait Typed: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Made when the form opened: recording twice records once (SYNC 2).
    fn fact_id(&self) -> FactId;
}

/// What to record with the bytes that belong to it, or what is to be corrected first.
pub type Reading = Result<(FactBody, Vec<BlobRecord>), Vec<FieldError>>;

/// A form that was left before it was recorded or thrown away.
pub async fn kept<F: Typed>(app: App, key: &str) -> Option<F> {
    let json = app.load_draft(key).await?;
    serde_json::from_str(&json).ok()
}

/// One open form. While it is there no update takes over, and every change goes into its draft.
pub struct Form<F: 'static> {
    pub typed: RwSignal<F>,
    pub errors: RwSignal<Vec<FieldError>>,
    /// It is being recorded or thrown away: a second tap does nothing.
    working: RwSignal<bool>,
    /// That takes so long that the screen says so; drawing it sooner would only delay what is waited for.
    pub slow: RwSignal<bool>,
    desk: StoredValue<Rc<Desk>, LocalStorage>,
}

impl<F> Clone for Form<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Form<F> {}

/// What outlives the form when it is left while the device writes.
struct Desk {
    app: App,
    texts: Texts,
    draft: Draft,
    leave: Box<dyn Fn(&str)>,
}

impl<F: Typed> Form<F> {
    /// Opens the form over the draft of that name; `typed` is what was kept there, or a new one.
    pub fn open(key: String, typed: F) -> Self {
        let app = use_app();
        let guard = StoredValue::new(Some(app.form_open()));
        on_cleanup(move || guard.set_value(None));
        let navigate = use_navigate();
        let form = Self {
            typed: RwSignal::new(typed),
            errors: RwSignal::new(Vec::new()),
            working: RwSignal::new(false),
            slow: RwSignal::new(false),
            desk: StoredValue::new_local(Rc::new(Desk {
                app,
                texts: use_texts(),
                draft: Draft::new(key),
                // A form that is done does not lie in wait behind the back button.
                leave: Box::new(move |path| {
                    navigate(
                        path,
                        NavigateOptions {
                            replace: true,
                            ..NavigateOptions::default()
                        },
                    );
                }),
            })),
        };
        Effect::new(move |first: Option<()>| {
            let json = form.typed.with(serde_json::to_string);
            if let (Some(()), Ok(json)) = (first, json) {
                let desk = form.desk.get_value();
                *desk.draft.latest.borrow_mut() = Some(json);
                spawn_local(async move { desk.draft.write(desk.app).await });
            }
        });
        form
    }

    /// Shows what is to be corrected; true when nothing is.
    pub fn accepts(self, found: Vec<FieldError>) -> bool {
        let none = found.is_empty();
        if !none || self.errors.with_untracked(|shown| !shown.is_empty()) {
            self.errors.set(found);
        }
        none
    }

    pub fn is_working(self) -> bool {
        self.working.get_untracked()
    }

    fn begin_work(self) {
        self.working.set(true);
        let say = move || {
            if self.working.try_get_untracked() == Some(true) {
                self.slow.set(true);
            }
        };
        set_timeout(say, SLOW_AFTER);
    }

    fn end_work(self) {
        self.working.try_set(false);
        self.slow.try_set(false);
    }

    /// Records what `read` makes of the form, then goes to `next`, or stays. A failure is shown on `button`, and
    /// everything typed stays.
    pub fn record(
        self,
        button: &'static str,
        next: Option<String>,
        read: impl FnOnce(&F) -> Reading,
    ) {
        if self.working.get_untracked() {
            return;
        }
        let (body, blobs) = match self.typed.with_untracked(read) {
            Ok(reading) => reading,
            Err(found) => {
                self.accepts(found);
                return;
            }
        };
        self.accepts(Vec::new());
        self.begin_work();
        let id = self.typed.with_untracked(F::fact_id);
        let desk = self.desk.get_value();
        desk.draft.closed.set(true);
        spawn_local(async move {
            let (app, draft) = (desk.app, Some(desk.draft.key.as_str()));
            let done = app.record(id, body, blobs, draft).await;
            match (done, next) {
                (Ok(_), Some(next)) if !self.working.is_disposed() => (desk.leave)(&next),
                (Ok(_), _) => {}
                (Err(error), _) => {
                    let message = desk.texts.record_error(&error);
                    self.errors.try_set(vec![FieldError::new(button, message)]);
                    self.end_work();
                    desk.draft.closed.set(false);
                    desk.draft.write(app).await;
                }
            }
        });
    }

    /// Throws the draft away, then hands `then` the way to another page, unless the form was left meanwhile.
    pub fn discard(self, then: impl FnOnce(&dyn Fn(&str)) + 'static) {
        if self.working.get_untracked() {
            return;
        }
        self.begin_work();
        let desk = self.desk.get_value();
        desk.draft.closed.set(true);
        spawn_local(async move {
            desk.app.delete_draft(&desk.draft.key).await;
            if !self.working.is_disposed() {
                then(&desk.leave);
            }
        });
    }
}

/// The text of a form on its way to the device's store: one write at a time, the latest text last.
struct Draft {
    key: String,
    latest: RefCell<Option<String>>,
    writing: Cell<bool>,
    /// Once the form is being recorded or thrown away nothing may write the draft back.
    closed: Cell<bool>,
}

impl Draft {
    fn new(key: String) -> Self {
        Self {
            key,
            latest: RefCell::new(None),
            writing: Cell::new(false),
            closed: Cell::new(false),
        }
    }

    async fn write(&self, app: App) {
        if self.writing.replace(true) {
            return;
        }
        while !self.closed.get() {
            let Some(json) = self.latest.take() else {
                break;
            };
            app.save_draft(&self.key, json).await;
        }
        self.writing.set(false);
    }
}

/// The one primary action: it turns while the device writes.
#[component]
pub fn SaveButton<F: Typed>(
    id: &'static str,
    form: Form<F>,
    #[prop(into)] label: Signal<&'static str>,
    #[prop(into)] on_save: Callback<()>,
) -> impl IntoView {
    let working = form.slow;
    view! {
        <button type="button" id=id class="btn primary wide tall" data-testid=id aria-disabled=move || working.get().then_some("true") on:click=move |_| on_save.run(())>
            {move || working.get().then(|| view! { <span class="spinner"></span> }.into_any())}
            {label}
        </button>
    }
}

/// Throws what was typed away, on purpose, and goes to `next`.
#[component]
pub fn Discard<F: Typed>(id: &'static str, form: Form<F>, next: String) -> impl IntoView {
    let t = use_texts();
    let next = StoredValue::new(next);
    let discard = move |_| {
        let next = next.get_value();
        form.discard(move |leave| leave(&next));
    };
    view! { <button type="button" class="btn quiet" data-testid=id on:click=discard>{t.pay_discard()}</button> }
}
