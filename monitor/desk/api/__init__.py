"""The desk for programs: what they may ask and what they are answered."""
