"""Renderers of results; they see the model and nothing else."""
