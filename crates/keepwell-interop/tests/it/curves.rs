//! Curves of trainings that never were: healthy ones of many shapes, and the same with a fault.

use keepwell_interop::tensorboard::{Point, RunStatus};
use keepwell_interop::training::{Line, Role, Training};
use keepwell_testkit::random::Random;

use crate::logs::BEGUN;

/// A fault, by the judgement that should find it.
pub(crate) const FAULTS: [&str; 10] = [
    "diverged",
    "exploding_gradient",
    "learning_rate_mismatch",
    "loss_spike",
    "non_finite",
    "overfitting",
    "plateau",
    "stalled",
    "throughput_drop",
    "vanishing_gradient",
];

fn between(random: &mut Random, least: f64, greatest: f64) -> f64 {
    least + (greatest - least) * random.uniform()
}

/// What a training is like.
struct Shape {
    n_points: usize,
    stride: i64,
    seconds: f64,
    start: f64,
    end: f64,
    /// Share of the run in which most of the gain is made.
    pace: f64,
    is_power: bool,
    noise: f64,
    is_heavy: bool,
    rate: f64,
}

impl Shape {
    fn draw(random: &mut Random) -> Self {
        let start = between(random, 0.5, 12.0);
        Self {
            n_points: (10_f64).powf(between(random, 1.8, 3.6)) as usize,
            stride: [1, 10, 50, 100][random.below(4)],
            seconds: (10_f64).powf(between(random, -1.0, 1.5)),
            start,
            end: start * between(random, 0.05, 0.7),
            pace: between(random, 0.05, 0.5),
            is_power: random.bernoulli(0.5),
            noise: (10_f64).powf(between(random, -3.0, -0.8)),
            is_heavy: random.bernoulli(0.2),
            rate: (10_f64).powf(between(random, -5.0, -1.0)),
        }
    }

    /// The loss at a share of the run, without noise.
    fn loss(&self, share: f64) -> f64 {
        let left = if self.is_power {
            (1.0 + share / self.pace * 5.0).powf(-1.2)
        } else {
            (-share / self.pace).exp()
        };
        self.end + (self.start - self.end) * left
    }

    fn draw_noise(&self, random: &mut Random) -> f64 {
        let normal = random.normal();
        if !self.is_heavy {
            return self.noise * normal;
        }
        // Student's distribution with four degrees of freedom, its ends cut off at twelve.
        let squares: f64 = (0..4).map(|_| random.normal().powi(2)).sum();
        self.noise * (normal / (squares / 4.0).sqrt()).clamp(-12.0, 12.0)
    }
}

/// A training with a fault, or none where `fault` is empty.
pub(crate) fn training(random: &mut Random, fault: &str) -> Training {
    let shape = Shape::draw(random);
    let times = times(random, &shape, fault == "throughput_drop");
    let at = |idx: usize, value: f64| Point {
        step: idx as i64 * shape.stride,
        wall_time: times[idx],
        value,
    };
    let share = |idx: usize| idx as f64 / shape.n_points as f64;
    let indices = || 0..shape.n_points;

    let mut loss: Vec<Point> = indices()
        .map(|idx| {
            at(
                idx,
                shape.loss(share(idx)) * (1.0 + shape.draw_noise(random)),
            )
        })
        .collect();
    break_loss(random, &shape, fault, &mut loss);
    let norms = indices().map(|idx| {
        let broken = match fault {
            "exploding_gradient" => (10_f64).powf(10.0 * (share(idx) - 0.6).max(0.0)),
            "vanishing_gradient" => (10_f64).powf(-14.0 * (share(idx) - 0.4).max(0.0)),
            _ => 1.0,
        };
        let spread = (0.4 * random.normal()).exp();
        at(
            idx,
            2.0 * (shape.loss(share(idx)) / shape.start).powf(0.8) * spread * broken,
        )
    });
    let norms = norms.collect();
    let rates = rates(random, &shape, fault == "learning_rate_mismatch");
    let rates = indices().map(|idx| at(idx, rates[idx])).collect();
    let validation = validation(random, &shape, &times, fault == "overfitting");
    let mut silence = between(random, 0.0, 60.0);
    if fault == "stalled" {
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
        silence = 5.0 * gaps.fold(0.0, f64::max) + 600.0;
    }
    let line = |name: &str, role, points| Line {
        name: name.to_owned(),
        role,
        points,
    };
    Training {
        name: ".".to_owned(),
        lines: vec![
            line("train/grad_norm", Role::GradientNorm, norms),
            line("train/learning_rate", Role::LearningRate, rates),
            line("train/loss", Role::TrainingLoss, loss),
            line("validation/loss", Role::ValidationLoss, validation),
        ],
        hparams: [("lr".to_owned(), shape.rate)].into(),
        status: RunStatus::Running,
        now: times.last().map(|last| last + silence),
    }
}

/// Learning rates with a warm-up, and often a decay.
fn rates(random: &mut Random, shape: &Shape, is_wrong: bool) -> Vec<f64> {
    let factor = if is_wrong {
        [0.1, 0.5, 2.0, 10.0][random.below(4)]
    } else {
        1.0
    };
    let warm_up = between(random, 0.0, 0.2);
    let has_decay = random.bernoulli(0.6);
    let rate = |idx: usize| {
        let share = idx as f64 / shape.n_points as f64;
        let rising = if share < warm_up {
            share / warm_up
        } else {
            1.0
        };
        let falling = if has_decay && share > warm_up {
            0.5 + 0.5 * ((share - warm_up) / (1.0 - warm_up) * std::f64::consts::PI).cos()
        } else {
            1.0
        };
        shape.rate * factor * rising * falling
    };
    (0..shape.n_points).map(rate).collect()
}

/// Times with jitter and with pauses, in which a validation runs.
fn times(random: &mut Random, shape: &Shape, gets_slow: bool) -> Vec<f64> {
    let (pause_every, pause) = (20 + random.below(200), between(random, 1.0, 50.0));
    let slow_from = between(random, 0.4, 0.7);
    let slower = between(random, 2.0, 5.0);
    let mut now = BEGUN;
    (0..shape.n_points)
        .map(|idx| {
            let is_slow = gets_slow && idx as f64 / shape.n_points as f64 > slow_from;
            let factor = if is_slow { slower } else { 1.0 };
            now += shape.seconds * factor * (0.15 * random.normal()).exp();
            if idx % pause_every == 0 {
                now += shape.seconds * pause;
            }
            now
        })
        .collect()
}

fn break_loss(random: &mut Random, shape: &Shape, fault: &str, loss: &mut [Point]) {
    let n_points = loss.len();
    let from = (between(random, 0.4, 0.75) * n_points as f64) as usize;
    match fault {
        "diverged" => {
            let height = shape.start * between(random, 0.8, 5.0);
            for (idx, point) in loss.iter_mut().enumerate().skip(from) {
                let risen = (idx - from) as f64 / (n_points - from) as f64;
                point.value += height * (risen * 4.0).min(1.0);
            }
        }
        "loss_spike" => {
            let height = between(random, 2.0, 10.0).max(1.0 + 16.0 * shape.noise);
            let length = 2 + random.below(8);
            for (idx, point) in loss.iter_mut().enumerate().skip(from).take(length) {
                point.value *= 1.0 + (height - 1.0) * (-((idx - from) as f64) / 3.0).exp();
            }
        }
        "non_finite" => {
            for point in &mut loss[from..] {
                point.value = f64::NAN;
            }
        }
        "plateau" => {
            for point in loss {
                let noise = shape.draw_noise(random);
                point.value = shape.start * (1.0 + noise);
            }
        }
        _ => {}
    }
}

fn validation(random: &mut Random, shape: &Shape, times: &[f64], overfits: bool) -> Vec<Point> {
    let n_points = (8 + random.below(60)).min(shape.n_points);
    let noise = shape.noise * between(random, 0.05, 0.5);
    let gap = between(random, 1.0, 1.3);
    let rises_from = between(random, 0.3, 0.6);
    let rise = between(random, 0.4, 2.0) + 10.0 * noise;
    (1..=n_points)
        .map(|idx| {
            let place = idx * shape.n_points / n_points - 1;
            let share = place as f64 / shape.n_points as f64;
            let level = gap * shape.loss(share) * (1.0 + noise * random.normal());
            let broken = if overfits {
                1.0 + rise * (share - rises_from).max(0.0) / 0.4
            } else {
                1.0
            };
            Point {
                step: place as i64 * shape.stride,
                wall_time: times[place],
                value: level * broken,
            }
        })
        .collect()
}
