"""The pure core, in sentences about racing."""
