"""The paste box: takes a paste or typed keys, shows only what was recognised, masked.

What the paste box draws: the recogniser's masked result line by line, never the text itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recognition import Recognised, Recognition

LONGEST_DOTS: Final = 16
"""How many dots stand for a line that nobody has recognised yet; its true length would say too much of a password."""


def paste_rows(
    lengths: Sequence[int], recognition: Recognition | None, *, cursor: bool, most: int | None = None
) -> list[Content]:
    """One row for each line worth showing. `lengths` are the characters of each line: all that is known of them here.

    Empty lines are left out, and a run of lines from which nothing was taken becomes one row. Of more than `most` rows
    the last ones are made, so that a pasted file costs no more to draw than what is seen of it.
    """
    fields: dict[int, list[Recognised]] = {}
    for found in recognition.fields if recognition is not None else ():
        fields.setdefault(found.line, []).append(found)
    ignored = dict(recognition.ignored) if recognition is not None else {}
    worth: list[tuple[int, Recognised | list[int] | int]] = []
    last = len(lengths)
    for number, length in enumerate(lengths, start=1):
        if number in fields:
            worth += [(number, found) for found in fields[number]]
        elif number in ignored and number != last:
            if worth and isinstance(run := worth[-1][1], list):
                run.append(number)
            else:
                worth.append((number, [number]))
        elif length:
            worth.append((number, length))
    rows = [_row(number, _words(what, ignored)) for number, what in (worth[-most:] if most else worth)]
    if cursor:
        mark = Content.styled("▏", "$primary")
        if rows and lengths[-1]:
            rows[-1] = Content.assemble(rows[-1], mark)
        else:
            rows.append(_row(last, mark))
    return rows[-most:] if most else rows


def _words(what: Recognised | list[int] | int, ignored: dict[int, str]) -> Content:
    """A value with its mask, a run of lines that gave nothing, or the dots of a line of that many characters."""
    if isinstance(what, int):
        return Content.styled("•" * min(what, LONGEST_DOTS), "$secondary")
    if isinstance(what, list):
        reason = f"not used: {ignored[what[0]]}" if len(what) == 1 else f"{len(what)} lines not used"
        return Content.styled(reason, "$secondary")
    return Content.assemble((what.name, "bold"), "  ", _brief(what.masked))


def _brief(masked: str) -> str:
    """Without the scheme that every database address has, so that more of the host fits."""
    return masked.removeprefix("postgresql://")


def _row(number: int, content: Content) -> Content:
    return Content.assemble((f"{number:>2} ", "$faint"), content)


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

    @property
    def ends_in_a_paste(self) -> bool:
        """Whether nothing was typed behind the last paste."""
        return self._ends_in_a_paste

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
