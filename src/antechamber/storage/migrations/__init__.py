"""The schema's history, and bringing a database up to it.

`versions/` holds the Alembic revisions as they are written; `sql/<dialect>/` the same revisions as SQL,
rendered by `make migrations`, which is what the program runs: it needs neither Alembic nor SQLAlchemy.
"""

from importlib.resources import files

from antechamber.storage.database import Database

# What the version of a database begins with while `antechamber copy` fills it: no server starts on a half.
COPYING = "copying "


class SchemaMismatch(Exception):
    """The database's schema is not the one that this program was made for (INV-32)."""


def revisions(dialect: str) -> dict[str, str]:
    """Return the SQL of every revision by its number, oldest first."""
    folder = files(__name__) / "sql" / dialect
    scripts = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {name.removesuffix(".sql"): entry.read_text("utf-8") for name, entry in scripts}


async def migrate(database: Database, dialect: str) -> list[str]:
    """Bring the schema up to date, one transaction a revision; return the revisions that were run.

    Raises SchemaMismatch when the database is newer than this program.
    """
    known = revisions(dialect)
    current = await database.schema_version()
    _require_whole(current)
    if current is not None and current not in known:
        raise SchemaMismatch(f"the database's schema {current} is newer than this program's {max(known)}")
    missing = [number for number in known if current is None or number > current]
    for number in missing:
        await database.run_script(known[number])
    return missing


async def require_current(database: Database, dialect: str) -> None:
    """Return when the schema is this program's. Raises SchemaMismatch otherwise."""
    current, newest = await database.schema_version(), max(revisions(dialect))
    _require_whole(current)
    if current != newest:
        raise SchemaMismatch(
            f"the database's schema is {current or 'empty'}, this program needs {newest}: "
            "run `antechamber migrate`"
        )


def _require_whole(version: str | None) -> None:
    if version is not None and version.startswith(COPYING):
        raise SchemaMismatch("a copy into this database has not ended: run `antechamber copy` again")
