"""Nearest matches for what was mistyped: a group of commands names the one that was probably meant."""

from __future__ import annotations

import difflib

import click


class NearestGroup(click.Group):
    """A group of commands whose error about an unknown name says which known one is near."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Give what click found. Raises click's usage error, with the nearest names or all of them."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            names = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0].lower(), names, n=2)
            known = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
            ctx.fail(f"there is no command {args[0]!r}; {known}")
        return super().resolve_command(ctx, args)
