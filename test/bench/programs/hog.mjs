// Keeps one core busy until its stdin ends.
process.stdin.on('end', () => process.exit(0)).resume()
const spin = () => {
  for (const end = performance.now() + 50; performance.now() < end; );
  setImmediate(spin)
}
spin()
