"""Files that others have: their passages as facts of this race, and their entries as a roster.

Nothing here writes: a file is read into what would be taken, and what is wrong with it, line by line.
"""
