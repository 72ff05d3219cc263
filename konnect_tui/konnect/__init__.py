"""The Konnect platform: its regions and endpoints, and (with the live issue) its API."""
