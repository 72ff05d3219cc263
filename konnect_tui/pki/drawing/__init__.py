"""A chain drawn, as lines of text."""
