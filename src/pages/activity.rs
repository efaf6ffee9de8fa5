use leptos::prelude::*;
#[component]
pub fn ActivityPage() -> impl IntoView {
    view! {}
}
#[component]
pub fn Attachments(attachments: Vec<tournee_domain::fact::Attachment>) -> impl IntoView {
    let _ = attachments;
    view! {}
}
