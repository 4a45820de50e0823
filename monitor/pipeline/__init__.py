"""The journey, one step after the other: load, decide, save in one transaction."""
