"""The screens of a race, in a terminal: a process of its own that reads the journal and never writes it."""
