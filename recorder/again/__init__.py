"""What was recorded, made to happen again: a request as a command or sent anew, a session's answers served."""
