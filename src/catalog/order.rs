//! In which order entities can be sent that point to one another.
//!
//! A relation names an identifier and no blueprint: every entity of that identifier may be its
//! target. A dependency that isn't one costs a later pass at most.

use std::collections::HashMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// One entity among others.
pub(super) struct Node<'a> {
    /// What others wait for; none where nobody has to.
    pub(super) identifier: Option<&'a str>,
    /// The identifiers that it points to.
    pub(super) targets: Vec<&'a str>,
}

/// Where the entities stand.
pub(super) struct Order<'a> {
    levels: Vec<usize>,
    /// The cycles that entities and identifiers lie in.
    cycles: Vec<Option<usize>>,
    cycle_of: HashMap<&'a str, Option<usize>>,
}

impl<'a> Order<'a> {
    /// Near-linear in the entities and their relations.
    pub(super) fn of(nodes: &[Node<'a>]) -> Self {
        // A node for every identifier keeps the edges few where many entities share one.
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(nodes.len() * 2, nodes.len() * 2);
        let entities: Vec<NodeIndex> = nodes.iter().map(|_| graph.add_node(())).collect();
        let mut identifiers: HashMap<&'a str, NodeIndex> = HashMap::new();
        for (node, index) in nodes.iter().zip(&entities) {
            if let Some(identifier) = node.identifier {
                let name = *identifiers
                    .entry(identifier)
                    .or_insert_with(|| graph.add_node(()));
                graph.add_edge(name, *index, ());
            }
        }
        for (node, index) in nodes.iter().zip(&entities) {
            for target in &node.targets {
                if let Some(name) = identifiers.get(target) {
                    graph.add_edge(*index, *name, ());
                }
            }
        }
        let mut levels = vec![0; graph.node_count()];
        let mut components = vec![0; graph.node_count()];
        let mut cycles = vec![None; graph.node_count()];
        // What nothing is waited for comes first.
        for (number, component) in (1..).zip(kosaraju_scc(&graph)) {
            for node in &component {
                components[node.index()] = number;
            }
            let level = component
                .iter()
                .flat_map(|node| graph.neighbors(*node).map(|to| (*node, to)))
                .filter(|(_, to)| components[to.index()] != number)
                // An entity comes after what it points to; a name is there with its entities.
                .map(|(from, to)| levels[to.index()] + usize::from(from.index() < nodes.len()))
                .max()
                .unwrap_or(0);
            for node in &component {
                levels[node.index()] = level;
                // Even an entity that points to itself lies there with its identifier.
                cycles[node.index()] = (component.len() > 1).then_some(number);
            }
        }
        Self {
            cycle_of: identifiers
                .into_iter()
                .map(|(identifier, node)| (identifier, cycles[node.index()]))
                .collect(),
            levels,
            cycles,
        }
    }

    /// How many others have to be sent before this one, at least.
    pub(super) fn level(&self, node: usize) -> usize {
        self.levels.get(node).copied().unwrap_or(0)
    }

    /// Whether it lies in a cycle.
    pub(super) fn is_in_cycle(&self, node: usize) -> bool {
        self.cycles.get(node).copied().flatten().is_some()
    }

    /// Whether a relation to that identifier is part of a cycle that the entity lies in.
    pub(super) fn closes_cycle(&self, node: usize, target: &str) -> bool {
        let own = self.cycles.get(node).copied().flatten();
        own.is_some() && self.cycle_of.get(target).copied().flatten() == own
    }
}
