"""The network between a data plane node and its control plane: what has to be let through."""
