"""Race-day timing and cutoff tracker for trail and ultra races."""
