//! Entities packed into requests: at most 20 and at most 1 MiB each, measured by what is sent.

use std::collections::BTreeMap;
use std::io;

use crate::catalog::Upsert;

/// Most entities of one bulk upsert (Port's specification).
pub(super) const MOST_ENTITIES: usize = 20;

/// Largest body that Port takes (Port's specification).
pub(super) const LARGEST_BODY: usize = 1024 * 1024;

const HEAD: &[u8] = b"{\"entities\":[";
const TAIL: &[u8] = b"]}";

/// Entities that travel together. Their bytes are made when they do: those of all at once may be
/// many.
#[derive(Clone, Debug)]
pub(super) struct Batch<'a> {
    pub(super) blueprint: &'a str,
    pub(super) items: Vec<&'a Upsert<'a>>,
}

/// Counts bytes.
#[derive(Default)]
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Entities in batches, and those that are too large even alone.
#[derive(Debug, Default)]
pub(super) struct Packed<'a> {
    pub(super) batches: Vec<Batch<'a>>,
    pub(super) too_large: Vec<(&'a Upsert<'a>, usize)>,
}

/// Packs entities, one blueprint a batch, in their order.
pub(super) fn pack<'a>(
    upserts: impl IntoIterator<Item = &'a Upsert<'a>>,
) -> Result<Packed<'a>, serde_json::Error> {
    let mut packed = Packed::default();
    let mut open: BTreeMap<&str, (Batch<'a>, usize)> = BTreeMap::new();
    let empty = HEAD.len() + TAIL.len();
    for upsert in upserts {
        let entity = upsert.entity.as_ref();
        let mut counted = Length::default();
        serde_json::to_writer(&mut counted, &entity.body)?;
        let Length(length) = counted;
        let alone = empty + length;
        if alone > LARGEST_BODY {
            packed.too_large.push((upsert, alone));
            continue;
        }
        let blueprint = entity.blueprint.as_str();
        // A search query that matches no single entity fails its whole request.
        if entity.identifier.is_none() {
            packed.batches.push(Batch {
                blueprint,
                items: vec![upsert],
            });
            continue;
        }
        let (batch, size) = open.entry(blueprint).or_insert_with(|| {
            let batch = Batch {
                blueprint,
                items: Vec::new(),
            };
            (batch, empty)
        });
        let comma = usize::from(!batch.items.is_empty());
        if batch.items.len() == MOST_ENTITIES || *size + comma + length > LARGEST_BODY {
            let full = Batch {
                blueprint,
                items: std::mem::take(&mut batch.items),
            };
            packed.batches.push(full);
            *size = empty;
        }
        *size += length + usize::from(!batch.items.is_empty());
        batch.items.push(upsert);
    }
    let rest = open.into_values().map(|(batch, _)| batch);
    packed
        .batches
        .extend(rest.filter(|batch| !batch.items.is_empty()));
    Ok(packed)
}

impl Batch<'_> {
    /// The request's body.
    pub(super) fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut body = HEAD.to_vec();
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            serde_json::to_writer(&mut body, &item.entity.body)?;
        }
        body.extend_from_slice(TAIL);
        Ok(body)
    }

    /// Two halves, for a server that takes less than it says.
    pub(super) fn halves(mut self) -> [Self; 2] {
        let second = self.items.split_off(self.items.len() / 2);
        let blueprint = self.blueprint;
        [
            self,
            Self {
                blueprint,
                items: second,
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::{Delivered, Entity};

    fn upsert(blueprint: &str, identifier: &str, filler: usize) -> Upsert<'static> {
        let value = json!({
            "blueprint": blueprint,
            "identifier": identifier,
            "properties": {"text": "ü".repeat(filler / 2)},
        });
        let entity = Entity::from_json("port.yaml", value).unwrap();
        Upsert {
            key: entity.key().unwrap(),
            entity: Cow::Owned(entity),
            delivered: Delivered::default(),
            pass: 0,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn nothing_is_lost_and_no_limit_is_passed(
            sizes in prop::collection::vec((0..3usize, 0..400_000usize), 0..60)
        ) {
            let upserts: Vec<Upsert> = sizes
                .iter()
                .enumerate()
                .map(|(index, (blueprint, size))| {
                    // Mostly small ones, so that the number limit is met too.
                    let size = if index % 3 == 0 { *size } else { size % 100 };
                    upsert(["a", "b", "c"][*blueprint], &format!("e{index}"), size)
                })
                .collect();
            let packed = pack(&upserts).unwrap();
            let mut seen: Vec<&str> = Vec::new();
            for batch in &packed.batches {
                prop_assert!(!batch.items.is_empty() && batch.items.len() <= MOST_ENTITIES);
                let body = batch.body().unwrap();
                prop_assert!(body.len() <= LARGEST_BODY);
                let read: Value = serde_json::from_slice(&body).unwrap();
                prop_assert_eq!(read["entities"].as_array().unwrap().len(), batch.items.len());
                for item in &batch.items {
                    prop_assert_eq!(batch.blueprint, &item.entity.blueprint);
                    seen.push(item.entity.identifier.as_deref().unwrap());
                }
            }
            seen.sort_unstable();
            let mut all: Vec<&str> = upserts.iter().filter_map(|u| u.entity.identifier.as_deref()).collect();
            all.sort_unstable();
            prop_assert_eq!(seen, all);
        }
    }

    #[test]
    fn the_limit_is_met_to_the_byte() {
        let batch = |upsert: &Upsert| pack([upsert]).unwrap().batches[0].body().unwrap();
        let overhead = batch(&upsert("a", "x", 0)).len();
        let filler = LARGEST_BODY - overhead;
        let mut fits = upsert("a", "x", 0);
        fits.entity.to_mut().body["properties"]["text"] = "x".repeat(filler).into();
        assert_eq!(batch(&fits).len(), LARGEST_BODY);
        let mut too_large = upsert("a", "x", 0);
        too_large.entity.to_mut().body["properties"]["text"] = "x".repeat(filler + 1).into();
        let packed = pack([&too_large]).unwrap();
        assert!(packed.batches.is_empty());
        assert_eq!(packed.too_large[0].1, LARGEST_BODY + 1);
    }
}
