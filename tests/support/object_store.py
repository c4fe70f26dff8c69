# SPDX-License-Identifier: Apache-2.0
"""An object store over the network: versitygw on a directory of its own, and a proxy that loses its answers."""

import pathlib
import shutil
import socket
import tempfile
import threading

import boto3

from support.account import give_to_server
from support.s3_gateway import ACCESS_KEY, REGION, SECRET_KEY, S3Gateway


class ObjectStore:
    """Has the bucket `lake`. kill() and start() keep what is in it."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="tarn-store-"))
        (self.root / "buckets").mkdir()
        self._gateway = None
        self.start()
        self.client().create_bucket(Bucket="lake")

    def start(self):
        port = self._gateway.port if self._gateway else None
        self._gateway = S3Gateway(self.root / "buckets", self.root / "log", port, metadata=True)

    @property
    def port(self):
        return self._gateway.port

    @property
    def endpoint(self):
        return self._gateway.endpoint

    def kill(self):
        self._gateway.kill()

    def remove(self):
        self._gateway.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def client(self):
        return boto3.client("s3", endpoint_url=self.endpoint, aws_access_key_id=ACCESS_KEY,
                            aws_secret_access_key=SECRET_KEY, region_name=REGION)

    def keys(self, prefix=""):
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix=prefix)
        return {entry["Key"] for page in pages for entry in page.get("Contents", ())}

    def pyiceberg_properties(self):
        return self._gateway.pyiceberg_properties()

    def configure(self, home, port=None, **settings):
        """Tells the data directory `home` that `lake` is here, or behind a proxy at `port`."""
        secrets = home / "aws-credentials"
        secrets.write_text(f"[lake]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n",
                           encoding="utf-8")
        secrets.chmod(0o600)
        give_to_server(secrets)
        lines = [f"{key} = {value}" for key, value in settings.items()]
        endpoint = f"http://127.0.0.1:{port}" if port else self.endpoint
        (home / "tarn.toml").write_text(
            "\n".join(["[bucket.lake]", f'endpoint = "{endpoint}"', 'credentials_file = "aws-credentials"',
                       'profile = "lake"', *lines, ""]), encoding="utf-8")


class LossyProxy:
    """Carries connections to a store, and closes some of them when the store has executed a request, in place of its
    answer. `loses(request_line)` says which."""

    def __init__(self, port, loses):
        self._target, self._loses = port, loses
        self.lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            answered = threading.Event()
            answered.set()
            losing = threading.Event()
            threading.Thread(target=self._answer, args=(server, client, answered, losing), daemon=True).start()
            try:
                while data := client.recv(1 << 16):
                    if answered.is_set():
                        answered.clear()
                        if self._loses(data.split(b"\r\n", 1)[0].decode(errors="replace")):
                            losing.set()
                    server.sendall(data)
            except OSError:
                pass

    def _answer(self, server, client, answered, losing):
        try:
            while data := server.recv(1 << 16):
                answered.set()
                if losing.is_set():
                    self.lost += 1
                    break
                client.sendall(data)
        except OSError:
            pass
        for end in (client, server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self._listener.close()
