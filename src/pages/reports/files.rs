//! A report's table as a file.

use crate::components::{Icon, Sign};
use crate::locales::use_texts;
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_documents::sheet::{CSV_MEDIA_TYPE, Sheet, XLSX_MEDIA_TYPE};

/// Two ways to take the table along; the file's name tells the report and its day.
#[component]
pub fn Files(sheet: Arc<Sheet>, name: &'static str, as_of: NaiveDate) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let for_csv = sheet.clone();
    // The browser's own message says when a download fails.
    let save = move |extension: &str, media_type: &str, bytes: &[u8]| {
        let name = [name, "-", &as_of.to_string(), extension].concat();
        app.download(&name, media_type, bytes);
    };
    view! {
        <div class="row start">
            <button type="button" class="btn" data-testid="export-csv" on:click=move |_| save(".csv", CSV_MEDIA_TYPE, for_csv.csv(t.language()).as_bytes())>
                <Icon sign=Sign::Download small=true />"CSV"
            </button>
            <button type="button" class="btn" data-testid="export-xlsx" on:click=move |_| save(".xlsx", XLSX_MEDIA_TYPE, &sheet.xlsx())>
                <Icon sign=Sign::Download small=true />"Excel"
            </button>
        </div>
    }
}
