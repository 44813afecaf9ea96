// A TCP proxy that holds every byte back for some milliseconds, each way: round-trip time without a kernel module.
import {connect, createServer} from 'node:net'

const [targetPort, delayText] = process.argv.slice(2)
const delay = Number(delayText)
const later = (from, to) => {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delay))
  from.on('end', () => setTimeout(() => to.end(), delay))
  from.on('close', () => setTimeout(() => to.destroy(), delay))
  from.on('error', () => {})
}
const server = createServer({noDelay: true}, (near) => {
  const far = connect({port: Number(targetPort), host: '127.0.0.1', noDelay: true})
  later(near, far)
  later(far, near)
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({port: server.address().port})))
process.on('SIGTERM', () => process.exit(0))
process.stdin.on('end', () => process.exit(0)).resume()
