"""Where the terminal's own cursor belongs: on what has the focus, where screen readers and magnifiers look for it.

The cursor stays hidden, because the app draws its own; programs that read the screen aloud follow it all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from textual.app import ScreenStackError
from textual.geometry import Offset

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget
    from textual.widgets import OptionList, Tree


@runtime_checkable
class HasPoint(Protocol):
    """A widget with a cursor of its own."""

    @property
    def cursor_point(self) -> Offset:
        """Where its cursor is drawn now, counted from the top left of its content."""
        ...


@runtime_checkable
class HasCell(Protocol):
    """A field that one types into, as Textual makes them."""

    @property
    def cursor_screen_offset(self) -> Offset:
        """The cell of the terminal where the next letter goes."""
        ...


def terminal_cursor(app: App[Any]) -> Offset:
    """The cell of the terminal on which the cursor belongs; the top left one while nothing has the focus."""
    try:
        widget = app.screen.focused
    except ScreenStackError:
        return Offset(0, 0)
    if widget is None:
        return Offset(0, 0)
    if isinstance(widget, HasCell):
        return widget.cursor_screen_offset
    content = widget.content_region
    point = content.offset + _point_in(widget)
    return Offset(
        max(min(point.x, content.right - 1), content.x),
        max(min(point.y, content.bottom - 1), content.y),
    )


def _point_in(widget: Widget) -> Offset:
    """The start of the line under a list's cursor; of anything else its first cell."""
    if isinstance(widget, HasPoint):
        return widget.cursor_point
    kinds = {kind.__name__ for kind in type(widget).__mro__}  # the kinds themselves are imported by who shows them
    if "OptionList" in kinds:
        return _in_list(cast("OptionList", widget))
    return _in_tree(cast("Tree[Any]", widget)) if "Tree" in kinds else Offset(0, 0)


def _in_list(options: OptionList) -> Offset:
    at = options.highlighted
    return Offset(0, 0 if at is None else options._index_to_line[at] - int(options.scroll_y))


def _in_tree(tree: Tree[Any]) -> Offset:
    """The label under the cursor, behind the lines that lead to it."""
    depth, node = 0 if tree.show_root else -1, tree.cursor_node
    while node is not None and (node := node.parent) is not None:
        depth += 1
    return Offset(max(depth, 0) * tree.guide_depth - int(tree.scroll_x), tree.cursor_line - int(tree.scroll_y))
