"""Versions of the site side by side in /opt/recsys, and the link to the running one.

repository/        git, bare
releases/<rev>/    one version; its `.venv` is a link into venvs/
venvs/<hash>/      shared by versions with the same requirements
current            link to the version that runs
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from aws_deployment.machine.system import MIGRATOR, USER, Changes, Refusal, run

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = Path("/opt/recsys")
REPOSITORY, RELEASES, VENVS = HOME / "repository", HOME / "releases", HOME / "venvs"
CURRENT = HOME / "current"
KEPT = 3
SOURCE_HEAD = "refs/setup/head"
REQUIREMENTS = ("requirements-site.txt", "requirements.txt")


class OnError(TypedDict):
    step: str
    remedy: str


def current() -> Path | None:
    """The running version."""
    return CURRENT.resolve() if CURRENT.is_symlink() and CURRENT.exists() else None


def wanted(changes: Changes, ref: str | None, source: str) -> Path:
    """The requested version, built if missing; without a ref the running one."""
    running = current()
    if running and not ref:
        return running
    _fetch(source or str(CHECKOUT))
    revision = _revision(ref or "HEAD")
    release = RELEASES / revision[:12]
    if not release.is_dir():
        _build(changes, revision, release)
    return release


def _git(*arguments: str, step: str, remedy: str) -> str:
    return run(["git", "-C", REPOSITORY, *arguments], step=step, remedy=remedy).strip()


def _fetch(source: str) -> None:
    """Fetch everything from the source, which may be shallow or owned by another user."""
    if not REPOSITORY.is_dir():
        run(["git", "init", "--quiet", "--bare", REPOSITORY], step="git init", remedy="see above")
    source = str(Path(source).resolve()) if Path(source).exists() else source
    trusting = (
        ["--upload-pack=git -c safe.directory=* upload-pack"] if Path(source).is_dir() else []
    )
    on_error: OnError = {"step": "fetching the project", "remedy": "check --source REPOSITORY"}
    refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
    if _git("ls-remote", *trusting, source, "HEAD", **on_error):
        refs.append(f"+HEAD:{SOURCE_HEAD}")
    _git("fetch", "--quiet", "--update-shallow", *trusting, source, *refs, **on_error)


def _revision(ref: str) -> str:
    name = SOURCE_HEAD if ref == "HEAD" else ref
    return _git(
        "rev-parse", "--verify", f"{name}^{{commit}}",
        step=f"--upgrade {ref}", remedy="give a commit, branch or tag that the source has",
    )  # fmt: skip


def _build(changes: Changes, revision: str, release: Path) -> None:
    """Build it in a temporary place first, so that a release folder is always complete."""
    beside = release.with_suffix(".new")
    discard(beside)
    try:
        _unpack(revision, beside)
        (beside / ".venv").symlink_to(_venv(changes, beside))
        beside.rename(release)
    except BaseException:
        discard(beside)
        raise
    changes.undo_with(lambda: discard(release))
    changes.note(f"{release}/")


def _unpack(revision: str, target: Path) -> None:
    target.mkdir(parents=True)
    archive = target / "archive.tar"
    on_error: OnError = {"step": "unpacking the project", "remedy": "is the disk full?"}
    _git("-c", "tar.umask=022", "archive", f"--output={archive}", revision, **on_error)
    run(["tar", "--extract", "--file", archive, "--directory", target], **on_error)
    archive.unlink()
    for name in REQUIREMENTS:
        if not (target / name).is_file():
            raise Refusal(f"{revision[:12]} has no {name}: too old to be deployed by this script")


def _venv(changes: Changes, release: Path) -> Path:
    """The packages that this release requires. The stamp says that they are complete."""
    content = b"".join((release / name).read_bytes() for name in REQUIREMENTS)
    key = hashlib.sha256(content + sys.version.encode()).hexdigest()[:12]
    venv = VENVS / key
    if (venv / "complete").is_file():
        return venv
    discard(venv)
    try:
        _install(venv, release / REQUIREMENTS[0])
    except BaseException:
        discard(venv)
        raise
    (venv / "complete").touch()
    changes.note(f"{venv}/")
    return venv


def _install(venv: Path, requirements: Path) -> None:
    on_error: OnError = {
        "step": "installing Python packages",
        "remedy": "fix that, then start again",
    }
    run([sys.executable, "-m", "venv", venv], **on_error)
    # mysqlclient is compiled here, against the library that the system keeps up to date.
    run(
        [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--no-cache-dir", "--no-binary", "mysqlclient", "--requirement", requirements],
        **on_error,
    )  # fmt: skip


def prepare(
    changes: Changes, release: Path, values: Mapping[str, str], admin: Mapping[str, str]
) -> None:
    """Do everything possible before visitors see the version: checks, tables, static files.

    `admin` migrates, if there is one besides the site's user.
    """
    new = release != current()
    settings, who = {**values, **admin}, MIGRATOR if admin else USER
    check = ("check", "--deploy", "--database", "default")
    advice = _manage(release, settings, *check, step="checking", who=who)
    if new:
        _report(advice, r"security\.W\d+" if admin else r"security\.W\d+|app\.W002")
    output = _manage(release, settings, "migrate", "--no-input", step="migrating", who=who)
    if "No migrations to apply" not in output:
        changes.note(f"database {values['DB_NAME']} migrated")
        changes.undo_with(lambda: print("note: migrations are not undone", flush=True))
    if new:
        _collect_static(release, values)


def _manage(
    release: Path, values: Mapping[str, str], *arguments: str, step: str, who: str = USER
) -> str:
    """Run manage.py as the site's user, with the values, which are not in a file yet."""
    return run(
        [release / ".venv/bin/python", "-B", "manage.py", *arguments],
        step=f"{step} {release.name}",
        remedy="the site goes on as it was; fix that, then start again",
        cwd=release,
        as_user=who,
        environment={**values, "ENV_FILE": "/dev/null"},
        with_errors=True,
    )


def _report(advice: str, wanted: str) -> None:
    for warning in re.findall(rf"\(({wanted})\) (.+?\.)(?:\s|$)", advice):
        print(f"note: {' '.join(warning)}", flush=True)


def _collect_static(release: Path, values: Mapping[str, str]) -> None:
    static = release / "var" / "static"
    static.mkdir(parents=True, exist_ok=True)
    for folder in (static.parent, static):
        shutil.chown(folder, USER, USER)
    _manage(release, values, "collectstatic", "--no-input", step="collecting static files")
    if running := current():
        _keep_previous_static(running / "var" / "static", static)
    # The service may not write there, so it could not cache what Python compiles.
    subprocess.run([release / ".venv/bin/python", "-m", "compileall", "-q", release], check=False)


def _keep_previous_static(previous: Path, static: Path) -> None:
    """Keep the previous version's files, which pages delivered a moment ago still request."""
    manifest = json.loads((previous / "staticfiles.json").read_text(encoding="utf-8"))
    for name in manifest["paths"].values():
        for file in (name, f"{name}.gz"):
            if (previous / file).is_file() and not (static / file).exists():
                (static / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(previous / file, static / file)


def flip(changes: Changes, release: Path) -> None:
    """Point the link to the release, in one step."""
    previous = current()
    changes.undo_with(lambda: _point(previous) if previous else CURRENT.unlink(missing_ok=True))
    _point(release)
    changes.note(f"{CURRENT} -> {release.name}")


def _point(release: Path) -> None:
    beside = HOME / ".current.new"
    beside.unlink(missing_ok=True)
    beside.symlink_to(release)
    beside.replace(CURRENT)


def prune(changes: Changes) -> None:
    """Keep the newest releases and the running one, and the packages that they use."""
    newest = sorted(RELEASES.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    kept = {path for path in newest if not path.suffix} & {*newest[:KEPT], current()}
    used = {(release / ".venv").resolve() for release in kept if release}
    for old in [*(set(newest) - kept), *(set(VENVS.iterdir()) - used)]:
        discard(old)
        changes.note(f"{old}/ removed")


def discard(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
