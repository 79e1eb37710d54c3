"""The `.env` step."""
