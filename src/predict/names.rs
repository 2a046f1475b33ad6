//! Likeness of names: cosine of the weighted character sequences that they share (tf-idf; Salton and Buckley 1988).

use std::collections::BTreeMap;

/// Lengths of the sequences.
const SEQUENCES: std::ops::RangeInclusive<usize> = 3..=5;

/// A name as its character sequences.
#[derive(Clone, Debug, Default)]
pub(super) struct Grams(BTreeMap<String, f64>);

/// How rare each sequence is among names, as a logarithm.
#[derive(Clone, Debug, Default)]
pub(super) struct Rarity {
    names: f64,
    holders: BTreeMap<String, f64>,
}

/// The sequences of each word of `name`, a space at either end; words part at anything but letters and digits.
fn sequences(name: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        let letters: Vec<char> = format!(" {} ", word.to_lowercase()).chars().collect();
        for length in SEQUENCES {
            for window in letters.windows(length) {
                *found.entry(window.iter().collect()).or_default() += 1.0;
            }
        }
    }
    found
}

impl Rarity {
    /// Over all of `names`.
    pub fn of<'n>(names: impl Iterator<Item = &'n str>) -> Rarity {
        let mut rarity = Rarity::default();
        for name in names {
            rarity.names += 1.0;
            for sequence in sequences(name).into_keys() {
                *rarity.holders.entry(sequence).or_default() += 1.0;
            }
        }
        rarity
    }

    /// `name` with each sequence weighted by how often it is in it and how rare it is elsewhere, of length 1.
    pub fn grams(&self, name: &str) -> Grams {
        let weight = |sequence: &str, count: f64| {
            let holders = self.holders.get(sequence).copied().unwrap_or_default();
            (1.0 + count.ln()) * (1.0 + ((1.0 + self.names) / (1.0 + holders)).ln())
        };
        let mut grams = sequences(name);
        for (sequence, count) in &mut grams {
            *count = weight(sequence, *count);
        }
        let length = grams.values().map(|value| value * value).sum::<f64>().sqrt();
        grams.values_mut().for_each(|value| *value /= length);
        Grams(grams)
    }
}

impl Grams {
    /// From 0, nothing shared, to 1, the same.
    pub fn likeness(&self, other: &Grams) -> f64 {
        let shared = self
            .0
            .iter()
            .filter_map(|(sequence, weight)| Some(weight * other.0.get(sequence)?));
        shared.sum::<f64>().clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_word_makes_names_more_alike_than_a_common_one() {
        let names = ["samtools sort", "samtools index", "picard sort", "fastqc"];
        let rarity = Rarity::of(names.into_iter());
        let of = |name: &str| rarity.grams(name);
        let like = |a: &str, b: &str| of(a).likeness(&of(b));
        assert!((like("samtools sort", "SAMTOOLS_SORT") - 1.0).abs() < 1e-12);
        assert_eq!(like("fastqc", "samtools"), 0.0);
        assert!(like("fastqc trim", "fastqc") > like("samtools trim", "samtools sort"));
    }
}
