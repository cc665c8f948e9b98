//! Which projects a sweep covers.

/// The projects of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Projects {
    /// All that the user may see.
    All,
    /// These keys, in this order.
    Only(Vec<String>),
}

impl Projects {
    /// Those with these keys; all where there are none. Blanks round a key and empty keys mean nothing,
    /// and a key counts once, in whatever case: Bitbucket takes it in any.
    #[must_use]
    pub fn of<'a>(given: impl IntoIterator<Item = &'a str>) -> Self {
        let mut keys: Vec<String> = Vec::new();
        for key in given.into_iter().map(str::trim) {
            let is_known = keys.iter().any(|known| known.eq_ignore_ascii_case(key));
            if !key.is_empty() && !is_known {
                keys.push(key.to_owned());
            }
        }
        if keys.is_empty() {
            Self::All
        } else {
            Self::Only(keys)
        }
    }

    /// Whether the sweep covers a project.
    #[must_use]
    pub fn covers(&self, project: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(keys) => keys.iter().any(|key| key.eq_ignore_ascii_case(project)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_trimmed_and_count_once() {
        for (list, keys) in [
            ("", None),
            (" , ", None),
            ("PRJ", Some(vec!["PRJ"])),
            (" PRJ , ~ada,,PRJ ", Some(vec!["PRJ", "~ada"])),
            ("PRJ,prj,LIB,Prj", Some(vec!["PRJ", "LIB"])),
        ] {
            let expected = keys.map_or(Projects::All, |keys| {
                Projects::Only(keys.into_iter().map(str::to_owned).collect())
            });
            assert_eq!(Projects::of(list.split(',')), expected, "{list:?}");
        }
        assert!(Projects::All.covers("ANY"));
        assert!(Projects::of(["prj"]).covers("PRJ"));
        assert!(!Projects::of(["PRJ"]).covers("PR"));
    }
}
