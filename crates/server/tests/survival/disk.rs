//! A disk that forgets what nobody flushed: from a trace, the folder as it may lie there if the power goes at any moment.
//!
//! A write is safe once a flush of its file, begun after the write ended, has ended; a name is safe once its folder was
//! flushed likewise. POSIX promises no more, so the model keeps no more, unless chance lets it.

use crate::trace::{Call, Event};
use rand::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Disks write sectors whole.
const SECTOR_BYTES: usize = 512;

/// Index of the write-ahead log: shared memory that SQLite computes anew.
fn is_shared_memory(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

type Inode = usize;

/// A change, and the moments between which chance decides whether it is there.
struct Change<T> {
    what: T,
    began: usize,
    safe: usize,
}

enum Name {
    Add(PathBuf, Inode),
    Move(PathBuf, PathBuf),
    Remove(PathBuf),
}

enum Content {
    Write {
        inode: Inode,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        inode: Inode,
        length: usize,
    },
}

/// What happened to one folder.
pub struct Disk {
    root: PathBuf,
    /// As they were before the trace began. Folders have no bytes.
    before: BTreeMap<PathBuf, (Inode, Option<Vec<u8>>)>,
    folders: BTreeSet<Inode>,
    names: Vec<Change<Name>>,
    contents: Vec<Change<Content>>,
}

impl Disk {
    /// The folder as it lies there now, before anything is traced: all of it is safe.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            before: BTreeMap::new(),
            folders: BTreeSet::new(),
            names: Vec::new(),
            contents: Vec::new(),
        };
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            disk.put(&folder, None);
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    disk.put(&path, Some(bytes));
                }
            }
        }
        disk
    }

    fn put(&mut self, path: &Path, bytes: Option<Vec<u8>>) {
        let inode = self.before.len();
        if bytes.is_none() {
            self.folders.insert(inode);
        }
        self.before.insert(path.to_owned(), (inode, bytes));
    }

    /// Follows what was done to the folder.
    pub fn follow(mut self, events: &[Event]) -> Self {
        let mut named: BTreeMap<PathBuf, Inode> = self
            .before
            .iter()
            .map(|(path, (inode, _))| (path.clone(), *inode))
            .collect();
        let mut next = named.len();
        let mut positions: BTreeMap<Inode, usize> = BTreeMap::new();
        let syncs: Vec<(&Path, usize, usize)> = events
            .iter()
            .filter_map(|event| match &event.call {
                Call::Sync { path } => Some((path.as_path(), event.began, event.ended)),
                _ => None,
            })
            .collect();
        let safe = |path: &Path, ended: usize| {
            let after = |sync: &&(&Path, usize, usize)| sync.0 == path && sync.1 > ended;
            syncs.iter().find(after).map_or(usize::MAX, |sync| sync.2)
        };
        for event in events {
            let began = event.began;
            let name = |what: Name, path: &Path| Change {
                what,
                began,
                safe: safe(path.parent().unwrap(), event.ended),
            };
            match &event.call {
                Call::Open { path, empty } if self.is_inside(path) => {
                    if let Some(&inode) = named.get(path) {
                        positions.insert(inode, 0);
                        if *empty {
                            self.contents.push(Change {
                                what: Content::Truncate { inode, length: 0 },
                                began,
                                safe: safe(path, event.ended),
                            });
                        }
                    } else {
                        named.insert(path.clone(), next);
                        self.names.push(name(Name::Add(path.clone(), next), path));
                        next += 1;
                    }
                }
                Call::MakeFolder { path } if self.is_inside(path) => {
                    named.insert(path.clone(), next);
                    self.folders.insert(next);
                    self.names.push(name(Name::Add(path.clone(), next), path));
                    next += 1;
                }
                Call::Write {
                    path,
                    offset,
                    bytes,
                } if self.is_inside(path) => {
                    let inode = named[path];
                    let position = positions.entry(inode).or_default();
                    let offset =
                        offset.map_or(*position, |offset| usize::try_from(offset).unwrap());
                    *position = offset + bytes.len();
                    self.contents.push(Change {
                        what: Content::Write {
                            inode,
                            offset,
                            bytes: bytes.clone(),
                        },
                        began,
                        safe: safe(path, event.ended),
                    });
                }
                Call::Truncate { path, length } if self.is_inside(path) => {
                    self.contents.push(Change {
                        what: Content::Truncate {
                            inode: named[path],
                            length: usize::try_from(*length).unwrap(),
                        },
                        began,
                        safe: safe(path, event.ended),
                    });
                }
                Call::Rename { from, to } if self.is_inside(from) => {
                    let inode = named.remove(from).unwrap();
                    named.insert(to.clone(), inode);
                    self.names
                        .push(name(Name::Move(from.clone(), to.clone()), to));
                }
                Call::Link { from, to } if self.is_inside(from) => {
                    let inode = named[from];
                    named.insert(to.clone(), inode);
                    self.names.push(name(Name::Add(to.clone(), inode), to));
                }
                Call::Remove { path } if self.is_inside(path) => {
                    named.remove(path);
                    self.names.push(name(Name::Remove(path.clone()), path));
                }
                _ => {}
            }
        }
        self
    }

    fn is_inside(&self, path: &Path) -> bool {
        path.starts_with(&self.root) && !is_shared_memory(path)
    }

    /// Whether some write that holds these bytes was safe at that moment.
    pub fn holds(&self, needle: &[u8], moment: usize) -> bool {
        self.contents.iter().any(|change| {
            let Content::Write { bytes, .. } = &change.what else {
                return false;
            };
            change.safe <= moment && bytes.windows(needle.len()).any(|window| window == needle)
        })
    }

    /// How many changes had begun at that moment and were not safe yet.
    pub fn unsafe_at(&self, moment: usize) -> usize {
        let names = self.names.iter().map(|change| (change.began, change.safe));
        let contents = self
            .contents
            .iter()
            .map(|change| (change.began, change.safe));
        names
            .chain(contents)
            .filter(|&(began, safe)| began < moment && safe > moment)
            .count()
    }

    /// The folder if the power went at that moment. What was safe is there. With `chance`, some of the rest is too: each
    /// name, each sector, for itself.
    pub fn after_power_cut(
        &self,
        moment: usize,
        mut chance: Option<&mut dyn rand::RngCore>,
        to: &Path,
    ) {
        let mut stays = |began: usize, safe: usize| {
            safe <= moment
                || (began < moment && chance.as_mut().is_some_and(|chance| chance.gen_bool(0.5)))
        };
        let mut named: BTreeMap<&Path, Inode> = self
            .before
            .iter()
            .map(|(path, (inode, _))| (path.as_path(), *inode))
            .collect();
        for change in &self.names {
            if !stays(change.began, change.safe) {
                continue;
            }
            match &change.what {
                Name::Add(path, inode) => {
                    named.insert(path, *inode);
                }
                Name::Move(from, to) => {
                    // Its first name may have been lost, where this one was flushed: then it is the file all the same.
                    let inode = named.remove(from.as_path()).or_else(|| self.first(from));
                    named.extend(inode.map(|inode| (to.as_path(), inode)));
                }
                Name::Remove(path) => {
                    named.remove(path.as_path());
                }
            }
        }
        let mut files: BTreeMap<Inode, Vec<u8>> = self
            .before
            .values()
            .filter_map(|(inode, bytes)| Some((*inode, bytes.clone()?)))
            .collect();
        for change in &self.contents {
            match &change.what {
                Content::Truncate { inode, length } => {
                    if stays(change.began, change.safe) {
                        files.entry(*inode).or_default().resize(*length, 0);
                    }
                }
                Content::Write {
                    inode,
                    offset,
                    bytes,
                } => {
                    let mut at = *offset;
                    let mut rest = bytes.as_slice();
                    while !rest.is_empty() {
                        let sector = (SECTOR_BYTES - at % SECTOR_BYTES).min(rest.len());
                        if stays(change.began, change.safe) {
                            let file = files.entry(*inode).or_default();
                            file.resize(file.len().max(at + sector), 0);
                            file[at..at + sector].copy_from_slice(&rest[..sector]);
                        }
                        at += sector;
                        rest = &rest[sector..];
                    }
                }
            }
        }
        self.write(&named, &files, to);
    }

    fn first(&self, path: &Path) -> Option<Inode> {
        let added = |change: &Change<Name>| match &change.what {
            Name::Add(added, inode) if added == path => Some(*inode),
            _ => None,
        };
        self.names.iter().rev().find_map(added)
    }

    fn write(&self, named: &BTreeMap<&Path, Inode>, files: &BTreeMap<Inode, Vec<u8>>, to: &Path) {
        let place = |path: &Path| to.join(path.strip_prefix(&self.root).unwrap());
        // Parents come before what lies in them; what lies in a folder that was lost is lost.
        for (path, inode) in named {
            let place = place(path);
            if self.folders.contains(inode) {
                let _ = std::fs::create_dir(&place);
            } else if place.parent().unwrap().is_dir() && !is_shared_memory(path) {
                let empty = Vec::new();
                std::fs::write(&place, files.get(inode).unwrap_or(&empty)).unwrap();
            }
        }
    }
}
