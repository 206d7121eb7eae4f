"""Lists on paper, for when the power goes: pages of plain text, and one file a list.

Pure: values in, lines out. Nothing here prints, asks for the time, or draws anything that a line printer does not have.
"""
