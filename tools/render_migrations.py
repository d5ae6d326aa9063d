"""Render the Alembic revisions as SQL, one file a revision and dialect.

Usage: python tools/render_migrations.py [FOLDER]   (default: the package's own sql/ folder)
"""

import io
import sys
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parents[1] / "src/antechamber/storage/migrations"
DIALECTS = ("sqlite", "postgresql")


def render(dialect: str, revision: str, previous: str | None) -> str:
    """Return the SQL that takes a database from the previous revision to this one."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory(str(MIGRATIONS), version_locations=[str(MIGRATIONS / "versions")])
    buffer = io.StringIO()
    with EnvironmentContext(
        config,
        script,
        fn=lambda _current, _context: script._upgrade_revs(revision, previous or "base"),
        as_sql=True,
        starting_rev=previous,
        destination_rev=revision,
    ) as environment:
        environment.configure(
            dialect_name=dialect, literal_binds=True, output_buffer=buffer, transactional_ddl=False
        )
        environment.run_migrations()
    oldest = getattr(script.get_revision(revision).module, "oldest_program", revision)
    return f"{buffer.getvalue().strip()}\n\n{declaration(dialect, oldest)}\n"


def declaration(dialect: str, oldest_program: str) -> str:
    """Return the SQL that leaves in the database from which program on it serves them.

    oldest_program: the newest revision that the oldest of them knows.
    """
    if dialect == "sqlite":
        return f"PRAGMA user_version = {int(oldest_program)};"
    return f"COMMENT ON TABLE alembic_version IS '{oldest_program}';"


def main(folder: Path) -> None:
    """Write FOLDER/<dialect>/<revision>.sql for every revision."""
    script = ScriptDirectory(str(MIGRATIONS), version_locations=[str(MIGRATIONS / "versions")])
    for revision in reversed(list(script.walk_revisions())):
        for dialect in DIALECTS:
            previous = revision.down_revision
            assert previous is None or isinstance(previous, str), "revisions form one line"
            path = folder / dialect / f"{revision.revision}.sql"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(render(dialect, revision.revision, previous), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else MIGRATIONS / "sql")
