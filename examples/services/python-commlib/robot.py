"""A robot in the wire format of commlib over MQTT: an RPC, an action, topics and a heartbeat.

Usage: robot.py HOST PORT USER PASSWORD NAME, such as robots/r1"""

import json
import sys
import threading
import time
import uuid

import paho.mqtt.client as mqtt

host, port, user, password, name = sys.argv[1:]
goals = {}  # by goal id: the event that cancels it, its status and its result
ACCEPTED, RUNNING, CANCELING, SUCCEEDED, ABORTED, CANCELED = range(1, 7)


def publish(topic, data):
    client.publish(f"{name}/{topic}", json.dumps(data), qos=1)


def rpc(function):
    """Answers a request on the topic that its header names."""

    def handle(client, userdata, message):
        request = json.loads(message.payload)
        answer = {
            "header": {"reply_to": "", "timestamp": time.time_ns(), "agent": "robot"},
            "data": function(request["data"], request["header"]),
        }
        client.publish(request["header"]["reply_to"].replace(".", "/"), json.dumps(answer), qos=1)

    return handle


def echo(data, header):
    return {"echo": data, "user": header["properties"]["runAsUser"]}


def send_goal(data, header):
    steps = data["goal_data"].get("steps")
    if not isinstance(steps, int):
        return {"status": 0, "timestamp": time.time_ns(), "goal_id": "", "error": "no steps"}
    goal_id = uuid.uuid4().hex
    goals[goal_id] = {"cancel": threading.Event(), "status": ACCEPTED, "result": {}}
    set_status(goal_id, ACCEPTED)
    threading.Thread(target=count, args=(goal_id, steps)).start()
    return {"status": 1, "timestamp": time.time_ns(), "goal_id": goal_id, "error": ""}


def count(goal_id, steps):
    goal = goals[goal_id]
    set_status(goal_id, RUNNING)
    for step in range(1, steps + 1):
        publish("count/feedback", {"goal_id": goal_id, "feedback_data": {"step": step}})
        if goal["cancel"].wait(0.02):
            break
    goal["result"] = {"steps": step}
    set_status(goal_id, CANCELED if goal["cancel"].is_set() else SUCCEEDED)


def set_status(goal_id, status):
    goals[goal_id]["status"] = status
    publish("count/status", {"goal_id": goal_id, "status": status})


def cancel_goal(data, header):
    goal = goals.get(data["goal_id"])
    if goal:
        set_status(data["goal_id"], CANCELING)
        goal["cancel"].set()
    return {"status": int(goal is not None), "timestamp": time.time_ns(), "result": {}, "error": ""}


def get_result(data, header):
    goal = goals.get(data["goal_id"], {"status": 0, "result": {}})
    return {"status": goal["status"], "timestamp": time.time_ns(), "result": goal["result"], "error": ""}


def on_command(client, userdata, message):
    publish("sensors/last_command", json.loads(message.payload))


def on_subscribe(client, userdata, mid, granted):
    print("subscribed", flush=True)


client = mqtt.Client(protocol=mqtt.MQTTv311)
client.username_pw_set(user, password)
client.on_subscribe = on_subscribe
client.connect(host, int(port))
handlers = {
    "echo": rpc(echo),
    "count/send_goal": rpc(send_goal),
    "count/cancel_goal": rpc(cancel_goal),
    "count/get_result": rpc(get_result),
    "command": on_command,
}
for topic, handler in handlers.items():
    client.message_callback_add(f"{name}/{topic}", handler)
client.subscribe([(f"{name}/{topic}", 1) for topic in handlers])
client.loop_start()
while True:
    publish("heartbeat", {"ts": time.time_ns()})
    time.sleep(0.2)
