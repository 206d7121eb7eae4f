"""The event files that ship with the tracker, one TOML file an event, and the series file."""
