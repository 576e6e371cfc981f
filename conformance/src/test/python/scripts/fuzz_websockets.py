"""Run Autobahn's fuzzing client, under Jython; by Python 2's rules.

fuzz_websockets.py URL FOLDER CASES EXCLUDED: the last two are patterns like 9.*, with commas
between them. What it says about a case stands in FOLDER; here comes a line for each:

    case CASE BEHAVIOUR BEHAVIOUR-AT-THE-END MILLISECONDS REPORT
"""

import json
import os
import sys

from autobahntestsuite import wstest

AGENT = "sluice"


def specification(url, folder, cases, excluded):
    return {
        "options": {"failByDrop": False},
        "outdir": folder,
        "servers": [{"agent": AGENT, "url": url}],
        "cases": cases.split(","),
        "exclude-cases": excluded.split(",") if excluded else [],
        "exclude-agent-cases": {},
    }


def number(case):
    return [int(part) for part in case.split(".")]


def main(url, folder, cases, excluded):
    wstest.start({"mode": "fuzzingclient"}, specification(url, folder, cases, excluded))
    with open(os.path.join(folder, "index.json")) as index:
        results = json.load(index)[AGENT]
    for case in sorted(results, key=number):
        result = results[case]
        line = ["case " + case, result["behavior"], result["behaviorClose"]]
        line += [str(result["duration"]), result["reportfile"]]
        sys.stdout.write("\t".join(line) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
