"""Keys and certificates made here, and which of a bundle's are kept."""
