"""Stage 2: what was seen."""
