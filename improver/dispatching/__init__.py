"""From a Finding to a judged change: what is allowed, who works on it, what it costs."""
