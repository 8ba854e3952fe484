"""Known holes in what runs in production: python -m tests.support.audit [--refresh]

Asks the advisories' server through pip-audit. A package that it does not tell about is looked up in
known-holes.json, if that is there: what was known of these very pins on a day when it did tell.
--refresh writes that file. The last line counts, so that nothing passes that nobody looked at.
"""

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.targets import ROOT

KEPT = ROOT / "known-holes.json"
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[\w,]+\])?==([^\s;#]+)")

Holes = dict[str, list[str]]
"""What is known of each pin, as name==version; none known is an empty list."""


@dataclass(frozen=True)
class Audit:
    asked: Holes
    kept: Holes
    day: str
    """Of what was kept."""
    unknown: list[str]

    @property
    def holes(self) -> list[str]:
        known = self.kept | self.asked
        return [f"{pin}: {hole}" for pin in sorted(known) for hole in known[pin]]

    @property
    def summary(self) -> str:
        count = len(self.asked) + len(self.kept) + len(self.unknown)
        kept = f", {len(self.kept)} looked up as of {self.day}" if self.kept else ""
        return (
            f"known holes: {len(self.holes)}; of {count} packages {len(self.asked)} asked for now"
            f"{kept}, {len(self.unknown)} NOT looked at"
        )


def main() -> None:
    options = _options()
    pins = read_pins(options.requirements)
    asked = ask(options.requirements, options.osv_url)
    if options.refresh:
        refresh(options.kept, pins, asked)
    audit = look_up(pins, asked, options.kept)
    print("\n".join([*audit.holes, audit.summary]))
    sys.exit(1 if audit.holes else 0)


def read_pins(requirements: Path) -> list[str]:
    """Of the file and of those that it includes."""
    found = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found += read_pins(requirements.parent / line[3:].strip())
        elif match := PIN.match(line):
            found.append(f"{match[1].lower()}=={match[2]}")
    return found


def ask(requirements: Path, osv_url: str | None) -> Holes:
    """Only of packages that the server told about."""
    service = ["--vulnerability-service", "osv", "--osv-url", osv_url] if osv_url else []
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--requirement", requirements, "--no-deps",
         "--disable-pip", "--progress-spinner", "off", "--format", "json", *service],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        told = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return {}  # without a connection it ends with an exception
    return {f"{one['name']}=={one['version']}": _holes(one) for one in told if "version" in one}


def _holes(dependency: dict[str, Any]) -> list[str]:
    return [
        f"{hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for hole in dependency["vulns"]
    ]


def refresh(kept: Path, pins: list[str], asked: Holes) -> None:
    """Write what is known today, of all pins or not at all."""
    if missing := set(pins) - set(asked):
        sys.exit(
            f"error: the advisories' server told about {len(asked)} of {len(pins)} packages and not"
            f" about {min(missing)}: refresh where it can be reached"
        )
    told = {"day": f"{datetime.now(UTC):%Y-%m-%d}", "holes": {pin: asked[pin] for pin in pins}}
    kept.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def look_up(pins: list[str], asked: Holes, kept: Path) -> Audit:
    """What the server did not tell, from the file."""
    told = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    known: Holes = told.get("holes", {})
    rest = [pin for pin in pins if pin not in asked]
    return Audit(
        asked={pin: asked[pin] for pin in pins if pin in asked},
        kept={pin: known[pin] for pin in rest if pin in known},
        day=told.get("day", ""),
        unknown=[pin for pin in rest if pin not in known],
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="write known-holes.json anew")
    parser.add_argument("--requirements", type=Path, default=ROOT / "requirements.txt")
    parser.add_argument("--kept", type=Path, default=KEPT, help="default: known-holes.json")
    parser.add_argument("--osv-url", help="of another server, which answers as OSV does")
    return parser.parse_args()


if __name__ == "__main__":
    main()
