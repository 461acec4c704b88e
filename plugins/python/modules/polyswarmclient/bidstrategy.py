# SPDX-License-Identifier: MIT
"""Engines subclass it beside their scanner. Bids are made by `microengine serve`: nothing here is ever called."""


class BidStrategyBase:
    def __init__(self, *args, **kwargs):
        raise NotImplementedError("microengine serve bids; only the scanner class is used")
