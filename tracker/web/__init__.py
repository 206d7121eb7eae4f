"""The dashboard in a browser: a page with a terminal in it, and a dashboard of its own behind every page that is open."""
