# SPDX-License-Identifier: Apache-2.0
"""Listing a directory that changes meanwhile: what stays is found, what goes is no error."""

import shutil
import threading

from support.listing import contents_below, files_below


def test_folders_that_go_during_the_listing_are_no_error(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    stop = threading.Event()

    def churn(number):
        while not stop.is_set():
            folder = tmp_path / f"{number}" / "metadata"
            folder.mkdir(parents=True)
            (folder / "file").write_text("y")
            shutil.rmtree(tmp_path / f"{number}")

    threads = [threading.Thread(target=churn, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(500):
            assert tmp_path / "kept" / "file" in files_below(tmp_path)
            assert (tmp_path / "kept" / "file", b"x") in contents_below(tmp_path)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert files_below(tmp_path) == [tmp_path / "kept" / "file"]
    assert files_below(tmp_path / "absent") == []
