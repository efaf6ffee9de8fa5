//! One world from its beginning to its healing: an office, a few machines, and a director who makes things go wrong.

use crate::check::{Checker, Violation};
use crate::defect::Defect;
use crate::keys::{Keys, OfficeSigner};
use crate::office::Office;
use crate::people::Tab;
use crate::plan::{Incident, Plan};
use crate::ports::{AppVersion, Machine};
use crate::seen::Seen;
use crate::storage::Disk;
use crate::vault::{Beginning, Vault};
use crate::world::{Owner, World};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::rc::Rc;
use tournee_domain::dossier::{Client, InvoiceKind};
use tournee_domain::id::PortfolioCode;
use tournee_domain::statement::{InvoiceRow, StatementRows};
use tournee_domain::{
    Amount, ClientCode, Currency, DeviceId, InvoiceNumber, OrganisationId, UserId,
};
use tournee_sync::enrol::{Organisation, Role, User};
use uuid::Uuid;

/// 2 November 2026, 08:00 in Niamey.
const START_MS: i64 = 1_793_602_800_000;
const HOUR_MS: i64 = 3_600_000;
/// How long a world goes wrong.
const TROUBLE_MS: i64 = 14 * HOUR_MS;
/// One seed in so many runs the office's real schema on SQLite.
pub const SQLITE_EVERY: u64 = 20;
/// A wild world goes wrong this often and then heals: more of the same shows less than another seed.
const INCIDENTS_MAX: u32 = 100;
/// How long everything may take to be right again, once nothing goes wrong any more.
const HEALING_MS: i64 = 3 * HOUR_MS;
const PORTFOLIOS: [&str; 3] = ["REC01", "REC02", "REC03"];

/// A device, with the tabs that are open on it.
pub struct Station {
    pub machine: Rc<Machine>,
    /// Owner numbers of its tabs; a number is never used twice.
    tabs: Vec<Owner>,
}

/// What a run gave.
pub struct Report {
    pub seed: u64,
    pub steps: u64,
    pub facts: u64,
    pub confirmed: u64,
    pub faults: BTreeMap<&'static str, u64>,
    pub log_hash: [u8; 32],
    /// What a checker found, with the last lines of the story.
    pub violation: Option<(Violation, Vec<String>)>,
}

/// A whole world.
pub struct Scenario {
    pub world: World,
    pub plan: Rc<Plan>,
    pub office: Rc<Office>,
    pub stations: Vec<Station>,
    pub seen: Rc<Seen>,
    pub users: Vec<User>,
    keys: Rc<Keys>,
    clients: Vec<ClientCode>,
    invoices: BTreeMap<ClientCode, u32>,
    next_owner: u32,
    /// Whose device was revoked: no copy of it enrols either, not even one that never had.
    pub revoked_installation: Option<Uuid>,
}

/// Runs a seed to its end.
pub fn run(seed: u64, defect: Option<Defect>, talkative: bool) -> Report {
    let world = World::new(seed, START_MS, talkative);
    let plan = Rc::new(Plan::draw(&world, defect));
    world.tell(|| format!("{plan:?}"));
    let mut scenario = Scenario::new(seed, &world, &plan);
    let mut checker = Checker::default();
    let violation = scenario
        .play(&mut checker)
        .err()
        .map(|violation| (violation, world.lines()));
    let facts = scenario.office.ledger().facts.len() as u64;
    let confirmed = scenario.seen.confirmed().len() as u64;
    world.end();
    Report {
        seed,
        steps: world.steps(),
        facts,
        confirmed,
        faults: world.faults(),
        log_hash: world.log_hash(),
        violation,
    }
}

impl Scenario {
    /// A world where nothing happens but what a script does; nobody opens a tab.
    #[cfg(test)]
    pub fn calm() -> Self {
        let world = World::new(1, START_MS, false);
        let mut scenario = Self::new(1, &world, &Rc::new(Plan::calm(None)));
        (0..scenario.stations.len()).for_each(|station| scenario.kill(station));
        scenario
    }

    fn new(seed: u64, world: &World, plan: &Rc<Plan>) -> Self {
        let keys = Rc::new(Keys::default());
        let public = world.with_random(|random| keys.make(random));
        let signer = OfficeSigner {
            keys: keys.clone(),
            public: public.clone(),
        };
        let own_device = DeviceId(Uuid::from_u128(world.chance()));
        let users: Vec<User> = people(world);
        let beginning = Beginning {
            settings: &organisation(),
            own_device,
            own_key: &public,
            users: &users,
        };
        // A planted defect is in memory's place.
        let on_sqlite = seed.is_multiple_of(SQLITE_EVERY) && plan.defect.is_none();
        let vault = match on_sqlite {
            true => Vault::on_sqlite(seed, &beginning),
            false => Vault::in_memory(&beginning),
        };
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a date");
        let office = Office::new(world, plan, &keys, signer, vault, first);
        let mut scenario = Self {
            world: world.clone(),
            plan: plan.clone(),
            office,
            stations: Vec::new(),
            seen: Rc::default(),
            users,
            keys,
            clients: (1..=world.below(12) + 3)
                .map(|n| ClientCode::new(&format!("C{n}")))
                .collect(),
            invoices: BTreeMap::new(),
            next_owner: 1,
            revoked_installation: None,
        };
        scenario.statement();
        for user in scenario.users.clone() {
            let installation = Uuid::from_u128(world.chance());
            let machine = Machine::new(installation, user.id, Disk::new(), &scenario.keys);
            scenario.add(machine);
        }
        scenario
    }

    fn add(&mut self, machine: Rc<Machine>) {
        self.stations.push(Station {
            machine,
            tabs: Vec::new(),
        });
        self.open_tab(self.stations.len() - 1);
    }

    fn open_tab(&mut self, station: usize) {
        let owner = Owner(self.next_owner);
        self.next_owner += 1;
        let station = &mut self.stations[station];
        station.tabs.push(owner);
        let tab = Tab {
            world: self.world.clone(),
            plan: self.plan.clone(),
            machine: station.machine.clone(),
            office: self.office.clone(),
            owner,
            seen: self.seen.clone(),
        };
        self.world.spawn(owner, tab.run());
    }

    fn kill(&mut self, station: usize) {
        for owner in self.stations[station].tabs.drain(..) {
            self.world.kill(owner);
        }
    }

    fn play(&mut self, checker: &mut Checker) -> Result<(), Violation> {
        let trouble_ends = START_MS + TROUBLE_MS;
        let mut incidents = 0;
        let mut next_incident = START_MS + i64::from(self.world.below(HOUR_MS as u32));
        while self.world.now_ms() < trouble_ends && incidents < INCIDENTS_MAX {
            let until = next_incident.min(trouble_ends);
            while self.world.step(until) {
                checker.after_step(self)?;
            }
            if self.world.now_ms() >= next_incident {
                incidents += 1;
                self.incident();
                checker.after_incident(self)?;
                let pause = self.world.below(2 * self.plan.incident_every_ms);
                next_incident = self.world.now_ms() + i64::from(pause);
            }
        }
        self.heal();
        let healed = self.world.now_ms() + HEALING_MS;
        while self.world.step(healed) {
            checker.after_step(self)?;
        }
        checker.at_the_end(self)
    }

    fn incident(&mut self) {
        let incident = *self.world.pick(&self.plan.incidents);
        let bound = u32::try_from(self.stations.len()).expect("few stations");
        let at = self.world.below(bound) as usize;
        self.world.tell(|| format!("{incident:?} at station {at}"));
        match incident {
            Incident::Kill => {
                self.world.fault("browser killed");
                self.kill(at);
                self.open_tab(at);
            }
            Incident::PowerCut => {
                self.world.fault("power cut");
                self.kill(at);
                self.stations[at].machine.disk.cut_power(&self.world);
                self.open_tab(at);
            }
            Incident::Network => {
                let online = &self.stations[at].machine.online;
                online.set(!online.get());
                self.world.fault("network gone or back");
            }
            Incident::SecondTab => self.second_tab(at),
            Incident::Clock => {
                let jumps = [-86_400_000, -3_600_000, 0, 420_000, 3 * 365 * 86_400_000];
                let off = *self.world.pick(&jumps);
                self.stations[at].machine.clock_off_ms.set(off);
                self.world.fault("clock jumped");
            }
            Incident::Quota => {
                let full = &self.stations[at].machine.disk.full;
                full.set(!full.get());
            }
            Incident::Eviction => self.evict(at),
            Incident::Clone => self.clone_profile(at),
            Incident::Reassign => self.reassign(),
            Incident::Scope => self.change_scope(),
            Incident::Statement => self.statement(),
            Incident::UndoStatement => self.office.undo_import(),
            Incident::Export => self.office.export(),
            Incident::Redate => self.office.redate(),
            Incident::SessionExpires => {
                self.world.fault("sessions expired");
                self.office.end_sessions();
            }
            Incident::App => {
                let versions = [AppVersion::Older, AppVersion::Same, AppVersion::Newer];
                let version = *self.world.pick(&versions);
                self.stations[at].machine.version.set(version);
                self.world.fault("another version of the app");
            }
            Incident::OfficeVersion => {
                let knows_less = &self.office.knows_less;
                knows_less.set(!knows_less.get());
                self.world.fault("another version of the office");
            }
            Incident::Revoke => self.revoke(at),
            Incident::Backup => self.office.back_up(),
            Incident::Spoil => self.spoil(at),
            Incident::Restore => self.restore(),
        }
    }

    fn second_tab(&mut self, at: usize) {
        if self.stations[at].tabs.len() < 2 {
            self.world.fault("second tab");
            self.open_tab(at);
        }
    }

    /// What only this browser had is gone; its user sees an empty sign-in.
    fn evict(&mut self, at: usize) {
        self.world.fault("site data cleared");
        self.kill(at);
        let machine = &self.stations[at].machine;
        machine.disk.wipe();
        machine.private_keys.borrow_mut().clear();
        machine.draft.borrow_mut().take();
        let former = machine.clone();
        let fresh = Machine::new(
            Uuid::from_u128(self.world.chance()),
            former.user,
            former.disk.clone(),
            &self.keys,
        );
        fresh.online.set(former.online.get());
        self.stations[at].machine = fresh;
        self.excuse_what_is_nowhere();
        self.open_tab(at);
    }

    /// A record of this device is not what the office gave any more.
    fn spoil(&self, at: usize) {
        let disk = &self.stations[at].machine.disk;
        let records = disk.content().records();
        if records.is_empty() {
            return;
        }
        self.world.fault("stored record spoiled");
        let (code, text) = self.world.pick(&records);
        let another = text.replace("Niamey", "Ailleurs");
        let (half, elsewhere) = (&text[..text.len() / 2], text.replace("REC0", "REC9"));
        let texts = [None, Some(&*another), Some(half), Some(&*elsewhere)];
        disk.spoil(code, *self.world.pick(&texts));
    }

    /// A copied profile keeps installation, keys and epoch (SYNC 1).
    fn clone_profile(&mut self, at: usize) {
        if self.stations.len() > 5 {
            return;
        }
        self.world.fault("profile copied");
        let copy = self.copied(&self.stations[at].machine);
        self.add(copy);
    }

    /// A second device with the same installation, keys and content.
    pub fn copied(&self, machine: &Machine) -> Rc<Machine> {
        let disk = machine.disk.copy();
        let copy = Machine::new(machine.installation, machine.user, disk, &self.keys);
        *copy.private_keys.borrow_mut() = machine.private_keys.borrow().clone();
        copy
    }

    fn revoke(&mut self, at: usize) {
        let device = self.stations[at].machine.device();
        // One at most, or nothing is left to see.
        if let Some(device) = device
            && !self.world.faults().contains_key("device revoked")
        {
            self.world.fault("device revoked");
            self.office.revoke(device);
            self.revoked_installation = Some(self.stations[at].machine.installation);
        }
    }

    fn restore(&mut self) {
        if self.office.restore() {
            self.world.fault("office restored from a backup");
            self.excuse_what_is_nowhere();
        }
    }

    /// What neither the office nor any device holds could not have been kept by anybody.
    fn excuse_what_is_nowhere(&self) {
        for confirmed in self.seen.confirmed().iter() {
            if !self.is_somewhere(confirmed.fact_id) {
                self.seen.excuse(confirmed.fact_id);
            }
        }
    }

    /// Whether a fact is on a device or at the office, if only set aside or waiting.
    pub fn is_somewhere(&self, id: tournee_domain::FactId) -> bool {
        self.is_at_the_office(id)
            || self
                .stations
                .iter()
                .any(|station| station.machine.disk.holds(id))
    }

    /// Whether the office has the fact: in its journal, staged or set aside.
    pub fn is_at_the_office(&self, id: tournee_domain::FactId) -> bool {
        self.office.ledger().holds(id)
    }

    fn reassign(&self) {
        let client = self.world.pick(&self.clients).clone();
        let portfolio = PortfolioCode::new(self.world.pick::<&str>(&PORTFOLIOS));
        self.world.fault("client reassigned");
        self.world.tell(|| format!("{client} goes to {portfolio}"));
        let rows = StatementRows {
            clients: vec![self.client(&client, Some(portfolio))],
            ..StatementRows::default()
        };
        self.office.import(rows);
    }

    fn change_scope(&self) {
        let collectors: Vec<&User> = self
            .users
            .iter()
            .filter(|user| user.role == Role::Collector)
            .collect();
        let user = self.world.pick(&collectors);
        let some = PORTFOLIOS.iter().filter(|_| self.world.happens(500));
        let portfolios: Vec<PortfolioCode> = some.map(|code| PortfolioCode::new(code)).collect();
        self.world.fault("portfolios changed");
        self.office.set_portfolios(user.id, &portfolios);
    }

    fn client(&self, code: &ClientCode, portfolio: Option<PortfolioCode>) -> Client {
        Client {
            city: "Niamey".to_owned(),
            portfolio,
            ..Client::new(code.clone(), format!("Client {code}"))
        }
    }

    /// Clients of the ledger, and an invoice more for some.
    fn statement(&mut self) {
        let date = self.office.statement_date.get();
        let mut rows = StatementRows::default();
        for (index, code) in self.clients.iter().enumerate() {
            let known = self.office.portfolio_of(code);
            let first = PortfolioCode::new(PORTFOLIOS[index % PORTFOLIOS.len()]);
            rows.clients
                .push(self.client(code, Some(known.unwrap_or(first))));
            if self.invoices.contains_key(code) && !self.world.happens(300) {
                continue;
            }
            let n = self.invoices.entry(code.clone()).or_default();
            *n += 1;
            let gross = Amount::from(i64::from(self.world.below(900) + 100) * 1_000);
            rows.invoices.push(InvoiceRow {
                number: InvoiceNumber::new(&format!("{code}-{n}")),
                kind: InvoiceKind::Invoice,
                client: code.clone(),
                activity: "Pièces".to_owned(),
                currency: Currency::XOF,
                invoice_date: date,
                due_date: date,
                net: gross,
                vat: Amount::ZERO,
                gross,
                settled: Amount::ZERO,
                purchase_order: String::new(),
                charges: false,
                slip: String::new(),
                discharged: None,
                instalments: Vec::new(),
                receipts: Vec::new(),
            });
        }
        self.office.import(rows);
    }

    /// Nothing goes wrong any more: everybody is online, restarts, and signs in where asked to.
    fn heal(&mut self) {
        self.world.tell(|| "the world heals".to_owned());
        let plan = Rc::new(Plan::calm(self.plan.defect));
        self.plan = plan;
        self.office.heal(&self.plan);
        for at in 0..self.stations.len() {
            self.kill(at);
            let machine = &self.stations[at].machine;
            machine.online.set(true);
            machine.version.set(AppVersion::Same);
            machine.clock_off_ms.set(0);
            machine.disk.full.set(false);
            self.open_tab(at);
        }
    }
}

fn organisation() -> Organisation {
    Organisation {
        id: OrganisationId(Uuid::from_u128(1)),
        name: "Sahel Équipements".to_owned(),
        address: String::new(),
        tax_id: String::new(),
        trade_register: String::new(),
        country: "NE".to_owned(),
        currency: Currency::XOF,
        time_zone: "Africa/Niamey".to_owned(),
        utc_offset_minutes: 60,
        rescue_key: None,
        rules: None,
    }
}

/// Two or three collectors and sometimes a manager.
fn people(world: &World) -> Vec<User> {
    let user = |n: u32, role, portfolios: &[&str]| User {
        id: UserId(Uuid::from_u128(u128::from(n) + 100)),
        login: format!("user{n}"),
        name: format!("User {n}"),
        role,
        portfolios: portfolios
            .iter()
            .map(|code| PortfolioCode::new(code))
            .collect(),
        agency: "NIA".to_owned(),
    };
    let mut people = vec![
        user(1, Role::Collector, &["REC01"]),
        user(2, Role::Collector, &["REC02", "REC03"]),
    ];
    if world.happens(500) {
        people.push(user(3, Role::Collector, &["REC01", "REC03"]));
    }
    if world.happens(500) {
        people.push(user(4, Role::Manager, &[]));
    }
    people
}
