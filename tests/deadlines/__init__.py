"""Clocks: when a duty starts, is due, is reminded of, is met."""
