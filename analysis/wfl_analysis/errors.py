# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The one exception that the command line turns into a line and exit code 2."""


class UserError(Exception):
    """Something the user gave cannot be used.

    The message is one line: where it is, what is wrong, what would be right.
    """
