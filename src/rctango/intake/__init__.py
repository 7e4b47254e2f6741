"""Raw objects to the model; the only place that knows Exchange's property names."""
