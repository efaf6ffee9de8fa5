//! Parts of the program that come after the first screen (docs/decisions/0002-build.md): each is fetched when nothing else
//! is to do, or when something of it is first wanted.

use crate::browser::clock;
use crate::components::{Busy, Notice, Page, live};
use crate::locales::use_texts;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::OnceLock;
use wasm_split_helpers::SplitLoaderError;

/// What draws a part's pages.
pub type Draw<P> = fn(P) -> AnyView;

/// How a part comes: the first call fetches it.
pub type Fetched<P> = LocalBoxFuture<'static, Result<Draw<P>, SplitLoaderError>>;

/// One part of the program; `P` names what it draws.
pub struct Part<P: 'static> {
    fetch: fn() -> Fetched<P>,
    here: OnceLock<Draw<P>>,
}

impl<P: Copy + Send + 'static> Part<P> {
    pub const fn new(fetch: fn() -> Fetched<P>) -> Self {
        Self {
            fetch,
            here: OnceLock::new(),
        }
    }

    async fn ready(&self) -> Result<Draw<P>, SplitLoaderError> {
        let draw = (self.fetch)().await?;
        Ok(*self.here.get_or_init(|| draw))
    }

    /// A page of the part: at once where the part is here.
    pub fn page(&'static self, page: P) -> AnyView {
        match self.here.get() {
            Some(draw) => draw(page),
            None => self.awaited(page),
        }
    }

    fn awaited(&'static self, page: P) -> AnyView {
        let t = use_texts();
        let found = RwSignal::new(None);
        let load = move || {
            spawn_local(async move {
                let ready = self.ready().await;
                // The page may have been left meanwhile.
                let _ = found.try_set(Some(ready.ok()));
            });
        };
        load();
        live(move || match found.get() {
            Some(Some(draw)) => draw(page),
            // Without a heading: the focus waits for the page's own.
            None => view! { <div class="part-awaited"><Busy label=t.loading() /></div> }.into_any(),
            Some(None) => view! {
                <Page title=t.part_missing()>
                    <Notice tone="warn" testid="part-missing"><p>{t.part_missing_advice()}</p></Notice>
                    <button type="button" class="btn primary wide" on:click=move |_| { found.set(None); load(); }>{t.retry()}</button>
                </Page>
            }
            .into_any(),
        })
        .into_any()
    }

    /// A piece of a page: nothing until the part is here, which is fetched once the browser has nothing else to do.
    pub fn piece(&'static self, piece: P) -> AnyView {
        if let Some(draw) = self.here.get() {
            return draw(piece);
        }
        let here = RwSignal::new(None);
        spawn_local(async move {
            clock::settled().await;
            // A page that needs the part says so when it does not come.
            if let Ok(draw) = self.ready().await {
                let _ = here.try_set(Some(draw));
            }
        });
        live(move || here.get().map(|draw| draw(piece))).into_any()
    }
}
