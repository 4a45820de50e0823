"""Who must be told, when, through what, and why not."""
