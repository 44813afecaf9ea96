// Preloaded into MCP servers that would listen on every address: they get loopback and a free port, and report it.
import {Server} from 'node:net'

const listen = Server.prototype.listen
Server.prototype.listen = function (...args) {
  const callback = args.find((arg) => typeof arg === 'function')
  this.once('listening', () => process.stderr.write(`${JSON.stringify({port: this.address().port})}\n`))
  return listen.call(this, {port: 0, host: '127.0.0.1'}, callback)
}
