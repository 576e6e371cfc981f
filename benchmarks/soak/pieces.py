"""What streamed answers are made of; known to the application and to the clients."""

PIECE = b"0123456789abcdef" * 128
PIECES = 40
