"""gunicorn, nginx and the timers that look after them: their files, and when they reload."""

import platform
import re
import string
from pathlib import Path

from aws_deployment.machine import database, health, memory, release
from aws_deployment.machine.system import USER, Changes, Refusal, holds, system

FILES = Path(__file__).parent / "files"
UNITS = Path("/etc/systemd/system")
SITE = Path("/etc/nginx/conf.d/recsys.conf")
DEFAULT_SITE = Path("/etc/nginx/sites-enabled/default")
ACME = Path("/var/lib/recsys/acme")
LOGS = Path("/var/log/recsys")
MANAGE = Path("/usr/local/bin/recsys-manage")
CERTIFICATES = Path("/etc/letsencrypt/live")


class Text(string.Template):
    """$NAME in capitals is ours; $name is nginx's."""

    idpattern = "[A-Z_]+"
    flags = re.VERBOSE


def render(name: str, **values: str) -> str:
    return Text((FILES / name).read_text(encoding="utf-8")).safe_substitute(values)


def on_amazon_linux() -> bool:
    return platform.freedesktop_os_release()["ID"] == "amzn"


def nginx_user() -> dict[str, str]:
    user = "nginx" if on_amazon_linux() else "www-data"
    return {"NGINX_USER": user, "NGINX_GROUP": user}


def folders(changes: Changes) -> None:
    changes.folder(Path("/etc/recsys"))
    changes.folder(ACME.parent)
    changes.folder(ACME)
    changes.folder(LOGS, mode=0o750, group=nginx_user()["NGINX_GROUP"])


def switch(changes: Changes, version: Path, values: dict[str, str], authorities: str) -> None:
    """Let gunicorn run this version with these values, and check that it is well."""
    running, restarting = release.current(), False
    changes.undo_with(lambda: _as_before(running, restart=restarting))
    socket, unit = (_put_unit(changes, f"recsys.{kind}") for kind in ("socket", "service"))
    trusted = changes.put(database.AUTHORITIES, authorities)
    settings = _remember(changes, values)
    restarting = socket or unit or trusted or settings or version != running
    if version != running:
        release.flip(changes, version)
    if socket or unit:
        system("systemctl", "daemon-reload")
    if socket:  # systemd replaces a socket only while it is unused
        system("systemctl", "stop", "recsys.service", "recsys.socket")
    _enable(changes, "recsys.socket")
    if restarting:
        _restart(values)
    _enable(changes, "recsys.service")


def _remember(changes: Changes, values: dict[str, str]) -> bool:
    text = memory.PATH.read_text(encoding="utf-8") if memory.PATH.is_file() else ""
    return changes.put(memory.PATH, memory.update(text, values), mode=0o600, owner=USER, group=USER)


def _put_unit(changes: Changes, name: str) -> bool:
    return changes.put(UNITS / name, render(name, **nginx_user()))


def _enable(changes: Changes, *units: str) -> None:
    """Enable units now and at boot."""
    for unit in units:
        if not (holds("systemctl", "is-enabled", unit) and holds("systemctl", "is-active", unit)):
            system("systemctl", "enable", "--now", unit)
            changes.note(f"{unit} enabled")


def _restart(values: dict[str, str]) -> None:
    """Restart gunicorn. systemd keeps the socket: requests wait, none fails."""
    system("systemctl", "restart", "recsys.service", remedy="see journalctl -u recsys")
    if trouble := health.wait(values):
        raise Refusal(f"health check: {trouble}; see journalctl -u recsys")


def _as_before(running: Path | None, *, restart: bool) -> None:
    if not restart:
        return
    system("systemctl", "daemon-reload")
    if running:
        system("systemctl", "restart", "recsys.service")
        print(f"went back to {running.name}", flush=True)
    else:
        system("systemctl", "disable", "--now", "recsys.service", "recsys.socket")


def serve(changes: Changes, values: dict[str, str]) -> None:
    """Put nginx in front, with a certificate if there is a domain."""
    domain = values["SETUP_DOMAIN"]
    _put_site(changes, _site(domain))
    if domain and not _certified(domain):
        _certify(domain, values["SETUP_EMAIL"])
        changes.note(f"certificate for {domain}")
        _put_site(changes, _site(domain))
    _enable(changes, *_timers(domain))


def _certified(domain: str) -> bool:
    return (CERTIFICATES / domain / "fullchain.pem").exists()


def _site(domain: str) -> str:
    """nginx's configuration; plain http until there is a certificate, which needs it."""
    if not domain or not _certified(domain):
        return render("nginx.conf", LISTEN=render("nginx-http.conf").strip())
    listen = render("nginx-tls.conf", DOMAIN=domain).strip()
    return render("nginx.conf", LISTEN=listen) + render("nginx-redirect.conf", DOMAIN=domain)


def _put_site(changes: Changes, text: str) -> None:
    changed = False
    changes.undo_with(lambda: changed and system("systemctl", "reload", "nginx.service"))
    changed = any([changes.remove(DEFAULT_SITE), changes.put(SITE, text)])
    if changed:
        system("nginx", "-t", "-q", remedy="see nginx -t")
        system("systemctl", "reload-or-restart", "nginx.service")
    _enable(changes, "nginx.service")


def _certify(domain: str, email: str) -> None:
    system(
        "certbot", "certonly", "--non-interactive", "--agree-tos", "--webroot",
        "--webroot-path", str(ACME), "--domain", domain, "--email", email,
        "--deploy-hook", "systemctl reload nginx.service",
        remedy=f"{domain} must point at this machine, and port 80 be open to the internet",
    )  # fmt: skip


def _timers(domain: str) -> list[str]:
    timers = ["recsys-health.timer", "logrotate.timer"]
    if on_amazon_linux():
        timers += ["dnf-automatic-install.timer"]
        return timers + (["certbot-renew.timer"] if domain else [])
    timers += ["apt-daily.timer", "apt-daily-upgrade.timer"]
    return timers + (["certbot.timer"] if domain else [])


def look_after(changes: Changes) -> None:
    """Set up log rotation, security updates, manage.py, and the health check every minute."""
    changes.put(MANAGE, render("recsys-manage"), mode=0o755)
    changes.put(Path("/etc/logrotate.d/recsys"), render("logrotate", **nginx_user()))
    if on_amazon_linux():
        changes.put(Path("/etc/dnf/automatic.conf"), render("dnf-automatic.conf"))
        # The image is locked to the packages of its release date; this allows updates.
        changes.put(Path("/etc/dnf/vars/releasever"), "latest\n")
    else:
        changes.put(Path("/etc/apt/apt.conf.d/52recsys"), render("apt-upgrades"))
    units = [_put_unit(changes, f"recsys-health.{kind}") for kind in ("service", "timer")]
    if any(units):
        system("systemctl", "daemon-reload")
