"""The Autobahn TestSuite as a process that tries the `/echo` of a hub."""

import json
import os
import subprocess
from pathlib import Path

from expected import Outcome

HERE = Path(__file__).parent
PYTHON2 = os.environ.get("AUTOBAHN_PYTHON", str(Path.home() / ".cache/apus/autobahn/python"))

# How long all 517 cases may take at full size; a case that hangs is ended by the suite itself, much sooner.
PATIENCE = 3600


class SuiteRun:
    """What one run saw, also if it broke off: then `trouble` says how."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.outcomes = {}
        self.reasons = {}
        self.milliseconds = {}
        self.trouble = None

    def against(self, url, wanted, messages=None, patience=PATIENCE):
        """Runs the wanted sections and cases (`7`, `7.1.6`); with `messages` as many in each case of 12 and 13."""
        results, log = self.folder / "results.jsonl", self.folder / "suite.log"
        order = {
            "url": url,
            "cases": wanted,
            "messages": messages,
            "results": str(results),
            "report": str(self.folder / "report"),
        }
        (self.folder / "order.json").write_text(json.dumps(order))
        with open(log, "wb") as output:
            try:
                status = subprocess.run(
                    [PYTHON2, HERE / "fuzzing_client.py", self.folder / "order.json"],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=patience,
                ).returncode
            except subprocess.TimeoutExpired:
                status = f"no end after {patience} s"
        if results.exists():
            self._read(results)
        if status != 0:
            end = log.read_text(errors="replace")[-2000:]
            self.trouble = f"the suite ended with {status}\n{end}"
        return self

    def _read(self, results):
        for line in results.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                break  # the line it was writing when it was ended
            fields = json.loads(line)
            case = fields["id"]
            self.outcomes[case] = Outcome(fields["behavior"], fields["close"], fields["code"])
            self.reasons[case] = fields["why"]
            self.milliseconds[case] = fields["milliseconds"]
