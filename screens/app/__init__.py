"""The terminal app. The only folder that imports Textual."""
