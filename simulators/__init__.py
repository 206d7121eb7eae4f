"""Runners, scanners and faults that publish through the same wire as real devices."""
