"""Encodings: bytes to ``RawObject``. Pure; knows nothing about Exchange."""
