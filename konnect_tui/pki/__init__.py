"""Keys and certificates: make them, read any file people have, judge what a control plane would say."""
