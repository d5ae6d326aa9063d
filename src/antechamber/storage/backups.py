"""A whole copy of a SQLite database that is in use."""

import os
from pathlib import Path

import apsw


def back_up(database: Path, file: Path) -> None:
    """Write the database as it is at one instant to a new file, checked and on the disk.

    Under the final name the file is whole or not there: it is written beside it, as FILE.partial.
    Raises OSError.
    """
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    # Made here and not by SQLite: nobody else may read what is in it.
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        source = apsw.Connection(str(database), apsw.SQLITE_OPEN_READONLY)
        target = apsw.Connection(str(partial), apsw.SQLITE_OPEN_READWRITE)
        try:
            with target.backup("main", source, "main") as copying:
                # All in one step: it reads one state, and writers go on writing to the log meanwhile.
                copying.step()
            # One file, which needs no log beside it; the program turns that on again by itself.
            target.pragma("journal_mode", "delete")
            found = target.pragma("quick_check")
            if found != "ok":
                raise OSError(f"the copy is damaged: {found}")
        finally:
            target.close()
            source.close()
    except apsw.Error as error:
        raise OSError(str(error)) from error
    _sync(partial)
    # Never over a file that came meanwhile.
    os.link(partial, file)
    partial.unlink()
    _sync(file.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
