//! Time, chance and tasks of one simulated world. One thread, no real clock: the same seed gives the same world.

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Lines of the story kept for the report of a failure.
const LINES_KEPT: usize = 60;

/// A running piece of a program; it ends with its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

/// What runs a task: everything of an owner dies at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub u32);

struct Task {
    owner: Owner,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

/// A handle to the world; clones are the same world.
#[derive(Clone)]
pub struct World(Rc<Inner>);

struct Inner {
    rng: RefCell<ChaCha8Rng>,
    now_ms: Cell<i64>,
    next: Cell<u64>,
    wakes: RefCell<BinaryHeap<Reverse<(i64, u64, TaskId)>>>,
    tasks: RefCell<BTreeMap<TaskId, Task>>,
    polling: Cell<TaskId>,
    steps: Cell<u64>,
    changes: Cell<u64>,
    log: RefCell<Sha256>,
    lines: RefCell<VecDeque<String>>,
    faults: RefCell<BTreeMap<&'static str, u64>>,
    talkative: bool,
}

impl World {
    /// A world of its own for each seed, at the given time in milliseconds since 1970.
    pub fn new(seed: u64, now_ms: i64, talkative: bool) -> Self {
        Self(Rc::new(Inner {
            rng: RefCell::new(ChaCha8Rng::seed_from_u64(seed)),
            now_ms: Cell::new(now_ms),
            next: Cell::new(0),
            wakes: RefCell::default(),
            tasks: RefCell::default(),
            polling: Cell::new(TaskId(0)),
            steps: Cell::new(0),
            changes: Cell::new(1),
            log: RefCell::new(Sha256::new()),
            lines: RefCell::default(),
            faults: RefCell::default(),
            talkative,
        }))
    }

    /// True time, which no device sees.
    pub fn now_ms(&self) -> i64 {
        self.0.now_ms.get()
    }

    /// How many times something happened.
    pub fn steps(&self) -> u64 {
        self.0.steps.get()
    }

    /// Something durable changed, at the office or on a disk.
    pub fn changed(&self) {
        self.0.changes.set(self.0.changes.get() + 1);
    }

    /// How often that was.
    pub fn changes(&self) -> u64 {
        self.0.changes.get()
    }

    /// True once in so many thousand times.
    pub fn happens(&self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// A number below `bound`, which is at least 1.
    pub fn below(&self, bound: u32) -> u32 {
        self.0.rng.borrow_mut().gen_range(0..bound.max(1))
    }

    /// One of several, each as likely.
    pub fn pick<'a, T>(&self, choices: &'a [T]) -> &'a T {
        let bound = u32::try_from(choices.len()).expect("few choices");
        &choices[self.below(bound) as usize]
    }

    /// 16 bytes of chance, for ids.
    pub fn chance(&self) -> u128 {
        self.0.rng.borrow_mut().r#gen()
    }

    /// Lends the source of chance.
    pub fn with_random<T>(&self, use_it: impl FnOnce(&mut ChaCha8Rng) -> T) -> T {
        use_it(&mut self.0.rng.borrow_mut())
    }

    /// Notes something that happened: it enters the hash by which two runs of a seed are compared.
    pub fn tell(&self, line: impl FnOnce() -> String) {
        let line = format!("{:>9} {}", self.since_start(), line());
        let mut log = self.0.log.borrow_mut();
        log.update(line.as_bytes());
        log.update([0]);
        if self.0.talkative {
            println!("{line}");
        }
        let mut lines = self.0.lines.borrow_mut();
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn since_start(&self) -> u64 {
        self.0.steps.get()
    }

    /// Notes a fault by its kind.
    pub fn fault(&self, kind: &'static str) {
        *self.0.faults.borrow_mut().entry(kind).or_default() += 1;
        self.tell(|| format!("fault: {kind}"));
    }

    /// Faults so far, by kind.
    pub fn faults(&self) -> BTreeMap<&'static str, u64> {
        self.0.faults.borrow().clone()
    }

    /// The last lines of the story.
    pub fn lines(&self) -> Vec<String> {
        self.0.lines.borrow().iter().cloned().collect()
    }

    /// Of everything told so far.
    pub fn log_hash(&self) -> [u8; 32] {
        self.0.log.borrow().clone().finalize().into()
    }

    fn number(&self) -> u64 {
        let next = self.0.next.get() + 1;
        self.0.next.set(next);
        next
    }

    /// Starts a task at once; it runs when [`World::step`] comes to it.
    pub fn spawn(&self, owner: Owner, future: impl Future<Output = ()> + 'static) -> TaskId {
        let id = TaskId(self.number());
        let task = Task {
            owner,
            future: Box::pin(future),
        };
        self.0.tasks.borrow_mut().insert(id, task);
        self.wake_at(self.now_ms(), id);
        id
    }

    fn wake_at(&self, at_ms: i64, task: TaskId) {
        let order = self.number();
        self.0
            .wakes
            .borrow_mut()
            .push(Reverse((at_ms, order, task)));
    }

    /// Ends everything of an owner where it stands, as a killed process does.
    pub fn kill(&self, owner: Owner) {
        let mut tasks = self.0.tasks.borrow_mut();
        let dead: Vec<TaskId> = tasks
            .iter()
            .filter(|(_, task)| task.owner == owner)
            .map(|(id, _)| *id)
            .collect();
        let dead: Vec<Task> = dead.iter().filter_map(|id| tasks.remove(id)).collect();
        drop(tasks);
        // Their locks are released while they are dropped.
        drop(dead);
    }

    /// Ends every task: they hold the world that holds them, which would never go.
    pub fn end(&self) {
        let tasks = std::mem::take(&mut *self.0.tasks.borrow_mut());
        drop(tasks);
    }

    /// Lets some time pass for the task that waits.
    pub fn wait(&self, ms: u32) -> Wait {
        Wait {
            world: self.clone(),
            ms,
            until_ms: None,
        }
    }

    /// Lets a random time below `ms` pass.
    pub fn wait_below(&self, ms: u32) -> Wait {
        self.wait(self.below(ms))
    }

    /// Runs the next piece of whichever task is due first; false when nothing is left to do before `until_ms`.
    pub fn step(&self, until_ms: i64) -> bool {
        let due = {
            let mut wakes = self.0.wakes.borrow_mut();
            match wakes.peek() {
                Some(Reverse((at_ms, _, _))) if *at_ms <= until_ms => wakes.pop(),
                _ => None,
            }
        };
        let Some(Reverse((at_ms, _, id))) = due else {
            self.0.now_ms.set(until_ms.max(self.now_ms()));
            return false;
        };
        self.0.now_ms.set(at_ms.max(self.now_ms()));
        let task = self.0.tasks.borrow_mut().remove(&id);
        // Killed meanwhile.
        let Some(mut task) = task else { return true };
        self.0.steps.set(self.steps() + 1);
        self.0.polling.set(id);
        let mut context = Context::from_waker(Waker::noop());
        if task.future.as_mut().poll(&mut context).is_pending() {
            self.0.tasks.borrow_mut().insert(id, task);
        }
        true
    }
}

/// Until the time has passed.
pub struct Wait {
    world: World,
    ms: u32,
    /// Once it was asked for; a task that waits for two things is woken for either.
    until_ms: Option<i64>,
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if let Some(until_ms) = self.until_ms {
            return match self.world.now_ms() >= until_ms {
                true => Poll::Ready(()),
                false => Poll::Pending,
            };
        }
        let at_ms = self.world.now_ms() + i64::from(self.ms);
        self.until_ms = Some(at_ms);
        self.world.wake_at(at_ms, self.world.0.polling.get());
        Poll::Pending
    }
}
