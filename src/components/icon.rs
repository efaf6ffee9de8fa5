//! The signs of the screens, drawn with one line, always beside a word or with a label of their own.

use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Round,
    Clients,
    Cash,
    Till,
    More,
    Activity,
    Balance,
    Chart,
    Data,
    Back,
    Search,
    Phone,
    Mail,
    Chat,
    Camera,
    Pen,
    Paper,
    Slip,
    Visit,
    Check,
    Close,
    Warning,
    Sync,
    Upload,
    Download,
    Person,
    Clock,
    Trash,
    Undo,
    Cheque,
    Bank,
    Mobile,
    Lock,
}

impl Sign {
    fn path(self) -> &'static str {
        match self {
            Self::Round => {
                "M3.5 19a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0M15.5 5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0M8.5 19H15a4 4 0 0 0 0-8H9a4 4 0 0 1 0-8h6.5"
            }
            Self::Clients => {
                "M5.5 8a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M2.5 20a6.5 6.5 0 0 1 13 0M16 4.7a3.5 3.5 0 0 1 0 6.6M18 14.2a6.5 6.5 0 0 1 3.5 5.8"
            }
            Self::Cash => {
                "M4.5 6h15a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0M6 9v6M18 9v6"
            }
            Self::Till => "M3 9h18v11H3zM7 9V6a5 5 0 0 1 10 0v3M12 13v3",
            Self::More => "M4 7h16M4 12h16M4 17h16",
            Self::Activity => "M3 12h4l3-8 4 16 3-8h4",
            Self::Balance => "M4 20V10M9.3 20V4M14.6 20v-7M20 20V8",
            Self::Chart => "M4 4v16h16M7 15l4-5 3 3 6-7",
            Self::Data => {
                "M4 5.5C4 4 7.6 3 12 3s8 1 8 2.5S16.400 8 12 8 4 7 4 5.500zM4 5.500V12c0 1.500 3.600 2.500 8 2.500s8-1 8-2.500V5.500M4 12v6.500C4 20 7.600 21 12 21s8-1 8-2.500V12"
            }
            Self::Back => "M15 5l-7 7 7 7",
            Self::Search => "M4 11a7 7 0 1 0 14 0a7 7 0 1 0-14 0M16 16l4.500 4.500",
            Self::Phone => {
                "M5 3h4l2 5-2.500 1.500a11 11 0 0 0 6 6L16 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2z"
            }
            Self::Mail => "M3 6h18v12H3zM3 7l9 7 9-7",
            Self::Chat => "M4 20l1.300-4A8 8 0 1 1 8.500 19z",
            Self::Camera => {
                "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v10H3V9a1 1 0 0 1 1-1zM8.500 13a3.500 3.500 0 1 0 7 0a3.500 3.500 0 1 0-7 0"
            }
            Self::Pen => "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
            Self::Paper => "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
            Self::Slip => "M3 8l9-5 9 5v8l-9 5-9-5zM3 8l9 5 9-5M12 13v8",
            Self::Visit => {
                "M12 21s-7-6-7-11a7 7 0 0 1 14 0c0 5-7 11-7 11zM9.500 10a2.500 2.500 0 1 0 5 0a2.500 2.500 0 1 0-5 0"
            }
            Self::Check => "M5 12.500l4.500 4.500L19 7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Warning => "M12 4l9 16H3zM12 10v4M12 17v.1",
            Self::Sync => {
                "M20 11a8 8 0 0 0-14-4.500L4 9M4 4v5h5M4 13a8 8 0 0 0 14 4.500l2-2.500M20 20v-5h-5"
            }
            Self::Upload => "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4",
            Self::Download => "M12 4v12M7 11l5 5 5-5M4 16v4h16v-4",
            Self::Person => "M8 8a4 4 0 1 0 8 0a4 4 0 1 0-8 0M4.500 21a7.500 7.500 0 0 1 15 0",
            Self::Clock => "M4 12a8 8 0 1 0 16 0a8 8 0 1 0-16 0M12 7.500V12l3 2",
            Self::Trash => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
            Self::Undo => "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
            Self::Cheque => "M3 6h18v12H3zM6 10h6M6 14h4M14 14l1.500 1.500L18 12",
            Self::Bank => "M3 9l9-5 9 5zM5 9v8M10 9v8M14 9v8M19 9v8M3 20h18",
            Self::Mobile => {
                "M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 18h2"
            }
            Self::Lock => "M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3",
        }
    }
}

#[component]
pub fn Icon(sign: Sign, #[prop(optional)] small: bool) -> impl IntoView {
    view! {
        <svg class=if small { "icon small" } else { "icon" } viewBox="0 0 24 24" aria-hidden="true">
            <path d=sign.path()></path>
        </svg>
    }
}
