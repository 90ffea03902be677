"""``python -m app serve``: everything the service needs, then the service."""

from __future__ import annotations

import contextlib

import click

from app.cli.language import prompt_language
from app.cli.server.webserver import held_port, interruptible, serving
from app.cli.steps import Steps
from app.config import Settings, read_secret_key
from app.db.cluster.embedded import Cluster, find_cluster
from app.db.cluster.prepared import code_fingerprint, is_prepared, mark_prepared
from app.db.engine import check_postgis, database_errors, lock_preparation, make_engine
from app.domain.localizer import Localizer, localizer_for
from app.errors import N_, SetupError
from app.machine.assets import assets_current, install_assets
from app.machine.catalogs import compile_catalogs, stale_catalogs
from app.machine.disk import disk_errors
from app.machine.printing import install_libraries, missing_libraries
from app.machine.services import registered
from app.machine.setup_lock import one_at_a_time
from app.services.setup.compiling import are_kernels_ready, make_kernels_ready
from app.services.setup.demo.kept_apart import ACCOUNT, check_demo


@click.command(name="serve")
@click.option("--setup", is_flag=True, help="First set up everything the service needs.")
def command(*, setup: bool) -> None:
    """Serve the pages and the API until Ctrl-C, which stops all that was started here."""
    settings = Settings.from_environment()
    _check_demo(settings)
    localizer, password = localizer_for(prompt_language()), None
    with contextlib.ExitStack() as stack:
        stack.enter_context(interruptible())
        stack.enter_context(disk_errors(settings.var_dir))
        # First of all: a taken port is reported before anything slow begins.
        port = stack.enter_context(held_port(settings.host, settings.port))
        stack.enter_context(registered(settings.var_dir))
        steps = stack.enter_context(Steps(localizer.catalog.gettext))
        if setup:
            with one_at_a_time(settings.var_dir, lambda: steps(N_("Waiting for another set-up"))):
                _prepare_files(settings, steps)
        steps(N_("Database"))
        cluster = _private_cluster(settings)
        if cluster is not None:
            stack.enter_context(cluster.in_use())
        url = cluster.url() if cluster else str(settings.database_url)
        if setup:
            password = _prepare_database(url, steps, settings)
        steps(N_("Web server"))
        server = stack.enter_context(serving(settings, port, url))
        server.wait_for_answer()
        _send_mails(settings, url, stack)
        steps.finish()
        if password is not None:
            template = N_("Sign in as “%(name)s” with the password %(password)s; it is shown this once.")
            click.echo(localizer.translate(template, name=ACCOUNT, password=password))
        click.echo(localizer.translate(N_("Map: %(address)s"), address=server.address))
        server.wait_for_end(lambda: _look_after(cluster, localizer))


def _prepare_files(settings: Settings, steps: Steps) -> None:
    if not assets_current():
        steps(N_("Browser assets"))
        install_assets(settings.var_dir)
    if stale_catalogs():
        steps(N_("Translations"))
        compile_catalogs()
    if missing_libraries():
        steps(N_("Libraries for PDF"))
        if lacking := install_libraries(settings.log):
            # All but the visit sheet works without them.
            template = N_("Visit sheets cannot be printed: install the packages %(packages)s.")
            click.echo(localizer_for(prompt_language()).translate(template, packages=lacking), err=True)
    fingerprint = code_fingerprint()
    if not are_kernels_ready(settings.var_dir, fingerprint):
        steps(N_("Compiled functions"))
        make_kernels_ready(settings.var_dir, fingerprint)


def _private_cluster(settings: Settings) -> Cluster | None:
    """Return the private cluster; None where another database is configured."""
    if settings.database_url is not None:
        return None
    return find_cluster(settings.var_dir, settings.postgres_bin)


def _send_mails(settings: Settings, url: str, stack: contextlib.ExitStack) -> None:
    # What it imports nobody shall wait for.
    from app.cli.meetings.mail_worker import working  # noqa: PLC0415

    stack.enter_context(working(settings, url))


def _look_after(cluster: Cluster | None, localizer: Localizer) -> None:
    """Start a private database again that died under the service."""
    if cluster is not None and cluster.restart_dead():
        click.echo(localizer.translate(N_("The private database had crashed and was restarted.")), err=True)


def _check_demo(settings: Settings) -> None:
    """Keep the demo away from real databases and real mailboxes."""
    if settings.is_demo and settings.database_url is not None:
        raise SetupError(N_("The demo keeps a database of its own: unset DATABASE_URL."))
    if settings.is_demo and (settings.mail.smtp_host or settings.mail.imap_host):
        raise SetupError(N_("The demo writes mails to files only: unset SMTP_HOST and IMAP_HOST."))


def _prepare_database(url: str, steps: Steps, settings: Settings) -> str | None:
    """Migrate, load the data that ships into an empty database, derive neighbors and tours.

    Returns the password of the demo's account when it is made.
    """
    password = None
    engine = make_engine(url)
    check_postgis(engine)
    fingerprint = code_fingerprint()
    with database_errors(engine), engine.begin() as connection:
        # Whoever starts at the same time waits here and then finds everything done.
        lock_preparation(connection)
        check_demo(connection, is_wanted=settings.is_demo)
        if not is_prepared(connection, fingerprint):
            # Its imports (geopandas, scipy, alembic) are slow and wanted by the first start only.
            from app.services.setup.demo.filling import prepare_demo  # noqa: PLC0415
            from app.services.setup.first_start import prepare_database  # noqa: PLC0415

            if settings.is_demo:
                password = prepare_demo(connection, steps, read_secret_key(settings))
            else:
                prepare_database(connection, steps)
            mark_prepared(connection, fingerprint)
    engine.dispose()
    return password
