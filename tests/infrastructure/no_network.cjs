// Loaded into every Node process of a synth (NODE_OPTIONS): whoever wants the network is told which rule it breaks.
"use strict";
const net = require("node:net");
const dns = require("node:dns");

function refuse() {
  throw new Error("the synth tried to reach the network");
}

net.Socket.prototype.connect = refuse;
dns.lookup = refuse;
dns.promises.lookup = refuse;
globalThis.fetch = refuse;
