"""Kong Gateway: its releases, its parameters, and how their values are written in each language."""
