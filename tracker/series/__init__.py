"""The series' rules, pure: categories, stones, index, qualification for the Finals, elite entries. Rules and dates come in as arguments."""
