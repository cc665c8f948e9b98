//! Rows of which the same is to be said, together: a project has hundreds of repositories.

/// The rows in groups, each where its first row stood; one without a key stands alone.
pub(crate) fn grouped<'a, T, K: PartialEq>(
    rows: &'a [T],
    key: impl Fn(&'a T) -> Option<K>,
) -> Vec<Vec<&'a T>> {
    let mut groups: Vec<(Option<K>, Vec<&T>)> = Vec::new();
    for row in rows {
        let own = key(row);
        let known = groups
            .iter_mut()
            .find(|(key, _)| own.is_some() && *key == own);
        match known {
            Some((_, group)) => group.push(row),
            None => groups.push((own, vec![row])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What is said of these: after the one's name, or after their number and before their names.
pub(crate) fn told_of(names: &[&str], kind: &str, words: &str) -> String {
    match names {
        [name] => format!("{name}: {words}\n"),
        names => format!(
            "{} {kind}: {words}\n    {}\n",
            names.len(),
            names.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_key_come_together_and_the_others_stay() {
        let rows = [
            ("a", Some(1)),
            ("b", None),
            ("c", Some(1)),
            ("d", None),
            ("e", Some(2)),
        ];
        let groups = grouped(&rows, |row| row.1);
        let names: Vec<String> = groups
            .iter()
            .map(|group| group.iter().map(|row| row.0).collect())
            .collect();
        assert_eq!(names, ["ac", "b", "d", "e"]);
    }
}
