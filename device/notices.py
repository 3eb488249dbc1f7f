"""What the owner should know and nobody asked for: sentences that the page shows until their reason is gone.

The settings file, the folder of captures and the access code say here what they set aside, repaired or could not keep;
the status of the camera lists them. Values in memory only. Any thread.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

log = logging.getLogger(__name__)

MOST: Final = 20  # chosen: more than anybody reads


class Notices:
    """Sentences by their subject: a new one on the same subject replaces the old one."""

    def __init__(self) -> None:
        self._sentences: dict[str, str] = {}
        self._lock = threading.Lock()

    def say(self, subject: str, sentence: str) -> None:
        """Show a sentence, and log it when it is new."""
        with self._lock:
            known = self._sentences.pop(subject, None)
            self._sentences[subject] = sentence
            while len(self._sentences) > MOST:
                del self._sentences[next(iter(self._sentences))]
        if known != sentence:
            log.warning("%s", sentence)

    def withdraw(self, subject: str) -> None:
        """Show nothing on this subject any more."""
        with self._lock:
            self._sentences.pop(subject, None)

    def list(self) -> list[str]:
        """Give all sentences, oldest first."""
        with self._lock:
            return list(self._sentences.values())
