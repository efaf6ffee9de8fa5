//! Widgets: everything comes by props, nothing reads the store. The styles lie in `style/` under the widget's name.

mod ageing_bar;
mod amount_field;
mod choices;
mod empty;
mod error_summary;
mod field;
mod icon;
mod meter;
mod notice;
pub mod page;
mod photo_picker;
mod segmented;
mod sheet;
mod signature_pad;
mod strokes;
mod sync_chip;
mod timeline;
mod windowed_list;

pub use ageing_bar::{AgeingBar, AgeingLegend};
pub use amount_field::{AmountField, AmountInput};
pub use choices::{Check, Choices};
pub use empty::Empty;
pub use error_summary::{ErrorSummary, FieldError, error_of, focus_id};
pub use field::{Bind, DateField, SelectField, TextArea, TextField};
pub use icon::{Icon, Sign};
pub use meter::{Busy, Meter};
pub use notice::Notice;
pub use page::{Page, back_to};
pub use photo_picker::{Photo, PhotoPicker};
pub use segmented::{Segmented, TabPanel, Tabs};
pub use sheet::Sheet;
pub use signature_pad::SignaturePad;
pub use strokes::{STROKES_MEDIA_TYPE, Strokes, StrokesView};
pub use sync_chip::SyncChip;
pub use timeline::EventLine;
pub use windowed_list::WindowedList;
