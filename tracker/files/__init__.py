"""What organisers write before the race, read and doubted: event files (TOML), rosters (CSV), and local times.

Nothing here opens a file: text comes in, values of `tracker.core` or findings go out.
"""
