"""A real TensorBoard on loopback, and what its HTTP interface says of a log directory."""

import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# Longest time that TensorBoard may take to start, and to load a log directory of a few files.
SECONDS_MAX = 60
SAMPLES = "scalars=100000,histograms=100000,images=100000,audio=100000,text=100000,pr_curves=100000"


class TensorBoard:
    """TensorBoard of a folder; `fast` says which of its two readers is used."""

    def __init__(self, folder, fast):
        self.fast = fast
        words = ["--logdir", str(folder), "--host", "127.0.0.1", "--port", "0"]
        words += ["--load_fast", "true" if fast else "false", "--samples_per_plugin", SAMPLES]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", *words],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.address = None
        for line in self.process.stderr:
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            if found:
                self.address = found.group()
                break
        if self.address is None:
            raise RuntimeError("TensorBoard ended before it had an address")
        # Its output is read on, or it would stop where the pipe is full.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def fetch(self, path, query=None, body=None):
        """The bytes of an answer; `body` makes it a POST of JSON."""
        url = self.address + "data/" + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            return answer.read()

    def json(self, path, query=None, body=None):
        """An answer that is JSON."""
        return json.loads(self.fetch(path, query, body))

    def plugin(self, name, route, run=None, tag=None, **query):
        """An answer of a plug-in about a tag of a run."""
        if run is not None:
            query |= {"run": run, "tag": tag}
        return self.json(f"plugin/{name}/{route}", query)

    def wait_until_loaded(self, missing):
        """Asks again until `missing(self)` has nothing to tell."""
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            try:
                left = missing(self)
            except urllib.error.HTTPError as fault:
                left = [fault]
            if not left:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not loaded in {SECONDS_MAX} seconds: {left}")
