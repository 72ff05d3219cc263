"""The lessons on screen: the list, and one of them from its story to its debrief."""
