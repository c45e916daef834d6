// The bridge has the sign-in, the Bayeux endpoint, and the files of the client.
const target = process.env.BRIDGE ?? "http://127.0.0.1:8080";
const bridge = { target, ws: true };

export default {
  server: { proxy: { "/cometd": bridge, "/login": bridge, "/logout": bridge, "/js": bridge } },
};
