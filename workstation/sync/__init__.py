"""The outbox and the engine that drains it; no threads and no sleep of its own."""
