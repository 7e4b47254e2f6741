"""SMTP protocol logs: reading them, keeping what they say, and asking it."""
