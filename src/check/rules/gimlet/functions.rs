//! The functions that Gimlet's templates know: Go's own, sprig's generic map, and Gimlet's one.

/// Functions that read the server they run in.
pub(super) const OF_THE_SERVER: [&str; 3] = ["env", "expandenv", "getHostByName"];

/// Whether templates know a function of this name.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN
        .iter()
        .any(|line| line.split(' ').any(|known| known == name))
}

/// Every function but those of the server.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().flat_map(|line| line.split(' '))
}

/// Names by their initial. Sources: the documentation of Go's `text/template`, and the generic map
/// of `Masterminds/sprig` 3.
const KNOWN: [&str; 24] = [
    "abbrev abbrevboth add add1 add1f addf adler32sum ago all and any append atoi",
    "b32dec b32enc b64dec b64enc base bcrypt biggest buildCustomCert",
    "call camelcase cat ceil chunk clean coalesce compact concat contains",
    "date dateInZone dateModify date_in_zone date_modify decryptAES deepCopy deepEqual default",
    "derivePassword dict dig dir div divf duration durationRound",
    "empty encryptAES eq ext fail first float64 floor fromJson",
    "ge genCA genCAWithKey genPrivateKey genSelfSignedCert genSelfSignedCertWithKey",
    "genSignedCert genSignedCertWithKey get gt has hasKey hasPrefix hasSuffix hello html",
    "htmlDate htmlDateInZone htpasswd indent index initial initials int int64 isAbs join js",
    "kebabcase keys kindIs kindOf last le len list lower lt max maxf merge mergeOverwrite min",
    "minf mod mul mulf mustAppend mustChunk mustCompact mustDateModify mustDeepCopy mustFirst",
    "mustFromJson mustHas mustInitial mustLast mustMerge mustMergeOverwrite mustPrepend mustPush",
    "mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll mustRegexSplit mustRest",
    "mustRegexReplaceAllLiteral mustReverse mustSlice mustToDate mustToJson mustToPrettyJson",
    "mustToRawJson mustUniq mustWithout must_date_modify ne nindent nospace not now omit or",
    "osBase osClean osDir osExt osIsAbs pick pluck plural prepend print printf println push",
    "quote randAlpha randAlphaNum randAscii randBytes randInt randNumeric randSeededNumeric",
    "regexFind regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral",
    "regexSplit repeat replace rest reverse round sanitizeDNSName semver semverCompare seq set",
    "sha1sum sha256sum sha512sum shuffle slice snakecase sortAlpha split splitList splitn squote",
    "sub subf substr swapcase ternary title toDate toDecimal toJson toPrettyJson toRawJson",
    "toString toStrings trim trimAll trimPrefix trimSuffix trimall trunc tuple typeIs typeIsLike",
    "typeOf uniq unixEpoch unset until untilStep untitle upper urlJoin urlParse urlquery uuidv4",
    "values without wrap wrapWith",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_known_by_their_exact_name() {
        for name in ["sanitizeDNSName", "printf", "trunc", "values", "abbrev"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "env", "sanitizeDnsName", "values without"] {
            assert!(!is_known(name), "{name}");
        }
        assert!(OF_THE_SERVER.iter().all(|name| !is_known(name)));
    }
}
