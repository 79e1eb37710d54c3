"""The keys that were found, as a tree of their prefixes; a branch is filled only when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from soundcheck.screens.app.parts.chosen_by_click import ClickedTree
from soundcheck.stores.copies.key_scan import below, in_reading_order
from soundcheck.stores.hidden_characters import visible

MOST_SHOWN: Final = 500
"""Lines below one prefix."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What a line stands for: a whole key, or all keys that begin with a prefix; neither for a remark."""

    key: str = ""
    prefix: str = ""
    number: int = 0


class KeyTree(ClickedTree[Spot]):
    """Text from the cache is `Text`, never markup. A key under the cursor is not read: Enter opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", tooltip="Open the key, or the prefix"),
        Binding("right,l", "open_branch", "Open", show=False, tooltip="Open the prefix"),
        Binding("left,h", "close_branch", "Close", show=False, tooltip="Close the prefix, or go to the one above"),
        Binding("up,k", "cursor_up", "Up", show=False, tooltip="The line above"),
        Binding("down,j", "cursor_down", "Down", show=False, tooltip="The line below"),
    ]

    @dataclass
    class Opened(Message):
        """A key is to be read."""

        key: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(Text(""), Spot(), id=id)
        self.show_root = False
        self.guide_depth = 2
        self._keys: tuple[str, ...] = ()

    def show_keys(self, keys: Sequence[str], prefix: str = "") -> None:
        """Other keys; what was open stays open, and the cursor stays where it was."""
        open_ = {node.data.prefix for node in self._branches(self.root) if node.is_expanded and node.data}
        line = self.cursor_line
        self._keys = tuple(keys)
        self.clear()
        self.root.data = Spot(prefix=prefix)
        self._fill(self.root)
        self.root.expand()
        self._reopen(self.root, open_)
        if self.last_line >= 0:
            self.move_cursor_to_line(min(max(line, 0), self.last_line))

    @property
    def spot(self) -> Spot:
        """What is under the cursor."""
        node = self.cursor_node
        return node.data if node is not None and node.data is not None else Spot()

    def _branches(self, node: TreeNode[Spot]) -> list[TreeNode[Spot]]:
        found = [child for child in node.children if child.allow_expand]
        return [*found, *(deeper for child in found for deeper in self._branches(child))]

    def _reopen(self, node: TreeNode[Spot], prefixes: set[str]) -> None:
        for child in node.children:
            if child.allow_expand and child.data is not None and child.data.prefix in prefixes:
                self._fill(child)
                child.expand()
                self._reopen(child, prefixes)

    def _fill(self, node: TreeNode[Spot]) -> None:
        """Branches first, the largest on top, then keys."""
        if node.children or node.data is None:
            return
        above = node.data.prefix
        branches, keys = below(self._keys, above)
        branches.sort(key=lambda branch: (-branch.number, in_reading_order(branch.prefix)))
        room = MOST_SHOWN
        for branch in branches[:room]:
            label = Text.assemble(visible(branch.prefix[len(above) :]), (f"  {branch.number:,}", "dim"))
            node.add(label, Spot(prefix=branch.prefix, number=branch.number))
        room -= len(branches)
        for key in keys[: max(room, 0)]:
            node.add_leaf(Text(visible(key[len(above) :] or key)), Spot(key=key))
        hidden = max(len(branches) - MOST_SHOWN, 0) + max(len(keys) - max(room, 0), 0)
        if hidden:
            node.add_leaf(Text(f"… {hidden:,} more: / finds them by their prefix", "dim"), Spot())

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Spot]) -> None:
        """Only now is it filled."""
        event.stop()
        self._fill(event.node)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Spot]) -> None:
        """A key is opened; a prefix opens and closes by itself."""
        event.stop()
        if event.node.data is not None and event.node.data.key:
            self.post_message(self.Opened(event.node.data.key))

    def action_open_branch(self) -> None:
        """Into it."""
        node = self.cursor_node
        if node is not None and node.allow_expand:
            node.expand()
        elif self.spot.key:
            self.post_message(self.Opened(self.spot.key))

    def action_close_branch(self) -> None:
        """Out of it."""
        node = self.cursor_node
        if node is not None and node.is_expanded and node.allow_expand:
            node.collapse()
        elif node is not None and node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)
