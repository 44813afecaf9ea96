// A user's first minute on whatever Node runs this file: version, help, and one tool call through the whole tunnel.
// Run it with another Node: `npx -y -p node@24 node scripts/smoke.js`.
import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

const entry = fileURLToPath(new URL('../bin/run.js', import.meta.url))

function run(args, expected) {
  const output = execFileSync(process.execPath, [entry, ...args], {encoding: 'utf8', timeout: 90_000})
  if (!expected.test(output)) throw new Error(`tunnel-client ${args.join(' ')} did not print ${expected}:\n${output}`)
  console.log(`ok  node ${process.version}  tunnel-client ${args.join(' ')}`)
}

run(['--version'], /^\d+\.\d+\.\d+/)
run(['--help'], /tunnel-client/)
run(['doctor', '--help'], /--json/)
run(['dev', 'demo', '--once'], /echo/i)
