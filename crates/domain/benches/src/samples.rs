//! How long something takes, sampled by criterion.

use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Samples of each figure; criterion takes no fewer than ten.
const SAMPLES: usize = 20;
const WARM_UP: Duration = Duration::from_millis(300);
const MEASURED: Duration = Duration::from_secs(2);
/// The one group of figures, which is a folder of criterion's.
const GROUP: &str = "reports";

/// One figure, in microseconds by sample.
pub struct Row {
    pub what: &'static str,
    pub micros: Vec<f64>,
    pub budget_micros: Option<f64>,
}

impl Row {
    pub fn median(&self) -> f64 {
        let mut sorted = self.micros.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    pub fn is_good(&self) -> bool {
        self.budget_micros
            .is_none_or(|budget| self.median() <= budget)
    }
}

/// Takes samples, and reads them back from where criterion keeps them.
pub struct Sampler {
    criterion: Criterion,
    folder: PathBuf,
}

impl Sampler {
    /// Keeps everything below `folder`.
    pub fn new(folder: &Path) -> Self {
        let criterion = Criterion::default()
            .output_directory(folder)
            .sample_size(SAMPLES)
            .warm_up_time(WARM_UP)
            .measurement_time(MEASURED);
        Self {
            criterion,
            folder: folder.to_owned(),
        }
    }

    /// What `run` takes.
    pub fn measure<T>(
        &mut self,
        what: &'static str,
        budget_micros: Option<f64>,
        mut run: impl FnMut() -> T,
    ) -> Row {
        self.measure_on(what, budget_micros, || (), |()| run())
    }

    /// What `run` takes, each time on what `prepare` makes, which does not count.
    pub fn measure_on<I, T>(
        &mut self,
        what: &'static str,
        budget_micros: Option<f64>,
        mut prepare: impl FnMut() -> I,
        mut run: impl FnMut(I) -> T,
    ) -> Row {
        let mut group = self.criterion.benchmark_group(GROUP);
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function(BenchmarkId::from_parameter(what), |bencher| {
            bencher.iter_batched(&mut prepare, &mut run, BatchSize::PerIteration);
        });
        group.finish();
        Row {
            what,
            micros: self.latest(what),
            budget_micros,
        }
    }

    /// The latest samples: of each, the time of one round.
    #[expect(
        clippy::float_arithmetic,
        reason = "criterion writes floats, and no money"
    )]
    fn latest(&self, what: &str) -> Vec<f64> {
        let file = self.folder.join(GROUP).join(what).join("new/sample.json");
        let text =
            std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let samples: Value = serde_json::from_slice(&text).unwrap();
        let numbers = |name: &str| {
            let all = samples[name].as_array().unwrap();
            all.iter().map(|number| number.as_f64().unwrap()).collect()
        };
        let (rounds, nanos): (Vec<f64>, Vec<f64>) = (numbers("iters"), numbers("times"));
        let of_one = |(nanos, rounds): (f64, f64)| nanos / rounds / 1_000.0;
        nanos.into_iter().zip(rounds).map(of_one).collect()
    }
}
