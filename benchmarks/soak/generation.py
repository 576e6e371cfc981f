"""Written anew again and again while the application is served."""

NUMBER = 0
