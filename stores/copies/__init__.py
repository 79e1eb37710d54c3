"""Keys and cached copies: scanning, reading, judging, warming and dropping."""
