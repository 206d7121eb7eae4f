"""Event files, rosters, and the local times that stand in them."""
