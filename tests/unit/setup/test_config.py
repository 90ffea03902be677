from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import (
    PROJECT_DIR,
    MailSettings,
    OpenIdProvider,
    Settings,
    SettingsError,
    read_secret_key,
)
from app.errors import outcome


def refused(**environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environment)
    assert outcome(caught.value).exit_code == 7
    return caught.value.sentence().splitlines()


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    assert Settings.from_environment({"PORT": "", "DATABASE_URL": " "}) == Settings(
        database_url=None,
        var_dir=PROJECT_DIR / "var",
        postgres_bin=None,
        host="127.0.0.1",
        port=8000,
        secret_key=None,
        basemap_url=None,
        basemap_attribution=None,
        language="de",
        trusted_proxies=(),
        trusted_hosts=(),
        texts_dir=None,
        openid_provider=None,
        security_contact=None,
        workers=2,
        meeting_names_days=60,
        patience_s=60,
        tile_cache_mb=16,
        log_level="warning",
        is_demo=False,
        mail=MailSettings(
            sender="anlieger@nachbarschaft.invalid",
            box="anlieger@nachbarschaft.invalid",
            per_minute=60,
            smtp_host=None,
            smtp_port=587,
            smtp_security="starttls",
            smtp_user=None,
            smtp_password=None,
            imap_host=None,
            imap_port=993,
            imap_security="tls",
            imap_user=None,
            imap_password=None,
            imap_folder="INBOX",
        ),
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgres_address_gets_the_one_driver(scheme: str) -> None:
    settings = Settings.from_environment({"DATABASE_URL": f"{scheme}://a:b@host/db?sslmode=require"})
    assert settings.database_url == "postgresql+psycopg://a:b@host/db?sslmode=require"


@pytest.mark.parametrize(
    "url", ["mysql://a:geheim@host/db", "sqlite:///geheim.db", "geheim", "postgresql:geheim"]
)
def test_other_databases_are_refused_without_repeating_a_password(url: str) -> None:
    assert refused(DATABASE_URL=url) == [
        "DATABASE_URL must begin with postgresql:// and name a PostGIS database."
    ]


def test_every_bad_value_is_told_at_once_each_in_its_own_sentence() -> None:
    told = refused(
        DATABASE_URL="oracle://",
        PORT="70000",
        SECRET_KEY="short",
        BASEMAP_URL="http://tiles.example/{z}/{x}/{y}.png",
        APP_LANGUAGE="fr",
        APP_WORKERS="many",
        APP_LOG_LEVEL="loud",
    )
    first_words = [line.split()[0] for line in told]
    names = [
        "DATABASE_URL",
        "PORT",
        "SECRET_KEY",
        "BASEMAP_URL",
        "BASEMAP_URL",
        "APP_LANGUAGE",
        "APP_WORKERS",
    ]
    assert first_words == [*names, "APP_LOG_LEVEL"]
    assert all(line.endswith(".") for line in told)


@given(st.integers())
def test_exactly_the_ports_of_tcp_are_accepted(port: int) -> None:
    if 1 <= port <= 65535:
        assert Settings.from_environment({"PORT": str(port)}).port == port
    else:
        assert refused(PORT=str(port)) == [f"PORT must be a whole number from 1 to 65535, not “{port}”."]


@pytest.mark.parametrize("port", ["８０", "8_000", "80.0", "+80", "0x50", "eight"])
def test_what_python_would_take_for_a_number_is_no_port(port: str) -> None:
    assert len(refused(PORT=port)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example/{z}/{x}.png",
        "javascript:alert({z}{x}{y})",
        "https://tiles.example/{z}/{x}/{y}.png; script-src *",
        "https://tiles.example/{z}/{x}/{y}'",
        "https://tiles.example\n/{z}/{x}/{y}",
        "https://user@tiles.example/{z}/{x}/{y}",
    ],
)
def test_an_address_that_is_no_tile_address_is_refused(url: str) -> None:
    assert len(refused(BASEMAP_URL=url, BASEMAP_ATTRIBUTION="© somebody")) == 1


def test_a_base_map_needs_its_notice_and_the_notice_a_base_map() -> None:
    url = "https://{s}.tiles.example:8443/wmts/{z}/{y}/{x}.png?style=a,b&key=1"
    both = {"BASEMAP_URL": url, "BASEMAP_ATTRIBUTION": "© somebody"}
    assert Settings.from_environment(both).basemap_url == url
    for name, value in both.items():
        assert refused(**{name: value}) == [
            "BASEMAP_URL and BASEMAP_ATTRIBUTION must be set together, or neither."
        ]


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings.from_environment({"APP_VAR_DIR": str(tmp_path / "new")})
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_secret_key(settings), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 48
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "new" / "secret_key").stat().st_mode) == 0o600


def test_a_configured_secret_key_leaves_no_file(tmp_path: Path) -> None:
    settings = Settings.from_environment({"APP_VAR_DIR": str(tmp_path), "SECRET_KEY": "k" * 16})
    assert read_secret_key(settings) == "k" * 16
    assert list(tmp_path.iterdir()) == []


def test_names_of_hosts_are_read_in_any_case() -> None:
    settings = Settings.from_environment({"TRUSTED_HOSTS": " Park.Example, .wob.example,127.0.0.1 ,"})
    assert settings.trusted_hosts == ("park.example", ".wob.example", "127.0.0.1")


@pytest.mark.parametrize("value", ["https://park.example", "park.example:80", "*.example", "a b", "..a", "."])
def test_what_is_no_name_of_a_host_is_refused(value: str) -> None:
    (told,) = refused(TRUSTED_HOSTS=value)
    assert told.startswith("TRUSTED_HOSTS must be host names")
    assert f"“{value}”" in told


@pytest.mark.parametrize("value", ["mailto:it@park.example", "https://park.example/melden", "tel:+49-5361-0"])
def test_a_contact_is_an_address(value: str) -> None:
    assert Settings.from_environment({"SECURITY_CONTACT": value}).security_contact == value


@pytest.mark.parametrize(
    "value", ["it@park.example", "http://park.example", "mailto:it", "mailto:a@b\nExpires: never"]
)
def test_what_is_no_address_is_refused_as_a_contact(value: str) -> None:
    (told,) = refused(SECURITY_CONTACT=value)
    assert told.startswith("SECURITY_CONTACT must be an address")


def test_texts_of_ones_own_are_in_a_folder_that_is_there(tmp_path: Path) -> None:
    assert Settings.from_environment({"APP_TEXTS_DIR": str(tmp_path)}).texts_dir == tmp_path
    (told,) = refused(APP_TEXTS_DIR=str(tmp_path / "nowhere"))
    assert told == f"APP_TEXTS_DIR must be a folder that is there, not “{tmp_path / 'nowhere'}”."


OPENID = {
    "OIDC_ISSUER": "https://login.park.example/realms/park",
    "OIDC_CLIENT_ID": "nachbarschaft",
    "OIDC_CLIENT_SECRET": "geheim",
}


def test_an_openid_provider_is_called_by_its_host_unless_it_has_a_name() -> None:
    provider = Settings.from_environment(OPENID).openid_provider
    assert provider == OpenIdProvider(*OPENID.values(), "openid email", "login.park.example")
    assert "geheim" not in repr(provider)
    named = Settings.from_environment(OPENID | {"OIDC_NAME": "Park-Konto"}).openid_provider
    assert named
    assert named.name == "Park-Konto"


@pytest.mark.parametrize("missing", OPENID)
def test_an_openid_provider_is_set_as_a_whole(missing: str) -> None:
    (told,) = refused(**OPENID | {missing: ""})
    assert told == "OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET must be set together, or none of them."


@pytest.mark.parametrize(
    "issuer", ["login.park.example", "http://login.park.example", "https://a:b@park.example", "https://"]
)
def test_an_issuer_is_asked_by_https(issuer: str) -> None:
    assert refused(**OPENID | {"OIDC_ISSUER": issuer}) == [
        f"OIDC_ISSUER must be an https address, not “{issuer}”."
    ]


def test_a_provider_of_this_machine_needs_no_https_but_every_one_the_word_openid() -> None:
    assert Settings.from_environment(OPENID | {"OIDC_ISSUER": "http://127.0.0.1:9000/a"}).openid_provider
    (told,) = refused(**OPENID, OIDC_SCOPE="email profile")
    assert told == "OIDC_SCOPE must hold the word openid, not “email profile”."
