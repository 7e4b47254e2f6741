"""Pure derivations from a snapshot: who answers whom, and what that grants."""
