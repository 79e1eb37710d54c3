"""The words that sample data is made of. All of it is invented; addresses are of domains that nobody can own."""

from __future__ import annotations

from typing import Final

NAMES: Final = (
    "Ana Ruiz", "李小龍", "Oto Novák", "محمد فاروق", "Zoë Ångström", "Ольга Петрова", "שרה לוי", "박지민", "José Núñez",
    "अनन्या शर्मा", "Mia 👩‍🎤", "O'Brien, Seán", "佐藤 さくら", "Łukasz Żak", "Nguyễn Thị Hoa", "Σοφία Παππά",
    "DJ 🎧 Kofi",
    "กานดา", "Ève Dupré", "Müller-Lüdenscheidt", "Ayşe Yılmaz", "Ṣadé Adébáyọ̀", "فاطمه", "Bob “Bass” Lee",
)  # fmt: skip

HANDLES: Final = (
    "ana", "lee", "oto", "farouk", "zoe", "olga", "sara", "jimin", "jose", "ananya", "mia", "sean", "sakura", "lukasz",
    "hoa", "sofia", "kofi", "kanda", "eve", "muller", "ayse", "sade", "fateme", "bob",
)  # fmt: skip
"""For addresses, in the order of `NAMES`."""

DOMAINS: Final = ("mail.example", "post.example", "inbox.example")

BIOS: Final = (
    "Bass first, questions later.", "Vinyl in the morning, techno at night.", "", "Konzerte, Kaffee, Katzen 🐈",
    "أحب الموسيقى القديمة", "Plays the same song forty times.\nSorry, neighbours.", "音楽が好きです",
)  # fmt: skip

ADJECTIVES: Final = (
    "Midnight", "Golden", "Broken", "Electric", "Quiet", "Paper", "Neon", "Northern", "Velvet", "Silver", "Lonely",
    "Burning", "Distant", "Hollow", "Crystal", "Restless", "Blue", "Faded",
)  # fmt: skip

NOUNS: Final = (
    "River", "Signal", "Avenue", "Heart", "Satellite", "Garden", "Engine", "Harbour", "Mirror", "Thunder", "Window",
    "Summer", "Static", "Lantern", "Highway", "Shadow", "Orchard", "Echo",
)  # fmt: skip

MOODS: Final = (
    "Sunday slow", "Run 🏃", "Deep focus", "Abendbrot", "深夜", "Road trip", "Rainy day", "Gym", "حفلة",
    "Kitchen disco",
)  # fmt: skip

LINES: Final = (
    "I left the light on in the hall", "and every street began to hum", "we count the windows as we fall",
    "the night is only half undone", "oh, carry me across the wire", "a little louder than before",
    "the rain was drumming on the tire", "and you were waiting at the door", "la la la, la la", "hold on, hold on",
    "there is a river under town", "that nobody has learned to name",
)  # fmt: skip

CHAT: Final = (
    "this one!!", "turn it up", "who added this? 😂", "next please", "goosebumps", "❤️❤️❤️", "هذه أغنيتي المفضلة", "最高",
    "brb", "the drop at 2:31…", "can I have control?", "sounds better on vinyl", "good night all", "+1",
)  # fmt: skip

EMOJI: Final = ("❤️", "😂", "🔥", "👏", "🎉", "😢")
LANGUAGES: Final = ("en", "en", "en", "es", "de", "ja", "ar", "pt-BR")
PRESETS: Final = ("flat", "flat", "flat", "rock", "pop", "jazz", "classical", "electronic", "hip-hop", "custom")
