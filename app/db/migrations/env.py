"""Alembic's entry: autogenerates and runs migrations over the connection given by `app.db.migrate`."""

from alembic import context
from geoalchemy2 import alembic_helpers

from app.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    # Without these three, autogenerate drops spatial_ref_sys and loses GiST.
    include_object=alembic_helpers.include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
)
with context.begin_transaction():
    context.run_migrations()
