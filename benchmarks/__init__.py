"""Where the README's figures come from: each part of the tracker measured beside a baseline, in one run."""
