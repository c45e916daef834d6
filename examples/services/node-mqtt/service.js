// Echo and job over MQTT, for entries with envelope: commlib.
// Usage: node service.js HOST PORT USER PASSWORD NAME
import mqtt from "mqtt";

const [host, port, username, password, name] = process.argv.slice(2);
const client = mqtt.connect(`mqtt://${host}:${port}`, { username, password, protocolVersion: 4 });
const [ACCEPTED, RUNNING, SUCCEEDED, CANCELED] = [1, 2, 4, 6];
const jobs = new Map(); // by goal id: the timer, the steps done and the status

const publish = (topic, data) => client.publish(topic, JSON.stringify(data), { qos: 1 });
const status = (id, value) => {
  jobs.get(id).status = value;
  publish(`${name}/job/status`, { goal_id: id, status: value });
};

const services = {
  echo: (data, header) => `${header.properties.runAsUser} says ${data}`,

  "job/send_goal": ({ goal_data: steps }) => {
    const id = crypto.randomUUID();
    const step = () => {
      const job = jobs.get(id);
      publish(`${name}/job/feedback`, { goal_id: id, feedback_data: { step: ++job.steps } });
      if (job.steps === Number(steps)) end(id, SUCCEEDED);
    };
    jobs.set(id, { timer: setInterval(step, 50), steps: 0, status: ACCEPTED });
    status(id, RUNNING);
    return { status: 1, goal_id: id, error: "" };
  },
  "job/cancel_goal": ({ goal_id: id }) => ({ status: jobs.has(id) ? end(id, CANCELED) : 0, result: {} }),
  "job/get_result": ({ goal_id: id }) => ({ status: jobs.get(id).status, result: { steps: jobs.get(id).steps } }),
};

function end(id, value) {
  clearInterval(jobs.get(id).timer);
  status(id, value);
  return 1;
}

client.on("message", (topic, payload) => {
  const { data, header } = JSON.parse(payload);
  const answer = services[topic.slice(name.length + 1)](data, header);
  publish(header.reply_to.replaceAll(".", "/"), { data: answer, header: { timestamp: Date.now() * 1e6 } });
});
await client.subscribeAsync(Object.keys(services).map((service) => `${name}/${service}`), { qos: 1 });
console.log("ready");
