"""Stage 7: what leaders read each morning."""
