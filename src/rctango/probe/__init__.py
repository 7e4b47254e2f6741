"""A live SMTP test: what it does, how it talks, and what it proves."""
