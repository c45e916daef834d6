"""Echo and job over STOMP 1.2. Usage: service.py HOST PORT USER PASSWORD QUEUE"""

import sys
import threading

import stomp

host, port, user, password, queue = sys.argv[1:]
# Without content-length a body is text. The heartbeat keeps an idle connection alive.
connection = stomp.Connection12(
    [(host, int(port))], auto_content_length=False, heartbeats=(10000, 10000))
jobs = {}  # the jobs that run: an event that cancels, by correlation id


class Service(stomp.ConnectionListener):
    def on_message(self, frame):
        request, id = frame.headers, frame.headers.get("correlation-id")
        if request.get("cancel") == "true":
            jobs.pop(id, threading.Event()).set()
        elif request.get("operation") == "job":
            jobs[id] = threading.Event()
            threading.Thread(target=job, args=(request, int(frame.body), jobs[id])).start()
        else:
            answer(request, f"{request['runAsUser']} says {frame.body}")


def job(request, steps, cancelled):
    for step in range(1, steps + 1):
        if cancelled.wait(0.05):
            return answer(request, "cancelled", sequence=step, done="true")
        answer(request, f"step {step}", sequence=step, done="true" if step == steps else "false")


def answer(request, body, **properties):
    id = request.get("correlation-id", "")
    connection.send(request["reply-to"], body, headers={"correlation-id": id, **properties})


connection.set_listener("", Service())
connection.connect(user, password, wait=True)
connection.subscribe(queue, id="requests", ack="auto")
print("ready", flush=True)
threading.Event().wait()
