"""What each `tracker` command does, one file a command; `tracker.cli` only reads the words and calls them."""
