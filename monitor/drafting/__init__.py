"""The office's own answer before it is published: drafted, reviewed, proofread."""
