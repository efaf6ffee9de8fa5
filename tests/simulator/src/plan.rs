//! What may go wrong in one world, and how often: drawn from its seed, so that some worlds are calm where others are wild.

use crate::defect::Defect;
use crate::world::World;

/// Chances are per mille and per occasion.
#[derive(Clone, Debug)]
pub struct Plan {
    /// A planted defect, which the checkers must catch.
    pub defect: Option<Defect>,
    /// An operation on the store finds its connection dead.
    pub dead_handle: u32,
    /// A transaction is undone as a whole.
    pub abort: u32,
    /// The request never arrives.
    pub drop_request: u32,
    /// The office did it, and the answer never arrives.
    pub drop_response: u32,
    /// The request arrives a second time, up to hours later.
    pub duplicate: u32,
    /// Request or answer are cut off.
    pub truncate: u32,
    /// Somebody else answers, with a 200.
    pub portal: u32,
    /// The longest way of a message, in milliseconds.
    pub latency_ms: u32,
    /// The office dies before or after a commit.
    pub office_crash: u32,
    /// People still record; once the world heals they only watch.
    pub thinking: bool,
    /// How often the director does something, in milliseconds on average.
    pub incident_every_ms: u32,
    /// Incidents of this world, each as likely as it is often in the list.
    pub incidents: Vec<Incident>,
}

/// What the director does to a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// The browser is killed and opened again.
    Kill,
    /// The same, and relaxed writes are lost.
    PowerCut,
    /// The network goes or comes back.
    Network,
    SecondTab,
    /// The device's clock jumps.
    Clock,
    /// Storage is full of photos, or free again.
    Quota,
    /// The browser cleared the site's data.
    Eviction,
    /// The profile was copied to a second device.
    Clone,
    /// A client moves to another portfolio.
    Reassign,
    /// A user gets other portfolios.
    Scope,
    /// The ledger's next statement.
    Statement,
    /// The latest of them is taken back.
    UndoStatement,
    /// Payments leave for accounting.
    Export,
    /// The accountant says that a payment was taken on another day.
    Redate,
    SessionExpires,
    /// Another version of the app is on the device.
    App,
    /// The office goes back to a version that knows less, or is brought up to date.
    OfficeVersion,
    Revoke,
    Backup,
    /// A stored record is gone, or another text.
    Spoil,
    /// The office comes back from its last backup.
    Restore,
}

impl Plan {
    /// Nothing goes wrong, and nobody records.
    pub fn calm(defect: Option<Defect>) -> Self {
        Self {
            defect,
            dead_handle: 0,
            abort: 0,
            drop_request: 0,
            drop_response: 0,
            duplicate: 0,
            truncate: 0,
            portal: 0,
            latency_ms: 200,
            office_crash: 0,
            thinking: false,
            incident_every_ms: 0,
            incidents: Vec::new(),
        }
    }

    /// Draws a plan.
    pub fn draw(world: &World, defect: Option<Defect>) -> Self {
        use Incident::{
            App, Backup, Clock, Clone, Eviction, Export, Kill, Network, OfficeVersion, PowerCut,
            Quota, Reassign, Redate, Restore, Revoke, Scope, SecondTab, SessionExpires, Spoil,
            Statement, UndoStatement,
        };
        let mut incidents = vec![Kill, Kill, PowerCut, Network, Network, Statement, Export];
        // Rare ones come in some worlds only, so that the others show what their absence does.
        for rare in [
            SecondTab,
            Clock,
            Quota,
            Reassign,
            Scope,
            SessionExpires,
            App,
            OfficeVersion,
            Backup,
            Redate,
            UndoStatement,
        ] {
            if world.happens(500) {
                incidents.push(rare);
            }
        }
        for rarer in [Eviction, Clone, Revoke, Spoil] {
            if world.happens(150) {
                incidents.push(rarer);
            }
        }
        if world.happens(200) {
            incidents.extend([Backup, Restore]);
        }
        let wild = [0, 5, 30, 150];
        let draw = || *world.pick(&wild);
        Self {
            defect,
            dead_handle: draw() / 5,
            abort: draw() / 5,
            drop_request: draw(),
            drop_response: draw(),
            duplicate: draw(),
            truncate: draw(),
            portal: draw() / 3,
            latency_ms: *world.pick(&[50, 400, 5_000, 40_000]),
            office_crash: draw() / 5,
            thinking: true,
            incident_every_ms: *world.pick(&[120_000, 900_000, 7_200_000]),
            incidents,
        }
    }
}
