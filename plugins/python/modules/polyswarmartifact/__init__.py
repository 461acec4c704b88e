# SPDX-License-Identifier: MIT
"""As much of polyswarm-artifact as a scanner class imports; taken only where the real one is not installed."""
import enum

__version__ = "0"


class PolyswarmArtifactException(Exception):
    pass


class DecodeError(PolyswarmArtifactException):
    pass


class ArtifactType(enum.Enum):
    FILE = 0
    URL = 1

    @staticmethod
    def from_string(value):
        return None if value is None else ArtifactType.__members__.get(value.upper())

    @staticmethod
    def to_string(artifact_type):
        return artifact_type.name.lower()

    def decode_content(self, content):
        if content is None or self is ArtifactType.FILE:
            return content
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DecodeError("a URL that is no UTF-8") from error
