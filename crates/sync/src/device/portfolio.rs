//! Every client's summary in memory: the office's, and on top of them the ones that own pending facts changed.

use std::collections::HashMap;
use std::sync::Arc;
use tournee_domain::ClientCode;
use tournee_domain::fold::fold;
use tournee_domain::order;
use tournee_domain::summary::Summary;

/// Summaries in one stored chunk, about: opening reads few, large values (DESIGN §2).
const SUMMARIES_PER_CHUNK: usize = 250;
/// A portfolio that has grown so many times beyond its chunks gets new ones.
const GROWTH_MAX: usize = 4;

/// The summaries of one generation of records.
#[derive(Default)]
pub struct Portfolio {
    office: HashMap<ClientCode, Arc<Summary>>,
    own: HashMap<ClientCode, Arc<Summary>>,
    /// By folded name, then code.
    order: Vec<ClientCode>,
    chunks: u32,
}

impl Portfolio {
    /// Reads the stored chunks.
    ///
    /// # Errors
    /// What serde says of a chunk that is no list of summaries.
    pub fn read(chunks: &[String]) -> Result<Self, serde_json::Error> {
        let mut summaries = Vec::new();
        for chunk in chunks {
            summaries.append(&mut Summary::read_list(chunk)?);
        }
        Ok(Self {
            chunks: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
            ..Self::of(summaries)
        })
    }

    /// A complete snapshot, in as many chunks as suit its size.
    pub fn of(summaries: Vec<Summary>) -> Self {
        let chunks = chunks_for(summaries.len());
        let mut portfolio = Self {
            office: summaries
                .into_iter()
                .map(|summary| (summary.code.clone(), Arc::new(summary)))
                .collect(),
            chunks,
            ..Self::default()
        };
        portfolio.sort();
        portfolio
    }

    fn sort(&mut self) {
        let name =
            |(code, summary): (&ClientCode, &Arc<Summary>)| (fold(&summary.name), code.clone());
        let mut named: Vec<(String, ClientCode)> = self.office.iter().map(name).collect();
        order::sort_by(&mut named, Ord::cmp);
        self.order = named.into_iter().map(|(_, code)| code).collect();
    }

    /// What the office says changed; `None` erases a client. True when all chunks are to be stored again.
    pub fn update(&mut self, changes: Vec<(ClientCode, Option<Summary>)>) -> bool {
        let mut order_changed = false;
        for (code, summary) in changes {
            let name = |summary: &Summary| summary.name.clone();
            let before = self.office.get(&code).map(|summary| name(summary));
            order_changed |= before != summary.as_ref().map(name);
            match summary {
                Some(summary) => self.office.insert(code, Arc::new(summary)),
                None => self.office.remove(&code),
            };
        }
        if order_changed {
            self.sort();
        }
        let wanted = chunks_for(self.office.len() / GROWTH_MAX);
        let grown = wanted > self.chunks;
        if grown {
            self.chunks = chunks_for(self.office.len());
        }
        grown
    }

    /// Puts what own pending facts make of some clients in place of what they made before.
    pub fn set_own(&mut self, own: HashMap<ClientCode, Arc<Summary>>) {
        self.own = own;
    }

    /// What own pending facts make of one client.
    pub fn set_own_of(&mut self, code: ClientCode, summary: Summary) {
        self.own.insert(code, Arc::new(summary));
    }

    /// What the screens list.
    pub fn shown(&self) -> Vec<Arc<Summary>> {
        let of = |code| {
            self.own
                .get(code)
                .or_else(|| self.office.get(code))
                .cloned()
        };
        self.order.iter().filter_map(of).collect()
    }

    /// In how many chunks the summaries lie; 0 before there are any.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// The chunks that hold these clients, to be stored again; all of them when `codes` is `None`.
    ///
    /// # Panics
    /// Never: summaries serialise.
    pub fn chunk_texts(&self, codes: Option<&[ClientCode]>) -> Vec<(u32, String)> {
        let wanted = match codes {
            Some(codes) => order::set_of(codes.iter().map(|code| self.chunk_of(code))),
            None => order::set_of(0..self.chunks),
        };
        let mut lists: HashMap<u32, Vec<&Summary>> =
            wanted.iter().map(|chunk| (*chunk, Vec::new())).collect();
        for (code, summary) in &self.office {
            if let Some(list) = lists.get_mut(&self.chunk_of(code)) {
                list.push(summary);
            }
        }
        lists
            .into_iter()
            .map(|(chunk, list)| {
                let text = serde_json::to_string(&list).expect("summaries serialise");
                (chunk, text)
            })
            .collect()
    }

    /// FNV-1a of the code: a client stays in its chunk for as long as the generation lives.
    fn chunk_of(&self, code: &ClientCode) -> u32 {
        let hash = code.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        hash % self.chunks.max(1)
    }
}

fn chunks_for(summaries: usize) -> u32 {
    let chunks = summaries.div_ceil(SUMMARIES_PER_CHUNK).max(1);
    u32::try_from(chunks).unwrap_or(u32::MAX)
}
