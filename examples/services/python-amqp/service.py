"""Echo and job over AMQP 1.0. Usage: service.py HOST PORT USER PASSWORD QUEUE"""

import sys

from proton import Message, symbol
from proton.handlers import MessagingHandler
from proton.reactor import Container, ReceiverOption


class Service(MessagingHandler):
    jobs = {}  # the jobs that run: request, step and steps, by correlation id

    def on_start(self, event):
        host, port, user, password, queue = sys.argv[1:]
        connection = event.container.connect(
            f"amqp://{host}:{port}", user=user, password=password, allowed_mechs="PLAIN")
        self.sender = event.container.create_sender(connection, None)
        event.container.create_receiver(connection, queue, options=Queue())

    def on_link_opened(self, event):
        if event.receiver:
            print("ready", flush=True)

    def on_message(self, event):
        request, properties = event.message, event.message.properties
        if properties.get("cancel"):
            if self.jobs.pop(request.correlation_id, None):
                self.answer(request, "cancelled", done="true")
        elif properties.get("operation") == "job":
            self.jobs[request.correlation_id] = request
            self.step(event.container, request, 1, int(request.body))
        else:
            self.answer(request, f"{properties['runAsUser']} says {request.body}")

    def step(self, container, request, step, steps):
        if self.jobs.get(request.correlation_id) is request:
            done = "true" if step == steps else "false"
            self.answer(request, f"step {step}", sequence=step, done=done)
            if step < steps:
                container.schedule(0.05, Timer(lambda: self.step(container, request, step + 1, steps)))

    def answer(self, request, body, **properties):
        self.sender.send(Message(
            address=request.reply_to, correlation_id=request.correlation_id,
            properties=properties, body=body))


class Queue(ReceiverOption):
    def apply(self, receiver):  # without it Artemis takes a new name for a topic
        receiver.source.capabilities.put_object(symbol("queue"))


class Timer(MessagingHandler):
    def __init__(self, task):
        super().__init__()
        self.on_timer_task = lambda event: task()


Container(Service()).run()
