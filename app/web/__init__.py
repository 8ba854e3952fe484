"""What requests may contain and how they are refused: the same for JSON addresses and pages."""
