// How the sources become dist/: one entry for the command line, one for the library, one for each command, shared chunks
// beside them. oclif imports one command file, so a command costs what it uses; a chunk below dist/commands would look
// like a command.

import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import type {BuildOptions} from 'rolldown'

/** Loaded by the command that needs them and too large, or too dependent on files of their own, to be bundled. */
const HEAVY = [/^@modelcontextprotocol\//, /^@inquirer\//, 'execa', 'write-file-atomic']

/** oclif asks for these when they are installed, and would run a compiler in production. */
const COMPILERS = ['typescript', 'ts-node', /^tsx/]

const commands = readdirSync('commands', {recursive: true, encoding: 'utf8'})
  .filter((file) => file.endsWith('.ts'))
  .sort()

const options: BuildOptions = {
  input: {
    main: 'src/toolkit/cli/run-cli.ts',
    index: 'src/index.ts',
    ...Object.fromEntries(commands.map((file) => [`commands/${file.slice(0, -'.ts'.length)}`, join('commands', file)])),
  },
  platform: 'node',
  external: [...HEAVY, ...COMPILERS],
  // No source of ours works at import time (a rule of the house), so what a command does not use is left out.
  treeshake: {moduleSideEffects: [{test: /[\\/](src|commands)[\\/]/, sideEffects: false}]},
  output: {
    dir: 'dist',
    format: 'esm',
    // Half the bytes to read at a start; names of functions stay, so that a stack still says where.
    minify: {compress: true, mangle: {keepNames: true}, codegen: {removeWhitespace: true}},
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: {legal: false, annotation: false, jsdoc: false},
  },
}

export default options
