"""The domain: people, conversations, attention, sources and the outbox; nothing here imports Textual."""
