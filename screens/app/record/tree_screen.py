"""A JSON value as a tree, whose branches are made when somebody opens them."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from soundcheck.screens.app.parts.chosen_by_click import ClickedTree
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.record.json_parts import MOST_CHILDREN, Members, children, json_text, size_of
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import fit

_WIDEST = 200


class JsonTree(ClickedTree[Any]):
    """Enter opens and closes a branch; labels are plain text, whatever the document holds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "branch(True)", "Open", show=False, tooltip="Open this branch"),
        Binding("left,h", "branch(False)", "Close", show=False, tooltip="Close this branch"),
        Binding("j", "cursor_down", "Down", show=False, tooltip="The part below"),
        Binding("k", "cursor_up", "Up", show=False, tooltip="The part above"),
    ]

    def __init__(self, name: str, document: Any) -> None:
        super().__init__(label(name, document), document)
        self.show_guides = True
        self.guide_depth = 3

    def on_mount(self) -> None:
        """The first level is open."""
        self.root.expand()
        self.focus()

    def action_branch(self, opened: bool) -> None:
        """Open or close; on a closed one, left goes to the branch above."""
        node = self.cursor_node
        if node is None:
            return
        if opened:
            node.expand()
        elif node.is_expanded:
            node.collapse()
        elif node.parent is not None:
            self.move_cursor(node.parent)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Any]) -> None:
        """Make its branches now."""
        node: TreeNode[Any] = event.node
        if node.children:
            return
        for name, part in children(node.data):
            node.add(label(name, part), part, allow_expand=size_of(part) > 0)
        if (rest := size_of(node.data) - MOST_CHILDREN) > 0:
            node.add(Text(f"… {rest:,} more", style="dim italic"), None, allow_expand=False)


def label(name: str, part: Any) -> Text:
    """`mood  {2}`, `calm: true`."""
    text = Text(fit(visible(name), _WIDEST), style="bold")
    if isinstance(part, Members | list):
        brackets = ("{", "}") if isinstance(part, Members) else ("[", "]")
        return text.append(f"  {brackets[0]}{size_of(part) or ''}{brackets[1]}", style="not bold dim")
    return text.append(": ", style="not bold dim").append(fit(visible(json_text(part)), _WIDEST), style="not bold")


class TreeScreen(ModalScreen[None]):
    """The tree over the record; Esc leads back to it."""

    CSS_PATH = "value_screen.tcss"
    HELP = "A JSON value as a tree. Enter, left and right open and close a branch, c copies it as JSON."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy branch", tooltip="Copy the branch under the cursor as JSON"),
        Binding("w", "whole", "As text", tooltip="The whole value as indented text"),
        Binding("escape,q", "dismiss", "Close", key_display="esc", tooltip="Back to the row"),
    ]

    def __init__(self, name: str, value: str, type_name: str, document: Any) -> None:
        super().__init__()
        self._shown_name = name
        self._value = value
        self._type_name = type_name
        self._document = document

    def compose(self) -> ComposeResult:
        """The tree and its keys."""
        tree = JsonTree(self._shown_name, self._document)
        tree.border_title = Content(visible(self._shown_name))
        yield tree
        yield KeyLine()

    @on(Tree.NodeSelected)
    def _stop(self, event: Tree.NodeSelected[Any]) -> None:
        event.stop()

    async def action_copy(self) -> None:
        """As JSON, exact."""
        node = self.query_one(JsonTree).cursor_node
        if node is not None:
            await copy_text(self.app, json_text(node.data), self._shown_name, self.app.services.environ)  # type: ignore[attr-defined]

    def action_whole(self) -> None:
        """On a page of its own."""
        from soundcheck.screens.app.record.value_screen import ValueScreen

        self.app.push_screen(ValueScreen(self._shown_name, self._value, self._type_name))
