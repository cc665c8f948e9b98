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
    /// Reads a comma list of keys, as `BITBUCKET_PROJECTS_FILTER` of Port's script has it; blanks
    /// round a key and empty keys mean nothing, and a key counts once.
    #[must_use]
    pub fn parse(list: Option<&str>) -> Self {
        let mut keys: Vec<String> = Vec::new();
        for key in list.unwrap_or_default().split(',').map(str::trim) {
            if !key.is_empty() && !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
        if keys.is_empty() {
            Self::All
        } else {
            Self::Only(keys)
        }
    }

    /// Whether the sweep covers a project. Bitbucket takes a key in any case.
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
    fn a_comma_list_is_trimmed() {
        for (list, keys) in [
            (None, None),
            (Some(""), None),
            (Some(" , "), None),
            (Some("PRJ"), Some(vec!["PRJ"])),
            (Some(" PRJ , ~ada,,PRJ "), Some(vec!["PRJ", "~ada"])),
        ] {
            let expected = keys.map_or(Projects::All, |keys| {
                Projects::Only(keys.into_iter().map(str::to_owned).collect())
            });
            assert_eq!(Projects::parse(list), expected, "{list:?}");
        }
        assert!(Projects::All.covers("ANY"));
        assert!(Projects::parse(Some("prj")).covers("PRJ"));
        assert!(!Projects::parse(Some("PRJ")).covers("PR"));
    }
}
