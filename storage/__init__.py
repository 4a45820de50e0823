"""The memory behind every stage: SQLite for one desk, PostgreSQL at scale."""
