# SPDX-License-Identifier: Apache-2.0
"""What a browser does with a running app: opens it once and prints, as JSON lines, what the app shows."""

import asyncio
import json
import sys

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


async def visit(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"]) as socket:
        opened = BackMsg()
        opened.rerun_script.query_string = ""
        await socket.send(opened.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(socket.recv(), 60))
            if message.WhichOneof("type") == "delta":
                element = message.delta.new_element
                kind = element.WhichOneof("type")
                text = element.metric.body if kind == "metric" else \
                    element.exception.message if kind == "exception" else ""
                print(json.dumps({"kind": kind, "text": text}))
            elif message.WhichOneof("type") == "script_finished":
                print(json.dumps({"kind": "finished", "text": ForwardMsg.ScriptFinishedStatus.Name(message.script_finished)}))
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return


asyncio.run(visit(sys.argv[1]))
