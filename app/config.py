"""Settings from the environment; every bad value is reported at once."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.errors import N_, SetupError

PROJECT_DIR = Path(__file__).parents[1]
TRANSLATIONS_DIR = PROJECT_DIR / "app" / "web" / "translations"
Network = IPv4Network | IPv6Network
LANGUAGES = ("de", "en")
LOG_LEVELS = ("debug", "info", "warning", "error")
SECURITIES = ("starttls", "tls", "none")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class SettingsError(SetupError):
    """One or more settings are wrong; each is told in its own sentence, one a line.

    Parameters
    ----------
    problems : list of SetupError
        What is wrong, in the order of the fields of `Settings`; never empty.
    """

    def __init__(self, problems: list[SetupError]) -> None:
        super().__init__("%(problems)s", problems="\n".join(map(str, problems)))
        self.problems = problems

    def sentence(self, *language: Any, **options: Any) -> str:
        """Return one translated sentence a line."""
        return "\n".join(problem.sentence(*language, **options) for problem in self.problems)


@dataclass(frozen=True)
class OpenIdProvider:
    """An OpenID Connect provider by which people may sign in, too; `name` is for the page of signing in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    name: str


@dataclass(frozen=True)
class MailSettings:
    """How mails of meetings leave and how answers come in.

    Attributes
    ----------
    sender : str
        Address from which they come, and to which people answer (``MAIL_FROM``).
    box : str
        Address of the mailbox that the service reads: calendars answer to it, and mails return to it, with
        ``+NUMBER.SIGNATURE`` behind its name (``MAIL_BOX``; `sender` by default).
    per_minute : int
        Most mails a minute (``MAIL_PER_MINUTE``, default 60).
    smtp_host, smtp_port, smtp_security, smtp_user, smtp_password
        The server that takes mails (``SMTP_HOST``, ``SMTP_PORT``, default 587, ``SMTP_SECURITY``: starttls,
        tls or none, ``SMTP_USER``, ``SMTP_PASSWORD``); without a host they are written to ``outbox`` in
        `var_dir`.
    imap_host, imap_port, imap_security, imap_user, imap_password, imap_folder
        Where the mailbox is read (``IMAP_HOST``, ``IMAP_PORT``, default 993, ``IMAP_SECURITY``, default tls,
        ``IMAP_USER``, ``IMAP_PASSWORD``, ``IMAP_FOLDER``, default INBOX); without a host it is not.
    """

    sender: str
    box: str
    per_minute: int
    smtp_host: str | None
    smtp_port: int
    smtp_security: str
    smtp_user: str | None
    smtp_password: str | None = field(repr=False)
    imap_host: str | None
    imap_port: int
    imap_security: str
    imap_user: str | None
    imap_password: str | None = field(repr=False)
    imap_folder: str


@dataclass(frozen=True)
class Settings:
    """What the environment says about this installation.

    Attributes
    ----------
    database_url : str or None
        SQLAlchemy URL of a PostGIS (``DATABASE_URL``); None means the project's private cluster.
    var_dir : Path
        Absolute folder for everything the service keeps (``APP_VAR_DIR``, default ``var/``).
    postgres_bin : Path or None
        The only folder in which PostgreSQL's programs are looked for (``APP_POSTGRES_BIN``).
    host, port : str, int
        Where the web server listens (``HOST``, ``PORT``, default 127.0.0.1:8000).
    secret_key : str or None
        Key that signs sessions (``SECRET_KEY``); None means the one kept in `var_dir`.
    basemap_url, basemap_attribution : str or None
        A foreign XYZ base map, https only, with the notice its owner asks for
        (``BASEMAP_URL``, ``BASEMAP_ATTRIBUTION``); both or none.
    language : str
        Language of pages for readers who asked for none (``APP_LANGUAGE``, default ``de``).
    trusted_proxies : tuple of IPv4Network or IPv6Network
        From where ``X-Forwarded-*`` headers are believed (``TRUSTED_PROXY``, addresses or networks with
        commas between); none by default.
    trusted_hosts : tuple of str
        Names under which the service answers (``TRUSTED_HOSTS``, with commas between; one with a dot in front
        stands for all below it); any by default.
    texts_dir : Path or None
        Folder with texts of one's own for imprint, privacy, accessibility and help, ``imprint.de.md``
        (``APP_TEXTS_DIR``).
    openid_provider : OpenIdProvider or None
        By whom people may sign in, too (``OIDC_ISSUER``, ``OIDC_CLIENT_ID``, ``OIDC_CLIENT_SECRET``,
        all or none; ``OIDC_SCOPE``, default ``openid email``; ``OIDC_NAME``, default the issuer's host).
    security_contact : str or None
        Where weaknesses are reported to: a ``mailto:``, https or ``tel:`` address (``SECURITY_CONTACT``).
    workers : int
        Web server processes (``APP_WORKERS``, default 2).
    meeting_names_days : int
        How many days after a meeting the names of persons leave it (``MEETING_NAMES_DAYS``, default 60).
    patience_s : int
        For how many seconds a client may be slow to send a request or to take an answer
        (``APP_PATIENCE_S``, default 60).
    tile_cache_mb : int
        Memory in which each process keeps drawn tiles (``APP_TILE_CACHE_MB``, default 16; 0 keeps none).
    log_level : str
        Least severity that is logged (``APP_LOG_LEVEL``, default ``warning``).
    mail : MailSettings
    is_demo : bool
        Whether made-up data are served, from a database of their own in ``var/demo`` (``APP_DEMO``: 1).
    """

    database_url: str | None
    var_dir: Path
    postgres_bin: Path | None
    host: str
    port: int
    secret_key: str | None
    basemap_url: str | None
    basemap_attribution: str | None
    language: str
    trusted_proxies: tuple[Network, ...]
    trusted_hosts: tuple[str, ...]
    texts_dir: Path | None
    openid_provider: OpenIdProvider | None
    security_contact: str | None
    workers: int
    meeting_names_days: int
    patience_s: int
    tile_cache_mb: int
    log_level: str
    mail: MailSettings
    is_demo: bool

    @property
    def log(self) -> Path:
        """File that keeps what installers said at set-up."""
        return self.var_dir / "set-up.log"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Return the settings of `environment` (the process's own without one).

        Empty values count as unset.

        Raises
        ------
        SettingsError
            If any value is wrong; it tells all of them.
        """
        return _Reading(os.environ if environment is None else environment).settings()


def read_secret_key(settings: Settings) -> str:
    """Return the configured secret key, or the one kept in ``var_dir/secret_key``, made when absent.

    The file is readable by its owner only. Two processes that start together agree on one key:
    only a complete file ever gets the name, and only the first one does.
    """
    if settings.secret_key:
        return settings.secret_key
    kept = settings.var_dir / "secret_key"
    if not kept.exists():
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f"secret_key.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, kept)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text("utf-8")


def keep_secret_key(settings: Settings, secret: str) -> None:
    """Put `secret` in the place of the kept secret key, readable by its owner only."""
    fresh = settings.var_dir / f"secret_key.{secrets.token_hex(4)}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    fresh.replace(settings.var_dir / "secret_key")


class _Reading:
    """One pass over the environment that gathers problems instead of stopping at the first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[SetupError] = []

    def settings(self) -> Settings:
        found = Settings(
            database_url=self.database_url(),
            var_dir=self.folder("APP_VAR_DIR") or PROJECT_DIR / ("var/demo" if self.is_demo() else "var"),
            postgres_bin=self.folder("APP_POSTGRES_BIN"),
            host=self.text("HOST") or "127.0.0.1",
            port=self.whole_number("PORT", 8000, 1, 65535),
            secret_key=self.secret_key(),
            basemap_url=self.basemap_url(),
            basemap_attribution=self.text("BASEMAP_ATTRIBUTION"),
            language=self.one_of("APP_LANGUAGE", LANGUAGES, "de"),
            trusted_proxies=self.networks("TRUSTED_PROXY"),
            trusted_hosts=self.hosts("TRUSTED_HOSTS"),
            texts_dir=self.existing_folder("APP_TEXTS_DIR"),
            openid_provider=self.openid_provider(),
            security_contact=self.contact("SECURITY_CONTACT"),
            workers=self.whole_number("APP_WORKERS", 2, 1, 64),
            meeting_names_days=self.whole_number("MEETING_NAMES_DAYS", 60, 0, 3650),
            patience_s=self.whole_number("APP_PATIENCE_S", 60, 1, 3600),
            tile_cache_mb=self.whole_number("APP_TILE_CACHE_MB", 16, 0, 4096),
            log_level=self.one_of("APP_LOG_LEVEL", LOG_LEVELS, "warning"),
            mail=self.mail(),
            is_demo=self.is_demo(),
        )
        if self.problems:
            raise SettingsError(self.problems)
        return found

    def is_demo(self) -> bool:
        return self.text("APP_DEMO") not in (None, "0")

    def mail(self) -> MailSettings:
        sender = self.mail_address("MAIL_FROM")
        if sender is None and self.text("SMTP_HOST") is not None:
            self.refuse(N_("MAIL_FROM must be set where SMTP_HOST is: the address from which mails come."))
        sender = sender or "anlieger@nachbarschaft.invalid"
        return MailSettings(
            sender=sender,
            box=self.mail_address("MAIL_BOX") or sender,
            per_minute=self.whole_number("MAIL_PER_MINUTE", 60, 1, 100_000),
            smtp_host=self.text("SMTP_HOST"),
            smtp_port=self.whole_number("SMTP_PORT", 587, 1, 65535),
            smtp_security=self.one_of("SMTP_SECURITY", SECURITIES, "starttls"),
            smtp_user=self.text("SMTP_USER"),
            smtp_password=self.text("SMTP_PASSWORD"),
            imap_host=self.text("IMAP_HOST"),
            imap_port=self.whole_number("IMAP_PORT", 993, 1, 65535),
            imap_security=self.one_of("IMAP_SECURITY", SECURITIES, "tls"),
            imap_user=self.text("IMAP_USER"),
            imap_password=self.text("IMAP_PASSWORD"),
            imap_folder=self.text("IMAP_FOLDER") or "INBOX",
        )

    def mail_address(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None and not _MAIL_ADDRESS.fullmatch(value):
            self.refuse(
                N_("%(name)s must be a mail address such as anlieger@park.example, not “%(value)s”."),
                name=name,
                value=value,
            )
            return None
        return value

    def refuse(self, template: str, **params: object) -> None:
        # Line breaks in a value would make one sentence look like two.
        shown = {name: " ".join(str(value).split()) for name, value in params.items()}
        self.problems.append(SetupError(template, **shown))

    def text(self, name: str) -> str | None:
        return self.environment.get(name, "").strip() or None

    def folder(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value).expanduser().absolute() if value else None

    def existing_folder(self, name: str) -> Path | None:
        found = self.folder(name)
        if found is not None and not found.is_dir():
            self.refuse(
                N_("%(name)s must be a folder that is there, not “%(value)s”."), name=name, value=found
            )
        return found

    def database_url(self) -> str | None:
        value = self.text("DATABASE_URL")
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
            # The value itself may hold a password and is not repeated.
            self.refuse(N_("DATABASE_URL must begin with postgresql:// and name a PostGIS database."))
            return None
        return f"postgresql+psycopg://{rest}"

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", value) and least <= int(value) <= most:
            return int(value)
        self.refuse(
            N_("%(name)s must be a whole number from %(least)s to %(most)s, not “%(value)s”."),
            name=name,
            least=least,
            most=most,
            value=value,
        )
        return default

    def parts(self, name: str) -> list[str]:
        return [part.strip() for part in (self.text(name) or "").split(",") if part.strip()]

    def networks(self, name: str) -> tuple[Network, ...]:
        try:
            return tuple(ip_network(part) for part in self.parts(name))
        except ValueError:
            self.refuse(
                N_("%(name)s must be addresses such as 127.0.0.1 or 10.0.0.0/8, not “%(value)s”."),
                name=name,
                value=self.text(name),
            )
            return ()

    def hosts(self, name: str) -> tuple[str, ...]:
        found = tuple(part.lower() for part in self.parts(name))
        if not all(re.fullmatch(r"\.?[\w-]+(\.[\w-]+)*", part) for part in found):
            self.refuse(
                N_("%(name)s must be host names such as park.example or .park.example, not “%(value)s”."),
                name=name,
                value=self.text(name),
            )
        return found

    def contact(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None and not re.fullmatch(r"(mailto:[^\s@]+@|https://|tel:\+?)[!-~]+", value):
            self.refuse(
                N_(
                    "%(name)s must be an address that begins with mailto:, https:// or tel:, not “%(value)s”."
                ),
                name=name,
                value=value,
            )
        return value

    def openid_provider(self) -> OpenIdProvider | None:
        names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
        issuer, client_id, client_secret = (self.text(name) for name in names)
        if not (issuer and client_id and client_secret):
            if issuer or client_id or client_secret:
                self.refuse(N_("%(names)s must be set together, or none of them."), names=", ".join(names))
            return None
        if not _is_issuer(issuer):
            self.refuse(N_("OIDC_ISSUER must be an https address, not “%(value)s”."), value=issuer)
            return None
        scope = self.text("OIDC_SCOPE") or "openid email"
        if "openid" not in scope.split():
            self.refuse(N_("OIDC_SCOPE must hold the word openid, not “%(value)s”."), value=scope)
        name = self.text("OIDC_NAME") or urlsplit(issuer).hostname or issuer
        return OpenIdProvider(issuer, client_id, client_secret, scope, name)

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = (self.text(name) or default).lower()
        if value not in choices:
            self.refuse(
                N_("%(name)s must be one of %(choices)s, not “%(value)s”."),
                name=name,
                choices=", ".join(choices),
                value=value,
            )
        return value

    def secret_key(self) -> str | None:
        value = self.text("SECRET_KEY")
        if value is not None and len(value) < 16:
            self.refuse(N_("SECRET_KEY must have at least 16 characters."))
        return value

    def basemap_url(self) -> str | None:
        value = self.text("BASEMAP_URL")
        if (value is None) != (self.text("BASEMAP_ATTRIBUTION") is None):
            self.refuse(N_("BASEMAP_URL and BASEMAP_ATTRIBUTION must be set together, or neither."))
        if value is not None and not _is_tile_url(value):
            self.refuse(
                N_("BASEMAP_URL must be an https address with {z}, {x} and {y}, not “%(value)s”."),
                value=value,
            )
        return value


def _is_tile_url(value: str) -> bool:
    """Return whether `value` is an XYZ address by https, safe to put into a header or script."""
    plain = re.fullmatch(r"https://[A-Za-z0-9.{}-]+(:[0-9]+)?/[A-Za-z0-9._~/{}?&=%:@+,-]*", value)
    return plain is not None and all(part in value for part in ("{z}", "{x}", "{y}"))


def _is_issuer(value: str) -> bool:
    """Return whether `value` is an issuer's address: by https, or of a provider on this machine."""
    own = r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?"
    return re.fullmatch(rf"(https://[^\s/?#@]+|{own})(/[^\s?#]*)?", value) is not None
