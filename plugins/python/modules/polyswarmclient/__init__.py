# SPDX-License-Identifier: MIT
"""As much of polyswarm-client as a scanner class imports; taken only where the real one is not installed."""
