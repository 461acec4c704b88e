# SPDX-License-Identifier: MIT
from .verdict import Verdict

__all__ = ["Verdict"]
