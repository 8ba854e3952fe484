"""What requests may ask and how they are refused: the same on JSON addresses and on pages."""
