"""What this machine keeps: received instances, drafts, annotations and the outbox database."""
