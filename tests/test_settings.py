"""Settings keep what they know to themselves."""

from pathlib import Path

import pytest

from wattline.settings import Database, Settings


def test_neither_pepper_nor_password_gets_into_a_log_line() -> None:
    settings = Settings(
        data_directory=Path("/data"), pepper=b"hot", database=Database(url="postgresql://me:word@host/x")
    )
    for written in (str(settings), repr(settings), f"{settings}"):
        assert written == "Settings(/data)"


def test_settings_cannot_be_changed_by_whoever_is_handed_them() -> None:
    settings = Settings(data_directory=Path("/data"), pepper=b"hot")
    with pytest.raises(AttributeError):
        settings.web.port = 1  # type: ignore[misc]
