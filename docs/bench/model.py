"""A stand-in for a chat server: after 400 ms it says `start flow block_card`, whatever it is asked. `model.py PORT`."""

import http.server
import json
import sys
import time

ANSWER = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "start flow block_card"}, "finish_reason": "stop"}]}).encode()
asked = 0


class Chat(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global asked
        self.rfile.read(int(self.headers["Content-Length"]))
        asked += 1
        time.sleep(0.4)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def do_GET(self):
        body = str(asked).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", int(sys.argv[1])), Chat).serve_forever()
