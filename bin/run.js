#!/usr/bin/env node
// Starts the built program. `--version` and `--help` are asked for most often and need no program: they are answered from
// files of the build. Everything else loads dist/main.js behind the compile cache. CommonJS: Node's loader of modules alone
// would cost a third of such a start.
'use strict'

keepInspectorClosed()

const fs = require('node:fs')
const root = __dirname.slice(0, -'/bin'.length)
const argv = process.argv.slice(2)
const answer = quickAnswer()
if (answer === undefined || !isShown(answer)) {
  watchEarlySignals()
  enableCompileCache()
  void runProgram()
}

async function runProgram() {
  // Nothing left to wait for, and no end: a defect that must not look like success. Node has this status for it.
  process.once('beforeExit', () => process.exit(13))
  nameUser()
  const {runCli} = await loadProgram()
  const code = await runCli({argv, root})
  process.exitCode = code
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}

/**
 * Node opens its inspector on SIGUSR1, through which any local user could read keys. Runs first: what an earlier signal
 * opens is closed soon. One that was asked for stays.
 */
function keepInspectorClosed() {
  process.on('SIGUSR1', () => {})
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  if (/--inspect(?!-p)/.test(options)) return
  const close = () => (process._debugEnd ?? require('node:inspector').close)()
  for (const ms of [0, 5, 20, 100, 500, 2000]) setTimeout(close, ms).unref()
}

/** Where the working folder was deleted, the library of the command line warns as it is loaded. Most commands need no folder. */
async function loadProgram() {
  const {cwd} = process
  process.cwd = () => {
    try {
      return cwd()
    } catch {
      return '/'
    }
  }
  const program = await import('../dist/main.js')
  process.cwd = cwd
  return program
}

/** oclif looks up a missing shell or home and throws for a user that the system does not know (containers). Empty: none. */
function nameUser() {
  if (process.env.SHELL !== undefined && process.env.HOME !== undefined) return
  try {
    require('node:os').userInfo()
  } catch {
    process.env.SHELL ??= ''
    process.env.HOME ??= ''
  }
}

/** The text to print when the line is a lone version flag, or plain words that end in a help flag and name a built page. */
function quickAnswer() {
  const isTTY = require('node:tty').isatty(1)
  const last = argv.at(-1) ?? '--help'
  if (argv.length === 1 && (last === '--version' || last === '-v')) return `${version()}\n`
  const words = argv.slice(0, -1)
  if ((last !== '--help' && last !== '-h') || !words.every((word) => /^[a-z][a-z-]*$/.test(word))) return undefined
  if (isTTY && !(process.stdout.columns >= 80)) return undefined
  const page = `${root}/dist/help/${words.join('.') || 'tunnel-client'}.txt`
  return fs.existsSync(page) ? fs.readFileSync(page, 'utf8') : undefined
}

/** Writes to stdout. False: a file took only a part (a full disk), which the program reports when it fails likewise. */
function isShown(text) {
  const stats = fs.fstatSync(1)
  if (stats.isFIFO() || stats.isSocket() || require('node:tty').isatty(1)) {
    // A reader that has gone, as in `--help | head -1`: the status that SIGPIPE gives other programs.
    process.stdout.on('error', () => process.exit(141))
    process.stdout.write(text)
    return true
  }
  const bytes = Buffer.from(text)
  try {
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(1, bytes, at)
    return true
  } catch {
    return false
  }
}

/**
 * Until the program watches its signals there is nothing to clean up: a stop just ends the process, and for a daemon that is
 * no failure. Later the program's own handlers stand beside these, which then do nothing.
 */
function watchEarlySignals() {
  const status = argv.includes('run') || argv.includes('dev') ? 0 : 130
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => process.listenerCount(signal) === 1 && process.exit(process.exitCode ?? status))
}

function version() {
  return JSON.parse(fs.readFileSync(`${root}/package.json`, 'utf8')).version
}

/** Keeps compiled code in a folder of the user alone; without a home, or before Node 22, there is no cache. */
function enableCompileCache() {
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`)
  if (base?.startsWith('/')) require('node:module').enableCompileCache?.(`${base}/tunnel-client/compiled`)
}
