"""Stage 3: what an item says."""
