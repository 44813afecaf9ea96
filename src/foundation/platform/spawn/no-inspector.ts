// Node opens its inspector on SIGUSR1 until a program has installed a handler of its own. For the Node processes that we
// start, an option closes that gap from the first instruction on.

/** TEST-NET-3 (RFC 5737): belongs to no machine, so that listening there fails. */
const NO_ADDRESS = '203.0.113.1:9229'

/** Options of `node` that keep the inspector closed whatever signal arrives. `--disable-sigusr1` came with 22.14. */
export function noInspector(version = process.versions.node): string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const known = major > 23 || (major === 23 && minor >= 7) || (major === 22 && minor >= 14)
  return [known ? '--disable-sigusr1' : `--inspect-port=${NO_ADDRESS}`]
}
