"""The paste box: takes a paste or typed keys, shows only what was recognised, masked."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from screens.app.setup.paste_rows import paste_rows
from stores.secret import Secret
from wizard.recognise.recognition import Recognition

MOST_CHARACTERS: Final = 100_000
"""A pasted file larger than this is no credentials; what is beyond is left out."""

MOST_ROWS: Final = 8

_ASKS_FOR_MORE: Final = "\n\t =:\\"
"""After these a second paste goes on in the same line: a name and its value may be copied one after the other."""


class PasteBox(Widget, can_focus=True):
    """A text field whose text exists only as a `Secret`.

    There is no undo and no selection, so nothing of the raw text can reach a screenshot, an export or the clipboard.
    Editing happens at the end alone: Enter ends a line, backspace takes a character, ctrl+u takes all.
    """

    DEFAULT_CSS = "PasteBox { height: auto; width: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+u", "clear", "Clear", key_display="ctrl+u", tooltip="Forget what was pasted"),
        Binding("tab", "app.focus_next", "Buttons", key_display="tab", tooltip="Go to the buttons"),
        Binding("ctrl+v", "paste", "Paste", show=False, tooltip="Paste what was copied inside Soundcheck"),
    ]

    recognition: reactive[Recognition | None] = reactive(None, layout=True)

    class Changed(Message):
        """The text changed. A newer one replaces those still waiting, so that typing never queues up work."""

        def __init__(self, box: PasteBox, text: Secret) -> None:
            super().__init__()
            self.box = box
            self.text = text

        def can_replace(self, message: Message) -> bool:
            """Only the newest text matters."""
            return isinstance(message, PasteBox.Changed)

    def __init__(self, placeholder: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._placeholder = placeholder
        self._pasted = Secret("")
        self._lengths: list[int] = []
        self._ends_in_a_paste = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was pasted."""
        return not self._pasted

    def add(self, text: str) -> None:
        """Put text at the end."""
        joined = self._pasted.reveal() + _cleaned(text[:MOST_CHARACTERS])
        self._change(joined[:MOST_CHARACTERS])

    def paste(self, text: str) -> None:
        """Put a paste at the end: on a line of its own where another paste stands there, unless that asks for more."""
        before = self._pasted.reveal()
        if self._ends_in_a_paste and before and before[-1] not in _ASKS_FOR_MORE:
            text = "\n" + text
        self.add(text)
        self._ends_in_a_paste = True

    def _change(self, text: str) -> None:
        self._pasted = Secret(text)
        self._lengths = [len(line.strip()) for line in text.split("\n")]
        self._ends_in_a_paste = False
        self.recognition = None if not text else self.recognition
        self.refresh(layout=True)
        self.refresh_bindings()
        self.post_message(self.Changed(self, self._pasted))

    def action_clear(self) -> None:
        """Forget all of it."""
        self._change("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Clearing is offered where there is something to clear."""
        return bool(self._pasted) if action == "clear" else True

    def action_paste(self) -> None:
        """What the app itself copied; the terminal's own clipboard only comes in by its own paste key."""
        if self.app.clipboard:
            self.paste(self.app.clipboard)
        else:
            self.app.notify("Use your terminal's paste: ctrl+shift+v, cmd+v, or the right mouse button.", markup=False)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    async def _on_key(self, event: events.Key) -> None:
        text = self._pasted.reveal()
        if event.is_printable and event.character is not None:
            self.add(event.character)
        elif event.key == "enter":
            self.add("\n")
        elif event.key == "backspace":
            if text:
                self._change(text[:-1])
        else:
            return
        event.stop()
        event.prevent_default()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters, digits and `?` are text here, whatever they do elsewhere."""
        return key in {"enter", "backspace"} or (character is not None and character.isprintable())

    def watch_has_focus(self, focused: bool) -> None:
        """Show or hide the cursor."""
        super().watch_has_focus(focused)
        self.refresh(layout=True)

    def render(self) -> Content:
        """The masked rows, or the invitation; the newest rows where there are too many."""
        return Content("\n").join(row.truncate(max(self.size.width, 1), ellipsis=True) for row in self._rows())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as are shown."""
        return len(self._rows())

    def _rows(self) -> list[Content]:
        if self.is_empty:
            return [Content.assemble(("▏" if self.has_focus else "", "$primary"), (self._placeholder, "$secondary"))]
        return paste_rows(self._lengths, self.recognition, cursor=self.has_focus, most=MOST_ROWS)


def _cleaned(text: str) -> str:
    """Line ends of every kind as one, and no other control characters but tabs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or (ord(c) >= 0x20 and ord(c) != 0x7F))
