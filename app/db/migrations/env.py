"""Alembic's entry: autogenerates and runs migrations over the connection given by `app.db.migrate`."""

from alembic import context
from geoalchemy2 import alembic_helpers

from app.db.migrate import settle_deferred
from app.db.models import Base

connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    # Without these three, autogenerate drops spatial_ref_sys and loses GiST.
    include_object=alembic_helpers.include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    on_version_apply=lambda **_: settle_deferred(connection),
)
with context.begin_transaction():
    context.run_migrations()
