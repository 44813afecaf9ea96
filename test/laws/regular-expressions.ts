// Every regular expression of the sources, and texts that would take a slow one long: derived from the expression itself.

import {type AST, RegExpParser, visitRegExpAST} from '@eslint-community/regexpp'
import ts from 'typescript'
import type {Source} from './sources.ts'

/** A regular expression and where it stands. `null`: it is put together at run time, and the law cannot see from what. */
export interface Expression {
  readonly place: string
  readonly pattern: RegExp | null
}

/** The literals and the `new RegExp(…)` of a file whose parts are constants of the same file. */
export function expressionsIn({path, text}: Source): Expression[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Expression[] = []
  const visit = (node: ts.Node): void => {
    const place = (): string => `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
    if (ts.isRegularExpressionLiteral(node)) found.push({place: place(), pattern: literal(node.text)})
    else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp') {
      const [source, flags] = (node.arguments ?? []).map((argument) => constant(argument, file))
      const given = node.arguments?.length ?? 0
      const pattern = source == null || (given > 1 && flags == null) ? null : new RegExp(source, flags ?? '')
      found.push({place: place(), pattern})
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function literal(text: string): RegExp {
  const end = text.lastIndexOf('/')
  return new RegExp(text.slice(1, end), text.slice(end + 1))
}

/** The text of an expression of literals, templates and `const` names of the file; null for anything else. */
function constant(node: ts.Node, file: ts.SourceFile): string | null {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return constant(node.expression, file)
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map((span) => [constant(span.expression, file), span.literal.text] as const)
    if (parts.some(([value]) => value === null)) return null
    return node.head.text + parts.map(([value, after]) => value + after).join('')
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [constant(node.left, file), constant(node.right, file)]
    return left === null || right === null ? null : left + right
  }
  if (!ts.isIdentifier(node)) return null
  let value: string | null = null
  const look = (other: ts.Node): void => {
    if (ts.isVariableDeclaration(other) && other.name.getText() === node.text && other.initializer) {
      value = constant(other.initializer, file)
    }
    ts.forEachChild(other, look)
  }
  look(file)
  return value
}

/** A text of about the given length. */
export type Pump = (length: number) => string

/** After the repeated part: what most patterns do not match, so that they go back and try the rest. */
const STOPS = ['\u0000', '']
const MAX_PARTS = 24

/**
 * Texts that are worst for a pattern: what each unbounded part repeats, alone, behind what must precede it, and together
 * with what must precede it; every character that the pattern names, and neighbors of them in turn.
 */
export function pumpsOf(pattern: RegExp): Pump[] {
  const parser = new RegExpParser()
  const flags = {unicode: pattern.unicode, unicodeSets: pattern.flags.includes('v')}
  const ast = parser.parsePattern(pattern.source, 0, pattern.source.length, flags)
  const parts = new Map<string, readonly [string, string]>()
  const add = (lead: string, part: string): void => {
    if (part !== '') parts.set(`${lead}\n${part}`, [lead, part])
  }
  const unbounded = new Set<string>()
  visitRegExpAST(ast, {
    onQuantifierEnter: (quantifier) => {
      if (quantifier.max < 100) return
      const lead = leadOf(quantifier, pattern)
      for (const part of partsOf(quantifier.element, pattern)) {
        unbounded.add(part)
        add(lead, part)
        add('', part)
        add('', lead + part)
        add('', part + lead)
      }
    },
  })
  if (unbounded.size === 0) return []
  const singles = [...new Set([...lettersOf(ast, pattern), ...unbounded])].slice(0, MAX_PARTS)
  for (const single of singles) add('', single)
  add('', sample(ast.alternatives[0]!, pattern))
  const few = singles.slice(0, 6)
  for (const left of few) for (const right of few) if (left !== right) add('', left + right)
  return [...parts.values()].flatMap(([lead, part]) =>
    STOPS.map((stop) => (length: number) => lead + part.repeat(Math.max(1, Math.floor(length / part.length))) + stop),
  )
}

/** What has to stand before an element for it to be reached. */
function leadOf(element: AST.Node, pattern: RegExp): string {
  const parent = element.parent
  if (!parent || parent.type === 'Pattern') return ''
  if (parent.type !== 'Alternative') return leadOf(parent, pattern)
  const before = parent.elements.slice(0, parent.elements.indexOf(element as AST.Element))
  return leadOf(parent, pattern) + before.map((one) => sample(one, pattern)).join('')
}

/** Texts that one turn of a repeated element matches. */
function partsOf(element: AST.Node, pattern: RegExp): string[] {
  if (element.type === 'CapturingGroup' || element.type === 'Group')
    return element.alternatives.map((one) => sample(one, pattern))
  return element.type === 'CharacterClass' ? membersOf(element, pattern) : [sample(element, pattern)]
}

/** Tried one after the other as members of a class: what texts have most, then the rest. */
const CANDIDATES = [
  ...['a', ' ', '0', '-', '/', '.', '\n', '"', 'A', ':', '=', '_', '<', '\u0001', '\u202e', '\u{1f600}'],
  ...Array.from({length: 0x250}, (_, code) => String.fromCharCode(code)),
]
const MAX_MEMBERS = 4

function membersOf(element: AST.Node, pattern: RegExp): string[] {
  const one = new RegExp(`^(?:${element.raw})$`, pattern.flags.replaceAll(/[gymd]/g, ''))
  const members: string[] = []
  for (const char of CANDIDATES) if (members.length < MAX_MEMBERS && one.test(char)) members.push(char)
  return members
}

/** A short text that a node matches. */
function sample(node: AST.Node, pattern: RegExp): string {
  switch (node.type) {
    case 'Character':
      return String.fromCodePoint(node.value)
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      return membersOf(node, pattern)[0] ?? ''
    case 'Quantifier':
      return sample(node.element, pattern).repeat(Math.max(node.min, 1))
    case 'Alternative':
      return node.elements.map((one) => sample(one, pattern)).join('')
    case 'Group':
    case 'CapturingGroup':
      return sample(node.alternatives[0]!, pattern)
    case 'Backreference':
      return sample([node.resolved].flat()[0]!, pattern)
    default:
      return ''
  }
}

/** Every character that a pattern names. */
function lettersOf(ast: AST.Pattern, pattern: RegExp): Set<string> {
  const letters = new Set<string>()
  visitRegExpAST(ast, {
    onCharacterEnter: ({value}) => letters.add(String.fromCodePoint(value)),
    onCharacterSetEnter: (node) => letters.add(sample(node, pattern)),
  })
  letters.delete('')
  return letters
}

/** Below this time growth is not judged, in milliseconds: 16 KiB at a hundred nanoseconds a character. */
const FLOOR_MS = 2
/** So long may a text of at most a kilobyte take. */
const LIMIT_MS = 25
const MAX_GROWTH = 6
const SHORT_LENGTHS = [16, 20, 24, 28, 32, 40, 48, 64, 128, 1024]

/** Why a pattern is not linear; null when it is. Lengths grow step by step, so that an exponential one ends early. */
export function verdictOn(pattern: RegExp): string | null {
  const whole = new RegExp(pattern.source, [...new Set(`${pattern.flags.replace('y', '')}g`)].join(''))
  const timeOf = (text: string): number => {
    const [cpu, wall] = [process.cpuUsage(), performance.now()]
    text.replace(whole, '')
    const {user, system} = process.cpuUsage(cpu)
    // CPU time counts other threads of the process, wall time other processes: the smaller one is nearer.
    return Math.min((user + system) / 1000, performance.now() - wall)
  }
  const best = (text: string, runs: number): number => Math.min(...Array.from({length: runs}, () => timeOf(text)))
  for (const pump of pumpsOf(pattern)) {
    const describe = (): string => `${JSON.stringify(pump(24)).slice(0, 80)} …`
    for (const length of SHORT_LENGTHS) {
      if (timeOf(pump(length)) > LIMIT_MS && best(pump(length), 3) > LIMIT_MS) {
        return `${length} characters of ${describe()} take more than ${LIMIT_MS} ms`
      }
    }
    const large = pump(16_384)
    if (timeOf(large) < FLOOR_MS || best(large, 3) < FLOOR_MS) continue
    const [small, long] = [best(pump(4096), 5), best(large, 5)]
    if (long >= FLOOR_MS && long / small >= MAX_GROWTH) {
      return `4 times the text takes ${(long / small).toFixed(1)} times as long: ${describe()}`
    }
  }
  return null
}
