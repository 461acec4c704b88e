# SPDX-License-Identifier: MIT
"""Engines subclass it beside their scanner. Microengine itself does that part: nothing here is ever called."""


class AbstractMicroengine:
    def __init__(self, *args, **kwargs):
        raise NotImplementedError("microengine serve is the engine; only the scanner class is used")
