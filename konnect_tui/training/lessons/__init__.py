"""Lessons: data that seeds a fault, asks for a prediction, lets real handshakes answer, and checks the repair."""
