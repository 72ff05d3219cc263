"""The verdict: what a control plane does with what a node presents, why, and what would help."""
