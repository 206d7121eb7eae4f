"""What the desk can decide: the decisions and their questions, what an answer means, and the dialogs that ask."""
