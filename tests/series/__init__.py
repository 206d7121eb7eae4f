"""Tests of the series: its rules, its files, its commands."""
