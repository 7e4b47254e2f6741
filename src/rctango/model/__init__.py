"""The nouns: what was collected and what was concluded.

Everything here is frozen and immutable. In every type ``None`` means *not collected* and an empty
tuple means *collected, and there is none*.
"""
