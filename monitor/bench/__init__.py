"""Speed, side by side with references in the same process."""
