//! What every report is: a picture, and the table behind it.

use super::Files;
use crate::components::{Chart, ChartColumn, SheetTable};
use crate::pages::common::Shared;
use chrono::NaiveDate;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_documents::sheet::Sheet;

pub struct Report {
    /// What the file is called after.
    pub name: &'static str,
    pub as_of: NaiveDate,
    /// What the picture says in words.
    pub label: String,
    pub columns: Vec<ChartColumn>,
    pub legend: Vec<(&'static str, &'static str)>,
    pub sheet: Arc<Sheet>,
    /// Columns before this one are in the file only.
    pub from: usize,
    /// The column sorted at first.
    pub sort: Option<usize>,
}

#[component]
pub fn ReportView(
    report: Shared<Report>,
    /// Told the place of the row that was tapped.
    open: Option<Callback<usize>>,
) -> impl IntoView {
    let report = report.0;
    view! {
        <div class="stack loose pad">
            <Chart label=report.label.clone() columns=report.columns.clone() legend=report.legend.clone() />
            <Files sheet=report.sheet.clone() name=report.name as_of=report.as_of />
        </div>
        <SheetTable sheet=report.sheet.clone() from=report.from sort=report.sort open=open />
    }
}
