"""What a page shows, made from stored values."""
