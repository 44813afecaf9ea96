import {describe, expect, it} from 'vitest'
import {shellSyntax} from '../../../../src/foundation/platform/index.ts'

describe('shell syntax that would change what starts', () => {
  it.each([
    ['FOO=1 node x', 'starts with the assignment FOO=', 'Write env FOO=1 node x'],
    ['FOO=1 BAR="a b" node x', 'starts with the assignment FOO=', "Write env FOO=1 'BAR=a b' node x"],
    ['API_KEY=sk-123456 node x', 'starts with the assignment API_KEY=', 'Write env API_KEY=… node x'],
    ['cd /srv && node x', 'starts with cd', "sh -c 'cd /srv && node x'"],
    ['export A=1; node x', 'starts with export', "sh -c 'export A=1; node x'"],
    ['source venv/bin/activate && python s.py', 'starts with source', 'sh -c'],
    ['node a && node b', 'has &&', 'single quotes'],
    ['node a || true', 'has ||', 'sh -c'],
    ['node a | tee log', 'has |', "sh -c 'node a | tee log'"],
    ['node a; node b', 'has ;', 'sh -c'],
    ['node a &', 'has &', 'sh -c'],
    ['node a&&node b', 'has &&', 'sh -c'],
    ['node a > log', 'has >', 'sh -c'],
    ['node a 2>&1', 'has 2>', 'sh -c'],
    ['node a >>log', 'has >>', 'sh -c'],
    ['node a < input', 'has <', 'sh -c'],
    ['node a &> log', 'has &>', 'sh -c'],
    ['node $(pwd)/x', 'has $(…)', 'sh -c'],
    ['node "$(cat f)"', 'has $(…)', 'sh -c'],
    ['node `pwd`/x', 'has backticks', 'sh -c'],
    ['$HOME/bin/server', 'starts with a variable, $HOME', 'sh -c'],
    ['"\x24{HOME}/bin/server"', 'starts with a variable, \x24{HOME}', 'sh -c'],
    ['~/bin/server', 'starts with ~', 'absolute path'],
    ['./serv*', 'starts with a pattern', 'sh -c'],
    ['node <your-server>', 'still has the placeholder <your-server>', 'Replace <your-server>'],
    ["echo 'it' | cat", 'has |', "sh -c '…'"],
  ])('%s', (command, problem, next) => {
    expect(shellSyntax(command)).toMatchObject({
      certain: true,
      problem: expect.stringContaining(problem),
      next: expect.stringContaining(next),
    })
  })
})

it.each([
  ['node x $TOKEN', 'passes $TOKEN as text'],
  ['npx mcp-remote https://a/mcp --header "Authorization: Bearer \x24{TOKEN}"', 'passes \x24{TOKEN} as text'],
  ['node ~/x.js', 'passes ~/x.js with ~ as text'],
  ['node x *.md', 'passes the pattern *.md as text'],
  ['node x --match a|b', 'passes a|b as one argument'],
  ['node x a>b', 'passes a>b as one argument'],
])('%s is a doubt: the server may read it so', (command, problem) => {
  expect(shellSyntax(command)).toMatchObject({certain: false, problem})
})

it.each([
  'node server.js --flag=1',
  'env FOO=1 node x',
  `sh -c 'cd /srv && exec node x | tee "$HOME/log"'`,
  'sh -c "cd $HOME && exec node x"',
  'bash -lc "node $(cat f) > log"',
  'docker run --rm -i -e A=1 image',
  `node x '|' '$HOME' '~/x' '*.js' '&&' '>' "<" ";" '<name>'`,
  String.raw`node x \| \$HOME \> \;`,
  'npx mcp-remote https://a.example/mcp?x=1&y=2#z',
  `node x '{"a":[1,2]}' --json={"a":1}`,
  'npx -y @scope/server@^1.2 --port=1,2',
  'uvx --from git+https://a.example/x.git server',
  String.raw`'C:\Program Files\x.exe' /flag`,
  'node --eval "a => b"',
  'node x --token [redacted]',
  '',
  'node "unterminated',
])('has nothing to say of %s', (command) => {
  expect(shellSyntax(command)).toBeNull()
})
