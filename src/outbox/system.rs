//! Where deliveries go.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::trigger::TriggerName;

/// The remote system that a job needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Port, the catalogue.
    Port,
    /// Algorithmia, the builder.
    Algorithmia,
    /// The service of a trigger.
    Trigger(TriggerName),
}

/// What stands before a trigger's name: no name of a system has a blank.
const TRIGGER: &str = "trigger ";

/// As the store keeps it.
impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port => f.write_str("Port"),
            Self::Algorithmia => f.write_str("Algorithmia"),
            Self::Trigger(name) => write!(f, "{TRIGGER}{name}"),
        }
    }
}

impl FromStr for System {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "Port" => Ok(Self::Port),
            "Algorithmia" => Ok(Self::Algorithmia),
            other => other
                .strip_prefix(TRIGGER)
                .and_then(|name| name.parse().ok())
                .map(Self::Trigger)
                .ok_or_else(|| format!("`{other}` is no system that deliveries go to")),
        }
    }
}

/// In JSON in small letters: `port`, `algorithmia`, `trigger NAME`.
impl Serialize for System {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Port => serializer.serialize_str("port"),
            Self::Algorithmia => serializer.serialize_str("algorithmia"),
            Self::Trigger(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for System {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "port" => Ok(Self::Port),
            "algorithmia" => Ok(Self::Algorithmia),
            other => other.parse().map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again() {
        let trigger = System::Trigger("Port".parse().unwrap());
        for (system, stored, json) in [
            (System::Port, "Port", "\"port\""),
            (System::Algorithmia, "Algorithmia", "\"algorithmia\""),
            (trigger, "trigger Port", "\"trigger Port\""),
        ] {
            assert_eq!(system.to_string(), stored);
            assert_eq!(stored.parse(), Ok(system.clone()));
            assert_eq!(serde_json::to_string(&system).unwrap(), json);
            assert_eq!(serde_json::from_str::<System>(json).unwrap(), system);
        }
        assert!("trigger a b".parse::<System>().is_err());
        assert!("port".parse::<System>().is_err());
    }
}
