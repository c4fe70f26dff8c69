# SPDX-License-Identifier: Apache-2.0
"""What the reader of the change data capture document copies out of it."""

import re


def blocks(text):
    """Every fenced block, in order."""
    return re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def block_with(text, words):
    (found,) = [block for block in blocks(text) if words in block]
    return found


class Document:
    def __init__(self, text):
        self.worksheet = block_with(text, "CREATE OR REPLACE DATABASE cdc_prod")
        self.tables = block_with(text, "CREATE SCHEMA raw_cdc;")
        self.loads = block_with(text, "COPY postgres.raw_cdc.customers")
        self.publication = block_with(text, "CREATE PUBLICATION")
        self.datasources = block_with(text, "jdbc:postgresql://host.docker.internal")
        self.agent_settings = block_with(text, "JAVA_OPTS")
        self.procedure = block_with(text, "CREATE OR REPLACE PROCEDURE insert_transactions()")
        self.call = block_with(text, "CALL insert_transactions();")
