"""What keeps a run from being published, and how far each figure may move."""
