"""What the operator brings: files that others made, a CA of their own, answers to requests."""
