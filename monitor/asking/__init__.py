"""What an analyst asks: a line of words as a tree with one meaning, whoever answers it."""
