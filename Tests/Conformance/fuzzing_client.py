"""Runs cases of the Autobahn TestSuite against a server. For Python 2.7, the only one that the suite speaks.

    fuzzing_client.py ORDER     a JSON file: url, cases (patterns of the suite), messages (or null), results, report

Every case that ends is a line of JSON in `results`, so that a run that is cut short still tells what it saw. For those
that are worth reading, the suite's own report is left in the folder `report`.
"""

import json
import sys

import autobahntestsuite  # noqa: F401: it chooses the Twisted reactor, so it comes first
from autobahntestsuite import fuzzing
from twisted.internet import reactor

COMPRESSION = ("12.", "13.")
UNREMARKABLE = ("OK", "INFORMATIONAL")


class FuzzingClient(fuzzing.FuzzingClientFactory):
    def __init__(self, order):
        self.results = open(order["results"], "w", 1)
        server = {"agent": "apus", "url": order["url"].encode("ascii")}
        spec = {"outdir": order["report"], "servers": [server], "cases": order["cases"]}
        fuzzing.FuzzingClientFactory.__init__(self, spec)

    def logCase(self, result):
        line = {
            "id": result["id"],
            "behavior": result["behavior"],
            "close": result["behaviorClose"],
            "code": result["remoteCloseCode"],
            "why": "%s / %s" % (result["result"], result["resultClose"]),
            "milliseconds": result["duration"],
        }
        self.results.write(json.dumps(line) + "\n")
        if result["behavior"] not in UNREMARKABLE or result["behaviorClose"] not in UNREMARKABLE:
            fuzzing.FuzzingClientFactory.logCase(self, result)

    def createReports(self):
        if self.agents:
            fuzzing.FuzzingClientFactory.createReports(self)


def send_fewer(messages):
    """The suite sends 1000 messages in each of its cases about compression."""
    for case in fuzzing.Cases:
        name = case.__name__[len(fuzzing.CaseBasename) :].replace("_", ".")
        if name.startswith(COMPRESSION):
            case.COUNT = messages


def main(path):
    with open(path) as file:
        order = json.load(file)
    if order["messages"]:
        send_fewer(order["messages"])
    FuzzingClient(order)
    reactor.run()


if __name__ == "__main__":
    main(sys.argv[1])
