// How the sources become dist/: the program (one entry for the command line, one for each command, shared chunks beside
// them) and the library. oclif imports one command file, so a command costs what it uses; a chunk below dist/commands
// would look like a command. Every package is bundled, so that installing this one installs nothing else.

import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import type {BuildOptions, Plugin} from 'rolldown'

/** oclif asks for these when they are installed, and would run a compiler in production. */
const COMPILERS = ['typescript', 'ts-node', /^tsx/]

const commands = readdirSync('commands', {recursive: true, encoding: 'utf8'})
  .filter((file) => file.endsWith('.ts'))
  .sort()

const shared = {
  platform: 'node',
  external: COMPILERS,
  // No source of ours works at import time (a rule of the house), so what a command does not use is left out.
  treeshake: {moduleSideEffects: [{test: /[\\/](src|commands)[\\/]/, sideEffects: false}]},
} as const satisfies BuildOptions

const output = {
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  comments: {legal: false, annotation: false, jsdoc: false},
} as const

/** The program. */
const program: BuildOptions = {
  ...shared,
  input: {
    main: 'src/toolkit/cli/run-cli.ts',
    ...Object.fromEntries(commands.map((file) => [`commands/${file.slice(0, -'.ts'.length)}`, join('commands', file)])),
  },
  output: {
    ...output,
    dir: 'dist',
    cleanDir: true,
    // Half the bytes to read at a start; names of functions stay, so that a stack still says where.
    minify: {compress: true, mangle: {keepNames: true}, codegen: {removeWhitespace: true}},
  },
}

/** The library. Not minified: Node prints the source line of an uncaught error. */
const library: BuildOptions = {...shared, input: {index: 'src/index.ts'}, output: {...output, dir: 'dist/lib'}}

/** Both bundles, in the order in which they are written. `onModule` receives the path of every bundled module. */
export const bundles = (onModule: (path: string) => void): BuildOptions[] => {
  const listen: Plugin = {
    name: 'bundled-modules',
    generateBundle: (_, files) => {
      for (const file of Object.values(files)) if (file.type === 'chunk') file.moduleIds.forEach(onModule)
    },
  }
  return [program, library].map((options) => ({...options, plugins: [listen]}))
}
