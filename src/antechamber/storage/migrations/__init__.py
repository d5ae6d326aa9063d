"""The schema's history, and bringing a database up to it.

`versions/` holds the Alembic revisions as they are written; `sql/<dialect>/` the same revisions as SQL,
rendered by `make migrations`, which is what the program runs: it needs neither Alembic nor SQLAlchemy.

A revision that an older program can live with says which: `oldest_program = "0007"`. The rendered SQL
leaves that in the database, where the older program looks for it: it cannot know revisions to come.
"""

from collections.abc import Iterable
from importlib.resources import files

from antechamber.storage.database import Database, Schema

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

    Several may try at once: each revision is run by one of them, the others go on after it.
    Raises SchemaMismatch when the database is newer than this program, and not made to serve it too.
    """
    known = revisions(dialect)
    done: list[str] = []
    while True:
        schema = await database.schema()
        if schema is not None and _is_served(schema, known):
            return done
        following = next(number for number in known if schema is None or number > schema.revision)
        if await database.run_script(known[following], after=schema and schema.revision):
            done.append(following)


async def require_current(database: Database, dialect: str) -> None:
    """Return when this program can run on the database's schema. Raises SchemaMismatch otherwise (INV-32)."""
    require_served(await database.schema(), dialect)


def require_served(schema: Schema | None, dialect: str) -> None:
    """Return when the schema is this program's, or a newer one that is made to serve it too.

    During a rolling upgrade programs of both versions run. Raises SchemaMismatch.
    """
    known = revisions(dialect)
    if schema is None or not _is_served(schema, known):
        raise SchemaMismatch(
            f"the database's schema is {schema.revision if schema else 'empty'}, this program needs "
            f"{max(known)}: run `antechamber migrate`"
        )


def _is_served(schema: Schema, known: Iterable[str]) -> bool:
    """Tell whether the schema serves this program; it is older where not. Raises SchemaMismatch."""
    if schema.revision.startswith(COPYING):
        raise SchemaMismatch("a copy into this database is under way: let `antechamber copy` come to its end")
    newest = max(known)
    if schema.revision <= newest:
        return schema.revision == newest
    if schema.oldest_program is None or schema.oldest_program > newest:
        raise SchemaMismatch(
            f"the database's schema {schema.revision} is newer than this program's {newest}, and serves "
            f"programs from {schema.oldest_program or schema.revision} on"
        )
    return True
